#include "basics/cholesky.hpp"

#include <stdexcept>

#define MOE_KERNELS "basics/cholesky.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

bool cholesky_factor(SymmetricMatrix& matrix) {
    return cholesky_factor(best_instruction_set(), matrix);
}

bool cholesky_factor(InstructionSet set, SymmetricMatrix& matrix) {
    if (!available(set))
        throw std::invalid_argument("cholesky: this processor lacks the instruction set");
#if MOE_X86_VERSIONS
    if (set == InstructionSet::avx512)
        return avx512::cholesky_factor(matrix.data(), matrix.size(), matrix.stride());
    if (set == InstructionSet::avx2)
        return avx2::cholesky_factor(matrix.data(), matrix.size(), matrix.stride());
#endif
    return baseline::cholesky_factor(matrix.data(), matrix.size(), matrix.stride());
}

void cholesky_solve(const SymmetricMatrix& factor, double* b) {
    const std::ptrdiff_t size = factor.size();
    for (std::ptrdiff_t j = 0; j < size; ++j) {
        b[j] /= factor(j, j);
        for (std::ptrdiff_t i = j + 1; i < size; ++i)
            b[i] -= factor(i, j) * b[j];
    }
    for (std::ptrdiff_t j = size - 1; j >= 0; --j) {
        double sum = b[j];
        for (std::ptrdiff_t i = j + 1; i < size; ++i)
            sum -= factor(i, j) * b[i];
        b[j] = sum / factor(j, j);
    }
}

} // namespace moe
