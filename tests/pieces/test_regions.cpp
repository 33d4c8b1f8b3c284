// Regions of one coordinate, and what linear gates can do with them.

#include "pieces/regions.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "pieces/one_layer.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace {

/// Most intervals that consecutive runs of intervals, one run a chart in some order, get right: the
/// regions of a linear gate on a coordinate are such runs. By recursion over borders.
std::uint32_t most_right(const moe::RegionSystem& regions, std::vector<bool>& used,
                         std::uint32_t from) {
    if (from == regions.intervals()) return 0;
    std::uint32_t best = 0;
    for (std::uint32_t chart = 0; chart < regions.charts(); ++chart) {
        if (used[chart]) continue;
        used[chart] = true;
        std::uint32_t right = 0;
        for (std::uint32_t to = from; to < regions.intervals(); ++to) {
            right += regions.chart_of_interval(to) == chart ? 1 : 0;
            best = std::max(best, right + most_right(regions, used, to + 1));
        }
        used[chart] = false;
    }
    return best;
}

} // namespace

BOOST_AUTO_TEST_SUITE(regions)

BOOST_AUTO_TEST_CASE(intervals_are_numbered_from_the_left_and_the_last_one_is_closed) {
    const moe::RegionSystem regions(4);
    BOOST_TEST(regions.interval_of(0.0) == 0U);
    BOOST_TEST(regions.interval_of(0.2499) == 0U);
    BOOST_TEST(regions.interval_of(0.25) == 1U);
    BOOST_TEST(regions.interval_of(1.0) == 3U);
    BOOST_CHECK_THROW((void)regions.interval_of(1.0000001), std::domain_error);
    BOOST_CHECK_THROW((void)regions.interval_of(std::numeric_limits<double>::quiet_NaN()),
                      std::domain_error);
}

BOOST_AUTO_TEST_CASE(on_a_border_both_neighbours_are_accepted_and_inside_only_one) {
    const moe::RegionSystem regions(4);
    BOOST_TEST(regions.accepts(0.5, 2));
    BOOST_TEST(regions.accepts(0.5, 1));
    BOOST_TEST(!regions.accepts(0.5, 0));
    BOOST_TEST(!regions.accepts(0.5, 3));
    BOOST_TEST(!regions.accepts(0.501, 1));
}

BOOST_AUTO_TEST_CASE(with_two_intervals_a_chart_interval_j_belongs_to_chart_j_mod_E) {
    const moe::RegionSystem regions(3, 2);
    BOOST_TEST(regions.intervals() == 6U);
    for (std::uint32_t j = 0; j < 6; ++j)
        BOOST_TEST(regions.chart_of_interval(regions.interval_of(regions.point(j, 0.5))) == j % 3);
    const std::vector<double> anchors = regions.anchors(1);
    BOOST_TEST_REQUIRE(anchors.size() == 2U);
    BOOST_TEST(anchors[0] == 1.5 / 6);
    BOOST_TEST(anchors[1] == 4.5 / 6);
}

BOOST_AUTO_TEST_CASE(no_chart_or_too_many_intervals_are_refused) {
    BOOST_CHECK_THROW(moe::RegionSystem(0), moe::InputError);
    BOOST_CHECK_THROW(moe::RegionSystem(3, 0), moe::InputError);
    BOOST_CHECK_THROW(moe::RegionSystem(1U << 20U, 2), moe::InputError);
}

BOOST_AUTO_TEST_CASE(the_certificate_is_three_points_of_charts_0_1_0) {
    for (const std::uint32_t E : {2U, 3U, 5U}) {
        const moe::RegionSystem regions(E, 2);
        const moe::ConvexityCertificate points = moe::convexity_certificate(regions);
        const auto chart = [&](double t) {
            return regions.chart_of_interval(regions.interval_of(t));
        };
        BOOST_TEST(points.first < points.between);
        BOOST_TEST(points.between < points.second);
        BOOST_TEST(chart(points.first) == points.outer_chart);
        BOOST_TEST(chart(points.second) == points.outer_chart);
        BOOST_TEST(chart(points.between) == points.middle_chart);
        BOOST_TEST(points.outer_chart != points.middle_chart);
    }
    BOOST_CHECK_THROW((void)moe::convexity_certificate(moe::RegionSystem(3)),
                      std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::convexity_certificate(moe::RegionSystem(1, 2)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_least_misrouted_share_is_that_of_the_best_assignment_of_runs) {
    for (const std::uint32_t E : {2U, 3U, 4U}) {
        const moe::RegionSystem regions(E, 2);
        std::vector<bool> used(E, false);
        const double right = most_right(regions, used, 0);
        BOOST_TEST(moe::least_misrouted_share(regions) == 1.0 - right / (2.0 * E),
                   boost::test_tools::tolerance(1e-14));
    }
}

BOOST_AUTO_TEST_CASE(the_nearest_first_anchor_attains_it_and_random_gates_stay_above) {
    moe::RandomStream random(1, 2, 3);
    for (const std::uint32_t E : {2U, 3U, 5U}) {
        const moe::RegionSystem regions(E, 2);
        std::vector<double> anchors;
        for (std::uint32_t chart = 0; chart < E; ++chart)
            anchors.push_back(regions.anchors(chart).front());
        const double least = moe::least_misrouted_share(regions);
        BOOST_TEST(moe::misrouted_share(moe::nearest_centre_gate(anchors, 1), regions, 20) == least,
                   boost::test_tools::tolerance(1e-14));
        for (std::uint64_t gate = 0; gate < 200; ++gate)
            BOOST_TEST(moe::misrouted_share(moe::random_contender_gate(1, E, gate, random), regions,
                                            20) >= least);
    }
}

BOOST_AUTO_TEST_CASE(a_gate_of_another_size_is_refused) {
    const moe::LinearGate two({1.0, -1.0}, {0.0, 0.0});
    BOOST_CHECK_THROW((void)moe::misrouted_share(two, moe::RegionSystem(3, 2), 10),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
