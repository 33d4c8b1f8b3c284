#pragma once
// Errors of the CUDA runtime as exceptions. For .cu files.

#include "forward/cuda/device_error.hpp"

#include <cuda_runtime_api.h>

#include <string>

namespace moe::cuda {

/// Throws EnvironmentError "CUDA: <what>: <the runtime's text>" unless the call succeeded;
/// DeviceMemoryError where memory ran out.
inline void check(cudaError_t status, const char* what) {
    if (status == cudaSuccess) return;
    // An error that does not spoil the device is reported once more by the next cudaGetLastError.
    (void)cudaGetLastError();
    const std::string message = std::string("CUDA: ") + what + ": " + cudaGetErrorString(status);
    if (status == cudaErrorMemoryAllocation) throw DeviceMemoryError(message);
    throw EnvironmentError(message);
}

} // namespace moe::cuda
