#pragma once
// Weighted softmax regressions on tiles of samples, the M-steps of gates and multinomial experts:
// (1/n) sum_i [weight_i lse(x_i'T, 0) - sum_c target_ic (x_i'T, 0)_c] + (lambda/2) |T|^2.
// The point is T (p x forms) column by column.

#include "mixtures/gated_likelihood.hpp"
#include "mixtures/newton.hpp"

namespace moe {

class SoftmaxRegression : public ConvexProblem {
  public:
    /// The samples must outlive the object.
    SoftmaxRegression(const TiledSamples& samples, Index forms, double lambda,
                      const GatedKernels& kernels);

    double evaluate(const Vector& at, bool with_value, Derivatives derivatives, Vector& gradient,
                    SymmetricMatrix& hessian) override;
    [[nodiscard]] double gradient_noise(const Vector& at) const override;
    [[nodiscard]] double hessian_cost() const noexcept override;
    [[nodiscard]] double extent(const Vector& point) const override;
    [[nodiscard]] bool may_diverge() const noexcept override { return lambda_ == 0.0; }

  protected:
    /// What a regression gives of a tile: probabilities at hand for the point, or null; slopes of
    /// its samples and their weights; the value.
    virtual const double* known_probabilities(const Vector& at, Index tile) const = 0;
    virtual const double* slopes(Index tile, const double* p, double* result) = 0;
    virtual void add_cost(Index tile, const double* logits, const double* normaliser,
                          LaneSums& sums) = 0;

    [[nodiscard]] const TiledSamples& data() const noexcept { return samples_; }
    [[nodiscard]] const GatedKernels& kernels() const noexcept { return kernels_; }
    [[nodiscard]] Index forms() const noexcept { return forms_; }

  private:
    void add_hessian(Index tile, const double* p, const double* weight, SymmetricMatrix& hessian);
    void finish_hessian(SymmetricMatrix& hessian) const;

    const TiledSamples& samples_;
    Index forms_;
    double lambda_;
    const GatedKernels& kernels_;
    AlignedArray logits_;     ///< forms rows
    AlignedArray p_;          ///< forms rows
    AlignedArray slopes_;     ///< forms rows
    AlignedArray normaliser_; ///< 1 row
    AlignedArray curvature_;  ///< 1 row
    AlignedArray weighted_x_; ///< p rows
};

/// Targets r_ik, weights sum_k r_ik.
class GateRegression final : public SoftmaxRegression {
  public:
    GateRegression(const TiledSamples& samples, Index K, double lambda, const GatedKernels& kernels,
                   const KnownGate& known);
    void set(const Matrix& r) noexcept { r_ = &r; }

  protected:
    const double* known_probabilities(const Vector& at, Index tile) const override;
    const double* slopes(Index tile, const double* p, double* result) override;
    void add_cost(Index tile, const double* logits, const double* normaliser,
                  LaneSums& sums) override;

  private:
    const KnownGate& known_;
    const Matrix* r_ = nullptr;
    AlignedArray r_rows_; ///< K rows
    AlignedArray total_;  ///< 1 row
};

/// Targets weight_i 1[y_i = c].
class ClassRegression final : public SoftmaxRegression {
  public:
    ClassRegression(const TiledSamples& samples, Index C, double lambda,
                    const GatedKernels& kernels);
    /// Weights: column k of r.
    void set(const Matrix& r, Index k) noexcept {
        r_ = &r;
        k_ = k;
    }

  protected:
    const double* known_probabilities(const Vector& at, Index tile) const override;
    const double* slopes(Index tile, const double* p, double* result) override;
    void add_cost(Index tile, const double* logits, const double* normaliser,
                  LaneSums& sums) override;

  private:
    const double* weights(Index tile);

    const Matrix* r_ = nullptr;
    Index k_ = 0;
    AlignedArray weight_row_; ///< 1 row
    AlignedArray density_;    ///< 1 row
};

} // namespace moe
