#pragma once
// What a GPU can do at most, measured, and a clock on it. For .cu files.

#include "forward/cuda/check.hpp"
#include "forward/cuda/descriptions.hpp"
#include "forward/cuda/stream.hpp"

namespace moe::bench {

/// Seconds between two points of a stream.
class Stopwatch {
  public:
    Stopwatch() {
        cuda::check(cudaEventCreate(&begin_), "creation of an event");
        cuda::check(cudaEventCreate(&end_), "creation of an event");
    }
    ~Stopwatch() {
        (void)cudaEventDestroy(begin_);
        (void)cudaEventDestroy(end_);
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

    template<class Work>
    double seconds(const cuda::WorkStream& stream, const Work& work) {
        cuda::check(cudaEventRecord(begin_, stream.get()), "record of an event");
        work();
        cuda::check(cudaEventRecord(end_, stream.get()), "record of an event");
        cuda::check(cudaEventSynchronize(end_), "timed work");
        float milliseconds = 0.0F;
        cuda::check(cudaEventElapsedTime(&milliseconds, begin_, end_), "time between events");
        return 1e-3 * static_cast<double>(milliseconds);
    }

  private:
    cudaEvent_t begin_ = nullptr;
    cudaEvent_t end_ = nullptr;
};

struct Ceilings {
    cuda::DeviceLimits limits;
    double flop_per_second = 0.0;  ///< float32, fused multiply-adds in registers
    double bytes_per_second = 0.0; ///< read and written by a copy of 1 GiB
};

/// The best of eleven runs each.
[[nodiscard]] Ceilings measure_ceilings();

} // namespace moe::bench
