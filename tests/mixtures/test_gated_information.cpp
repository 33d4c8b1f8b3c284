#include "mixtures/plain_gated.hpp"

#include <boost/test/unit_test.hpp>

#include <Eigen/Eigenvalues>

#include <cmath>
#include <stdexcept>

namespace {

using moe::ExpertFamily;
using moe::Index;
using moe::Matrix;
using moe::Vector;

double difference(const Matrix& a, const Matrix& b) {
    return (a - b).lpNorm<Eigen::Infinity>() / (1.0 + b.lpNorm<Eigen::Infinity>());
}

/// KL(p || q) of two log-probability vectors by its definition.
double divergence_of(const std::vector<double>& log_p, const std::vector<double>& log_q) {
    double sum = 0.0;
    for (std::size_t c = 0; c < log_p.size(); ++c)
        sum += std::exp(log_p[c]) * (log_p[c] - log_q[c]);
    return sum;
}

/// D_h(a, b) by its definition: (1/n) sum_i [KL(gate_b || gate_a) + sum_k r_ik KL(p_k,b || p_k,a)].
double plain_divergence(const plain::Case& c, const Matrix& r, const Vector& a, const Vector& b) {
    const auto at = plain::values(a);
    const auto from = plain::values(b);
    const Matrix& x = c.data.samples.x;
    double sum = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
        sum +=
            divergence_of(plain::log_gate(c.shape, x, i, from), plain::log_gate(c.shape, x, i, at));
        for (Index k = 0; k < c.shape.K; ++k) {
            if (c.shape.family == ExpertFamily::multinomial) {
                sum += r(i, k) * divergence_of(plain::log_classes(c.shape, x, i, k, from),
                                               plain::log_classes(c.shape, x, i, k, at));
                continue;
            }
            const auto p = plain::normal(c.shape, c.settings.sigma, x, i, k, from);
            const auto q = plain::normal(c.shape, c.settings.sigma, x, i, k, at);
            const double shift = p.mean - q.mean;
            sum += r(i, k) * 0.5 *
                   (q.tau / p.tau - 1.0 - std::log(q.tau / p.tau) + q.tau * shift * shift);
        }
    }
    return sum / static_cast<double>(x.rows());
}

} // namespace

BOOST_AUTO_TEST_SUITE(gated_information)

BOOST_AUTO_TEST_CASE(complete_information_is_the_slope_of_the_surrogates_gradient) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix r;
            model->posterior(c.data.truth, r);
            Matrix information;
            model->complete_information(r, c.data.start, information);
            const Matrix slope = plain::jacobian(c.data.start, [&](const Vector& at) {
                Vector gradient;
                model->surrogate_gradient(r, at, gradient);
                return gradient;
            });
            BOOST_TEST(difference(information, slope) < 1e-8);
            BOOST_TEST(difference(information, information.transpose()) == 0.0);
        }
    }
}

BOOST_AUTO_TEST_CASE(complete_less_missing_information_is_the_hessian_of_the_loss) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix r;
            model->posterior(c.data.start, r);
            Matrix complete;
            Matrix missing;
            model->complete_information(r, c.data.start, complete);
            model->missing_information(c.data.start, missing);
            const Matrix hessian = plain::jacobian(c.data.start, [&](const Vector& at) {
                Vector gradient;
                model->loss_gradient(at, gradient);
                return gradient;
            });
            BOOST_TEST(difference(complete - missing, hessian) < 1e-8);
            const Eigen::SelfAdjointEigenSolver<Matrix> eigen(missing, Eigen::EigenvaluesOnly);
            BOOST_TEST(eigen.eigenvalues()[0] > -1e-12); // a covariance
        }
    }
}

