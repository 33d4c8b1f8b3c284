#include "fitting/em.hpp"
#include "mixtures/plain_gated.hpp"

#include <boost/test/unit_test.hpp>

#include <Eigen/LU>

#include <cmath>

namespace {

using moe::ExpertFamily;
using moe::FitFailure;
using moe::Index;
using moe::Matrix;
using moe::Vector;

/// Gradient of the M-step's objective, by complex steps on its definition.
Vector m_step_gradient(const plain::Case& c, const Matrix& r, const Vector& theta) {
    return plain::gradient(theta,
                           [&](const auto& point) {
                               return plain::surrogate(c.shape, c.settings.sigma, c.data.samples, r,
                                                       point);
                           }) +
           c.settings.lambda * theta;
}

/// The failure that an M-step from zero ends in, and that its message says `text`.
FitFailure failure(moe::LatentModel& model, const Matrix& r, const std::string& text,
                   double tau = 1.0) {
    Vector theta = Vector::Zero(model.parameters());
    if (tau != 0.0) theta.tail(model.experts()).setConstant(tau);
    try {
        model.maximise(r, theta);
    } catch (const moe::FitError& error) {
        BOOST_TEST(std::string(error.what()).find(text) != std::string::npos, error.what());
        return error.failure();
    }
    BOOST_ERROR("the M-step gave a result");
    return FitFailure::not_converged;
}

Matrix half_half(Index n) {
    return Matrix::Constant(n, 2, 0.5);
}

/// Mean of y of a row's sign as responsibilities: 1 where feature 1 is positive.
Matrix split_by_sign(const Matrix& x) {
    Matrix r(x.rows(), 2);
    r.col(0) = (x.col(1).array() > 0.0).cast<double>();
    r.col(1) = 1.0 - r.col(0).array();
    return r;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gated_m_step)

BOOST_AUTO_TEST_CASE(the_gradient_vanishes_to_1e_14_at_the_maximiser) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix r;
            Vector theta = c.data.start;
            // From a far start and from one nearby.
            for (int iteration = 0; iteration < 4; ++iteration) {
                model->posterior(theta, r);
                model->maximise(r, theta);
                Vector gradient;
                model->surrogate_gradient(r, theta, gradient);
                gradient += c.settings.lambda * theta;
                const double size = gradient.lpNorm<Eigen::Infinity>();
                const double scale = c.shape.family == ExpertFamily::multinomial
                                         ? 1.0
                                         : c.data.samples.y.lpNorm<Eigen::Infinity>();
                BOOST_TEST(size <= 1e-14 * std::max(1.0, 0.2 * scale));
                // The definition's own sums carry more rounding.
                BOOST_TEST(m_step_gradient(c, r, theta).lpNorm<Eigen::Infinity>() < 1e-12);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(plain_newton_on_the_definition_finds_the_same_maximiser) {
    for (const plain::Case& c : plain::cases()) {
        if (c.shape.parameters() > 15) continue; // its Hessian is differenced
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix r;
            model->posterior(c.data.truth, r);
            Vector theta = c.data.start;
            model->maximise(r, theta);
            const auto slope = [&](const Vector& at) { return m_step_gradient(c, r, at); };
            Vector other = theta + Vector::Constant(theta.size(), 0.02);
            for (int step = 0; step < 6; ++step)
                other -= plain::jacobian(other, slope).partialPivLu().solve(slope(other));
            BOOST_TEST((theta - other).lpNorm<Eigen::Infinity>() < 1e-11);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_maximiser_does_not_depend_on_the_start_nor_on_what_was_computed_before) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix r;
            model->posterior(c.data.start, r);
            Vector theta = c.data.start; // the E-step's gate is reused
            model->maximise(r, theta);
            const auto other = c.model(); // nothing to reuse
            Vector same = c.data.start;
            other->maximise(r, same);
            BOOST_TEST((theta - same).lpNorm<Eigen::Infinity>() < 1e-13 * (1 + theta.norm()));
            Vector far = c.data.truth;
            model->maximise(r, far);
            BOOST_TEST((theta - far).lpNorm<Eigen::Infinity>() < 1e-11 * (1 + theta.norm()));
        }
    }
}

