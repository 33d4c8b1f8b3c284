#pragma once
// Linear experts in regime 2 with one atom too many: the sets of three atoms that represent the
// truth exactly (notes 3.5), and how far a fit is from them.

#include "gating/gated_function.hpp"

#include <string>

namespace moe {

/// The nearest of the sets
///   "dead"        the true atoms and an atom of any gate whose expert is zero,
///   "same-gate"   one true atom divided under its own gate,
///   "complement"  sigma(u) h = h - sigma(-u) h for one or both true atoms, the third with a gate
///                 that does not depend on x,
///   "mirror"      (u, h + g), (-u, g) and (-v, -g), where (u, h) and (v, g) are the true atoms.
struct NearestSet {
    std::string name;
    /// Least over the assignments of sums of |D b1| + |D b0| and of norms of differences of eta;
    /// where only a combination of parameters is determined, of that combination.
    double distance;
};

/// Both sigmoid functions with linear experts, of three and of two atoms; throws
/// std::invalid_argument otherwise.
[[nodiscard]] NearestSet nearest_exact_set(const GatedFunction& fitted, const GatedFunction& truth);

} // namespace moe
