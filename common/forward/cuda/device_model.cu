#include "forward/cuda/device_model.hpp"

#include <algorithm>
#include <span>
#include <variant>

namespace moe::cuda {

namespace {

LayerShape describe(const Layer& layer) {
    LayerShape shape;
    shape.inputs = layer.inputs;
    shape.outputs = layer.outputs;
    shape.sparse = layer.sparse;
    shape.slopes = layer.slopes;
    shape.weight_offset = layer.weight_offset;
    shape.bias_offset = layer.bias_offset;
    shape.slope_offset = layer.slope_offset;
    if (layer.sparse) {
        shape.row_start = layer.row_start.data();
        shape.col = layer.pattern.col.data();
        shape.bias_of = layer.bias_of.data();
    }
    return shape;
}

std::vector<LayerShape> describe_layers(const Architecture& architecture) {
    std::vector<LayerShape> shapes;
    for (const Layer& layer : architecture.layers()) {
        shapes.push_back(describe(layer));
    }
    return shapes;
}

ExpertShape describe(const Architecture& architecture) {
    ExpertShape shape;
    shape.depth = static_cast<std::uint32_t>(architecture.depth());
    shape.inputs = architecture.inputs();
    shape.outputs = architecture.outputs();
    shape.widest = architecture.widest();
    shape.dense = std::ranges::none_of(architecture.layers(), &Layer::sparse);
    shape.parameters = architecture.parameters();
    return shape;
}

template<class T>
void append(std::vector<T>& all, const std::vector<T>& part) {
    all.insert(all.end(), part.begin(), part.end());
}

} // namespace

DeviceShape::DeviceShape(DeviceLedger& ledger, const Architecture& architecture)
    : host_layers_(describe_layers(architecture))
    , on_host_(describe(architecture))
    , on_device_(on_host_) {
    on_host_.layers = host_layers_.data();

    std::vector<std::uint32_t> indices;
    std::vector<std::int32_t> bias_of;
    for (const Layer& layer : architecture.layers()) {
        append(indices, layer.row_start);
        append(indices, layer.pattern.col);
        append(bias_of, layer.bias_of);
    }
    indices_ = {ledger, std::span<const std::uint32_t>(indices)};
    bias_of_ = {ledger, std::span<const std::int32_t>(bias_of)};

    std::vector<LayerShape> layers = host_layers_;
    const std::uint32_t* index = indices_.data();
    const std::int32_t* bias = bias_of_.data();
    for (std::size_t j = 0; j < layers.size(); ++j) {
        if (!layers[j].sparse) continue;
        const Layer& layer = architecture.layer(j);
        layers[j].row_start = index;
        index += layer.row_start.size();
        layers[j].col = index;
        index += layer.pattern.col.size();
        layers[j].bias_of = bias;
        bias += layer.bias_of.size();
    }
    layers_ = {ledger, std::span<const LayerShape>(layers)};
    on_device_.layers = layers_.data();
}

DeviceRouter::DeviceRouter(DeviceLedger& ledger, const Router& router, std::uint64_t experts) {
    rule_.dimension = static_cast<std::uint32_t>(router.dimension());
    rule_.experts = experts;
    std::visit([&](const auto& rule) { take(ledger, rule); }, router.rule());
    if (router.kept()) {
        // Without memory of its own a map that keeps nothing would be taken for one that keeps all.
        const std::vector<std::uint64_t> nothing(1);
        const std::span<const std::uint64_t> leaves = router.kept()->leaves();
        kept_leaves_ = {ledger, leaves.empty() ? std::span(nothing) : leaves};
        rule_.kept_leaves = kept_leaves_.data();
        rule_.kept = leaves.size();
    }
}

void DeviceRouter::take(DeviceLedger& /*ledger*/, const Lattice& lattice) {
    rule_.kind = RuleKind::grid;
    std::ranges::copy(lattice.grid().cells_per_axis(), std::begin(rule_.cells));
}

void DeviceRouter::take(DeviceLedger& ledger, const PrototypeTreeView& tree) {
    rule_.kind = RuleKind::tree;
    prototypes_ = {ledger, tree.prototypes};
    first_child_ = {ledger, tree.first_child};
    child_count_ = {ledger, tree.child_count};
    expert_ = {ledger, tree.expert};
    rule_.prototypes = prototypes_.data();
    rule_.first_child = first_child_.data();
    rule_.child_count = child_count_.data();
    rule_.expert = expert_.data();
}

void DeviceRouter::take(DeviceLedger& ledger, const FlatPrototypes& flat) {
    rule_.kind = RuleKind::flat;
    const std::vector<double> coordinates = flat.coordinates();
    prototypes_ = {ledger, std::span<const double>(coordinates)};
    rule_.prototypes = prototypes_.data();
    rule_.prototype_count = flat.prototypes();
}

} // namespace moe::cuda