BOOST_AUTO_TEST_CASE(em_never_rises_and_loses_exactly_the_divergences) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Vector theta = c.data.start;
            Matrix r;
            Matrix next_r;
            for (int t = 0; t < 15; ++t) {
                const Vector before = theta;
                const double from =
                    model->posterior(before, r) + 0.5 * c.settings.lambda * before.squaredNorm();
                model->maximise(r, theta);
                const double to =
                    model->posterior(theta, next_r) + 0.5 * c.settings.lambda * theta.squaredNorm();
                double latent = 0.0; // KL of the posteriors
                for (Index i = 0; i < r.size(); ++i) {
                    const double p = r.data()[i];
                    if (p > 0.0) latent += p * std::log(p / next_r.data()[i]);
                }
                latent /= static_cast<double>(r.rows());
                const double gap = model->divergence(r, before, theta) +
                                   0.5 * c.settings.lambda * (theta - before).squaredNorm();
                BOOST_TEST(gap >= 0.0);
                BOOST_TEST(to <= from + 1e-12);
                BOOST_TEST(std::abs(from - to - gap - latent) <= 1e-12);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(em_commutes_with_reordering_the_experts) {
    for (const plain::Case& c : plain::cases()) {
        // The ridge depends on which expert is the gate's reference.
        if (c.settings.lambda > 0.0 || c.shape.K == 1) continue;
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            std::vector<Index> order;
            for (Index k = 0; k < c.shape.K; ++k)
                order.push_back((k + 1) % c.shape.K);
            const moe::Trace plain_run = moe::run(*model, moe::em(*model), c.data.start, 8);
            const moe::Trace moved =
                moe::run(*model, moe::em(*model), reorder_experts(c.shape, c.data.start, order), 8);
            BOOST_TEST((reorder_experts(c.shape, plain_run.theta, order) - moved.theta)
                           .lpNorm<Eigen::Infinity>() < 1e-9);
        }
    }
}

BOOST_AUTO_TEST_CASE(units_and_origin_of_a_feature_do_not_matter_without_a_ridge) {
    using enum ExpertFamily;
    for (const moe::GatedShape& shape :
         {moe::GatedShape{linear, 3, 2, 1}, moe::GatedShape{free_variance, 3, 2, 1},
          moe::GatedShape{multinomial, 3, 2, 3}}) {
        const plain::Case c = plain::make_case("", shape, 0.0, 1500, 5);
        Matrix r;
        c.model()->posterior(c.data.start, r);
        const auto fitted_loss = [&](double unit, double origin) {
            plain::Case moved = c;
            moved.data.samples.x.col(1) =
                (unit * (c.data.samples.x.col(1).array() + origin)).matrix();
            const auto model = moved.model();
            Vector theta = Vector::Zero(model->parameters());
            if (shape.family == free_variance) theta.tail(shape.K).setOnes();
            model->maximise(r, theta);
            return model->loss(theta);
        };
        const double expected = fitted_loss(1.0, 0.0);
        for (const double unit : {1e-6, 1e3, 1e6}) {
            for (const double origin : {0.0, 100.0, 1e4})
                BOOST_TEST(std::abs(fitted_loss(unit, origin) - expected) < 1e-10);
        }
    }
}

