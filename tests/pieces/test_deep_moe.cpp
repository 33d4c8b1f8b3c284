// The deep model neuron by neuron: what it computes at single points, what it is made of.

#include "pieces/deep_moe.hpp"

#include "pieces/sweep.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace {

namespace tt = boost::test_tools;
using moe::Combination;
using moe::CompositionalTarget;
using moe::PieceExperts;
using moe::RegionSystem;

double evaluate(const moe::MoeStack& net, const std::vector<double>& x,
                std::vector<std::uint64_t>& routed) {
    routed.assign(net.depth(), 0);
    moe::MoeStack::Scratch scratch;
    double y = 0.0;
    net.evaluate(x, {&y, 1}, routed, scratch);
    return y;
}

/// Experts in the order of their charts.
moe::ExpertOrders in_order(std::uint32_t E, std::uint32_t L) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t e = 0; e < E; ++e)
        order.push_back(e);
    return moe::ExpertOrders(L, order);
}

CompositionalTarget random_target(std::uint32_t E, std::uint32_t L, Combination combination) {
    moe::RandomStream random(5, 6, 7);
    return {RegionSystem(E), moe::random_family(E, L, random), combination};
}

} // namespace

BOOST_AUTO_TEST_SUITE(deep_moe)

BOOST_AUTO_TEST_CASE(a_target_adds_or_compares_its_functions_of_the_charts) {
    const moe::SubFunctions functions{{{1.0, 2.0}, {3.0, 4.0}}, {{5.0, -6.0}, {7.0, 8.0}}};
    const std::vector<double> x{0.25, 0.75};
    const std::vector<std::uint32_t> intervals{0, 1};
    BOOST_TEST(CompositionalTarget(RegionSystem(2), functions).value(x, intervals) == 1.5 + 13.0);
    const CompositionalTarget larger(RegionSystem(2), functions, Combination::maximum);
    BOOST_TEST(larger.value(x, intervals) == 13.0);
    BOOST_TEST(larger.largest_slope() == 8.0);
}

BOOST_AUTO_TEST_CASE(layers_alternate_and_have_E_experts_each) {
    const auto target = random_target(5, 3, Combination::sum);
    const moe::MoeStack net =
        moe::deep_moe(moe::deep_plan(target, in_order(5, 3)), PieceExperts::affine);
    BOOST_TEST_REQUIRE(net.depth() == 6U);
    for (std::size_t layer = 0; layer < 6; ++layer) {
        BOOST_TEST(net.layer(layer).is_dense() == (layer % 2 == 0));
        BOOST_TEST(net.layer(layer).experts() == (layer % 2 == 0 ? 1U : 5U));
    }
    BOOST_TEST(net.inputs() == 3U);
    BOOST_TEST(net.outputs() == 1U);
}

BOOST_AUTO_TEST_CASE(relu_experts_have_the_hidden_neurons_of_the_notes) {
    // m + 2 (L + 1); the last pair gives S alone but has the same width.
    const CompositionalTarget target(RegionSystem(4), moe::quadratic_family(4, 3, 2));
    const moe::MoeStack net =
        moe::deep_moe(moe::deep_plan(target, in_order(4, 3)), PieceExperts::relu);
    for (const std::size_t layer : {1U, 3U, 5U})
        BOOST_TEST(net.layer(layer).expert().hidden_units() == 2U + 2U * 4U);
    const moe::MoeStack larger =
        moe::deep_moe(moe::deep_plan(random_target(4, 3, Combination::maximum), in_order(4, 3)),
                      PieceExperts::relu);
    for (const std::size_t layer : {3U, 5U})
        BOOST_TEST(larger.layer(layer).expert().hidden_units() == 2U * 3U + 1U);
}

BOOST_AUTO_TEST_CASE(affine_and_relu_experts_and_every_order_compute_the_target) {
    const auto target = random_target(3, 4, Combination::sum);
    moe::RandomStream random(1, 1, 1);
    const std::vector<double> x{0.1, 0.5, 0.9, 0.35};
    const std::vector<std::uint32_t> intervals{0, 1, 2, 1};
    for (const PieceExperts experts : {PieceExperts::affine, PieceExperts::relu}) {
        const moe::DeepPlan plan = moe::deep_plan(target, moe::random_orders(3, 4, random));
        const moe::MoeStack net = moe::deep_moe(plan, experts);
        std::vector<std::uint64_t> routed;
        BOOST_TEST(evaluate(net, x, routed) == target.value(x, intervals), tt::tolerance(1e-14));
        for (std::size_t l = 0; l < 4; ++l)
            BOOST_TEST(plan.pairs[l].charts[routed[2 * l + 1]] == intervals[l]);
    }
}

