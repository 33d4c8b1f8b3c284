#pragma once
// Version 2: one block per tile, the expert and the tile's activations in shared memory, a register
// tile per thread. Dense experts that fit.
//
// Against v1: a weight or an activation is read from shared memory once per register tile of 8
// samples x 4 outputs instead of once per multiply-add: 12 loads of 128 bits for 128 FMA
// (fused_layers.hpp), which the shared memory pipe sustains at two thirds of the peak at the worst.
// Activations never leave the multiprocessor: global memory gives the inputs, 8 n bytes per sample,
// the expert, 4 P bytes per tile, and takes 4 m bytes per sample. At 8-64-64-1 (P = 4801) a tile of
// 128 samples does 1.2 MFLOP, 4.8 thousand cycles of FMA, for 19 + 8 KiB: 44 FLOP per byte, so 67
// TFLOP/s need 1.5 TB/s, a third of what the data sheet of an H200 gives its memory. A tile of 16
// samples has 7 FLOP per byte if its expert comes from memory: then bytes are the bound, not FMA.
// What remains: a block waits for its expert and its inputs before the first FMA; only the other
// blocks of the multiprocessor (one more at width 64) hide that. Not measured on a device yet.

#include "forward/cuda/fused_layers.hpp"

namespace moe::cuda {

/// Shared memory: the expert, then two buffers of activations for `samples` (a multiple of 8).
struct TileMemory {
    std::size_t weights; ///< floats of the expert
    unsigned samples;    ///< largest count of a tile
    unsigned widest;

    /// Floats of one buffer of activations.
    MOE_BOTH std::size_t activations() const {
        return std::size_t{round_up(widest, 4)} * activation_stride(samples);
    }
    MOE_BOTH std::size_t bytes() const { return (weights + 2 * activations()) * sizeof(float); }
};

template<class Block>
MOE_DEVICE void experts_v2(Block& block, const ExpertBatch& batch, const TileMemory& layout) {
    const Tile tile = batch.tiles[block.index()];
    auto* const shared = reinterpret_cast<float*>(block.shared());
    const FusedMemory memory{shared, shared + layout.weights,
                             shared + layout.weights + layout.activations()};
    const std::uint32_t* const rows = batch.samples + tile.first;
    const unsigned n = batch.shape.inputs;
    block.each([&](unsigned thread) {
        stage_expert(thread, block.threads(), batch.shape,
                     batch.parameters + std::size_t{tile.slot} * batch.stride, memory.weights,
                     PlainCopy{});
        stage_inputs(thread, block.threads(), n, tile.count, activation_stride(layout.samples),
                     memory.input,
                     [&](unsigned s) { return batch.inputs + std::size_t{rows[s]} * n; });
    });
    run_layers(block, batch, tile, memory, layout.samples, rows, [](unsigned /*thread*/) {});
}

} // namespace moe::cuda
