#pragma once
// The simulated cells and what is judged of each (notes 5).

#include "sigmoid_gating/truths.hpp"

#include "statistics/median_rate.hpp"

#include <string>
#include <vector>

namespace sigmoid_gating {

/// One simulated cell.
struct SimulatedCell {
    std::string check; ///< "gelu" or "tanh"
    Truth truth;
    bool judged; ///< reported only: ill-conditioned at these sizes

    /// Whether the slopes are those of fits in the restricted box (regime 1: over the whole box the
    /// additional atom dies).
    [[nodiscard]] bool restricted() const;
    /// The cell of the table fits whose slopes are fitted: "SIG1.gelu.split", else the truth's
    /// name.
    [[nodiscard]] std::string fitted() const;
    /// All cells of the table fits: the whole box under the truth's name, then its representations.
    [[nodiscard]] std::vector<std::string> all() const;
};

/// All cells of the checks gelu and tanh.
[[nodiscard]] std::vector<SimulatedCell> simulated_cells();

/// A quantity of a cell whose slope is fitted.
struct FittedQuantity {
    std::string claim;  ///< "exact", "over", "dead", "F"; "" if it is told and not judged
    std::string column; ///< of the table fits
    double claimed;
    double tolerance;
    moe::SlopeRule rule;
};
[[nodiscard]] std::vector<FittedQuantity> fitted_quantities(const Truth& truth);

/// Slopes of -1/2: in [-0.60, -0.40], and the interval excludes -3/8, half way to -1/4.
inline constexpr moe::SlopeRule root_rule{-0.60, -0.40, -0.375};
/// Slopes of -1/4: in [-0.33, -0.18], same rival.
inline constexpr moe::SlopeRule quarter_rule{-0.33, -0.18, -0.375};
/// E_dead is too noisy for an interval that decides.
inline constexpr moe::SlopeRule noisy_root_rule{-0.60, -0.40, {}};

} // namespace sigmoid_gating
