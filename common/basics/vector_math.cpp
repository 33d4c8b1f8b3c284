#include "basics/vector_math.hpp"

#include <stdexcept>

#define MOE_KERNELS "basics/vector_math.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

namespace {

using Kernel = void (*)(const double*, std::size_t, double*);

struct Versions {
    Kernel baseline;
    Kernel avx2;
    Kernel avx512;
};

#if MOE_X86_VERSIONS
constexpr Versions exp_versions{baseline::exp_all, avx2::exp_all, avx512::exp_all};
constexpr Versions log_versions{baseline::log_all, avx2::log_all, avx512::log_all};
#else
constexpr Versions exp_versions{baseline::exp_all, nullptr, nullptr};
constexpr Versions log_versions{baseline::log_all, nullptr, nullptr};
#endif

void run(const Versions& versions, InstructionSet set, std::span<const double> x,
         std::span<double> result) {
    if (x.size() != result.size())
        throw std::invalid_argument("vector_math: different sizes of input and result");
    const Kernel kernel = set == InstructionSet::avx512 ? versions.avx512
                          : set == InstructionSet::avx2 ? versions.avx2
                                                        : versions.baseline;
    if (kernel == nullptr || !available(set))
        throw std::invalid_argument("vector_math: this processor lacks the instruction set");
    kernel(x.data(), x.size(), result.data());
}

} // namespace

void exp_all(std::span<const double> x, std::span<double> result) {
    run(exp_versions, best_instruction_set(), x, result);
}

void log_all(std::span<const double> x, std::span<double> result) {
    run(log_versions, best_instruction_set(), x, result);
}

void exp_all(InstructionSet set, std::span<const double> x, std::span<double> result) {
    run(exp_versions, set, x, result);
}

void log_all(InstructionSet set, std::span<const double> x, std::span<double> result) {
    run(log_versions, set, x, result);
}

} // namespace moe
