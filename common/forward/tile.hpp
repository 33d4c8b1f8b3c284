#pragma once
// One expert on a tile of W samples. Activations lie [unit][W]: a lane is a sample, so one weight
// is loaded once and multiplied into W neighbouring numbers, dense and sparse layers vectorise the
// same way, and no lane's sum ever mixes with another's: each sample is summed in the order of the
// reference, at every W. A tile is a number of machine vectors known at compile time; both are
// written out as types, since g++ 12 and clang++ 14 spill plain arrays of sums to memory (factor 3
// to 5, see tests/bench/bench_forward.cpp).

#include "models/architecture.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

namespace moe {

/// Bytes of one machine vector: what every x86-64 and AArch64 processor has.
inline constexpr std::size_t vector_bytes = 16;

/// Numbers in one machine vector.
template<class T>
inline constexpr std::size_t vector_lanes = vector_bytes / sizeof(T);

/// V machine vectors side by side: one activation of a tile of V * vector_lanes<T> samples.
template<class T, std::size_t V>
class Lanes {
  public:
    static constexpr std::size_t width = V * vector_lanes<T>;

    [[nodiscard]] static Lanes all(T value) {
        Lanes lanes;
        for (Vector& vector : lanes.vectors_) {
            vector = Vector{} + value;
        }
        return lanes;
    }
    [[nodiscard]] static Lanes load(const T* from) {
        Lanes lanes;
        for (std::size_t v = 0; v < V; ++v) {
            std::memcpy(&lanes.vectors_[v], from + v * vector_lanes<T>, vector_bytes);
        }
        return lanes;
    }
    void store(T* to) const {
        for (std::size_t v = 0; v < V; ++v) {
            std::memcpy(to + v * vector_lanes<T>, &vectors_[v], vector_bytes);
        }
    }
    void add_product(T weight, const Lanes& x) {
        for (std::size_t v = 0; v < V; ++v) {
            vectors_[v] += weight * x.vectors_[v];
        }
    }
    /// slope z where z < 0, else z. NaN is not below 0: it goes through.
    void bend(T slope) {
        for (Vector& z : vectors_) {
            z = z < T(0) ? slope * z : z;
        }
    }
    /// 0 where z < 0, else z.
    void rectify() {
        for (Vector& z : vectors_) {
            z = z < T(0) ? Vector{} : z;
        }
    }

  private:
    using Vector [[gnu::vector_size(vector_bytes)]] = T;
    Vector vectors_[V]; // std::array<Vector, V> would drop the attribute in g++
};

/// One layer on one tile: input [inputs][W], output [outputs][W], parameters [P] of the expert.
template<class T, std::size_t V>
struct TileLayer {
    const Layer& layer;
    const T* parameters;
    bool hidden;
    const T* input;
    T* output;

    using Sum = Lanes<T, V>;
    /// Rows of a dense layer summed side by side: one load of an activation serves several
    /// weights, and independent sums hide the latency of the additions. With V vectors a row, the
    /// sums take 8 of the 16 vector registers.
    static constexpr std::size_t rows_at_once = 8 / V;

    void finish(std::size_t row, Sum& sum) const {
        if (hidden && layer.slopes) {
            sum.bend(parameters[layer.slope_offset + row]);
        } else if (hidden) {
            sum.rectify();
        }
        sum.store(output + row * Sum::width);
    }

    template<std::size_t R>
    void dense_rows(std::size_t row) const {
        const std::size_t n = layer.inputs;
        const T* const weights = parameters + layer.weight_offset + row * n;
        std::array<Sum, R> sums;
        for (std::size_t r = 0; r < R; ++r) {
            sums[r] = Sum::all(parameters[layer.bias_offset + row + r]);
        }
        for (std::size_t i = 0; i < n; ++i) {
            const Sum x = Sum::load(input + i * Sum::width);
            for (std::size_t r = 0; r < R; ++r) {
                sums[r].add_product(weights[r * n + i], x);
            }
        }
        for (std::size_t r = 0; r < R; ++r) {
            finish(row + r, sums[r]);
        }
    }

    void dense() const {
        std::size_t row = 0;
        for (; row + rows_at_once <= layer.outputs; row += rows_at_once) {
            dense_rows<rows_at_once>(row);
        }
        for (; row < layer.outputs; ++row) {
            dense_rows<1>(row);
        }
    }

    void sparse() const {
        const T* const weights = parameters + layer.weight_offset;
        const T* const biases = parameters + layer.bias_offset;
        for (std::size_t row = 0; row < layer.outputs; ++row) {
            const std::int32_t bias = layer.bias_of[row];
            Sum sum = Sum::all(bias < 0 ? T(0) : biases[bias]);
            for (std::size_t k = layer.row_start[row]; k < layer.row_start[row + 1]; ++k) {
                const std::size_t column = layer.pattern.col[k];
                sum.add_product(weights[k], Sum::load(input + column * Sum::width));
            }
            finish(row, sum);
        }
    }
};

/// Runs the expert on the W = Lanes<T, V>::width samples that stand in scratch [n][W]; returns
/// where in the scratch the outputs [m][W] stand. scratch holds 2 * widest() * W numbers.
template<class T, std::size_t V>
[[nodiscard]] const T* evaluate_tile(const Architecture& architecture, const T* parameters,
                                     T* scratch) {
    T* input = scratch;
    T* output = scratch + std::size_t{architecture.widest()} * Lanes<T, V>::width;
    const std::span<const Layer> layers = architecture.layers();
    for (std::size_t j = 0; j < layers.size(); ++j) {
        const TileLayer<T, V> tile{layers[j], parameters, j + 1 < layers.size(), input, output};
        if (layers[j].sparse) {
            tile.sparse();
        } else {
            tile.dense();
        }
        std::swap(input, output);
    }
    return input;
}

} // namespace moe
