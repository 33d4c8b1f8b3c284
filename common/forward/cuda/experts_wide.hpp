#pragma once
// Wide experts: layer by layer, as a grouped matrix product over the tiles. For dense experts whose
// parameters do not fit into shared memory.
//
// A launch per layer; a block has one tile of 128 samples and 64 of the layer's outputs, 128
// threads with 8 x 8 sums each. Against v2..v4 activations pass through global memory, 8 bytes per
// unit and sample, for which a layer of width w does 2 w FLOP: 64 FLOP per byte at width 256, and
// what one layer wrote the next finds in the second level cache (plan.cpp cuts the list of tiles to
// that end). Activations lie [tile][unit][sample], so that they are copied to shared memory as they
// are.
// The products go in steps of 16 inputs. While a step is multiplied, asynchronous copies bring the
// next one, so a step has one barrier. Per 4 inputs a thread loads 8 + 8 words of 128 bits for 256
// FMA: 16 to 64 cycles of the shared memory pipe against 64 of the FMA lanes. From global memory a
// step brings (128 + 64) x 16 floats for 2 x 128 x 64 x 16 FLOP: 21 FLOP per byte, 3.1 TB/s for 67
// TFLOP/s, two thirds of what the data sheet of an H200 gives its memory, and most of it is in the
// cache: the blocks of one tile read the same activations, those of one expert the same weights.
// A layer of at most 8 outputs takes blocks of 128 x 8, one sample per thread: a block of 64
// outputs would cost as much for one as for 64. Not measured on a device yet.

#include "forward/cuda/fused_layers.hpp"

namespace moe::cuda {

/// Samples of a tile.
inline constexpr unsigned wide_samples = 128;
/// Threads of a block.
inline constexpr unsigned wide_threads = 128;

/// Floats of one buffer of activations, per tile.
MOE_BOTH constexpr std::size_t wide_activations(std::uint32_t widest) {
    return std::size_t{wide_samples} * widest;
}

/// The inputs of a tile, one block each: float32, [unit][sample] in `activations` of the tile.
template<class Block>
MOE_DEVICE void wide_inputs(Block& block, const ExpertBatch& batch, float* activations) {
    const Tile tile = batch.tiles[block.index()];
    const unsigned n = batch.shape.inputs;
    const std::uint32_t* const rows = batch.samples + tile.first;
    float* const to = activations + wide_activations(batch.shape.widest) * block.index();
    block.each([&](unsigned thread) {
        // Neighbouring threads have neighbouring samples: the stores are coalesced, and the loads
        // of a row, n steps of one thread, stay in the first level cache.
        if (thread >= tile.count) return;
        const double* const x = batch.inputs + std::size_t{rows[thread]} * n;
        for (unsigned i = 0; i < n; ++i) {
            to[i * wide_samples + thread] = static_cast<float>(x[i]);
        }
    });
}

/// One layer: where it reads and writes. The last layer writes to the batch's outputs.
struct WideStep {
    std::uint32_t layer;
    const float* input; ///< [tile][unit][sample]
    float* next;
};

/// A block's threads: wide_threads / columns by columns, each with S samples x O outputs.
template<unsigned S, unsigned O, unsigned columns_>
struct WideTiling {
    static constexpr unsigned samples = S;
    static constexpr unsigned outputs = O;
    static constexpr unsigned columns = columns_;
    static constexpr unsigned outputs_per_block = columns * O;
    static_assert(wide_threads / columns * S == wide_samples);

    static constexpr unsigned depth = 16; ///< inputs of a step
    /// A row of 16 weights is padded to an odd number of 16-byte words (fused_layers.hpp).
    static constexpr unsigned row = weight_stride(depth);
    static constexpr unsigned stage_floats = depth * wide_samples + outputs_per_block * row;
    static constexpr std::size_t shared_bytes = 2 * stage_floats * sizeof(float);

    MOE_BOTH static constexpr unsigned blocks_per_tile(unsigned layer_outputs) {
        return ceil_div(layer_outputs, outputs_per_block);
    }
};
using WideTiles = WideTiling<8, 8, 8>;
using NarrowTiles = WideTiling<1, 8, 1>;

template<class Block, class Tiling>
class WideLayer {
  public:
    MOE_DEVICE WideLayer(Block& block, const ExpertBatch& batch, const WideStep& step)
        : block_(block)
        , batch_(batch)
        , step_(step)
        , layer_(batch.shape.layers[step.layer])
        , tile_index_(block.index() / Tiling::blocks_per_tile(layer_.outputs))
        , first_output_(block.index() % Tiling::blocks_per_tile(layer_.outputs) * outputs_per_block)
        , tile_(batch.tiles[tile_index_])
        , parameters_(batch.parameters + std::size_t{tile_.slot} * batch.stride)
        , input_(step.input + wide_activations(batch.shape.widest) * tile_index_) {}

    MOE_DEVICE void run() {
        typename Block::template PerThread<Sums> sums(block_);
        block_.each([&](unsigned thread) {
            start(thread, sums[thread]);
            fetch(thread, 0);
            block_.wait_for_copies(thread);
        });
        for (unsigned at = 0; at < layer_.inputs; at += depth) {
            block_.each([&](unsigned thread) {
                if (at + depth < layer_.inputs) fetch(thread, at + depth);
                multiply(thread, at, sums[thread]);
                block_.wait_for_copies(thread);
            });
        }
        block_.each([&](unsigned thread) { finish(thread, sums[thread]); });
    }

