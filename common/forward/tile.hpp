#pragma once
// One expert on a tile of W samples. Activations lie [unit][W]: a lane is a sample, so one weight
// is loaded once and multiplied into W neighbouring numbers, dense and sparse layers vectorise the
// same way, and no lane's sum ever mixes with another's: each sample is summed in the order of the
// reference, at every W.

#include "basics/lanes.hpp"
#include "models/architecture.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace moe {

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
