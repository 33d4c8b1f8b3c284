#pragma once
// The symmetric mixtures of two experts of arXiv:2411.06056: z in {-1, +1}, theta = (beta, w),
// P(z = +1 | x) = sigmoid(w.x), no intercepts beyond what x holds.

#include "mixtures/latent_model.hpp"

#include <memory>

namespace moe {

enum class SymmetricKind {
    linear,  ///< SymMoLinE: y = z beta.x + N(0, 1)
    logistic ///< SymMoLogE: y in {-1, 1}, P(y | x, z) = sigmoid(y z beta.x)
};

/// Builds the model: beta first (p entries), then w (p entries); expert 0 is z = +1, expert 1 is
/// z = -1; lambda = 0. Throws InputError for fewer samples than parameters, sizes that differ,
/// numbers that are not finite, or (logistic) a response other than -1 and 1; FitError (collinear)
/// if X'X is singular.
[[nodiscard]] std::unique_ptr<LatentModel> make_symmetric_mixture(SymmetricKind kind,
                                                                  Samples samples);

} // namespace moe
