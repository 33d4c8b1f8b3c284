// Paired tests against counting and published tables.

#include "statistics/paired.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// Of the 2^n outcomes of n fair coins, the share with at least k heads, by listing them.
double share_with_at_least(unsigned n, unsigned k) {
    unsigned found = 0;
    for (unsigned outcome = 0; outcome < 1U << n; ++outcome) {
        unsigned heads = 0;
        for (unsigned coin = 0; coin < n; ++coin)
            heads += outcome >> coin & 1U;
        found += heads >= k ? 1 : 0;
    }
    return found / std::exp2(n);
}

} // namespace

BOOST_AUTO_TEST_SUITE(sign_tests)

BOOST_AUTO_TEST_CASE(the_binomial_tail_is_the_share_of_listed_outcomes) {
    for (unsigned n = 0; n <= 12; ++n) {
        for (unsigned k = 0; k <= n + 1; ++k) {
            BOOST_TEST(moe::fair_binomial_tail(n, k) == share_with_at_least(n, k),
                       boost::test_tools::tolerance(1e-14));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_upper_tail_keeps_its_digits_where_one_minus_the_lower_would_lose_them) {
    BOOST_TEST(moe::fair_binomial_tail(50, 50) == std::exp2(-50),
               boost::test_tools::tolerance(1e-13));
    BOOST_TEST(moe::fair_binomial_tail(200, 199) == 201 * std::exp2(-200),
               boost::test_tools::tolerance(1e-13));
    BOOST_CHECK_THROW(static_cast<void>(moe::fair_binomial_tail(-1, 0)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(ties_are_dropped_and_both_directions_have_their_p_value) {
    const moe::SignTest test = moe::sign_test(std::vector<double>{1, 0, infinity, 2, -1, 3e-9, 0});
    BOOST_TEST(test.wins == 4);
    BOOST_TEST(test.losses == 1);
    BOOST_TEST(test.ties == 2);
    BOOST_TEST(test.p_value == share_with_at_least(5, 4), boost::test_tools::tolerance(1e-14));
    BOOST_TEST(test.p_value_reverse == share_with_at_least(5, 1),
               boost::test_tools::tolerance(1e-14));
    BOOST_CHECK_THROW(static_cast<void>(moe::sign_test(std::vector<double>{no_number})),
                      std::invalid_argument);
}

/// 10 wins of 10 have p = 2^-10 = 9.8e-4, 9 of 9 have 2^-9.
BOOST_AUTO_TEST_CASE(ten_wins_of_ten_decide_at_a_thousandth_and_nine_do_not) {
    std::vector<double> differences(10, 1.0);
    BOOST_TEST((verdict_of(moe::sign_test(differences), 1e-3) == moe::Verdict::supported));
    for (double& difference : differences)
        difference = -difference;
    BOOST_TEST((verdict_of(moe::sign_test(differences), 1e-3) == moe::Verdict::refuted));
    differences.pop_back();
    BOOST_TEST((verdict_of(moe::sign_test(differences), 1e-3) == moe::Verdict::inconclusive));
    BOOST_TEST((verdict_of(moe::sign_test({}), 1e-3) == moe::Verdict::inconclusive));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(paired_t_tests)

/// Student (Biometrika 1908), hours of sleep gained with the second drug over the first: mean 1.58,
/// t = 4.0621 with 9 degrees of freedom, two-sided p = .002833, 95 % interval [.7001, 2.4599].
BOOST_AUTO_TEST_CASE(students_own_data_give_the_known_answer) {
    const std::vector<double> gained{1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};
    const moe::PairedT test = moe::paired_t(gained);
    BOOST_TEST(test.mean == 1.58, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(test.mean / test.standard_error == 4.062128, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(2.0 * test.p_value == 0.00283289, boost::test_tools::tolerance(1e-5));
    BOOST_TEST(test.p_value + test.p_value_reverse == 1.0, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(test.interval.low == 0.7001142, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(test.interval.high == 2.4598858, boost::test_tools::tolerance(1e-6));
    BOOST_TEST((verdict_of(test, 0.01) == moe::Verdict::supported));
    BOOST_TEST((verdict_of(test, 0.001) == moe::Verdict::inconclusive));
}

/// For one degree of freedom Student's t is Cauchy's distribution: P(T > t) = 1/2 - atan(t) / pi.
BOOST_AUTO_TEST_CASE(two_differences_are_judged_by_the_cauchy_distribution) {
    const moe::PairedT test = moe::paired_t(std::vector<double>{1.0, 3.0}); // t = 2
    BOOST_TEST(test.p_value == 0.5 - std::atan(2.0) / std::acos(-1.0),
               boost::test_tools::tolerance(1e-12));
    BOOST_TEST(moe::student_quantile(0.75, 1.0) == 1.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(differences_without_spread_are_decided_by_their_sign) {
    const auto p_of = [](double value) {
        return moe::paired_t(std::vector<double>{value, value, value}).p_value;
    };
    BOOST_TEST(p_of(0.5) == 0.0);
    BOOST_TEST(p_of(0.0) == 0.5);
    BOOST_TEST(p_of(-0.5) == 1.0);
}

BOOST_AUTO_TEST_CASE(what_is_no_sample_is_refused) {
    BOOST_CHECK_THROW(static_cast<void>(moe::paired_t(std::vector<double>{1})),
                      std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::paired_t(std::vector<double>{1, infinity})),
                      std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::paired_t(std::vector<double>{1, 2}, 1.0)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(quantiles)

BOOST_AUTO_TEST_CASE(quantiles_interpolate_between_the_sorted_values) {
    const std::vector<double> values{4, 1, 3, 2};
    BOOST_TEST(moe::quantile(values, 0.0) == 1.0);
    BOOST_TEST(moe::quantile(values, 0.5) == 2.5);
    BOOST_TEST(moe::quantile(values, 0.25) == 1.75);
    BOOST_TEST(moe::quantile(values, 1.0) == 4.0);
}

BOOST_AUTO_TEST_CASE(runs_that_never_arrive_may_be_infinite) {
    const std::vector<double> values{infinity, 6, 7};
    BOOST_TEST(moe::quantile(values, 0.5) == 7.0);
    BOOST_TEST(moe::quantile(values, 1.0) == infinity);
    BOOST_TEST(moe::quantile(std::vector<double>{infinity, infinity}, 0.5) == infinity);
    BOOST_CHECK_THROW(static_cast<void>(moe::quantile({}, 0.5)), std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::quantile(values, 1.5)), std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::quantile(std::vector<double>{no_number}, 0.5)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
