// Deep models on all boxes: exact up to rounding, E^L different gradients, and a sweep that notices
// what is wrong.

#include "pieces/sweep.hpp"

#include "basics/error.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <tuple>
#include <vector>

namespace {

using moe::CompositionalTarget;
using moe::PieceExperts;
using moe::RegionSystem;

constexpr std::uint64_t every_box = std::numeric_limits<std::uint64_t>::max();

struct Model {
    CompositionalTarget target;
    moe::DeepPlan plan;
};

Model model(std::uint32_t E, std::uint32_t L, bool random_slopes) {
    moe::RandomStream random(4, E, L);
    CompositionalTarget target(RegionSystem(E), random_slopes ? moe::random_family(E, L, random)
                                                              : moe::quadratic_family(E, L));
    moe::DeepPlan plan = moe::deep_plan(target, moe::random_orders(E, L, random));
    return {std::move(target), std::move(plan)};
}

moe::SweepResult sweep(const Model& m, const moe::SweepSettings& settings = {},
                       std::uint64_t most = every_box,
                       PieceExperts experts = PieceExperts::affine) {
    const moe::BoxSelection boxes(m.target.regions().charts(), m.target.dimension(), most);
    return moe::sweep_boxes(moe::deep_moe(m.plan, experts), m.plan, m.target, boxes, settings);
}

std::uint64_t power(std::uint64_t E, std::uint32_t L) {
    return L == 0 ? 1 : E * power(E, L - 1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(sweep_of_boxes)

BOOST_AUTO_TEST_CASE(every_box_is_routed_right_with_a_gradient_of_its_own) {
    for (std::uint32_t E = 1; E <= 8; ++E) {
        for (std::uint32_t L = 1; L <= 4; ++L) {
            for (const bool random_slopes : {false, true}) {
                const Model m = model(E, L, random_slopes);
                const moe::SweepResult found = sweep(m);
                const double scale = std::max({1.0, m.target.largest_slope(), 1.0 * L});
                BOOST_TEST_CONTEXT("E = " << E << ", L = " << L) {
                    BOOST_TEST(found.pieces == power(E, L));
                    BOOST_TEST(found.boxes == found.pieces);
                    BOOST_TEST(found.inside.points == found.pieces);
                    BOOST_TEST(found.inside.misrouted == 0U);
                    BOOST_TEST(found.distinct_gradients == found.pieces);
                    BOOST_TEST(found.inside.largest_error <= 1e-12 * scale);
                    BOOST_TEST(found.largest_gradient_error <= 1e-10 * scale);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(dyadic_models_have_error_exactly_0) {
    for (const auto& [E, L] : {std::pair(2U, 6U), {4U, 4U}, {8U, 3U}, {8U, 4U}}) {
        for (const PieceExperts experts : {PieceExperts::affine, PieceExperts::relu}) {
            const moe::SweepResult found = sweep(
                model(E, L, false), {.positions = moe::Positions::dyadic}, every_box, experts);
            BOOST_TEST(found.inside.largest_error == 0.0);
            BOOST_TEST(found.centres.largest_error == 0.0);
            BOOST_TEST(found.largest_gradient_error == 0.0);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_error_on_the_square_norm_is_L_over_8EE) {
    for (const auto& [E, L] : {std::pair(2U, 3U), {3U, 2U}, {6U, 4U}}) {
        const moe::SweepResult found = sweep(model(E, L, false));
        const double gap = L / (8.0 * E * E);
        BOOST_TEST(found.centres.largest_square_norm_error == gap,
                   boost::test_tools::tolerance(1e-12));
        BOOST_TEST(found.inside.largest_square_norm_error <= gap);
    }
}

BOOST_AUTO_TEST_CASE(swapped_gate_rows_misroute_the_boxes_of_both_experts) {
    Model m = model(4, 3, true);
    std::swap(m.plan.pairs[1].gate_rows[0], m.plan.pairs[1].gate_rows[3]);
    const moe::SweepResult found = sweep(m);
    BOOST_TEST(found.inside.misrouted == 2U * 16U);
    BOOST_TEST(found.inside.largest_error > 1e-3);
}

BOOST_AUTO_TEST_CASE(two_equal_experts_cost_their_gradients) {
    Model m = model(4, 3, true);
    m.plan.pairs[2].functions[1] = m.plan.pairs[2].functions[0];
    const moe::SweepResult found = sweep(m);
    BOOST_TEST(found.inside.misrouted == 0U);
    BOOST_TEST(found.distinct_gradients == 3U * 16U);
    BOOST_TEST(found.largest_gradient_error > 1e-3);
}

BOOST_AUTO_TEST_CASE(results_do_not_depend_on_the_number_of_threads) {
    const Model m = model(6, 4, true);
    const moe::SweepResult one = sweep(m, {.seed = 9, .threads = 1});
    const moe::SweepResult three = sweep(m, {.seed = 9, .threads = 3});
    BOOST_TEST(one.inside.largest_error == three.inside.largest_error);
    BOOST_TEST(one.inside.largest_square_norm_error == three.inside.largest_square_norm_error);
    BOOST_TEST(one.largest_gradient_error == three.largest_gradient_error);
    BOOST_TEST(one.distinct_gradients == three.distinct_gradients);
}

BOOST_AUTO_TEST_CASE(a_sample_of_more_boxes_than_any_sweep_has_as_many_gradients_as_boxes) {
    const moe::SweepResult found = sweep(model(10, 12, true), {}, 5000);
    BOOST_TEST(found.pieces == 1000000000000U);
    BOOST_TEST(found.boxes == 5000U);
    BOOST_TEST(found.inside.misrouted == 0U);
    BOOST_TEST(found.distinct_gradients == 5000U);
}

BOOST_AUTO_TEST_CASE(a_whole_selection_holds_every_box_once_and_a_sample_different_ones) {
    moe::RandomStream random(1, 2, 3);
    for (const std::uint64_t most : {81U, 80U, 7U, 1U}) {
        const moe::BoxSelection boxes(3, 4, most);
        BOOST_TEST(boxes.visited() == most);
        BOOST_TEST(boxes.exhaustive() == (most == 81));
        std::set<std::vector<std::uint32_t>> seen;
        std::vector<std::uint32_t> intervals(4);
        for (std::uint64_t box = 0; box < boxes.visited(); ++box) {
            boxes.intervals_of(box, random, intervals);
            BOOST_TEST(*std::max_element(intervals.begin(), intervals.end()) < 3U);
            seen.insert(intervals);
        }
        BOOST_TEST(seen.size() == most);
    }
}

BOOST_AUTO_TEST_CASE(numbers_of_boxes_that_no_counter_holds_are_refused) {
    BOOST_CHECK_THROW(moe::BoxSelection(2, 62, 10), moe::InputError);
    BOOST_CHECK_THROW(moe::BoxSelection(1U << 20U, 4000000, 10), moe::InputError);
    BOOST_CHECK_THROW(moe::BoxSelection(0, 2, 10), moe::InputError);
    BOOST_CHECK_THROW(moe::BoxSelection(2, 0, 10), moe::InputError);
    BOOST_CHECK_THROW(moe::BoxSelection(2, 2, 0), moe::InputError);
    BOOST_TEST(moe::BoxSelection(1, 4000000, 10).all() == 1U);
}

BOOST_AUTO_TEST_CASE(nan_is_no_small_error) {
    moe::PointCheck check{.points = 1, .misrouted = 0, .largest_error = 0.5};
    check +=
        {.points = 1, .misrouted = 0, .largest_error = std::numeric_limits<double>::quiet_NaN()};
    BOOST_TEST(check.points == 2U);
    BOOST_TEST(std::isnan(check.largest_error));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(slow_sweep_of_boxes)

BOOST_AUTO_TEST_CASE(all_262144_boxes_of_48_experts_are_right) {
    for (const bool random_slopes : {false, true}) {
        const Model m = model(8, 6, random_slopes);
        const moe::SweepResult found = sweep(m, {.threads = 2});
        BOOST_TEST(found.boxes == 262144U);
        BOOST_TEST(found.inside.misrouted == 0U);
        BOOST_TEST(found.distinct_gradients == 262144U);
        BOOST_TEST(found.inside.largest_error <= 1e-12 * std::max(6.0, m.target.largest_slope()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
