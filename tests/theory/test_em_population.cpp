// Rates of the population against the fixed values of the notes (notes_2411.06056.md, section 4),
// and against sums over plain grids of the definitions.

#include "theory/em_population.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <stdexcept>
#include <vector>

namespace {

using moe::PopulationExperts;
using moe::PopulationSignal;

double normal(double x) {
    return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
}

double sigmoid(double a) {
    return 1.0 / (1.0 + std::exp(-a));
}

/// Information by summing Cov_{z|x,y}(score), score = z (c(y) x, x/2), and the second derivatives
/// of the log-partition over a grid of x in the plane and of y, with the density as it is defined.
struct Informations {
    Eigen::Matrix4d complete = Eigen::Matrix4d::Zero();
    Eigen::Matrix4d missing = Eigen::Matrix4d::Zero();
};

Informations by_definition(PopulationExperts experts, const PopulationSignal& signal, double step) {
    const bool linear = experts == PopulationExperts::linear;
    const Eigen::Vector2d w(signal.w * signal.cosine,
                            signal.w * std::sqrt(1.0 - signal.cosine * signal.cosine));
    Informations sum;
    for (double x0 = -7.0; x0 <= 7.0; x0 += step) {
        for (double x1 = -7.0; x1 <= 7.0; x1 += step) {
            const Eigen::Vector2d x(x0, x1);
            const double weight = step * step * normal(x0) * normal(x1);
            const double a = signal.beta * x0;
            const double b = w.dot(x);
            const double expert = linear ? 1.0 : sigmoid(a) * sigmoid(-a);
            sum.complete.topLeftCorner<2, 2>() += weight * expert * x * x.transpose();
            sum.complete.bottomRightCorner<2, 2>() +=
                weight * sigmoid(b) * sigmoid(-b) * x * x.transpose();
            const auto add = [&](double density, double c) {
                const double mean = std::tanh(c * a + 0.5 * b);
                Eigen::Vector4d score;
                score << c * x, 0.5 * x;

                sum.missing += weight * density * (1.0 - mean * mean) * score * score.transpose();
            };
            if (linear) {
                for (double y = -7.0 - std::abs(a); y <= 7.0 + std::abs(a); y += step)
                    add(step * (sigmoid(b) * normal(y - a) + sigmoid(-b) * normal(y + a)), y);
            } else {
                for (const double y : {-1.0, 1.0})
                    add(sigmoid(b) * sigmoid(y * a) + sigmoid(-b) * sigmoid(-y * a), 0.5 * y);
            }
        }
    }
    return sum;
}

} // namespace

BOOST_AUTO_TEST_SUITE(em_population)

BOOST_AUTO_TEST_CASE(rates_are_those_of_the_notes) {
    const std::vector<double> beta = {.25, .5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0};
    const std::vector<double> linear = {.98499, .92410, .73697, .46482, .25139, .12844, .06458};
    const std::vector<double> logistic = {.99008, .96321, .88467, .75622, .66282, .62066, .60222};
    for (std::size_t i = 0; i < linear.size(); ++i) {
        const double rho =
            moe::population_rates(PopulationExperts::linear, {beta[i], 4.0, 0.0}).rate();
        BOOST_TEST(std::abs(rho - linear[i]) <= 5.1e-6, beta[i]);
        const double other =
            moe::population_rates(PopulationExperts::logistic, {beta[i + 1], 4.0, 0.0}).rate();
        BOOST_TEST(std::abs(other - logistic[i]) <= 5.1e-6, beta[i + 1]);
    }
}

