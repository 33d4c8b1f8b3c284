#pragma once
// First-order methods on the same objective F, and how their step sizes are chosen. The methods
// know nothing of the tuning.

#include "fitting/em.hpp"

#include <vector>

namespace moe {

/// theta <- theta - step grad F(theta).
[[nodiscard]] Iteration gradient_descent(LatentModel& model, double step);

/// The same with a step for the experts' parameters and one for the gate's.
[[nodiscard]] Iteration blockwise_gradient_descent(LatentModel& model, double expert_step,
                                                   double gate_step);

/// Gradient EM(m): freeze the responsibilities, then m gradient steps on
/// -Q(.|theta^t) + (lambda/2)|.|^2. For m = 1 it is gradient descent on F (Fisher's identity).
[[nodiscard]] Iteration gradient_em(LatentModel& model, Index m, double step);

/// A step-size candidate: an expert step and a gate step (equal but for the blockwise method).
struct StepSizes {
    double expert;
    double gate;
};

/// {2^j / Lip, j = low..high}, both steps equal.
[[nodiscard]] std::vector<StepSizes> step_grid(double lipschitz, int low, int high);
/// Expert steps 2^{0, 1/2, 1} / Lip times gate steps 2^{0..8} / Lip.
[[nodiscard]] std::vector<StepSizes> blockwise_step_grid(double lipschitz);

struct Tuned {
    StepSizes steps;
    Trace trace;
};

/// Runs every candidate and keeps the one of smallest final F (the first of equal ones): an oracle
/// choice in favour of the method. Candidates whose F is not finite lose. Throws
/// std::invalid_argument for no candidates.
[[nodiscard]] Tuned tune(LatentModel& model,
                         const std::function<Iteration(const StepSizes&)>& method,
                         const std::vector<StepSizes>& candidates, const Vector& start,
                         Index iterations);

} // namespace moe
