#include "gating/pair_functions.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace {

using moe::gating::both;
using moe::gating::Pair;

BOOST_AUTO_TEST_SUITE(pair_functions)

BOOST_AUTO_TEST_CASE(the_exponential_is_good_to_two_units_of_its_last_place) {
    double worst = 0.0;
    for (int i = 0; i <= 200000; ++i) {
        const double x = -708.0 * std::pow(i / 200000.0, 3.0);
        const auto exact = std::exp(static_cast<long double>(x));
        const long double error = moe::gating::exp_of_nonpositive(both(x))[1] / exact - 1.0L;
        worst = std::max(worst, std::abs(static_cast<double>(error)));
    }
    BOOST_TEST(worst <= 2.0 * std::numeric_limits<double>::epsilon());
}

BOOST_AUTO_TEST_CASE(the_exponential_ends_in_zero_and_passes_nan_on) {
    BOOST_TEST(moe::gating::exp_of_nonpositive(both(0.0))[0] == 1.0);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Pair mixed = moe::gating::exp_of_nonpositive(Pair{-709.0, nan});
    BOOST_TEST(mixed[0] == 0.0);
    BOOST_TEST(std::isnan(mixed[1]));
    BOOST_TEST(moe::gating::exp_of_nonpositive(both(-std::numeric_limits<double>::infinity()))[0] ==
               0.0);
}

BOOST_AUTO_TEST_CASE(the_normal_distribution_has_small_relative_errors_in_both_tails) {
    double worst = 0.0;
    double worst_kernel = 0.0;
    for (int i = 0; i <= 200000; ++i) {
        const double z = -37.4 + 45.0 * i / 200000.0;
        const auto normal = moe::gating::normal_distribution(both(z));
        const auto wide = static_cast<long double>(z);
        const long double exact = 0.5L * std::erfc(-wide / std::sqrt(2.0L));
        const long double kernel = std::exp(-0.5L * wide * wide);
        worst =
            std::max(worst, std::abs(static_cast<double>(normal.distribution[0] / exact - 1.0L)));
        worst_kernel =
            std::max(worst_kernel, std::abs(static_cast<double>(normal.kernel[0] / kernel - 1.0L)));
    }
    BOOST_TEST(worst <= 1e-15);
    BOOST_TEST(worst_kernel <= 5e-16);
}

BOOST_AUTO_TEST_CASE(the_normal_distribution_is_symmetric_and_monotone_at_its_seams) {
    for (const double z : {0.0, 1e-300, 0.5, 5.0, 8.3, 40.0, 1e3, 1e200}) {
        const Pair sides = moe::gating::normal_distribution(Pair{z, -z}).distribution;
        BOOST_TEST(sides[0] + sides[1] == 1.0);
        BOOST_TEST(sides[0] >= 0.5);
    }
    BOOST_TEST(
        std::isnan(moe::gating::normal_distribution(both(std::numeric_limits<double>::quiet_NaN()))
                       .distribution[0]));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
