#pragma once
// Version 1: one thread per sample. The start of the ladder and the fallback for every
// architecture: sparse or dense, any width and depth.
//
// A thread runs all layers of its sample by itself, as the reference does, with activations in
// global memory, [unit][thread] of its block, so that neighbouring threads read neighbouring
// numbers. The threads of a block share the expert: a weight is one broadcast load.
// Per multiply-add: one broadcast load, one load of 4 bytes per thread and, at the end of a row, a
// store. 128 FMA lanes of a multiprocessor ask for 512 bytes of activations a cycle where the first
// level cache gives 128: at most a quarter of the peak, less as soon as 2 x widest x 128
// activations per block (64 KiB at width 64) leave that cache. Not measured on a device yet.

#include "forward/cuda/both.hpp"
#include "forward/cuda/descriptions.hpp"

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

/// Threads of a block, and samples of a tile.
inline constexpr unsigned v1_threads = 128;

/// Floats of workspace per block.
MOE_BOTH constexpr std::size_t v1_workspace(std::uint32_t widest) {
    return std::size_t{2} * widest * v1_threads;
}

/// One sample through one layer; activations of unit i stand at [i * v1_threads].
struct SampleStep {
    const LayerShape& layer;
    const float* parameters;
    bool hidden;
    const float* input;

    MOE_DEVICE float sum(std::uint32_t row) const {
        const float* const weights = parameters + layer.weight_offset;
        const float* const biases = parameters + layer.bias_offset;
        if (!layer.sparse) {
            const float* const own = weights + std::size_t{row} * layer.inputs;
            float sum = biases[row];
            for (std::uint32_t i = 0; i < layer.inputs; ++i) {
                sum = multiply_add(own[i], input[std::size_t{i} * v1_threads], sum);
            }
            return sum;
        }
        const std::int32_t bias = layer.bias_of[row];
        float sum = bias < 0 ? 0.0F : biases[bias];
        for (std::uint32_t k = layer.row_start[row]; k < layer.row_start[row + 1]; ++k) {
            sum = multiply_add(weights[k], input[std::size_t{layer.col[k]} * v1_threads], sum);
        }
        return sum;
    }

    MOE_DEVICE float output(std::uint32_t row) const {
        const float z = sum(row);
        if (!hidden || !(z < 0.0F)) return z; // NaN is not below 0, so it goes through
        return layer.slopes ? parameters[layer.slope_offset + row] * z : 0.0F;
    }
};

/// One sample through the expert; `input` and `next` are this thread's activations.
MOE_DEVICE inline void run_sample(const ExpertBatch& batch, std::uint32_t slot,
                                  std::uint32_t sample, float* input, float* next) {
    const ExpertShape& shape = batch.shape;
    const double* const x = batch.inputs + std::size_t{sample} * shape.inputs;
    for (std::uint32_t i = 0; i < shape.inputs; ++i) {
        input[std::size_t{i} * v1_threads] = static_cast<float>(x[i]);
    }
    float* const y = batch.outputs + std::size_t{sample} * shape.outputs;
    for (std::uint32_t j = 0; j < shape.depth; ++j) {
        const bool hidden = j + 1 < shape.depth;
        const SampleStep step{shape.layers[j], batch.parameters + std::size_t{slot} * batch.stride,
                              hidden, input};
        for (std::uint32_t row = 0; row < step.layer.outputs; ++row) {
            (hidden ? next[std::size_t{row} * v1_threads] : y[row]) = step.output(row);
        }
        float* const written = next;
        next = input;
        input = written;
    }
}

/// Blocks share out the tiles; workspace: v1_workspace(widest) floats per block.
template<class Block>
MOE_DEVICE void experts_v1(Block& block, const ExpertBatch& batch, float* workspace) {
    const std::size_t half = v1_workspace(batch.shape.widest) / 2;
    float* const input = workspace + 2 * half * block.index();
    for (std::uint32_t t = block.index(); t < batch.tile_count; t += block.count()) {
        const Tile tile = batch.tiles[t];
        block.each([&](unsigned thread) {
            if (thread >= tile.count) return;
            run_sample(batch, tile.slot, batch.samples[tile.first + thread], input + thread,
                       input + half + thread);
        });
    }
}

} // namespace moe::cuda
