#pragma once
// Direct Freudenthal interpolation by sorting, without a network: the independent reference of the
// Kuhn experts (H. Freudenthal, "Simplizialzerlegungen von beschraenkter Flachheit", 1942; the
// project's notes, 3.3 and 3.4).

#include "targets/lipschitz.hpp"

#include <cstdint>
#include <span>

namespace moe {

/// Interpolant at x of the values of f at the nodes (c_i M + g_i + 1/2)/(K M) of `cell` c on the
/// K^n grid: x is clamped to the box of the nodes, its fractional coordinates are sorted, and f is
/// evaluated at the n + 1 vertices of the simplex that contains x. M = 1: f(centre). x need not lie
/// in the cell. Throws std::invalid_argument if cell and x differ in length, K or M is below 1 or
/// x is not finite.
[[nodiscard]] double freudenthal_interpolant(std::int64_t K, std::int64_t M,
                                             std::span<const std::int64_t> cell,
                                             const ScalarField& f, std::span<const double> x);

/// The same for node values given row-major (M^n of them), as they were put into an expert.
[[nodiscard]] double freudenthal_interpolant(std::int64_t K, std::int64_t M,
                                             std::span<const std::int64_t> cell,
                                             std::span<const double> node_values,
                                             std::span<const double> x);

} // namespace moe
