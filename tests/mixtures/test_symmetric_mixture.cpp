// Symmetric mixtures against the density written out, differences and enumeration.

#include "datasets/synthetic.hpp"
#include "mixtures/symmetric_mixture.hpp"

#include <Eigen/Eigenvalues>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

using moe::Index;
using moe::LatentModel;
using moe::Matrix;
using moe::Samples;
using moe::SymmetricKind;
using moe::Vector;

constexpr std::array both = {SymmetricKind::linear, SymmetricKind::logistic};

const char* name(SymmetricKind kind) {
    return kind == SymmetricKind::linear ? "linear" : "logistic";
}

moe::SyntheticData data_of(SymmetricKind kind, Index n = 200, Index d = 3, std::uint64_t seed = 7) {
    return moe::symmetric_data({.kind = kind, .n = n, .d = d, .beta = 2.0, .w = 1.5, .rho0 = 0.5},
                               moe::FixtureSource(seed));
}

double sigmoid(double a) {
    return 1.0 / (1.0 + std::exp(-a));
}

/// p(y, z | x) as the model is defined.
double joint(SymmetricKind kind, const Vector& theta, const Vector& x, double y, double z) {
    const Index p = x.size();
    const double a = x.dot(theta.head(p));
    const double gate = sigmoid(z * x.dot(theta.tail(p)));
    if (kind == SymmetricKind::logistic) return gate * sigmoid(y * z * a);
    return gate * std::exp(-0.5 * (y - z * a) * (y - z * a)) / std::sqrt(2.0 * std::numbers::pi);
}

double plain_loss(SymmetricKind kind, const Samples& samples, const Vector& theta) {
    double sum = 0.0;
    for (Index i = 0; i < samples.y.size(); ++i) {
        const Vector x = samples.x.row(i);
        sum -= std::log(joint(kind, theta, x, samples.y[i], 1.0) +
                        joint(kind, theta, x, samples.y[i], -1.0));
    }
    return sum / static_cast<double>(samples.y.size());
}

/// Central differences of fourth order of a vector-valued function.
Matrix differences(const std::function<Vector(const Vector&)>& f, const Vector& at, double h) {
    Matrix result(f(at).size(), at.size());
    for (Index j = 0; j < at.size(); ++j) {
        const auto shifted = [&](double multiple) {
            Vector theta = at;
            theta[j] += multiple * h;
            return f(theta);
        };
        result.col(j) =
            (8.0 * (shifted(1.0) - shifted(-1.0)) - (shifted(2.0) - shifted(-2.0))) / (12.0 * h);
    }
    return result;
}

double largest(const Matrix& m) {
    return m.cwiseAbs().maxCoeff();
}

moe::FitFailure failure_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const moe::FitError& error) {
        BOOST_TEST(std::string(error.what()).find('\n') == std::string::npos);
        return error.failure();
    }
    throw std::runtime_error("nothing was refused");
}

} // namespace

BOOST_AUTO_TEST_SUITE(symmetric_mixture)

