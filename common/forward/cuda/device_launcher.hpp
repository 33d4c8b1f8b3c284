#pragma once
// The launcher of a stream (launch_size.hpp). For .cu files.

#include "forward/cuda/check.hpp"
#include "forward/cuda/device_block.hpp"
#include "forward/cuda/launch_size.hpp"

#include <algorithm>
#include <cstddef>

namespace moe::cuda {

template<class Kernel>
__global__ void __launch_bounds__(Kernel::most_threads, Kernel::least_blocks)
    run_kernel(const __grid_constant__ Kernel kernel) {
    DeviceBlock block;
    kernel(block);
}

class DeviceLauncher {
  public:
    explicit DeviceLauncher(cudaStream_t stream)
        : stream_(stream) {}

    [[nodiscard]] cudaStream_t stream() const noexcept { return stream_; }

    template<class Kernel>
    [[nodiscard]] unsigned resident(const Kernel& /*kernel*/, const LaunchSize& size) const {
        allow_shared<Kernel>(size);
        int blocks = 0;
        check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
                  &blocks, run_kernel<Kernel>, static_cast<int>(size.threads), size.shared_bytes),
              "occupancy of a kernel");
        return static_cast<unsigned>(std::max(blocks, 1));
    }

    template<class Kernel>
    void launch(const char* name, const LaunchSize& size, const Kernel& kernel) const {
        allow_shared<Kernel>(size);
        run_kernel<<<size.blocks, size.threads, size.shared_bytes, stream_>>>(kernel);
        check(cudaGetLastError(), name);
    }

  private:
    /// Shared memory above what every kernel may take has to be asked for, on each device anew. All
    /// that there is: the attribute belongs to the kernel, and another thread may be about to
    /// launch it with more. And as much of the first level cache, so that several such blocks fit.
    template<class Kernel>
    static void allow_shared(const LaunchSize& size) {
        constexpr std::size_t always_allowed = std::size_t{48} << 10U;
        if (size.shared_bytes <= always_allowed) return;
        int device = 0;
        int most = 0;
        check(cudaGetDevice(&device), "the device in use");
        check(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device),
              "shared memory of the device");
        check(cudaFuncSetAttribute(run_kernel<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   most),
              "shared memory of a kernel");
        check(cudaFuncSetAttribute(run_kernel<Kernel>,
                                   cudaFuncAttributePreferredSharedMemoryCarveout,
                                   cudaSharedmemCarveoutMaxShared),
              "shared memory of a multiprocessor");
    }

    cudaStream_t stream_;
};

} // namespace moe::cuda
