#pragma once
// Inputs that are hard on routing, and routes row by row, for the tests of batched routing.

#include "basics/multiversion.hpp"
#include "basics/random.hpp"
#include "routing/route.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

namespace moe::tests {

using Numbers = std::vector<double>;
using Leaves = std::vector<std::uint64_t>;

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

inline std::vector<InstructionSet> instruction_sets() {
    std::vector<InstructionSet> sets;
    for (const auto set :
         {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
        if (moe::available(set)) sets.push_back(set);
    }
    return sets;
}

/// Numbers that routing meets rarely: no numbers, infinities, signed zeros, huge and tiny ones.
inline double odd_number(RandomStream& random) {
    constexpr double odd[] = {undefined, infinity, -infinity, 0.0,    -0.0,    5e-324,
                              -5e-324,   1e308,    -1e308,    0x1p30, -0x1p21, 1e-160};
    return odd[random.below(std::size(odd))];
}

inline bool same(const RouteTotals& a, const RouteTotals& b) {
    return a.depth_max == b.depth_max && a.reals_max == b.reals_max &&
           a.reals_total == b.reals_total;
}

/// Rows routed one by one.
template<class Rule>
RouteTotals route_rows(const Rule& rule, std::size_t n, const Numbers& inputs, Leaves& leaves) {
    RouteTotals totals;
    for (std::size_t b = 0; b < leaves.size(); ++b) {
        const moe::Route route = rule(std::span(inputs).subspan(b * n, n));
        leaves[b] = route.leaf;
        totals.add(route.depth, route.reals_read);
    }
    return totals;
}

inline std::size_t differences(const Leaves& a, const Leaves& b) {
    std::size_t count = 0;
    for (std::size_t k = 0; k < a.size(); ++k)
        count += a[k] != b[k] ? 1 : 0;
    return count;
}

/// Inputs among the prototypes: on one, in the middle of two, near one, anywhere, or odd.
inline Numbers rows_near(RandomStream& random, const Numbers& prototypes, std::size_t n,
                         std::size_t batch) {
    const std::size_t count = prototypes.size() / n;
    const double size = std::abs(prototypes[random.below(prototypes.size())]) + 1e-300;
    Numbers inputs(batch * n);
    for (std::size_t b = 0; b < batch; ++b) {
        const auto kind = random.below(6);
        const double* const p = prototypes.data() + random.below(count) * n;
        const double* const q = prototypes.data() + random.below(count) * n;
        for (std::size_t i = 0; i < n; ++i) {
            double x = p[i];
            if (kind == 1) x = p[i] / 2.0 + q[i] / 2.0;
            if (kind == 2) x = std::nextafter(p[i] / 2.0 + q[i] / 2.0, q[i]);
            if (kind == 3) x = size * (4.0 * random.uniform() - 2.0);
            if (kind == 4) x = p[i] + (random.uniform() - 0.5) * 0.1 * size;
            if (kind == 5 && random.below(3) == 0) x = odd_number(random);
            inputs[b * n + i] = x;
        }
    }
    return inputs;
}

} // namespace moe::tests
