#pragma once
// Manifolds in ambient spaces, as the cells and the queries of thm_manifold_rate set them up. All
// random numbers derive from the run's seed: a manifold's samples and an ambient space's Q are the
// same in every cell.

#include "charts/atlas.hpp"
#include "charts/atlas_model.hpp"
#include "charts/embedding.hpp"
#include "charts/manifold_targets.hpp"
#include "charts/sup_error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace manifold_rate {

/// tau of the curved embeddings.
inline constexpr double curved = 0.5;

struct Scene {
    /// D = 0 stands for n. Throws InputError as moe::Embedding.
    Scene(std::uint64_t seed, moe::Manifold manifold, moe::ScalarField f, std::size_t D = 0,
          double tau = 0.0);

    [[nodiscard]] moe::MoeStack model(std::int64_t cells,
                                      moe::AtlasFault fault = moe::AtlasFault::none) const;
    [[nodiscard]] moe::SupError measure(const moe::MoeStack& model, std::span<const double> sample,
                                        const moe::SupErrorSettings& settings = {}) const;
    [[nodiscard]] double certificate(std::int64_t cells, moe::ChartRegion region) const;

    moe::Atlas atlas;
    moe::Embedding embedding;
    moe::ScalarField target;
};

/// Sample `number` of a manifold, of the usual size.
[[nodiscard]] std::vector<double> sample_of(std::uint64_t seed, moe::Manifold manifold,
                                            std::uint32_t number = 0);
/// That sample (d = 3: its first half) and, for d >= 2, the points near which N = `cells` cells an
/// axis have their largest errors, found by a search of their own.
[[nodiscard]] std::vector<double> searched_sample(const Scene& scene, std::uint64_t seed,
                                                  std::int64_t cells, std::uint32_t number,
                                                  const std::function<void()>& poll);

/// Settings of a measurement with errors of rho, or without for eta = 0.
[[nodiscard]] moe::SupErrorSettings noisy(const moe::Atlas& atlas, double eta,
                                          const moe::RandomStream& random,
                                          std::function<void()> poll);

} // namespace manifold_rate
