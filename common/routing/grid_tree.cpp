#include "routing/grid_tree.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr int largest_dimension = 8;

/// Number of unit cells below a box with the given sides, found by splitting. The shape of the
/// subtree depends only on the sides up to order, hence the sorted key.
std::uint64_t count_cells(std::vector<std::int64_t> sides,
                          std::map<std::vector<std::int64_t>, std::uint64_t>& known) {
    std::sort(sides.begin(), sides.end());
    if (sides.back() == 1) return 1;
    const auto found = known.find(sides);
    if (found != known.end()) return found->second;
    std::vector<std::int64_t> low_part = sides;
    std::vector<std::int64_t> high_part = sides;
    low_part.back() = sides.back() / 2;
    high_part.back() = sides.back() - sides.back() / 2;
    const std::uint64_t cells =
        count_cells(std::move(low_part), known) + count_cells(std::move(high_part), known);
    known.emplace(std::move(sides), cells);
    return cells;
}

} // namespace

GridTree::GridTree(std::vector<std::int64_t> cells_per_axis)
    : cells_(std::move(cells_per_axis)) {
    if (cells_.empty() || cells_.size() > largest_dimension) {
        throw InputError("grid tree: dimension " + std::to_string(cells_.size()) +
                         " is not in 1..8");
    }
    constexpr std::uint64_t limit = (std::uint64_t{1} << 62U) - 1;
    for (std::size_t axis = 0; axis < cells_.size(); ++axis) {
        const std::int64_t cells = cells_[axis];
        if (cells < 1) {
            throw InputError("grid tree: K = " + std::to_string(cells) + " cells on axis " +
                             std::to_string(axis) + ", at least 1 is needed");
        }
        if (static_cast<std::uint64_t>(cells) > limit / leaves_) {
            throw InputError("grid tree: the number of cells reaches 2^62 at axis " +
                             std::to_string(axis) + " (K = " + std::to_string(cells) + ")");
        }
        leaves_ *= static_cast<std::uint64_t>(cells);
    }
}

std::int64_t GridTree::height() const {
    // Child 1 keeps the larger half of the split side, and an axis can be halved at most
    // ceil(log2 K_i) times, so no path is longer than the one through the larger halves.
    std::int64_t height = 0;
    for (CellBox box = root(); !is_leaf(box); box = child(box, 1)) {
        ++height;
    }
    return height;
}

std::uint64_t GridTree::count_leaves() const {
    std::map<std::vector<std::int64_t>, std::uint64_t> known;
    return count_cells(cells_, known);
}

Route GridTree::route(std::span<const double> x) const {
    if (x.size() != cells_.size()) {
        throw InputError("x has " + std::to_string(x.size()) + " entries, " +
                         std::to_string(cells_.size()) + " are needed");
    }
    for (std::size_t axis = 0; axis < x.size(); ++axis) {
        if (!(x[axis] >= 0.0 && x[axis] <= 1.0)) {
            throw InputError("x[" + std::to_string(axis) + "] = " + shortest(x[axis]) +
                             " is not in [0, 1]");
        }
    }
    return descend(x);
}

Route GridTree::descend(std::span<const double> x) const noexcept {
    // A split of one axis leaves the others' sides and faces alone, so the splits on one axis are
    // those of a tree over that axis, whatever was split between them: the axes are descended one
    // after the other instead of interleaved by side length.
    Route route;
    for (std::size_t axis = 0; axis < cells_.size(); ++axis) {
        const auto cells = static_cast<double>(cells_[axis]);
        std::int64_t low = 0;
        for (std::int64_t side = cells_[axis]; side > 1;) {
            const std::int64_t half = side / 2;
            // Arithmetic instead of a branch: the way down is a coin toss that no predictor learns.
            const std::int64_t beyond = x[axis] > static_cast<double>(low + half) / cells ? 1 : 0;
            low += beyond * half;
            side = half + beyond * (side % 2);
            ++route.depth;
        }
        route.leaf =
            route.leaf * static_cast<std::uint64_t>(cells_[axis]) + static_cast<std::uint64_t>(low);
    }
    route.reals_read = 2 * static_cast<std::int64_t>(cells_.size()) * route.depth;
    return route;
}

std::vector<std::int64_t> GridTree::cell(std::uint64_t leaf) const {
    if (leaf >= leaves_) {
        throw InputError("leaf " + std::to_string(leaf) + " is not below " +
                         std::to_string(leaves_));
    }
    std::vector<std::int64_t> cell(cells_.size());
    for (std::size_t i = cells_.size(); i-- > 0;) {
        const auto cells = static_cast<std::uint64_t>(cells_[i]);
        cell[i] = static_cast<std::int64_t>(leaf % cells);
        leaf /= cells;
    }
    return cell;
}

std::uint64_t GridTree::leaf(std::span<const std::int64_t> cell) const {
    if (cell.size() != cells_.size()) {
        throw InputError("cell has " + std::to_string(cell.size()) + " entries, " +
                         std::to_string(cells_.size()) + " are needed");
    }
    std::uint64_t leaf = 0;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (cell[i] < 0 || cell[i] >= cells_[i]) {
            throw InputError("cell[" + std::to_string(i) + "] = " + std::to_string(cell[i]) +
                             " is not in 0.." + std::to_string(cells_[i] - 1));
        }
        leaf = leaf * static_cast<std::uint64_t>(cells_[i]) + static_cast<std::uint64_t>(cell[i]);
    }
    return leaf;
}

std::vector<double> GridTree::centre(std::uint64_t leaf) const {
    const std::vector<std::int64_t> indices = cell(leaf);
    std::vector<double> centre(indices.size());
    for (std::size_t i = 0; i < indices.size(); ++i) {
        centre[i] = (static_cast<double>(indices[i]) + 0.5) / static_cast<double>(cells_[i]);
    }
    return centre;
}

CellBox GridTree::root() const {
    return {std::vector<std::int64_t>(cells_.size(), 0), cells_};
}

bool GridTree::is_leaf(const CellBox& box) {
    const auto axis = static_cast<std::size_t>(split_axis(box));
    return box.high[axis] - box.low[axis] == 1;
}

int GridTree::split_axis(const CellBox& box) {
    std::size_t axis = 0;
    for (std::size_t i = 1; i < box.low.size(); ++i) {
        if (box.high[i] - box.low[i] > box.high[axis] - box.low[axis]) axis = i;
    }
    return static_cast<int>(axis);
}

CellBox GridTree::child(const CellBox& box, int which) {
    const auto axis = static_cast<std::size_t>(split_axis(box));
    const std::int64_t mid = box.low[axis] + (box.high[axis] - box.low[axis]) / 2;
    CellBox half = box;
    (which == 0 ? half.high : half.low)[axis] = mid;
    return half;
}

std::vector<double> GridTree::prototype(const CellBox& parent, int which) const {
    const auto axis = static_cast<std::size_t>(split_axis(parent));
    std::vector<double> prototype(cells_.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        prototype[i] = (static_cast<double>(parent.low[i]) + 0.5) / static_cast<double>(cells_[i]);
    }
    const std::int64_t mid = parent.low[axis] + (parent.high[axis] - parent.low[axis]) / 2;
    const double shift = which == 0 ? -0.5 : 0.5;
    prototype[axis] = (static_cast<double>(mid) + shift) / static_cast<double>(cells_[axis]);
    return prototype;
}

} // namespace moe
