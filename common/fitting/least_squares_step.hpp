#pragma once
// The quadratic problem of each iteration: a damped step that stays in the box.

#include <cstddef>
#include <span>
#include <vector>

namespace moe::fitting {

/// Arithmetic of the quadratic model. It holds R^T R, whose eigenvalues spread over up to 16
/// decades where two atoms share one (long double has 19 digits on x86-64, more on AArch64).
using Wide = long double;

/// 2 gradient.d + d^T hessian d: what the objective changes by along a step d.
struct QuadraticModel {
    std::span<const Wide> hessian; ///< symmetric, row after row
    std::span<const Wide> gradient;
};

/// Room for the step from one iterate; lower <= 0 <= upper.
struct StepBox {
    std::span<const double> lower;
    std::span<const double> upper;
};

/// Minimises a convex quadratic model plus damping |D d|^2 over a box, exactly, by a primal
/// active-set method, one bound a time. Buffers are kept from call to call.
class BoxedStep {
  public:
    explicit BoxedStep(std::size_t parameters);

    /// D = diag(scale). Parameters that start on a bound are `held` there: their entry is then 0
    /// unless the solution wants them elsewhere. False if the damped Hessian is not positive
    /// definite (the step is then undefined).
    [[nodiscard]] bool solve(const QuadraticModel& model, double damping,
                             std::span<const double> scale, const StepBox& box,
                             std::span<const unsigned char> held, std::span<double> step);

    /// Solves with the damped Hessian of the last solve over the parameters that were free at its
    /// solution: to them goes minus its inverse times `gradient`, to the others 0.
    void solve_free(std::span<const Wide> gradient, std::span<double> way);

    /// Decrease of the undamped model to its minimum over the parameters that are not held, without
    /// the box; +infinity if its Hessian is not positive definite there.
    [[nodiscard]] double decrease_without_box(const QuadraticModel& model,
                                              std::span<const unsigned char> held);

  private:
    /// Cholesky decomposition of the damped Hessian of the free parameters.
    bool decompose(const QuadraticModel& model, double damping, std::span<const double> scale);
    /// Solves L y = -(gradient of the damped model at the step); y goes to target_.
    void substitute_forward(const QuadraticModel& model, double damping,
                            std::span<const double> scale, std::span<const double> step);
    /// Solves L^T x = y in target_.
    void substitute_backward();
    /// Half the gradient of the damped model.
    [[nodiscard]] Wide slope(const QuadraticModel& model, double damping,
                             std::span<const double> scale, std::span<const double> step,
                             std::size_t j) const;
    /// Moves towards the minimiser as far as the box allows; true if it got there.
    bool advance(const StepBox& box, std::span<double> step);
    /// Frees the held parameter that most wants to leave its bound; false if none does.
    bool release_one(const QuadraticModel& model, double damping, std::span<const double> scale,
                     const StepBox& box, std::span<const double> step);

    std::size_t parameters_;
    std::vector<unsigned char> held_;
    std::vector<std::size_t> free_;
    std::vector<Wide> factor_; ///< lower triangle, row after row
    std::vector<Wide> target_; ///< way to the minimiser over the free parameters
};

} // namespace moe::fitting
