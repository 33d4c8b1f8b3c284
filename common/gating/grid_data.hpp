#pragma once
// Observations of a function on a grid, with weights.

#include "gating/gated_function.hpp"

#include <cstddef>
#include <vector>

namespace moe {

/// M midpoints of equal parts of [lower, upper]: lower + (upper - lower)(b + 1/2)/M.
[[nodiscard]] std::vector<double> midpoint_grid(double lower, double upper, std::size_t M);

/// One data set. The objective of a fit is sum_b weights[b] (means[b] - f(x_b))^2: chi square if
/// weights[b] is the reciprocal variance of means[b].
struct GridData {
    std::vector<double> points;
    std::vector<double> weights; ///< 0 for an empty bin
    std::vector<double> means;   ///< of an empty bin: nothing may read it
};

/// sum_b weights[b] (means[b] - f(x_b))^2 over the bins of positive weight.
[[nodiscard]] double weighted_squares(const GridData& data, const GatedFunction& f);

} // namespace moe
