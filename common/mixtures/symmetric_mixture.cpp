#include "mixtures/symmetric_mixture.hpp"

#include "basics/numbers.hpp"
#include "mixtures/logistic_regression.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {
namespace {

constexpr double half_log_2pi = 0.91893853320467274178;

// A pivot of the Gram matrix, its columns scaled to norm 1, is 1 - R^2 of a feature on those before
// it: rounding leaves some 1e-16 of an exact 0.
constexpr double smallest_pivot = 1e-13;

void check(SymmetricKind kind, const Samples& samples) {
    const Index n = samples.x.rows();
    const Index p = samples.x.cols();
    if (samples.y.size() != n) {
        throw InputError("symmetric mixture: " + std::to_string(samples.y.size()) +
                         " responses for " + std::to_string(n) + " samples");
    }
    if (p < 1) throw InputError("symmetric mixture: 0 features, at least 1 is needed");
    if (n < 2 * p) {
        throw InputError("symmetric mixture: " + std::to_string(n) +
                         " samples, at least as many as the " + std::to_string(2 * p) +
                         " parameters are needed");
    }
    for (Index i = 0; i < n; ++i) {
        const double y = samples.y[i];
        if (!std::isfinite(y) || !samples.x.row(i).allFinite()) {
            throw InputError("symmetric mixture: sample " + std::to_string(i + 1) +
                             " holds a number that is not finite");
        }
        if (kind == SymmetricKind::logistic && y != 1.0 && y != -1.0) {
            throw InputError("symmetric mixture: response " + shortest(y) + " of sample " +
                             std::to_string(i + 1) + ", logistic experts take -1 and 1");
        }
    }
}

/// theta = (beta, w). Everything below loops over samples; a_i = beta.x_i, b_i = w.x_i,
/// u_i = c(y_i) a_i + b_i / 2 with c(y) = y (linear) or y / 2 (logistic), and the posterior mean of
/// z is tanh(u_i) (notes, section 1).
class SymmetricMixture final : public LatentModel {
  public:
    SymmetricMixture(SymmetricKind kind, Samples samples)
        : kind_(kind)
        , x_(std::move(samples.x))
        , y_(std::move(samples.y))
        , n_(x_.rows())
        , p_(x_.cols())
        , scale_(1.0 / static_cast<double>(n_))
        , c_(kind == SymmetricKind::linear ? 1.0 : 0.5)
        , constant_(kind == SymmetricKind::linear ? half_log_2pi : 0.0)
        , regression_(x_)
        , a_(n_)
        , b_(n_)
        , u_(n_)
        , e_(n_)
        , target_(n_)
        , t_(n_)
        , responsibilities_(n_, 2)
        , hessian_(p_, p_)
        , slope_(p_) {
        refuse_collinear(regression_.gram());
        gram_factor_.compute(regression_.gram());
        const Eigen::SelfAdjointEigenSolver<Matrix> eigen(regression_.gram(),
                                                          Eigen::EigenvaluesOnly);
        curvature_bound_ =
            eigen.eigenvalues()[p_ - 1] * (kind == SymmetricKind::linear ? 1.0 : 0.25);
    }

    [[nodiscard]] Index samples() const noexcept override { return n_; }
    [[nodiscard]] Index experts() const noexcept override { return 2; }
    [[nodiscard]] Index parameters() const noexcept override { return 2 * p_; }
    [[nodiscard]] double lambda() const noexcept override { return 0.0; }
    [[nodiscard]] Block gate_block() const noexcept override { return {p_, p_}; }
    [[nodiscard]] Block expert_block() const noexcept override { return {0, p_}; }

    [[nodiscard]] double loss(const Vector& theta) override {
        predict(theta);
        return loss_of_predictions();
    }

    double posterior(const Vector& theta, Matrix& r) override {
        predict(theta);
        r.resize(n_, 2);
        for (Index i = 0; i < n_; ++i) {
            const double larger = 1.0 / (1.0 + e_[i]);
            const double smaller = e_[i] * larger;
            r(i, 0) = u_[i] >= 0.0 ? larger : smaller;
            r(i, 1) = u_[i] >= 0.0 ? smaller : larger;
        }
        return loss_of_predictions();
    }

    void complete_log_density(const Vector& theta, Matrix& l) override {
        predict(theta);
        l.resize(n_, 2);
        for (Index i = 0; i < n_; ++i) {
            l(i, 0) = -expert_cost(y_[i], a_[i]) - softplus(-b_[i]) - constant_;
            l(i, 1) = -expert_cost(y_[i], -a_[i]) - softplus(b_[i]) - constant_;
        }
    }

