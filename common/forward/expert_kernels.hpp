#pragma once
// The loops of one expert over a group of samples, compiled for several instruction sets.

#include "basics/multiversion.hpp"
#include "forward/group.hpp"

#include <cstddef>
#include <span>

namespace moe {

/// Samples of a full tile and numbers of scratch of the widest version of the kernels, for any
/// instruction set: three machine vectors of 64 bytes, two buffers, and room to align them.
template<class T>
inline constexpr std::size_t largest_tile = 3 * 64 / sizeof(T);

template<class T>
struct ExpertKernels {
    /// As evaluate_group.
    void (*run_group)(const Group<T>& group, T* scratch);
};

/// The kernels of an instruction set, which must be available (std::invalid_argument). Those for
/// double give the bits of the reference on every instruction set. Those for float fuse
/// multiply-adds where the instruction set can, and sum in another order in groups of one or two.
template<class T>
[[nodiscard]] const ExpertKernels<T>& expert_kernels(InstructionSet set);

extern template const ExpertKernels<double>& expert_kernels<double>(InstructionSet set);
extern template const ExpertKernels<float>& expert_kernels<float>(InstructionSet set);

} // namespace moe
