#pragma once
// The competitors of the synthetic comparison and one race between them.

#include "fitting/gradient_methods.hpp"
#include "mixtures/symmetric_mixture.hpp"

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace em_vs_gradient {

enum class Method {
    em,
    gradient_em_tuned, ///< gradient EM(m), best step of the grid
    gradient_em,       ///< gradient EM(m), step 1/Lip
    gd_tuned,          ///< gradient descent, best step of the grid
    gd,                ///< gradient descent, step 1/Lip
    gd_blockwise       ///< gradient descent, best pair of an expert step and a gate step
};

inline constexpr std::array<Method, 6> all_methods{Method::em,          Method::gradient_em_tuned,
                                                   Method::gradient_em, Method::gd_tuned,
                                                   Method::gd,          Method::gd_blockwise};

/// "em", "gradient-em-tuned": as in the tables.
[[nodiscard]] std::string_view name_of(Method method);

struct RaceSettings {
    std::vector<Method> methods; ///< who takes part
    moe::Index iterations;
    moe::Index gradient_steps; ///< m of gradient EM(m)
    /// Pairs of steps of the blockwise method in units of 1/Lip.
    std::vector<moe::StepSizes> blockwise_grid;
    std::string sabotage; ///< gd-as-em, no-gate or none
};

struct Result {
    Method method;
    moe::StepSizes steps; ///< in units of 1/Lip; no meaning for EM
    moe::Trace trace;
    double seconds_per_iteration; ///< processor time of the run with these steps
};

/// The iteration that runs under EM's name: EM, or what a sabotage puts in its place: gradient
/// descent with step 1/Lip (gd-as-em), EM with the gate frozen at 0 (no-gate).
[[nodiscard]] moe::Iteration em_or_sabotage(moe::LatentModel& model, const std::string& sabotage);

/// Pairs of steps of the blockwise method for linear or logistic experts, in units of 1/Lip.
[[nodiscard]] std::vector<moe::StepSizes> blockwise_grid(moe::SymmetricKind experts);

/// Runs the methods from one start. `poll` is called before every iteration and may throw. Throws
/// FitError of EM; std::logic_error for a model without curvature bound.
[[nodiscard]] std::vector<Result> race(moe::LatentModel& model, const moe::Vector& start,
                                       const RaceSettings& settings,
                                       const std::function<void()>& poll);

} // namespace em_vs_gradient