    void gate(const Vector& theta, Matrix& pi) override {
        predict(theta);
        pi.resize(n_, 2);
        pi.col(0) = 1.0 / (1.0 + (-b_).exp());
        pi.col(1) = 1.0 / (1.0 + b_.exp());
    }

    void maximise(const Matrix& r, Vector& theta) override {
        require(theta);
        if (kind_ == SymmetricKind::linear) {
            solve_expert(r, theta);
        } else { // z y = 1 has responsibility r_0 where y = 1 and r_1 where y = -1
            for (Index i = 0; i < n_; ++i)
                target_[i] = y_[i] > 0.0 ? r(i, 0) : r(i, 1);
            regression_.fit(target_, theta, expert_block(), "classification");
        }
        target_ = r.col(0);
        regression_.fit(target_, theta, gate_block(), "gate");
    }

    double loss_gradient(const Vector& theta, Vector& gradient) override {
        const double loss = posterior(theta, responsibilities_);
        surrogate_gradient_of_predictions(responsibilities_, gradient);
        return loss;
    }

    void surrogate_gradient(const Matrix& r, const Vector& theta, Vector& gradient) override {
        predict(theta);
        surrogate_gradient_of_predictions(r, gradient);
    }

    void complete_information(const Matrix&, const Vector& theta, Matrix& hessian) override {
        predict(theta);
        hessian.setZero(2 * p_, 2 * p_);
        if (kind_ == SymmetricKind::linear) {
            hessian.topLeftCorner(p_, p_) = regression_.gram();
        } else {
            sigmoid_slope(a_, t_);
            regression_.weighted_gram(t_, hessian_);
            hessian.topLeftCorner(p_, p_) = hessian_;
        }
        sigmoid_slope(b_, t_);
        regression_.weighted_gram(t_, hessian_);
        hessian.bottomRightCorner(p_, p_) = hessian_;
    }

    void missing_information(const Vector& theta, Matrix& information) override {
        // Complete score: z (c(y) x, x / 2), and Var(z) = 1 - tanh(u)^2 = 4 e / (1 + e)^2.
        predict(theta);
        information.resize(2 * p_, 2 * p_);
        const auto variance = 4.0 * e_ / (1.0 + e_).square();
        const auto c = c_ * y_.array();
        t_ = variance * c.square();
        regression_.weighted_gram(t_, hessian_);
        information.topLeftCorner(p_, p_) = hessian_;
        t_ = 0.5 * variance * c;
        regression_.weighted_gram(t_, hessian_);
        information.topRightCorner(p_, p_) = hessian_;
        information.bottomLeftCorner(p_, p_) = hessian_;
        t_ = 0.25 * variance;
        regression_.weighted_gram(t_, hessian_);
        information.bottomRightCorner(p_, p_) = hessian_;
    }

    [[nodiscard]] double divergence(const Matrix&, const Vector& a, const Vector& b) override {
        require(a);
        require(b);
        // Linear experts need the difference a - b only: formed before x, it does not cancel.
        if (kind_ == SymmetricKind::linear) {
            slope_ = a.head(p_) - b.head(p_);
            a_.matrix().noalias() = x_ * slope_;
            a_ = 0.5 * a_.square();
        } else {
            bernoulli_divergences(a.head(p_), b.head(p_));
            a_ = b_;
        }
        bernoulli_divergences(a.tail(p_), b.tail(p_));
        return (a_.sum() + b_.sum()) * scale_;
    }

    [[nodiscard]] double curvature_bound() const override { return curvature_bound_; }

  private:
    void require(const Vector& theta) const {
        if (theta.size() != 2 * p_) {
            throw std::invalid_argument("symmetric mixture: theta has " +
                                        std::to_string(theta.size()) + " entries instead of " +
                                        std::to_string(2 * p_));
        }
    }

    /// a, b, u and e = exp(-2 |u|).
    void predict(const Vector& theta) {
        require(theta);
        a_.matrix().noalias() = x_ * theta.head(p_);
        b_.matrix().noalias() = x_ * theta.tail(p_);
        u_ = c_ * y_.array() * a_ + 0.5 * b_;
        e_ = (-2.0 * u_.abs()).exp();
    }

    /// -log p(y | a, z = 1) without its constant.
    [[nodiscard]] double expert_cost(double y, double a) const {
        return kind_ == SymmetricKind::linear ? 0.5 * (y - a) * (y - a) : softplus(-y * a);
    }

