#pragma once
// One step of mirror descent on L, solved as the optimisation problem that it is: the linearised
// loss plus a divergence from theta^t, minimised by BFGS and Newton over the free parameters. It
// shares no code with the M-step, so that EM can be compared with it.
// Formulas: theorems/notes_2411.06056.md, section 3.

#include "fitting/bfgs.hpp"
#include "fitting/plain_likelihood.hpp"

namespace moe {

/// What is minimised, besides the ridge, which is not linearised. "own" is the linear term
/// <grad L(theta^t), theta - theta^t>.
enum class ProximalForm {
    /// own + KL_joint(theta^t || theta): (E1) for symmetric models; for the others the form (E3),
    /// which is not EM.
    joint,
    /// <grad_eta L(eta^t), eta(theta) - eta(theta^t)> + KL_joint(theta^t || theta): (E2a), theta
    /// restricted to the model inside the natural coordinates.
    lifted,
    /// own + D_h(theta, theta^t), the Bregman divergence of the posterior-weighted log-partition
    /// h_t: (E2b).
    weighted,
};

struct ProximalSettings {
    ProximalForm form = ProximalForm::joint;
    double step = 1.0;    ///< mirror descent's step size: the divergence is divided by it
    bool swapped = false; ///< KL_joint(theta || theta^t) instead; joint and lifted only
};

/// The step from theta_t, solved from `start`. `converged` is false if there is no minimum.
[[nodiscard]] Minimum proximal_step(const PlainLikelihood& likelihood, const Vector& theta_t,
                                    const Vector& start, const ProximalSettings& settings);

/// The starts of the comparison, far from theta^t: 0.1 in every coordinate, theta^t + 0.1 for the
/// lifted form, and theta^t itself for a swapped divergence, whose problem has local minima only.
[[nodiscard]] Vector proximal_start(const Vector& theta_t, const ProximalSettings& settings);

} // namespace moe
