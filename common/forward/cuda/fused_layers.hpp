#pragma once
// What the kernels v2, v3 and v4 share: an expert in shared memory, and one layer of it on a tile
// of samples.
//
// Layout. Activations lie [unit][sample]: a thread reads 8 neighbouring samples of one unit by two
// 128-bit loads. Weights lie [output][input] as in the parameters, a row padded to an odd number of
// 16-byte words: then 8 neighbouring threads that read the same four inputs of 8 neighbouring
// outputs touch all 32 banks once. The activations' rows are padded in the same way for their
// stores. A layer's inputs are filled up to a multiple of 4 with zero weights and zero activations
// (zero on both sides: 0 x NaN would be NaN), so the loop over inputs has no tail.
//
// Register tile. A thread sums 8 samples x 4 outputs over four inputs at a time: 4 + 8 loads of
// 128 bits for 128 FMA. A warp's FMA take 128 issue slots of one of the four schedulers, 32 cycles
// of the multiprocessor where all four have work; its 12 loads take 12 (all neighbours broadcast)
// to 48 cycles (none) of the one shared memory pipe, 128 bytes a cycle. In a warp neighbouring
// threads have neighbouring outputs and 2 to 4 groups of samples, so each load asks for 32 to 256
// distinct bytes: 12 to 20 cycles where the hardware merges equal addresses, and at the worst two
// thirds of the peak. Where a tile has too few sums to occupy the threads, they take 4 x 2 or 1
// x 1.

#include "forward/cuda/both.hpp"
#include "forward/cuda/descriptions.hpp"

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

/// Threads of a block of v2..v4, at most.
inline constexpr unsigned fused_threads = 256;

/// Floats from row to row of a layer's weights in shared memory.
MOE_BOTH constexpr unsigned weight_stride(unsigned inputs) {
    return 4 * (ceil_div(inputs, 4) | 1U);
}
/// Floats from unit to unit of the activations of a tile of up to `samples`, a multiple of 8.
MOE_BOTH constexpr unsigned activation_stride(unsigned samples) {
    return samples + 4;
}
/// Floats that a layer takes in shared memory, a multiple of 4.
MOE_BOTH inline std::size_t shared_floats(const LayerShape& layer) {
    const std::size_t row = weight_stride(layer.inputs) + (layer.slopes ? 2 : 1);
    return (layer.outputs * row + 3) / 4 * 4;
}

/// A layer in shared memory: weights [outputs][stride], biases [outputs], slopes.
struct SharedLayer {
    float* weights;
    unsigned stride;
    float* biases;
    float* slopes; ///< nullptr where there are none
    unsigned inputs;
    unsigned outputs;
};

MOE_DEVICE inline SharedLayer shared_layer(const LayerShape& layer, float* at) {
    const unsigned stride = weight_stride(layer.inputs);
    float* const biases = at + std::size_t{layer.outputs} * stride;
    return {at,           stride,       biases, layer.slopes ? biases + layer.outputs : nullptr,
            layer.inputs, layer.outputs};
}

/// Copies by ordinary loads and stores, for stage_layer.
struct PlainCopy {
    MOE_DEVICE void one(float* to, const float* from) const { *to = *from; }
    MOE_DEVICE void four(float* to, const float* from) const { store_four(to, load_four(from)); }
};

/// This thread's share of bringing one layer to shared memory. parameters: of the expert, 16-byte
/// aligned.
template<class Copy>
MOE_DEVICE void stage_layer(unsigned thread, unsigned threads, const LayerShape& layer,
                            const float* parameters, const SharedLayer& to, const Copy& copy) {
    const float* const weights = parameters + layer.weight_offset;
    const unsigned inputs = layer.inputs;
    if (inputs % 4 == 0 && layer.weight_offset % 4 == 0) {
        const unsigned words = inputs / 4;
        for (unsigned e = thread; e < layer.outputs * words; e += threads) {
            copy.four(to.weights + e / words * to.stride + e % words * 4,
                      weights + std::size_t{4} * e);
        }
    } else {
        for (unsigned e = thread; e < layer.outputs * inputs; e += threads) {
            copy.one(to.weights + e / inputs * to.stride + e % inputs, weights + e);
        }
        const unsigned spare = round_up(inputs, 4) - inputs;
        for (unsigned e = thread; e < layer.outputs * spare; e += threads) {
            to.weights[e / spare * to.stride + inputs + e % spare] = 0.0F;
        }
    }
    for (unsigned row = thread; row < layer.outputs; row += threads) {
        copy.one(to.biases + row, parameters + layer.bias_offset + row);
        if (layer.slopes) copy.one(to.slopes + row, parameters + layer.slope_offset + row);
    }
}

