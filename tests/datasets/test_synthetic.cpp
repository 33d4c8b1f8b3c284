#include "datasets/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <stdexcept>
#include <vector>

namespace {

using moe::ExpertFamily;
using moe::FixtureSource;
using moe::GatedRecipe;
using moe::Index;
using moe::SymmetricKind;
using moe::SymmetricRecipe;
using moe::SyntheticData;
using moe::Vector;

// The densities as the notes define them, sample by sample without any care for overflow: a second
// way to the objectives printed there, which the fixture's data and start must give.

double normal_density(double residual) {
    return std::exp(-residual * residual / 2.0) / std::sqrt(2.0 * std::numbers::pi);
}

double sigmoid(double a) {
    return 1.0 / (1.0 + std::exp(-a));
}

double symmetric_loss(SymmetricKind kind, const SyntheticData& data, const Vector& theta) {
    const auto& [x, y] = data.samples;
    const Index d = x.cols();
    double loss = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
        const double mean = x.row(i).dot(theta.head(d));
        const double plus = sigmoid(x.row(i).dot(theta.tail(d)));
        const bool linear = kind == SymmetricKind::linear;
        const double if_plus = linear ? normal_density(y(i) - mean) : sigmoid(y(i) * mean);
        const double if_minus = linear ? normal_density(y(i) + mean) : sigmoid(-y(i) * mean);
        loss -= std::log(plus * if_plus + (1.0 - plus) * if_minus);
    }
    return loss / static_cast<double>(x.rows());
}

/// Unnormalised softmax weights with a last logit of 0; theta holds p rows of `columns` entries.
std::vector<double> weights(const Vector& theta, Index begin, Index columns,
                            const Eigen::RowVectorXd& x) {
    std::vector<double> result;
    for (Index k = 0; k < columns; ++k) {
        double logit = 0.0;
        for (Index j = 0; j < x.size(); ++j)
            logit += x(j) * theta(begin + j * columns + k);
        result.push_back(std::exp(logit));
    }
    result.push_back(1.0);
    return result;
}

double share(const std::vector<double>& of, std::size_t k) {
    double total = 0.0;
    for (const double weight : of)
        total += weight;
    return of[k] / total;
}

/// F of linear experts of sigma = 1 or of multinomial ones.
double gated_objective(const moe::GatedShape& shape, double lambda, const SyntheticData& data,
                       const Vector& theta) {
    const auto& [x, y] = data.samples;
    const Index gate_size = shape.p * (shape.K - 1);
    double loss = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
        const std::vector<double> gate = weights(theta, 0, shape.K - 1, x.row(i));
        double density = 0.0;
        for (Index k = 0; k < shape.K; ++k) {
            double expert = 0.0;
            if (shape.family == ExpertFamily::multinomial) {
                const Index size = shape.p * (shape.C - 1);
                expert = share(weights(theta, gate_size + k * size, shape.C - 1, x.row(i)),
                               static_cast<std::size_t>(y(i)));
            } else {
                double mean = 0.0;
                for (Index j = 0; j < shape.p; ++j)
                    mean += x(i, j) * theta(gate_size + j * shape.K + k);
                expert = normal_density(y(i) - mean);
            }
            density += share(gate, static_cast<std::size_t>(k)) * expert;
        }
        loss -= std::log(density);
    }
    return loss / static_cast<double>(x.rows()) + lambda / 2.0 * theta.squaredNorm();
}

BOOST_AUTO_TEST_SUITE(synthetic)

BOOST_AUTO_TEST_CASE(the_symmetric_linear_fixture_has_the_printed_objective_at_its_start) {
    const SyntheticData data = moe::symmetric_data({.n = 1000, .d = 10}, FixtureSource(1));
    BOOST_TEST(std::abs(symmetric_loss(SymmetricKind::linear, data, data.start) -
                        3.3259301020397) <= 1e-11);
}

BOOST_AUTO_TEST_CASE(the_symmetric_logistic_fixture_has_the_printed_objective_at_its_start) {
    const SymmetricRecipe recipe{
        .kind = SymmetricKind::logistic, .n = 2000, .d = 4, .beta = 4.0, .w = 2.0};
    const SyntheticData data = moe::symmetric_data(recipe, FixtureSource(2));
    BOOST_TEST(std::abs(symmetric_loss(SymmetricKind::logistic, data, data.start) -
                        0.6665494337116) <= 1e-11);
    for (const double y : data.samples.y)
        BOOST_TEST(std::abs(y) == 1.0);
}

BOOST_AUTO_TEST_CASE(the_linear_fixture_has_the_printed_objective_at_its_start) {
    const GatedRecipe recipe{.shape = {ExpertFamily::linear, 3, 3, 1}, .n = 500};
    const SyntheticData data = moe::gated_data(recipe, FixtureSource(3));
    BOOST_TEST(std::abs(gated_objective(recipe.shape, 0.0, data, data.start) - 2.2492730725709) <=
               1e-11);
}

BOOST_AUTO_TEST_CASE(the_multinomial_fixture_has_the_printed_objective_at_its_start) {
    const GatedRecipe recipe{.shape = {ExpertFamily::multinomial, 3, 2, 3}, .n = 1000};
    const SyntheticData data = moe::gated_data(recipe, FixtureSource(4));
    BOOST_TEST(std::abs(gated_objective(recipe.shape, 0.01, data, data.start) - 1.0172753024292) <=
               1e-11);
    for (const double y : data.samples.y)
        BOOST_TEST((y == 0.0 || y == 1.0 || y == 2.0));
}

