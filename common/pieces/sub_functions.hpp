#pragma once
// Functions of one coordinate that the experts of a compositional target compute, one per chart
// (the project's notes on arXiv:2505.24205, section 3).

#include "basics/random.hpp"
#include "pieces/regions.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace moe {

/// f(t) = intercept + slope t + sum_k changes[k] max(t - knots[k], 0).
struct PiecewiseLinear {
    double intercept = 0.0;
    double slope = 0.0;
    std::vector<double> knots = {};
    std::vector<double> changes = {};

    [[nodiscard]] double operator()(double t) const noexcept;
};

/// A uniformly random order of 0..count-1.
[[nodiscard]] std::vector<std::uint32_t> random_permutation(std::uint32_t count,
                                                            RandomStream& random);

/// Functions by coordinate and chart.
using SubFunctions = std::vector<std::vector<PiecewiseLinear>>;

/// phi_q, the best continuous piecewise-linear approximation of t^2 with q = E (m + 1) equal
/// pieces, m knots inside each of the E intervals: |phi_q - t^2| <= 1 / (8 q^2), with equality at
/// the ends and in the middle of every piece. The same for all L coordinates.
[[nodiscard]] SubFunctions quadratic_family(std::uint32_t E, std::uint32_t L, std::uint32_t m = 0);

/// Affine: the slopes of coordinate l are a random permutation of 0..E-1, times 2^l, plus numbers
/// of U(0, 1), so they differ; intercepts N(0, 1).
[[nodiscard]] SubFunctions random_family(std::uint32_t E, std::uint32_t L, RandomStream& random);

/// The interpolant of f with `pieces` equal pieces on [low, high], continued beyond by its outer
/// pieces. Throws std::invalid_argument for no piece or an empty interval.
[[nodiscard]] PiecewiseLinear interpolant(const std::function<double(double)>& f, double low,
                                          double high, std::uint32_t pieces);

/// f_{l,i}(t) = sin((i + 2) t + l), l coordinate and i chart, both from 0.
struct SmoothSubFunction {
    std::uint32_t coordinate;
    std::uint32_t chart;

    [[nodiscard]] double operator()(double t) const noexcept;
    /// max |f''| on [low, high], exactly.
    [[nodiscard]] double largest_curvature(double low, double high) const noexcept;
};

/// Interpolants of the smooth sub-functions with m + 1 equal pieces on each interval. For one
/// interval a chart.
[[nodiscard]] SubFunctions smooth_family(std::uint32_t E, std::uint32_t L, std::uint32_t m);

} // namespace moe
