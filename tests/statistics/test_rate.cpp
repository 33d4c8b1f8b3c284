#include "statistics/rate.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// NIST StRD, Norris (linear regression, lower difficulty): calibration of ozone monitors.
constexpr std::array norris_x{0.2,   337.4, 118.2, 884.6, 10.1,  226.5, 666.3, 996.3, 448.6,
                              777.0, 558.2, 0.4,   0.6,   775.5, 666.9, 338.0, 447.5, 11.6,
                              556.0, 228.1, 995.8, 887.6, 120.2, 0.3,   0.3,   556.8, 339.1,
                              887.2, 999.0, 779.0, 11.1,  118.3, 229.2, 669.1, 448.9, 0.5};
constexpr std::array norris_y{0.1,   338.8, 118.1, 888.0, 9.2,   228.1, 668.5, 998.5, 449.1,
                              778.9, 559.2, 0.3,   0.1,   778.1, 668.8, 339.3, 448.9, 10.8,
                              557.7, 228.3, 998.0, 888.8, 119.6, 0.3,   0.6,   557.6, 339.3,
                              888.0, 998.5, 778.9, 10.2,  117.6, 228.9, 668.4, 449.2, 0.2};

std::vector<double> powers(const std::vector<double>& x, double factor, double exponent) {
    std::vector<double> y;
    y.reserve(x.size());
    for (const double size : x) {
        y.push_back(factor * std::pow(size, exponent));
    }
    return y;
}

/// Repetitions of 3 x^exponent with log-normal noise of the given spread (in log2) at each size.
std::vector<std::vector<double>> noisy(const std::vector<double>& x, double exponent,
                                       const std::vector<double>& spread, std::size_t repetitions,
                                       moe::RandomStream& random) {
    std::vector<std::vector<double>> values(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t j = 0; j < repetitions; ++j) {
            values[i].push_back(3 * std::pow(x[i], exponent) *
                                std::exp2(spread[i] * random.normal()));
        }
    }
    return values;
}

const std::vector<double> sizes{1, 2, 4, 8, 16};

moe::RateSpec spec_of(double claimed, double tolerance) {
    return {"test.rate", "error against samples", claimed, tolerance};
}

} // namespace

BOOST_AUTO_TEST_SUITE(line)

BOOST_AUTO_TEST_CASE(norris_agrees_with_the_certified_values_of_nist) {
    const moe::LineFit fit = moe::fit_line(norris_x, norris_y);
    BOOST_TEST(fit.points == 36U);
    BOOST_CHECK_CLOSE_FRACTION(fit.slope, 1.00211681802045, 1e-13);
    BOOST_CHECK_CLOSE_FRACTION(fit.intercept, -0.262323073774029, 1e-11);
    BOOST_CHECK_CLOSE_FRACTION(fit.slope_standard_error, 0.429796848199937e-03, 1e-11);
}

BOOST_AUTO_TEST_CASE(a_regression_by_hand_has_these_values_and_this_interval) {
    // x = 0..3, y = 1, 3, 2, 4: Sxx = 5, Sxy = 4, slope 0.8, residual sum of squares 1.8.
    const std::array x{0.0, 1.0, 2.0, 3.0};
    const std::array y{1.0, 3.0, 2.0, 4.0};
    const moe::LineFit fit = moe::fit_line(x, y);
    BOOST_CHECK_CLOSE_FRACTION(fit.slope, 0.8, 1e-15);
    BOOST_CHECK_CLOSE_FRACTION(fit.intercept, 1.3, 1e-15);
    BOOST_CHECK_CLOSE_FRACTION(fit.slope_standard_error, std::sqrt(0.18), 1e-14);
    // With 2 degrees of freedom the quantile is (2p-1) sqrt(2 / (1-(2p-1)^2)), here 2p-1 = level.
    const auto interval = moe::slope_interval(fit, 0.95);
    BOOST_TEST_REQUIRE(interval.has_value());
    const double quantile = 0.95 * std::sqrt(2 / (1 - 0.95 * 0.95));
    BOOST_CHECK_CLOSE_FRACTION(interval->high, 0.8 + quantile * std::sqrt(0.18), 1e-13);
    BOOST_CHECK_CLOSE_FRACTION(interval->low, 0.8 - quantile * std::sqrt(0.18), 1e-12);
    BOOST_TEST(interval->level == 0.95);
}