    /// With s = sign(u) the likelier value of z: -log p(y) = -log p(y, z = s) - log1p(e), and
    /// softplus(a) = max(a, 0) + log1p(exp(-|a|)): one logarithm of a number in (1/2, 4) a sample.
    [[nodiscard]] double loss_of_predictions() {
        t_ = (1.0 + (-b_.abs()).exp()) / (1.0 + e_);
        if (kind_ == SymmetricKind::logistic) t_ *= 1.0 + (-a_.abs()).exp();
        t_ = t_.log();
        for (Index i = 0; i < n_; ++i) {
            const double s = u_[i] >= 0.0 ? 1.0 : -1.0;
            const double cost = kind_ == SymmetricKind::linear
                                    ? 0.5 * (y_[i] - s * a_[i]) * (y_[i] - s * a_[i])
                                    : std::max(-s * y_[i] * a_[i], 0.0);
            t_[i] += cost + std::max(-s * b_[i], 0.0);
        }
        return t_.sum() * scale_ + constant_;
    }

    void surrogate_gradient_of_predictions(const Matrix& r, Vector& gradient) {
        gradient.resize(2 * p_);
        if (kind_ == SymmetricKind::linear) {
            t_ = a_ - (r.col(0) - r.col(1)).array() * y_.array();
        } else {
            target_ = (y_.array() > 0.0).select(r.col(0).array(), r.col(1).array());
            sigmoid(a_, t_);
            t_ -= target_;
        }
        gradient.head(p_).noalias() = x_.transpose() * t_.matrix();
        sigmoid(b_, t_);
        t_ -= r.col(0).array();
        gradient.tail(p_).noalias() = x_.transpose() * t_.matrix();
        gradient *= scale_;
    }

    /// beta = (X'X)^{-1} X'((r_0 - r_1) y), refined once.
    void solve_expert(const Matrix& r, Vector& theta) {
        u_ = (r.col(0) - r.col(1)).array() * y_.array();
        slope_.noalias() = x_.transpose() * u_.matrix();
        slope_ *= scale_;
        gram_factor_.solveInPlace(slope_);
        theta.head(p_) = slope_;
        t_.matrix().noalias() = x_ * slope_;
        t_ = u_ - t_;
        slope_.noalias() = x_.transpose() * t_.matrix();
        slope_ *= scale_;
        gram_factor_.solveInPlace(slope_);
        theta.head(p_) += slope_;
    }

    /// b_i = KL(Bernoulli(sigmoid(x_i.b)) || Bernoulli(sigmoid(x_i.a))).
    void bernoulli_divergences(const Eigen::Ref<const Vector>& a,
                               const Eigen::Ref<const Vector>& b) {
        u_.matrix().noalias() = x_ * a;
        e_.matrix().noalias() = x_ * b;
        for (Index i = 0; i < n_; ++i)
            b_[i] = bernoulli_divergence(u_[i], e_[i]);
    }

    static void refuse_collinear(const Matrix& gram) {
        const Vector norms = gram.diagonal().cwiseSqrt();
        bool singular = !(norms.minCoeff() > 0.0);
        if (!singular) {
            const Vector inverse = norms.cwiseInverse();
            const Matrix scaled = inverse.asDiagonal() * gram * inverse.asDiagonal();
            const Eigen::LLT<Matrix> factor(scaled);
            singular = factor.info() != Eigen::Success ||
                       Matrix(factor.matrixL()).diagonal().cwiseAbs2().minCoeff() < smallest_pivot;
        }
        if (singular) {
            throw FitError(FitFailure::collinear,
                           "symmetric mixture: the features are collinear (X'X is singular), no "
                           "unique fit exists");
        }
    }

    SymmetricKind kind_;
    Matrix x_;
    Vector y_;
    Index n_;
    Index p_;
    double scale_;    ///< 1 / n
    double c_;        ///< c(y) = c_ y
    double constant_; ///< of the loss: log(2 pi) / 2 for Gaussian noise
    LogisticRegression regression_;
    Eigen::LLT<Matrix> gram_factor_; ///< of X'X / n
    double curvature_bound_ = 0.0;

    // Work arrays, one entry a sample: nothing is allocated inside an iteration.
    Array a_, b_, u_, e_; ///< predictions, see above
    Array target_;        ///< probabilities that a logistic regression shall match
    Array t_;             ///< whatever a function needs for itself
    Matrix responsibilities_;
    Matrix hessian_;
    Vector slope_; ///< p entries
};

} // namespace

std::unique_ptr<LatentModel> make_symmetric_mixture(SymmetricKind kind, Samples samples) {
    check(kind, samples);
    return std::make_unique<SymmetricMixture>(kind, std::move(samples));
}

} // namespace moe
