#pragma once
// The local modulus of a split (notes 3.8): how close to the truth a function can be whose two
// atoms in the split cell differ by a given vector.

#include "sigmoid_gating/truths.hpp"

#include "basics/random.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace sigmoid_gating {

/// A direction in (b1, a, b), of length 1.
using Direction = std::array<double, 3>;

/// The three axes, then `random` ones uniform on the sphere.
[[nodiscard]] std::vector<Direction> directions(std::size_t random, moe::RandomStream& stream);

/// The direction in which a homogeneous expert's scale changes: (0, eta*) / |eta*|.
[[nodiscard]] Direction scale_direction(const Truth& truth);

/// delta = 0.4 2^-j, j = 0..4.
inline constexpr std::array<double, 5> modulus_deltas{0.4, 0.2, 0.1, 0.05, 0.025};

/// m(delta): the least L2(grid) distance from the truth when the two atoms of the split cell differ
/// by delta times the direction. Their gate biases stay within 1.5 of halves of the mass, all other
/// parameters in the box. Best of several starts.
[[nodiscard]] double modulus(const Truth& truth, const Direction& direction, double delta,
                             std::span<const double> points);

/// Slopes of log m between neighbouring deltas.
[[nodiscard]] std::vector<double> local_exponents(std::span<const double> deltas,
                                                  std::span<const double> norms);

} // namespace sigmoid_gating
