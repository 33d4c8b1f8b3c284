#include "theory/em_population.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <stdexcept>
#include <string>

namespace moe {
namespace {

using Array = Eigen::ArrayXd;

constexpr double normal_tail = 8.0; ///< the normal density beyond is below 1e-14 of its peak

/// Nodes -m h, ..., m h of the trapezoidal rule and their weights with the normal density.
struct NormalRule {
    Array nodes;
    Array weights;
};

NormalRule normal_rule(double half_width, double largest_step) {
    const auto m = static_cast<Eigen::Index>(std::ceil(half_width / largest_step));
    const double h = half_width / static_cast<double>(m);
    NormalRule rule;
    rule.nodes = Array::LinSpaced(2 * m + 1, -half_width, half_width);
    rule.weights =
        (-0.5 * rule.nodes.square()).exp() * (h * std::numbers::inv_sqrtpi / std::numbers::sqrt2);
    return rule;
}

/// Sums of p(y|x) sech^2(u) with the monomials c^i x_j x_k, c = c(y), i = 0, 1, 2: i selects the
/// moment, (j, k) its entry. Coordinates of x: 0 along beta, 1 across in the plane.
struct Moments {
    std::array<Eigen::Matrix2d, 3> plane{Eigen::Matrix2d::Zero(), Eigen::Matrix2d::Zero(),
                                         Eigen::Matrix2d::Zero()};
    std::array<double, 3> total{}; ///< without x_j x_k

