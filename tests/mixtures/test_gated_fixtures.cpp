// Numbers of the notes (notes_2411.06056.md, section 7) that anyone can recompute from the fixture
// generator, and the log-likelihoods of the comparison with other programs.

#include "datasets/synthetic.hpp"
#include "fitting/em.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>

namespace {

using moe::ExpertFamily;
using moe::Index;
using moe::Matrix;
using moe::Vector;

struct Fixture {
    moe::GatedShape shape;
    Index n;
    std::uint64_t seed;
    double lambda;
    std::array<double, 4> objectives; ///< at iterations 0, 1, 5, 50
    double gap;                       ///< G_0
    double latent;                    ///< KL_lat,0
    double first;                     ///< of theta^1
    double last;
};

void check(const Fixture& expected) {
    moe::GatedRecipe recipe;
    recipe.shape = expected.shape;
    recipe.n = expected.n;
    const moe::SyntheticData data = gated_data(recipe, moe::FixtureSource(expected.seed));
    const auto model = make_gated_mixture(expected.shape, {1.0, expected.lambda}, data.samples);

    Matrix r;
    Matrix next_r;
    model->posterior(data.start, r);
    Vector theta = data.start;
    model->maximise(r, theta);
    model->posterior(theta, next_r);
    const double latent =
        (r.array() * (r.array() / next_r.array()).log()).sum() / static_cast<double>(expected.n);
    BOOST_TEST(std::abs(model->divergence(r, data.start, theta) - expected.gap) <= 1e-9);
    BOOST_TEST(std::abs(latent - expected.latent) <= 1e-9);
    BOOST_TEST(std::abs(theta[0] - expected.first) <= 1e-7);
    BOOST_TEST(std::abs(theta[theta.size() - 1] - expected.last) <= 1e-7);

    const moe::Trace trace = moe::run(*model, moe::em(*model), data.start, 50);
    const std::array<std::size_t, 4> iterations{0, 1, 5, 50};
    for (std::size_t i = 0; i < 4; ++i)
        BOOST_TEST(std::abs(trace.objectives[iterations[i]] - expected.objectives[i]) <= 1e-9);
}

struct Comparison {
    std::uint64_t seed;
    Index n;
    Index p;
    Index K;
    std::array<double, 4> free; ///< log-likelihood after 1, 2, 10, 50 iterations, free variances
    double known;               ///< after 50 iterations, sigma = 1
};

} // namespace

BOOST_AUTO_TEST_SUITE(gated_fixtures)

BOOST_AUTO_TEST_CASE(linear_experts_seed_3) {
    check({{ExpertFamily::linear, 3, 3, 1},
           500,
           3,
           0.0,
           {2.2492730725709, 1.7083537778054, 1.6714384277908, 1.6709692408548},
           0.4658871500917,
           0.0750321446739,
           -0.9419937836667,
           -3.1803018124039});
}

BOOST_AUTO_TEST_CASE(multinomial_experts_seed_4) {
    check({{ExpertFamily::multinomial, 3, 2, 3},
           1000,
           4,
           0.01,
           {1.0172753024292, 0.8293123087756, 0.8227270714196, 0.8223332604705},
           0.1117717265686,
           0.0153067772172,
           0.1065962742372,
           -1.3258385540534});
}

BOOST_AUTO_TEST_CASE(log_likelihoods_with_free_and_with_known_variances) {
    const std::array<Comparison, 3> data{
        {{72, 1000, 2, 2, {-1845.484639, -1845.466634, -1845.466266, -1845.466266}, -1845.795868},
         {73, 1000, 6, 2, {-1674.739622, -1669.143886, -1668.792540, -1668.792540}, -1668.950352},
         {74, 5000, 6, 3, {-9046.907950, -8988.275910, -8977.501073, -8977.501010}, -8978.245253}}};
    for (const Comparison& c : data) {
        BOOST_TEST_CONTEXT("seed " << c.seed) {
            moe::GatedRecipe recipe;
            recipe.shape = {ExpertFamily::linear, c.p, c.K, 1};
            recipe.n = c.n;
            recipe.start_noise = 0.3;
            const moe::SyntheticData synthetic = gated_data(recipe, moe::FixtureSource(c.seed));
            const auto known = make_gated_mixture(recipe.shape, {}, synthetic.samples);
            const auto n = static_cast<double>(c.n);
            const moe::Trace known_run = moe::run(*known, moe::em(*known), synthetic.start, 50);
            BOOST_TEST(std::abs(-n * known_run.objectives[50] - c.known) <= 1.1e-6);

            // Free variances begin with the M-step from the responsibilities of the start.
            Matrix r;
            known->posterior(synthetic.start, r);
            recipe.shape.family = ExpertFamily::free_variance;
            const auto model = make_gated_mixture(recipe.shape, {}, synthetic.samples);
            Vector theta = Vector::Zero(recipe.shape.parameters());
            theta.tail(c.K).setOnes();
            model->maximise(r, theta);
            const moe::Trace trace = moe::run(*model, moe::em(*model), theta, 49);
            const std::array<std::size_t, 4> iterations{1, 2, 10, 50};
            for (std::size_t i = 0; i < 4; ++i)
                BOOST_TEST(std::abs(-n * trace.objectives[iterations[i] - 1] - c.free[i]) <=
                           1.1e-6);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
