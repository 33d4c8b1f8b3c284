#pragma once
// The exact M-step of gated mixtures: one convex problem for the gate and one per expert.

#include "mixtures/softmax_regression.hpp"

#include <optional>
#include <string>
#include <vector>

namespace moe {

class GatedMStep {
  public:
    /// `data` and `tiles` (the same samples) and `known` must outlive the object.
    GatedMStep(const GatedShape& shape, const GatedSettings& settings, const Samples& data,
               const TiledSamples& tiles, const GatedKernels& kernels, const KnownGate& known);

    /// Replaces the parameters, where Newton's method starts, by the maximiser. Throws FitError.
    void run(const Matrix& r, GatedParameters& parameters);

  private:
    void check_masses(const Matrix& r);
    void fit_gate(const Matrix& r, GatedParameters& parameters);
    void fit_classes(const Matrix& r, Index k, GatedParameters& parameters);
    void fit_linear(const Matrix& r, Index k, GatedParameters& parameters);
    /// Gram matrix, gradient, squares and mass of a linear expert at its parameters.
    void linear_moments(const Matrix& r, Index k, const GatedParameters& at, double scale);
    [[noreturn]] void explain(NewtonOutcome outcome, const Vector& weights,
                              const std::string& part) const;
    [[nodiscard]] std::string expert_name(Index k) const;

    GatedShape shape_;
    GatedSettings settings_;
    const Samples& data_;
    const TiledSamples& tiles_;
    const GatedKernels& kernels_;
    std::optional<GateRegression> gate_;
    std::optional<ClassRegression> classes_;
    std::optional<Newton> gate_newton_;
    std::vector<Newton> class_newton_; ///< multinomial experts: one each
    Vector gate_point_;
    Vector class_point_;
    AlignedArray row_;        ///< 1 row
    AlignedArray mean_;       ///< 1 row
    AlignedArray slope_;      ///< 1 row
    AlignedArray weighted_x_; ///< p rows
    SymmetricMatrix gram_;
    SymmetricMatrix factor_;
    Vector gradient_;
    Vector step_;
    double squares_ = 0.0; ///< sum_i r_ik (y_i - mean)^2
    double mass_ = 0.0;    ///< sum_i r_ik
};

} // namespace moe
