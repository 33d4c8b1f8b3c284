#include "training/stack_shape.hpp"

#include "basics/error.hpp"

#include <string>
#include <utility>

namespace moe {

namespace {

void require_positive(std::size_t l, const char* what, std::size_t value) {
    if (value == 0)
        throw InputError("layer " + std::to_string(l + 1) + ": " + what +
                         " is 0, allowed: at least 1");
}

void check(const std::vector<LayerShape>& layers) {
    if (layers.empty()) throw InputError("a stack has 0 layers, allowed: at least 1");
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const LayerShape& layer = layers[l];
        require_positive(l, "the number of inputs", layer.inputs);
        require_positive(l, "the number of outputs", layer.outputs);
        require_positive(l, "the number of experts", layer.experts);
        for (const std::size_t width : layer.hidden)
            require_positive(l, "the width of a hidden layer", width);
        if (!layer.gated && layer.experts != 1)
            throw InputError("layer " + std::to_string(l + 1) + ": " +
                             std::to_string(layer.experts) + " experts without gate, allowed: 1");
        if (l > 0 && layer.inputs != layers[l - 1].outputs)
            throw InputError("layer " + std::to_string(l + 1) + " takes " +
                             std::to_string(layer.inputs) + " inputs, the layer below gives " +
                             std::to_string(layers[l - 1].outputs));
    }
}

} // namespace

StackShape::StackShape(std::vector<LayerShape> layers)
    : layers_(std::move(layers)) {
    check(layers_);
    const auto block = [this](std::size_t inputs, std::size_t outputs) {
        const AffineBlock result{inputs, outputs, parameters_};
        parameters_ += result.parameters();
        return result;
    };
    for (const LayerShape& layer : layers_) {
        Blocks blocks;
        if (layer.gated) blocks.gate.push_back(block(layer.inputs, layer.experts));
        for (std::size_t e = 0; e < layer.experts; ++e) {
            std::vector<AffineBlock> maps;
            std::size_t inputs = layer.inputs;
            for (const std::size_t width : layer.hidden) {
                maps.push_back(block(inputs, width));
                inputs = width;
            }
            maps.push_back(block(inputs, layer.outputs));
            blocks.experts.push_back(std::move(maps));
        }
        blocks_.push_back(std::move(blocks));
    }
}

std::size_t StackShape::active_parameters() const {
    std::size_t sum = 0;
    for (const Blocks& blocks : blocks_) {
        for (const AffineBlock& gate : blocks.gate)
            sum += gate.parameters();
        for (const AffineBlock& map : blocks.experts.front())
            sum += map.parameters();
    }
    return sum;
}

const AffineBlock& StackShape::gate(std::size_t l) const {
    return blocks_.at(l).gate.at(0);
}

const std::vector<AffineBlock>& StackShape::expert(std::size_t l, std::size_t e) const {
    return blocks_.at(l).experts.at(e);
}

} // namespace moe
