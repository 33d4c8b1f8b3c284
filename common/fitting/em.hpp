#pragma once
// Expectation-maximisation: one iteration, and a run with its trace of objectives.

#include "mixtures/latent_model.hpp"

#include <functional>
#include <vector>

namespace moe {

/// An iteration of a method: moves theta in place and returns F at the incoming theta.
using Iteration = std::function<double(Vector& theta)>;

/// EM on a model, which must outlive the iteration: E-step, then the exact M-step started from the
/// incoming theta. Throws FitError.
[[nodiscard]] Iteration em(LatentModel& model);

/// F at theta^0, ..., theta^T and the last parameters.
struct Trace {
    std::vector<double> objectives; ///< T + 1 values
    Vector theta;                   ///< theta^T
};

/// Runs T iterations. Stops early, with this and the rest of the objectives infinite, once an
/// objective is not finite: a step size that fails. `watch`, where given, sees theta^0, ...,
/// theta^T.
[[nodiscard]] Trace run(LatentModel& model, const Iteration& iteration, Vector theta,
                        Index iterations,
                        const std::function<void(Index, const Vector&)>& watch = {});

} // namespace moe
