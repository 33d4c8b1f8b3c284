#include "statistics/median_rate.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

const std::vector<double> sizes{1e6, 1e7, 1e8, 1e9, 1e10};

moe::RateSpec spec_of(double claimed) {
    return {"test.median", "error against samples", claimed, 0.1};
}

constexpr moe::SlopeRule root{-0.60, -0.40, -0.375};

/// Repetitions of 3 x^exponent with log-normal noise of the given spread in log2.
std::vector<std::vector<double>> noisy(double exponent, double spread, std::size_t repetitions,
                                       moe::RandomStream& random) {
    std::vector<std::vector<double>> values(sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        for (std::size_t j = 0; j < repetitions; ++j) {
            values[i].push_back(3.0 * std::pow(sizes[i], exponent) *
                                std::exp2(spread * random.normal()));
        }
    }
    return values;
}

bool is_invalid(const std::invalid_argument& error) {
    return std::string(error.what()).find("test.median") != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(median_rates)

BOOST_AUTO_TEST_CASE(the_median_is_the_middle_value_or_the_mean_of_the_two_middle_ones) {
    BOOST_TEST(moe::median(std::vector<double>{7.0}) == 7.0);
    BOOST_TEST(moe::median(std::vector<double>{9.0, 1.0, 4.0}) == 4.0);
    BOOST_TEST(moe::median(std::vector<double>{9.0, 1.0, 4.0, 5.0}) == 4.5);
    BOOST_TEST(moe::median(std::vector<double>{1.0, infinity, 2.0}) == 2.0);
    BOOST_TEST(moe::median(std::vector<double>{1.0, infinity, infinity, infinity}) == infinity);
    BOOST_TEST(moe::median(std::vector<double>{1.0, infinity}) == infinity);
    BOOST_CHECK_THROW((void)moe::median({}), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::median(std::vector<double>{std::nan("")}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_exact_power_law_has_its_exponent_with_an_interval_of_no_width) {
    std::vector<std::vector<double>> repetitions;
    repetitions.reserve(sizes.size());
    for (const double size : sizes)
        repetitions.emplace_back(9, 5.0 * std::pow(size, -0.5));
    const moe::Rate rate = moe::median_rate(spec_of(-0.5), sizes, repetitions, root, 1);
    BOOST_TEST(std::abs(rate.slope + 0.5) < 1e-12);
    BOOST_TEST(std::abs(rate.intercept_log2 - std::log2(5.0)) < 1e-10);
    BOOST_TEST_REQUIRE(rate.interval.has_value());
    BOOST_TEST(rate.interval->high - rate.interval->low < 1e-12);
    BOOST_TEST(rate.observations == 45);
    BOOST_TEST(rate.two_point_slopes.size() == 4U);
    BOOST_TEST((rate.verdict == moe::Verdict::supported));
}

/// The mean logarithm of such repetitions is infinite; outliers of one side move a mean.
BOOST_AUTO_TEST_CASE(infinite_repetitions_leave_the_slope_of_the_medians) {
    moe::RandomStream random(7, 1, 0);
    std::vector<std::vector<double>> repetitions = noisy(-0.25, 0.3, 41, random);
    for (auto& values : repetitions) {
        values[3] = infinity;
        values[8] = infinity;
    }
    const moe::Rate rate =
        moe::median_rate(spec_of(-0.25), sizes, repetitions, {-0.33, -0.18, -0.375}, 1);
    BOOST_TEST(std::abs(rate.slope + 0.25) < 0.03);
    BOOST_TEST((rate.verdict == moe::Verdict::supported));
}

/// Theory: the median of r normals has standard error sqrt(pi/2) sigma/sqrt(r), so the slope has
/// sqrt(sum c_i^2) times that.
BOOST_AUTO_TEST_CASE(the_interval_has_the_width_of_the_asymptotic_theory_of_medians) {
    moe::RandomStream random(11, 1, 0);
    constexpr std::size_t repetitions = 400;
    constexpr double spread = 1.0;
    const moe::Rate rate =
        moe::median_rate(spec_of(-0.5), sizes, noisy(-0.5, spread, repetitions, random), root, 3);
    const double step = std::log2(10.0);
    const double slope_error = std::sqrt(std::acos(-1.0) / 2.0) * spread /
                               std::sqrt(static_cast<double>(repetitions)) /
                               (step * std::sqrt(10.0)); // sum of squares of -2..2 is 10
    const double width = rate.interval->high - rate.interval->low;
    BOOST_TEST(std::abs(width / (2.0 * 1.96 * slope_error) - 1.0) < 0.35);
}

BOOST_AUTO_TEST_CASE(the_interval_covers_the_true_slope_about_as_often_as_it_says) {
    moe::RandomStream random(5, 2, 0);
    int covered = 0;
    constexpr int trials = 200;
    for (int trial = 0; trial < trials; ++trial) {
        const moe::Rate rate = moe::median_rate(spec_of(-0.5), sizes, noisy(-0.5, 0.8, 32, random),
                                                root, static_cast<std::uint64_t>(trial), 400);
        if (rate.interval->low <= -0.5 && rate.interval->high >= -0.5) ++covered;
    }
    BOOST_TEST(covered >= 180);
}

BOOST_AUTO_TEST_CASE(a_slope_outside_its_band_with_an_interval_without_the_claim_is_refuted) {
    moe::RandomStream random(3, 1, 0);
    const auto quarter = noisy(-0.25, 0.2, 32, random);
    BOOST_TEST((moe::median_rate(spec_of(-0.5), sizes, quarter, root, 1).verdict ==
                moe::Verdict::refuted));
}

BOOST_AUTO_TEST_CASE(a_slope_outside_its_band_with_an_interval_that_holds_the_claim_tells_nothing) {
    std::vector<std::vector<double>> repetitions;
    for (const double size : sizes) {
        repetitions.emplace_back();
        for (int k = -4; k <= 4; ++k)
            repetitions.back().push_back(std::pow(size, -0.7) * std::exp2(7.5 * k));
    }
    const moe::Rate rate = moe::median_rate(spec_of(-0.5), sizes, repetitions, root, 1);
    BOOST_TEST(std::abs(rate.slope + 0.7) < 1e-12);
    BOOST_TEST_REQUIRE((rate.interval->low < -0.5 && rate.interval->high > -0.5));
    BOOST_TEST((rate.verdict == moe::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(an_interval_that_holds_the_rival_exponent_tells_nothing) {
    // Medians on the line of slope -1/2, spread over 60 octaves.
    std::vector<std::vector<double>> repetitions;
    for (const double size : sizes) {
        repetitions.emplace_back();
        for (int k = -4; k <= 4; ++k)
            repetitions.back().push_back(std::pow(size, -0.5) * std::exp2(7.5 * k));
    }
    const moe::Rate rate = moe::median_rate(spec_of(-0.5), sizes, repetitions, root, 1);
    BOOST_TEST(std::abs(rate.slope + 0.5) < 1e-12);
    BOOST_TEST((rate.interval->low < -0.375 && rate.interval->high > -0.375));
    BOOST_TEST((rate.verdict == moe::Verdict::inconclusive));
    const moe::Rate without_rival =
        moe::median_rate(spec_of(-0.5), sizes, repetitions, {-0.6, -0.4, {}}, 1);
    BOOST_TEST((without_rival.verdict == moe::Verdict::supported));
}

BOOST_AUTO_TEST_CASE(sizes_below_the_window_are_told_and_not_fitted) {
    moe::RandomStream random(9, 1, 0);
    auto repetitions = noisy(-0.5, 0.1, 16, random);
    std::vector<double> x = sizes;
    x.push_back(1e3);
    repetitions.emplace_back(16, 1e-9);
    moe::RateSpec spec = spec_of(-0.5);
    spec.window_low = 1e6;
    const moe::Rate rate = moe::median_rate(spec, x, repetitions, root, 1);
    BOOST_TEST(rate.x.size() == 5U);
    BOOST_TEST(std::abs(rate.slope + 0.5) < 0.03);
}

BOOST_AUTO_TEST_CASE(a_reported_rate_has_no_verdict_and_the_seed_decides_the_interval) {
    moe::RandomStream random(13, 1, 0);
    const auto repetitions = noisy(-0.5, 0.5, 16, random);
    const moe::Rate one = moe::reported_median_rate(spec_of(-0.5), sizes, repetitions, 1);
    const moe::Rate again = moe::reported_median_rate(spec_of(-0.5), sizes, repetitions, 1);
    const moe::Rate other = moe::reported_median_rate(spec_of(-0.5), sizes, repetitions, 2);
    BOOST_TEST((one.verdict == moe::Verdict::inconclusive));
    BOOST_TEST(one.interval->low == again.interval->low);
    BOOST_TEST(one.interval->low != other.interval->low);
    BOOST_TEST(one.slope == other.slope);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_fitted_is_refused_by_the_name_of_the_rate) {
    const auto fit = [](const std::vector<double>& x,
                        const std::vector<std::vector<double>>& repetitions,
                        const moe::SlopeRule& rule) {
        (void)moe::median_rate(spec_of(-0.5), x, repetitions, rule, 1);
    };
    const std::vector<double> good(8, 1.0);
    BOOST_CHECK_EXCEPTION(fit({1, 2}, {good}, root), std::invalid_argument, is_invalid);
    BOOST_CHECK_EXCEPTION(fit({1}, {good}, root), std::invalid_argument, is_invalid);
    BOOST_CHECK_EXCEPTION(fit({1, 1}, {good, good}, root), std::invalid_argument, is_invalid);
    BOOST_CHECK_EXCEPTION(fit({1, 2}, {good, {}}, root), std::invalid_argument, is_invalid);
    BOOST_CHECK_EXCEPTION(fit({1, 2}, {good, std::vector<double>(8, 0.0)}, root),
                          std::invalid_argument, is_invalid);
    BOOST_CHECK_EXCEPTION(fit({1, 2}, {good, std::vector<double>(8, infinity)}, root),
                          std::invalid_argument, is_invalid);
    BOOST_CHECK_EXCEPTION(fit({1, 2}, {good, good}, {-0.6, -0.3, -0.375}), std::invalid_argument,
                          is_invalid);
}

BOOST_AUTO_TEST_SUITE_END()
