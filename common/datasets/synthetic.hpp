#pragma once
// Synthetic data of mixtures of experts with their truth and a start for the fits: recipes of
// notes_2411.06056.md, "Fixture generator".

#include "datasets/deviates.hpp"
#include "mixtures/gated_mixture.hpp"
#include "mixtures/symmetric_mixture.hpp"

#include <vector>

namespace moe {

struct SymmetricRecipe {
    SymmetricKind kind = SymmetricKind::linear;
    Index n = 1000;
    Index d = 10;
    double beta = 4.0; ///< |beta*|
    double w = 4.0;    ///< |w*|
    double rho0 = 0.5; ///< relative distance of the start from the truth, in each block
};

struct GatedRecipe {
    GatedShape shape;
    double sigma = 1.0; ///< of linear experts; free_variance uses it too
    Index n = 1000;
    double expert_scale = 2.0; ///< B* = expert_scale normals
    double start_noise = 0.5;  ///< start = truth + start_noise normals
};

struct SyntheticData {
    Samples samples;
    Vector truth;
    Vector start;
    std::vector<Index> expert; ///< hidden expert of each sample (symmetric: 0 is z = +1)
};

/// Streams: 1 beta, 2 w, 3 X (row-major), 4 z, 5 noise or y, 6 and 7 the start's directions.
[[nodiscard]] SyntheticData symmetric_data(const SymmetricRecipe& recipe,
                                           const DeviateSource& source);

/// Features (1, normals). Streams: 1 gate (W* = 1.5 normals), 2 experts, 3 X, 4 z, 5 noise or y,
/// 6 start. For free_variance truth and start are natural parameters of beta* + noise with
/// sigma_k = sigma.
[[nodiscard]] SyntheticData gated_data(const GatedRecipe& recipe, const DeviateSource& source);

} // namespace moe
