#pragma once
// Our engine: Levenberg-Marquardt in a box, for few parameters and dense Jacobians.

#include "fitting/least_squares.hpp"
#include "fitting/least_squares_models.hpp"

#include <cstddef>
#include <span>

namespace moe::fitting {

/// Damping by the gain ratio as in K. Madsen, H. Nielsen, O. Tingleff, "Methods for non-linear
/// least squares problems" (2004), section 3.2. Where the residuals tell their second derivatives,
/// each step is taken from the model, Gauss-Newton's or Newton's, that foretold the last one
/// better, as in NL2SOL (J. Dennis, D. Gay, R. Welsch, ACM TOMS 7, 1981). Steps are bent
/// (LocalModels::bend) and respect the box in the subproblem (BoxedStep).
///
/// Why all that: two atoms that share a true one have a valley that is quartic-flat along the
/// bottom and curved. Plain Levenberg-Marquardt, Ceres' too, needs more than 1000
/// iterations there; Newton's model makes the end quadratic, the bent steps follow the valley.
class MarquardtSolver {
  public:
    /// The arguments must outlive the solver.
    MarquardtSolver(const ResidualFunction& function, const ParameterBox& box,
                    const FitOptions& options);

    /// From a start that is finite and has the right size.
    [[nodiscard]] FitResult minimise(std::span<const double> start);

  private:
    void linearise(Linearisation& point) const;
    [[nodiscard]] FitResult result(Termination termination, std::size_t iterations) const;
    /// The model that foretold the decrease along the last step better.
    [[nodiscard]] Model better_model(double decrease) const;

    const ResidualFunction& function_;
    const ParameterBox& box_;
    FitOptions options_;
    Linearisation here_;
    Linearisation there_; ///< at the end of the step on trial
    LocalModels models_;
};

} // namespace moe::fitting
