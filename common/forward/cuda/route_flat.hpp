#pragma once
// The flat search for many prototypes: a block compares 64 rows with 64 prototypes at a time.
//
// A thread per row would read every prototype by itself: 8 bytes per subtraction, multiplication
// and addition. Here a thread sums 4 x 4 squared distances in registers from slices of 8 axes in
// shared memory: 8 loads of 8 bytes for 16 sums (48 operations of float64, of which a
// multiprocessor of compute capability 9.0 does 64 a cycle). Each sum runs over the axes in order,
// so the distances are those of FlatPrototypes::route, bit for bit. Not measured on a device yet.

#include "forward/cuda/route_kernels.hpp"

namespace moe::cuda {

inline constexpr unsigned flat_side = 16; ///< threads of a block are flat_side x flat_side
inline constexpr unsigned flat_each = 4;  ///< rows, and prototypes, of a thread
inline constexpr unsigned flat_slice = 8; ///< axes in shared memory at a time
/// Rows of a block, and prototypes that it looks at together.
inline constexpr unsigned flat_rows = flat_side * flat_each;
static_assert(flat_side * flat_side == route_threads);

/// Shared memory of a block: slices of both sides, then what its threads found, then their sums.
// NOLINTBEGIN(cppcoreguidelines-pro-type-union-access): phases use the same shared memory in turn
union FlatMemory {
    struct {
        double rows[flat_slice][flat_rows + 1]; // odd rows: no two of a column's axes in one bank
        double prototypes[flat_slice][flat_rows + 1];
    } slices;
    Nearest found[flat_rows][flat_side];
    RouteSums sums[route_threads];
};
inline constexpr std::size_t flat_bytes = sizeof(FlatMemory);

template<class Block>
class FlatSearch {
  public:
    MOE_DEVICE FlatSearch(Block& block, const RouterRule& rule, const RouteBatch& batch)
        : block_(block)
        , rule_(rule)
        , batch_(batch)
        , memory_(*reinterpret_cast<FlatMemory*>(block.shared()))
        , nearest_(block)
        , distances_(block)
        , sums_(block) {}

    /// Blocks share out the rows, 64 at a time.
    MOE_DEVICE void run() {
        block_.each([&](unsigned thread) { clear(sums_[thread]); });
        const std::size_t step = std::size_t{block_.count()} * flat_rows;
        for (std::size_t first = std::size_t{block_.index()} * flat_rows; first < batch_.batch;
             first += step) {
            search(first);
        }
        add_sums(block_, sums_, memory_.sums, batch_.sums);
    }

  private:
    struct Own {
        Nearest of[flat_each];
    };
    struct Distances {
        double of[flat_each][flat_each];
    };

    MOE_DEVICE void search(std::size_t first) {
        block_.each([&](unsigned thread) {
            for (Nearest& nearest : nearest_[thread].of) {
                nearest.reset();
            }
        });
        for (std::uint64_t from = 0; from < rule_.prototype_count; from += flat_rows) {
            compare(first, from);
        }
        block_.each([&](unsigned thread) {
            for (unsigned r = 0; r < flat_each; ++r) {
                memory_.found[thread / flat_side + r * flat_side][thread % flat_side] =
                    nearest_[thread].of[r];
            }
        });
        block_.each([&](unsigned thread) {
            if (thread >= flat_rows || first + thread >= batch_.batch) return;
            Nearest nearest = memory_.found[thread][0];
            for (unsigned k = 1; k < flat_side; ++k) {
                nearest.merge(memory_.found[thread][k]);
            }
            settle(rule_, flat_route(rule_, nearest.prototype), first + thread, batch_.experts,
                   sums_[thread]);
        });
    }

    /// The block's rows with the prototypes from .. from + 64.
    MOE_DEVICE void compare(std::size_t first, std::uint64_t from) {
        for (std::uint32_t axis = 0; axis < rule_.dimension; axis += flat_slice) {
            const unsigned axes = smaller(rule_.dimension - axis, flat_slice);
            block_.each([&](unsigned thread) {
                load(thread, first, from, axis, axes);
                if (axis != 0) return;
                for (auto& of_row : distances_[thread].of) {
                    for (double& distance : of_row) {
                        distance = 0.0;
                    }
                }
            });
            block_.each([&](unsigned thread) { add_axes(thread, axes); });
        }
        block_.each([&](unsigned thread) {
            MOE_UNROLL
            for (unsigned r = 0; r < flat_each; ++r) {
                MOE_UNROLL
                for (unsigned p = 0; p < flat_each; ++p) {
                    const std::uint64_t prototype = from + thread % flat_side + p * flat_side;
                    nearest_[thread].of[r].see(distances_[thread].of[r][p], prototype);
                }
            }
        });
    }

    /// Rows and prototypes beyond the last repeat it: nobody asks for such a row, and such a
    /// prototype loses the tie with the one that it repeats.
    MOE_DEVICE void load(unsigned thread, std::size_t first, std::uint64_t from, std::uint32_t axis,
                         unsigned axes) const {
        const std::size_t n = rule_.dimension;
        for (unsigned e = thread; e < flat_rows * axes; e += route_threads) {
            const unsigned k = e / axes;
            const std::size_t at = axis + e % axes;
            const std::size_t row = first + k < batch_.batch ? first + k : batch_.batch - 1;
            const std::uint64_t prototype =
                from + k < rule_.prototype_count ? from + k : rule_.prototype_count - 1;
            memory_.slices.rows[e % axes][k] = batch_.inputs[row * n + at];
            memory_.slices.prototypes[e % axes][k] = rule_.prototypes[prototype * n + at];
        }
    }

    MOE_DEVICE void add_axes(unsigned thread, unsigned axes) {
        for (unsigned i = 0; i < axes; ++i) {
            double x[flat_each];
            double prototype[flat_each];
            MOE_UNROLL
            for (unsigned k = 0; k < flat_each; ++k) {
                x[k] = memory_.slices.rows[i][thread / flat_side + k * flat_side];
                prototype[k] = memory_.slices.prototypes[i][thread % flat_side + k * flat_side];
            }
            MOE_UNROLL
            for (unsigned r = 0; r < flat_each; ++r) {
                MOE_UNROLL
                for (unsigned p = 0; p < flat_each; ++p) {
                    const double difference = x[r] - prototype[p];
                    distances_[thread].of[r][p] += difference * difference;
                }
            }
        }
    }

    Block& block_;
    const RouterRule& rule_;
    const RouteBatch& batch_;
    FlatMemory& memory_;
    typename Block::template PerThread<Own> nearest_;
    typename Block::template PerThread<Distances> distances_;
    typename Block::template PerThread<RouteSums> sums_;
};

template<class Block>
MOE_DEVICE void route_flat(Block& block, const RouterRule& rule, const RouteBatch& batch) {
    FlatSearch<Block>(block, rule, batch).run();
}

// NOLINTEND(cppcoreguidelines-pro-type-union-access)

} // namespace moe::cuda