BOOST_AUTO_TEST_CASE(the_loss_and_the_posterior_are_those_of_the_density_written_out) {
    for (const SymmetricKind kind : both) {
        const moe::SyntheticData data = data_of(kind);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        const Vector& theta = data.start;
        Matrix r;
        Matrix l;
        Matrix pi;
        const double loss = model->posterior(theta, r);
        model->complete_log_density(theta, l);
        model->gate(theta, pi);
        BOOST_TEST(std::abs(loss - plain_loss(kind, data.samples, theta)) <= 1e-14, name(kind));
        BOOST_TEST(model->loss(theta) == loss);
        BOOST_TEST(model->objective(theta) == loss);
        for (Index i = 0; i < r.rows(); ++i) {
            const Vector x = data.samples.x.row(i);
            const double plus = joint(kind, theta, x, data.samples.y[i], 1.0);
            const double minus = joint(kind, theta, x, data.samples.y[i], -1.0);
            BOOST_TEST(std::abs(r(i, 0) - plus / (plus + minus)) <= 1e-14);
            BOOST_TEST(std::abs(r(i, 0) + r(i, 1) - 1.0) <= 1e-15);
            BOOST_TEST(std::abs(l(i, 0) - std::log(plus)) <= 1e-12);
            BOOST_TEST(std::abs(l(i, 1) - std::log(minus)) <= 1e-12);
            BOOST_TEST(std::abs(pi(i, 0) - sigmoid(x.dot(theta.tail(3)))) <= 1e-15);
            BOOST_TEST(std::abs(pi(i, 0) + pi(i, 1) - 1.0) <= 1e-15);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_loss_stays_accurate_where_the_density_underflows) {
    // One feature, x = 1: -log p = -log [sum over z] with both terms far below the smallest double.
    Samples samples{Matrix::Ones(4, 2), Vector::Zero(4)};
    samples.x.col(1) << 1.0, -1.0, 2.0, 0.5;
    samples.y << 100.0, -80.0, 60.0, -120.0;
    const auto model = moe::make_symmetric_mixture(SymmetricKind::linear, samples);
    Vector theta(4);
    theta << 1.0, 2.0, 300.0, -200.0;
    long double expected = 0.0L;
    for (Index i = 0; i < 4; ++i) {
        const long double a = samples.x.row(i).dot(theta.head(2));
        const long double b = samples.x.row(i).dot(theta.tail(2));
        const long double y = samples.y[i];
        const auto log_term = [&](long double z) {
            return -0.5L * (y - z * a) * (y - z * a) - std::log1p(std::exp(-z * b)) -
                   0.5L * std::log(2.0L * std::numbers::pi_v<long double>);
        };
        const long double high = std::max(log_term(1.0L), log_term(-1.0L));
        const long double low = std::min(log_term(1.0L), log_term(-1.0L));
        expected -= (high + std::log1p(std::exp(low - high))) / 4.0L;
    }
    BOOST_TEST(std::abs(model->loss(theta) / static_cast<double>(expected) - 1.0) <= 1e-14);

    const auto logistic = moe::make_symmetric_mixture(SymmetricKind::logistic,
                                                      {samples.x, samples.y.cwiseSign().eval()});
    BOOST_TEST(std::isfinite(logistic->loss(1e5 * theta)));
    Vector gradient;
    logistic->loss_gradient(1e5 * theta, gradient);
    BOOST_TEST(gradient.allFinite());
}

BOOST_AUTO_TEST_CASE(the_gradient_is_the_derivative_of_the_loss_and_of_the_surrogate) {
    for (const SymmetricKind kind : both) {
        const moe::SyntheticData data = data_of(kind);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        Vector gradient;
        model->loss_gradient(data.start, gradient);
        const Matrix by_differences = differences(
            [&](const Vector& theta) { return Vector::Constant(1, model->loss(theta)); },
            data.start, 1e-3);
        BOOST_TEST(largest(gradient.transpose() - by_differences) <= 1e-10, name(kind));

        // At any r: the derivative of -(1/n) sum_ik r_ik l_ik. At the posterior: grad L (Fisher).
        Matrix r;
        model->posterior(data.truth, r);
        Vector surrogate;
        model->surrogate_gradient(r, data.start, surrogate);
        Matrix l;
        const Matrix expected = differences(
            [&](const Vector& theta) {
                model->complete_log_density(theta, l);
                return Vector::Constant(1,
                                        -l.cwiseProduct(r).sum() / static_cast<double>(l.rows()));
            },
            data.start, 1e-3);
        BOOST_TEST(largest(surrogate.transpose() - expected) <= 1e-10, name(kind));
        model->posterior(data.start, r);
        model->surrogate_gradient(r, data.start, surrogate);
        BOOST_TEST(largest(surrogate - gradient) <= 1e-15, name(kind));
    }
}

BOOST_AUTO_TEST_CASE(complete_minus_missing_information_is_the_hessian_of_the_loss) {
    for (const SymmetricKind kind : both) {
        const moe::SyntheticData data = data_of(kind);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        Matrix r;
        Matrix complete;
        Matrix missing;
        model->posterior(data.start, r);
        model->complete_information(r, data.start, complete);
        model->missing_information(data.start, missing);
        const auto gradient = [&](const Vector& theta) {
            Vector g;
            model->loss_gradient(theta, g);
            return g;
        };
        BOOST_TEST(largest(complete - missing - differences(gradient, data.start, 1e-3)) <= 1e-9,
                   name(kind));
        const auto surrogate = [&](const Vector& theta) {
            Vector g;
            model->surrogate_gradient(r, theta, g);
            return g;
        };
        BOOST_TEST(largest(complete - differences(surrogate, data.start, 1e-3)) <= 1e-9,
                   name(kind));
    }
}

BOOST_AUTO_TEST_CASE(parameters_of_one_density_have_one_loss) {
    for (const SymmetricKind kind : both) {
        const moe::SyntheticData data = data_of(kind);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        const double loss = model->loss(data.start);
        BOOST_TEST(std::abs(model->loss(-data.start) - loss) <= 1e-15); // z -> -z
        // p(y|x) of SymMoLogE is symmetric in beta.x and w.x, that of SymMoLinE is not.
        Vector exchanged(6);
        exchanged << data.start.tail(3), data.start.head(3);
        const double difference = std::abs(model->loss(exchanged) - loss);
        BOOST_TEST((difference <= 1e-15) == (kind == SymmetricKind::logistic), difference);
    }
}

BOOST_AUTO_TEST_CASE(the_m_step_is_exact_from_any_start) {
    for (const SymmetricKind kind : both) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const moe::SyntheticData data = data_of(kind, 300, 4, seed);
            const auto model = moe::make_symmetric_mixture(kind, data.samples);
            Matrix r;
            model->posterior(data.start, r);
            Vector reference = data.start;
            model->maximise(r, reference);
            Vector gradient;
            model->surrogate_gradient(r, reference, gradient);
            BOOST_TEST(largest(gradient) <= 1e-14, name(kind));
            for (const double scale : {0.0, -3.0, 10.0}) {
                Vector theta = scale * data.start;
                model->maximise(r, theta);
                BOOST_TEST(largest(theta - reference) <= 1e-11, name(kind) << " from " << scale);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_divergence_is_the_kl_of_the_joint_law_of_response_and_expert) {
    for (const SymmetricKind kind : both) {
        const moe::SyntheticData data = data_of(kind, 20, 2);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        const Vector& a = data.start;
        const Vector& b = data.truth;
        double expected = 0.0;
        for (Index i = 0; i < 20; ++i) {
            const Vector x = data.samples.x.row(i);
            for (const double z : {-1.0, 1.0}) {
                const auto term = [&](double y) {
                    const double p = joint(kind, b, x, y, z);
                    return p == 0.0 ? 0.0 : p * std::log(p / joint(kind, a, x, y, z));
                };
                if (kind == SymmetricKind::logistic) {
                    expected += (term(-1.0) + term(1.0)) / 20.0;
                    continue;
                }
                for (double y = -20.0; y <= 20.0; y += 0.05)
                    expected += 0.05 * term(y) / 20.0;
            }
        }
        BOOST_TEST(std::abs(model->divergence({}, a, b) - expected) <= 1e-11 * (1.0 + expected),
                   name(kind));
        BOOST_TEST(model->divergence({}, a, a) == 0.0);
    }
}

BOOST_AUTO_TEST_CASE(a_tiny_divergence_does_not_cancel) {
    // D_A(b + s v, b) = s^2/2 v' grad^2 A(b) v (1 + O(s)).
    for (const SymmetricKind kind : both) {
        const moe::SyntheticData data = data_of(kind);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        const Vector v = Vector::Ones(6);
        Matrix hessian;
        model->complete_information({}, data.truth, hessian);
        for (const double s : {1e-3, 1e-5, 1e-7}) {
            const double expected = 0.5 * s * s * v.dot(hessian * v);
            const double found = model->divergence({}, data.truth + s * v, data.truth);
            BOOST_TEST(std::abs(found / expected - 1.0) <= s + 1e-8, name(kind) << " " << s);
        }
        const double far = model->divergence({}, 300.0 * data.truth, -300.0 * data.truth);
        BOOST_TEST((std::isfinite(far) && far > 0.0), name(kind));
    }
}

BOOST_AUTO_TEST_CASE(the_curvature_bound_holds_and_is_reached_by_linear_experts) {
    for (const SymmetricKind kind : both) {
        const moe::SyntheticData data = data_of(kind);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        for (const double scale : {0.0, 0.3, 1.0, 4.0}) {
            Matrix complete;
            Matrix missing;
            model->complete_information({}, scale * data.truth, complete);
            model->missing_information(scale * data.truth, missing);
            const Eigen::SelfAdjointEigenSolver<Matrix> eigen(complete - missing);
            BOOST_TEST(eigen.eigenvalues().maxCoeff() <= model->curvature_bound() * (1.0 + 1e-12));
        }
        Matrix complete;
        model->complete_information({}, Vector::Zero(6), complete);
        const Eigen::SelfAdjointEigenSolver<Matrix> eigen(complete);
        BOOST_TEST(std::abs(eigen.eigenvalues().maxCoeff() / model->curvature_bound() - 1.0) <=
                   1e-12);
    }
}

BOOST_AUTO_TEST_CASE(data_without_a_finite_or_unique_fit_are_refused) {
    for (const SymmetricKind kind : both) {
        moe::SyntheticData data = data_of(kind);
        const auto model = moe::make_symmetric_mixture(kind, data.samples);
        Matrix r(200, 2);
        r.col(0) = (data.samples.x.col(0).array() > 0.0).cast<double>();
        r.col(1) = 1.0 - r.col(0).array();
        Vector theta = data.start;
        BOOST_TEST((failure_of([&] { model->maximise(r, theta); }) == moe::FitFailure::separable),
                   name(kind));

        data.samples.x.col(2) = data.samples.x.col(0) - 2.0 * data.samples.x.col(1);
        BOOST_TEST((failure_of([&] { (void)moe::make_symmetric_mixture(kind, data.samples); }) ==
                    moe::FitFailure::collinear),
                   name(kind));
        data.samples.x.col(2).setZero();
        BOOST_TEST((failure_of([&] { (void)moe::make_symmetric_mixture(kind, data.samples); }) ==
                    moe::FitFailure::collinear),
                   name(kind));
    }
}

BOOST_AUTO_TEST_CASE(unfit_arguments_are_refused) {
    const auto refused = [](SymmetricKind kind, Samples samples) {
        BOOST_CHECK_THROW((void)moe::make_symmetric_mixture(kind, std::move(samples)),
                          moe::InputError);
    };
    Samples samples = data_of(SymmetricKind::logistic).samples;
    refused(SymmetricKind::linear, {samples.x.topRows(5), samples.y.head(5)});
    refused(SymmetricKind::linear, {samples.x, samples.y.head(5)});
    refused(SymmetricKind::linear, {Matrix(200, 0), samples.y});
    samples.y[3] = 0.5;
    refused(SymmetricKind::logistic, samples);
    samples.y[3] = std::nan("");
    refused(SymmetricKind::linear, samples);

    const auto model =
        moe::make_symmetric_mixture(SymmetricKind::linear, data_of(SymmetricKind::linear).samples);
    BOOST_CHECK_THROW((void)model->loss(Vector::Zero(5)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
