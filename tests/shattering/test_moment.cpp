#include "big_integer_oracle.hpp"

#include "basics/error.hpp"
#include "routing/flat_prototypes.hpp"
#include "shattering/float64_shattering.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>

namespace {

using moe::Checked128;
using moe::Checked64;
using moe::IntegerNet;
using moe::Labels;
using moe::ShatteringPlan;
using moe::oracle::Big;
using moe::oracle::big;

using Rational = boost::multiprecision::cpp_rational;

/// Positive points t of block l, ascending.
std::vector<std::int64_t> positive_points(const ShatteringPlan& plan, std::size_t l,
                                          const Labels& labels) {
    std::vector<std::int64_t> positive;
    for (std::size_t k = 0; k < labels.size(); ++k)
        if (labels[k] != 0) positive.push_back(static_cast<std::int64_t>(l * plan.block() + k + 1));
    return positive;
}

/// prod (t - t_i) over group number `group` of n positive points, filled up with roots at 0; 2 for
/// a group without points.
Big group_polynomial(const std::vector<std::int64_t>& positive, std::size_t group, std::size_t n,
                     std::size_t t) {
    if (positive.size() <= n * group) return 2;
    Big h = 1;
    for (std::size_t i = n * group; i < n * (group + 1); ++i)
        h *= static_cast<std::int64_t>(t) - (i < positive.size() ? positive[i] : 0);
    return h;
}

/// Nearest prototype by full squared distances in rationals; -1 for a tie.
int nearest(const ShatteringPlan& plan, std::size_t k) {
    const std::vector<Big> x = moe::oracle::point(plan, k);
    const Rational B(plan.block());
    int best = -1;
    Rational smallest;
    for (std::size_t l = 0; l < plan.experts(); ++l) {
        const Rational first = Rational(x[0]) - (Rational(l) * B + (B + 1) / 2);
        Rational distance = first * first;
        for (std::size_t i = 1; i < x.size(); ++i)
            distance += Rational(x[i] * x[i]);
        if (l > 0 && distance == smallest) return -1;
        if (l == 0 || distance < smallest) {
            smallest = distance;
            best = static_cast<int>(l);
        }
    }
    return best;
}

} // namespace

BOOST_AUTO_TEST_SUITE(moment_curve)