    /// Adds density_k = sums of the integrand over the nodes of x_1 at one x_0.
    void add(std::size_t i, double x0, const Array& x1, const Array& density) {
        const double sum = density.sum();
        const double mixed = x0 * (density * x1).sum();
        total[i] += sum;
        plane[i](0, 0) += x0 * x0 * sum;
        plane[i](0, 1) += mixed;
        plane[i](1, 0) += mixed;
        plane[i](1, 1) += (density * x1.square()).sum();
    }
};

/// Steps of the quadrature. The integrands have poles where an argument of sech is i pi/2; the
/// error of step h is exp(-2 pi d / h) with d the distance of the poles, weighed by the density
/// there. Along y and a the pole moves in as the other grows: 0.13 gives exp(-27).
struct Steps {
    double a;
    double y;
    double b;
};

Steps steps(double refinement) {
    return {0.13 / refinement, 0.13 / refinement, 0.6 / refinement};
}

Array sech(const Array& argument) {
    const Array e = (-argument.abs()).exp();
    return 2.0 * e / (1.0 + e.square());
}

Moments linear_moments(const PopulationSignal& signal, double sine, double refinement) {
    const Steps h = steps(refinement);
    // exp(-a^2/2) leaves nothing beyond |a| = 8.
    const NormalRule x0 =
        normal_rule(std::min(normal_tail, normal_tail / signal.beta),
                    std::min({0.25 / refinement, h.a / signal.beta, h.b / signal.w}));
    const NormalRule x1 = normal_rule(normal_tail, std::min(0.25 / refinement, h.b / signal.w));
    const NormalRule y = normal_rule(normal_tail, h.y);
    Moments moments;
    std::array<Array, 3> density;
    // The integrand does not change under (x, y) -> (-x, y): x_0 < 0 doubles.
    for (Eigen::Index i = x0.nodes.size() / 2; i < x0.nodes.size(); ++i) {
        const double a = signal.beta * x0.nodes[i];
        const Array half_b = 0.5 * signal.w * (signal.cosine * x0.nodes[i] + sine * x1.nodes);
        // sech(y a + b/2) = 2 / (e^{ya} e^{b/2} + e^{-ya} e^{-b/2}): no exponential inside.
        const Array grow = half_b.exp();
        const Array shrink = (-half_b).exp();
        density.fill(Array::Zero(x1.nodes.size()));
        for (Eigen::Index j = 0; j < y.nodes.size(); ++j) {
            const double e = std::exp(y.nodes[j] * a);
            const Array value = (2.0 * y.weights[j]) / (e * grow + (1.0 / e) * shrink);
            density[0] += value;
            density[1] += y.nodes[j] * value;
            density[2] += (y.nodes[j] * y.nodes[j]) * value;
        }
        const double middle = i == x0.nodes.size() / 2 ? 1.0 : 2.0;
        const Array outer =
            (middle * x0.weights[i] * std::exp(-0.5 * a * a)) * x1.weights * sech(half_b);
        for (std::size_t power = 0; power < 3; ++power)
            moments.add(power, x0.nodes[i], x1.nodes, density[power] * outer);
    }
    return moments;
}

Moments logistic_moments(const PopulationSignal& signal, double sine, double refinement) {
    const Steps h = steps(refinement);
    // sech(a/2) leaves nothing beyond |a| = 80.
    const NormalRule x0 =
        normal_rule(std::min(normal_tail, 80.0 / signal.beta),
                    std::min({0.25 / refinement, h.b / signal.beta, h.b / signal.w}));
    const NormalRule x1 = normal_rule(normal_tail, std::min(0.25 / refinement, h.b / signal.w));
    Moments moments;
    for (Eigen::Index i = 0; i < x0.nodes.size(); ++i) {
        const Array a = Array::Constant(1, 0.5 * signal.beta * x0.nodes[i]);
        const Array half_b = 0.5 * signal.w * (signal.cosine * x0.nodes[i] + sine * x1.nodes);
        const Array outer = (0.5 * x0.weights[i] * sech(a)[0]) * x1.weights * sech(half_b);
        for (const double c : {-0.5, 0.5}) { // c(y) = y / 2
            const Array value = outer * sech(2.0 * c * a[0] + half_b);
            moments.add(0, x0.nodes[i], x1.nodes, value);
            moments.add(1, x0.nodes[i], x1.nodes, c * value);
            moments.add(2, x0.nodes[i], x1.nodes, c * c * value);
        }
    }
    return moments;
}

/// E[sigmoid'(v.x)] across a vector v of this norm and E[sigmoid'(v.x) s^2] along it.
struct LogisticInformation {
    double across;
    double along;
};

LogisticInformation logistic_information(double norm, double refinement) {
    // sigmoid'(s) = sech(s/2)^2 / 4 leaves nothing beyond 80.
    const NormalRule rule =
        normal_rule(std::min(normal_tail, 80.0 / norm), std::min(0.25, 0.6 / norm) / refinement);
    const Array density = 0.25 * rule.weights * sech(0.5 * norm * rule.nodes).square();
    return {density.sum(), (density * rule.nodes.square()).sum()};
}

template<int Size>
std::array<double, static_cast<std::size_t>(Size)>
rates(const Eigen::Matrix<double, Size, Size>& missing,
      const Eigen::Matrix<double, Size, Size>& complete) {
    const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::Matrix<double, Size, Size>> eigen(
        missing, complete, Eigen::EigenvaluesOnly | Eigen::Ax_lBx);
    std::array<double, static_cast<std::size_t>(Size)> values{};
    for (int i = 0; i < Size; ++i)
        values[static_cast<std::size_t>(i)] = eigen.eigenvalues()[Size - 1 - i];
    return values;
}

} // namespace

double PopulationRates::rate() const {
    return std::max(plane[0], across[0]);
}

PopulationInformation population_information(PopulationExperts experts,
                                             const PopulationSignal& signal, double refinement) {
    if (!(signal.beta > 0.0 && signal.beta <= 1e6 && signal.w > 0.0 && signal.w <= 100.0 &&
          std::abs(signal.cosine) <= 1.0 && refinement >= 1.0)) {
        throw std::invalid_argument(
            "population_information: beta = " + std::to_string(signal.beta) +
            ", w = " + std::to_string(signal.w) + ", cosine = " + std::to_string(signal.cosine) +
            ", refinement = " + std::to_string(refinement) +
            "; allowed are beta in (0, 1e6], w in (0, 100], a cosine in [-1, 1], refinement >= 1");
    }
    const double sine = std::sqrt(1.0 - signal.cosine * signal.cosine);
    const bool linear = experts == PopulationExperts::linear;
    const Moments m = linear ? linear_moments(signal, sine, refinement)
                             : logistic_moments(signal, sine, refinement);
    const LogisticInformation gate = logistic_information(signal.w, refinement);
    const LogisticInformation expert =
        linear ? LogisticInformation{1.0, 1.0} : logistic_information(signal.beta, refinement);

    // Complete score z (c(y) x, x/2): blocks (expert, gate).
    PopulationInformation result;
    result.missing << m.plane[2], 0.5 * m.plane[1], 0.5 * m.plane[1], 0.25 * m.plane[0];
    result.missing_across << m.total[2], 0.5 * m.total[1], 0.5 * m.total[1], 0.25 * m.total[0];
    const Eigen::Vector2d direction(signal.cosine, sine);
    result.complete.setZero();
    result.complete.topLeftCorner<2, 2>() =
        Eigen::Vector2d(expert.along, expert.across).asDiagonal();
    result.complete.bottomRightCorner<2, 2>() =
        gate.across * Eigen::Matrix2d::Identity() +
        (gate.along - gate.across) * direction * direction.transpose();
    result.complete_across = Eigen::Vector2d(expert.across, gate.across).asDiagonal();
    return result;
}

PopulationRates population_rates(const PopulationInformation& information) {
    return {rates<4>(information.missing, information.complete),
            rates<2>(information.missing_across, information.complete_across)};
}

PopulationRates population_rates(PopulationExperts experts, const PopulationSignal& signal,
                                 double refinement) {
    return population_rates(population_information(experts, signal, refinement));
}

ZeroSignalMap::ZeroSignalMap() {
    // E[s tanh(s b)] = (2/pi) int_R e^{2t} K_0(e^t) tanh(e^t b) dt, the integrand below 1e-16 of
    // its peak outside [-13, 3.8]; K_0(s) = int_0^inf exp(-s cosh v) dv by the same rule.
    constexpr double low = -13.0;
    constexpr double high = 3.8;
    constexpr int intervals = 80;
    constexpr double step = (high - low) / intervals;
    constexpr double inner_step = 0.1;
    for (int k = 0; k <= intervals; ++k) {
        const double s = std::exp(low + step * k);
        double bessel = 0.5 * std::exp(-s);
        for (int j = 1; s * std::cosh(inner_step * j) < 750.0; ++j)
            bessel += std::exp(-s * std::cosh(inner_step * j));
        bessel *= inner_step;
        nodes_.push_back(s);
        weights_.push_back(2.0 / std::numbers::pi * step * s * s * bessel);
    }
}

double ZeroSignalMap::operator()(double b) const {
    double sum = 0.0;
    for (std::size_t k = 0; k < nodes_.size(); ++k)
        sum += weights_[k] * std::tanh(nodes_[k] * b);
    return sum;
}

std::vector<double> ZeroSignalMap::orbit(double b0, std::int64_t iterations) const {
    std::vector<double> orbit{b0};
    for (std::int64_t t = 0; t < iterations; ++t)
        orbit.push_back((*this)(orbit.back()));
    return orbit;
}

} // namespace moe
