#include "pieces/gate_descent.hpp"

#include "pieces/one_layer.hpp"
#include "training/training.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace moe {

namespace {

using Array = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::Index;

/// Adam on planes, one a row.
class PlaneDescent {
  public:
    explicit PlaneDescent(const Array& start)
        : rows_(start.rows())
        , columns_(start.cols())
        , adam_(std::span(start.data(), static_cast<std::size_t>(start.size()))) {}

    [[nodiscard]] Eigen::Map<const Array> planes() const {
        return {adam_.parameters().data(), rows_, columns_};
    }
    void step(const Array& gradient, double rate) {
        Eigen::Map<Array>(adam_.gradient().data(), rows_, columns_) = gradient;
        adam_.step(rate);
    }

  private:
    Index rows_;
    Index columns_;
    Adam<double> adam_;
};

/// Rows (weights, bias) of a gate.
Array planes_of(const LinearGate& gate) {
    const auto L = static_cast<Index>(gate.inputs());
    Array planes(static_cast<Index>(gate.experts()), L + 1);
    for (std::size_t e = 0; e < gate.experts(); ++e) {
        const auto row = static_cast<Index>(e);
        for (Index l = 0; l < L; ++l)
            planes(row, l) = gate.row(e)[static_cast<std::size_t>(l)];
        planes(row, L) = gate.biases()[e];
    }
    return planes;
}

/// Affine experts, fitted to the cells of a gate.
Array fitted_planes(const LinearGate& gate, const CubePoints& points,
                    std::span<const double> values, RandomStream& random) {
    const MoeLayer layer = fit_experts(gate, points, values, {}, random);
    const auto L = static_cast<Index>(gate.inputs());
    Array planes(static_cast<Index>(gate.experts()), L + 1);
    for (std::size_t e = 0; e < gate.experts(); ++e) {
        for (Index l = 0; l <= L; ++l)
            planes(static_cast<Index>(e), l) = layer.parameters(e)[static_cast<std::size_t>(l)];
    }
    return planes;
}

LinearGate gate_of(const Array& planes) {
    const Index L = planes.cols() - 1;
    std::vector<double> weights;
    std::vector<double> biases;
    for (Index e = 0; e < planes.rows(); ++e) {
        for (Index l = 0; l < L; ++l)
            weights.push_back(planes(e, l));
        biases.push_back(planes(e, L));
    }
    return {std::move(weights), std::move(biases)};
}

} // namespace

LinearGate trained_gate(const CubePoints& points, std::span<const double> values,
                        std::span<const double> centres, const GateDescent& settings,
                        RandomStream& random, const std::function<void()>& poll) {
    if (points.count() == 0 || points.count() != values.size() || centres.empty() ||
        centres.size() % points.dimension != 0 || settings.steps < 1 || settings.batch == 0)
        throw std::invalid_argument("trained_gate: nothing to train on, or nothing to train");
    const auto B = static_cast<Index>(settings.batch);
    const auto L = static_cast<Index>(points.dimension);
    const LinearGate start = nearest_centre_gate(centres, points.dimension);
    const Array fitted = fitted_planes(start, points, values, random);
    // Logits of size 1 where two experts of a regular tiling differ by their error.
    const double radius_squared =
        std::pow(static_cast<double>(fitted.rows()), -2.0 / points.dimension);
    PlaneDescent gate(planes_of(start) / radius_squared);
    PlaneDescent expert(fitted);
    Array x = Array::Ones(B, L + 1);
    Eigen::ArrayXd y(B);
    for (int step = 0; step < settings.steps; ++step) {
        if (poll) poll();
        for (Index b = 0; b < B; ++b) {
            const std::size_t index = random.below(points.count());
            const auto point = points.point(index);
            for (Index l = 0; l < L; ++l)
                x(b, l) = point[static_cast<std::size_t>(l)];
            y(b) = values[index];
        }
        const double progress = static_cast<double>(step) / settings.steps;
        const double sharpness =
            settings.first_sharpness *
            std::pow(settings.last_sharpness / settings.first_sharpness, progress);
        Array p = sharpness * (x.matrix() * gate.planes().matrix().transpose()).array();
        p.colwise() -= p.rowwise().maxCoeff().eval();
        p = p.exp();
        p.colwise() /= p.rowwise().sum().eval();
        Array residual = (x.matrix() * expert.planes().matrix().transpose()).array();
        residual.colwise() -= y;
        Array cost = residual.square();
        cost.colwise() -= (p * cost).rowwise().sum().eval();
        const Array to_logits = sharpness * p * cost;
        const Array to_experts = 2.0 * p * residual;
        const double rate = cosine_rate(settings.rate, static_cast<std::uint64_t>(step),
                                        static_cast<std::uint64_t>(settings.steps));
        // A logit moves by what an expert's value moves, over the scale of the first logits.
        gate.step((to_logits.matrix().transpose() * x.matrix()).array() / static_cast<double>(B),
                  rate / radius_squared);
        expert.step((to_experts.matrix().transpose() * x.matrix()).array() / static_cast<double>(B),
                    rate);
    }
    return gate_of(gate.planes());
}

} // namespace moe
