#include "training/training_kernels.hpp"

#include <stdexcept>
#include <utility>

#define MOE_KERNELS "training/training_kernels.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

template<class T>
const TrainingKernels<T>& training_kernels(InstructionSet set) {
    if (!available(set))
        throw std::invalid_argument("training_kernels: this processor lacks the instruction set");
#if MOE_X86_VERSIONS
    if (set == InstructionSet::avx512) return avx512::kernels<T>;
    if (set == InstructionSet::avx2) return avx2::kernels<T>;
#endif
    return baseline::kernels<T>;
}

template const TrainingKernels<float>& training_kernels<float>(InstructionSet set);
template const TrainingKernels<double>& training_kernels<double>(InstructionSet set);

} // namespace moe
