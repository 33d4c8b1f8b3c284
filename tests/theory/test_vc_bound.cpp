#include "theory/vc_bound.hpp"

#include "basics/error.hpp"
#include "statistics/rate.hpp"
#include "theory/growth.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

namespace {

using moe::DenseActivation;
using moe::ExpertKind;
using moe::MoeShape;
using moe::RoutingRule;
using Sizes = std::vector<std::uint64_t>;
using Widths = std::vector<std::uint32_t>;

constexpr auto tree = RoutingRule::tree;
constexpr auto flat = RoutingRule::flat;

MoeShape shape_of(std::uint64_t L, std::uint64_t n, RoutingRule routing, ExpertKind expert) {
    MoeShape shape;
    shape.L = L;
    shape.n = n;
    shape.routing = routing;
    shape.expert = expert;
    return shape;
}

MoeShape mlp(std::uint64_t L, std::uint64_t n, RoutingRule routing, Widths hidden,
             DenseActivation activation = DenseActivation::relu) {
    MoeShape shape = shape_of(L, n, routing, ExpertKind::mlp);
    shape.hidden = std::move(hidden);
    shape.activation = activation;
    return shape;
}

Sizes over_experts(const Sizes& experts, std::uint64_t n, RoutingRule routing, ExpertKind kind) {
    Sizes bounds;
    for (const std::uint64_t L : experts)
        bounds.push_back(moe::vc_upper_bound(shape_of(L, n, routing, kind)));
    return bounds;
}

double slope(const Sizes& sizes, const Sizes& values) {
    std::vector<double> x;
    std::vector<double> y;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        x.push_back(std::log2(static_cast<double>(sizes[i])));
        y.push_back(std::log2(static_cast<double>(values[i])));
    }
    return moe::fit_line(x, y).slope;
}

Sizes from_third(const Sizes& values) {
    return {values.begin() + 2, values.end()};
}

/// 2^m against cover(m,n)^(L-1) Phi_d(m), in integers: the largest m before the
/// first failure.
std::uint64_t tree_bound_by_integers(std::uint64_t L, std::uint64_t n, std::uint64_t d) {
    for (std::uint64_t m = 1;; ++m) {
        moe::BigInteger labelings = moe::binomial_sum(m, d);
        for (std::uint64_t split = 1; split < L; ++split)
            labelings *= moe::cover(m, n);
        if ((moe::BigInteger{1} << m) > labelings) return m - 1;
    }
}

