#pragma once
// Which kernel routes a batch, over a Launcher (launch_size.hpp).

#include "forward/cuda/launch_size.hpp"
#include "forward/cuda/route_flat.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace moe::cuda {

struct ClearSums {
    static constexpr unsigned most_threads = 1;
    static constexpr unsigned least_blocks = 0;
    RouteSums* sums;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        clear_sums(block, sums);
    }
};

struct RouteRows {
    static constexpr unsigned most_threads = route_threads;
    static constexpr unsigned least_blocks = 0;
    RouterRule rule;
    RouteBatch batch;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        route_rows(block, rule, batch);
    }
};

struct RouteFlat {
    static constexpr unsigned most_threads = route_threads;
    static constexpr unsigned least_blocks = 0;
    RouterRule rule;
    RouteBatch batch;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        route_flat(block, rule, batch);
    }
};

/// Prototypes from which the blocks of 64 x 64 are worth their barriers.
inline constexpr std::uint64_t many_prototypes = 64;

/// Blocks that take `rows` rows at a time, no more than the device holds at once.
inline unsigned blocks_for(std::size_t batch, unsigned rows, const DeviceLimits& limits) {
    constexpr std::size_t per_multiprocessor = 8; // 2048 threads
    const std::size_t most = std::max<std::size_t>(limits.multiprocessors, 1) * per_multiprocessor;
    return static_cast<unsigned>(std::min((batch + rows - 1) / rows, most));
}

/// As launch_route (launch.hpp).
template<class Launcher>
void run_route(Launcher& launcher, const RouterRule& rule, const RouteBatch& rows,
               const DeviceLimits& limits) {
    launcher.launch("launch of clear_sums", {1, 1, 0}, ClearSums{rows.sums});
    if (rows.batch == 0) return;
    if (rule.kind == RuleKind::flat && rule.prototype_count >= many_prototypes) {
        launcher.launch("launch of route_flat",
                        {blocks_for(rows.batch, flat_rows, limits), route_threads, flat_bytes},
                        RouteFlat{rule, rows});
    } else {
        launcher.launch(
            "launch of route_rows",
            {blocks_for(rows.batch, route_threads, limits), route_threads, route_rows_bytes},
            RouteRows{rule, rows});
    }
}

} // namespace moe::cuda
