#pragma once
// What thm_manifold_rate claims, and how the tables decide it. Everything but the slopes on spheres
// and the torus is deterministic given the samples, so no rule there has a false-alarm rate.

#include "charts/atlas.hpp"
#include "program/program.hpp"

#include <cstddef>
#include <vector>

namespace manifold_rate {

/// Name, papers, options, checks, claims, tables, figures and sabotages; the caller adds the
/// functions.
[[nodiscard]] moe::Program declaration();

[[nodiscard]] moe::Judgement judge(const moe::Options& options, const moe::Tables& tables);

/// Phases of the Hoelder targets by d.
[[nodiscard]] std::vector<double> phases(std::size_t intrinsic);

/// eta at which the routing of circle and winding must visibly break.
[[nodiscard]] double breaking_noise(moe::Manifold manifold);

} // namespace manifold_rate
