#include "forward/expert_kernels.hpp"

#include "basics/prefetch.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#define MOE_KERNELS "forward/expert_kernels.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

template<class T>
const ExpertKernels<T>& expert_kernels(InstructionSet set) {
    if (!available(set))
        throw std::invalid_argument("expert_kernels: this processor lacks the instruction set");
#if MOE_X86_VERSIONS
    if (set == InstructionSet::avx512) return avx512::expert_versions<T>;
    if (set == InstructionSet::avx2) return avx2::expert_versions<T>;
#endif
    return baseline::expert_versions<T>;
}

template const ExpertKernels<double>& expert_kernels<double>(InstructionSet set);
template const ExpertKernels<float>& expert_kernels<float>(InstructionSet set);

} // namespace moe