BOOST_AUTO_TEST_CASE(a_maximum_is_computed_by_comparison_with_what_came_before) {
    const auto target = random_target(4, 3, Combination::maximum);
    const moe::MoeStack net =
        moe::deep_moe(moe::deep_plan(target, in_order(4, 3)), PieceExperts::relu);
    moe::RandomStream random(2, 2, 2);
    for (int point = 0; point < 200; ++point) {
        std::vector<double> x;
        std::vector<std::uint32_t> intervals;
        double expected = -1e300;
        for (std::uint32_t l = 0; l < 3; ++l) {
            x.push_back(random.uniform());
            intervals.push_back(target.regions().interval_of(x[l]));
            const moe::PiecewiseLinear& f = target.functions()[l][intervals[l]];
            expected = std::max(expected, f.intercept + f.slope * x[l]);
        }
        std::vector<std::uint64_t> routed;
        BOOST_TEST(evaluate(net, x, routed) == expected, tt::tolerance(1e-13));
    }
}

BOOST_AUTO_TEST_CASE(a_tie_on_a_border_goes_to_the_lowest_expert_and_is_accepted) {
    // Dyadic numbers: both rho are exactly equal at 1/2.
    const CompositionalTarget target(RegionSystem(2), moe::quadratic_family(2, 1));
    for (const bool reversed : {false, true}) {
        const moe::ExpertOrders order{reversed ? std::vector<std::uint32_t>{1, 0}
                                               : std::vector<std::uint32_t>{0, 1}};
        const moe::DeepPlan plan = moe::deep_plan(target, order);
        const moe::MoeStack net = moe::deep_moe(plan, PieceExperts::affine);
        const std::vector<double> border{0.5};
        std::vector<std::uint64_t> routed;
        (void)evaluate(net, border, routed);
        BOOST_TEST(routed[1] == 0U);
        const moe::PointCheck check = moe::check_points(net, plan, target, border);
        BOOST_TEST(check.misrouted == 0U);
        BOOST_TEST(check.largest_error == 0.0);
    }
}

BOOST_AUTO_TEST_CASE(borders_of_every_box_are_accepted) {
    for (const std::uint32_t E : {2U, 3U, 5U, 7U}) {
        const auto target = random_target(E, 2, Combination::sum);
        const moe::DeepPlan plan = moe::deep_plan(target, in_order(E, 2));
        const moe::MoeStack net = moe::deep_moe(plan, PieceExperts::affine);
        std::vector<double> points;
        for (std::uint32_t i = 0; i <= E; ++i) {
            for (std::uint32_t j = 0; j <= E; ++j) {
                points.push_back(static_cast<double>(i) / E);
                points.push_back(static_cast<double>(j) / E);
            }
        }
        const moe::PointCheck check = moe::check_points(net, plan, target, points);
        BOOST_TEST(check.points == (E + 1) * (E + 1));
        BOOST_TEST(check.misrouted == 0U);
        BOOST_TEST(check.largest_error < 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(one_expert_and_one_dimension_work) {
    const auto target = random_target(1, 1, Combination::sum);
    const moe::MoeStack net =
        moe::deep_moe(moe::deep_plan(target, in_order(1, 1)), PieceExperts::affine);
    std::vector<std::uint64_t> routed;
    const moe::PiecewiseLinear& f = target.functions()[0][0];
    for (const double t : {0.0, 0.3, 1.0})
        BOOST_TEST(evaluate(net, {t}, routed) == f.intercept + f.slope * t, tt::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(two_intervals_a_chart_are_routed_by_the_maximum_of_two_affine_functions) {
    moe::RandomStream random(8, 8, 8);
    const CompositionalTarget target(RegionSystem(3, 2), moe::random_family(3, 3, random));
    const moe::DeepPlan plan = moe::deep_plan(target, moe::random_orders(3, 3, random));
    const moe::MoeStack net = moe::deep_moe(plan, PieceExperts::affine);
    std::vector<double> points;
    for (int i = 0; i < 3 * 5000; ++i)
        points.push_back(random.uniform());
    const moe::PointCheck check = moe::check_points(net, plan, target, points);
    BOOST_TEST(check.points == 5000U);
    BOOST_TEST(check.misrouted == 0U);
    BOOST_TEST(check.largest_error < 1e-12);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_built_is_refused) {
    const CompositionalTarget bent(RegionSystem(2), moe::quadratic_family(2, 2, 1));
    const moe::DeepPlan plan = moe::deep_plan(bent, in_order(2, 2));
    BOOST_CHECK_THROW((void)moe::deep_moe(plan, PieceExperts::affine), std::invalid_argument);
    moe::DeepPlan uneven = plan;
    uneven.pairs[1].functions[0].knots.clear();
    uneven.pairs[1].functions[0].changes.clear();
    BOOST_CHECK_THROW((void)moe::deep_moe(uneven, PieceExperts::relu), std::invalid_argument);
    moe::DeepPlan unanchored = plan;
    unanchored.pairs[0].anchors[1].clear();
    BOOST_CHECK_THROW((void)moe::deep_moe(unanchored, PieceExperts::relu), std::invalid_argument);
    moe::DeepPlan larger = plan;
    larger.combination = Combination::maximum;
    BOOST_CHECK_THROW((void)moe::deep_moe(larger, PieceExperts::relu), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::deep_moe({}, PieceExperts::relu), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::deep_plan(bent, {{0, 0}, {0, 1}}), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::deep_plan(bent, in_order(2, 3)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
