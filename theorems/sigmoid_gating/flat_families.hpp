#pragma once
// Exact representations of a truth by other atoms (notes 3.2 and 3.5): along them the least-squares
// objective is constant on every data set, so no estimator tells them from the truth.

#include "gating/gated_function.hpp"

#include <span>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// One member of a family beside its truth.
struct FlatMember {
    /// "scale", "opposite-gates", "rescaled-gate", "same-gate", "complement", "mirror" or "dead"
    std::string family;
    moe::GatedFunction truth;
    moe::GatedFunction member;
    bool exact; ///< whether the expert has what the family needs; else the functions differ
};

/// The members for one kind of expert: notes 3.2 (i)-(iv), which need homogeneous experts, and the
/// same-gate split (homogeneous), complement and mirror (linear and constant) and dead atom (all)
/// of 3.5.
[[nodiscard]] std::vector<FlatMember> flat_members(moe::ExpertActivation expert);

/// max |f_G - f_G*| / (1 + max |f_G*|) at the points.
[[nodiscard]] double deviation(const FlatMember& member, std::span<const double> points);

/// D_r of the member from the truth: D2r for sigmoid gates, Ds with powers r for softmax.
[[nodiscard]] double loss(const FlatMember& member, double r);

} // namespace sigmoid_gating
