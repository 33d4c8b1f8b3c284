#pragma once
// First-order identifiability in regime 2, uniformly in the gate of the dead atom (notes 3.5).

#include "gating/gated_function.hpp"

#include <span>

namespace sigmoid_gating {

/// Smallest singular value of J_dead(u): the columns of the model at (truth, dead atom with gate
/// u), without the two of the dead gate, divided by the root of the number of points. Throws
/// std::invalid_argument for a truth that is not sigmoid.
[[nodiscard]] double dead_tangent(const moe::GatedFunction& truth, double b1, double b0,
                                  std::span<const double> points);

struct TangentScan {
    double minimum;
    double maximum;
    double b1; ///< where the minimum is
    double b0;
    double at_true_gate; ///< least over u = the gates of the truth's atoms
};

/// Over the grid of `steps` x `steps` gates in [-2.5, 2.5]^2 (ends included).
[[nodiscard]] TangentScan scan_dead_tangent(const moe::GatedFunction& truth,
                                            std::span<const double> points, int steps = 41);

} // namespace sigmoid_gating