BOOST_AUTO_TEST_CASE(a_weight_of_two_counts_like_the_point_given_twice) {
    const std::array x{0.0, 1.0, 3.0};
    const std::array y{1.0, 0.0, 5.0};
    const moe::LineFit weighted = moe::fit_line(x, y, std::array{1.0, 2.0, 1.0});
    const moe::LineFit repeated =
        moe::fit_line(std::array{0.0, 1.0, 1.0, 3.0}, std::array{1.0, 0.0, 0.0, 5.0});
    BOOST_CHECK_CLOSE_FRACTION(weighted.slope, repeated.slope, 1e-14);
    BOOST_CHECK_CLOSE_FRACTION(weighted.intercept, repeated.intercept, 1e-13);
}

BOOST_AUTO_TEST_CASE(a_large_offset_of_the_abscissae_loses_no_digits_of_the_slope) {
    std::vector<double> x;
    std::vector<double> y;
    for (int i = 0; i < 8; ++i) {
        x.push_back(1e8 + i);
        y.push_back(0.5 * i);
    }
    BOOST_CHECK_CLOSE_FRACTION(moe::fit_line(x, y).slope, 0.5, 1e-12);
}

BOOST_AUTO_TEST_CASE(two_points_have_a_slope_but_no_error) {
    const moe::LineFit fit = moe::fit_line(std::array{1.0, 3.0}, std::array{1.0, 5.0});
    BOOST_TEST(fit.slope == 2.0);
    BOOST_TEST(std::isnan(fit.slope_standard_error));
    BOOST_TEST(!moe::slope_interval(fit, 0.95).has_value());
}

