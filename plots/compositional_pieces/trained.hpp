#pragma once
// The figure of the trained half of thm_compositional_pieces.

#include "plots/style.hpp"

namespace compositional_pieces_figures {

/// Trained error of 2-3, 1-6 and 1-9 against the width of an expert.
[[nodiscard]] moe::Figure trained(moe::RunData& run);

} // namespace compositional_pieces_figures