BOOST_AUTO_TEST_CASE(linear_experts_are_the_product_over_label_changes_at_every_point) {
    for (const ShatteringPlan& plan : {ShatteringPlan::linear(5, 1), ShatteringPlan::linear(3, 4),
                                       ShatteringPlan::linear(1, 8)}) {
        for (std::size_t l = 0; l < plan.experts(); ++l) {
            for (std::uint64_t word = 0; word < (1U << plan.block()); ++word) {
                const Labels labels = moe::labels_of_word(word, plan.block());
                const auto net = moe::oracle::expert(plan, l, labels);
                for (std::size_t k = 0; k < plan.block(); ++k) {
                    const auto t = static_cast<std::int64_t>(l * plan.block() + k + 1);
                    Big product = labels.back() != 0 ? 1 : -1;
                    for (std::size_t c = 0; c + 1 < labels.size(); ++c) {
                        const auto a = static_cast<std::int64_t>(l * plan.block() + c + 1);
                        if (labels[c] != labels[c + 1]) product *= 2 * t - (2 * a + 1);
                    }
                    const Big y =
                        moe::oracle::output(net, moe::oracle::point(plan, l * plan.block() + k));
                    BOOST_REQUIRE(y == product);
                    BOOST_REQUIRE((y > 0) == (labels[k] != 0));
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(hidden_units_of_relu_experts_are_h_plus_1_h_and_h_minus_1) {
    const ShatteringPlan plan = ShatteringPlan::relu(2, 3, 2);
    for (std::size_t l = 0; l < 2; ++l) {
        for (std::uint64_t word = 0; word < 64; ++word) {
            const Labels labels = moe::labels_of_word(word, 6);
            const auto net = moe::oracle::expert(plan, l, labels);
            const auto positive = positive_points(plan, l, labels);
            BOOST_REQUIRE(net.width(0) == 6U);
            for (std::size_t k = 0; k < plan.points(); ++k) { // of either block: an identity in t
                const auto layers = moe::oracle::evaluate(net, moe::oracle::point(plan, k));
                for (std::size_t group = 0; group < 2; ++group) {
                    const Big h = group_polynomial(positive, group, 3, k + 1);
                    for (int shift = -1; shift <= 1; ++shift) {
                        const Big unit = layers[0][3 * group + static_cast<std::size_t>(1 - shift)];
                        BOOST_REQUIRE(unit == (h + shift > 0 ? Big(h + shift) : Big(0)));
                    }
                }
                if (k / 6 == l) BOOST_REQUIRE(layers[1][0] == (labels[k % 6] != 0 ? 1 : -1));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_group_without_points_is_the_constant_2) {
    const auto net = moe::oracle::expert(ShatteringPlan::relu(1, 2, 2), 0, Labels{1, 0, 0, 0});
    for (std::uint32_t row = 3; row < 6; ++row) {
        for (const auto& term : net.terms(0, row))
            BOOST_TEST((term.weight == Checked64(0)));
        BOOST_TEST((net.bias(0, row) == Checked64(6 - static_cast<int>(row)))); // 3, 2, 1
    }
}

BOOST_AUTO_TEST_CASE(prototypes_send_consecutive_blocks_to_consecutive_experts_without_ties) {
    for (std::int64_t L = 1; L <= 7; ++L) {
        for (const ShatteringPlan& plan :
             {ShatteringPlan::linear(L, 1), ShatteringPlan::linear(L, 2),
              ShatteringPlan::relu(L, 3, 2), ShatteringPlan::relu(L, 8, 1),
              ShatteringPlan::zigzag(L, 4)}) {
            for (std::size_t k = 0; k < plan.points(); ++k)
                BOOST_REQUIRE(nearest(plan, k) == static_cast<int>(k / plan.block()));
            BOOST_TEST(moe::routes_to_blocks<Checked128>(plan));
        }
    }
}

BOOST_AUTO_TEST_CASE(exact_routing_is_the_nearest_prototype_and_reports_ties) {
    const std::vector<double> prototypes{0.5, 2.0, 3.5, 2.0, 2.0, -1.0};
    const auto route = [&](std::int64_t x, std::int64_t y) {
        const std::array<Checked64, 2> point{x, y};
        return moe::route_exactly(std::span<const double>(prototypes),
                                  std::span<const Checked64>(point));
    };
    BOOST_TEST(route(0, 2).expert == 0U);
    BOOST_TEST(route(3, 2).expert == 1U);
    BOOST_TEST(route(2, 2).tie); // 1.5 from both, 3 from the third
    BOOST_TEST(route(2, 2).expert == 0U);
    BOOST_TEST(route(2, -1).expert == 2U);
    BOOST_TEST(!route(2, -1).tie);
}

BOOST_AUTO_TEST_CASE(the_tree_over_the_blocks_is_sound_and_binary) {
    for (std::int64_t L = 1; L <= 9; ++L) {
        const moe::PrototypeTree tree = moe::block_tree(ShatteringPlan::relu(L, 2, 2));
        moe::check_tree(tree.view(), static_cast<std::uint64_t>(L));
        BOOST_TEST(tree.child_count.size() == static_cast<std::size_t>(2 * L - 1));
    }
}

BOOST_AUTO_TEST_CASE(float64_squares_lose_the_route_where_differences_of_squares_keep_it) {
    // n = 8, t = 16: the squared distances are near 16^16 = 2^64, those on the first axis below
    // 133.
    const ShatteringPlan plan = ShatteringPlan::relu(2, 8, 1);
    const moe::FlatPrototypes flat(8, moe::block_prototypes(plan));
    const moe::PrototypeTree tree = moe::block_tree(plan);
    std::vector<double> x;
    for (int i = 1; i <= 8; ++i)
        x.push_back(std::pow(16.0, i));
    BOOST_TEST(nearest(plan, 15) == 1);
    BOOST_TEST(flat.route(x).leaf == 0U);
    BOOST_TEST(tree.view().route(x).leaf == 1U);
    BOOST_TEST(!moe::float64_routing_is_exact(plan, moe::BlockRouting::flat));
    BOOST_TEST(moe::float64_routing_is_exact(plan, moe::BlockRouting::tree));
    BOOST_TEST(moe::float64_is_exact(plan));
}

BOOST_AUTO_TEST_CASE(sizes_out_of_range_are_refused_by_name) {
    BOOST_CHECK_THROW(static_cast<void>(ShatteringPlan::linear(0, 2)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(ShatteringPlan::linear(2, 0)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(ShatteringPlan::linear(2, 33)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(ShatteringPlan::relu(1, 2, 0)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(ShatteringPlan::relu(1 << 10, 8, 1 << 10)),
                      moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(ShatteringPlan::relu(1, std::int64_t{1} << 40U, 2)),
                      moe::InputError);
    BOOST_CHECK_EXCEPTION(
        static_cast<void>(ShatteringPlan::zigzag(1, -4)), moe::InputError,
        [](const auto& error) { return std::string(error.what()).starts_with("w = -4"); });
    BOOST_TEST(ShatteringPlan::relu(2, 3, 2).name() == "relu(L=2, n=3, q=2)");
}

BOOST_AUTO_TEST_SUITE_END()