BOOST_AUTO_TEST_CASE(rates_are_eigenvalues_of_the_informations_summed_by_definition) {
    for (const auto experts : {PopulationExperts::linear, PopulationExperts::logistic}) {
        for (const PopulationSignal& signal :
             {PopulationSignal{1.0, 1.0, 0.0}, PopulationSignal{0.7, 1.5, 0.6},
              PopulationSignal{1.3, 0.5, -0.9}}) {
            const Informations sums = by_definition(experts, signal, 0.2);
            const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::Matrix4d> eigen(sums.missing,
                                                                                  sums.complete);
            const auto found = moe::population_rates(experts, signal).plane;
            for (int j = 0; j < 4; ++j) {
                BOOST_TEST(std::abs(found[static_cast<std::size_t>(j)] -
                                    eigen.eigenvalues()[3 - j]) <= 1e-6,
                           signal.beta << " " << signal.cosine << " " << j);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_direction_of_the_plane_across_parallel_vectors_is_like_any_other_across) {
    for (const auto experts : {PopulationExperts::linear, PopulationExperts::logistic}) {
        const moe::PopulationRates rates = moe::population_rates(experts, {1.5, 2.0, 1.0});
        for (const double across : rates.across) {
            double nearest = 1.0;
            for (const double rate : rates.plane)
                nearest = std::min(nearest, std::abs(rate - across));
            BOOST_TEST(nearest <= 1e-10);
        }
    }
}

/// Exchanging beta and w does not change the density of SymMoLogE, so at beta = w the information
/// about their difference vanishes.
BOOST_AUTO_TEST_CASE(logistic_experts_equal_to_their_gate_have_rate_one) {
    for (const double norm : {0.5, 1.0, 3.0}) {
        const PopulationSignal equal{norm, norm, 1.0};
        BOOST_TEST(std::abs(moe::population_rates(PopulationExperts::logistic, equal).rate() -
                            1.0) <= 1e-9);
        BOOST_TEST(moe::population_rates(PopulationExperts::linear, equal).rate() < 0.999);
        const double one =
            moe::population_rates(PopulationExperts::logistic, {norm, 2.0, 0.6}).rate();
        const double two =
            moe::population_rates(PopulationExperts::logistic, {2.0, norm, 0.6}).rate();
        BOOST_TEST(std::abs(one - two) <= 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(rates_do_not_depend_on_signs_or_on_the_steps_of_the_quadrature) {
    for (const auto experts : {PopulationExperts::linear, PopulationExperts::logistic}) {
        for (const double beta : {0.03, 1.0, 30.0, 1e4}) {
            for (const double w : {0.3, 2.0, 20.0}) {
                const double rho = moe::population_rates(experts, {beta, w, 0.5}).rate();
                const double fine = moe::population_rates(experts, {beta, w, 0.5}, 2.0).rate();
                const double turned = moe::population_rates(experts, {beta, w, -0.5}).rate();
                BOOST_TEST(std::abs(rho - fine) <= 1e-9, beta << " " << w);
                BOOST_TEST(std::abs(rho - turned) <= 1e-9, beta << " " << w);
                BOOST_TEST((rho > 0.0 && rho < 1.0), beta << " " << w);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(signals_that_make_no_sense_are_refused) {
    for (const PopulationSignal& signal :
         {PopulationSignal{0.0, 1.0, 0.0}, PopulationSignal{1.0, -1.0, 0.0},
          PopulationSignal{1.0, 1.0, 1.1}, PopulationSignal{std::nan(""), 1.0, 0.0},
          PopulationSignal{1e7, 1.0, 0.0}, PopulationSignal{1.0, 101.0, 0.0}}) {
        BOOST_CHECK_THROW((void)moe::population_rates(PopulationExperts::linear, signal),
                          std::invalid_argument);
    }
    BOOST_CHECK_THROW((void)moe::population_rates(PopulationExperts::linear, {}, 0.5),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(without_signal_the_iterates_are_those_of_the_notes) {
    const std::vector<double> b = moe::ZeroSignalMap().orbit(0.5, 5000);
    BOOST_TEST(b.size() == 5001U);
    BOOST_TEST(std::abs(b[10] - .134977340) <= 6e-10);
    BOOST_TEST(std::abs(b[100] - .041419130) <= 6e-10);
    BOOST_TEST(std::abs(b[1000] - .012942093) <= 6e-10);
    BOOST_TEST(std::abs(b[5000] - .005777224) <= 6e-10);
}

/// E[y x tanh(y x b)] over a grid in the plane, as it is defined.
BOOST_AUTO_TEST_CASE(the_map_without_signal_is_its_expectation) {
    const moe::ZeroSignalMap map;
    for (const double b : {0.001, 0.05, 0.5, 1.5}) {
        double sum = 0.0;
        const double step = 0.025;
        for (int i = -360; i <= 360; ++i) {
            for (int j = -360; j <= 360; ++j) {
                const double product = step * i * step * j;
                sum += step * step * normal(step * i) * normal(step * j) * product *
                       std::tanh(product * b);
            }
        }
        BOOST_TEST(std::abs(map(b) - sum) <= 1e-12 + 1e-10 * b, b);
    }
    // b - 3 b^3 + O(b^5)
    BOOST_TEST(std::abs(map(1e-3) - (1e-3 - 3e-9)) <= 1e-13);
    // tanh -> sign: E|x y| = 2 / pi.
    BOOST_TEST(std::abs(map(1e6) - 2.0 / std::numbers::pi) <= 1e-10);
}

BOOST_AUTO_TEST_SUITE_END()
