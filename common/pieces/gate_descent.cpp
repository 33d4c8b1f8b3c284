#include "pieces/gate_descent.hpp"

#include "pieces/one_layer.hpp"

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <stdexcept>
#include <utility>
#include <vector>

namespace moe {

namespace {

using Array = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::Index;

/// Adam with its usual constants (Kingma and Ba 2015) on one matrix.
class Adam {
  public:
    explicit Adam(const Array& parameters)
        : mean_(Array::Zero(parameters.rows(), parameters.cols()))
        , square_(mean_) {}

    void step(Array& parameters, const Array& gradient, double rate) {
        constexpr double keep_mean = 0.9;
        constexpr double keep_square = 0.999;
        ++steps_;
        mean_ = keep_mean * mean_ + (1.0 - keep_mean) * gradient;
        square_ = keep_square * square_ + (1.0 - keep_square) * gradient.square();
        const double mean_scale = 1.0 / (1.0 - std::pow(keep_mean, steps_));
        const double square_scale = 1.0 / (1.0 - std::pow(keep_square, steps_));
        parameters -= rate * mean_scale * mean_ / ((square_scale * square_).sqrt() + 1e-8);
    }

  private:
    Array mean_;
    Array square_;
    int steps_ = 0;
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
    Array expert = fitted_planes(start, points, values, random);
    // Logits of size 1 where two experts of a regular tiling differ by their error.
    const double radius_squared =
        std::pow(static_cast<double>(expert.rows()), -2.0 / points.dimension);
    Array gate = planes_of(start) / radius_squared;
    Adam gate_steps(gate);
    Adam expert_steps(expert);
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
        Array p = sharpness * (x.matrix() * gate.matrix().transpose()).array();
        p.colwise() -= p.rowwise().maxCoeff().eval();
        p = p.exp();
        p.colwise() /= p.rowwise().sum().eval();
        Array residual = (x.matrix() * expert.matrix().transpose()).array();
        residual.colwise() -= y;
        Array cost = residual.square();
        cost.colwise() -= (p * cost).rowwise().sum().eval();
        const Array to_logits = sharpness * p * cost;
        const Array to_experts = 2.0 * p * residual;
        const double rate = 0.5 * settings.rate * (1.0 + std::cos(std::numbers::pi * progress));
        // A logit moves by what an expert's value moves, over the scale of the first logits.
        gate_steps.step(
            gate, (to_logits.matrix().transpose() * x.matrix()).array() / static_cast<double>(B),
            rate / radius_squared);
        expert_steps.step(
            expert, (to_experts.matrix().transpose() * x.matrix()).array() / static_cast<double>(B),
            rate);
    }
    return gate_of(gate);
}

} // namespace moe
