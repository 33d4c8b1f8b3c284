#include "basics/multiversion.hpp"

namespace moe {

bool available(InstructionSet set) noexcept {
    if (set == InstructionSet::baseline) return true;
#if MOE_X86_VERSIONS
    __builtin_cpu_init();
    if (set == InstructionSet::avx2)
        return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512bw") != 0;
#else
    return false;
#endif
}

InstructionSet best_instruction_set() noexcept {
    if (available(InstructionSet::avx512)) return InstructionSet::avx512;
    return available(InstructionSet::avx2) ? InstructionSet::avx2 : InstructionSet::baseline;
}

} // namespace moe
