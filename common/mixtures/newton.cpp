#include "mixtures/newton.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>

namespace moe {

namespace {

constexpr int step_limit = 200;
constexpr int halving_limit = 60;
constexpr double gradient_tolerance = 1e-14;
constexpr double full_step_decrement = 1e-9; // squared
constexpr double sufficient_decrease = 1e-4; // Armijo's constant
constexpr double infinitely_far = 1e3;
// In evaluations of the gradient: trying a kept Hessian costs up to three.
constexpr double kept_hessian_cost = 5;
// Separable classes: every step adds about as much as the first did, so after the 200 that are
// allowed a step is still 1/200 of the point; at a finite minimum it is rounding noise.
constexpr double endless_step = 1e-3;

double largest(const Vector& v) {
    return v.lpNorm<Eigen::Infinity>();
}

/// Whether steps that multiply the gradient by `contraction` arrive within about the cost of a new
/// Hessian and the one or two Newton steps that it needs.
bool arrives_cheaply(double gradient, double contraction, double hessian_cost) {
    if (!(contraction < 0.5)) return false;
    const double steps = std::log(gradient_tolerance / gradient) / std::log(contraction);
    return steps <= 1.0 + 2.0 * hessian_cost;
}

} // namespace

Newton::Newton(Index size, Hessians hessians)
    : hessians_(hessians)
    , hessian_(size)
    , factor_(size)
    , gradient_(size)
    , step_(size)
    , trial_(size) {}

bool Newton::find_step() {
    if (hessian_is_new_) {
        hessian_is_new_ = false;
        has_factor_ = false;
        pivoted_.reset();
        std::copy_n(hessian_.data(), hessian_.stride() * hessian_.size(), factor_.data());
        if (!cholesky_factor(factor_)) {
            // Pivoting may still see it through where rounding spoilt a small pivot.
            const Eigen::Map<const Matrix, 0, Eigen::OuterStride<>> hessian(
                hessian_.data(), hessian_.size(), hessian_.size(),
                Eigen::OuterStride<>(hessian_.stride()));
            pivoted_.emplace(hessian);
            if (pivoted_->info() != Eigen::Success || !(pivoted_->vectorD().minCoeff() > 0.0))
                return false;
        }
        has_factor_ = true;
    }
    step_ = -gradient_;
    if (pivoted_)
        step_ = pivoted_->solve(step_).eval();
    else
        cholesky_solve(factor_, step_.data());
    return step_.allFinite();
}

bool Newton::search_line(ConvexProblem& problem, Vector& point, double decrement,
                         Derivatives derivatives) {
    if (!value_is_known_)
        value_ = problem.evaluate(point, true, Derivatives::none, gradient_, hessian_);
    double length = 1.0;
    for (int halving = 0; halving < halving_limit; ++halving, length /= 2) {
        trial_ = point + length * step_;
        const double value = problem.evaluate(trial_, true, derivatives, gradient_, hessian_);
        if (value <= value_ - sufficient_decrease * length * decrement) {
            point.swap(trial_);
            value_ = value;
            value_is_known_ = true;
            return true;
        }
    }
    return false;
}

bool Newton::endless(const ConvexProblem& problem, const Vector& point) const {
    return problem.extent(step_) > endless_step * std::max(1.0, problem.extent(point));
}

NewtonOutcome Newton::minimise(ConvexProblem& problem, Vector& point) {
    // Where the minimum may lie at infinity, that is told from steps by its own Hessian.
    const bool keeps = hessians_ == Hessians::kept && has_factor_ && !problem.may_diverge() &&
                       problem.hessian_cost() > kept_hessian_cost;
    problem.evaluate(point, false,
                     keeps ? Derivatives::gradient : Derivatives::gradient_and_hessian, gradient_,
                     hessian_);
    hessian_is_new_ = !keeps;
    value_is_known_ = false;
    double previous = std::numeric_limits<double>::infinity();
    for (int iteration = 0; iteration < step_limit; ++iteration) {
        const double size = largest(gradient_);
        if (!std::isfinite(size)) return NewtonOutcome::not_converged;
        const bool stalled = size > 0.5 * previous && size <= problem.gradient_noise(point);
        if (size <= gradient_tolerance || stalled) {
            if (size == 0.0) return NewtonOutcome::converged;
            if (!find_step()) return NewtonOutcome::singular;
            if (problem.may_diverge() && endless(problem, point)) return NewtonOutcome::at_infinity;
            // The last step comes free, and falling so fast its gradient need not be seen.
            if (size < 0.5 * previous && std::isfinite(previous)) point += step_;
            return NewtonOutcome::converged;
        }

        const bool untried = !std::isfinite(previous);
        if (!hessian_is_new_ && !untried &&
            !arrives_cheaply(size, size / previous, problem.hessian_cost())) {
            problem.evaluate(point, false, Derivatives::gradient_and_hessian, gradient_, hessian_);
            hessian_is_new_ = true;
        }
        const bool newton_step = hessian_is_new_;
        if (!find_step()) return NewtonOutcome::singular;
        const double decrement = -gradient_.dot(step_);
        // A Newton step of decrement d multiplies the gradient by about d.
        const double contraction =
            newton_step ? std::sqrt(std::max(decrement, 0.0)) : size / previous;
        const bool next_is_new =
            problem.hessian_cost() < 1.0 &&
            !arrives_cheaply(size * contraction, contraction, problem.hessian_cost());
        const Derivatives derivatives =
            next_is_new ? Derivatives::gradient_and_hessian : Derivatives::gradient;
        if (decrement > full_step_decrement) {
            if (!search_line(problem, point, decrement, derivatives)) {
                if (newton_step) return NewtonOutcome::not_converged;
                problem.evaluate(point, false, Derivatives::gradient_and_hessian, gradient_,
                                 hessian_);
                hessian_is_new_ = true;
                continue;
            }
        } else {
            point += step_;
            value_is_known_ = false;
            problem.evaluate(point, false, derivatives, gradient_, hessian_);
        }
        hessian_is_new_ = next_is_new;
        previous = size;
        if (problem.may_diverge() && !(problem.extent(point) <= infinitely_far))
            return NewtonOutcome::at_infinity;
    }
    return NewtonOutcome::not_converged;
}

} // namespace moe