BOOST_AUTO_TEST_CASE(the_divergence_is_that_of_its_definition) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix r;
            model->posterior(c.data.truth, r);
            for (const double step : {0.1, 1.0, 3.0}) {
                Vector b = c.data.truth + step * (c.data.start - c.data.truth);
                if (c.shape.family == ExpertFamily::free_variance)
                    b.tail(c.shape.K) = (1 + step) * c.data.start.tail(c.shape.K);
                const double expected = plain_divergence(c, r, c.data.truth, b);
                BOOST_TEST(std::abs(model->divergence(r, c.data.truth, b) - expected) <
                           1e-13 * (1 + expected));
            }
            BOOST_TEST(model->divergence(r, c.data.truth, c.data.truth) == 0.0);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_divergence_of_close_parameters_keeps_its_relative_accuracy) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            const Vector& b = c.data.start;
            Matrix r;
            model->posterior(b, r);
            // D_h(a, b) = (a - b)' H (a - b) / 2 + O(|a - b|^3), H the information weighted by r.
            // Only its gate part is not weighted by r, and here r sums to one.
            Matrix information;
            model->complete_information(r, b, information);
            for (const double size : {1e-5, 1e-7, 1e-9}) {
                const Vector step =
                    size * Vector::LinSpaced(b.size(), -1.0, 2.0).cwiseProduct(b.cwiseSign());
                const Vector a = b + step;
                const Vector rounded = a - b;
                const double quadratic = 0.5 * rounded.dot(information * rounded);
                BOOST_TEST(std::abs(model->divergence(r, a, b) / quadratic - 1.0) <
                           100 * size + 1e-6);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(weighted_by_the_gate_the_divergence_is_that_of_the_joint_law) {
    // KL of p(y, z | x) by enumeration of classes and experts.
    for (const plain::Case& c : plain::cases()) {
        if (c.shape.family != ExpertFamily::multinomial) continue;
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix pi;
            model->gate(c.data.start, pi);
            const auto b = plain::values(c.data.start);
            const auto a = plain::values(c.data.truth);
            const Matrix& x = c.data.samples.x;
            double expected = 0.0;
            for (Index i = 0; i < x.rows(); ++i) {
                const auto gate_b = plain::log_gate(c.shape, x, i, b);
                const auto gate_a = plain::log_gate(c.shape, x, i, a);
                for (Index k = 0; k < c.shape.K; ++k) {
                    const auto index = static_cast<std::size_t>(k);
                    const auto p = plain::log_classes(c.shape, x, i, k, b);
                    const auto q = plain::log_classes(c.shape, x, i, k, a);
                    for (std::size_t y = 0; y < p.size(); ++y)
                        expected += std::exp(gate_b[index] + p[y]) *
                                    (gate_b[index] + p[y] - gate_a[index] - q[y]);
                }
            }
            expected /= static_cast<double>(x.rows());
            BOOST_TEST(std::abs(model->divergence(pi, c.data.truth, c.data.start) - expected) <
                       1e-13);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_curvature_bound_bounds_the_hessian_and_is_approached) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            if (c.shape.family == ExpertFamily::free_variance) {
                BOOST_CHECK_THROW((void)model->curvature_bound(), std::logic_error);
                continue;
            }
            const double bound = model->curvature_bound();
            for (const double scale : {0.0, 0.3, 1.0, 3.0}) {
                const Vector theta = scale * c.data.start;
                Matrix r;
                Matrix complete;
                Matrix missing;
                model->posterior(theta, r);
                model->complete_information(r, theta, complete);
                model->missing_information(theta, missing);
                const Matrix hessian = complete - missing;
                const Eigen::SelfAdjointEigenSolver<Matrix> eigen(hessian, Eigen::EigenvaluesOnly);
                BOOST_TEST(eigen.eigenvalues().tail(1)[0] + c.settings.lambda <= bound);
            }
        }
    }
    // With one linear expert the Hessian is X'X / (n sigma^2), the bound exactly.
    const plain::Case one = plain::make_case("", {ExpertFamily::linear, 4, 1, 1}, 0.0, 100, 14);
    Matrix complete;
    one.model()->complete_information(Matrix::Ones(100, 1), one.data.start, complete);
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(complete, Eigen::EigenvaluesOnly);
    BOOST_TEST(std::abs(one.model()->curvature_bound() / eigen.eigenvalues()[3] - 1.0) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
