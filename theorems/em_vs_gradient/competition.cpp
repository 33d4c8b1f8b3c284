#include "em_vs_gradient/competition.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace em_vs_gradient {

using moe::Index;
using moe::LatentModel;
using moe::StepSizes;
using moe::Vector;

namespace {

constexpr int smallest_power = -1; // the grid of steps: 2^j / Lip
constexpr int largest_power = 6;

/// Processor time of this thread: other threads and programs do not count.
double thread_seconds() {
    std::timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

using Maker = std::function<moe::Iteration(const StepSizes&)>;

Maker maker_of(Method method, LatentModel& model, const RaceSettings& settings) {
    switch (method) {
    case Method::gradient_em_tuned:
    case Method::gradient_em:
        return [&](const StepSizes& steps) {
            return moe::gradient_em(model, settings.gradient_steps, steps.expert);
        };
    case Method::gd_tuned:
    case Method::gd:
        return [&](const StepSizes& steps) { return moe::gradient_descent(model, steps.expert); };
    case Method::gd_blockwise:
        return [&](const StepSizes& steps) {
            return moe::blockwise_gradient_descent(model, steps.expert, steps.gate);
        };
    case Method::em:
        break;
    }
    return [&](const StepSizes&) { return em_or_sabotage(model, settings.sabotage); };
}

std::vector<StepSizes> candidates_of(Method method, double lipschitz,
                                     const RaceSettings& settings) {
    switch (method) {
    case Method::gradient_em_tuned:
    case Method::gd_tuned:
        return moe::step_grid(lipschitz, smallest_power, largest_power);
    case Method::gd_blockwise: {
        std::vector<StepSizes> grid;
        for (const StepSizes& steps : settings.blockwise_grid)
            grid.push_back({steps.expert / lipschitz, steps.gate / lipschitz});
        return grid;
    }
    case Method::em:
    case Method::gradient_em:
    case Method::gd:
        break;
    }
    return {{1.0 / lipschitz, 1.0 / lipschitz}};
}

} // namespace

std::string_view name_of(Method method) {
    switch (method) {
    case Method::em:
        return "em";
    case Method::gradient_em_tuned:
        return "gradient-em-tuned";
    case Method::gradient_em:
        return "gradient-em";
    case Method::gd_tuned:
        return "gd-tuned";
    case Method::gd:
        return "gd";
    case Method::gd_blockwise:
        return "gd-blockwise";
    }
    throw std::invalid_argument("name_of: no such method");
}

moe::Iteration em_or_sabotage(LatentModel& model, const std::string& sabotage) {
    if (sabotage == "gd-as-em") return moe::gradient_descent(model, 1.0 / model.curvature_bound());
    if (sabotage != "no-gate") return moe::em(model);
    return [&model, em = moe::em(model)](Vector& theta) {
        const moe::Block gate = model.gate_block();
        theta.segment(gate.begin, gate.size).setZero();
        const double objective = em(theta);
        theta.segment(gate.begin, gate.size).setZero();
        return objective;
    };
}

/// Linear experts: as in the notes, section 2. For logistic experts that grid leaves out the best
/// common step, 4/Lip, so that the blockwise method would lose to itself with equal steps; theirs
/// is built around it.
std::vector<StepSizes> blockwise_grid(moe::SymmetricKind experts) {
    if (experts == moe::SymmetricKind::linear) return moe::blockwise_step_grid(1.0);
    std::vector<StepSizes> grid;
    for (const double expert : {2.0, 4.0, 8.0}) {
        for (const double gate : {1.0, 2.0, 4.0, 8.0, 16.0, 32.0})
            grid.push_back({expert, gate});
    }
    return grid;
}

std::vector<Result> race(LatentModel& model, const Vector& start, const RaceSettings& settings,
                         const std::function<void()>& poll) {
    const double lipschitz = model.curvature_bound();
    std::vector<Result> results;
    for (const Method method : settings.methods) {
        const std::vector<StepSizes> candidates = candidates_of(method, lipschitz, settings);
        // When each candidate began: steps that fail run through slow numbers (denormals,
        // infinities) and must not count against the method.
        std::vector<double> begins;
        const Maker maker = [&, make = maker_of(method, model, settings)](
                                const StepSizes& steps) -> moe::Iteration {
            begins.push_back(thread_seconds());
            return [&poll, iteration = make(steps)](Vector& theta) {
                poll();
                return iteration(theta);
            };
        };
        moe::Tuned tuned = moe::tune(model, maker, candidates, start, settings.iterations);
        begins.push_back(thread_seconds());
        const auto chosen =
            static_cast<std::size_t>(std::find_if(candidates.begin(), candidates.end(),
                                                  [&](const StepSizes& steps) {
                                                      return steps.expert == tuned.steps.expert &&
                                                             steps.gate == tuned.steps.gate;
                                                  }) -
                                     candidates.begin());
        results.push_back(
            {method,
             {tuned.steps.expert * lipschitz, tuned.steps.gate * lipschitz},
             std::move(tuned.trace),
             (begins[chosen + 1] - begins[chosen]) / static_cast<double>(settings.iterations)});
    }
    return results;
}

} // namespace em_vs_gradient
