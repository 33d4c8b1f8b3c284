#include "cuda_ceilings.hpp"

#include "forward/cuda/device_memory.hpp"

#include <algorithm>
#include <cstddef>

namespace moe::bench {

namespace {

using cuda::check;
using cuda::DeviceArray;
using cuda::WorkStream;

constexpr unsigned chains = 16;
constexpr unsigned steps = 4096;
constexpr unsigned threads_per_block = 256;

/// Independent chains of fused multiply-adds that stay in registers.
__global__ void multiply_add(float* out, float factor) {
    float sums[chains];
    for (unsigned c = 0; c < chains; ++c) {
        sums[c] = static_cast<float>(threadIdx.x + c);
    }
#pragma unroll 16 // what a step of the loop costs besides is 1 %
    for (unsigned s = 0; s < steps; ++s) {
#pragma unroll
        for (unsigned c = 0; c < chains; ++c) {
            sums[c] = fmaf(sums[c], factor, 1.0F);
        }
    }
    float total = 0.0F;
    for (unsigned c = 0; c < chains; ++c) {
        total += sums[c];
    }
    out[blockIdx.x * blockDim.x + threadIdx.x] = total;
}

__global__ void copy_numbers(float4* to, const float4* from, std::size_t count) {
    const std::size_t stride = static_cast<std::size_t>(gridDim.x) * blockDim.x;
    for (std::size_t k = blockIdx.x * blockDim.x + threadIdx.x; k < count; k += stride) {
        to[k] = from[k];
    }
}

template<class Work>
double best_seconds(const Work& work) {
    const WorkStream stream;
    Stopwatch watch;
    double best = watch.seconds(stream, [&] { work(stream); });
    for (int k = 0; k < 10; ++k) {
        best = std::min(best, watch.seconds(stream, [&] { work(stream); }));
    }
    return best;
}

} // namespace

Ceilings measure_ceilings() {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, 0), "properties of the device");
    Ceilings ceilings;
    ceilings.limits = {static_cast<std::uint32_t>(properties.multiProcessorCount),
                       properties.sharedMemPerBlockOptin, properties.sharedMemPerMultiprocessor};
    const unsigned blocks = 32 * ceilings.limits.multiprocessors;
    cuda::DeviceLedger ledger("the measured ceilings");
    const DeviceArray<float> sums(ledger, std::size_t{blocks} * threads_per_block);
    const double multiplying = best_seconds([&](const WorkStream& stream) {
        multiply_add<<<blocks, threads_per_block, 0, stream.get()>>>(sums.data(), 0.5F);
        check(cudaGetLastError(), "launch of multiply_add");
    });
    ceilings.flop_per_second = 2.0 * chains * steps * blocks * threads_per_block / multiplying;

    constexpr std::size_t count = std::size_t{1} << 26U; // 1 GiB there, 1 GiB back
    const DeviceArray<float4> from(ledger, count);
    const DeviceArray<float4> to(ledger, count);
    check(cudaMemset(from.data(), 0, count * sizeof(float4)), "zeros");
    const double copying = best_seconds([&](const WorkStream& stream) {
        copy_numbers<<<blocks, threads_per_block, 0, stream.get()>>>(to.data(), from.data(), count);
        check(cudaGetLastError(), "launch of copy_numbers");
    });
    ceilings.bytes_per_second = 2.0 * static_cast<double>(count * sizeof(float4)) / copying;
    return ceilings;
}

} // namespace moe::bench
