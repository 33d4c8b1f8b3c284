#pragma once
// Figures of the check "fashion" of thm_em_vs_gradient.

#include "plots/run_data.hpp"
#include "plots/style.hpp"

#include <vector>

namespace em_vs_gradient {

/// em_vs_gradient_fashion and em_vs_gradient_images.
[[nodiscard]] std::vector<moe::Figure> fashion_figures(moe::RunData& run);

} // namespace em_vs_gradient
