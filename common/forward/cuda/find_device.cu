#include "forward/cuda/device.hpp"

#include <cuda_runtime_api.h>

namespace moe::cuda {

namespace {

/// Kernels are built for this compute capability and later ones.
constexpr int oldest_major = 8;

/// 13020 -> "13.2"
std::string version_text(int version) {
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// The runtime keeps an error until it is asked for; a later check must not find this one.
std::string text_of(cudaError_t status) {
    (void)cudaGetLastError();
    return cudaGetErrorString(status);
}

} // namespace

Device find_device() {
    Device device;
    int version = 0;
    if (cudaRuntimeGetVersion(&version) == cudaSuccess) device.runtime = version_text(version);
    if (cudaDriverGetVersion(&version) == cudaSuccess && version > 0)
        device.driver = version_text(version);

    int count = 0;
    if (const cudaError_t status = cudaGetDeviceCount(&count); status != cudaSuccess) {
        device.reason = text_of(status);
        return device;
    }
    if (count == 0) {
        device.reason = "no CUDA device was found";
        return device;
    }
    cudaDeviceProp properties{};
    if (const cudaError_t status = cudaGetDeviceProperties(&properties, 0); status != cudaSuccess) {
        device.reason = text_of(status);
        return device;
    }
    device.name = properties.name;
    device.major = properties.major;
    device.minor = properties.minor;
    device.memory_bytes = properties.totalGlobalMem;
    device.usable = properties.major >= oldest_major;
    if (!device.usable)
        device.reason = device.name + " has compute capability " + std::to_string(device.major) +
                        "." + std::to_string(device.minor) + ", " + std::to_string(oldest_major) +
                        ".0 or later is needed";
    return device;
}

} // namespace moe::cuda
