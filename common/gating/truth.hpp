#pragma once
// What a truth must be like for the experiments on gates (notes_2405.13997.md), and the two regimes
// of over-specified sigmoid gates: two fitted atoms can share one true atom only if b1* = 0.

#include "gating/gated_function.hpp"

namespace moe {

enum class Regime {
    one, ///< some true atom has b1* = 0, which two fitted atoms can share
    two  ///< no true atom has: the additional atom dies or the fit leaves the truth
};

/// The regime of a sigmoid truth. Throws std::invalid_argument for a softmax truth.
[[nodiscard]] Regime regime_of(const GatedFunction& truth);

/// What a comparison of fits with a truth asks for.
struct TruthRequirements {
    std::size_t fitted_atoms;
    double half_width = 2.5;        ///< every free parameter within [-half_width, half_width]
    double smallest_distance = 0.1; ///< of two true atoms in (b1, eta)
};

/// Throws InputError, naming the value, for: fewer fitted than true atoms, no atoms or more than
/// max_atoms, a parameter that is not finite or outside the box, two true atoms closer than
/// smallest_distance in (b1, eta), and a softmax truth of several atoms whose b1 are all equal (the
/// gates then do not depend on x, and their b1 could be any).
void require_usable_truth(const GatedFunction& truth, const TruthRequirements& requirements);

/// Throws InputError if the label contradicts the truth's b1*, or the truth is not sigmoid.
void require_regime(const GatedFunction& truth, Regime label);

} // namespace moe
