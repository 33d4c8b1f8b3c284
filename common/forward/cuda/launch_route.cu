#include "forward/cuda/launch.hpp"

#include "forward/cuda/check.hpp"
#include "forward/cuda/device_block.hpp"
#include "forward/cuda/route_flat.hpp"

#include <algorithm>

namespace moe::cuda {

namespace {

/// Prototypes from which the blocks of 64 x 64 are worth their barriers.
constexpr std::uint64_t many_prototypes = 64;

__global__ void run_clear_sums(RouteSums* sums) {
    DeviceBlock block;
    clear_sums(block, sums);
}

__global__ void __launch_bounds__(route_threads)
    run_route_rows(const __grid_constant__ RouterRule rule,
                   const __grid_constant__ RouteBatch batch) {
    DeviceBlock block;
    route_rows(block, rule, batch);
}

__global__ void __launch_bounds__(route_threads)
    run_route_flat(const __grid_constant__ RouterRule rule,
                   const __grid_constant__ RouteBatch batch) {
    DeviceBlock block;
    route_flat(block, rule, batch);
}

/// Blocks that take `rows` rows at a time, no more than the device holds at once.
unsigned blocks_for(std::size_t batch, unsigned rows, const DeviceLimits& limits) {
    constexpr std::size_t per_multiprocessor = 8; // 2048 threads
    const std::size_t most = std::max<std::size_t>(limits.multiprocessors, 1) * per_multiprocessor;
    return static_cast<unsigned>(std::min((batch + rows - 1) / rows, most));
}

} // namespace

void launch_route(const RouterRule& rule, const double* inputs, std::size_t batch,
                  std::uint32_t* experts, RouteSums* sums, const DeviceLimits& limits,
                  Stream stream) {
    run_clear_sums<<<1, 1, 0, stream>>>(sums);
    check(cudaGetLastError(), "launch of clear_sums");
    if (batch == 0) return;
    const RouteBatch rows{inputs, batch, experts, sums};
    if (rule.kind == RuleKind::flat && rule.prototype_count >= many_prototypes) {
        using Search = FlatSearch<DeviceBlock>;
        run_route_flat<<<blocks_for(batch, Search::rows_per_block, limits), route_threads,
                         Search::shared_bytes(), stream>>>(rule, rows);
    } else {
        run_route_rows<<<blocks_for(batch, route_threads, limits), route_threads, route_rows_bytes,
                         stream>>>(rule, rows);
    }
    check(cudaGetLastError(), "launch of the routing");
}

} // namespace moe::cuda
