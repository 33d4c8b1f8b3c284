#pragma once
// The block of a running kernel, for nvcc: what both.hpp describes in terms of CUDA. Threads and
// blocks stand along x.

#include <cuda_pipeline_primitives.h>

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

extern __shared__ float4 dynamic_shared[];

class DeviceBlock {
  public:
    /// A register, or several, of each thread.
    template<class T>
    class PerThread {
      public:
        __device__ explicit PerThread(const DeviceBlock& /*block*/) {}
        __device__ T& operator[](unsigned /*thread*/) { return own_; }

      private:
        T own_;
    };

    __device__ unsigned index() const { return blockIdx.x; }
    __device__ unsigned count() const { return gridDim.x; }
    __device__ unsigned threads() const { return blockDim.x; }
    __device__ std::byte* shared() const { return reinterpret_cast<std::byte*>(dynamic_shared); }

    template<class Phase>
    __device__ void each(const Phase& phase) {
        phase(threadIdx.x);
        __syncthreads();
    }

    /// Copies 4, 8 or 16 aligned bytes from global to shared memory.
    template<std::size_t bytes>
    __device__ void copy_async(unsigned /*thread*/, void* to, const void* from) {
        __pipeline_memcpy_async(to, from, bytes);
    }
    __device__ void commit_copies(unsigned /*thread*/) { __pipeline_commit(); }
    __device__ void wait_for_copies(unsigned /*thread*/) { __pipeline_wait_prior(0); }

    __device__ void atomic_add(std::uint64_t* to, std::uint64_t value) {
        atomicAdd(reinterpret_cast<unsigned long long*>(to), value);
    }
    __device__ void atomic_max(std::uint64_t* to, std::uint64_t value) {
        atomicMax(reinterpret_cast<unsigned long long*>(to), value);
    }
    __device__ void atomic_min(std::uint64_t* to, std::uint64_t value) {
        atomicMin(reinterpret_cast<unsigned long long*>(to), value);
    }
};

} // namespace moe::cuda
