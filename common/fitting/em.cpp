#include "fitting/em.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace moe {

Iteration em(LatentModel& model) {
    return [&model, r = Matrix()](Vector& theta) mutable {
        const double loss = model.posterior(theta, r);
        const double objective = loss + 0.5 * model.lambda() * theta.squaredNorm();
        model.maximise(r, theta);
        return objective;
    };
}

Trace run(LatentModel& model, const Iteration& iteration, Vector theta, Index iterations,
          const std::function<void(Index, const Vector&)>& watch) {
    Trace trace;
    trace.objectives.reserve(static_cast<std::size_t>(iterations) + 1);
    for (Index t = 0; t <= iterations; ++t) {
        if (watch) watch(t, theta);
        const double objective = t < iterations ? iteration(theta) : model.objective(theta);
        if (!std::isfinite(objective)) break;
        trace.objectives.push_back(objective);
    }
    trace.objectives.resize(static_cast<std::size_t>(iterations) + 1,
                            std::numeric_limits<double>::infinity());
    trace.theta = std::move(theta);
    return trace;
}

} // namespace moe
