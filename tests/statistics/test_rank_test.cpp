#include "statistics/rank_test.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

using Values = std::vector<double>;

double pairs_won(const Values& first, const Values& second) {
    double u = 0.0;
    for (const double a : first) {
        for (const double b : second)
            u += b < a ? 1.0 : b == a ? 0.5 : 0.0;
    }
    return u;
}

/// P(U <= u) over all ways to choose which of the pooled values are the first sample.
double by_enumeration(const Values& first, const Values& second) {
    Values pooled = first;
    pooled.insert(pooled.end(), second.begin(), second.end());
    const double u = pairs_won(first, second);
    double below = 0.0;
    double all = 0.0;
    for (std::uint32_t set = 0; set < (1U << pooled.size()); ++set) {
        if (std::popcount(set) != static_cast<int>(first.size())) continue;
        Values a;
        Values b;
        for (std::size_t i = 0; i < pooled.size(); ++i)
            ((set >> i & 1U) != 0 ? a : b).push_back(pooled[i]);
        all += 1.0;
        below += pairs_won(a, b) <= u ? 1.0 : 0.0;
    }
    return below / all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(rank_test)

BOOST_AUTO_TEST_CASE(separated_samples_have_the_chance_of_one_order) {
    const moe::RankTest three = moe::mann_whitney(Values{1, 2, 3}, Values{4, 5, 6});
    BOOST_TEST(three.u == 0.0);
    BOOST_TEST(std::abs(three.p_value - 1.0 / 20) <= 1e-15); // 6 over 3
    BOOST_TEST(std::abs(three.p_value_reverse - 1.0) <= 1e-15);
    const moe::RankTest six =
        moe::mann_whitney(Values{1, 2, 3, 4, 5, 6}, Values{7, 8, 9, 10, 11, 12});
    BOOST_TEST(std::abs(six.p_value - 1.0 / 924) <= 1e-15); // 12 over 6
    BOOST_TEST(six.observations == 12);
}

BOOST_AUTO_TEST_CASE(p_values_are_those_of_all_permutations_with_and_without_ties) {
    moe::RandomStream random(1, moe::cell_key("rank test"), 0);
    for (int repetition = 0; repetition < 60; ++repetition) {
        const bool ties = repetition % 2 == 0;
        Values first(1 + random.below(6));
        Values second(1 + random.below(6));
        for (Values* values : {&first, &second}) {
            for (double& value : *values)
                value = ties ? static_cast<double>(random.below(4)) : random.uniform();
        }
        const moe::RankTest test = moe::mann_whitney(first, second);
        BOOST_TEST(test.u == pairs_won(first, second));
        BOOST_TEST(std::abs(test.p_value - by_enumeration(first, second)) <= 1e-12);
        BOOST_TEST(std::abs(test.p_value_reverse - by_enumeration(second, first)) <= 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(many_values_agree_with_the_normal_approximation) {
    Values first;
    Values second;
    for (int i = 0; i < 60; ++i) {
        first.push_back(i);
        second.push_back(i + 8.5);
    }
    const moe::RankTest test = moe::mann_whitney(first, second);
    const double mean = 60.0 * 60.0 / 2.0;
    const double deviation = std::sqrt(60.0 * 60.0 * 121.0 / 12.0);
    const double normal = 0.5 * std::erfc((mean - test.u - 0.5) / deviation / std::sqrt(2.0));
    BOOST_TEST(std::abs(test.p_value - normal) < 2e-4);
    BOOST_TEST(test.p_value < 0.01);
}

BOOST_AUTO_TEST_CASE(infinite_values_have_ranks_and_nan_is_refused) {
    const double infinity = std::numeric_limits<double>::infinity();
    BOOST_TEST(moe::mann_whitney(Values{0, 1}, Values{2, infinity}).u == 0.0);
    BOOST_CHECK_THROW((void)moe::mann_whitney(Values{}, Values{1}), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::mann_whitney(Values{1}, Values{std::nan("")}),
                      std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::mann_whitney(Values(300, 1.0), Values(300, 1.0)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
