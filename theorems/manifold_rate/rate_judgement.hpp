#pragma once
// How the sup errors of the built networks decide the claims on routing, certificates and rates.

#include "basics/table.hpp"
#include "program/program.hpp"

namespace manifold_rate {

/// Pre-asymptotic range of a slope in N.
inline constexpr double slope_tolerance = 0.25;
/// Of a sup error over its certificate (notes 2.5): M is taken on a lattice.
inline constexpr double certificate_slack = 1.02;

/// Smooth targets: the claims of the check "interpolation".
void judge_interpolation(moe::Judgement& judgement, const moe::Table& errors);
/// Hoelder targets: the claims of the check "hoelder".
void judge_hoelder(moe::Judgement& judgement, const moe::Table& errors);

} // namespace manifold_rate
