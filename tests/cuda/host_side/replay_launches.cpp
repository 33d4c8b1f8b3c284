// The launches on the fake device: the kernels themselves, replayed in an order of the threads that
// changes from launch to launch.

#include "cuda/replay_launcher.hpp"
#include "fake_runtime.hpp"

#include "forward/cuda/expert_launches.hpp"
#include "forward/cuda/launch.hpp"
#include "forward/cuda/route_launches.hpp"

namespace moe::cuda {

namespace {

test::ReplayLauncher launcher_of(Stream stream) {
    static RandomStream random(1, 52, 1);
    const auto order = static_cast<ThreadOrder>(random.below(3));
    const auto resident = static_cast<unsigned>(1 + random.below(3));
    return {order, random, resident, [stream](test::ReplayLauncher::Work work) {
                moe::test::enqueue(stream, std::move(work));
            }};
}

} // namespace

void launch_route(const RouterRule& rule, const double* inputs, std::size_t batch,
                  std::uint32_t* experts, RouteSums* sums, const DeviceLimits& limits,
                  Stream stream) {
    test::ReplayLauncher launcher = launcher_of(stream);
    run_route(launcher, rule, {inputs, batch, experts, sums}, limits);
}

std::size_t group_scratch_bytes(std::size_t batch, std::uint64_t experts) {
    return group_scratch(launcher_of(nullptr), nullptr, batch, experts).bytes;
}

void launch_group(const std::uint32_t* expert_of, std::size_t batch, std::uint64_t experts,
                  std::uint32_t* samples, std::uint32_t* touched, std::uint32_t* counts,
                  std::uint32_t* touched_count, void* scratch, std::size_t scratch_bytes,
                  Stream stream) {
    test::ReplayLauncher launcher = launcher_of(stream);
    run_group(launcher, expert_of, batch, experts, {samples, touched, counts, touched_count},
              {static_cast<std::byte*>(scratch), scratch_bytes});
}

void launch_experts(KernelVersion version, const ExpertShape& host_shape, const ExpertBatch& batch,
                    const DeviceLimits& limits, void* workspace, Stream stream) {
    test::ReplayLauncher launcher = launcher_of(stream);
    run_experts(launcher, version, {host_shape, batch, limits}, workspace);
}

} // namespace moe::cuda
