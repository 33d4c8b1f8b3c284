#include "forward/group.hpp"

#include "basics/prefetch.hpp"
#include "forward/expert_kernels.hpp"

#include <cstdint>

namespace moe {

template<class T>
std::size_t group_scratch(const Architecture& architecture) {
    return 2 * std::size_t{architecture.widest()} * largest_tile<T> + cache_line_bytes / sizeof(T);
}

template<class T>
void evaluate_group(const Group<T>& group, std::span<T> scratch) {
    static const ExpertKernels<T>& kernels = expert_kernels<T>(best_instruction_set());
    // A vector that straddles two cache lines is loaded at half the speed.
    const auto astray = reinterpret_cast<std::uintptr_t>(scratch.data()) % cache_line_bytes;
    kernels.run_group(group, scratch.data() + (cache_line_bytes - astray) / sizeof(T));
}

template std::size_t group_scratch<double>(const Architecture&);
template std::size_t group_scratch<float>(const Architecture&);
template void evaluate_group<double>(const Group<double>&, std::span<double>);
template void evaluate_group<float>(const Group<float>&, std::span<float>);

} // namespace moe
