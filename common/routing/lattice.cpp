#include "routing/lattice.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <utility>

#define MOE_KERNELS "routing/lattice.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

namespace {

/// Leaves and levels share a float64: leaf + 2^44 levels.
constexpr std::uint64_t largest_grid = std::uint64_t{1} << 44U;

std::int64_t floor_log2(std::int64_t cells) {
    return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(cells))) - 1;
}

bool power_of_two(std::int64_t cells) {
    return std::has_single_bit(static_cast<std::uint64_t>(cells));
}

LatticeTables tables_of(const GridTree& grid) {
    const std::span<const std::int64_t> cells = grid.cells_per_axis();
    const std::size_t n = cells.size();
    LatticeTables tables;
    tables.dimension = n;
    for (AlignedArray* array : {&tables.cells, &tables.inverse, &tables.last, &tables.weight})
        *array = AlignedArray(8 * n);
    tables.deeper = AlignedArrayOf<std::uint64_t>(8 * n);
    std::uint64_t weight = 1;
    for (std::size_t axis = n; axis-- > 0;) {
        const std::int64_t count = cells[axis];
        const bool dyadic = power_of_two(count);
        tables.dyadic = tables.dyadic && dyadic;
        tables.wide = tables.wide || (!dyadic && count > 64);
        tables.least_depth += floor_log2(count);
        tables.largest = std::max(tables.largest, static_cast<double>(count));
        for (std::size_t k = axis; k < 8 * n; k += n) {
            tables.cells.data()[k] = static_cast<double>(count);
            tables.inverse.data()[k] = dyadic ? 1.0 / static_cast<double>(count) : 0.0;
            tables.last.data()[k] = count == 1 ? 1.0 : static_cast<double>(count - 1);
            tables.weight.data()[k] = count == 1 ? 0.0 : static_cast<double>(weight);
            tables.deeper.data()[k] = count <= 64 ? deeper_cells(count) : 0;
        }
        weight *= static_cast<std::uint64_t>(count);
    }
    return tables;
}

RouteTotals descend_all(const GridTree& grid, std::span<const double> inputs,
                        std::span<std::uint64_t> leaves) {
    const auto n = static_cast<std::size_t>(grid.dimension());
    RouteTotals totals;
    for (std::size_t b = 0; b < leaves.size(); ++b) {
        const Route route = grid.descend(inputs.subspan(b * n, n));
        leaves[b] = route.leaf;
        totals.add(route.depth, route.reals_read);
    }
    return totals;
}

} // namespace

std::uint64_t deeper_cells(std::int64_t cells) {
    if (cells == 1) return 0;
    const std::int64_t half = cells / 2;
    const std::int64_t rest = cells - half;
    const std::uint64_t low = deeper_cells(half);
    std::uint64_t high = low;
    if (rest != half) {
        // One cell more may open a level: then all of that half lie one level below the other's.
        high = power_of_two(rest) ? (std::uint64_t{1} << static_cast<unsigned>(rest)) - 1
                                  : deeper_cells(rest);
    }
    return low | high << static_cast<unsigned>(half);
}

Lattice::Lattice(GridTree grid)
    : grid_(std::move(grid)) {
    if (grid_.leaves() <= largest_grid)
        tables_ = std::make_shared<const LatticeTables>(tables_of(grid_));
}

Route Lattice::route(std::span<const double> x) const noexcept {
    // An axis costs 2.4 ns here, a level of the descent 2.
    const bool shallow =
        tables_ != nullptr &&
        4 * tables_->least_depth <= 5 * static_cast<std::int64_t>(tables_->dimension);
    if (tables_ == nullptr || !tables_->dyadic || shallow) return grid_.descend(x);
    // One lane of the kernel.
    double leaf = 0.0;
    for (std::size_t axis = 0; axis < x.size(); ++axis) {
        const double last = tables_->last.data()[axis];
        double j = x[axis] * tables_->cells.data()[axis];
        j = j > 1.0 ? j : 1.0;
        j = ((j < last ? j : last) + 0x1.8p52) - 0x1.8p52;
        const double face = j * tables_->inverse.data()[axis];
        // Arithmetic instead of a branch that no predictor learns.
        const double cell = j - static_cast<double>(x[axis] > face ? 0 : 1);
        leaf += cell * tables_->weight.data()[axis];
    }
    return {static_cast<std::uint64_t>(leaf), tables_->least_depth,
            2 * static_cast<std::int64_t>(tables_->dimension) * tables_->least_depth};
}

RouteTotals Lattice::route(std::span<const double> inputs, std::span<std::uint64_t> leaves,
                           InstructionSet set) const {
    if (!available(set))
        throw std::invalid_argument("lattice: this processor lacks the instruction set");
    if (leaves.empty()) return {};
    if (tables_ == nullptr) return descend_all(grid_, inputs, leaves);
    LatticeDepths depths;
#if MOE_X86_VERSIONS
    if (set == InstructionSet::avx512)
        depths = avx512::locate(*tables_, inputs.data(), leaves.data(), leaves.size());
    else if (set == InstructionSet::avx2)
        depths = avx2::locate(*tables_, inputs.data(), leaves.data(), leaves.size());
    else
#endif
        depths = baseline::locate(*tables_, inputs.data(), leaves.data(), leaves.size());
    const std::int64_t per_level = 2 * static_cast<std::int64_t>(tables_->dimension);
    return {depths.largest, per_level * depths.largest,
            static_cast<std::uint64_t>(per_level) * depths.total};
}

} // namespace moe
