#include "charts/expert_forms.hpp"

#include "forward/evaluate.hpp"

#include <Eigen/SVD>

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

std::vector<double> identity(std::size_t d) {
    std::vector<double> rows(d * d, 0.0);
    for (std::size_t j = 0; j < d; ++j)
        rows[j * d + j] = 1.0;
    return rows;
}

/// One hidden layer of all units of the lines of an expert, for every expert.
struct LineExperts {
    Architecture shape;
    std::vector<double> parameters;
};

LineExperts line_experts(std::size_t inputs,
                         const std::vector<std::vector<LineInterpolant>>& experts) {
    ShapeRecorder recorder;
    write_lines(recorder, experts.front());
    LineExperts result{std::move(recorder).sparse(static_cast<std::uint32_t>(inputs)), {}};
    const std::size_t each = result.shape.parameters();
    result.parameters.resize(experts.size() * each);
    for (std::size_t e = 0; e < experts.size(); ++e) {
        ParameterWriter writer(result.shape, std::span(result.parameters).subspan(e * each, each));
        write_lines(writer, experts[e]);
    }
    return result;
}

MoeLayer gated(const LinearGate& gate, LineExperts experts) {
    return {gate, std::move(experts.shape), std::move(experts.parameters)};
}

} // namespace

FactoredExpert::FactoredExpert(const ChartGrid& grid, std::vector<double> encoder,
                               std::span<const double> values)
    : encoder_(std::move(encoder))
    , net_(chart_expert_shape(grid, static_cast<std::uint32_t>(grid.intrinsic()), grid.intrinsic()))
    , parameters_(net_.parameters()) {
    if (encoder_.empty() || encoder_.size() % grid.intrinsic() != 0)
        throw std::invalid_argument(
            "factored expert: " + std::to_string(encoder_.size()) +
            " entries of the encoder for d = " + std::to_string(grid.intrinsic()));
    ParameterWriter writer(net_, parameters_);
    write_chart_expert(writer, grid, identity(grid.intrinsic()), values);
}

std::size_t FactoredExpert::parameters() const noexcept {
    return encoder_.size() + net_.dense_parameters();
}

void FactoredExpert::evaluate_batch(std::span<const double> inputs,
                                    std::span<double> outputs) const {
    const std::size_t d = net_.inputs();
    const std::size_t D = encoder_.size() / d;
    if (inputs.size() != outputs.size() * D)
        throw std::invalid_argument("factored expert: " + std::to_string(inputs.size()) +
                                    " numbers are no " + std::to_string(outputs.size()) +
                                    " points of dimension " + std::to_string(D));
    std::vector<double> encoded(outputs.size() * d, 0.0);
    for (std::size_t p = 0; p < outputs.size(); ++p) {
        for (std::size_t j = 0; j < d; ++j) {
            for (std::size_t i = 0; i < D; ++i)
                encoded[p * d + j] += encoder_[j * D + i] * inputs[p * D + i];
        }
    }
    moe::evaluate_batch<double>(net_, parameters_, encoded, outputs);
}

MoeLayer merged_expert(const ChartGrid& grid, std::span<const double> encoder,
                       std::span<const double> values) {
    const std::size_t D = encoder.size() / grid.intrinsic();
    Architecture shape = chart_expert_shape(grid, static_cast<std::uint32_t>(D), D);
    std::vector<double> parameters(shape.parameters());
    ParameterWriter writer(shape, parameters);
    write_chart_expert(writer, grid, encoder, values);
    return MoeLayer::dense_sublayer(std::move(shape), std::move(parameters));
}

std::size_t rank_of_first_map(const MoeLayer& merged) {
    constexpr double negligible = 1e-10;
    const Layer& first = merged.expert().layer(0);
    const std::span<const double> weights =
        merged.parameters(0).subspan(first.weight_offset, first.weights);
    Eigen::MatrixXd map = Eigen::MatrixXd::Zero(first.outputs, first.inputs);
    for (std::size_t k = 0; k < weights.size(); ++k)
        map(first.pattern.row[k], first.pattern.col[k]) = weights[k];
    const Eigen::VectorXd values = Eigen::BDCSVD<Eigen::MatrixXd>(map).singularValues();
    return static_cast<std::size_t>((values.array() > negligible * values(0)).count());
}

std::size_t SharedRouted::units_routed_only() const {
    return routed_only.experts() * routed_only.expert().hidden_units();
}

std::size_t SharedRouted::units_shared() const {
    return shared.expert().hidden_units() + routed.experts() * routed.expert().hidden_units();
}

SharedRouted shared_and_routed(const Embedding& embedding, std::int64_t shared_cells,
                               std::int64_t routed_cells) {
    const Atlas atlas(Manifold::circle);
    const std::size_t D = embedding.ambient();
    const ChartGrid line(1, shared_cells, 1.0);
    const ChartGrid chart = chart_grid(atlas, routed_cells);
    const std::vector<double> direction = embedding.lift(std::array{1.0, 0.0});
    const std::vector<double> wave =
        line.values([](std::span<const double> t) { return std::sin(5.0 * t[0]); });
    const LineInterpolant common{line, direction, wave};
    std::vector<std::vector<double>> encoders;
    std::vector<std::vector<double>> values;
    for (std::size_t i = 0; i < atlas.charts(); ++i) {
        encoders.push_back(embedding.lift(atlas.encoder(i)));
        values.push_back(chart_values(
            atlas, [](std::span<const double> u) { return std::cos(3.0 * u[1]); }, i, chart));
    }
    std::vector<std::vector<LineInterpolant>> whole;
    std::vector<std::vector<LineInterpolant>> small;
    for (std::size_t i = 0; i < atlas.charts(); ++i) {
        small.push_back({{chart, encoders[i], values[i]}});
        whole.push_back({common, small.back().front()});
    }
    LineExperts shared = line_experts(D, {{common}});
    const LinearGate gate = nearness_gate(atlas, embedding);
    return {gated(gate, line_experts(D, whole)),
            MoeLayer::dense_sublayer(std::move(shared.shape), std::move(shared.parameters)),
            gated(gate, line_experts(D, small))};
}

} // namespace moe
