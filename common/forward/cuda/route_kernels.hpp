#pragma once
// Routing on the device: the decisions of routing/router.hpp, bit for bit, in float64 without fused
// multiply-add (nvcc's --fmad=false). Ties go to the lowest index, NaN to child or prototype 0.
//
// route_rows: a thread per row, for every rule. route_flat: a block compares 64 rows with 64
// prototypes at a time, for many prototypes.

#include "forward/cuda/both.hpp"
#include "forward/cuda/descriptions.hpp"

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

/// Threads of a block of either kernel.
inline constexpr unsigned route_threads = 256;

struct RowRoute {
    std::uint64_t leaf = 0;
    std::uint64_t depth = 0;
    std::uint64_t reals = 0;
};

/// Whether x is above the face j / K of an axis of K cells.
MOE_DEVICE inline bool above_face(double x, std::int64_t j, std::int64_t cells) {
    return x > static_cast<double>(j) / static_cast<double>(cells);
}

/// The cell of x on an axis: how many of the faces 1/K .. (K-1)/K, as rounded, lie below it. They
/// ascend, so the tree's descent over them (GridTree::descend) counts the same; it divides log2 K
/// times, this once. With K <= 2^50, let c be x K rounded, then rounded down:
/// - x above face j is above j/K, since no number lies between j/K and its rounding; so x K >= j
/// and
///   c >= j: the cell is not above c;
/// - c - 1 < x K by a margin that no rounding of face c - 1 reaches: the cell is c or c - 1.
MOE_DEVICE inline std::int64_t axis_cell(double x, std::int64_t cells) {
    constexpr std::int64_t guessed = std::int64_t{1} << 50;
    if (!(x > 0.0)) return 0; // NaN too
    if (cells <= guessed) {
        if (x >= 1.0) return cells - 1;
        const auto cell = static_cast<std::int64_t>(x * static_cast<double>(cells));
        return cell > 0 && !above_face(x, cell, cells) ? cell - 1 : cell;
    }
    std::int64_t low = 0;
    std::int64_t high = cells - 1;
    while (low < high) {
        const std::int64_t mid = low + (high - low + 1) / 2;
        if (above_face(x, mid, cells)) {
            low = mid;
        } else {
            high = mid - 1;
        }
    }
    return low;
}

/// Splits between an axis of `cells` cells and the one cell: the larger part is child 1.
MOE_DEVICE inline std::uint64_t axis_depth(std::int64_t cell, std::int64_t cells) {
    std::uint64_t depth = 0;
    while (cells > 1) {
        const std::int64_t half = cells / 2;
        if (cell >= half) {
            cell -= half;
            cells -= half;
        } else {
            cells = half;
        }
        ++depth;
    }
    return depth;
}

MOE_DEVICE inline RowRoute route_grid(const RouterRule& rule, const double* x) {
    RowRoute route;
    for (std::uint32_t axis = 0; axis < rule.dimension; ++axis) {
        const std::int64_t cells = rule.cells[axis];
        const std::int64_t cell = axis_cell(x[axis], cells);
        route.depth += axis_depth(cell, cells);
        route.leaf =
            route.leaf * static_cast<std::uint64_t>(cells) + static_cast<std::uint64_t>(cell);
    }
    route.reals = 2 * std::uint64_t{rule.dimension} * route.depth;
    return route;
}

/// |x - a|^2 - |x - b|^2 in the form and order of PrototypeTreeView::route.
MOE_DEVICE inline double excess(const double* x, const double* a, const double* b,
                                std::uint32_t n) {
    double sum = 0.0;
    for (std::uint32_t i = 0; i < n; ++i) {
        sum += (b[i] - a[i]) * ((x[i] - a[i]) + (x[i] - b[i]));
    }
    return sum;
}

MOE_DEVICE inline RowRoute route_tree(const RouterRule& rule, const double* x) {
    const std::size_t n = rule.dimension;
    RowRoute route;
    std::size_t node = 0;
    while (rule.child_count[node] != 0) {
        const std::size_t first = rule.first_child[node];
        const std::size_t children = rule.child_count[node];
        std::size_t nearest = first;
        for (std::size_t c = first + 1; c < first + children; ++c) {
            if (excess(x, rule.prototypes + nearest * n, rule.prototypes + c * n, rule.dimension) >
                0.0) {
                nearest = c;
            }
        }
        ++route.depth;
        route.reals += n * children;
        node = nearest;
    }
    route.leaf = rule.expert[node];
    return route;
}

/// The smallest distance seen and whose it is. Prototypes come in ascending order.
struct Nearest {
    double distance;
    std::uint64_t prototype;

    MOE_DEVICE void reset() {
        distance = static_cast<double>(INFINITY);
        prototype = 0;
    }
    /// NaN is not below anything, so it leaves prototype 0.
    MOE_DEVICE void see(double other, std::uint64_t index) {
        if (!(other < distance)) return;
        distance = other;
        prototype = index;
    }
    /// Merges what was seen of other prototypes, in any order: the lowest index wins ties.
    MOE_DEVICE void merge(const Nearest& other) {
        if (other.distance < distance ||
            (other.distance == distance && other.prototype < prototype)) {
            *this = other;
        }
    }
};

