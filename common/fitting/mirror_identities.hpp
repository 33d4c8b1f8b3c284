#pragma once
// What EM as mirror descent says of an iteration and of a pair of parameters, measured with the
// plain formulas. Derivations: theorems/notes_2411.06056.md, section 3.

#include "fitting/plain_likelihood.hpp"

namespace moe {

/// F^t - F^{t+1} = G_t + (lambda/2) |theta^{t+1} - theta^t|^2 + KL_lat for an exact M-step.
struct ExactDecrease {
    double before; ///< F^t
    double after;  ///< F^{t+1}
    double G;      ///< divergence of the step: gate and experts, new from old
    double ridge;  ///< (lambda/2) |step|^2
    double latent; ///< KL of the posteriors of z, old from new

    [[nodiscard]] double decrease() const noexcept { return before - after; }
    /// G + ridge: what the sublinear bound sums.
    [[nodiscard]] double gap() const noexcept { return G + ridge; }
    /// Distance of the two sides.
    [[nodiscard]] double residual() const noexcept;
};
[[nodiscard]] ExactDecrease exact_decrease(const PlainLikelihood& likelihood, const Vector& before,
                                           const Vector& after);

/// L at a against its linearisation at b: curved = D(a, b) - KL_lat(b || a).
struct Smoothness {
    double curved;     ///< L(a) - L(b) - <grad L(b), a - b>
    double divergence; ///< D(a, b), the Bregman divergence of the notes: it dominates
    double latent;     ///< KL_lat(b || a)
    double joint;      ///< KL_joint(b || a), with theta as its coordinates

    /// Distance of the two sides.
    [[nodiscard]] double residual() const noexcept;
    /// Above 0 where L is not smooth relative to KL_joint in theta. Symmetric models: minus latent.
    [[nodiscard]] double joint_excess() const noexcept { return curved - joint; }
};
[[nodiscard]] Smoothness smoothness(const PlainLikelihood& likelihood, const Vector& a,
                                    const Vector& b);

/// |found - expected|_inf / max(1, |expected|_inf).
[[nodiscard]] double relative_difference(const Vector& expected, const Vector& found);

} // namespace moe