  private:
    static constexpr unsigned S = Tiling::samples;
    static constexpr unsigned O = Tiling::outputs;
    static constexpr unsigned columns = Tiling::columns;
    static constexpr unsigned depth = Tiling::depth;
    static constexpr unsigned row = Tiling::row;
    static constexpr unsigned outputs_per_block = Tiling::outputs_per_block;
    struct Sums {
        float of[O][S];
    };

    MOE_DEVICE unsigned column(unsigned thread) const { return thread % columns; }
    MOE_DEVICE unsigned first_sample(unsigned thread) const { return thread / columns * S; }
    MOE_DEVICE unsigned output(unsigned thread, unsigned o) const {
        return first_output_ + column(thread) + o * columns;
    }
    /// Shared memory of a step: activations [depth][samples], weights [outputs][row]; two places.
    MOE_DEVICE float* stage(unsigned at) const {
        return reinterpret_cast<float*>(block_.shared()) + at / depth % 2 * Tiling::stage_floats;
    }

    MOE_DEVICE void start(unsigned thread, Sums& sums) const {
        MOE_UNROLL
        for (unsigned o = 0; o < O; ++o) {
            const unsigned unit = smaller(output(thread, o), layer_.outputs - 1);
            const float bias = parameters_[layer_.bias_offset + unit];
            MOE_UNROLL
            for (unsigned s = 0; s < S; ++s) {
                sums.of[o][s] = bias;
            }
        }
    }

    /// Issues the copies of inputs at .. at + depth and their weights; zeros beyond the layer.
    MOE_DEVICE void fetch(unsigned thread, unsigned at) const {
        float* const activations = stage(at);
        constexpr unsigned words = wide_samples / 4;
        for (unsigned e = thread; e < depth * words; e += wide_threads) {
            float* const to = activations + std::size_t{4} * e;
            const unsigned unit = at + e / words;
            if (unit < layer_.inputs) {
                block_.template copy_async<16>(thread, to,
                                               input_ + unit * wide_samples + e % words * 4);
            } else {
                store_four(to, Four{});
            }
        }
        fetch_weights(thread, at, activations + depth * wide_samples);
        block_.commit_copies(thread);
    }

    MOE_DEVICE void fetch_weights(unsigned thread, unsigned at, float* to) const {
        const float* const weights = parameters_ + layer_.weight_offset + at;
        const unsigned rows = smaller(layer_.outputs - first_output_, outputs_per_block);
        const unsigned there = smaller(layer_.inputs - at, depth);
        if (layer_.inputs % 4 == 0 && layer_.weight_offset % 4 == 0) {
            for (unsigned e = thread; e < rows * (depth / 4); e += wide_threads) {
                const unsigned i = e % (depth / 4) * 4;
                float* const word = to + e / (depth / 4) * row + i;
                if (i < there) {
                    block_.template copy_async<16>(thread, word,
                                                   weights + weight(e / (depth / 4)) + i);
                } else {
                    store_four(word, Four{});
                }
            }
            return;
        }
        for (unsigned e = thread; e < rows * depth; e += wide_threads) {
            const unsigned i = e % depth;
            float* const word = to + e / depth * row + i;
            if (i < there) {
                block_.template copy_async<4>(thread, word, weights + weight(e / depth) + i);
            } else {
                *word = 0.0F;
            }
        }
    }
    /// Where the weights of the block's output o begin.
    MOE_DEVICE std::size_t weight(unsigned o) const {
        return std::size_t{first_output_ + o} * layer_.inputs;
    }

    MOE_DEVICE void multiply(unsigned thread, unsigned at, Sums& sums) const {
        const float* const activations = stage(at);
        const unsigned rows_there = smaller(layer_.outputs - first_output_, outputs_per_block);
        unsigned rows[O];
        MOE_UNROLL
        for (unsigned o = 0; o < O; ++o) {
            rows[o] = smaller(column(thread) + o * columns, rows_there - 1) * row;
        }
        add_products<S, O>(sums.of, activations + depth * wide_samples, rows,
                           activations + first_sample(thread), wide_samples,
                           smaller(round_up(layer_.inputs - at, 4), depth));
    }

    MOE_DEVICE void finish(unsigned thread, const Sums& sums) const {
        const bool hidden = step_.layer + 1 < batch_.shape.depth;
        const float* const slopes = layer_.slopes ? parameters_ + layer_.slope_offset : nullptr;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): slopes are only read
        const TileStep to{.layer = {nullptr, 0, nullptr, const_cast<float*>(slopes), layer_.inputs,
                                    layer_.outputs},
                          .hidden = hidden,
                          .input = nullptr,
                          .next = step_.next + wide_activations(batch_.shape.widest) * tile_index_,
                          .stride = wide_samples,
                          .count = tile_.count,
                          .rows = batch_.samples + tile_.first,
                          .outputs = batch_.outputs};
        MOE_UNROLL
        for (unsigned o = 0; o < O; ++o) {
            if (output(thread, o) >= layer_.outputs) continue;
            to.template finish<S>(output(thread, o), first_sample(thread), sums.of[o]);
        }
    }

    Block& block_;
    const ExpertBatch& batch_;
    const WideStep& step_;
    const LayerShape& layer_;
    unsigned tile_index_;
    unsigned first_output_;
    Tile tile_;
    const float* parameters_;
    const float* input_;
};

template<class Tiling, class Block>
MOE_DEVICE void wide_layer(Block& block, const ExpertBatch& batch, const WideStep& step) {
    WideLayer<Block, Tiling>(block, batch, step).run();
}

/// Outputs up to which a layer takes the narrow blocks.
inline constexpr std::uint32_t narrow_outputs = 8;

} // namespace moe::cuda
