#include "fitting/least_squares_marquardt.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace moe::fitting {

namespace {

/// here.objective - there.objective as a sum of (r - r')(r + r'): close to a minimum the difference
/// of the two sums would be rounding only.
double decrease_between(const Linearisation& here, const Linearisation& there) {
    double sum = 0.0;
    for (std::size_t i = 0; i < here.residuals.size(); ++i) {
        sum += (here.residuals[i] - there.residuals[i]) * (here.residuals[i] + there.residuals[i]);
    }
    return sum;
}

/// Damping relative to the squared norms of the Jacobian's columns. It grows faster and faster
/// while steps fail.
class Damping {
  public:
    [[nodiscard]] double value() const noexcept { return value_; }
    [[nodiscard]] bool exhausted() const noexcept { return value_ > 1e20; }
    void grow() noexcept {
        value_ *= growth_;
        growth_ *= 2.0;
    }
    /// After a step: by how far the decrease was what the model had promised (ratio 1).
    void adapt(double ratio) noexcept {
        const double lack = 2.0 * ratio - 1.0;
        value_ = std::max(1e-17, value_ * std::max(1.0 / 3.0, 1.0 - lack * lack * lack));
        growth_ = 2.0;
    }

  private:
    double value_ = 1e-4;
    double growth_ = 2.0;
};

} // namespace

MarquardtSolver::MarquardtSolver(const ResidualFunction& function, const ParameterBox& box,
                                 const FitOptions& options)
    : function_(function)
    , box_(box)
    , options_(options)
    , models_(function, box) {
    for (Linearisation* point : {&here_, &there_}) {
        point->theta.resize(function.parameter_count());
        point->residuals.resize(function.residual_count());
        point->jacobian.resize(function.residual_count() * function.parameter_count());
    }
}

void MarquardtSolver::linearise(Linearisation& point) const {
    function_.residuals_and_jacobian(point.theta, point.residuals, point.jacobian);
    point.objective = 0.0;
    for (const double residual : point.residuals) {
        point.objective += residual * residual;
    }
}

FitResult MarquardtSolver::result(Termination termination, std::size_t iterations) const {
    return {here_.theta, here_.objective, iterations, termination};
}

Model MarquardtSolver::better_model(double decrease) const {
    if (!models_.has_curvature()) return Model::gauss_newton;
    const double gauss = std::abs(models_.promised_decrease(Model::gauss_newton) - decrease);
    const double newton = std::abs(models_.promised_decrease(Model::newton) - decrease);
    return newton < gauss ? Model::newton : Model::gauss_newton;
}

FitResult MarquardtSolver::minimise(std::span<const double> start) {
    for (std::size_t j = 0; j < start.size(); ++j) {
        here_.theta[j] = std::clamp(start[j], box_.lower[j], box_.upper[j]);
    }
    linearise(here_);
    if (!std::isfinite(here_.objective)) return result(Termination::not_finite, 0);
    Damping damping;
    Model model = Model::gauss_newton;
    bool moved = true;
    for (std::size_t iteration = 0; iteration < options_.max_iterations; ++iteration) {
        const double negligible = options_.function_tolerance * here_.objective;
        if (moved) {
            if (!models_.build(here_)) return result(Termination::not_finite, iteration);
            if (models_.decrease_to_minimum() <= negligible) {
                return result(Termination::stationary, iteration);
            }
        }
        moved = false;
        if (damping.exhausted()) return result(Termination::no_progress, iteration);
        if (!models_.propose(model, damping.value())) {
            damping.grow();
            continue;
        }
        models_.bend(here_, there_);
        models_.move(here_, there_.theta);
        if (there_.theta == here_.theta) return result(Termination::no_progress, iteration + 1);
        linearise(there_);
        const double decrease = decrease_between(here_, there_);
        const double promised = models_.promised_decrease(model);
        const bool tiny = promised <= negligible && std::abs(decrease) <= negligible;
        model = better_model(decrease);
        if (decrease > 0.0) { // false for NaN
            moved = true;
            std::swap(here_, there_);
            damping.adapt(decrease / promised);
        } else {
            damping.grow();
        }
        if (tiny) return result(Termination::function_tolerance, iteration + 1);
    }
    return result(Termination::iteration_limit, options_.max_iterations);
}

} // namespace moe::fitting
