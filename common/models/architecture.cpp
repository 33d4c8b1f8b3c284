#include "models/architecture.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

constexpr std::size_t parameter_limit = std::size_t{1} << 62U;

[[noreturn]] void refuse(std::size_t layer, const std::string& what) {
    throw std::invalid_argument("architecture, layer " + std::to_string(layer) + ": " + what);
}

/// Sets the offsets of a layer whose counts are known; returns where the next layer starts.
std::size_t place(Layer& layer, std::size_t index, std::size_t start) {
    const std::size_t slopes = layer.slopes ? layer.outputs : 0;
    // Each of the three counts is below 2^64 - 2^33, so none of these differences wraps.
    if (layer.weights > parameter_limit - start ||
        layer.biases + slopes > parameter_limit - start - layer.weights) {
        refuse(index, "more than 2^62 parameters up to here");
    }
    layer.weight_offset = start;
    layer.bias_offset = layer.weight_offset + layer.weights;
    layer.slope_offset = layer.bias_offset + layer.biases;
    return layer.slope_offset + slopes;
}

void check_pattern(const SparsePattern& pattern, std::size_t index, std::uint32_t inputs,
                   std::uint32_t outputs) {
    if (pattern.row.size() != pattern.col.size()) {
        refuse(index, std::to_string(pattern.row.size()) + " row indices but " +
                          std::to_string(pattern.col.size()) + " column indices");
    }
    if (pattern.row.size() > std::numeric_limits<std::uint32_t>::max()) {
        refuse(index, "more than 2^32 - 1 listed weights");
    }
    for (std::size_t k = 0; k < pattern.row.size(); ++k) {
        const auto entry = [&] {
            return "entry " + std::to_string(k) + " (row " + std::to_string(pattern.row[k]) +
                   ", column " + std::to_string(pattern.col[k]) + ")";
        };
        if (pattern.row[k] >= outputs || pattern.col[k] >= inputs) {
            refuse(index, entry() + " is outside " + std::to_string(outputs) + " x " +
                              std::to_string(inputs));
        }
        if (k > 0 && std::pair(pattern.row[k - 1], pattern.col[k - 1]) >=
                         std::pair(pattern.row[k], pattern.col[k])) {
            refuse(index, entry() + " is not after the entry before it in row-major order");
        }
    }
    for (std::size_t k = 0; k < pattern.bias_row.size(); ++k) {
        if (pattern.bias_row[k] >= outputs) {
            refuse(index, "bias row " + std::to_string(pattern.bias_row[k]) + " is not below " +
                              std::to_string(outputs));
        }
        if (k > 0 && pattern.bias_row[k - 1] >= pattern.bias_row[k]) {
            refuse(index, "bias row " + std::to_string(pattern.bias_row[k]) +
                              " is not after the one before it");
        }
    }
}

Layer sparse_layer(SparsePattern pattern, std::uint32_t inputs, std::uint32_t outputs) {
    Layer layer;
    layer.inputs = inputs;
    layer.outputs = outputs;
    layer.sparse = true;
    layer.weights = pattern.row.size();
    layer.biases = pattern.bias_row.size();
    layer.row_start.assign(std::size_t{outputs} + 1, 0);
    for (const std::uint32_t row : pattern.row) {
        ++layer.row_start[std::size_t{row} + 1];
    }
    for (std::size_t row = 0; row < outputs; ++row) {
        layer.row_start[row + 1] += layer.row_start[row];
    }
    layer.bias_of.assign(outputs, -1);
    for (std::size_t k = 0; k < pattern.bias_row.size(); ++k) {
        layer.bias_of[pattern.bias_row[k]] = static_cast<std::int32_t>(k);
    }
    layer.pattern = std::move(pattern);
    return layer;
}

} // namespace

Architecture::Architecture(std::vector<Layer> layers, Activation activation)
    : layers_(std::move(layers))
    , activation_(activation) {
    for (std::size_t j = 0; j < layers_.size(); ++j) {
        layers_[j].slopes = activation == Activation::prelu && j + 1 < layers_.size();
        parameters_ = place(layers_[j], j, parameters_);
    }
}

Architecture Architecture::dense(std::span<const std::uint32_t> widths, Activation activation) {
    if (widths.size() < 2) {
        throw std::invalid_argument("architecture: " + std::to_string(widths.size()) +
                                    " widths given, at least 2 are needed (inputs and outputs)");
    }
    std::vector<Layer> layers(widths.size() - 1);
    for (std::size_t j = 0; j < layers.size(); ++j) {
        if (widths[j] == 0 || widths[j + 1] == 0) refuse(j, "a width is 0");
        layers[j].inputs = widths[j];
        layers[j].outputs = widths[j + 1];
        layers[j].weights = std::size_t{widths[j]} * widths[j + 1];
        layers[j].biases = widths[j + 1];
    }
    return {std::move(layers), activation};
}

Architecture Architecture::sparse(std::uint32_t inputs, std::span<const std::uint32_t> outputs,
                                  std::vector<SparsePattern> patterns, Activation activation) {
    if (patterns.empty() || patterns.size() != outputs.size()) {
        throw std::invalid_argument("architecture: " + std::to_string(patterns.size()) +
                                    " patterns for " + std::to_string(outputs.size()) +
                                    " layers; one per layer and at least one are needed");
    }
    std::vector<Layer> layers;
    layers.reserve(patterns.size());
    for (std::size_t j = 0; j < patterns.size(); ++j) {
        const std::uint32_t sources = j == 0 ? inputs : outputs[j - 1];
        if (sources == 0 || outputs[j] == 0) refuse(j, "a width is 0");
        if (outputs[j] > std::uint32_t{std::numeric_limits<std::int32_t>::max()}) {
            refuse(j, "more than 2^31 - 1 units");
        }
        check_pattern(patterns[j], j, sources, outputs[j]);
        layers.push_back(sparse_layer(std::move(patterns[j]), sources, outputs[j]));
    }
    return {std::move(layers), activation};
}

std::size_t Architecture::hidden_units() const noexcept {
    std::size_t units = 0;
    for (std::size_t j = 0; j + 1 < layers_.size(); ++j) {
        units += layers_[j].outputs;
    }
    return units;
}

std::uint32_t Architecture::widest() const noexcept {
    std::uint32_t widest = inputs();
    for (const Layer& layer : layers_) {
        widest = std::max(widest, layer.outputs);
    }
    return widest;
}

std::size_t Architecture::dense_parameters() const noexcept {
    std::size_t parameters = 0;
    for (const Layer& layer : layers_) {
        parameters += (std::size_t{layer.inputs} + 1) * layer.outputs;
        if (layer.slopes) parameters += layer.outputs;
    }
    return parameters;
}

} // namespace moe
