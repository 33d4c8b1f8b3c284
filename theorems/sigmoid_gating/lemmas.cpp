#include "sigmoid_gating/lemmas.hpp"

#include "gating/gated_function.hpp"
#include "gating/grid_data.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace sigmoid_gating {

namespace {

double sigma(double z) {
    return z >= 0.0 ? 1.0 / (1.0 + std::exp(-z)) : std::exp(z) / (1.0 + std::exp(z));
}

/// Integral over [low, high] by ten panels of the 20-point Gauss-Legendre rule.
template<class Function>
double integral(const Function& function, double low, double high) {
    constexpr int panels = 10;
    double sum = 0.0;
    for (int panel = 0; panel < panels; ++panel) {
        const double step = (high - low) / panels;
        sum += boost::math::quadrature::gauss<double, 20>::integrate(function, low + panel * step,
                                                                     low + (panel + 1) * step);
    }
    return sum;
}

} // namespace

std::vector<ExactCount> gate_lemma(std::int64_t parts) {
    if (parts < 2 || parts > 1000) throw std::invalid_argument("gate_lemma: parts in 2..1000");
    const std::int64_t n = parts;
    ExactCount identity{"(1-2p)q(1-q) + (1-2q)p(1-p) = (1-s)(s-2pq)"};
    ExactCount positive{"(1-s)(s-2pq) > 0 for s < 1"};
    ExactCount degenerate{"(1-s)(s-2pq) = 0 at s = 1"};
    ExactCount superadditive{"g(p) + g(q) <= g(p+q), g(p) = p(1-p)/(1-2p), p+q < 1/2"};
    const auto count = [](ExactCount& entry, bool holds) {
        ++entry.cases;
        if (!holds) ++entry.failures;
    };
    for (std::int64_t i = 1; i < n; ++i) {
        for (std::int64_t j = 1; i + j <= n; ++j) {
            const std::int64_t s = i + j;
            const std::int64_t coefficient = (n - 2 * i) * j * (n - j) + (n - 2 * j) * i * (n - i);
            const std::int64_t product = (n - s) * (n * s - 2 * i * j);
            count(identity, coefficient == product);
            if (s < n)
                count(positive, coefficient > 0);
            else
                count(degenerate, coefficient == 0);
            if (2 * s >= n) continue;
            const std::int64_t left =
                (i * (n - i) * (n - 2 * j) + j * (n - j) * (n - 2 * i)) * (n - 2 * s);
            count(superadditive, left <= s * (n - s) * (n - 2 * i) * (n - 2 * j));
        }
    }
    return {identity, positive, degenerate, superadditive};
}

double kink_distance(double d) {
    const auto squared = [d](double x) {
        const auto relu = [](double z) { return z > 0.0 ? z : 0.0; };
        const double difference = 0.5 * relu(x - d) + 0.5 * relu(x + d) - relu(x);
        return difference * difference;
    };
    return std::sqrt(integral(squared, -d, 0.0) + integral(squared, 0.0, d));
}

double kink_distance_exact(double d) {
    return std::pow(d, 1.5) / std::sqrt(6.0);
}

namespace {

/// Extra mass of both halves, relative.
double extra_mass(double r, double m) {
    return std::pow(m, -(r + 1.0));
}

/// f_{G_m} - f_{G*} at x.
double split_difference(const SplitTruth& truth, double t, double x) {
    const double h1 = truth.a1 * x + truth.c1;
    if (!truth.softmax) return sigma(truth.b0) * t * h1;
    const double g = std::exp(truth.b1 * x + truth.b0);
    const double h2 = truth.a2 * x + truth.c2;
    return t * g * (h1 - h2) / ((g * (1.0 + t) + 1.0) * (g + 1.0));
}

/// The truth and G_m as models: atom 0 whole, or as two halves whose experts differ from it by -1/m
/// and 1/m (of the bias, or of the scale for the sigmoid).
moe::GatedFunction model(const SplitTruth& truth, bool split, double r, double m) {
    const double t = extra_mass(r, m);
    moe::GatedFunction function{truth.softmax ? moe::GateKind::softmax : moe::GateKind::sigmoid,
                                moe::ExpertActivation::linear,
                                {}};
    for (const double sign : {-1.0, 1.0}) {
        const double shift = split ? sign / m : 0.0;
        const double part = 0.5 * (split ? 1.0 + t : 1.0);
        if (truth.softmax) {
            function.atoms.push_back(
                {truth.b1, truth.b0 + std::log(part), truth.a1, truth.c1 + shift});
        } else {
            const double p = part * sigma(truth.b0);
            function.atoms.push_back(
                {0.0, std::log(p / (1.0 - p)), truth.a1 * (1.0 + shift), truth.c1 * (1.0 + shift)});
        }
    }
    if (truth.softmax) function.atoms.push_back({0.0, 0.0, truth.a2, truth.c2});
    return function;
}

} // namespace

double split_ratio(const SplitTruth& truth, double r, double m) {
    if (!(r >= 1.0) || !(m > 1.0)) throw std::invalid_argument("split_ratio: r >= 1 and m > 1");
    const double t = extra_mass(r, m);
    const auto squared = [&](double x) { return std::pow(split_difference(truth, t, x), 2.0); };
    const double norm = std::sqrt(integral(squared, -3.0, 3.0) / 6.0);
    if (truth.softmax) {
        const double w = std::exp(truth.b0);
        return norm / (w * t + w * (1.0 + t) * std::pow(m, -r));
    }
    return norm / (sigma(truth.b0) * t + 2.0 * std::pow(std::hypot(truth.a1, truth.c1) / m, r));
}

double split_model_error(const SplitTruth& truth, double r, double m) {
    const std::vector<double> points = moe::midpoint_grid(-3.0, 3.0, 128);
    const std::vector<double> whole = moe::values_on(model(truth, false, r, m), points);
    const std::vector<double> split = moe::values_on(model(truth, true, r, m), points);
    const double t = extra_mass(r, m);
    double error = 0.0;
    double size = 0.0;
    for (std::size_t b = 0; b < points.size(); ++b) {
        const double difference = split_difference(truth, t, points[b]);
        error = std::max(error, std::abs(split[b] - whole[b] - difference));
        size = std::max(size, std::abs(difference));
    }
    return error / size;
}

} // namespace sigmoid_gating
