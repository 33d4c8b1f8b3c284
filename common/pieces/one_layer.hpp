#pragma once
// Mixtures of experts with one layer that try to approximate a function of [0, 1]^L: the contenders
// that the lower bound of pieces/lower_bounds.hpp must survive.

#include "layers/moe_layer.hpp"
#include "pieces/cube_points.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace moe {

/// max |layer - values| over the points; NaN if any is. layer: R^L -> R.
[[nodiscard]] double largest_error(const MoeLayer& layer, const CubePoints& points,
                                   std::span<const double> values);

/// The gate of the nearest centre: logits 2 <c, x> - |c|^2, the tangent planes of |x|^2 at the
/// centres [n][L].
[[nodiscard]] LinearGate nearest_centre_gate(std::span<const double> centres, std::uint32_t L);

/// Centres [n][L] by Lloyd's algorithm: from n random ones of the points, `iterations` times every
/// centre goes to the mean of the points that are nearest to it. `poll` is called between.
[[nodiscard]] std::vector<double> lloyd_centres(const CubePoints& points, std::size_t n,
                                                int iterations, RandomStream& random,
                                                const std::function<void()>& poll);

/// Largest distance of a point from its nearest centre, squared.
[[nodiscard]] double covering_radius_squared(std::span<const double> centres,
                                             const CubePoints& points);

/// max_c (2 <c, x> - |c|^2) + R^2 / 2: with R the covering radius its distance from |x|^2 is
/// exactly R^2 / 2.
[[nodiscard]] MoeLayer tangent_plane_moe(std::span<const double> centres, std::uint32_t L,
                                         double radius_squared);

/// n_l intervals of coordinate l for the gate, p_l pieces of every interval for the experts.
struct GridShape {
    std::vector<std::uint32_t> intervals; ///< product at most the number of experts
    std::vector<std::uint32_t> pieces;    ///< 1 + sum (p_l - 1) at most the width; 1 without ReLUs

    /// sum_l 1 / (8 (n_l p_l)^2): the error of its best layer on |x|^2.
    [[nodiscard]] double square_norm_error() const noexcept;
};
/// The shape with the least error for at most `experts` experts of that width (0: affine).
[[nodiscard]] GridShape best_grid(std::uint32_t L, std::uint64_t experts, std::uint32_t width);
/// The layer of that shape on |x|^2: boxes by a nearest-centre gate, one hidden ReLU layer in the
/// experts where a coordinate has more than one piece, affine ones otherwise.
[[nodiscard]] MoeLayer grid_moe(const GridShape& shape);

/// Experts for a given gate, fitted to values at points: affine ones, or with `width` > 0 ReLU
/// experts whose hidden layer is random and whose output layer is fitted. Least squares in every
/// cell, then `lawson` reweightings by the error (Lawson 1961), which lead towards the smallest
/// maximal error, then the middle of the residuals. A cell without points gets the fit of all.
struct ExpertFit {
    std::uint32_t width = 0;
    int lawson = 0;
};
[[nodiscard]] MoeLayer fit_experts(LinearGate gate, const CubePoints& points,
                                   std::span<const double> values, const ExpertFit& fit,
                                   RandomStream& random);

/// A random gate: even numbers give nearest centres of n uniform points, odd ones hyperplanes
/// through uniform points with normal normals.
[[nodiscard]] LinearGate random_contender_gate(std::uint32_t L, std::size_t n, std::uint64_t number,
                                               RandomStream& random);

/// The parity of the sum of all interval numbers with L(E - 1) + 1 constant experts: strips of
/// x_1 + ... + x_L. Right at the centre of every one of the E^L boxes: not every function with E^L
/// pieces is hard for one layer.
[[nodiscard]] MoeLayer parity_moe(std::uint32_t E, std::uint32_t L);

} // namespace moe
