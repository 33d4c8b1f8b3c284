// Proximal steps against stationarity conditions and M-steps written out here, and the identities
// of mirror descent on all models.

#include "fitting/mirror_identities.hpp"
#include "fitting/plain_cases.hpp"
#include "fitting/proximal_step.hpp"

#include <boost/test/unit_test.hpp>

#include <Eigen/Cholesky>

#include <cmath>
#include <cstddef>

namespace {

using moe::Index;
using moe::Matrix;
using moe::Minimum;
using moe::ProximalForm;
using moe::ProximalSettings;
using moe::Vector;
using moe_test::PlainCase;

Minimum solve(const PlainCase& c, const Vector& theta, const ProximalSettings& settings) {
    return moe::proximal_step(c.plain, theta, moe::proximal_start(theta, settings), settings);
}

/// beta_k + (X' V X)^{-1} X' R_k (y - X beta_k), the step of linear expert k for weights V =
/// weights.
Vector expert_step(const PlainCase& c, const Vector& beta, const Vector& r, const Vector& weights) {
    const Matrix& x = c.data.samples.x;
    const Matrix gram = x.transpose() * weights.asDiagonal() * x;
    const Vector residual = r.array() * (c.data.samples.y - x * beta).array();
    return beta + gram.llt().solve(x.transpose() * residual);
}

/// Column k of the linear experts, which follow the gate row-major.
Vector beta_of(const Vector& theta, Index p, Index K, Index k) {
    Vector beta(p);
    for (Index j = 0; j < p; ++j)
        beta[j] = theta[p * (K - 1) + j * K + k];
    return beta;
}

PlainCase linear_case() {
    return moe_test::gated_case(
        "linear", {.family = moe::ExpertFamily::linear, .p = 3, .K = 2, .C = 1}, 1.0, 0.0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(proximal_steps)

/// beta' = (X'X)^{-1} X'(tanh(u) y), X'(tanh(w'.x / 2) - tanh(u)) = 0: the M-step of the notes.
BOOST_AUTO_TEST_CASE(E1_solves_the_M_step_of_the_symmetric_linear_model) {
    const PlainCase c = moe_test::symmetric_case(moe::SymmetricKind::linear);
    const Vector& theta = c.data.start;
    const Minimum step = solve(c, theta, {.form = ProximalForm::joint});
    BOOST_TEST_REQUIRE(step.converged);
    const Matrix& x = c.data.samples.x;
    const Vector& y = c.data.samples.y;
    const Index d = x.cols();
    const Vector u = y.cwiseProduct(x * theta.head(d)) + 0.5 * x * theta.tail(d);
    const Vector sign = u.array().tanh();
    const Vector beta = (x.transpose() * x).llt().solve(x.transpose() * sign.cwiseProduct(y));
    BOOST_TEST((step.point.head(d) - beta).cwiseAbs().maxCoeff() < 1e-12);
    const Vector gate = (0.5 * x * step.point.tail(d)).array().tanh();
    BOOST_TEST((x.transpose() * (gate - sign)).cwiseAbs().maxCoeff() < 1e-11);
}

/// E2 weighs expert k by its posterior in Hessian and gradient, E3 by the prior in the Hessian.
BOOST_AUTO_TEST_CASE(E2_weighs_linear_experts_by_the_posterior_and_E3_by_the_prior) {
    const PlainCase c = linear_case();
    const Vector& theta = c.data.start;
    const Matrix r = c.plain.posterior(theta);
    Matrix prior;
    c.model->gate(theta, prior);
    const Minimum lifted = solve(c, theta, {.form = ProximalForm::lifted});
    const Minimum weighted = solve(c, theta, {.form = ProximalForm::weighted});
    const Minimum joint = solve(c, theta, {.form = ProximalForm::joint});
    for (Index k = 0; k < 2; ++k) {
        const Vector beta = beta_of(theta, 3, 2, k);
        const Vector by_posterior = expert_step(c, beta, r.col(k), r.col(k));
        const Vector by_prior = expert_step(c, beta, r.col(k), prior.col(k));
        const auto distance = [&](const Minimum& step, const Vector& expected) {
            return (beta_of(step.point, 3, 2, k) - expected).cwiseAbs().maxCoeff();
        };
        BOOST_TEST(distance(lifted, by_posterior) < 1e-11);
        BOOST_TEST(distance(weighted, by_posterior) < 1e-11);
        BOOST_TEST(distance(joint, by_prior) < 1e-11);
        BOOST_TEST(distance(joint, by_posterior) > 1e-3);
    }
    BOOST_TEST((joint.point.head(3) - weighted.point.head(3)).cwiseAbs().maxCoeff() < 1e-11);
}

BOOST_AUTO_TEST_CASE(every_form_that_is_EM_gives_the_M_step_of_every_model) {
    for (PlainCase& c : moe_test::all_cases()) {
        Vector theta = c.data.start;
        Matrix r;
        c.model->posterior(theta, r);
        Vector next = theta;
        c.model->maximise(r, next);
        for (const ProximalForm form : {ProximalForm::lifted, ProximalForm::weighted}) {
            const Minimum step = solve(c, theta, {.form = form});
            BOOST_TEST(step.converged, c.name);
            BOOST_TEST(moe::relative_difference(next, step.point) < 1e-10, c.name);
        }
        const double joint =
            moe::relative_difference(next, solve(c, theta, {.form = ProximalForm::joint}).point);
        if (c.plain.model().symmetric())
            BOOST_TEST(joint < 1e-10, c.name);
        else
            BOOST_TEST(joint > 1e-6, c.name);
    }
}

/// grad A(theta') = grad A(theta^t) - step grad L(theta^t): the mirror step as it is defined.
BOOST_AUTO_TEST_CASE(a_step_size_scales_the_move_of_the_dual_point) {
    const PlainCase c = moe_test::symmetric_case(moe::SymmetricKind::logistic);
    const Vector& theta = c.data.start;
    const Minimum step = solve(c, theta, {.form = ProximalForm::joint, .step = 0.6});
    const Matrix& x = c.data.samples.x;
    const Index d = x.cols();
    const auto dual_point = [&](const Vector& at) {
        Vector result(2 * d);
        result.head(d) = 0.5 * x.transpose() * (0.5 * x * at.head(d)).array().tanh().matrix();
        result.tail(d) = 0.5 * x.transpose() * (0.5 * x * at.tail(d)).array().tanh().matrix();
        return Vector(result / static_cast<double>(x.rows()));
    };
    const Vector move = dual_point(step.point) - dual_point(theta);
    BOOST_TEST((move + 0.6 * c.plain.gradient(theta)).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(the_solution_does_not_depend_on_where_the_solver_starts) {
    const PlainCase c = linear_case();
    const ProximalSettings settings{.form = ProximalForm::weighted};
    const Minimum far = solve(c, c.data.start, settings);
    const Minimum near = moe::proximal_step(c.plain, c.data.start, c.data.truth, settings);
    BOOST_TEST((far.point - near.point).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(the_weighted_divergence_has_no_swapped_form) {
    const PlainCase c = linear_case();
    BOOST_CHECK_THROW(
        (void)solve(c, c.data.start, {.form = ProximalForm::weighted, .swapped = true}),
        std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(mirror_identities)

BOOST_AUTO_TEST_CASE(an_exact_step_decreases_the_objective_by_its_divergences) {
    for (PlainCase& c : moe_test::all_cases()) {
        Matrix r;
        c.model->posterior(c.data.start, r);
        Vector next = c.data.start;
        c.model->maximise(r, next);
        const moe::ExactDecrease step = moe::exact_decrease(c.plain, c.data.start, next);
        BOOST_TEST(step.residual() < 1e-13, c.name);
        BOOST_TEST(step.gap() > 0.0, c.name);
        BOOST_TEST(step.latent > 0.0, c.name);
        // Half of the step is no M-step: the identity must see it.
        const Vector half = 0.5 * (c.data.start + next);
        BOOST_TEST(moe::exact_decrease(c.plain, c.data.start, half).residual() > 1e-4, c.name);
    }
}

BOOST_AUTO_TEST_CASE(the_loss_is_relatively_smooth_with_the_latent_divergence_as_slack) {
    for (const PlainCase& c : moe_test::all_cases()) {
        const moe::Smoothness found = moe::smoothness(c.plain, c.data.truth, c.data.start);
        BOOST_TEST(found.residual() < 1e-12, c.name);
        BOOST_TEST(found.curved <= found.divergence, c.name);
        if (c.plain.model().symmetric())
            BOOST_TEST(std::abs(found.joint_excess() + found.latent) < 1e-12, c.name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
