#pragma once
// A stored binary tree whose two children differ on one axis at every node (a materialised grid, a
// k-d tree), with only what its descent needs: the axis and the two coordinates on it. The other
// axes add an exact 0 to the descent's comparison, whatever the input, unless a product overflows.
// 24 bytes a node: worth its memory where many inputs are routed (Router makes it then).

#include "routing/prototype_tree.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace moe {

class AxisSplits {
  public:
    /// Null if some node has other than two children, or children that differ on more than one
    /// axis, or that are out of range, or a coordinate above 2^1000. The arrays behind the view
    /// must outlive the object.
    static std::unique_ptr<const AxisSplits> make(const PrototypeTreeView& tree);

    /// What PrototypeTreeView::route answers; x has n entries.
    [[nodiscard]] Route route(std::span<const double> x) const;
    /// The same for every row of inputs [B][n], B = leaves.size(): leaves and totals.
    RouteTotals route_batch(std::span<const double> inputs, std::span<std::uint64_t> leaves) const;

  private:
    /// Two children at `first`; a leaf is its own only child, with equal coordinates.
    struct Node {
        double low;  ///< child 0's coordinate
        double high; ///< child 1's
        std::uint32_t axis;
        std::uint32_t first;
    };

    explicit AxisSplits(const PrototypeTreeView& tree)
        : tree_(tree) {}
    bool add(std::size_t node);
    [[nodiscard]] bool in_range(const double* x) const;
    [[nodiscard]] std::uint32_t next(std::uint32_t node, const double* x) const;

    PrototypeTreeView tree_;
    std::vector<Node> nodes_;
};

} // namespace moe
