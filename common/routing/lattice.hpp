#pragma once
// Batched routing in a grid tree by arithmetic: the descent along an axis ends in the cell whose
// number is that of the faces fl(j / K), j = 1..K-1, below x (their order makes the descent a
// binary search), and only the face nearest to x has to be looked at to know it.

#include "basics/aligned_array.hpp"
#include "basics/multiversion.hpp"
#include "routing/grid_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace moe {

/// What the kernel knows of the grid. Arrays are [n][8], entry k for axis k mod n: the constants of
/// eight rows of a batch, which fill n packs of eight lanes.
struct LatticeTables {
    std::size_t dimension = 0;
    bool dyadic = true; ///< every K is a power of two: all leaves lie at depth `least_depth`
    bool wide = false;  ///< some K above 64 is no power of two
    std::int64_t least_depth = 0; ///< sum of floor(log2 K)
    double largest = 1.0;         ///< the largest K
    AlignedArray cells;           ///< K
    AlignedArray inverse;         ///< 1 / K where K is a power of two, else 0
    AlignedArray last;            ///< max(K - 1, 1)
    AlignedArray weight;          ///< leaves per step along the axis; 0 where K = 1
    /// Bit c tells whether cell c lies one level below floor(log2 K); 0 for K > 64.
    AlignedArrayOf<std::uint64_t> deeper;
};

/// Over the rows of a batch: the deepest leaf, and the sum of the depths.
struct LatticeDepths {
    std::int64_t largest = 0;
    std::uint64_t total = 0;
};

class Lattice {
  public:
    explicit Lattice(GridTree grid);

    [[nodiscard]] const GridTree& grid() const noexcept { return grid_; }
    /// What grid().descend answers; x has n entries.
    [[nodiscard]] Route route(std::span<const double> x) const noexcept;
    /// leaves[b] and the totals as grid().descend(row b) gives them; inputs [B][n], B =
    /// leaves.size().
    RouteTotals route(std::span<const double> inputs, std::span<std::uint64_t> leaves,
                      InstructionSet set = best_instruction_set()) const;

  private:
    GridTree grid_;
    std::shared_ptr<const LatticeTables> tables_; ///< null where the grid has too many leaves
};

/// Which leaves of the descent along an axis with K <= 64 cells lie at depth floor(log2 K) + 1
/// instead of floor(log2 K).
[[nodiscard]] std::uint64_t deeper_cells(std::int64_t cells);

} // namespace moe
