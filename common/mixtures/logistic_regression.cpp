#include "mixtures/logistic_regression.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace moe {
namespace {

constexpr double smallest_gradient = 1e-14;
constexpr int newton_steps = 200;
constexpr double largest_coefficient = 1e3;

/// Below this squared Newton decrement full steps are taken: near the minimum a line search on the
/// value stalls in rounding noise (notes, section 2).
constexpr double line_search_decrement = 1e-9;

/// exp(a) - 1 - a without cancellation.
double exp_minus_tangent(double a) {
    if (std::abs(a) > 0.5) return std::expm1(a) - a;
    double term = 0.5 * a * a;
    double sum = term;
    for (int k = 3; k <= 16; ++k) {
        term *= a / k;
        sum += term;
    }
    return sum;
}

[[noreturn]] void refuse(const char* part, double size) {
    throw FitError(FitFailure::separable,
                   std::string("no finite M-step: the ") + part +
                       " is separable, Newton's method has no limit (largest coefficient " +
                       rounded(size, 3) + ")");
}

} // namespace

double softplus(double a) {
    return std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a)));
}

// With q = sigmoid(t) and delta = s - t it is log E exp(delta (Z - q)), Z a Bernoulli(q) variable;
// E[Z - q] = 0 leaves positive terms only.
double bernoulli_divergence(double s, double t) {
    if (t > 0.0) { // the same with 0 and 1 exchanged: keeps q <= 1/2, where 1 - q is exact enough
        s = -s;
        t = -t;
    }
    const double delta = s - t;
    const double q = std::exp(t) / (1.0 + std::exp(t));
    if (std::abs(delta) > 30.0) return softplus(s) - softplus(t) - q * delta;
    return std::log1p((1.0 - q) * exp_minus_tangent(-q * delta) +
                      q * exp_minus_tangent((1.0 - q) * delta));
}

void sigmoid(const Array& logits, Array& probability) {
    probability = 1.0 / (1.0 + (-logits).exp());
}

void sigmoid_slope(const Array& logits, Array& slope) {
    slope = (-logits.abs()).exp();
    slope /= (1.0 + slope).square();
}

LogisticRegression::LogisticRegression(const Matrix& x)
    : x_(x)
    , scale_(1.0 / static_cast<double>(x.rows()))
    // The gradient is a mean of products with x: its rounding noise grows with x.
    , gradient_tolerance_(std::max(smallest_gradient, 4.0 * std::numeric_limits<double>::epsilon() *
                                                          x.cwiseAbs().colwise().mean().maxCoeff()))
    , logits_(x.rows())
    , trial_logits_(x.rows())
    , work_(x.rows())
    , weighted_(x.rows())
    , hessian_(x.cols(), x.cols())
    , cholesky_(x.cols())
    , gradient_(x.cols())
    , step_(x.cols())
    , trial_(x.cols()) {}

// By matrix-vector products: unlike a product of matrices they need no buffers.
void LogisticRegression::weighted_gram(const Array& weights, Matrix& gram) {
    const Index p = x_.cols();
    gram.resize(p, p);
    for (Index j = 0; j < p; ++j) {
        weighted_ = weights * x_.col(j).array();
        gram.col(j).head(j + 1).noalias() = x_.leftCols(j + 1).transpose() * weighted_.matrix();
    }
    gram.triangularView<Eigen::Upper>() *= scale_;
    gram.triangularView<Eigen::StrictlyLower>() = gram.transpose();
}

void LogisticRegression::fit(const Array& targets, Vector& theta, Block block, const char* part) {
    const auto v = theta.segment(block.begin, block.size);
    logits_.matrix().noalias() = x_ * v;
    for (int iteration = 0; iteration < newton_steps; ++iteration) {
        sigmoid(logits_, work_);
        work_ -= targets;
        gradient_.noalias() = x_.transpose() * work_.matrix();
        gradient_ *= scale_;
        sigmoid_slope(logits_, work_);
        weighted_gram(work_, hessian_);
        cholesky_.compute(hessian_);
        const double size = v.lpNorm<Eigen::Infinity>();
        if (cholesky_.info() != Eigen::Success || !(size <= largest_coefficient))
            refuse(part, size);
        step_ = gradient_;
        cholesky_.solveInPlace(step_);
        // On separable targets the gradient vanishes as well, but Newton's steps do not.
        const double length = step_.lpNorm<Eigen::Infinity>();
        const double reach = std::max(1.0, size);
        const bool converged = gradient_.lpNorm<Eigen::Infinity>() <= gradient_tolerance_ ||
                               length <= std::numeric_limits<double>::epsilon() * reach;
        if (converged && length <= 1e-3 * reach) return;
        step_down(targets, theta, block, gradient_.dot(step_), part);
    }
    refuse(part, v.lpNorm<Eigen::Infinity>());
}

void LogisticRegression::step_down(const Array& targets, Vector& theta, Block block,
                                   double decrement, const char* part) {
    auto v = theta.segment(block.begin, block.size);
    if (decrement <= line_search_decrement) {
        v -= step_;
        logits_.matrix().noalias() = x_ * v;
        return;
    }
    const double value = cost(targets, logits_);
    for (double fraction = 1.0; fraction > 1e-10; fraction *= 0.5) {
        trial_ = v - fraction * step_;
        trial_logits_.matrix().noalias() = x_ * trial_;
        if (cost(targets, trial_logits_) > value - 0.25 * fraction * decrement) continue;
        v = trial_;
        std::swap(logits_, trial_logits_);
        return;
    }
    refuse(part, v.lpNorm<Eigen::Infinity>());
}

double LogisticRegression::cost(const Array& targets, const Array& logits) {
    work_ = (1.0 + (-logits.abs()).exp()).log() + logits.max(0.0) - targets * logits;
    return work_.sum() * scale_;
}

} // namespace moe
