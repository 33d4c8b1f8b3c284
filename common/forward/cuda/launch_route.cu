#include "forward/cuda/launch.hpp"

#include "forward/cuda/device_launcher.hpp"
#include "forward/cuda/route_launches.hpp"

namespace moe::cuda {

void launch_route(const RouterRule& rule, const double* inputs, std::size_t batch,
                  std::uint32_t* experts, RouteSums* sums, const DeviceLimits& limits,
                  Stream stream) {
    DeviceLauncher launcher(stream);
    run_route(launcher, rule, {inputs, batch, experts, sums}, limits);
}

} // namespace moe::cuda
