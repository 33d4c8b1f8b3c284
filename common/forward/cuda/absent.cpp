// What stands in for the CUDA parts in a build without them.

#include "forward/cuda/device.hpp"
#include "forward/cuda_forward.hpp"

#include "basics/error.hpp"

namespace moe {

namespace cuda {

Device find_device() {
    Device none;
    none.reason = "this build has no CUDA parts";
    return none;
}

} // namespace cuda

class CudaForward::Pass {};

CudaForward::CudaForward(const Router& /*router*/, ExpertSource<float>& /*experts*/,
                         const CudaOptions& /*options*/) {
    throw EnvironmentError("CUDA: no usable GPU: " + cuda::find_device().reason);
}
CudaForward::~CudaForward() = default;
CudaForward::CudaForward(CudaForward&&) noexcept = default;
CudaForward& CudaForward::operator=(CudaForward&&) noexcept = default;

CudaReport CudaForward::forward(std::span<const double> /*inputs*/, std::span<float> /*outputs*/) {
    throw EnvironmentError("CUDA: no usable GPU: " + cuda::find_device().reason);
}

} // namespace moe