/// The route to a prototype of a flat router.
MOE_DEVICE inline RowRoute flat_route(const RouterRule& rule, std::uint64_t prototype) {
    if (rule.prototype_count == 1) return {};
    return {prototype, 1, rule.prototype_count * rule.dimension};
}

MOE_DEVICE inline RowRoute route_flat_row(const RouterRule& rule, const double* x) {
    Nearest nearest{};
    nearest.reset();
    const double* prototype = rule.prototypes;
    for (std::uint64_t l = 0; l < rule.prototype_count; ++l, prototype += rule.dimension) {
        double distance = 0.0;
        for (std::uint32_t i = 0; i < rule.dimension; ++i) {
            const double difference = x[i] - prototype[i];
            distance += difference * difference;
        }
        nearest.see(distance, l);
    }
    return flat_route(rule, nearest.prototype);
}

MOE_DEVICE inline RowRoute route_row(const RouterRule& rule, const double* x) {
    switch (rule.kind) {
    case RuleKind::grid:
        return route_grid(rule, x);
    case RuleKind::tree:
        return route_tree(rule, x);
    case RuleKind::flat:
        break;
    }
    return route_flat_row(rule, x);
}

/// The expert of a leaf, or rule.experts where there is none.
MOE_DEVICE inline std::uint64_t expert_of_leaf(const RouterRule& rule, std::uint64_t leaf) {
    if (rule.kept_leaves == nullptr) return leaf < rule.experts ? leaf : rule.experts;
    std::uint64_t low = 0;
    std::uint64_t high = rule.kept;
    while (low < high) {
        const std::uint64_t mid = low + (high - low) / 2;
        if (rule.kept_leaves[mid] < leaf) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    const bool found = low < rule.kept && rule.kept_leaves[low] == leaf;
    return found && low < rule.experts ? low : rule.experts;
}

MOE_DEVICE inline void clear(RouteSums& sums) {
    sums.depth_max = 0;
    sums.reals_max = 0;
    sums.reals_total = 0;
    sums.lowest_refused = RouteSums::none;
}

MOE_DEVICE inline void merge(RouteSums& sums, const RouteSums& other) {
    if (other.depth_max > sums.depth_max) sums.depth_max = other.depth_max;
    if (other.reals_max > sums.reals_max) sums.reals_max = other.reals_max;
    sums.reals_total += other.reals_total;
    if (other.lowest_refused < sums.lowest_refused) sums.lowest_refused = other.lowest_refused;
}

/// Writes the row's expert (0 for a refused row) and counts its route.
MOE_DEVICE inline void settle(const RouterRule& rule, const RowRoute& route, std::size_t row,
                              std::uint32_t* experts, RouteSums& sums) {
    const std::uint64_t expert = expert_of_leaf(rule, route.leaf);
    const bool refused = expert == rule.experts;
    experts[row] = refused ? 0 : static_cast<std::uint32_t>(expert);
    merge(sums, {route.depth, route.reals, route.reals, refused ? row : RouteSums::none});
}

/// Adds the sums of a block's threads to *sums. shared: one RouteSums per thread; threads: a power
/// of 2.
template<class Block>
MOE_DEVICE void add_sums(Block& block, typename Block::template PerThread<RouteSums>& own,
                         RouteSums* shared, RouteSums* sums) {
    block.each([&](unsigned thread) { shared[thread] = own[thread]; });
    for (unsigned half = block.threads() / 2; half > 0; half /= 2) {
        block.each([&](unsigned thread) {
            if (thread < half) merge(shared[thread], shared[thread + half]);
        });
    }
    block.each([&](unsigned thread) {
        if (thread != 0) return;
        block.atomic_max(&sums->depth_max, shared[0].depth_max);
        block.atomic_max(&sums->reals_max, shared[0].reals_max);
        block.atomic_add(&sums->reals_total, shared[0].reals_total);
        block.atomic_min(&sums->lowest_refused, shared[0].lowest_refused);
    });
}

struct RouteBatch {
    const double* inputs; ///< [batch][n]
    std::size_t batch;
    std::uint32_t* experts; ///< [batch]
    RouteSums* sums;        ///< cleared beforehand
};

/// Clears the sums, as a launch of one thread before either kernel.
template<class Block>
MOE_DEVICE void clear_sums(Block& block, RouteSums* sums) {
    block.each([&](unsigned thread) {
        if (thread == 0) clear(*sums);
    });
}

/// Shared memory of route_rows.
inline constexpr std::size_t route_rows_bytes = route_threads * sizeof(RouteSums);

/// Any rule, a thread per row: threads of the whole launch take rows in turn.
template<class Block>
MOE_DEVICE void route_rows(Block& block, const RouterRule& rule, const RouteBatch& rows) {
    typename Block::template PerThread<RouteSums> own(block);
    block.each([&](unsigned thread) {
        clear(own[thread]);
        const std::size_t step = std::size_t{block.count()} * block.threads();
        for (std::size_t row = std::size_t{block.index()} * block.threads() + thread;
             row < rows.batch; row += step) {
            const double* const x = rows.inputs + row * rule.dimension;
            settle(rule, route_row(rule, x), row, rows.experts, own[thread]);
        }
    });
    add_sums(block, own, reinterpret_cast<RouteSums*>(block.shared()), rows.sums);
}

} // namespace moe::cuda
