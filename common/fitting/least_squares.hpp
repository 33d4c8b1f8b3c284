#pragma once
// Nonlinear least squares in a box, for problems with few parameters: minimise the sum of squares
// of r(theta) subject to lower <= theta <= upper. Two engines behind one interface: our own
// Levenberg-Marquardt, and Ceres as the reference that it is held to.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace moe {

/// r(theta) and its derivatives. Evaluations must not depend on those before.
class ResidualFunction {
  public:
    ResidualFunction() = default;
    ResidualFunction(const ResidualFunction&) = default;
    ResidualFunction& operator=(const ResidualFunction&) = default;
    ResidualFunction(ResidualFunction&&) = default;
    ResidualFunction& operator=(ResidualFunction&&) = default;
    virtual ~ResidualFunction() = default;

    [[nodiscard]] virtual std::size_t residual_count() const noexcept = 0;
    [[nodiscard]] virtual std::size_t parameter_count() const noexcept = 0;
    /// Fills residuals.
    virtual void residuals(std::span<const double> theta, std::span<double> residuals) const = 0;
    /// Fills residuals and jacobian (residuals x parameters, column after column).
    virtual void residuals_and_jacobian(std::span<const double> theta, std::span<double> residuals,
                                        std::span<double> jacobian) const = 0;
    /// Optional: fills matrix (parameters x parameters, symmetric) with sum_i residuals[i] times
    /// the second derivatives of residual i at theta, and returns true. Our engine then has
    /// Newton's model at hand, without which it crawls where residuals bend more than the Jacobian
    /// can see.
    [[nodiscard]] virtual bool curvature(std::span<const double> theta,
                                         std::span<const double> residuals,
                                         std::span<double> matrix) const;
};

/// Inclusive bounds of every parameter.
struct ParameterBox {
    std::vector<double> lower;
    std::vector<double> upper;

    /// [-half_width, half_width] for each of `parameters`.
    [[nodiscard]] static ParameterBox cube(std::size_t parameters, double half_width);
};

enum class FitEngine {
    levenberg_marquardt, ///< ours
    ceres                ///< one block of residuals, DENSE_QR, Levenberg-Marquardt, bounds
};

struct FitOptions {
    FitEngine engine = FitEngine::levenberg_marquardt;
    /// Relative change of the objective at which to stop. For ours also: relative decrease that the
    /// undamped quadratic model still promises.
    double function_tolerance = 1e-13;
    std::size_t max_iterations = 1000;
};

enum class Termination {
    function_tolerance, ///< a step changed the objective relatively by less than the tolerance
    stationary,         ///< a quadratic model promises no more than the tolerance
    no_progress,        ///< no step decreases the objective: it is down to its rounding
    iteration_limit,
    not_finite ///< residuals at the start, or derivatives at an iterate, are not finite
};
[[nodiscard]] std::string_view name_of(Termination termination) noexcept;

struct FitResult {
    std::vector<double> theta; ///< inside the box
    double objective;          ///< sum of squares at theta; not finite if that could not be had
    std::size_t iterations;    ///< linear systems solved
    Termination termination;

    [[nodiscard]] bool converged() const noexcept {
        return termination != Termination::iteration_limit &&
               termination != Termination::not_finite;
    }
};

/// Minimises from one start, which is first moved into the box. Throws std::invalid_argument for
/// sizes that do not fit, an empty box, a start that is not finite, fewer residuals than 1.
[[nodiscard]] FitResult minimise(const ResidualFunction& function, const ParameterBox& box,
                                 std::span<const double> start, const FitOptions& options);

/// Minimises from every start (one after the other, in kept buffers); results in their order.
[[nodiscard]] std::vector<FitResult>
minimise_from_starts(const ResidualFunction& function, const ParameterBox& box,
                     std::span<const std::vector<double>> starts, const FitOptions& options);

/// Index of the lowest objective; the first of equal ones; results.size() if none is finite.
[[nodiscard]] std::size_t lowest_objective(std::span<const FitResult> results) noexcept;

} // namespace moe
