#include "mixtures/plain_gated.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>

namespace {

using moe::Index;
using moe::Matrix;
using moe::Vector;

double difference(const Vector& a, const Vector& b) {
    return (a - b).lpNorm<Eigen::Infinity>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(gated_density)

BOOST_AUTO_TEST_CASE(densities_and_responsibilities_are_those_of_the_definition) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            const Vector& theta = c.data.start;
            Matrix l;
            Matrix r;
            Matrix pi;
            model->complete_log_density(theta, l);
            const double loss = model->posterior(theta, r);
            model->gate(theta, pi);
            double worst = 0.0;
            for (Index i = 0; i < model->samples(); ++i) {
                const auto joint = plain::log_joint(c.shape, c.settings.sigma, c.data.samples, i,
                                                    plain::values(theta));
                const auto gate =
                    plain::log_gate(c.shape, c.data.samples.x, i, plain::values(theta));
                double density = 0.0;
                for (const double value : joint)
                    density += std::exp(value);
                for (Index k = 0; k < c.shape.K; ++k) {
                    const auto index = static_cast<std::size_t>(k);
                    worst = std::max({worst, std::abs(l(i, k) - joint[index]) / (1 - joint[index]),
                                      std::abs(r(i, k) - std::exp(joint[index]) / density),
                                      std::abs(pi(i, k) - std::exp(gate[index]))});
                }
            }
            BOOST_TEST(worst < 1e-13);
            const double plain_loss =
                plain::loss(c.shape, c.settings.sigma, c.data.samples, plain::values(theta));
            BOOST_TEST(std::abs(loss - plain_loss) < 1e-13 * (1 + std::abs(plain_loss)));
            BOOST_TEST(model->loss(theta) == loss);
            BOOST_TEST(std::abs(model->objective(theta) - loss -
                                0.5 * c.settings.lambda * theta.squaredNorm()) < 1e-14);
            BOOST_TEST((gate_probabilities(c.shape, theta, c.data.samples.x) - pi)
                           .lpNorm<Eigen::Infinity>() < 1e-14);
        }
    }
}

BOOST_AUTO_TEST_CASE(gradients_are_those_of_complex_steps) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            const Vector& theta = c.data.start;
            Vector gradient;
            const double loss = model->loss_gradient(theta, gradient);
            BOOST_TEST(loss == model->loss(theta));
            const Vector exact = plain::gradient(theta, [&](const auto& point) {
                return plain::loss(c.shape, c.settings.sigma, c.data.samples, point);
            });
            BOOST_TEST(difference(gradient, exact) < 1e-13 * (1 + exact.lpNorm<Eigen::Infinity>()));

            // At responsibilities of another point.
            Matrix r;
            model->posterior(c.data.truth, r);
            model->surrogate_gradient(r, theta, gradient);
            const Vector exact_surrogate = plain::gradient(theta, [&](const auto& point) {
                return plain::surrogate(c.shape, c.settings.sigma, c.data.samples, r, point);
            });
            BOOST_TEST(difference(gradient, exact_surrogate) <
                       1e-13 * (1 + exact_surrogate.lpNorm<Eigen::Infinity>()));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_surrogates_gradient_at_the_posterior_is_the_losss) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            Matrix r;
            Vector gradient;
            Vector surrogate;
            model->posterior(c.data.start, r);
            model->loss_gradient(c.data.start, gradient);
            model->surrogate_gradient(r, c.data.start, surrogate);
            BOOST_TEST(difference(gradient, surrogate) <
                       1e-14 * (1 + gradient.lpNorm<Eigen::Infinity>()));
        }
    }
}

BOOST_AUTO_TEST_CASE(weights_that_do_not_sum_to_one_count_as_they_are) {
    const plain::Case c =
        plain::make_case("", {plain::ExpertFamily::linear, 3, 3, 1}, 0.0, 270, 31);
    const auto model = c.model();
    Matrix r;
    model->posterior(c.data.truth, r);
    r.col(1) *= 0.25;
    Vector gradient;
    model->surrogate_gradient(r, c.data.start, gradient);
    const Vector exact = plain::gradient(c.data.start, [&](const auto& point) {
        return plain::surrogate(c.shape, c.settings.sigma, c.data.samples, r, point);
    });
    BOOST_TEST(difference(gradient, exact) < 1e-13);
}