BOOST_AUTO_TEST_CASE(lines_that_cannot_be_fitted_are_refused) {
    using Values = std::vector<double>;
    const auto refused = [](const Values& x, const Values& y, const Values& weights = {}) {
        BOOST_CHECK_THROW(static_cast<void>(moe::fit_line(x, y, weights)), std::invalid_argument);
    };
    refused({1}, {1});
    refused({1, 2}, {1});
    refused({0.1, 0.1, 0.1}, {1, 2, 3});
    refused({1, 2}, {1, std::nan("")});
    refused({1, infinity}, {1, 2});
    refused({1, 2}, {1, 2}, {1});
    refused({1, 2}, {1, 2}, {1, 0});
    refused({1, 2}, {1, 2}, {1, infinity});
    const moe::LineFit fit = moe::fit_line(norris_x, norris_y);
    BOOST_CHECK_THROW(static_cast<void>(moe::slope_interval(fit, 1.0)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rate)

BOOST_AUTO_TEST_CASE(an_exact_power_law_has_its_exponent_everywhere) {
    const moe::Rate rate = moe::fit_rate(spec_of(-1.5, 1e-9), sizes, powers(sizes, 8, -1.5));
    BOOST_CHECK_CLOSE_FRACTION(rate.slope, -1.5, 1e-14);
    BOOST_CHECK_CLOSE_FRACTION(rate.intercept_log2, 3.0, 1e-13);
    BOOST_TEST_REQUIRE(rate.two_point_slopes.size() == 4U);
    for (const double slope : rate.two_point_slopes) {
        BOOST_CHECK_CLOSE_FRACTION(slope, -1.5, 1e-13);
    }
    BOOST_TEST((rate.verdict == moe::Verdict::supported));
    BOOST_TEST(rate.observations == 5);
}

BOOST_AUTO_TEST_CASE(sizes_outside_the_window_do_not_count_and_the_order_does_not_matter) {
    moe::RateSpec spec = spec_of(1, 0.01);
    spec.window_low = 2;
    spec.window_high = 8;
    const std::vector<double> x{8, 1, 4, 2, 16};
    const std::vector<double> y{16, -1, 8, 4, 1e6};
    const moe::Rate rate = moe::fit_rate(spec, x, y);
    BOOST_TEST(rate.x == (std::vector<double>{2, 4, 8}), boost::test_tools::per_element());
    BOOST_TEST(rate.y == (std::vector<double>{4, 8, 16}), boost::test_tools::per_element());
    BOOST_TEST(rate.slope == 1.0);
}

BOOST_AUTO_TEST_CASE(the_tolerance_decides_about_deterministic_rates) {
    const std::vector<double> y = powers(sizes, 1, 1.25);
    BOOST_TEST((moe::fit_rate(spec_of(1, 0.26), sizes, y).verdict == moe::Verdict::supported));
    BOOST_TEST((moe::fit_rate(spec_of(1, 0.24), sizes, y).verdict == moe::Verdict::refuted));
}

BOOST_AUTO_TEST_CASE(rates_that_cannot_be_fitted_are_refused_by_name) {
    const auto refused = [](const moe::RateSpec& spec, const std::vector<double>& x,
                            const std::vector<double>& y) {
        BOOST_CHECK_EXCEPTION(static_cast<void>(moe::fit_rate(spec, x, y)), std::invalid_argument,
                              [](const std::invalid_argument& error) {
                                  return std::string(error.what()).find("'test.rate'") !=
                                         std::string::npos;
                              });
    };
    refused(spec_of(1, 0.1), {1, 2}, {1});
    refused(spec_of(1, 0.1), {1, 2}, {1, 0});
    refused(spec_of(1, 0.1), {1, 2}, {1, infinity});
    refused(spec_of(1, 0.1), {0, 2}, {1, 1});
    refused(spec_of(1, 0.1), {2, 2}, {1, 1});
    refused(spec_of(1, -0.1), {1, 2}, {1, 1});
    moe::RateSpec spec = spec_of(1, 0.1);
    spec.window_low = 2;
    refused(spec, {1, 2}, {1, 2});
}

BOOST_AUTO_TEST_CASE(the_bootstrap_slope_is_that_of_the_geometric_means) {
    const std::vector<std::vector<double>> repetitions{{1, 4}, {2, 8}, {16, 16}};
    const moe::Rate rate =
        moe::bootstrap_rate(spec_of(1.5, 1), std::vector<double>{1, 2, 4}, repetitions, 7);
    // The means of log2 are 1, 2, 4; the slope of (0,1), (1,2), (2,4) is 3/2.
    BOOST_CHECK_CLOSE_FRACTION(rate.slope, 1.5, 1e-14);
    BOOST_TEST(rate.y == (std::vector<double>{2, 4, 16}), boost::test_tools::per_element());
    BOOST_TEST(rate.observations == 6);
}

BOOST_AUTO_TEST_CASE(the_interval_misses_the_true_exponent_about_as_often_as_its_level_says) {
    // 1000 synthetic power laws each: the false-alarm rate at level 0.95 is 0.05 up to the error of
    // Satterthwaite's approximation (0.015) and 3 standard deviations of 1000 trials (0.021).
    constexpr int trials = 1000;
    const std::vector<double> equal(5, 0.3);
    const std::vector<double> rising{0.05, 0.1, 0.2, 0.4, 0.8};
    for (const std::size_t repetitions : {3U, 5U, 10U}) {
        for (const auto& spread : {equal, rising}) {
            moe::RandomStream random(11, moe::cell_key("coverage"),
                                     static_cast<std::uint32_t>(repetitions));
            int missed = 0;
            for (int trial = 0; trial < trials; ++trial) {
                const auto values = noisy(sizes, -0.5, spread, repetitions, random);
                const auto seed = static_cast<std::uint64_t>(trial);
                const moe::Rate rate =
                    moe::bootstrap_rate(spec_of(-0.5, 0), sizes, values, seed, 400);
                if (rate.verdict == moe::Verdict::refuted) ++missed;
            }
            BOOST_TEST_MESSAGE(repetitions << " repetitions: false-alarm rate "
                                           << missed / double{trials});
            BOOST_TEST(missed >= trials * (0.05 - 0.036));
            BOOST_TEST(missed <= trials * (0.05 + 0.036));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_false_exponent_is_refuted_and_a_wide_interval_is_inconclusive) {
    moe::RandomStream random(5, moe::cell_key("power"), 0);
    const auto clear = noisy(sizes, -0.5, std::vector<double>(5, 0.1), 10, random);
    const auto blurred = noisy(sizes, -0.5, std::vector<double>(5, 2.0), 10, random);
    const auto verdict = [](double claimed, const auto& values) {
        return moe::bootstrap_rate(spec_of(claimed, 0.05), sizes, values, 1).verdict;
    };
    BOOST_TEST((verdict(-0.5, clear) == moe::Verdict::supported));
    BOOST_TEST((verdict(-1.0, clear) == moe::Verdict::refuted));
    BOOST_TEST((verdict(-0.5, blurred) == moe::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_intervals_and_other_seeds_nearby_ones) {
    moe::RandomStream random(6, moe::cell_key("seeds"), 0);
    const auto values = noisy(sizes, 1, std::vector<double>(5, 0.2), 8, random);
    const auto low = [&](std::uint64_t seed) {
        return moe::bootstrap_rate(spec_of(1, 1), sizes, values, seed).interval->low;
    };
    BOOST_TEST(low(1) == low(1));
    BOOST_TEST(low(1) != low(2));
    BOOST_TEST(std::abs(low(1) - low(2)) < 0.02);
}

BOOST_AUTO_TEST_CASE(repetitions_without_spread_give_an_interval_of_one_point) {
    const std::vector<std::vector<double>> values{{1, 1}, {2, 2}, {4, 4}};
    const moe::Rate rate =
        moe::bootstrap_rate(spec_of(1, 0.1), std::vector<double>{1, 2, 4}, values, 1);
    BOOST_TEST_REQUIRE(rate.interval.has_value());
    BOOST_TEST(rate.interval->low == 1.0);
    BOOST_TEST(rate.interval->high == 1.0);
    BOOST_TEST((rate.verdict == moe::Verdict::supported));
}

BOOST_AUTO_TEST_CASE(a_size_with_one_repetition_leaves_the_spread_unknown) {
    const std::vector<std::vector<double>> values{{1, 1.1}, {2}, {4, 4.1}};
    const moe::Rate rate =
        moe::bootstrap_rate(spec_of(1, 0.1), std::vector<double>{1, 2, 4}, values, 1);
    BOOST_TEST(!rate.interval.has_value());
    BOOST_TEST((rate.verdict == moe::Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(too_few_repetitions_or_resamples_are_refused) {
    const std::vector<double> x{1, 2};
    BOOST_CHECK_THROW(static_cast<void>(moe::bootstrap_rate(spec_of(1, 1), x, {{1, 2}, {}}, 1)),
                      std::invalid_argument);
    BOOST_CHECK_THROW(
        static_cast<void>(moe::bootstrap_rate(spec_of(1, 1), x, {{1, 2}, {1, 2}}, 1, 39)),
        std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(claim)

BOOST_AUTO_TEST_CASE(each_relation_is_judged_as_written) {
    using moe::Relation;
    const auto supported = [](const moe::Expected& expected, double measured) {
        return moe::judge(expected, measured) == moe::Verdict::supported;
    };
    BOOST_TEST(supported({Relation::equal, 2, 0.5}, 2.5));
    BOOST_TEST(!supported({Relation::equal, 2, 0.5}, 2.6));
    BOOST_TEST(supported({Relation::equal, infinity, 0}, infinity));
    BOOST_TEST(supported({Relation::at_most, 2, 0.5}, -9));
    BOOST_TEST(!supported({Relation::at_most, 2, 0.5}, 2.6));
    BOOST_TEST(supported({Relation::at_least, 2, 0.5}, 1.5));
    BOOST_TEST(!supported({Relation::at_least, 2, 0.5}, 1.4));
    BOOST_TEST(supported({Relation::holds, 1, 0}, 1));
    BOOST_TEST(!supported({Relation::holds, 1, 0}, 0));
    for (const Relation relation :
         {Relation::equal, Relation::at_most, Relation::at_least, Relation::holds}) {
        BOOST_TEST(!supported({relation, 1, 1e9}, std::nan("")), moe::to_string(relation));
    }
}

BOOST_AUTO_TEST_CASE(a_rate_becomes_a_claim_with_its_numbers_and_rule) {
    moe::Claim partial;
    partial.id = "A1.rate";
    partial.paper = "a paper";
    const moe::Rate rate = moe::fit_rate(spec_of(2, 0.1), sizes, powers(sizes, 1, 2));
    const moe::Claim claim = moe::rate_claim(rate, partial);
    BOOST_TEST(claim.id == "A1.rate");
    BOOST_TEST(claim.paper == "a paper");
    BOOST_TEST(claim.expected.value == 2.0);
    BOOST_TEST(claim.expected.tolerance == 0.1);
    BOOST_TEST(claim.measured.estimate == rate.slope);
    BOOST_TEST(claim.measured.observations == 5);
    BOOST_TEST((claim.verdict == moe::Verdict::supported));
    BOOST_TEST(claim.evidence.find("|slope - claimed| <= tolerance") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
