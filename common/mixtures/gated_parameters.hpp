#pragma once
// The parameter vector of a gated mixture as matrices: one column per linear form of the features.

#include "mixtures/gated_mixture.hpp"

namespace moe {

/// Linear forms per expert: 1, or C-1 for multinomial experts.
[[nodiscard]] Index forms_per_expert(const GatedShape& shape) noexcept;

struct GatedParameters {
    Matrix gate;    ///< p x (K-1), column k = w_k
    Matrix experts; ///< p x (K forms): beta_k, or b_kc in column k (C-1) + c
    Vector tau;     ///< K precisions 1 / sigma_k^2 (linear families; otherwise 1)
};

/// Reads theta; `sigma` is that of linear experts.
void unpack(const GatedShape& shape, double sigma, const Vector& theta,
            GatedParameters& parameters);
void pack(const GatedShape& shape, const GatedParameters& parameters, Vector& theta);
/// Puts numbers of that shape, as they are, where the entries of theta stand: for gradients.
void scatter(const GatedShape& shape, const GatedParameters& numbers, Vector& theta);

/// Where coefficient j of linear form f of the gate (f < K-1) or of the experts (f < K forms)
/// stands in theta.
[[nodiscard]] Index gate_index(const GatedShape& shape, Index j, Index f) noexcept;
[[nodiscard]] Index expert_index(const GatedShape& shape, Index j, Index f) noexcept;

/// Throws InputError as make_gated_mixture says of shapes and settings.
void check_shape(const GatedShape& shape, const GatedSettings& settings);

/// Throws std::invalid_argument unless theta has shape.parameters() entries.
void check_parameters(const GatedShape& shape, const Vector& theta);

/// log softmax of each row of (x coefficients, 0), the maximum taken out: n x (forms + 1).
void log_softmax(const Matrix& x, const Eigen::Ref<const Matrix>& coefficients, Matrix& result);

} // namespace moe
