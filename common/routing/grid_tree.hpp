#pragma once
// The binary prototype tree over a grid of K_1 x ... x K_n cells in [0,1]^n, never stored: nodes
// are integer boxes [low, high), computed on the way down (arXiv:2402.03460, prototype tree; the
// project's notes, 3.2). Greedy leaf = grid cell = nearest leaf.

#include "routing/route.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace moe {

/// A box of cells: low_i <= c_i < high_i.
struct CellBox {
    std::vector<std::int64_t> low;
    std::vector<std::int64_t> high;
};

class GridTree {
  public:
    /// Throws InputError for n < 1, n > 8, a K_i < 1 or a product of 2^62 or more.
    explicit GridTree(std::vector<std::int64_t> cells_per_axis);

    [[nodiscard]] int dimension() const noexcept { return static_cast<int>(cells_.size()); }
    [[nodiscard]] std::span<const std::int64_t> cells_per_axis() const noexcept { return cells_; }
    /// Number of leaves (= experts), the product of the K_i.
    [[nodiscard]] std::uint64_t leaves() const noexcept { return leaves_; }
    /// Longest root-to-leaf path; at most sum of ceil(log2 K_i).
    [[nodiscard]] std::int64_t height() const;
    /// Leaves counted by splitting the boxes down to cells (memoised over side lengths), an
    /// independent check of leaves().
    [[nodiscard]] std::uint64_t count_leaves() const;

    /// Greedy descent: at each node the child whose prototype is nearer in Euclidean distance, ties
    /// to child 0. The children's prototypes are mirror images in the face x = mid/K of the split
    /// axis, so the comparison is x <= mid/K with the quotient correctly rounded: a face j/N given
    /// as a double is a tie, whatever its fraction. x has n entries; throws InputError for another
    /// length or an entry that is NaN or outside [0, 1].
    [[nodiscard]] Route route(std::span<const double> x) const;
    /// The same descent for any point of R^n, unchecked: batched evaluation must answer for every
    /// input. NaN follows the tie rule (child 0). x must have n entries.
    [[nodiscard]] Route descend(std::span<const double> x) const noexcept;

    [[nodiscard]] std::vector<std::int64_t> cell(std::uint64_t leaf) const;
    [[nodiscard]] std::uint64_t leaf(std::span<const std::int64_t> cell) const;
    /// Centre of a leaf's cell: (c_i + 1/2) / K_i.
    [[nodiscard]] std::vector<double> centre(std::uint64_t leaf) const;

    [[nodiscard]] CellBox root() const;
    [[nodiscard]] static bool is_leaf(const CellBox& box);
    /// Axis of the largest side (ties: smallest axis) of a box with a side above 1.
    [[nodiscard]] static int split_axis(const CellBox& box);
    /// Child 0 = [low, mid), child 1 = [mid, high) on the split axis, mid = low + floor(side / 2).
    [[nodiscard]] static CellBox child(const CellBox& box, int which);
    /// Prototype of a child of `parent`: (low + 1/2)/K on the other axes, (mid -+ 1/2)/K on the
    /// split axis (the two are mirror images in the face x = mid/K; a leaf's is its cell's centre).
    [[nodiscard]] std::vector<double> prototype(const CellBox& parent, int which) const;

  private:
    std::vector<std::int64_t> cells_;
    std::uint64_t leaves_ = 1;
};

} // namespace moe
