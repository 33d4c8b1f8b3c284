#pragma once
// Quadratic models of a sum of squares around one parameter vector, and the steps that they
// propose.

#include "fitting/least_squares.hpp"
#include "fitting/least_squares_step.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace moe::fitting {

/// Residuals and Jacobian at one parameter vector.
struct Linearisation {
    std::vector<double> theta;
    std::vector<double> residuals;
    std::vector<double> jacobian; ///< residuals x parameters, column after column
    double objective = 0.0;
};

/// Which model of the objective a step is taken from.
enum class Model {
    gauss_newton, ///< squares of the linearised residuals
    newton        ///< with the second derivatives of the residuals
};

/// Both models at one iterate. J^T J is formed as R^T R from a QR decomposition and in wide
/// arithmetic: the small singular values of J keep their digits.
class LocalModels {
  public:
    /// The arguments must outlive the models.
    LocalModels(const ResidualFunction& function, const ParameterBox& box);

    /// Models at `here`. False if a derivative is not finite.
    [[nodiscard]] bool build(const Linearisation& here);
    /// Whether the residuals tell their second derivatives; if not, both models are the same.
    [[nodiscard]] bool has_curvature() const noexcept { return has_curvature_; }
    /// Decrease of the objective to the minimum of Newton's model over the parameters that no bound
    /// holds back: the distance to a local minimum, when it is small. +infinity where the model has
    /// no minimum.
    [[nodiscard]] double decrease_to_minimum();

    /// Proposes the damped step of a model inside the box. False if the damped model is not convex.
    [[nodiscard]] bool propose(Model model, double damping);
    /// Bends the step just proposed along the curve on which the residuals stay as the linear model
    /// says, unless that would bend it too far: geodesic acceleration of M. Transtrum and J.
    /// Sethna, "Improvements to the Levenberg-Marquardt algorithm for nonlinear least-squares
    /// minimization", arXiv:1201.5885. `scratch` is overwritten.
    void bend(const Linearisation& here, Linearisation& scratch);
    /// Decrease of the objective along the straight step, by an undamped model.
    [[nodiscard]] double promised_decrease(Model model) const;
    /// theta = here.theta + step, in the box; exactly on a bound where the step ends there.
    void move(const Linearisation& here, std::span<double> theta) const;

  private:
    [[nodiscard]] QuadraticModel quadratic(Model model) const {
        return {model == Model::newton ? newton_ : gram_, gradient_};
    }
    void decompose(const Linearisation& here);
    void measure_room(const Linearisation& here);

    const ResidualFunction& function_;
    const ParameterBox& box_;
    std::size_t m_; ///< residuals
    std::size_t p_; ///< parameters
    bool has_curvature_ = false;
    std::vector<double> decomposed_; ///< R and z = Q^T r, in max(m, p) rows
    std::vector<Wide> gram_;         ///< J^T J
    std::vector<double> curvature_;  ///< sum of residuals times their second derivatives
    std::vector<Wide> newton_;       ///< J^T J + curvature
    std::vector<Wide> gradient_;     ///< half of it: J^T r
    std::vector<double> scale_;      ///< norms of the Jacobian's columns
    std::vector<double> lower_;      ///< box around here.theta
    std::vector<double> upper_;
    std::vector<unsigned char> held_; ///< on a bound, and the gradient points out of the box
    std::vector<double> step_;        ///< straight
    std::vector<double> way_;         ///< the step to take: straight or bent
    std::vector<Wide> bend_gradient_;
    std::vector<double> acceleration_;
    BoxedStep boxed_step_;
};

} // namespace moe::fitting
