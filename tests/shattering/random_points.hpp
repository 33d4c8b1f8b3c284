#pragma once
// Random integer points of the plane in general position, for the tests of this folder.

#include "basics/random.hpp"
#include "shattering/dichotomies.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace moe_test {

inline std::vector<moe::PlanePoint> random_points(std::size_t m, std::uint64_t seed,
                                                  std::uint64_t grid = 50) {
    moe::RandomStream random(seed, moe::cell_key("test points"), static_cast<std::uint32_t>(m));
    for (;;) {
        std::vector<moe::PlanePoint> points;
        for (std::size_t i = 0; i < m; ++i)
            points.push_back({static_cast<std::int64_t>(random.below(grid)),
                              static_cast<std::int64_t>(random.below(grid))});
        if (moe::in_general_position(points)) return points;
    }
}

/// Label of point j at position j.
inline std::string text_of(moe::Labeling labeling, std::size_t m) {
    std::string labels(m, '0');
    for (std::size_t j = 0; j < m; ++j) {
        if ((labeling >> j & 1U) != 0) labels[j] = '1';
    }
    return labels;
}

} // namespace moe_test
