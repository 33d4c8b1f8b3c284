#pragma once
// Logistic regression on probabilities instead of classes, what the M-step of a gate with two
// experts and of a binary expert is; and the pieces of it that symmetric mixtures share.

#include "mixtures/latent_model.hpp"

#include <Eigen/Cholesky>

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
class LogisticRegression {
  public:
    explicit LogisticRegression(const Matrix& x);

    /// X' diag(weights) X / n.
    void weighted_gram(const Array& weights, Matrix& gram);

    /// Minimises (1/n) sum_i softplus(x_i.v) - target_i x_i.v, targets in [0, 1], over v = a block
    /// of theta by Newton's method from the incoming v, to a gradient of at most 1e-14 in every
    /// entry or its rounding noise. Throws FitError if the targets are separable, naming `part` of
    /// the model: the minimum is then at infinity.
    void fit(const Array& targets, Vector& theta, Block block, const char* part);

  private:
    [[nodiscard]] double cost(const Array& targets, const Array& logits);
    void step_down(const Array& targets, Vector& theta, Block block, double decrement,
                   const char* part);

    const Matrix& x_;
    double scale_; ///< 1 / n
    double gradient_tolerance_;
    Array logits_, trial_logits_, work_, weighted_; ///< one entry a sample
    Matrix hessian_;
    Eigen::LLT<Matrix> cholesky_;
    Vector gradient_, step_, trial_;
};

} // namespace moe
