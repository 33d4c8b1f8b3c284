#pragma once
// Logistic regression on probabilities instead of classes, what the M-step of a gate with two
// experts and of a binary expert is; and the pieces of it that symmetric mixtures share.

#include "mixtures/latent_model.hpp"
#include "mixtures/newton.hpp"

namespace moe {

using Array = Eigen::ArrayXd;

/// softplus(a) = log(1 + exp(a)) without overflow or cancellation.
[[nodiscard]] double softplus(double a);

/// KL(Bernoulli(sigmoid(t)) || Bernoulli(sigmoid(s))) without cancellation.
[[nodiscard]] double bernoulli_divergence(double s, double t);

/// sigmoid(logits), and its derivative there.
void sigmoid(const Array& logits, Array& probability);
void sigmoid_slope(const Array& logits, Array& slope);

/// Regressions on one set of features. Owns the arrays of its loops; x must outlive it.
class LogisticRegression final : private ConvexProblem {
  public:
    explicit LogisticRegression(const Matrix& x);

    /// X'X / n.
    [[nodiscard]] const Matrix& gram() const noexcept { return gram_; }
    /// X' diag(weights) X / n.
    void weighted_gram(const Array& weights, Matrix& gram);

    /// Minimises (1/n) sum_i softplus(x_i.v) - target_i x_i.v, targets in [0, 1], over v = a block
    /// of theta by Newton's method (newton.hpp) from the incoming v, to a gradient of at most 1e-14
    /// in every entry or its rounding noise, each feature measured in its unit. Throws FitError
    /// naming `part` of the model: separable if the minimum is at infinity, not_converged.
    void fit(const Array& targets, Vector& theta, Block block, const char* part);

  private:
    // Newton's method sees coefficients in the units of the features: the point is units * v.
    double evaluate(const Vector& at, bool with_value, Derivatives derivatives, Vector& gradient,
                    SymmetricMatrix& hessian) override;
    [[nodiscard]] double gradient_noise(const Vector& at) const override;
    [[nodiscard]] double hessian_cost() const noexcept override;
    [[nodiscard]] double extent(const Vector& point) const override;
    [[nodiscard]] bool may_diverge() const noexcept override { return true; }

    const Matrix& x_;
    double scale_; ///< 1 / n
    Vector units_; ///< powers of two near the mean |x_ij| of each feature: exact factors
    Array logits_, work_, weighted_; ///< one entry a sample
    const Array* targets_ = nullptr;
    Matrix gram_;
    Matrix hessian_;
    Newton newton_;
    Vector point_, coefficients_;
};

} // namespace moe
