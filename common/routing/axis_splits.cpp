#include "routing/axis_splits.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace moe {

namespace {

/// Up to here neither sums nor differences of three numbers overflow.
constexpr double largest = 0x1p1000;
/// Inputs that descend side by side, to hide each other's loads.
constexpr std::size_t group = 16;

} // namespace

std::unique_ptr<const AxisSplits> AxisSplits::make(const PrototypeTreeView& tree) {
    const std::size_t nodes = tree.nodes();
    if (nodes == 0 || tree.first_child.size() != nodes || tree.expert.size() != nodes ||
        tree.prototypes.size() != nodes * static_cast<std::size_t>(tree.dimension))
        return nullptr;
    std::unique_ptr<AxisSplits> splits(new AxisSplits(tree));
    splits->nodes_.reserve(nodes);
    for (std::size_t node = 0; node < nodes; ++node) {
        if (!splits->add(node)) return nullptr;
    }
    return splits;
}

bool AxisSplits::add(std::size_t node) {
    if (tree_.child_count[node] == 0) {
        nodes_.push_back({0.0, 0.0, 0, static_cast<std::uint32_t>(node)});
        return true;
    }
    const std::size_t first = tree_.first_child[node];
    if (tree_.child_count[node] != 2 || first <= node || first + 2 > tree_.nodes()) return false;
    const auto n = static_cast<std::size_t>(tree_.dimension);
    const double* const low = tree_.prototypes.data() + first * n;
    const double* const high = low + n;
    std::size_t differing = 0;
    std::size_t axis = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (!(std::abs(low[i]) <= largest && std::abs(high[i]) <= largest)) return false;
        if (low[i] == high[i]) continue;
        ++differing;
        axis = i;
    }
    if (differing > 1) return false;
    nodes_.push_back({low[axis], high[axis], static_cast<std::uint32_t>(axis),
                      static_cast<std::uint32_t>(first)});
    return true;
}

bool AxisSplits::in_range(const double* x) const {
    bool in_range = true;
    for (int i = 0; i < tree_.dimension; ++i)
        in_range &= std::abs(x[i]) <= largest;
    return in_range;
}

std::uint32_t AxisSplits::next(std::uint32_t node, const double* x) const {
    const Node& here = nodes_[node];
    const double entry = x[here.axis];
    // The term of PrototypeTreeView::route's sum that is not 0.
    const double excess = (here.high - here.low) * ((entry - here.low) + (entry - here.high));
    return here.first + (excess > 0.0 ? 1U : 0U);
}

Route AxisSplits::route(std::span<const double> x) const {
    if (!in_range(x.data())) return tree_.route(x);
    std::uint32_t node = 0;
    Route route;
    for (; tree_.child_count[node] != 0; ++route.depth)
        node = next(node, x.data());
    route.leaf = tree_.expert[node];
    route.reals_read = 2 * static_cast<std::int64_t>(tree_.dimension) * route.depth;
    return route;
}

RouteTotals AxisSplits::route_batch(std::span<const double> inputs,
                                    std::span<std::uint64_t> leaves) const {
    const auto n = static_cast<std::size_t>(tree_.dimension);
    const std::int64_t per_level = 2 * static_cast<std::int64_t>(n);
    RouteTotals totals;
    for (std::size_t start = 0; start < leaves.size(); start += group) {
        const std::size_t count = std::min(group, leaves.size() - start);
        const double* const rows = inputs.data() + start * n;
        std::array<std::uint32_t, group> nodes{};
        std::array<std::int64_t, group> depths{};
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t b = 0; b < count; ++b) {
                const std::uint32_t to = next(nodes[b], rows + b * n);
                moved |= to != nodes[b];
                depths[b] += to != nodes[b] ? 1 : 0;
                nodes[b] = to;
            }
        }
        for (std::size_t b = 0; b < count; ++b) {
            if (in_range(rows + b * n)) {
                leaves[start + b] = tree_.expert[nodes[b]];
                totals.add(depths[b], per_level * depths[b]);
            } else {
                const Route way = tree_.route(std::span(rows + b * n, n));
                leaves[start + b] = way.leaf;
                totals.add(way.depth, way.reals_read);
            }
        }
    }
    return totals;
}

} // namespace moe
