#pragma once
// Newton's method for smooth convex functions, driven to the rounding noise of the gradient: the
// M-steps of gate and multinomial experts. Notes (notes_2411.06056.md), sections 2 and 7.

#include "basics/cholesky.hpp"
#include "mixtures/latent_model.hpp"

#include <Eigen/Cholesky>

#include <optional>

namespace moe {

/// What an evaluation shall give besides the value.
enum class Derivatives { none, gradient, gradient_and_hessian };

class ConvexProblem {
  public:
    ConvexProblem() = default;
    ConvexProblem(const ConvexProblem&) = delete;
    ConvexProblem& operator=(const ConvexProblem&) = delete;
    ConvexProblem(ConvexProblem&&) = delete;
    ConvexProblem& operator=(ConvexProblem&&) = delete;
    virtual ~ConvexProblem() = default;

    /// Fills gradient and Hessian (lower triangle) as asked; returns the value, or anything unless
    /// `with_value`.
    virtual double evaluate(const Vector& at, bool with_value, Derivatives derivatives,
                            Vector& gradient, SymmetricMatrix& hessian) = 0;
    /// How far rounding may move an entry of the gradient.
    [[nodiscard]] virtual double gradient_noise(const Vector& at) const = 0;
    /// Cost of a Hessian and its factorisation, in evaluations of the gradient.
    [[nodiscard]] virtual double hessian_cost() const noexcept = 0;
    /// Root mean square of the logits that a point (or a step) means, the largest of the classes:
    /// a size that does not depend on units or origin of the features.
    [[nodiscard]] virtual double extent(const Vector& point) const = 0;
    /// Whether the minimum may lie at infinity.
    [[nodiscard]] virtual bool may_diverge() const noexcept = 0;
};

enum class NewtonOutcome { converged, singular, at_infinity, not_converged };

/// Whether a solver may begin with the Hessian that its last problem ended with.
enum class Hessians { own, kept };

/// The solver with its arrays, for problems of one size. One that keeps its Hessian wants a series
/// of problems of which each is near the one before, as an expert's M-steps in successive EM
/// iterations are.
class Newton {
  public:
    explicit Newton(Index size, Hessians hessians = Hessians::own);

    /// Minimises from `point`, in place, until every entry of the gradient is at most 1e-14, or no
    /// longer falls once it is at most gradient_noise; a last step then goes below. Steps are
    /// halved (Armijo) only while the squared Newton decrement exceeds 1e-9: below, differences of
    /// values are rounding noise. A Hessian serves several steps, a kept one from the first, while
    /// that promises to be cheaper than a new one. At infinity, where that is possible: extent()
    /// above 1e3, or a small gradient although the Newton step is not small, as where classes are
    /// separable.
    [[nodiscard]] NewtonOutcome minimise(ConvexProblem& problem, Vector& point);

  private:
    /// Step from the gradient; factorises the Hessian if it is a new one.
    [[nodiscard]] bool find_step();
    [[nodiscard]] bool search_line(ConvexProblem& problem, Vector& point, double decrement,
                                   Derivatives derivatives);
    /// Whether the step is so long that no minimum can be near.
    [[nodiscard]] bool endless(const ConvexProblem& problem, const Vector& point) const;

    Hessians hessians_;
    SymmetricMatrix hessian_;
    SymmetricMatrix factor_;
    bool has_factor_ = false;
    std::optional<Eigen::LDLT<Matrix>> pivoted_; ///< in place of factor_ where that failed
    bool hessian_is_new_ = false;
    bool value_is_known_ = false;
    double value_ = 0.0;
    Vector gradient_;
    Vector step_;
    Vector trial_;
};

} // namespace moe
