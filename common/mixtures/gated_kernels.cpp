#include "mixtures/gated_kernels.hpp"

#include <stdexcept>

#define MOE_KERNELS "mixtures/gated_kernels.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

double LaneSums::total() const noexcept {
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

const GatedKernels& gated_kernels(InstructionSet set) {
    if (!available(set))
        throw std::invalid_argument("gated_kernels: this processor lacks the instruction set");
#if MOE_X86_VERSIONS
    if (set == InstructionSet::avx512) return avx512::kernels;
    if (set == InstructionSet::avx2) return avx2::kernels;
#endif
    return baseline::kernels;
}

} // namespace moe
