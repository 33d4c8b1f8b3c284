// EM of symmetric mixtures against the fixed values of the notes (notes_2411.06056.md, section 7)
// and in other bases and units of the features.

#include "datasets/synthetic.hpp"
#include "fitting/em.hpp"
#include "mixtures/latent_model.hpp"
#include "mixtures/symmetric_mixture.hpp"

#include <Eigen/LU>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace {

using moe::Index;
using moe::Matrix;
using moe::SymmetricKind;
using moe::Vector;

} // namespace

BOOST_AUTO_TEST_SUITE(symmetric_fixtures)

BOOST_AUTO_TEST_CASE(em_gives_the_fixed_values_of_the_notes) {
    struct Fixture {
        SymmetricKind kind;
        std::uint64_t seed;
        Index n;
        Index d;
        double w;
        std::array<double, 4> F; ///< at the start and after 1, 5, 50 iterations
        double G0;
        double latent0;
        double first;
        double last;
        double descent; ///< L after one gradient step 1/Lip
    };
    for (const Fixture& fixture :
         {Fixture{SymmetricKind::linear,
                  1,
                  1000,
                  10,
                  4.0,
                  {3.3259301020397, 1.7382595685813, 1.6174605298878, 1.6174585395609},
                  1.2079933971385,
                  .3796771363200,
                  2.2716959007466,
                  .8331366576761,
                  1.960313109114},
          Fixture{SymmetricKind::logistic,
                  2,
                  2000,
                  4,
                  2.0,
                  {.6665494337116, .5994953121283, .5637503710557, .5628648489190},
                  .0454272015814,
                  .0216269200019,
                  -1.4212372578299,
                  -.1998642117912,
                  .630587889163}}) {
        const moe::SyntheticData data = moe::symmetric_data(
            {.kind = fixture.kind, .n = fixture.n, .d = fixture.d, .beta = 4.0, .w = fixture.w},
            moe::FixtureSource(fixture.seed));
        const auto model = moe::make_symmetric_mixture(fixture.kind, data.samples);
        const moe::Trace trace = moe::run(*model, moe::em(*model), data.start, 50);
        BOOST_TEST(std::abs(trace.objectives[0] - fixture.F[0]) <= 1e-9);
        BOOST_TEST(std::abs(trace.objectives[1] - fixture.F[1]) <= 1e-9);
        BOOST_TEST(std::abs(trace.objectives[5] - fixture.F[2]) <= 1e-9);
        BOOST_TEST(std::abs(trace.objectives[50] - fixture.F[3]) <= 1e-9);

        Matrix r;
        Matrix next;
        Vector theta = data.start;
        model->posterior(theta, r);
        model->maximise(r, theta);
        model->posterior(theta, next);
        const double latent =
            (r.array() * (r.array() / next.array()).log()).sum() / static_cast<double>(fixture.n);
        BOOST_TEST(std::abs(theta[0] - fixture.first) <= 1e-7);
        BOOST_TEST(std::abs(theta[theta.size() - 1] - fixture.last) <= 1e-7);
        BOOST_TEST(std::abs(model->divergence(r, data.start, theta) - fixture.G0) <= 1e-9);
        BOOST_TEST(std::abs(latent - fixture.latent0) <= 1e-9);

        Vector gradient;
        model->loss_gradient(data.start, gradient);
        BOOST_TEST(std::abs(model->loss(data.start - gradient / model->curvature_bound()) -
                            fixture.descent) <= 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(em_does_not_depend_on_the_basis_of_the_features) {
    for (const SymmetricKind kind : {SymmetricKind::linear, SymmetricKind::logistic}) {
        const moe::SyntheticData data = moe::symmetric_data(
            {.kind = kind, .n = 400, .d = 3, .beta = 2.0, .w = 1.5}, moe::FixtureSource(7));
        Matrix T(3, 3);
        T << 2.0, 0.3, -1.0, 0.0, 0.1, 5.0, 1.0, 1.0, 0.5;
        const auto plain = moe::make_symmetric_mixture(kind, data.samples);
        const auto turned = moe::make_symmetric_mixture(kind, {data.samples.x * T, data.samples.y});
        Vector start(6);
        start << T.inverse() * data.start.head(3), T.inverse() * data.start.tail(3);
        const moe::Trace one = moe::run(*plain, moe::em(*plain), data.start, 20);
        const moe::Trace other = moe::run(*turned, moe::em(*turned), start, 20);
        for (std::size_t t = 0; t <= 20; ++t)
            BOOST_TEST(std::abs(one.objectives[t] - other.objectives[t]) <= 1e-10);
    }
}

BOOST_AUTO_TEST_CASE(em_does_not_depend_on_the_units_of_the_features) {
    for (const SymmetricKind kind : {SymmetricKind::linear, SymmetricKind::logistic}) {
        const moe::SyntheticData data = moe::symmetric_data(
            {.kind = kind, .n = 1000, .d = 3, .beta = 2.0, .w = 1.5}, moe::FixtureSource(7));
        const auto plain = moe::make_symmetric_mixture(kind, data.samples);
        const moe::Trace one = moe::run(*plain, moe::em(*plain), data.start, 100);
        for (const Vector& units :
             {Vector{{1e-4, 1e-4, 1e-4}}, Vector{{1e4, 1e4, 1e4}}, Vector{{1.0, 1e-4, 1e4}}}) {
            const auto scaled = moe::make_symmetric_mixture(
                kind, {data.samples.x * units.asDiagonal(), data.samples.y});
            const Vector both = units.replicate(2, 1);
            const moe::Trace other =
                moe::run(*scaled, moe::em(*scaled), data.start.cwiseQuotient(both), 100);
            for (std::size_t t = 0; t <= 100; ++t)
                BOOST_TEST(std::abs(one.objectives[t] - other.objectives[t]) <= 1e-12);
            const Vector difference = other.theta.cwiseProduct(both) - one.theta;
            BOOST_TEST(difference.lpNorm<Eigen::Infinity>() <= 1e-11, difference.transpose());
        }
    }
}

BOOST_AUTO_TEST_CASE(separable_targets_are_refused_in_any_unit_and_a_far_minimum_is_not) {
    const moe::SyntheticData data = moe::symmetric_data(
        {.kind = SymmetricKind::linear, .n = 400, .d = 2}, moe::FixtureSource(7));
    for (const double unit : {1e-4, 1.0, 1e4}) {
        const auto model = moe::make_symmetric_mixture(SymmetricKind::linear,
                                                       {unit * data.samples.x, data.samples.y});
        Matrix r(400, 2);
        r.col(0) = (data.samples.x.col(0).array() > 0.0).cast<double>();
        r.col(1) = 1.0 - r.col(0).array();
        Vector theta = Vector::Zero(4);
        BOOST_CHECK_EXCEPTION(model->maximise(r, theta), moe::FitError,
                              [](const moe::FitError& error) {
                                  return error.failure() == moe::FitFailure::separable;
                              });
        // The samples nearest to the border on its wrong side: logits up to some 100, but finite.
        for (Index i = 0; i < 400; ++i) {
            if (std::abs(data.samples.x(i, 0)) < 0.02) r.row(i) = r.row(i).reverse().eval();
        }
        theta.setZero();
        BOOST_CHECK_NO_THROW(model->maximise(r, theta));
        Vector gradient;
        model->surrogate_gradient(r, theta, gradient);
        BOOST_TEST(gradient.tail(2).lpNorm<Eigen::Infinity>() <= 1e-13 * unit);
    }
}

BOOST_AUTO_TEST_SUITE_END()
