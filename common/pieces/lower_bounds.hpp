#pragma once
// What one mixture-of-experts layer cannot do (the project's notes on arXiv:2505.24205, section 4).
// A layer with n experts, linear top-1 gate and experts of h hidden ReLU layers of width m is
// affine on each of T = n s^h convex cells, s = sum_{j <= min(L, m)} C(m, j). Some cell has volume
// 1/T, so its smallest enclosing ball has radius R >= (T V_L)^(-1/L), and no affine function is
// closer to |x|^2 there than R^2 / 2. Everything is computed from logarithms: no size overflows.

#include <cstdint>
#include <optional>

namespace moe {

/// One layer on [0, 1]^L. Affine experts: width 0 or no hidden layer.
struct OneLayerClass {
    std::uint32_t dimension = 1; ///< L
    std::uint64_t experts = 1;   ///< n
    std::uint32_t width = 0;     ///< m
    std::uint32_t hidden = 0;    ///< h
};

/// log2 T. Throws InputError naming the size for a dimension or number of experts of 0 and for
/// widths above 2^22.
[[nodiscard]] double log2_cells(const OneLayerClass& layer);

/// T where log2 T is at most 61.5, nothing otherwise. Throws as log2_cells.
[[nodiscard]] std::optional<std::uint64_t> exact_cells(const OneLayerClass& layer);

/// ln V_L, V_L = pi^(L/2) / Gamma(L/2 + 1) the volume of the unit ball.
[[nodiscard]] double log_ball_volume(std::uint32_t dimension);

/// (T V_L)^(-2/L) / 2: every layer of the class misses |x|^2 by that much somewhere on [0, 1]^L.
/// `log2_of_cells` is log2 T.
[[nodiscard]] double square_norm_bound(std::uint32_t dimension, double log2_of_cells);
[[nodiscard]] double square_norm_bound(const OneLayerClass& layer);

/// LB = (T V_L)^(-2/L) / 2 - L / (8 q^2), for Phi_q = sum_l phi_q(x_l), phi_q the best continuous
/// piecewise-linear approximation of t^2 with q equal pieces. Vacuous where it is not positive.
/// Throws std::invalid_argument for q < 1.
[[nodiscard]] double piecewise_bound(std::uint32_t dimension, double log2_of_cells, double pieces);
[[nodiscard]] double piecewise_bound(const OneLayerClass& layer, double pieces);

/// L / (8 q^2) = max |Phi_q - |x|^2|.
[[nodiscard]] double square_norm_gap(std::uint32_t dimension, double pieces);

} // namespace moe
