#pragma once
// A rooted tree of prototypes in R^n stored as arrays, and greedy routing in it (arXiv:2402.03460):
// from the root to the child whose prototype is nearest in Euclidean norm, ties to the smallest
// index; at a leaf, that leaf's expert. Greedy routing is not nearest-leaf search.

#include "routing/grid_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

/// Arrays of a tree with V nodes, node 0 the root, the children of a node contiguous (so that one
/// visit reads children x n consecutive reals). A view: the arrays may live in a mapped file.
struct PrototypeTreeView {
    int dimension = 0;
    std::span<const double> prototypes;         ///< [V][n]; the root's are zero and never read
    std::span<const std::uint32_t> first_child; ///< [V]; meaningless for leaves
    std::span<const std::uint32_t> child_count; ///< [V]; 0 for leaves
    std::span<const std::uint32_t> expert;      ///< [V]; meaningless for internal nodes

    [[nodiscard]] std::size_t nodes() const noexcept { return child_count.size(); }
    /// Greedy descent; Route::leaf is the expert. NaN inputs follow the tie rule (child 0): an
    /// answer, never a crash. x must have n entries (std::invalid_argument).
    [[nodiscard]] Route route(std::span<const double> x) const;
    /// The same for every row of inputs [B][n], B = leaves.size(): leaves and totals.
    RouteTotals route_batch(std::span<const double> inputs, std::span<std::uint64_t> leaves) const;
};

/// The same arrays, owned.
struct PrototypeTree {
    int dimension = 0;
    std::vector<double> prototypes;
    std::vector<std::uint32_t> first_child;
    std::vector<std::uint32_t> child_count;
    std::vector<std::uint32_t> expert;

    [[nodiscard]] PrototypeTreeView view() const noexcept;
};

/// Checks arrays that come from outside: sizes that agree, children in range and after their parent
/// (so that every descent ends), each node the child of exactly one parent, experts < `experts`,
/// prototypes finite. Throws InputError naming the array and the node.
void check_tree(const PrototypeTreeView& tree, std::uint64_t experts);

/// The grid tree as arrays in breadth-first order. Throws InputError above 2^31 nodes.
[[nodiscard]] PrototypeTree materialise(const GridTree& grid);

} // namespace moe
