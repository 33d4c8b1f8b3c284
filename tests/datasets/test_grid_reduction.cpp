#include "basics/error.hpp"
#include "basics/random.hpp"
#include "datasets/grid_reduction.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::GatedFunction;
using moe::GateKind;
using moe::GridData;
using moe::RandomStream;

/// The common truth of the experiments.
GatedFunction common_truth(ExpertActivation expert = ExpertActivation::gelu) {
    return {GateKind::sigmoid, expert, {{-0.8, 0.2, -1.7, 1.4}, {0.8, -0.2, 1.9, -0.3}}};
}

std::vector<double> grid() {
    return moe::midpoint_grid(-8.0, 8.0, 128);
}

/// P(chi square of `cells` - 1 degrees >= the statistic of observed against expected counts).
double p_value(const std::vector<double>& observed, const std::vector<double>& expected) {
    double statistic = 0.0;
    for (std::size_t i = 0; i < observed.size(); ++i) {
        statistic += (observed[i] - expected[i]) * (observed[i] - expected[i]) / expected[i];
    }
    const boost::math::chi_squared law(static_cast<double>(observed.size() - 1));
    return boost::math::cdf(boost::math::complement(law, statistic));
}

/// The draws are fixed by their seed: a test either passes for ever or not. At this level one in a
/// thousand correct samplers would be refused.
constexpr double level = 1e-3;

BOOST_AUTO_TEST_SUITE(grid_reduction)

BOOST_AUTO_TEST_CASE(the_grid_has_the_midpoints) {
    const std::vector<double> points = grid();
    BOOST_TEST(points.size() == 128U);
    BOOST_TEST(points.front() == -8.0 + 0.0625);
    BOOST_TEST(points.back() == 8.0 - 0.0625);
    BOOST_TEST(points[64] - points[63] == 0.125);
}

BOOST_AUTO_TEST_CASE(small_binomials_have_the_exact_probabilities) {
    struct Case {
        std::int64_t n;
        std::int64_t favourable;
        std::int64_t outcomes;
    };
    for (const auto& [n, favourable, outcomes] :
         {Case{1, 1, 2}, Case{2, 1, 3}, Case{5, 1, 2}, Case{9, 2, 3}, Case{12, 1, 10},
          Case{40, 19, 40}}) {
        RandomStream stream(1, static_cast<std::uint64_t>(n), 0);
        constexpr int draws = 200000;
        std::vector<double> observed(static_cast<std::size_t>(n + 1), 0.0);
        for (int i = 0; i < draws; ++i) {
            const std::int64_t k = moe::draw_binomial(n, favourable, outcomes, stream);
            observed.at(static_cast<std::size_t>(k)) += 1.0;
        }
        // P(k) by enumeration: products of integers, exact in float64 for these n.
        const double p = static_cast<double>(favourable) / static_cast<double>(outcomes);
        std::vector<double> expected;
        std::vector<double> pooled;
        double choose = 1.0;
        double rest = draws;
        double rest_observed = draws;
        for (std::int64_t k = 0; k <= n; ++k) {
            const double probability = choose * std::pow(p, static_cast<double>(k)) *
                                       std::pow(1.0 - p, static_cast<double>(n - k));
            choose = choose * static_cast<double>(n - k) / static_cast<double>(k + 1);
            if (draws * probability < 10.0) continue; // into the remaining cell
            expected.push_back(draws * probability);
            pooled.push_back(observed[static_cast<std::size_t>(k)]);
            rest -= expected.back();
            rest_observed -= pooled.back();
        }
        if (rest > 1.0) {
            expected.push_back(rest);
            pooled.push_back(rest_observed);
        }
        BOOST_TEST(p_value(pooled, expected) >= level, "n = " << n);
    }
}

