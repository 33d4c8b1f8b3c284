#pragma once
// Truths whose additional atom can stand in two places exactly (notes 3.5): softmax, either true
// atom is shared; sigmoid in regime 1, atom `over` is shared or the additional atom is dead.

#include "sigmoid_gating/simulation.hpp"
#include "sigmoid_gating/truths.hpp"

#include "gating/gated_function.hpp"

#include <string>

namespace sigmoid_gating {

/// The same truth under the names of its two representations. The fits of `main` are in its
/// restricted box (box_of); those of `rival` too for softmax, in the whole box if it is a dead
/// atom.
struct Representations {
    Truth main;  ///< "SOFT.gelu.atom0", "SIG1.gelu.split": atom `over` is shared
    Truth rival; ///< "SOFT.gelu.atom1", "SIG1.gelu.dead"
};
/// Throws std::invalid_argument for a truth whose surplus is dead, and for softmax truths of fewer
/// than two atoms.
[[nodiscard]] Representations representations(const Truth& truth);

/// Three rows a data set: `main` and `rival` with equal starts, and the whole box under the truth's
/// own name, from the two minimisers and uniform starts. The last has the errors of the
/// representation that it came to; D is D1 (sigmoid) or Ds in all three.
[[nodiscard]] Contender split_contender(const Truth& truth, const moe::GatedClass& fitted);

} // namespace sigmoid_gating
