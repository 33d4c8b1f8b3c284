#include "pieces/sub_functions.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace moe {

double PiecewiseLinear::operator()(double t) const noexcept {
    double value = intercept + slope * t;
    for (std::size_t k = 0; k < knots.size(); ++k)
        value += changes[k] * std::max(t - knots[k], 0.0);
    return value;
}

std::vector<std::uint32_t> random_permutation(std::uint32_t count, RandomStream& random) {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

SubFunctions quadratic_family(std::uint32_t E, std::uint32_t L, std::uint32_t m) {
    const double q = static_cast<double>(E) * (m + 1.0);
    std::vector<PiecewiseLinear> charts;
    for (std::uint32_t i = 0; i < E; ++i) {
        const double p = static_cast<double>(i) * (m + 1.0);
        PiecewiseLinear f{.intercept = -p * (p + 1.0) / (q * q) - 1.0 / (8.0 * q * q),
                          .slope = (2.0 * p + 1.0) / q};
        for (std::uint32_t k = 1; k <= m; ++k) {
            f.knots.push_back((p + k) / q);
            f.changes.push_back(2.0 / q);
        }
        charts.push_back(std::move(f));
    }
    return SubFunctions(L, charts);
}

SubFunctions random_family(std::uint32_t E, std::uint32_t L, RandomStream& random) {
    SubFunctions family;
    for (std::uint32_t l = 0; l < L; ++l) {
        std::vector<PiecewiseLinear> charts;
        for (const std::uint32_t rank : random_permutation(E, random)) {
            const double slope = std::ldexp(rank, static_cast<int>(l)) + random.uniform();
            charts.push_back({.intercept = random.normal(), .slope = slope});
        }
        family.push_back(std::move(charts));
    }
    return family;
}

PiecewiseLinear interpolant(const std::function<double(double)>& f, double low, double high,
                            std::uint32_t pieces) {
    if (pieces == 0 || !(low < high))
        throw std::invalid_argument("interpolant: no piece or an empty interval");
    const double step = (high - low) / pieces;
    const auto node = [&](std::uint32_t k) { return k == pieces ? high : low + step * k; };
    PiecewiseLinear result;
    double left = f(low);
    double slope_before = 0.0;
    for (std::uint32_t k = 0; k < pieces; ++k) {
        const double right = f(node(k + 1));
        const double slope = (right - left) / (node(k + 1) - node(k));
        if (k == 0) {
            result.slope = slope;
            result.intercept = left - slope * low;
        } else {
            result.knots.push_back(node(k));
            result.changes.push_back(slope - slope_before);
        }
        slope_before = slope;
        left = right;
    }
    return result;
}

double SmoothSubFunction::operator()(double t) const noexcept {
    return std::sin((chart + 2.0) * t + coordinate);
}

double SmoothSubFunction::largest_curvature(double low, double high) const noexcept {
    const double frequency = chart + 2.0;
    const double from = frequency * low + coordinate;
    const double to = frequency * high + coordinate;
    // |sin| is 1 at pi/2 + k pi; between two of these points it is largest at an end.
    const double turn = std::numbers::pi;
    const double peak = (std::ceil(from / turn - 0.5) + 0.5) * turn;
    const double sine =
        peak <= to ? 1.0 : std::max(std::abs(std::sin(from)), std::abs(std::sin(to)));
    return frequency * frequency * sine;
}

SubFunctions smooth_family(std::uint32_t E, std::uint32_t L, std::uint32_t m) {
    const RegionSystem regions(E);
    SubFunctions family(L);
    for (std::uint32_t l = 0; l < L; ++l) {
        for (std::uint32_t i = 0; i < E; ++i)
            family[l].push_back(interpolant(SmoothSubFunction{l, i}, regions.point(i, 0.0),
                                            regions.point(i, 1.0), m + 1));
    }
    return family;
}

} // namespace moe
