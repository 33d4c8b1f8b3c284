#include "charts/atlas_model.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr double knot_factor = 1.01;

struct Experts {
    Architecture shape;
    std::vector<double> parameters; ///< [E][P]
};

/// Makes the largest output weight of the expert 1 % larger.
void change_knot(const Architecture& shape, std::span<double> parameters) {
    const Layer& output = shape.layers().back();
    const std::span<double> weights = parameters.subspan(output.weight_offset, output.weights);
    *std::max_element(weights.begin(), weights.end(),
                      [](double a, double b) { return std::abs(a) < std::abs(b); }) *= knot_factor;
}

/// The chart experts for inputs of which the first D are x.
Experts chart_experts(const AtlasPlan& plan, std::size_t inputs) {
    const Atlas& atlas = plan.atlas;
    if (plan.embedding.own() != atlas.own())
        throw InputError("embedding of R^" + std::to_string(plan.embedding.own()) + ": " +
                         std::string(to_string(atlas.manifold())) + " lies in R^" +
                         std::to_string(atlas.own()));
    const ChartGrid grid = chart_grid(atlas, plan.cells);
    Experts experts{
        chart_expert_shape(grid, static_cast<std::uint32_t>(inputs), plan.embedding.ambient()), {}};
    const std::size_t each = experts.shape.parameters();
    experts.parameters.resize(atlas.charts() * each);
    for (std::size_t chart = 0; chart < atlas.charts(); ++chart) {
        const auto mine = std::span(experts.parameters).subspan(chart * each, each);
        ParameterWriter writer(experts.shape, mine);
        write_chart_expert(writer, grid, plan.embedding.lift(atlas.encoder(chart)),
                           chart_values(atlas, plan.target, chart, grid));
        if (plan.fault == AtlasFault::changed_knot && chart == 0) change_knot(experts.shape, mine);
    }
    return experts;
}

} // namespace

ChartGrid chart_grid(const Atlas& atlas, std::int64_t cells) {
    return {atlas.intrinsic(), cells, atlas.radius()};
}

std::vector<double> chart_values(const Atlas& atlas, const ScalarField& target, std::size_t chart,
                                 const ChartGrid& grid) {
    std::vector<double> u(atlas.own());
    return grid.values([&](std::span<const double> t) {
        atlas.point(chart, t, u);
        return target(u);
    });
}

std::vector<std::vector<AffineFunction>>
nearness_groups(std::span<const Anchor> anchors, std::size_t charts, const Embedding& embedding) {
    std::vector<std::vector<AffineFunction>> groups(charts);
    for (std::size_t a = 0; a < anchors.size(); ++a) {
        if (anchors[a].chart >= charts)
            throw InputError("anchor " + std::to_string(a) + " of chart " +
                             std::to_string(anchors[a].chart) + ": the atlas has " +
                             std::to_string(charts) + " charts");
        groups[anchors[a].chart].push_back(nearness(embedding.lift(anchors[a].point)));
    }
    for (std::size_t chart = 0; chart < charts; ++chart) {
        if (groups[chart].empty())
            throw InputError("chart " + std::to_string(chart) +
                             " has no anchor: must have at least one");
    }
    return groups;
}

LinearGate nearness_gate(const Atlas& atlas, const Embedding& embedding) {
    std::vector<double> weights;
    std::vector<double> biases;
    for (const auto& group : nearness_groups(atlas.anchors(), atlas.charts(), embedding)) {
        if (group.size() != 1)
            throw std::invalid_argument("linear gate: a chart with " +
                                        std::to_string(group.size()) + " anchors");
        weights.insert(weights.end(), group.front().slope.begin(), group.front().slope.end());
        biases.push_back(group.front().offset);
    }
    return {std::move(weights), std::move(biases)};
}

MoeStack atlas_model(const AtlasPlan& plan) {
    const std::size_t D = plan.embedding.ambient();
    const std::size_t charts = plan.atlas.charts();
    MaxAffineNet first =
        max_affine_net(nearness_groups(plan.atlas.anchors(), charts, plan.embedding), true);
    std::vector<double> gate(charts * (D + charts), 0.0);
    for (std::size_t chart = 0; chart < charts; ++chart)
        gate[chart * (D + charts) + D + chart] = 1.0;
    if (plan.fault == AtlasFault::swapped_gate_rows) {
        const auto row = static_cast<std::ptrdiff_t>(D + charts);
        std::swap_ranges(gate.begin(), gate.begin() + row, gate.begin() + row);
    }
    Experts experts = chart_experts(plan, D + charts);
    std::vector<MoeLayer> layers;
    layers.push_back(
        MoeLayer::dense_sublayer(std::move(first.architecture), std::move(first.parameters)));
    layers.emplace_back(LinearGate(std::move(gate), std::vector<double>(charts, 0.0)),
                        std::move(experts.shape), std::move(experts.parameters));
    return MoeStack(std::move(layers));
}

MoeLayer atlas_layer_with_net_gate(const AtlasPlan& plan) {
    MaxAffineNet rho = max_affine_net(
        nearness_groups(plan.atlas.anchors(), plan.atlas.charts(), plan.embedding), false);
    Experts experts = chart_experts(plan, plan.embedding.ambient());
    return {NetGate(std::move(rho.architecture), std::move(rho.parameters)),
            std::move(experts.shape), std::move(experts.parameters)};
}

MoeLayer atlas_layer_with_linear_gate(const AtlasPlan& plan) {
    Experts experts = chart_experts(plan, plan.embedding.ambient());
    return {nearness_gate(plan.atlas, plan.embedding), std::move(experts.shape),
            std::move(experts.parameters)};
}

} // namespace moe