/// The whole expert, its layers one after the other from `shared` on.
template<class Copy>
MOE_DEVICE void stage_expert(unsigned thread, unsigned threads, const ExpertShape& shape,
                             const float* parameters, float* shared, const Copy& copy) {
    for (std::uint32_t j = 0; j < shape.depth; ++j) {
        const LayerShape& layer = shape.layers[j];
        stage_layer(thread, threads, layer, parameters, shared_layer(layer, shared), copy);
        shared += shared_floats(layer);
    }
}

/// This thread's share of a tile's inputs: float32, [unit][sample], unused units zero. row(s) gives
/// the n float64 numbers of sample s < count.
template<class Row>
MOE_DEVICE void stage_inputs(unsigned thread, unsigned threads, unsigned n, unsigned count,
                             unsigned stride, float* activations, const Row& row) {
    for (unsigned e = thread; e < n * count; e += threads) {
        activations[e % n * stride + e / n] = static_cast<float>(row(e / n)[e % n]);
    }
    const unsigned spare = round_up(n, 4) - n;
    for (unsigned e = thread; e < spare * stride; e += threads) {
        activations[n * stride + e] = 0.0F;
    }
}

/// S samples x O outputs: sum[o][s] += weights[rows[o] + i] activations[i][s], i ascending.
template<unsigned S, unsigned O>
MOE_DEVICE void add_products(float (&sum)[O][S], const float* weights, const unsigned (&rows)[O],
                             const float* activations, unsigned stride, unsigned inputs) {
    for (unsigned i = 0; i < inputs; i += 4) {
        Four w[O];
        MOE_UNROLL
        for (unsigned o = 0; o < O; ++o) {
            w[o] = load_four(weights + rows[o] + i);
        }
        MOE_UNROLL
        for (unsigned k = 0; k < 4; ++k) {
            float x[S];
            const float* const unit = activations + (i + k) * stride;
            if constexpr (S % 4 == 0) {
                MOE_UNROLL
                for (unsigned s = 0; s < S; s += 4) {
                    const Four four = load_four(unit + s);
                    MOE_UNROLL
                    for (unsigned l = 0; l < 4; ++l) {
                        x[s + l] = four.at[l];
                    }
                }
            } else {
                MOE_UNROLL
                for (unsigned s = 0; s < S; ++s) {
                    x[s] = unit[s];
                }
            }
            MOE_UNROLL
            for (unsigned o = 0; o < O; ++o) {
                MOE_UNROLL
                for (unsigned s = 0; s < S; ++s) {
                    sum[o][s] = multiply_add(w[o].at[k], x[s], sum[o][s]);
                }
            }
        }
    }
}

/// The (P)ReLU of a hidden unit; NaN is not below 0, so it goes through.
MOE_DEVICE inline float bend(float z, const float* slope) {
    if (!(z < 0.0F)) return z;
    return slope != nullptr ? *slope * z : 0.0F;
}

/// One layer on one tile, as a phase.
struct TileStep {
    SharedLayer layer;
    bool hidden;
    const float* input; ///< [round_up(inputs, 4)][stride]
    float* next;        ///< hidden: [round_up(outputs, 4)][stride]
    unsigned stride;
    unsigned count;            ///< samples
    const std::uint32_t* rows; ///< last layer: where in the batch the samples stand
    float* outputs;            ///< last layer: [B][m]

