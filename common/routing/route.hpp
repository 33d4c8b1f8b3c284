#pragma once
// What routing answers: where an input ends and what the way there read.

#include <algorithm>
#include <cstdint>

namespace moe {

/// Where an input ends and what the way there read.
struct Route {
    std::uint64_t leaf = 0;      ///< expert index: row-major cell index (axis 0 most significant)
    std::int64_t depth = 0;      ///< number of internal nodes visited
    std::int64_t reals_read = 0; ///< prototype coordinates read: n per child of each visited node
};

/// What the ways of a batch of inputs read together.
struct RouteTotals {
    std::int64_t depth_max = 0;
    std::int64_t reals_max = 0;
    std::uint64_t reals_total = 0;

    void add(std::int64_t depth, std::int64_t reals) {
        depth_max = std::max(depth_max, depth);
        reals_max = std::max(reals_max, reals);
        reals_total += static_cast<std::uint64_t>(reals);
    }
};

} // namespace moe