BOOST_AUTO_TEST_CASE(class_probabilities_mix_the_experts) {
    const plain::Case c =
        plain::make_case("", {plain::ExpertFamily::multinomial, 3, 3, 4}, 0.01, 300, 21);
    const Matrix p = class_probabilities(c.shape, c.data.start, c.data.samples.x);
    double worst = 0.0;
    for (Index i = 0; i < p.rows(); ++i) {
        const auto theta = plain::values(c.data.start);
        const auto gate = plain::log_gate(c.shape, c.data.samples.x, i, theta);
        for (Index label = 0; label < 4; ++label) {
            double expected = 0.0;
            for (Index k = 0; k < 3; ++k) {
                const auto classes = plain::log_classes(c.shape, c.data.samples.x, i, k, theta);
                expected += std::exp(gate[static_cast<std::size_t>(k)] +
                                     classes[static_cast<std::size_t>(label)]);
            }
            worst = std::max(worst, std::abs(p(i, label) - expected));
        }
    }
    BOOST_TEST(worst < 1e-14);
}

BOOST_AUTO_TEST_CASE(reordered_experts_have_the_same_density_and_permuted_responsibilities) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            std::vector<Index> order;
            for (Index k = 0; k < c.shape.K; ++k)
                order.push_back((k + 1) % c.shape.K);
            const Vector moved = reorder_experts(c.shape, c.data.start, order);
            Matrix r;
            Matrix moved_r;
            const double loss = model->posterior(c.data.start, r);
            BOOST_TEST(std::abs(model->posterior(moved, moved_r) - loss) < 1e-13);
            for (Index k = 0; k < c.shape.K; ++k)
                BOOST_TEST((moved_r.col(k) - r.col(order[static_cast<std::size_t>(k)]))
                               .lpNorm<Eigen::Infinity>() < 1e-13);
        }
    }
    const moe::GatedShape shape{plain::ExpertFamily::linear, 2, 3, 1};
    const Vector theta = Vector::Zero(shape.parameters());
    for (const std::vector<Index>& wrong :
         {std::vector<Index>{0, 1}, std::vector<Index>{0, 1, 1}, std::vector<Index>{0, 1, 3}})
        BOOST_CHECK_THROW((void)reorder_experts(shape, theta, wrong), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(linear_experts_read_coefficients_and_deviations) {
    const moe::GatedShape shape{plain::ExpertFamily::free_variance, 2, 2, 1};
    Vector theta(shape.parameters()); // gate, a_0 and a_1 row by row, tau
    theta << 0.1, 0.2, 8.0, 3.0, -4.0, 6.0, 4.0, 0.25;
    const moe::LinearExperts experts = linear_experts(shape, {}, theta);
    BOOST_TEST(experts.beta(0, 0) == 2.0);
    BOOST_TEST(experts.beta(1, 0) == -1.0);
    BOOST_TEST(experts.beta(0, 1) == 12.0);
    BOOST_TEST(experts.beta(1, 1) == 24.0);
    BOOST_TEST(experts.sigma[0] == 0.5);
    BOOST_TEST(experts.sigma[1] == 2.0);
}

BOOST_AUTO_TEST_CASE(far_parameters_give_finite_losses_and_infinite_ones_none) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            const bool free = c.shape.family == plain::ExpertFamily::free_variance;
            Vector theta = 1e4 * c.data.start;
            if (free) theta.tail(c.shape.K) = c.data.start.tail(c.shape.K);
            Matrix r;
            BOOST_TEST(std::isfinite(model->posterior(theta, r)));
            BOOST_TEST((r.rowwise().sum().array() - 1.0).abs().maxCoeff() < 1e-15);
            Vector overflow = theta;
            overflow.head(c.shape.gate_parameters() + c.shape.p).array() *= 1e305;
            Vector gradient;
            BOOST_TEST(!std::isfinite(model->loss_gradient(overflow, gradient)));
        }
    }
}

BOOST_AUTO_TEST_CASE(vectors_and_matrices_of_other_sizes_are_refused) {
    const plain::Case c = plain::make_case("", {plain::ExpertFamily::linear, 3, 2, 1}, 0.0, 50, 22);
    const auto model = c.model();
    Vector theta = Vector::Zero(c.shape.parameters() + 1);
    BOOST_CHECK_THROW((void)model->loss(theta), std::invalid_argument);
    theta.setZero(c.shape.parameters());
    BOOST_CHECK_THROW(model->maximise(Matrix::Ones(50, 3), theta), std::invalid_argument);
    BOOST_CHECK_THROW((void)gate_probabilities(c.shape, theta, Matrix::Ones(5, 2)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
