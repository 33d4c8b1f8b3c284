#include "mixtures/logistic_regression.hpp"

#include "basics/numbers.hpp"
#include "mixtures/exp_remainder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace moe {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// The power of two next to a feature's mean absolute value (1 for a feature of zeros).
double unit_of(double size) {
    return size > 0.0 && std::isfinite(size) ? std::exp2(std::round(std::log2(size))) : 1.0;
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
    return std::log1p((1.0 - q) * exp_remainder(-q * delta) + q * exp_remainder((1.0 - q) * delta));
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
    , units_(x.cwiseAbs().colwise().mean().transpose().unaryExpr(&unit_of))
    , logits_(x.rows())
    , work_(x.rows())
    , weighted_(x.rows())
    , hessian_(x.cols(), x.cols())
    , newton_(x.cols())
    , point_(x.cols())
    , coefficients_(x.cols()) {
    work_.setOnes();
    weighted_gram(work_, gram_);
}

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
    targets_ = &targets;
    auto v = theta.segment(block.begin, block.size);
    point_ = units_.cwiseProduct(v);
    const NewtonOutcome outcome = newton_.minimise(*this, point_);
    v = point_.cwiseQuotient(units_);
    if (outcome == NewtonOutcome::converged) return;
    const std::string size = "(root mean square of the logits " + rounded(extent(point_), 3) + ")";
    if (outcome == NewtonOutcome::not_converged) {
        throw FitError(FitFailure::not_converged,
                       std::string("no M-step: Newton's method for the ") + part +
                           " did not converge " + size);
    }
    // Features are not collinear: a Hessian is singular only where logits are far out.
    throw FitError(FitFailure::separable, std::string("no finite M-step: the ") + part +
                                              " is separable, Newton's method has no limit " +
                                              size);
}

double LogisticRegression::evaluate(const Vector& at, bool with_value, Derivatives derivatives,
                                    Vector& gradient, SymmetricMatrix& hessian) {
    coefficients_ = at.cwiseQuotient(units_);
    logits_.matrix().noalias() = x_ * coefficients_;
    double value = 0.0;
    if (with_value) {
        work_ = (1.0 + (-logits_.abs()).exp()).log() + logits_.max(0.0) - *targets_ * logits_;
        value = work_.sum() * scale_;
    }
    if (derivatives == Derivatives::none) return value;
    sigmoid(logits_, work_);
    work_ -= *targets_;
    gradient.noalias() = x_.transpose() * work_.matrix();
    gradient = scale_ * gradient.cwiseQuotient(units_);
    if (derivatives == Derivatives::gradient) return value;
    sigmoid_slope(logits_, work_);
    weighted_gram(work_, hessian_);
    for (Index j = 0; j < hessian_.cols(); ++j) {
        for (Index i = j; i < hessian_.rows(); ++i)
            hessian(i, j) = hessian_(i, j) / (units_[i] * units_[j]);
    }
    return value;
}

double LogisticRegression::gradient_noise(const Vector& at) const {
    // Every feature has a mean absolute value of at most sqrt(2) in its unit.
    return 16.0 * epsilon * std::max(1.0, at.lpNorm<1>());
}

double LogisticRegression::hessian_cost() const noexcept {
    // Multiply-adds a sample; an exponential counts as 25.
    const auto p = static_cast<double>(x_.cols());
    return (p * (p + 1.0) / 2.0 + p + p * p * p / 3.0 * scale_) / (2.0 * p + 25.0);
}

double LogisticRegression::extent(const Vector& point) const {
    const Vector v = point.cwiseQuotient(units_);
    return std::sqrt(std::max(0.0, v.dot(gram_.lazyProduct(v))));
}

} // namespace moe
