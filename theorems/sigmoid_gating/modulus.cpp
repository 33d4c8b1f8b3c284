#include "sigmoid_gating/modulus.hpp"

#include "fitting/least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace sigmoid_gating {

namespace {

/// Residuals are scaled so that an engine with absolute tolerances would not stop early; ours has
/// none.
constexpr double residual_scale = 1e12;
/// How far the gate biases of the two atoms may be from halves of the mass.
constexpr double bias_range = 1.5;

/// f_G - f_G* on the grid as a function of free parameters in which the difference of atoms 0 and
/// 1 is fixed: the parameters of the class less (b1, a, b) of atom 1.
class FixedDifference final : public moe::ResidualFunction {
  public:
    FixedDifference(const moe::GatedClass& functions, std::vector<double> target,
                    std::span<const double> points, const Direction& direction, double delta)
        : functions_(functions)
        , points_(points.begin(), points.end())
        , target_(std::move(target))
        , direction_(direction)
        , delta_(delta)
        , scale_(residual_scale / std::sqrt(static_cast<double>(points.size()))) {}

    [[nodiscard]] std::size_t residual_count() const noexcept override { return points_.size(); }
    [[nodiscard]] std::size_t parameter_count() const noexcept override {
        return functions_.parameters() - 3;
    }

    void residuals(std::span<const double> theta, std::span<double> residuals) const override {
        moe::evaluate(functions_, expanded(theta), points_, residuals);
        subtract_target(residuals);
    }

    void residuals_and_jacobian(std::span<const double> theta, std::span<double> residuals,
                                std::span<double> jacobian) const override {
        const std::size_t M = points_.size();
        std::vector<double> full(M * functions_.parameters());
        moe::evaluate_with_jacobian(functions_, expanded(theta), points_, residuals, full);
        subtract_target(residuals);
        // Columns of atom 0 (b1, b0, a, b), then b0 of atom 1, then the other atoms; what moves b1,
        // a or b of atom 0 moves that of atom 1 as well.
        for (std::size_t p = 0; p < parameter_count(); ++p) {
            const std::size_t source = p < 4 ? p : p == 4 ? 5 : p + 3;
            const bool shared = p == 0 || p == 2 || p == 3;
            for (std::size_t b = 0; b < M; ++b) {
                const double twin = shared ? full[(p + 4) * M + b] : 0.0;
                jacobian[p * M + b] = scale_ * (full[source * M + b] + twin);
            }
        }
    }

    /// The whole parameter vector.
    [[nodiscard]] std::vector<double> expanded(std::span<const double> theta) const {
        std::vector<double> full;
        full.reserve(functions_.parameters());
        const double half = 0.5 * delta_;
        full.insert(full.end(),
                    {theta[0] + half * direction_[0], theta[1], theta[2] + half * direction_[1],
                     theta[3] + half * direction_[2], theta[0] - half * direction_[0], theta[4],
                     theta[2] - half * direction_[1], theta[3] - half * direction_[2]});
        full.insert(full.end(), theta.begin() + 5, theta.end());
        return full;
    }

  private:
    void subtract_target(std::span<double> residuals) const {
        for (std::size_t b = 0; b < residuals.size(); ++b)
            residuals[b] = scale_ * (residuals[b] - target_[b]);
    }

    moe::GatedClass functions_;
    std::vector<double> points_;
    std::vector<double> target_;
    Direction direction_;
    double delta_;
    double scale_;
};

double half_bias(const moe::GatedFunction& truth, double b0) {
    if (truth.gate == moe::GateKind::softmax) return b0 - std::log(2.0);
    const double half = 0.5 / (1.0 + std::exp(-b0));
    return std::log(half / (1.0 - half));
}

} // namespace

std::vector<Direction> directions(std::size_t random, moe::RandomStream& stream) {
    std::vector<Direction> result{{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}};
    while (result.size() < 3 + random) {
        const Direction raw{stream.normal(), stream.normal(), stream.normal()};
        const double length = std::hypot(raw[0], raw[1], raw[2]);
        result.push_back({raw[0] / length, raw[1] / length, raw[2] / length});
    }
    return result;
}

Direction scale_direction(const Truth& truth) {
    const moe::Atom& atom = truth.function.atoms.at(truth.over);
    const double length = std::hypot(atom.a, atom.b);
    return {0.0, atom.a / length, atom.b / length};
}

double modulus(const Truth& truth, const Direction& direction, double delta,
               std::span<const double> points) {
    if (truth.surplus != Surplus::split || truth.over != 0 || truth.function.atoms.size() < 2)
        throw std::invalid_argument("modulus: atom 0 of the truth must be one that can be split");
    moe::GatedClass functions = truth.function.function_class();
    ++functions.atoms;
    const FixedDifference problem(functions, moe::values_on(truth.function, points), points,
                                  direction, delta);
    const double half = half_bias(truth.function, truth.function.atoms[0].b0);
    std::vector<double> start = moe::free_parameters(truth.function);
    start[1] = half;
    start.insert(start.begin() + 4, half);
    moe::ParameterBox box = moe::ParameterBox::cube(start.size(), box_half_width);
    for (const std::size_t bias : {1U, 4U}) {
        box.lower[bias] = half - bias_range;
        box.upper[bias] = half + bias_range;
    }
    // The best division of the mass between the two atoms depends on the direction.
    std::vector<std::vector<double>> starts;
    for (const double shift : {0.0, -1.0, -0.4, 0.4, 1.0}) {
        starts.push_back(start);
        starts.back()[1] += shift;
        starts.back()[4] -= shift;
    }
    const auto results = moe::minimise_from_starts(problem, box, starts, {});
    const std::size_t best = moe::lowest_objective(results);
    if (best == results.size()) return std::numeric_limits<double>::quiet_NaN();
    return std::sqrt(results[best].objective) / residual_scale;
}

std::vector<double> local_exponents(std::span<const double> deltas, std::span<const double> norms) {
    std::vector<double> exponents;
    for (std::size_t j = 1; j < deltas.size(); ++j) {
        exponents.push_back(std::log(norms[j - 1] / norms[j]) /
                            std::log(deltas[j - 1] / deltas[j]));
    }
    return exponents;
}

} // namespace sigmoid_gating
