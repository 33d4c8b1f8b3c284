// Smooth sub-functions: the error over all boxes against the numbers of the notes.

#include "pieces/smooth_pieces.hpp"

#include "basics/error.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace {

moe::SmoothPieces smooth(std::uint32_t E, std::uint32_t L, std::uint32_t m) {
    moe::RandomStream random(2, E, L);
    return moe::measure_smooth_pieces(E, L, m, moe::random_orders(E, L, random));
}

} // namespace

BOOST_AUTO_TEST_SUITE(smooth_pieces)

BOOST_AUTO_TEST_CASE(the_errors_are_those_of_the_notes) {
    using Expected = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, double>;
    for (const auto& [E, L, m, error] : std::vector<Expected>{{4, 4, 1, 1.517e-1},
                                                              {4, 4, 3, 3.895e-2},
                                                              {4, 4, 7, 9.862e-3},
                                                              {4, 4, 15, 2.475e-3},
                                                              {4, 4, 31, 6.197e-4},
                                                              {8, 4, 1, 1.206e-1},
                                                              {8, 4, 31, 4.904e-4},
                                                              {3, 2, 1, 8.283e-2},
                                                              {3, 2, 31, 3.782e-4},
                                                              {4, 1, 31, 1.907e-4},
                                                              {4, 2, 31, 3.811e-4},
                                                              {4, 3, 31, 5.032e-4}}) {
        const moe::SmoothPieces found = smooth(E, L, m);
        BOOST_TEST_CONTEXT("E = " << E << ", L = " << L << ", m = " << m) {
            BOOST_TEST(found.formula == error, boost::test_tools::tolerance(4e-4));
            BOOST_TEST(std::abs(found.measured - found.formula) < 1e-12);
            BOOST_TEST(found.deviation < 1e-12);
            BOOST_TEST(found.measured <= found.bound);
            BOOST_TEST(found.misrouted == 0U);
            BOOST_TEST(found.boxes == static_cast<std::uint64_t>(std::pow(E, L)));
        }
    }
}

BOOST_AUTO_TEST_CASE(no_random_point_is_worse_than_the_formula) {
    const std::uint32_t E = 4;
    const std::uint32_t L = 3;
    const std::uint32_t m = 3;
    const moe::SmoothPieces found = smooth(E, L, m);
    const moe::SubFunctions functions = moe::smooth_family(E, L, m);
    const moe::RegionSystem regions(E);
    moe::RandomStream random(2, 3, 4);
    double largest = 0.0;
    for (int point = 0; point < 200000; ++point) {
        double error = 0.0;
        for (std::uint32_t l = 0; l < L; ++l) {
            const double t = random.uniform();
            const std::uint32_t i = regions.interval_of(t);
            error += functions[l][i](t) - moe::SmoothSubFunction{l, i}(t);
        }
        largest = std::max(largest, std::abs(error));
    }
    BOOST_TEST(largest <= found.formula * (1.0 + 1e-6));
    BOOST_TEST(largest >= 0.9 * found.formula);
}

BOOST_AUTO_TEST_CASE(a_wrong_knot_is_noticed) {
    moe::RandomStream random(2, 4, 2);
    const moe::SmoothPieces found = moe::measure_smooth_pieces(
        4, 2, 3, moe::random_orders(4, 2, random),
        [](moe::DeepPlan& plan) { plan.pairs[1].functions[2].changes[1] *= 1.01; });
    BOOST_TEST(found.deviation > 1e-6);
}

BOOST_AUTO_TEST_CASE(a_wrong_expert_without_the_largest_error_is_noticed) {
    // f_{l,0} = sin(2 t + l) is the least bent one: the largest error over all boxes stays.
    moe::RandomStream random(2, 4, 2);
    const moe::SmoothPieces found = moe::measure_smooth_pieces(
        4, 2, 3, moe::random_orders(4, 2, random), [](moe::DeepPlan& plan) {
            for (double& change : plan.pairs[0].functions[0].changes)
                change *= 1.01;
        });
    BOOST_TEST(std::abs(found.measured - found.formula) < 1e-12);
    BOOST_TEST(found.deviation > 1e-6);
}

BOOST_AUTO_TEST_CASE(sizes_that_cannot_be_measured_are_refused) {
    BOOST_CHECK_THROW((void)smooth(4, 2, 0), moe::InputError);
    BOOST_CHECK_THROW((void)smooth(4, 2, 10001), moe::InputError);
    BOOST_CHECK_THROW((void)smooth(2, 20, 1), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