BOOST_AUTO_TEST_CASE(empty_experts_are_refused_by_name_unless_a_ridge_holds_them) {
    plain::Case c = plain::make_case("", {ExpertFamily::linear, 3, 2, 1}, 0.0, 200, 41);
    const auto model = c.model();
    Matrix r = half_half(200);
    r.col(1).setConstant(3.9 / 200);
    BOOST_TEST((failure(*model, r, "expert 1 (of 0..1): it holds 3.9 effective samples", 0.0) ==
                FitFailure::empty_expert));
    r.col(1).setConstant(4.1 / 200);
    Vector theta = c.data.start;
    BOOST_CHECK_NO_THROW(model->maximise(r, theta));

    c.settings.lambda = 0.01;
    r.col(1).setZero();
    theta = c.data.start;
    c.model()->maximise(r, theta);
    for (const Index j : {4, 6, 8}) // beta_1 stands in the second column of B, after the gate
        BOOST_TEST(std::abs(theta(j)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(collinear_features_are_refused_without_a_ridge) {
    plain::Case c = plain::make_case("", {ExpertFamily::linear, 3, 2, 1}, 0.0, 200, 42);
    c.data.samples.x.col(2) = 2.0 * c.data.samples.x.col(1) - 3.0 * c.data.samples.x.col(0);
    BOOST_TEST((failure(*c.model(), half_half(200), "the features are collinear", 0.0) ==
                FitFailure::collinear));
    Matrix r = half_half(200);
    r.col(0) = (c.data.samples.x.col(1).array() > 0.0).select(Vector::Constant(200, 0.6), 0.4);
    r.col(1) = 1.0 - r.col(0).array();
    BOOST_TEST(
        (failure(*c.model(), r, "gate: the features are collinear", 0.0) == FitFailure::collinear));
    c.settings.lambda = 0.01;
    Vector theta = c.data.start;
    BOOST_CHECK_NO_THROW(c.model()->maximise(r, theta));
}

BOOST_AUTO_TEST_CASE(a_separable_gate_has_no_finite_m_step) {
    plain::Case c = plain::make_case("", {ExpertFamily::linear, 2, 2, 1}, 0.0, 300, 43);
    const Matrix r = split_by_sign(c.data.samples.x);
    BOOST_TEST((failure(*c.model(), r, "gate: no finite maximiser", 0.0) == FitFailure::separable));
    // The units of a feature do not matter.
    for (const double unit : {1e-3, 1e4}) {
        plain::Case scaled = c;
        scaled.data.samples.x.col(1) *= unit;
        BOOST_TEST((failure(*scaled.model(), r, "gate: no finite maximiser", 0.0) ==
                    FitFailure::separable));
    }
    c.settings.lambda = 1e-6;
    Vector theta = c.data.start;
    BOOST_CHECK_NO_THROW(c.model()->maximise(r, theta));
}

BOOST_AUTO_TEST_CASE(separable_classes_of_an_expert_have_no_finite_m_step) {
    plain::Case c = plain::make_case("", {ExpertFamily::multinomial, 2, 2, 2}, 0.0, 300, 44);
    c.data.samples.y = (c.data.samples.x.col(1).array() > 0.0).cast<double>();
    BOOST_TEST((failure(*c.model(), half_half(300), "expert 0 (of 0..1): no finite maximiser",
                        0.0) == FitFailure::separable));
    // A class that never occurs: its logit goes to minus infinity.
    plain::Case missing = plain::make_case("", {ExpertFamily::multinomial, 2, 2, 3}, 0.0, 300, 44);
    missing.data.samples.y = missing.data.samples.y.cwiseMin(1.0);
    BOOST_TEST((failure(*missing.model(), half_half(300), "no finite maximiser", 0.0) ==
                FitFailure::separable));
}

BOOST_AUTO_TEST_CASE(a_balanced_gate_at_zero_is_no_false_alarm) {
    const plain::Case c = plain::make_case("", {ExpertFamily::linear, 3, 2, 1}, 0.0, 200, 45);
    Vector theta = Vector::Zero(c.shape.parameters());
    c.model()->maximise(half_half(200), theta);
    BOOST_TEST(theta.head(3).lpNorm<Eigen::Infinity>() < 1e-14);
}

BOOST_AUTO_TEST_CASE(free_variances_refuse_responses_on_a_plane) {
    plain::Case c = plain::make_case("", {ExpertFamily::free_variance, 3, 2, 1}, 0.0, 200, 46);
    c.data.samples.y = c.data.samples.x * Vector::LinSpaced(3, 1.0, 2.0);
    BOOST_TEST((failure(*c.model(), half_half(200), "variance 0") == FitFailure::separable));
}

BOOST_AUTO_TEST_CASE(free_variances_are_weighted_least_squares_and_mean_squared_residuals) {
    const plain::Case c =
        plain::make_case("", {ExpertFamily::free_variance, 3, 2, 1}, 0.0, 333, 47);
    const auto model = c.model();
    Matrix r;
    model->posterior(c.data.start, r);
    Vector theta = Vector::Zero(c.shape.parameters());
    theta.tail(2).setConstant(1e-3); // a poor start
    model->maximise(r, theta);
    const moe::LinearExperts experts = linear_experts(c.shape, c.settings, theta);
    for (Index k = 0; k < 2; ++k) {
        const Matrix& x = c.data.samples.x;
        const Matrix weighted = r.col(k).asDiagonal() * x;
        const Vector beta = (x.transpose() * weighted)
                                .partialPivLu()
                                .solve(weighted.transpose() * c.data.samples.y);
        const double variance =
            r.col(k).dot((c.data.samples.y - x * beta).cwiseAbs2()) / r.col(k).sum();
        BOOST_TEST((experts.beta.col(k) - beta).lpNorm<Eigen::Infinity>() < 1e-12);
        BOOST_TEST(std::abs(experts.sigma[k] * experts.sigma[k] / variance - 1.0) < 1e-13);
    }
}

BOOST_AUTO_TEST_CASE(shapes_settings_and_data_that_make_no_sense_are_refused) {
    using enum ExpertFamily;
    const plain::Case c = plain::make_case("", {linear, 3, 2, 1}, 0.0, 50, 48);
    const auto refused = [&](const moe::GatedShape& shape, const moe::GatedSettings& settings,
                             const moe::Samples& samples, const std::string& text) {
        try {
            (void)make_gated_mixture(shape, settings, samples);
        } catch (const moe::InputError& error) {
            return std::string(error.what()).find(text) != std::string::npos;
        }
        return false;
    };
    const moe::Samples& data = c.data.samples;
    BOOST_TEST(refused({linear, 3, 0, 1}, {}, data, "K = 0"));
    BOOST_TEST(refused({multinomial, 3, 2, 1}, {}, data, "C = 1"));
    BOOST_TEST(refused({linear, 4, 2, 1}, {}, data, "x has 3 features"));
    BOOST_TEST(refused({linear, 3, 2, 1}, {0.0, 0.0}, data, "sigma = 0"));
    BOOST_TEST(refused({linear, 3, 2, 1}, {1.0, -0.5}, data, "lambda = -0.5"));
    BOOST_TEST(refused({free_variance, 3, 2, 1}, {1.0, 0.1}, data, "lambda = 0.1"));
    BOOST_TEST(refused({linear, 3, 9, 1}, {}, data, "n = 50"));
    BOOST_TEST(refused({multinomial, 3, 2, 2}, {}, data, "expected a class 0..1"));
    moe::Samples broken = data;
    broken.y[3] = std::nan("");
    BOOST_TEST(refused({linear, 3, 2, 1}, {}, broken, "NaN or infinity"));
    broken.y.conservativeResize(40);
    BOOST_TEST(refused({linear, 3, 2, 1}, {}, broken, "50 rows of x but 40 responses"));
}

BOOST_AUTO_TEST_SUITE_END()
