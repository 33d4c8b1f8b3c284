#pragma once
// Version 3: persistent blocks. As many blocks as the device holds at once, each with a contiguous
// share of the list of tiles; the expert stays in shared memory while the tiles that follow are its
// own.
//
// Against v2: with c tiles per expert the 4 P bytes of an expert are fetched once per block that
// meets it instead of c times, and blocks are not started and drained for 4.8 thousand cycles of
// FMA each (128 samples at 8-64-64-1). Shares are equal in tiles, and tiles are cut evenly
// (cut_tiles), so the last block ends about a tile after the first; a counter in global memory
// would balance no better and break up runs of one expert.
// What remains: between two tiles a block waits for inputs, or for the next expert. Not measured on
// a device yet.

#include "forward/cuda/experts_v2.hpp"

namespace moe::cuda {

/// Tiles first .. last of a persistent block: shares differ by one tile at most.
struct TileShare {
    std::uint32_t first;
    std::uint32_t last;
};

template<class Block>
MOE_DEVICE TileShare tile_share(const Block& block, std::uint32_t tiles) {
    const std::uint64_t wide = tiles;
    return {static_cast<std::uint32_t>(wide * block.index() / block.count()),
            static_cast<std::uint32_t>(wide * (block.index() + 1) / block.count())};
}

template<class Block>
MOE_DEVICE void experts_v3(Block& block, const ExpertBatch& batch, const TileMemory& layout) {
    auto* const shared = reinterpret_cast<float*>(block.shared());
    const FusedMemory memory{shared, shared + layout.weights,
                             shared + layout.weights + layout.activations()};
    const unsigned n = batch.shape.inputs;
    const TileShare share = tile_share(block, batch.tile_count);
    for (std::uint32_t t = share.first; t < share.last; ++t) {
        const Tile tile = batch.tiles[t];
        const bool known = t > share.first && batch.tiles[t - 1].slot == tile.slot;
        const std::uint32_t* const rows = batch.samples + tile.first;
        block.each([&](unsigned thread) {
            if (!known) {
                stage_expert(thread, block.threads(), batch.shape,
                             batch.parameters + std::size_t{tile.slot} * batch.stride,
                             memory.weights, PlainCopy{});
            }
            stage_inputs(thread, block.threads(), n, tile.count, activation_stride(layout.samples),
                         memory.input,
                         [&](unsigned s) { return batch.inputs + std::size_t{rows[s]} * n; });
        });
        run_layers(block, batch, tile, memory, layout.samples, rows, [](unsigned /*thread*/) {});
    }
}

} // namespace moe::cuda
