#pragma once
// Regression data reduced to a grid, exactly in law: for X uniform on M points and
// Y = f*(X) + N(0, s^2), the counts are Multinomial(n, 1/M), the bin means given the counts are
// N(f*(x_b), s^2 / N_b), and least squares needs nothing else. The cost does not depend on n.

#include "basics/random.hpp"
#include "gating/gated_function.hpp"
#include "gating/grid_data.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace moe {

/// Most samples: beyond, the rounding of f at 1e-16 becomes visible in the residuals.
inline constexpr std::int64_t max_samples = 1'000'000'000'000;

/// Binomial(n, favourable/outcomes). Exact but for rounding: rejection from a proposal that is
/// drawn in integers, with acceptance probabilities good to 1e-13 whatever n (see the source), so
/// that the law differs by less than 1e-12 in total variation. Expected time does not depend on n.
/// Throws std::invalid_argument unless 0 <= n <= max_samples, 0 <= favourable <= outcomes and
/// 1 <= outcomes <= 10^6.
[[nodiscard]] std::int64_t draw_binomial(std::int64_t n, std::int64_t favourable,
                                         std::int64_t outcomes, RandomStream& stream);

/// Multinomial(n; 1/M, ..., 1/M) by halving the range of cells: M - 1 binomials.
[[nodiscard]] std::vector<std::int64_t> draw_uniform_counts(std::int64_t n, std::size_t M,
                                                            RandomStream& stream);

/// Draws counts, then the means. Throws InputError naming the value: n outside 1..max_samples, s
/// not positive and finite, fewer than 4 points per atom of `fitted_atoms`, ReLU experts (a kink
/// between two grid points is not identified), a value of the truth that is not finite.
[[nodiscard]] GridData draw_grid_data(const GatedFunction& truth, std::size_t fitted_atoms,
                                      std::span<const double> points, std::int64_t n, double s,
                                      RandomStream& stream);

/// Noise that anyone can recompute: means f*(x_b) + S sin(1 + 7.3 b + 0.11 b^2), weights 1.
[[nodiscard]] GridData pseudo_noise_data(const GatedFunction& truth, std::span<const double> points,
                                         double S);

} // namespace moe
