#pragma once
// One source of a numerical kernel compiled for several instruction sets, chosen at run time.
// A kernel file (*.inc) is written with PackOf<T> (basics/pack.inc), 64 bytes of double or float
// whatever the machine vectors are, and, but for PackOf<float>::multiply_add, without fused
// multiply-add: its results are the same bits for every instruction set. How a source takes one in:
//     #define MOE_KERNELS "mixtures/gated_kernels.inc"
//     #include "basics/every_instruction_set.inc"
// which defines the kernels in the namespaces baseline, avx2 and avx512 of moe.
// (The target_clones attribute would not do: g++ lowers vector types before it makes the clones.)

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

// Sanitizers see the baseline alone: the source is the same.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MOE_INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define MOE_INSTRUMENTED 1
#endif
#endif

#if !defined(__x86_64__) || defined(MOE_INSTRUMENTED)
#define MOE_X86_VERSIONS 0
#elif defined(__clang__)
#define MOE_PRAGMA(text) _Pragma(#text)
#define MOE_BEGIN_TARGET(features)                                                                 \
    MOE_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define MOE_END_TARGET MOE_PRAGMA(clang attribute pop)
#define MOE_X86_VERSIONS 1
#elif defined(__GNUC__)
#define MOE_PRAGMA(text) _Pragma(#text)
#define MOE_BEGIN_TARGET(features) MOE_PRAGMA(GCC push_options) MOE_PRAGMA(GCC target(features))
#define MOE_END_TARGET MOE_PRAGMA(GCC pop_options)
#define MOE_X86_VERSIONS 1
#else
#define MOE_X86_VERSIONS 0
#endif

namespace moe {

enum class InstructionSet { baseline, avx2, avx512 };

/// Whether this build has the version and this processor can run it.
[[nodiscard]] bool available(InstructionSet set) noexcept;

/// The best available one.
[[nodiscard]] InstructionSet best_instruction_set() noexcept;

} // namespace moe
