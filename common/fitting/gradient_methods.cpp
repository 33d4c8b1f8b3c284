#include "fitting/gradient_methods.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace moe {

Iteration gradient_descent(LatentModel& model, double step) {
    return [&model, step, gradient = Vector()](Vector& theta) mutable {
        const double lambda = model.lambda();
        const double loss = model.loss_gradient(theta, gradient);
        const double objective = loss + 0.5 * lambda * theta.squaredNorm();
        theta -= step * (gradient + lambda * theta);
        return objective;
    };
}

Iteration blockwise_gradient_descent(LatentModel& model, double expert_step, double gate_step) {
    return [&model, expert_step, gate_step, gradient = Vector()](Vector& theta) mutable {
        const double lambda = model.lambda();
        const double loss = model.loss_gradient(theta, gradient);
        const double objective = loss + 0.5 * lambda * theta.squaredNorm();
        for (const auto& [block, step] : {std::pair{model.expert_block(), expert_step},
                                          std::pair{model.gate_block(), gate_step}}) {
            theta.segment(block.begin, block.size) -=
                step * (gradient.segment(block.begin, block.size) +
                        lambda * theta.segment(block.begin, block.size));
        }
        return objective;
    };
}

Iteration gradient_em(LatentModel& model, Index m, double step) {
    if (m < 1) throw std::invalid_argument("gradient_em: at least one gradient step is needed");
    return [&model, m, step, r = Matrix(), gradient = Vector()](Vector& theta) mutable {
        const double lambda = model.lambda();
        const double loss = model.posterior(theta, r);
        const double objective = loss + 0.5 * lambda * theta.squaredNorm();
        for (Index inner = 0; inner < m; ++inner) {
            model.surrogate_gradient(r, theta, gradient);
            theta -= step * (gradient + lambda * theta);
        }
        return objective;
    };
}

std::vector<StepSizes> step_grid(double lipschitz, int low, int high) {
    std::vector<StepSizes> grid;
    for (int j = low; j <= high; ++j) {
        const double step = std::exp2(j) / lipschitz;
        grid.push_back({step, step});
    }
    return grid;
}

std::vector<StepSizes> blockwise_step_grid(double lipschitz) {
    constexpr int largest_gate_power = 8;
    std::vector<StepSizes> grid;
    for (const double expert_power : {0.0, 0.5, 1.0}) {
        for (int j = 0; j <= largest_gate_power; ++j) {
            grid.push_back({std::exp2(expert_power) / lipschitz, std::exp2(j) / lipschitz});
        }
    }
    return grid;
}

Tuned tune(LatentModel& model, const std::function<Iteration(const StepSizes&)>& method,
           const std::vector<StepSizes>& candidates, const Vector& start, Index iterations) {
    if (candidates.empty()) throw std::invalid_argument("tune: no step size to choose from");
    Tuned best;
    for (const StepSizes& steps : candidates) {
        Trace trace = run(model, method(steps), start, iterations);
        // A failed step size ends at infinity (see run), so it never beats one that did not fail.
        if (best.trace.objectives.empty() ||
            trace.objectives.back() < best.trace.objectives.back()) {
            best = {steps, std::move(trace)};
        }
    }
    return best;
}

} // namespace moe
