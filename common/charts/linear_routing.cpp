#include "charts/linear_routing.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "charts/winding.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr double pi = std::numbers::pi;

/// |difference| of two angles, in [0, pi].
double distance(double a, double b) {
    return std::abs(std::remainder(a - b, 2.0 * pi));
}

double uniform(RandomStream& random, double low, double high) {
    return low + (high - low) * random.uniform();
}

void fill_normal(RandomStream& random, double size, std::span<double> numbers) {
    for (double& number : numbers)
        number = size * random.normal();
}

} // namespace

std::vector<CorePoint> core_points(const ArcCover& cover, std::size_t count) {
    if (cover.charts < 1) throw InputError("charts 0: must be at least 1");
    const double least = pi / static_cast<double>(cover.charts);
    if (!(cover.half_width > least) || !(cover.half_width < pi))
        throw InputError("half_width " + shortest(cover.half_width) + ": must be above pi/" +
                         std::to_string(cover.charts) + " = " + rounded(least, 6) +
                         ", so that the charts overlap, and below pi");
    std::vector<CorePoint> core;
    for (std::size_t p = 0; p < count; ++p) {
        const double angle = 2.0 * pi * static_cast<double>(p) / static_cast<double>(count);
        std::size_t inside = 0;
        CorePoint point{.angle = angle, .chart = 0};
        for (std::size_t chart = 0; chart < cover.charts; ++chart) {
            const double centre =
                2.0 * pi * static_cast<double>(chart) / static_cast<double>(cover.charts);
            if (distance(angle, centre) >= cover.half_width) continue;
            ++inside;
            point.chart = chart;
        }
        if (inside == 1) core.push_back(point);
    }
    return core;
}

Curve circle_curve() {
    return {2, [](double angle, std::span<double> u) {
                u[0] = std::cos(angle);
                u[1] = std::sin(angle);
            }};
}

Curve winding_curve() {
    return {4, [](double angle, std::span<double> u) {
                const auto point = winding_point(angle);
                std::copy(point.begin(), point.end(), u.begin());
            }};
}

double misrouted_fraction(const LinearGate& gate, const Curve& curve,
                          std::span<const CorePoint> core, std::size_t count) {
    std::vector<double> u(curve.own);
    std::vector<double> logits(gate.experts());
    std::size_t misrouted = 0;
    for (const CorePoint& point : core) {
        curve.point(point.angle, u);
        gate.logits(u, logits);
        if (moe::route(logits) != point.chart) ++misrouted;
    }
    return static_cast<double>(misrouted) / static_cast<double>(count);
}

double xor_residual(std::size_t count) {
    constexpr double p = pi / 6.0;
    double largest = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        const double c = 2.0 * pi * static_cast<double>(i) / static_cast<double>(count) - pi;
        const auto a = winding_point(c + p);
        const auto b = winding_point(c - p);
        const auto across_a = winding_point(c + pi + p);
        const auto across_b = winding_point(c + pi - p);
        for (std::size_t k = 0; k < a.size(); ++k)
            largest = std::max(largest,
                               std::abs((a.at(k) + b.at(k)) - (across_a.at(k) + across_b.at(k))));
    }
    return largest;
}

double misrouted_bound(double half_width) {
    return std::max(0.0, 4.0 * (pi / 3.0 - half_width) / (2.0 * pi));
}

LinearGate random_gate(std::size_t experts, std::size_t inputs, RandomStream& random) {
    std::vector<double> weights(experts * inputs);
    std::vector<double> biases(experts);
    fill_normal(random, 1.0, weights);
    fill_normal(random, 1.0, biases);
    return {std::move(weights), std::move(biases)};
}

LinearGate logistic_gate(const Curve& curve, const ArcCover& cover, std::span<const CorePoint> core,
                         std::size_t steps, RandomStream& random) {
    constexpr double momentum = 0.9;
    const std::size_t row = curve.own + 1;
    std::vector<double> points(core.size() * row, 1.0);
    for (std::size_t p = 0; p < core.size(); ++p)
        curve.point(core[p].angle, std::span(points).subspan(p * row, curve.own));
    const double rate = uniform(random, 0.1, 1.0) / static_cast<double>(core.size());
    std::vector<double> theta(cover.charts * row);
    fill_normal(random, uniform(random, 0.0, 3.0), theta);
    std::vector<double> velocity(theta.size(), 0.0);
    std::vector<double> probability(cover.charts);
    for (std::size_t step = 0; step < steps; ++step) {
        for (double& entry : velocity)
            entry *= momentum;
        for (std::size_t p = 0; p < core.size(); ++p) {
            const double* const u = points.data() + p * row;
            double largest = -HUGE_VAL;
            for (std::size_t e = 0; e < cover.charts; ++e) {
                double logit = 0.0;
                for (std::size_t k = 0; k < row; ++k)
                    logit += theta[e * row + k] * u[k];
                probability[e] = logit;
                largest = std::max(largest, logit);
            }
            double sum = 0.0;
            for (double& entry : probability)
                sum += entry = std::exp(entry - largest);
            for (std::size_t e = 0; e < cover.charts; ++e) {
                const double target = e == core[p].chart ? 1.0 : 0.0;
                const double error = rate * (target - probability[e] / sum);
                for (std::size_t k = 0; k < row; ++k)
                    velocity[e * row + k] += error * u[k];
            }
        }
        for (std::size_t k = 0; k < theta.size(); ++k)
            theta[k] += velocity[k];
    }
    std::vector<double> weights;
    std::vector<double> biases;
    for (std::size_t k = 0; k < theta.size(); ++k)
        (k % row < curve.own ? weights : biases).push_back(theta[k]);
    return {std::move(weights), std::move(biases)};
}

} // namespace moe