bool refused(const MoeShape& shape, const std::string& culprit) {
    try {
        static_cast<void>(moe::vc_upper_bound(shape));
    } catch (const moe::InputError& error) {
        return std::string(error.what()).starts_with(culprit);
    }
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(vc_bound)

BOOST_AUTO_TEST_CASE(tree_bounds_are_the_exact_comparison_of_integers) {
    for (std::uint64_t L = 1; L <= 6; ++L) {
        for (std::uint64_t n = 1; n <= 4; ++n) {
            BOOST_TEST(moe::vc_upper_bound(shape_of(L, n, tree, ExpertKind::constant)) ==
                       tree_bound_by_integers(L, n, L));
            BOOST_TEST(moe::vc_upper_bound(shape_of(L, n, tree, ExpertKind::linear)) ==
                       tree_bound_by_integers(L, n, L * (n + 1)));
        }
    }
}

BOOST_AUTO_TEST_CASE(one_linear_expert_has_dimension_n_plus_1_and_one_constant_1) {
    for (const std::uint64_t n : {1U, 2U, 3U, 8U, 200U}) {
        for (const RoutingRule routing : {tree, flat}) {
            BOOST_TEST(moe::vc_upper_bound(shape_of(1, n, routing, ExpertKind::linear)) == n + 1);
            BOOST_TEST(moe::vc_upper_bound(shape_of(1, n, routing, ExpertKind::constant)) == 1U);
        }
    }
}

BOOST_AUTO_TEST_CASE(bounds_on_the_line_are_those_of_the_table_and_above_the_exact_dimension) {
    const Sizes experts{2, 3, 4, 5};
    const Sizes constant_tree = over_experts(experts, 1, tree, ExpertKind::constant);
    const Sizes linear_tree = over_experts(experts, 1, tree, ExpertKind::linear);
    BOOST_TEST((constant_tree == Sizes{10, 21, 33, 46}));
    BOOST_TEST((over_experts(experts, 1, flat, ExpertKind::constant) == Sizes{20, 44, 72, 103}));
    BOOST_TEST((linear_tree == Sizes{16, 32, 48, 66}));
    BOOST_TEST((over_experts(experts, 1, flat, ExpertKind::linear) == Sizes{28, 57, 91, 126}));
    for (std::size_t i = 0; i < experts.size(); ++i) {
        BOOST_TEST(constant_tree[i] >= moe::line_vc_dimension(experts[i] - 1));
        BOOST_TEST(linear_tree[i] >= moe::line_vc_dimension(2 * experts[i] - 1));
    }
}

BOOST_AUTO_TEST_CASE(bounds_for_linear_experts_grow_with_L_as_in_the_table) {
    const Sizes experts{1, 2, 4, 8, 16, 32, 64, 128, 256};
    const Sizes plane_tree = over_experts(experts, 2, tree, ExpertKind::linear);
    const Sizes plane_flat = over_experts(experts, 2, flat, ExpertKind::linear);
    const Sizes eight = over_experts(experts, 8, tree, ExpertKind::linear);
    BOOST_TEST((plane_tree == Sizes{3, 28, 85, 213, 491, 1089, 2368, 5085, 10829}));
    BOOST_TEST((plane_flat == Sizes{3, 42, 137, 363, 879, 2027, 4547, 10022, 21829}));
    BOOST_TEST((eight == Sizes{9, 105, 313, 779, 1802, 4015, 8758, 18864, 40293}));
    const Sizes fitted = from_third(experts);
    BOOST_TEST(std::abs(slope(fitted, from_third(plane_tree)) - 1.157) <= 1e-3);
    BOOST_TEST(std::abs(slope(fitted, from_third(plane_flat)) - 1.211) <= 1e-3);
    BOOST_TEST(std::abs(slope(fitted, from_third(eight)) - 1.161) <= 1e-3);
}

BOOST_AUTO_TEST_CASE(bounds_for_four_linear_experts_grow_with_n_as_in_the_table) {
    const Sizes dimensions{1, 2, 4, 8, 16, 32};
    Sizes by_tree;
    Sizes by_flat;
    for (const std::uint64_t n : dimensions) {
        by_tree.push_back(moe::vc_upper_bound(shape_of(4, n, tree, ExpertKind::linear)));
        by_flat.push_back(moe::vc_upper_bound(shape_of(4, n, flat, ExpertKind::linear)));
    }
    BOOST_TEST((by_tree == Sizes{48, 85, 161, 313, 619, 1235}));
    BOOST_TEST((by_flat == Sizes{91, 137, 230, 416, 788, 1534}));
    BOOST_TEST(std::abs(slope(dimensions, by_tree) - 0.942) <= 1e-3);
    BOOST_TEST(std::abs(slope(dimensions, by_flat) - 0.823) <= 1e-3);
    BOOST_TEST(moe::vc_upper_bound(shape_of(3, 2, tree, ExpertKind::constant)) == 32U);
    BOOST_TEST(moe::vc_upper_bound(shape_of(3, 2, flat, ExpertKind::constant)) == 60U);
}

BOOST_AUTO_TEST_CASE(bounds_for_networks_with_one_hidden_layer_are_those_of_the_table) {
    struct Row {
        std::uint64_t L;
        std::uint64_t n;
        std::uint32_t w;
        std::uint64_t by_flat;
        std::uint64_t by_tree;
        std::uint64_t prelu;
    };
    for (const auto& [L, n, w, by_flat, by_tree, prelu] :
         {Row{1, 2, 6, 350, 350, 414}, Row{1, 3, 9, 696, 696, 798}, Row{2, 2, 6, 740, 724, 869},
          Row{2, 3, 6, 952, 935, 1089}, Row{3, 2, 6, 1137, 1101, 1330},
          Row{4, 3, 3, 1028, 964, 1168}}) {
        BOOST_TEST(moe::vc_upper_bound(mlp(L, n, flat, {w})) == by_flat);
        BOOST_TEST(moe::vc_upper_bound(mlp(L, n, tree, {w})) == by_tree);
        BOOST_TEST(moe::vc_upper_bound(mlp(L, n, flat, {w}, DenseActivation::prelu)) == prelu);
    }
    BOOST_TEST(moe::vc_upper_bound(mlp(1, 8, flat, {24})) == 4280U);
    BOOST_TEST(moe::vc_upper_bound(mlp(8, 4, flat, {12})) == 9947U);
    BOOST_TEST(moe::vc_upper_bound(mlp(16, 2, flat, {12})) == 12713U);
}

BOOST_AUTO_TEST_CASE(bounds_for_deep_networks_are_those_of_the_table) {
    Sizes one;
    Sizes four;
    for (const std::size_t layers : {1U, 2U, 4U, 8U}) {
        one.push_back(moe::vc_upper_bound(mlp(1, 2, flat, Widths(layers, 8))));
        four.push_back(moe::vc_upper_bound(mlp(4, 2, flat, Widths(layers, 8))));
    }
    BOOST_TEST((one == Sizes{476, 2230, 9285, 38879}));
    BOOST_TEST((four == Sizes{2047, 9081, 37315, 155710}));
    BOOST_TEST(moe::vc_upper_bound(mlp(1, 2, flat, Widths(78, 8))) == 4789580U);
    BOOST_TEST(moe::vc_upper_bound(mlp(1, 2, flat, Widths(238, 8))) == 51050965U);
}

BOOST_AUTO_TEST_CASE(widths_n_3n_1_grow_faster_than_the_reading_of_W_as_neurons) {
    const Sizes sizes{2, 3, 4, 5, 6, 8, 10, 12};
    Sizes bounds;
    std::vector<double> x;
    std::vector<double> plain;
    std::vector<double> with_logarithms;
    for (const std::uint64_t t : sizes) {
        bounds.push_back(moe::vc_upper_bound(mlp(1, t, flat, {static_cast<std::uint32_t>(3 * t)})));
        const auto reading = moe::neuron_reading(t, 2, 3 * t);
        BOOST_TEST(reading.plain == static_cast<double>(6 * t));
        x.push_back(std::log2(static_cast<double>(t)));
        with_logarithms.push_back(std::log2(reading.with_logarithms));
    }
    BOOST_TEST((bounds == Sizes{350, 696, 1163, 1752, 2468, 4280, 6611, 9469}));
    BOOST_TEST(std::abs(slope(sizes, bounds) - 1.848) <= 1e-3);
    BOOST_TEST(std::abs(moe::fit_line(x, with_logarithms).slope - 1.599) <= 1e-3);
}

BOOST_AUTO_TEST_CASE(depth_5d_minus_1_grows_faster_than_the_reading_of_W_as_neurons) {
    Sizes depths;
    Sizes shattered;
    Sizes bounds;
    std::vector<double> x;
    std::vector<double> with_logarithms;
    for (const std::uint64_t d : {4U, 8U, 12U, 16U, 24U, 32U, 40U, 48U}) {
        const std::uint64_t J = 5 * d - 1;
        depths.push_back(J);
        shattered.push_back(d * d);
        bounds.push_back(moe::vc_upper_bound(mlp(1, 2, flat, Widths(J - 1, 8))));
        const auto reading = moe::neuron_reading(2, J, 8);
        BOOST_TEST(reading.plain == static_cast<double>(8 * J));
        x.push_back(std::log2(static_cast<double>(J)));
        with_logarithms.push_back(std::log2(reading.with_logarithms));
        BOOST_TEST(bounds.back() >= shattered.back());
    }
    BOOST_TEST(std::abs(slope(depths, shattered) - 1.966) <= 1e-3);
    BOOST_TEST(std::abs(slope(depths, bounds) - 2.161) <= 1e-3);
    BOOST_TEST(std::abs(moe::fit_line(x, with_logarithms).slope - 1.319) <= 1e-3);
}

BOOST_AUTO_TEST_CASE(the_paper_s_shape_times_4_24_covers_all_bounds_of_the_grid) {
    double largest = 0.0;
    for (const RoutingRule routing : {tree, flat}) {
        for (std::uint64_t L = 1; L <= 64; L *= 2) {
            for (const std::uint64_t n : {1U, 2U, 4U, 8U}) {
                for (const std::uint32_t width : {3U, 8U, 24U}) {
                    for (const std::size_t J : {2U, 3U, 5U}) {
                        const MoeShape shape = mlp(L, n, routing, Widths(J - 1, width));
                        largest = std::max(
                            largest, static_cast<double>(moe::vc_upper_bound(shape)) /
                                         moe::paper_shape(L, n, J, moe::expert_weights(shape)));
                    }
                }
            }
        }
    }
    BOOST_TEST(largest <= 4.24);
    BOOST_TEST(largest >= 4.23);
}

BOOST_AUTO_TEST_CASE(the_bound_is_the_last_m_before_the_first_that_cannot_be_shattered) {
    for (const MoeShape& shape :
         {mlp(3, 2, flat, {4}), mlp(5, 1, tree, {3, 2}), shape_of(7, 3, flat, ExpertKind::linear),
          mlp(1, 1, flat, {1}), shape_of(2, 6, flat, ExpertKind::constant)}) {
        std::uint64_t m = 1;
        while (static_cast<double>(m) <= moe::route_bits(shape, m) + moe::expert_bits(shape, m))
            ++m;
        BOOST_TEST(moe::vc_upper_bound(shape) == m - 1);
    }
}

BOOST_AUTO_TEST_CASE(bits_of_a_network_are_the_sum_of_its_layers) {
    const double e = std::numbers::e;
    // n = 2, width 6: W_1 = 18, W_2 = 25, with slopes 31.
    const double relu =
        2.0 + 18.0 * std::log2(2 * e * 350 * 6 / 18) + 25.0 * std::log2(2 * e * 350 * 2 / 25);
    const double prelu =
        2.0 + 18.0 * std::log2(2 * e * 350 * 6 / 18) + 31.0 * std::log2(2 * e * 350 * 3 / 31);
    BOOST_TEST(std::abs(moe::expert_bits(mlp(1, 2, flat, {6}), 350) - relu) <= 1e-9);
    BOOST_TEST(std::abs(moe::expert_bits(mlp(1, 2, flat, {6}, DenseActivation::prelu), 350) -
                        prelu) <= 1e-9);
    BOOST_TEST(std::abs(moe::expert_bits(mlp(7, 2, flat, {6}), 2450) - 7 * relu) <= 1e-9);
    // Few points: each unit may take any sign at each of them.
    BOOST_TEST(moe::expert_bits(mlp(1, 2, flat, {6}), 2) == 14.0);
    BOOST_TEST(moe::expert_weights(mlp(1, 2, flat, {6})) == 25U);
    BOOST_TEST(moe::expert_weights(mlp(1, 2, flat, {6}, DenseActivation::prelu)) == 31U);
    BOOST_TEST(moe::expert_depth(mlp(1, 2, flat, {6})) == 2U);
    BOOST_TEST(moe::expert_weights(shape_of(1, 5, flat, ExpertKind::linear)) == 6U);
    BOOST_TEST(moe::expert_weights(shape_of(1, 5, flat, ExpertKind::constant)) == 1U);
}

BOOST_AUTO_TEST_CASE(a_free_topology_costs_its_bits_and_raises_the_bound) {
    MoeShape shape = shape_of(8, 2, tree, ExpertKind::linear);
    const double fixed = moe::route_bits(shape, 100);
    const std::uint64_t bound = moe::vc_upper_bound(shape);
    shape.free_topology = true;
    BOOST_TEST(std::abs(moe::route_bits(shape, 100) - fixed - 40.0) <= 1e-9);
    BOOST_TEST(moe::vc_upper_bound(shape) > bound);
    shape.L = 1;
    BOOST_TEST(moe::vc_upper_bound(shape) == 3U);
}

BOOST_AUTO_TEST_CASE(without_the_routing_term_the_bound_is_below_ten_shattered_points) {
    const MoeShape two = shape_of(2, 2, tree, ExpertKind::linear);
    BOOST_TEST(moe::vc_upper_bound(two, moe::RoutingTerm::dropped) == 6U);
    BOOST_TEST(moe::vc_upper_bound(two) == 28U);
}

BOOST_AUTO_TEST_CASE(counting_splits_bounds_two_linear_experts_by_21_points) {
    // cover(k, 2) = k^2 - k + 2 for k >= 1.
    const auto lines = [](std::uint64_t k) { return k == 0 ? 1 : k * k - k + 2; };
    const auto labelings = [&](std::uint64_t m) {
        std::uint64_t most = 0;
        for (std::uint64_t k = 0; k <= m; ++k)
            most = std::max(most, lines(k) * lines(m - k));
        return lines(m) / 2 * most;
    };
    BOOST_TEST(labelings(21) >= std::uint64_t{1} << 21U);
    BOOST_TEST(labelings(22) < std::uint64_t{1} << 22U);
    BOOST_TEST(moe::two_linear_experts_bound() == 21U);
}

BOOST_AUTO_TEST_CASE(shapes_that_make_no_sense_are_refused_by_name) {
    BOOST_TEST(refused(shape_of(0, 2, tree, ExpertKind::linear), "L = 0"));
    BOOST_TEST(refused(shape_of(2, 0, flat, ExpertKind::constant), "n = 0"));
    BOOST_TEST(refused(mlp(2, 2, flat, {}), "widths = []"));
    BOOST_TEST(refused(mlp(2, 2, flat, {3, 0, 3}), "widths[1] = 0"));
    MoeShape linear = shape_of(2, 2, flat, ExpertKind::linear);
    linear.free_topology = true;
    BOOST_TEST(refused(linear, "free_topology"));
    linear.free_topology = false;
    linear.hidden = {3};
    BOOST_TEST(refused(linear, "widths"));
    BOOST_TEST(refused(mlp(1U << 20U, 2, flat, Widths(20, 4096)), "L = 1048576"));
    BOOST_CHECK_THROW(static_cast<void>(moe::paper_shape(1, 1, 0, 3)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::paper_shape(1, 1, 2, 0)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::neuron_reading(1, 2, 0)), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
