#pragma once
// Derivatives and divergences of gated mixtures at fixed parameters. Shapes and meaning as in
// mixtures/latent_model.hpp; parameters unpacked; ridge left out.

#include "mixtures/gated_parameters.hpp"

namespace moe {

void gated_complete_information(const GatedShape& shape, const Samples& data,
                                const GatedParameters& at, const Matrix& r, Matrix& hessian);

/// r = posterior at the parameters.
void gated_missing_information(const GatedShape& shape, const Samples& data,
                               const GatedParameters& at, const Matrix& r, Matrix& information);

/// D_h(a, b) weighted by r, in a form without cancellation: relative accuracy for a close to b.
[[nodiscard]] double gated_divergence(const GatedShape& shape, const Samples& data,
                                      const GatedParameters& a, const GatedParameters& b,
                                      const Matrix& r);

/// lmax(X'X/n) times the largest curvature of a sample's gate or expert, plus lambda: 1/sigma^2 of
/// linear and 1/2 of multinomial experts; 1/4 of a gate of two experts, 1/2 of a larger one (the
/// largest eigenvalue of diag(pi) - pi pi' is 1/2, at two equal probabilities). Throws
/// std::logic_error for free_variance, where no bound exists.
[[nodiscard]] double gated_curvature_bound(const GatedShape& shape, const GatedSettings& settings,
                                           const Matrix& x);

} // namespace moe
