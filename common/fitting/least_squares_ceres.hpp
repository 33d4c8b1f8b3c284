#pragma once
// The reference engine.

#include "fitting/least_squares.hpp"

#include <span>

namespace moe::fitting {

/// Ceres with one block of residuals and one of parameters, bounds, DENSE_QR, Levenberg-Marquardt,
/// from a start inside the box. Prints nothing.
[[nodiscard]] FitResult minimise_by_ceres(const ResidualFunction& function, const ParameterBox& box,
                                          std::span<const double> start, const FitOptions& options);

} // namespace moe::fitting
