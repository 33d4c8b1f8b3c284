// The plain formulas against finite differences, closed forms and quadrature, and the fast models
// against the plain formulas.

#include "fitting/plain_cases.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

namespace {

using moe::Index;
using moe::JointAt;
using moe::Matrix;
using moe::Vector;
using moe_test::PlainCase;

double largest(const Matrix& difference) {
    return difference.cwiseAbs().maxCoeff();
}

/// A real-response mixture of two experts at one x, from the predictors (w.x, a_k.x, tau_k).
JointAt<double> free_variance_joint(const std::vector<double>& predictors) {
    JointAt<double> joint({.kind = moe::PlainKind::free_variance, .p = 1, .K = 2});
    joint.set(predictors);
    return joint;
}

/// Trapezoid sum over y of sum_k f(y, k).
template<class Function>
double over_all_outcomes(const Function& f) {
    constexpr double step = 0.005;
    double sum = 0.0;
    for (int i = -8000; i <= 8000; ++i) {
        for (const std::size_t k : {std::size_t{0}, std::size_t{1}})
            sum += step * f(step * i, k);
    }
    return sum;
}

double log_two_cosh(double a) {
    return std::abs(a) + std::log1p(std::exp(-2.0 * std::abs(a)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(plain_formulas)

BOOST_AUTO_TEST_CASE(derivatives_by_complex_steps_dual_numbers_and_differences_agree) {
    for (const PlainCase& c : moe_test::all_cases()) {
        const Vector& theta = c.data.start;
        const Vector complex = c.plain.gradient(theta);
        Vector dual;
        const auto negative = [&](const auto& here, std::size_t i) {
            return -here.log_density(c.plain.y(i));
        };
        const double value = c.plain.mean_and_gradient(theta, negative, dual);
        BOOST_TEST_CONTEXT(c.name) {
            BOOST_TEST(std::abs(value - c.plain.loss(theta)) < 1e-14 * std::abs(value));
            BOOST_TEST(largest(complex - dual) < 1e-13);
            constexpr double h = 1e-5;
            for (Index j = 0; j < theta.size(); ++j) {
                const Vector shift = h * Vector::Unit(theta.size(), j);
                const double difference =
                    (c.plain.loss(theta + shift) - c.plain.loss(theta - shift)) / (2.0 * h);
                BOOST_TEST(std::abs(difference - complex[j]) < 1e-7);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(dual_numbers_differentiate_every_operation) {
    const auto f = [](const auto& x) {
        using std::exp;
        using std::log;
        return exp(x[0] * 0.3) / (x[1] - 2.0) - log(x[0]) * x[1] + 3.0 * x[0] - (1.5 - x[1]);
    };
    const Vector x{{1.7, 0.4}};
    Vector gradient;
    const double value = moe::differentiate(f, x, gradient);
    const double e = std::exp(0.51);
    BOOST_TEST(value == f(x), boost::test_tools::tolerance(1e-15));
    BOOST_TEST(gradient[0] == 0.3 * e / -1.6 - 0.4 / 1.7 + 3.0,
               boost::test_tools::tolerance(1e-14));
    BOOST_TEST(gradient[1] == -e / 2.56 - std::log(1.7) + 1.0, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(the_density_of_normal_experts_integrates_to_one) {
    const JointAt<double> joint = free_variance_joint({0.4, 1.0, -0.5, 2.0, 0.25});
    const double total = over_all_outcomes(
        [&](double y, std::size_t k) { return std::exp(joint.log_density(y, k)); });
    BOOST_TEST(total == 1.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(the_closed_divergence_of_normal_experts_is_its_integral) {
    const JointAt<double> p = free_variance_joint({0.4, 1.0, -0.5, 2.0, 0.5});
    const JointAt<double> q = free_variance_joint({-0.3, 0.7, 0.4, 1.1, 0.8});
    const double integral = over_all_outcomes([&](double y, std::size_t k) {
        const double log_p = p.log_density(y, k);
        return std::exp(log_p) * (log_p - q.log_density(y, k));
    });
    BOOST_TEST(p.joint_divergence(q) == integral, boost::test_tools::tolerance(1e-11));
    BOOST_TEST(p.joint_divergence(p) == 0.0);
}

/// D_A(a, b) = A(a) - A(b) - <grad A(b), a - b> with A of the notes, section 1.
BOOST_AUTO_TEST_CASE(the_joint_divergence_of_symmetric_models_is_the_bregman_divergence_of_A) {
    for (const moe::SymmetricKind kind :
         {moe::SymmetricKind::linear, moe::SymmetricKind::logistic}) {
        const PlainCase c = moe_test::symmetric_case(kind);
        const Vector a = c.data.start;
        const Vector b = c.data.truth;
        const Index d = a.size() / 2;
        double divergence = 0.0;
        for (Index i = 0; i < c.data.samples.x.rows(); ++i) {
            const Vector x = c.data.samples.x.row(i).transpose();
            const double beta_a = x.dot(a.head(d));
            const double beta_b = x.dot(b.head(d));
            const double w_a = 0.5 * x.dot(a.tail(d));
            const double w_b = 0.5 * x.dot(b.tail(d));
            divergence += log_two_cosh(w_a) - log_two_cosh(w_b) - std::tanh(w_b) * (w_a - w_b);
            divergence += kind == moe::SymmetricKind::linear
                              ? 0.5 * std::pow(beta_a - beta_b, 2)
                              : log_two_cosh(0.5 * beta_a) - log_two_cosh(0.5 * beta_b) -
                                    std::tanh(0.5 * beta_b) * 0.5 * (beta_a - beta_b);
        }
        divergence /= static_cast<double>(c.data.samples.x.rows());
        BOOST_TEST(c.plain.joint_divergence(b, a) == divergence,
                   boost::test_tools::tolerance(1e-13));
    }
}

BOOST_AUTO_TEST_CASE(natural_coordinates_give_the_same_loss) {
    for (const PlainCase& c : moe_test::all_cases())
        BOOST_TEST(std::abs(c.plain.lifted_loss(c.data.start) - c.plain.loss(c.data.start)) < 1e-13,
                   c.name);
}

BOOST_AUTO_TEST_CASE(the_latent_divergence_is_the_divergence_of_the_posteriors) {
    for (const PlainCase& c : moe_test::all_cases()) {
        const Matrix r = c.plain.posterior(c.data.start);
        const Matrix s = c.plain.posterior(c.data.truth);
        const double divergence =
            (r.array() * (r.array() / s.array()).log()).rowwise().sum().mean();
        BOOST_TEST(std::abs(c.plain.latent_divergence(c.data.start, c.data.truth) - divergence) <
                       1e-12,
                   c.name);
    }
}

BOOST_AUTO_TEST_CASE(samples_of_another_size_are_refused) {
    const PlainCase c = moe_test::symmetric_case(moe::SymmetricKind::linear);
    BOOST_CHECK_THROW(
        moe::PlainLikelihood(moe::plain_model(moe::SymmetricKind::linear, 4), c.data.samples),
        std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fast_models_against_plain_formulas)

BOOST_AUTO_TEST_CASE(losses_gradients_and_posteriors_agree) {
    for (const PlainCase& c : moe_test::all_cases()) {
        const Vector& theta = c.data.start;
        Matrix r;
        Vector gradient;
        BOOST_TEST_CONTEXT(c.name) {
            BOOST_TEST(std::abs(c.model->objective(theta) - c.plain.objective(theta)) < 1e-13);
            BOOST_TEST(std::abs(c.model->posterior(theta, r) - c.plain.loss(theta)) < 1e-13);
            BOOST_TEST(largest(r - c.plain.posterior(theta)) < 1e-13);
            c.model->loss_gradient(theta, gradient);
            BOOST_TEST(largest(gradient - c.plain.gradient(theta)) < 1e-13);
        }
    }
}

BOOST_AUTO_TEST_CASE(divergences_agree) {
    for (const PlainCase& c : moe_test::all_cases()) {
        const Vector& a = c.data.start;
        const Vector& b = c.data.truth;
        Matrix prior;
        c.model->gate(b, prior);
        const Matrix posterior = c.plain.posterior(b);
        BOOST_TEST_CONTEXT(c.name) {
            BOOST_TEST(std::abs(c.model->divergence(prior, a, b) - c.plain.joint_divergence(b, a)) <
                       1e-12);
            BOOST_TEST(std::abs(c.model->divergence(posterior, a, b) -
                                (c.plain.model().symmetric()
                                     ? c.plain.joint_divergence(b, a)
                                     : c.plain.weighted_divergence(posterior, b, a))) < 1e-12);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
