#pragma once
// What lets one source be a kernel under nvcc and a plain function elsewhere. A kernel is a
// function template over its Block (device_block.hpp, host_block.hpp), cut into phases:
//
//   block.each([&](unsigned thread) { ... });   every thread of the block, then a barrier
//
// Between phases control flow is the same for all threads. Numbers that a thread keeps from phase
// to phase stand in Block::PerThread<T>, indexed by the thread; shared memory is block.shared().
// Asynchronous copies are a thread's own: copy, commit, wait for all that were committed; only a
// barrier after the wait shows them to the other threads.

#include <cmath>
#include <cstdint>
#ifndef __CUDACC__
#include <cstring>
#endif

// MOE_DEVICE: device code under nvcc. MOE_BOTH: arithmetic that launches need as well.
#ifdef __CUDACC__
#define MOE_DEVICE __device__
#define MOE_BOTH __host__ __device__
#define MOE_UNROLL _Pragma("unroll")
#else
#define MOE_DEVICE
#define MOE_BOTH
#define MOE_UNROLL
#endif

namespace moe::cuda {

/// Four neighbouring numbers, moved by one 128-bit access. Addresses are 16-byte aligned.
struct alignas(16) Four {
    float at[4];
};

MOE_DEVICE inline Four load_four(const float* from) {
#ifdef __CUDACC__
    return *reinterpret_cast<const Four*>(from);
#else
    Four four;
    std::memcpy(&four, from, sizeof four);
    return four;
#endif
}

MOE_DEVICE inline void store_four(float* to, const Four& four) {
#ifdef __CUDACC__
    *reinterpret_cast<Four*>(to) = four;
#else
    std::memcpy(to, &four, sizeof four);
#endif
}

/// a b + c, rounded once: the same bits on both sides.
MOE_DEVICE inline float multiply_add(float a, float b, float c) {
    return fmaf(a, b, c);
}

MOE_BOTH constexpr unsigned ceil_div(unsigned a, unsigned b) {
    return (a + b - 1) / b;
}
MOE_BOTH constexpr unsigned round_up(unsigned a, unsigned b) {
    return ceil_div(a, b) * b;
}
MOE_BOTH constexpr unsigned smaller(unsigned a, unsigned b) {
    return a < b ? a : b;
}

} // namespace moe::cuda
