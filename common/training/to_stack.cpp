#include "training/training.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace moe {

namespace {

/// Appends the block as weights [outputs][inputs], then biases.
void append(const AffineBlock& block, std::span<const double> parameters,
            std::vector<double>& weights, std::vector<double>& biases) {
    const std::span<const double> rows = parameters.subspan(block.offset, block.parameters());
    for (std::size_t o = 0; o < block.outputs; ++o) {
        for (std::size_t i = 0; i < block.inputs; ++i)
            weights.push_back(rows[i * block.outputs + o]);
    }
    for (std::size_t o = 0; o < block.outputs; ++o)
        biases.push_back(rows[block.inputs * block.outputs + o]);
}

MoeLayer layer(const StackShape& shape, std::size_t l, std::span<const double> parameters) {
    const LayerShape& of = shape.layer(l);
    std::vector<std::uint32_t> widths{static_cast<std::uint32_t>(of.inputs)};
    for (const std::size_t width : of.hidden)
        widths.push_back(static_cast<std::uint32_t>(width));
    widths.push_back(static_cast<std::uint32_t>(of.outputs));
    std::vector<double> experts;
    for (std::size_t e = 0; e < of.experts; ++e) {
        for (const AffineBlock& map : shape.expert(l, e))
            append(map, parameters, experts, experts);
    }
    Architecture architecture = Architecture::dense(widths);
    if (!of.gated) return MoeLayer::dense_sublayer(std::move(architecture), std::move(experts));
    std::vector<double> rows;
    std::vector<double> biases;
    append(shape.gate(l), parameters, rows, biases);
    return {LinearGate(std::move(rows), std::move(biases)), std::move(architecture),
            std::move(experts)};
}

} // namespace

MoeStack to_stack(const StackShape& shape, std::span<const double> parameters) {
    if (parameters.size() != shape.parameters())
        throw std::invalid_argument("to_stack: " + std::to_string(parameters.size()) +
                                    " parameters for a shape of " +
                                    std::to_string(shape.parameters()));
    std::vector<MoeLayer> layers;
    for (std::size_t l = 0; l < shape.depth(); ++l)
        layers.push_back(layer(shape, l, parameters));
    return MoeStack(std::move(layers));
}

} // namespace moe
