#pragma once
// The figure of the trained half of thm_manifold_rate.

#include "plots/style.hpp"

namespace manifold_rate_figures {

/// Trained error against the ambient dimension and against the number of circles.
[[nodiscard]] moe::Figure trained(moe::RunData& run);

} // namespace manifold_rate_figures
