#include "fitting/bfgs.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace moe {

namespace {

constexpr int bfgs_iterations = 1000;
constexpr double bfgs_gradient = 1e-7;
/// Beyond this a function of our problems has its minimum at infinity.
constexpr double far_away = 1e4;
constexpr double armijo = 1e-4;
constexpr int halvings = 60;
constexpr int newton_iterations = 100;
/// The Hessian is differenced anew while the gradient is above this: the point still moves.
constexpr double fresh_hessian = 1e-9;

double largest_entry(const Vector& v) {
    return v.cwiseAbs().maxCoeff();
}

/// Length t of a step t d with sufficient decrease; 0 if there is none within rounding.
double line_search(const SmoothFunction& function, const Vector& point, double value,
                   const Vector& direction, double slope) {
    double step = 1.0;
    for (int i = 0; i < halvings; ++i, step *= 0.5) {
        const double there = function.value(point + step * direction);
        if (there <= value + armijo * step * slope) return step;
    }
    return 0.0;
}

/// BFGS on the inverse Hessian; `point` and `gradient` are moved in place.
void descend(const SmoothFunction& function, Vector& point, Vector& gradient) {
    double value = function.value_and_gradient(point, gradient);
    if (!std::isfinite(value)) throw std::invalid_argument("minimise: the start has no value");
    const Index size = point.size();
    Matrix inverse = Matrix::Identity(size, size) / std::max(1.0, gradient.norm());
    bool scaled = false;
    for (int iteration = 0; iteration < bfgs_iterations; ++iteration) {
        if (largest_entry(gradient) <= bfgs_gradient || largest_entry(point) > far_away) return;
        const Vector direction = -inverse * gradient;
        const double slope = gradient.dot(direction);
        const double step = line_search(function, point, value, direction, slope);
        if (step == 0.0) return;
        const Vector move = step * direction;
        const Vector before = gradient;
        point += move;
        value = function.value_and_gradient(point, gradient);
        const Vector change = gradient - before;
        const double curvature = change.dot(move);
        if (curvature <= 0.0) continue;
        if (!scaled) {
            inverse = Matrix::Identity(size, size) * (curvature / change.squaredNorm());
            scaled = true;
        }
        const Vector mapped = inverse * change;
        inverse += (1.0 + change.dot(mapped) / curvature) / curvature * move * move.transpose() -
                   (mapped * move.transpose() + move * mapped.transpose()) / curvature;
    }
}

/// Hessian by central differences of the gradient.
Matrix differenced_hessian(const SmoothFunction& function, const Vector& point) {
    const Index size = point.size();
    Matrix hessian(size, size);
    Vector shifted = point;
    Vector plus;
    Vector minus;
    for (Index j = 0; j < size; ++j) {
        const double h = 1e-5 * std::max(1.0, std::abs(point[j]));
        shifted[j] = point[j] + h;
        function.value_and_gradient(shifted, plus);
        shifted[j] = point[j] - h;
        function.value_and_gradient(shifted, minus);
        shifted[j] = point[j];
        hessian.col(j) = (plus - minus) / (2.0 * h);
    }
    return 0.5 * (hessian + hessian.transpose());
}

/// One Newton step, shortened while it lowers neither the value nor the gradient: far from the
/// minimum the value tells, in its rounding noise the gradient. Moves `minimum` and its gradient;
/// false if nothing is lowered any more.
bool newton_step(const SmoothFunction& function, const Vector& move, Minimum& minimum,
                 Vector& gradient) {
    const double value = function.value(minimum.point);
    const double slope = gradient.dot(move);
    Vector there;
    double step = 1.0;
    for (int i = 0; i < halvings; ++i, step *= 0.5) {
        const Vector next = minimum.point + step * move;
        const double reached = function.value_and_gradient(next, there);
        const bool lower = reached < value && reached <= value + armijo * step * slope;
        const bool flatter = step == 1.0 && largest_entry(there) < minimum.gradient;
        if (!lower && !flatter) continue;
        minimum.point = next;
        minimum.gradient = largest_entry(there);
        gradient = there;
        return true;
    }
    return false;
}

} // namespace

Minimum minimise(const SmoothFunction& function, Vector start) {
    Vector gradient;
    descend(function, start, gradient);
    Minimum minimum{start, largest_entry(gradient), false};
    Eigen::LDLT<Matrix> hessian;
    bool have_hessian = false;
    for (int iteration = 0; iteration < newton_iterations; ++iteration) {
        if (largest_entry(minimum.point) > far_away) return minimum;
        if (!have_hessian || minimum.gradient > fresh_hessian) {
            hessian.compute(differenced_hessian(function, minimum.point));
            if (hessian.info() != Eigen::Success || !hessian.isPositive()) return minimum;
            have_hessian = true;
        }
        const Vector move = -hessian.solve(gradient);
        minimum.converged =
            largest_entry(move) <= 1e-10 * std::max(1.0, largest_entry(minimum.point));
        if (!newton_step(function, move, minimum, gradient)) return minimum;
    }
    return minimum;
}

} // namespace moe
