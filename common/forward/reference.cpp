#include "forward/evaluate.hpp"

#include "forward/shapes.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace moe {

namespace {

/// Sum of one unit: its bias, then weight times input in the listed order.
template<class T>
double unit_sum(const Layer& layer, std::span<const T> parameters, std::size_t row,
                std::span<const double> input) {
    const T* const weights = parameters.data() + layer.weight_offset;
    const T* const biases = parameters.data() + layer.bias_offset;
    if (!layer.sparse) {
        auto sum = static_cast<double>(biases[row]);
        for (std::size_t i = 0; i < layer.inputs; ++i) {
            sum += static_cast<double>(weights[row * layer.inputs + i]) * input[i];
        }
        return sum;
    }
    double sum = layer.bias_of[row] < 0 ? 0.0 : static_cast<double>(biases[layer.bias_of[row]]);
    for (std::size_t k = layer.row_start[row]; k < layer.row_start[row + 1]; ++k) {
        sum += static_cast<double>(weights[k]) * input[layer.pattern.col[k]];
    }
    return sum;
}

} // namespace

template<class T>
void evaluate(const Architecture& architecture, std::span<const T> parameters,
              std::span<const double> x, std::span<double> y) {
    check_expert_shapes(architecture, parameters.size(), 1, x.size(), y.size());
    std::vector<double> input(x.begin(), x.end());
    std::vector<double> output;
    for (std::size_t j = 0; j < architecture.depth(); ++j) {
        const Layer& layer = architecture.layer(j);
        const bool hidden = j + 1 < architecture.depth();
        output.assign(layer.outputs, 0.0);
        for (std::size_t row = 0; row < layer.outputs; ++row) {
            const double z = unit_sum(layer, parameters, row, input);
            const double slope =
                layer.slopes ? static_cast<double>(parameters[layer.slope_offset + row]) : 0.0;
            if (!hidden || !(z < 0.0)) { // NaN is not below 0, so it goes through
                output[row] = z;
            } else {
                output[row] = layer.slopes ? slope * z : 0.0;
            }
        }
        std::swap(input, output);
    }
    std::copy(input.begin(), input.end(), y.begin());
}

template void evaluate<double>(const Architecture&, std::span<const double>,
                               std::span<const double>, std::span<double>);
template void evaluate<float>(const Architecture&, std::span<const float>, std::span<const double>,
                              std::span<double>);

} // namespace moe
