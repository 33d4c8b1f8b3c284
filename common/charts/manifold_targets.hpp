#pragma once
// Functions on the manifolds that are approximated (the project's notes on arXiv:2505.24205, 2.3).
// They take the ambient coordinates u of R^n, also for the points beside the manifold that
// Atlas::point gives at the corners of a chart's grid.

#include "charts/atlas.hpp"
#include "targets/lipschitz.hpp"

namespace moe {

/// sin 5u_0 + cos 3u_1, for n > 2 plus sin(2u_2 + u_0); on the winding curve at the angle th
/// sin(5 cos th) + cos(3 sin th).
[[nodiscard]] ScalarField smooth_target(Manifold manifold);

/// sum_j sum_{k=0}^{scales} 2^(-alpha k) cos(2^k (2u_j + 0.3j + phase)): smoothness alpha down to
/// the scale 2^-scales (alpha = 1: Lipschitz up to a logarithm).
struct HoelderTarget {
    double alpha;
    double phase = 0.0;
    int scales = 12; ///< K
};
/// The notes' K: 12 for d = 1, 10 for d >= 2.
[[nodiscard]] int usual_scales(std::size_t intrinsic) noexcept;
/// Throws InputError for an alpha that is not positive and finite, a phase that is not finite or
/// scales outside 0..60.
[[nodiscard]] ScalarField hoelder_target(const HoelderTarget& target);

/// sum_j sin(3t_j + j) + cos(2 sum_j t_j), j from 0: a smooth function of the cube [-1,1]^D for
/// the grid without a chart.
[[nodiscard]] ScalarField cube_target();

} // namespace moe
