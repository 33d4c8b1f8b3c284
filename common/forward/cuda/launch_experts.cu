#include "forward/cuda/launch.hpp"

#include "forward/cuda/device_launcher.hpp"
#include "forward/cuda/expert_launches.hpp"

namespace moe::cuda {

void launch_experts(KernelVersion version, const ExpertShape& host_shape, const ExpertBatch& batch,
                    const DeviceLimits& limits, void* workspace, Stream stream) {
    DeviceLauncher launcher(stream);
    run_experts(launcher, version, {host_shape, batch, limits}, workspace);
}

} // namespace moe::cuda
