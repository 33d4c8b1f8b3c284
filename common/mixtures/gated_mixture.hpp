#pragma once
// Mixtures of K experts under a softmax gate: pi_k(x) = softmax_k(w_k.x) with w_K = 0, and linear
// (Gaussian) or multinomial logistic experts.

#include "mixtures/latent_model.hpp"

#include <memory>
#include <vector>

namespace moe {

enum class ExpertFamily {
    linear,        ///< y | x, k ~ N(beta_k.x, sigma^2), sigma known
    free_variance, ///< y | x, k ~ N(beta_k.x, sigma_k^2), sigma_k estimated
    multinomial    ///< p(c | x, k) = softmax_c(b_kc.x), b_kC = 0; C = 2 is logistic
};

/// Sizes of a mixture, and where its parameters stand in theta: the gate W (p x (K-1), row-major),
/// then
/// - linear: B (p x K, row-major), column k = beta_k;
/// - free_variance: the natural parameters a_k = beta_k / sigma_k^2 (p x K, row-major), then
///   tau_k = 1 / sigma_k^2 (K entries);
/// - multinomial: K blocks of p x (C-1), row-major.
struct GatedShape {
    ExpertFamily family = ExpertFamily::linear;
    Index p = 1; ///< features, the constant 1 included
    Index K = 2; ///< experts; 1 means a single expert without a gate
    Index C = 2; ///< classes; 1 for the linear families

    [[nodiscard]] Index gate_parameters() const noexcept { return p * (K - 1); }
    [[nodiscard]] Index expert_parameters() const noexcept;
    [[nodiscard]] Index parameters() const noexcept {
        return gate_parameters() + expert_parameters();
    }
};

struct GatedSettings {
    double sigma = 1.0;  ///< of linear experts; unused by the others
    double lambda = 0.0; ///< ridge on every free parameter; 0 for free_variance
};

/// Builds the model. Throws InputError for shapes that do not fit the samples, fewer samples than
/// parameters, sigma <= 0, lambda < 0, lambda > 0 with free_variance, numbers that are not finite,
/// or (multinomial) a response that is no class 0..C-1.
[[nodiscard]] std::unique_ptr<LatentModel>
make_gated_mixture(const GatedShape& shape, const GatedSettings& settings, Samples samples);

/// Coefficients beta_k (p x K) and standard deviations sigma_k (K) of free_variance parameters.
struct LinearExperts {
    Matrix beta;
    Vector sigma;
};
[[nodiscard]] LinearExperts linear_experts(const GatedShape& shape, const GatedSettings& settings,
                                           const Vector& theta);

/// Gate probabilities (n x K) on other features x (n x p).
[[nodiscard]] Matrix gate_probabilities(const GatedShape& shape, const Vector& theta,
                                        const Matrix& x);
/// p(c | x) = sum_k pi_k(x) p_k(c | x) of a multinomial mixture (n x C) on other features.
[[nodiscard]] Matrix class_probabilities(const GatedShape& shape, const Vector& theta,
                                         const Matrix& x);

/// theta with the experts in another order: expert j of the result is expert order[j], the gate
/// re-gauged so that its last column is 0 again. The density is the same.
[[nodiscard]] Vector reorder_experts(const GatedShape& shape, const Vector& theta,
                                     const std::vector<Index>& order);

} // namespace moe
