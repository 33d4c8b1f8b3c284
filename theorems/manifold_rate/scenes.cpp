#include "manifold_rate/scenes.hpp"

#include "charts/error_peaks.hpp"

#include <utility>

namespace manifold_rate {

namespace {

Eigen::MatrixXd rotation(std::uint64_t seed, std::size_t D) {
    moe::RandomStream random(seed, moe::cell_key("rotation." + std::to_string(D)), 0);
    return moe::random_orthogonal(D, random);
}

} // namespace

Scene::Scene(std::uint64_t seed, moe::Manifold manifold, moe::ScalarField f, std::size_t D,
             double tau)
    : atlas(manifold)
    , embedding(rotation(seed, D == 0 ? atlas.own() : D), atlas.own(), tau)
    , target(std::move(f)) {}

moe::MoeStack Scene::model(std::int64_t cells, moe::AtlasFault fault) const {
    return moe::atlas_model({atlas, embedding, target, cells, fault});
}

moe::SupError Scene::measure(const moe::MoeStack& model, std::span<const double> sample,
                             const moe::SupErrorSettings& settings) const {
    return moe::measure_sup_error(model, atlas, embedding, target, sample, settings);
}

double Scene::certificate(std::int64_t cells, moe::ChartRegion region) const {
    return moe::interpolation_bound(moe::chart_grid(atlas, cells),
                                    moe::largest_second_derivative(atlas, target, cells, region));
}

std::vector<double> sample_of(std::uint64_t seed, moe::Manifold manifold, std::uint32_t number) {
    moe::RandomStream random(seed, moe::cell_key("sample." + std::string(moe::to_string(manifold))),
                             number);
    return moe::manifold_sample(manifold, moe::usual_sample_size(manifold), random);
}

std::vector<double> searched_sample(const Scene& scene, std::uint64_t seed, std::int64_t cells,
                                    std::uint32_t number, const std::function<void()>& poll) {
    const moe::Manifold manifold = scene.atlas.manifold();
    std::vector<double> sample = sample_of(seed, manifold, number);
    const std::size_t d = scene.atlas.intrinsic();
    if (d == 1) return sample;
    // Half of it where a network of 10^4 and more neurons is evaluated.
    if (d == 3) sample.resize(sample.size() / 2);
    moe::RandomStream random(seed, moe::cell_key("peaks." + std::string(moe::to_string(manifold))),
                             number);
    const std::vector<double> peaks =
        moe::error_peaks(scene.atlas, scene.target, cells,
                         {.candidates = d == 2 ? std::size_t{20000} : std::size_t{200000},
                          .starts = d == 2 ? std::size_t{20} : std::size_t{160},
                          .steps = 400,
                          .poll = poll},
                         random);
    sample.insert(sample.end(), peaks.begin(), peaks.end());
    return sample;
}

moe::SupErrorSettings noisy(const moe::Atlas& atlas, double eta, const moe::RandomStream& random,
                            std::function<void()> poll) {
    moe::SupErrorSettings settings;
    settings.poll = std::move(poll);
    if (eta == 0.0) return settings;
    settings.noise = {eta, random};
    settings.chart_radius = atlas.radius();
    return settings;
}

} // namespace manifold_rate