BOOST_AUTO_TEST_CASE(norms_and_distances_of_symmetric_parameters_are_those_of_the_recipe) {
    const SymmetricRecipe recipe{.n = 10, .d = 7, .beta = 3.0, .w = 0.5, .rho0 = 0.25};
    const SyntheticData data = moe::symmetric_data(recipe, moe::PhiloxSource(5, 6));
    const Vector step = data.start - data.truth;
    BOOST_TEST(std::abs(data.truth.head(7).norm() - 3.0) <= 1e-14);
    BOOST_TEST(std::abs(data.truth.tail(7).norm() - 0.5) <= 1e-14);
    BOOST_TEST(std::abs(step.head(7).norm() - 0.75) <= 1e-14);
    BOOST_TEST(std::abs(step.tail(7).norm() - 0.125) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(without_a_gate_both_signs_are_equally_frequent_and_noise_is_standard) {
    constexpr Index n = 100000;
    const SyntheticData data = moe::symmetric_data(
        {.n = n, .d = 2, .beta = 5.0, .w = 0.0, .rho0 = 0.0}, moe::PhiloxSource(1, 2));
    double plus = 0.0;
    double square = 0.0;
    for (Index i = 0; i < n; ++i) {
        const double sign = data.expert[static_cast<std::size_t>(i)] == 0 ? 1.0 : -1.0;
        const double residual =
            data.samples.y(i) - sign * data.samples.x.row(i).dot(data.truth.head(2));
        plus += (sign + 1.0) / 2.0 / n;
        square += residual * residual / n;
    }
    // Standard errors 0.0016 and 0.0045; five of them.
    BOOST_TEST(std::abs(plus - 0.5) <= 0.008);
    BOOST_TEST(std::abs(square - 1.0) <= 0.023);
}

BOOST_AUTO_TEST_CASE(experts_and_classes_come_with_the_probabilities_of_the_truth) {
    constexpr Index n = 60000;
    const GatedRecipe recipe{.shape = {ExpertFamily::multinomial, 2, 3, 4}, .n = n};
    const SyntheticData data = moe::gated_data(recipe, moe::PhiloxSource(3, 1));
    const Index gate_size = recipe.shape.gate_parameters();
    const Index size = 2 * 3;
    // Sums of (indicator - probability): variance at most 1/4 a sample; five standard errors.
    const double allowed = 5.0 * 0.5 * std::sqrt(static_cast<double>(n));
    for (std::size_t k = 0; k < 3; ++k) {
        double excess = 0.0;
        std::vector<double> class_excess(4, 0.0);
        for (Index i = 0; i < n; ++i) {
            const bool here = data.expert[static_cast<std::size_t>(i)] == static_cast<Index>(k);
            const auto x = data.samples.x.row(i);
            excess += (here ? 1.0 : 0.0) - share(weights(data.truth, 0, 2, x), k);
            if (!here) continue;
            const auto classes =
                weights(data.truth, gate_size + static_cast<Index>(k) * size, 3, x);
            for (std::size_t c = 0; c < 4; ++c)
                class_excess[c] +=
                    (data.samples.y(i) == static_cast<double>(c) ? 1.0 : 0.0) - share(classes, c);
        }
        BOOST_TEST(std::abs(excess) <= allowed);
        for (const double value : class_excess)
            BOOST_TEST(std::abs(value) <= allowed);
    }
}

BOOST_AUTO_TEST_CASE(free_variance_parameters_are_the_natural_ones_of_the_linear_recipe) {
    GatedRecipe recipe{.shape = {ExpertFamily::linear, 3, 2, 1}, .sigma = 0.5, .n = 50};
    const SyntheticData linear = moe::gated_data(recipe, FixtureSource(9));
    recipe.shape.family = ExpertFamily::free_variance;
    const SyntheticData natural = moe::gated_data(recipe, FixtureSource(9));
    BOOST_TEST(natural.samples.y == linear.samples.y);
    const auto check = [](const Vector& theta, const Vector& plain) {
        BOOST_REQUIRE_EQUAL(theta.size(), 3 + 6 + 2);
        BOOST_TEST(theta.head(3) == plain.head(3));
        BOOST_TEST(theta.segment(3, 6) == 4.0 * plain.tail(6));
        BOOST_TEST(theta.tail(2) == Vector::Constant(2, 4.0));
    };
    check(natural.truth, linear.truth);
    check(natural.start, linear.start);
}

BOOST_AUTO_TEST_CASE(a_single_expert_has_no_gate_and_a_constant_feature) {
    const GatedRecipe recipe{.shape = {ExpertFamily::linear, 2, 1, 1}, .n = 20};
    const SyntheticData data = moe::gated_data(recipe, FixtureSource(2));
    BOOST_TEST(data.truth.size() == 2);
    BOOST_TEST(data.samples.x.col(0) == Vector::Ones(20));
    for (const Index k : data.expert)
        BOOST_TEST(k == 0);
}

BOOST_AUTO_TEST_CASE(sizes_below_one_are_programming_errors) {
    BOOST_CHECK_THROW((void)moe::symmetric_data({.n = 0}, FixtureSource(1)), std::invalid_argument);
    BOOST_CHECK_THROW(
        (void)moe::gated_data({.shape = {ExpertFamily::linear, 0, 2, 1}}, FixtureSource(1)),
        std::invalid_argument);
    BOOST_CHECK_THROW(
        (void)moe::gated_data({.shape = {ExpertFamily::multinomial, 1, 2, 1}}, FixtureSource(1)),
        std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