BOOST_AUTO_TEST_CASE(large_binomials_have_the_exact_distribution_function) {
    struct Case {
        std::int64_t n;
        std::int64_t favourable;
        std::int64_t outcomes;
    };
    for (const auto& [n, favourable, outcomes] :
         {Case{1000, 1, 2}, Case{100'000, 1, 128}, Case{10'000'000, 3, 7},
          Case{10'000'000'000, 1, 2}, Case{moe::max_samples, 1, 2},
          Case{moe::max_samples, 63, 127}}) {
        RandomStream stream(2, static_cast<std::uint64_t>(n), 0);
        const double p = static_cast<double>(favourable) / static_cast<double>(outcomes);
        const boost::math::binomial law(static_cast<double>(n), p);
        const double deviation = std::sqrt(static_cast<double>(n) * p * (1.0 - p));
        // Cells between -3, -2.75, ..., 3 standard deviations, their probabilities by the
        // incomplete beta function of Boost.Math.
        std::vector<double> bounds;
        std::vector<double> below;
        for (double step = -3.0; step <= 3.0; step += 0.25) {
            bounds.push_back(std::floor(static_cast<double>(n) * p + step * deviation));
            below.push_back(boost::math::cdf(law, bounds.back()));
        }
        constexpr int draws = 100000;
        std::vector<double> observed(bounds.size() + 1, 0.0);
        for (int i = 0; i < draws; ++i) {
            const auto k = static_cast<double>(moe::draw_binomial(n, favourable, outcomes, stream));
            const auto cell = std::lower_bound(bounds.begin(), bounds.end(), k) - bounds.begin();
            observed[static_cast<std::size_t>(cell)] += 1.0;
        }
        std::vector<double> expected;
        for (std::size_t i = 0; i <= bounds.size(); ++i) {
            const double lower = i == 0 ? 0.0 : below[i - 1];
            const double upper = i == bounds.size() ? 1.0 : below[i];
            expected.push_back(draws * (upper - lower));
        }
        BOOST_TEST(p_value(observed, expected) >= level, "n = " << n << ", p = " << p);
    }
}

BOOST_AUTO_TEST_CASE(neighbouring_integers_are_not_favoured_at_the_largest_n) {
    // A sampler by a coarse deviate would leave out residues: k mod 64 must be uniform.
    RandomStream stream(3, 0, 0);
    constexpr int draws = 64000;
    std::vector<double> observed(64, 0.0);
    for (int i = 0; i < draws; ++i) {
        observed[static_cast<std::size_t>(moe::draw_binomial(moe::max_samples, 1, 2, stream) %
                                          64)] += 1.0;
    }
    BOOST_TEST(p_value(observed, std::vector<double>(64, draws / 64.0)) >= level);
}

BOOST_AUTO_TEST_CASE(certain_and_empty_binomials_draw_nothing) {
    RandomStream stream(4, 0, 0);
    RandomStream untouched(4, 0, 0);
    BOOST_TEST(moe::draw_binomial(17, 0, 5, stream) == 0);
    BOOST_TEST(moe::draw_binomial(17, 5, 5, stream) == 17);
    BOOST_TEST(moe::draw_binomial(0, 1, 2, stream) == 0);
    BOOST_TEST(stream.bits() == untouched.bits());
    for (const auto& [n, favourable, outcomes] : {std::array<std::int64_t, 3>{-1, 1, 2},
                                                  {moe::max_samples + 1, 1, 2},
                                                  {1, 3, 2},
                                                  {1, -1, 2},
                                                  {1, 0, 0},
                                                  {1, 1, 1'000'001}}) {
        BOOST_CHECK_THROW(static_cast<void>(moe::draw_binomial(n, favourable, outcomes, stream)),
                          std::invalid_argument);
    }
}

BOOST_AUTO_TEST_CASE(counts_of_three_cells_have_the_exact_joint_law) {
    // n = 4 samples on M = 3 points: P(N) = 4!/(N1! N2! N3!) 3^-4, 15 outcomes.
    RandomStream stream(5, 0, 0);
    constexpr int draws = 150000;
    const double factorial[] = {1.0, 1.0, 2.0, 6.0, 24.0};
    std::vector<double> observed(25, 0.0);
    for (int i = 0; i < draws; ++i) {
        const auto counts = moe::draw_uniform_counts(4, 3, stream);
        observed[static_cast<std::size_t>(5 * counts[0] + counts[1])] += 1.0;
    }
    std::vector<double> seen;
    std::vector<double> expected;
    for (std::size_t one = 0; one <= 4; ++one) {
        for (std::size_t two = 0; one + two <= 4; ++two) {
            seen.push_back(observed[5 * one + two]);
            expected.push_back(draws * 24.0 /
                               (factorial[one] * factorial[two] * factorial[4 - one - two] * 81.0));
        }
    }
    BOOST_TEST(std::accumulate(seen.begin(), seen.end(), 0.0) == draws);
    BOOST_TEST(p_value(seen, expected) >= level);
}

BOOST_AUTO_TEST_CASE(counts_have_the_moments_of_the_multinomial) {
    for (const std::int64_t n : {std::int64_t{1000}, std::int64_t{10'000'000'000}}) {
        RandomStream stream(6, static_cast<std::uint64_t>(n), 0);
        constexpr int draws = 2000;
        constexpr std::size_t M = 128;
        const double mean = static_cast<double>(n) / M;
        // Pearson's statistic has mean M - 1 exactly, and variance 2 (M - 1)(n - 1)/n.
        double pearson = 0.0;
        double neighbours = 0.0; // covariance of two cells: -n / M^2
        for (int i = 0; i < draws; ++i) {
            const auto counts = moe::draw_uniform_counts(n, M, stream);
            BOOST_REQUIRE(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == n);
            for (const std::int64_t count : counts) {
                const double distance = static_cast<double>(count) - mean;
                pearson += distance * distance / mean;
            }
            neighbours += (static_cast<double>(counts[63]) - mean) *
                          (static_cast<double>(counts[64]) - mean) / mean;
        }
        BOOST_TEST(std::abs(pearson / draws - (M - 1)) <=
                   4.0 * std::sqrt(2.0 * (M - 1) / static_cast<double>(draws)));
        BOOST_TEST(std::abs(neighbours / draws + 1.0 / M) <= 4.0 / std::sqrt(draws));
    }
}

BOOST_AUTO_TEST_CASE(bin_means_have_the_law_given_the_counts) {
    const std::vector<double> points = grid();
    const std::vector<double> truth = moe::values_on(common_truth(), points);
    double squares = 0.0;
    double sum = 0.0;
    double bins = 0.0;
    for (std::uint32_t replication = 0; replication < 200; ++replication) {
        RandomStream stream(7, 0, replication);
        const GridData data =
            moe::draw_grid_data(common_truth(), 3, points, 1'000'000, 0.1, stream);
        double samples = 0.0;
        for (std::size_t b = 0; b < points.size(); ++b) {
            const double standardised = std::sqrt(data.weights[b]) * (data.means[b] - truth[b]);
            squares += standardised * standardised;
            sum += standardised;
            bins += 1.0;
            samples += data.weights[b] * 0.01;
        }
        BOOST_TEST(std::abs(samples - 1e6) <= 1e-6);
    }
    BOOST_TEST(std::abs(squares / bins - 1.0) <= 4.0 * std::sqrt(2.0 / bins));
    BOOST_TEST(std::abs(sum / bins) <= 4.0 / std::sqrt(bins));
}

BOOST_AUTO_TEST_CASE(one_sample_fills_one_bin) {
    RandomStream stream(8, 0, 0);
    const GridData data = moe::draw_grid_data(common_truth(), 3, grid(), 1, 0.5, stream);
    BOOST_TEST(std::count(data.weights.begin(), data.weights.end(), 0.0) == 127);
    BOOST_TEST(std::count(data.weights.begin(), data.weights.end(), 4.0) == 1);
    for (const double mean : data.means) {
        BOOST_TEST(std::isfinite(mean));
    }
    BOOST_TEST(std::isfinite(moe::weighted_squares(data, common_truth())));
}

BOOST_AUTO_TEST_CASE(data_are_fixed_by_seed_cell_and_stream) {
    RandomStream one(9, 1, 2);
    RandomStream same(9, 1, 2);
    RandomStream other(9, 1, 3);
    const auto draw = [](RandomStream& stream) {
        return moe::draw_grid_data(common_truth(), 3, grid(), 1'000'000, 0.1, stream).means;
    };
    const auto means = draw(one);
    BOOST_TEST((means == draw(same)));
    BOOST_TEST((means != draw(other)));
}

BOOST_AUTO_TEST_CASE(the_pseudo_noise_leaves_the_measured_squares_of_the_truth) {
    const GridData data = moe::pseudo_noise_data(common_truth(), grid(), 0.1);
    BOOST_TEST(std::abs(moe::weighted_squares(data, common_truth()) - 0.6329281919666) <= 1e-13);
}

BOOST_AUTO_TEST_CASE(weightless_bins_are_not_read) {
    GridData data = moe::pseudo_noise_data(common_truth(), grid(), 0.1);
    const double all = moe::weighted_squares(data, common_truth());
    const double residual = 0.1 * std::sin(1.0);
    data.weights[0] = 0.0;
    data.means[0] = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(std::abs(moe::weighted_squares(data, common_truth()) -
                        (all - residual * residual)) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(experiments_that_mean_nothing_are_refused_with_their_value) {
    RandomStream stream(10, 0, 0);
    const auto refusal = [&](const GatedFunction& truth, std::size_t k, std::size_t M,
                             std::int64_t n, double s) -> std::string {
        try {
            static_cast<void>(
                moe::draw_grid_data(truth, k, moe::midpoint_grid(-8.0, 8.0, M), n, s, stream));
        } catch (const moe::InputError& error) {
            return error.what();
        }
        return "";
    };
    const GatedFunction truth = common_truth();
    BOOST_TEST(refusal(truth, 3, 128, 0, 0.1) == "n = 0 samples, allowed: 1 to 1000000000000");
    BOOST_TEST(refusal(truth, 3, 128, 1'000'000'000'001, 0.1) ==
               "n = 1000000000001 samples, allowed: 1 to 1000000000000");
    for (const auto& [s, name] : {std::pair{0.0, "0"},
                                  {-1.0, "-1"},
                                  {std::numeric_limits<double>::infinity(), "inf"},
                                  {std::numeric_limits<double>::quiet_NaN(), "nan"}}) {
        BOOST_TEST(refusal(truth, 3, 128, 10, s) ==
                   std::string("s = ") + name + ", allowed: a positive finite noise level");
    }
    BOOST_TEST(refusal(truth, 3, 11, 10, 0.1) ==
               "M = 11 grid points, allowed: at least 12 for k = 3");
    BOOST_TEST(refusal(truth, 3, 12, 10, 0.1) == "");
    BOOST_TEST(refusal(common_truth(ExpertActivation::relu), 3, 128, 10, 0.1) ==
               "experts: relu on a grid, allowed: gelu, tanh, linear, square, constant (a kink "
               "between two grid points is not identified)");
    GatedFunction broken = truth;
    broken.atoms[0].b = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(refusal(broken, 3, 128, 10, 0.1).starts_with("truth: f(-7.9375) = nan"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