    template<unsigned S>
    MOE_DEVICE void finish(unsigned o, unsigned first, const float (&sum)[S]) const {
        if (!hidden) {
            MOE_UNROLL
            for (unsigned s = 0; s < S; ++s) {
                if (first + s >= count) continue;
                outputs[std::size_t{rows[first + s]} * layer.outputs + o] = sum[s];
            }
            return;
        }
        const float* const slope = layer.slopes != nullptr ? layer.slopes + o : nullptr;
        float* const to = next + o * stride + first;
        if constexpr (S % 4 == 0) {
            MOE_UNROLL
            for (unsigned s = 0; s < S; s += 4) {
                store_four(to + s, {bend(sum[s], slope), bend(sum[s + 1], slope),
                                    bend(sum[s + 2], slope), bend(sum[s + 3], slope)});
            }
        } else {
            MOE_UNROLL
            for (unsigned s = 0; s < S; ++s) {
                to[s] = bend(sum[s], slope);
            }
        }
    }

    /// Register tiles of S samples x O outputs, shared out to the threads.
    template<unsigned S, unsigned O>
    MOE_DEVICE void register_tiles(unsigned thread, unsigned threads) const {
        const unsigned columns = ceil_div(layer.outputs, O);
        const unsigned tiles = columns * ceil_div(count, S);
        for (unsigned tile = thread; tile < tiles; tile += threads) {
            // Neighbouring threads: neighbouring outputs, so those of one thread lie apart.
            const unsigned column = tile % columns;
            const unsigned first = tile / columns * S;
            unsigned row[O];
            float sum[O][S];
            MOE_UNROLL
            for (unsigned o = 0; o < O; ++o) {
                const unsigned output = smaller(column + o * columns, layer.outputs - 1);
                row[o] = output * layer.stride;
                MOE_UNROLL
                for (unsigned s = 0; s < S; ++s) {
                    sum[o][s] = layer.biases[output];
                }
            }
            add_products<S, O>(sum, layer.weights, row, input + first, stride, layer.inputs);
            MOE_UNROLL
            for (unsigned o = 0; o < O; ++o) {
                if (column + o * columns < layer.outputs) {
                    finish<S>(column + o * columns, first, sum[o]);
                }
            }
        }
    }

    MOE_DEVICE void run(unsigned thread, unsigned threads) const {
        const unsigned sums = count * layer.outputs;
        if (sums > 8 * threads) {
            register_tiles<8, 4>(thread, threads);
        } else if (sums > 2 * threads) {
            register_tiles<4, 2>(thread, threads);
        } else {
            register_tiles<1, 1>(thread, threads);
        }
        if (!hidden) return;
        const unsigned spare = round_up(layer.outputs, 4) - layer.outputs;
        for (unsigned e = thread; e < spare * stride; e += threads) {
            next[layer.outputs * stride + e] = 0.0F;
        }
    }
};

/// Where a block of v2..v4 keeps things in its shared memory.
struct FusedMemory {
    float* weights;
    float* input; ///< activations of the layer in hand
    float* next;  ///< and of the one after it
};

/// All layers on one tile whose inputs stand in memory.input; a phase per layer.
/// `meanwhile(thread)` is run by each thread at the beginning of the first.
template<class Block, class Meanwhile>
MOE_DEVICE void run_layers(Block& block, const ExpertBatch& batch, const Tile& tile,
                           FusedMemory memory, unsigned samples, const std::uint32_t* rows,
                           const Meanwhile& meanwhile) {
    for (std::uint32_t j = 0; j < batch.shape.depth; ++j) {
        const LayerShape& layer = batch.shape.layers[j];
        const TileStep step{.layer = shared_layer(layer, memory.weights),
                            .hidden = j + 1 < batch.shape.depth,
                            .input = memory.input,
                            .next = memory.next,
                            .stride = activation_stride(samples),
                            .count = tile.count,
                            .rows = rows,
                            .outputs = batch.outputs};
        block.each([&](unsigned thread) {
            if (j == 0) meanwhile(thread);
            step.run(thread, block.threads());
        });
        memory.weights += shared_floats(layer);
        float* const written = memory.next;
        memory.next = memory.input;
        memory.input = written;
    }
}

} // namespace moe::cuda
