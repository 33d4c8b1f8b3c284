#include "forward/cuda/batch_buffers.hpp"

#include "forward/cuda/launch.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace moe::cuda {

namespace {

/// Slices shorter than this leave most of a device idle; where they do not fit, nothing does.
constexpr std::size_t fewest_rows = 256;
/// The grouping on the device takes fewer than 2^31 rows.
constexpr std::size_t most_rows = std::numeric_limits<std::int32_t>::max();

} // namespace

BatchBuffers::BatchBuffers(const BatchNeeds& needs, std::uint64_t limit_bytes)
    : needs_(needs)
    , ledger_("the buffers of a batch", limit_bytes) {}

std::size_t BatchBuffers::most_tiles(std::size_t rows) const {
    return rows / tile_samples(needs_.version, needs_.shape, needs_.limits) +
           static_cast<std::size_t>(std::min<std::uint64_t>(rows, needs_.experts));
}

std::size_t BatchBuffers::reserve(std::size_t rows) {
    rows = std::min(rows, most_rows);
    while (rows > rows_) {
        if (rows >= refused_ && rows_ >= fewest_rows) return rows_;
        arrays_ = {}; // before the larger ones, not beside them
        rows_ = 0;
        try {
            arrays_ = allocate(rows);
            rows_ = rows;
        } catch (const DeviceMemoryError& error) {
            refused_ = std::min(refused_, rows);
            if (rows <= fewest_rows) {
                throw DeviceMemoryError(std::string(error.what()) + "; a slice of " +
                                        std::to_string(rows) +
                                        " inputs is the smallest that is tried");
            }
            rows = std::max(fewest_rows, rows / 2);
        }
    }
    return rows;
}

BatchBuffers::Arrays BatchBuffers::allocate(std::size_t rows) {
    const auto groups = static_cast<std::size_t>(std::min<std::uint64_t>(rows, needs_.experts));
    const auto tiles = static_cast<std::uint32_t>(
        std::min<std::size_t>(most_tiles(rows), std::numeric_limits<std::uint32_t>::max()));
    return {.inputs = {ledger_, rows * needs_.shape.inputs},
            .outputs = {ledger_, rows * needs_.shape.outputs},
            .experts = {ledger_, rows},
            .samples = {ledger_, rows},
            .touched = {ledger_, groups},
            .counts = {ledger_, groups},
            .touched_count = {ledger_, 1},
            .sums = {ledger_, 1},
            .tiles = {ledger_, tiles},
            .group_scratch = {ledger_, group_scratch_bytes(rows, needs_.experts)},
            .workspace = {ledger_,
                          workspace_bytes(needs_.version, needs_.shape, needs_.limits, tiles)}};
}

} // namespace moe::cuda
