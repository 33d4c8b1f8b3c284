#pragma once
// The winding curve u(th) = (cos 2th, sin 2th, cos 3th, sin 3th)/sqrt(2) of R^4: a circle that no
// linear gate cuts into its four charts (the project's notes on arXiv:2505.24205, 2.2 and 2.6).

#include <array>
#include <cstddef>
#include <numbers>
#include <span>

namespace moe {

inline constexpr std::size_t winding_charts = 4;
/// Half-width beta of a chart in th; the charts' centres are the multiples of pi/2.
inline constexpr double winding_half_width = std::numbers::pi / 4.0 + 0.1;
/// The chart coordinate is strictly increasing for |offset| up to here.
inline constexpr double winding_monotone_offset = 1.1;

[[nodiscard]] std::array<double, 4> winding_point(double angle);
/// The angle of a point of the curve, in (-pi, pi].
[[nodiscard]] double winding_angle(std::span<const double> point);
/// Chart coordinate t of the angle th = centre + offset: sin 2o - sin(3o)/2, linear in u.
[[nodiscard]] double winding_coordinate(double offset);
/// The offset of a chart coordinate, by bisection; the nearest one in
/// [-winding_monotone_offset, winding_monotone_offset].
[[nodiscard]] double winding_offset(double coordinate);

} // namespace moe
