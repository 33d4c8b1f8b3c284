#include "routing/prototype_tree.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

/// |x - a|^2 - |x - b|^2 = sum of (b - a)((x - a) + (x - b)): axes on which a and b agree add an
/// exact 0, so the sign near the face between a and b suffers no cancellation of large squares.
double excess(std::span<const double> x, const double* a, const double* b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum += (b[i] - a[i]) * ((x[i] - a[i]) + (x[i] - b[i]));
    }
    return sum;
}

/// The child of an internal node whose prototype is nearest to x, ties to the smallest index.
std::size_t nearest_child(const PrototypeTreeView& tree, std::size_t node,
                          std::span<const double> x) {
    const std::size_t n = x.size();
    const std::size_t first = tree.first_child[node];
    std::size_t nearest = first;
    for (std::size_t c = first + 1; c < first + tree.child_count[node]; ++c) {
        // Arithmetic instead of a branch that no predictor learns.
        const bool nearer =
            excess(x, tree.prototypes.data() + nearest * n, tree.prototypes.data() + c * n) > 0.0;
        nearest += (nearer ? 1U : 0U) * (c - nearest);
    }
    return nearest;
}

[[noreturn]] void refuse(const std::string& array, std::size_t node, const std::string& what) {
    throw InputError("prototype tree, " + array + "[" + std::to_string(node) + "]: " + what);
}

void check_sizes(const PrototypeTreeView& tree) {
    const std::size_t nodes = tree.nodes();
    if (tree.dimension < 1) {
        throw InputError("prototype tree: dimension " + std::to_string(tree.dimension) +
                         ", at least 1 is needed");
    }
    if (nodes == 0) throw InputError("prototype tree: child_count is empty, there is no root");
    const auto check = [&](const char* array, std::size_t size, std::size_t per_node) {
        if (size / per_node != nodes || size % per_node != 0) {
            throw InputError(std::string("prototype tree: ") + array + " has " +
                             std::to_string(size) + " entries, " + std::to_string(nodes) + " x " +
                             std::to_string(per_node) + " are needed");
        }
    };
    check("prototypes", tree.prototypes.size(), static_cast<std::size_t>(tree.dimension));
    check("first_child", tree.first_child.size(), 1);
    check("expert", tree.expert.size(), 1);
}

} // namespace

Route PrototypeTreeView::route(std::span<const double> x) const {
    const auto n = static_cast<std::size_t>(dimension);
    if (x.size() != n) {
        throw std::invalid_argument("x has " + std::to_string(x.size()) + " entries, the tree's " +
                                    "dimension is " + std::to_string(n));
    }
    Route route;
    std::size_t node = 0;
    for (; child_count[node] != 0; node = nearest_child(*this, node, x)) {
        ++route.depth;
        route.reals_read += static_cast<std::int64_t>(n) * child_count[node];
    }
    route.leaf = expert[node];
    return route;
}

RouteTotals PrototypeTreeView::route_batch(std::span<const double> inputs,
                                           std::span<std::uint64_t> leaves) const {
    // Side by side, so that one descent's loads and sums are hidden by the others'.
    constexpr std::size_t group = 8;
    const auto n = static_cast<std::size_t>(dimension);
    RouteTotals totals;
    for (std::size_t start = 0; start < leaves.size(); start += group) {
        const std::size_t count = std::min(group, leaves.size() - start);
        std::array<std::size_t, group> nodes{};
        std::array<Route, group> routes{};
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t b = 0; b < count; ++b) {
                const std::uint32_t children = child_count[nodes[b]];
                if (children == 0) continue;
                moved = true;
                ++routes[b].depth;
                routes[b].reals_read += static_cast<std::int64_t>(n) * children;
                nodes[b] = nearest_child(*this, nodes[b], inputs.subspan((start + b) * n, n));
            }
        }
        for (std::size_t b = 0; b < count; ++b) {
            leaves[start + b] = expert[nodes[b]];
            totals.add(routes[b].depth, routes[b].reals_read);
        }
    }
    return totals;
}

PrototypeTreeView PrototypeTree::view() const noexcept {
    return {dimension, prototypes, first_child, child_count, expert};
}

void check_tree(const PrototypeTreeView& tree, std::uint64_t experts) {
    check_sizes(tree);
    const std::size_t nodes = tree.nodes();
    std::vector<bool> has_parent(nodes, false);
    for (std::size_t node = 0; node < nodes; ++node) {
        const std::uint64_t first = tree.first_child[node];
        const std::uint64_t count = tree.child_count[node];
        if (count == 0) {
            if (tree.expert[node] >= experts) {
                refuse("expert", node,
                       "expert " + std::to_string(tree.expert[node]) + " is not below " +
                           std::to_string(experts));
            }
            continue;
        }
        if (first <= node) {
            refuse("first_child", node,
                   "child " + std::to_string(first) + " does not come after its parent");
        }
        // Both are below 2^32, so the sum does not wrap; it is compared before anything is marked.
        if (first + count > nodes) {
            refuse("child_count", node,
                   std::to_string(count) + " children from " + std::to_string(first) +
                       " do not fit into " + std::to_string(nodes) + " nodes");
        }
        for (std::uint64_t c = first; c < first + count; ++c) {
            if (has_parent[c]) {
                refuse("first_child", node,
                       "node " + std::to_string(c) + " is already the child of another node");
            }
            has_parent[c] = true;
        }
    }
    for (std::size_t node = 1; node < nodes; ++node) {
        if (!has_parent[node]) refuse("child_count", node, "the node is no node's child");
    }
    const auto n = static_cast<std::size_t>(tree.dimension);
    for (std::size_t k = 0; k < tree.prototypes.size(); ++k) {
        if (!std::isfinite(tree.prototypes[k])) {
            refuse("prototypes", k / n,
                   "axis " + std::to_string(k % n) + " is " + shortest(tree.prototypes[k]) +
                       ", finite numbers are needed");
        }
    }
}

PrototypeTree materialise(const GridTree& grid) {
    constexpr std::uint64_t node_limit = std::uint64_t{1} << 31U;
    if (grid.leaves() > node_limit / 2) {
        throw InputError("prototype tree: " + std::to_string(grid.leaves()) +
                         " leaves need more than 2^31 nodes");
    }
    const std::size_t nodes = 2 * grid.leaves() - 1;
    const auto n = static_cast<std::size_t>(grid.dimension());
    PrototypeTree tree;
    tree.dimension = grid.dimension();
    tree.prototypes.assign(n, 0.0);
    tree.prototypes.reserve(nodes * n);
    tree.first_child.assign(nodes, 0);
    tree.child_count.assign(nodes, 0);
    tree.expert.assign(nodes, 0);

    std::deque<CellBox> frontier{grid.root()};
    std::uint32_t next_child = 1;
    for (std::size_t node = 0; node < nodes; ++node) {
        const CellBox box = std::move(frontier.front());
        frontier.pop_front();
        if (GridTree::is_leaf(box)) {
            tree.expert[node] = static_cast<std::uint32_t>(grid.leaf(box.low));
            continue;
        }
        tree.first_child[node] = next_child;
        tree.child_count[node] = 2;
        next_child += 2;
        for (const int which : {0, 1}) {
            const std::vector<double> prototype = grid.prototype(box, which);
            tree.prototypes.insert(tree.prototypes.end(), prototype.begin(), prototype.end());
            frontier.push_back(GridTree::child(box, which));
        }
    }
    return tree;
}

} // namespace moe
