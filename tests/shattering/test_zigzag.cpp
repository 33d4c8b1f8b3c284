#include "big_integer_oracle.hpp"

#include "models/architecture.hpp"
#include "shattering/float64_shattering.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

namespace {

using moe::Labels;
using moe::ShatteringPlan;
using moe::oracle::Big;

} // namespace

BOOST_AUTO_TEST_SUITE(zigzag_experts)

BOOST_AUTO_TEST_CASE(the_expert_interpolates_plus_and_minus_1_for_all_patterns) {
    for (const ShatteringPlan& plan :
         {ShatteringPlan::zigzag(1, 7), ShatteringPlan::zigzag(2, 5), ShatteringPlan::zigzag(3, 4),
          ShatteringPlan::zigzag(2, 1), ShatteringPlan::zigzag(2, 3, 2)}) {
        for (std::size_t l = 0; l < plan.experts(); ++l) {
            for (std::uint64_t word = 0; word < (1U << plan.block()); ++word) {
                const Labels labels = moe::labels_of_word(word, plan.block());
                const auto net = moe::oracle::expert(plan, l, labels);
                for (std::size_t k = 0; k < plan.block(); ++k)
                    BOOST_REQUIRE(
                        moe::oracle::output(net, moe::oracle::point(plan, l * plan.block() + k)) ==
                        (labels[k] != 0 ? 1 : -1));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(between_the_points_the_expert_is_the_straight_line) {
    // On a grid three times as fine (all weights of the first layer times 3 is the net at t/3).
    const ShatteringPlan plan = ShatteringPlan::zigzag(1, 6);
    const Labels labels{1, 0, 0, 1, 1, 0, 1};
    const auto net = moe::oracle::expert(plan, 0, labels);
    const auto y = [&](int k) { return labels[static_cast<std::size_t>(k)] != 0 ? 1 : -1; };
    for (int third = 0; third <= 18; ++third) {
        Big sum = 3 * moe::oracle::big(net.bias(1, 0));
        for (const auto& term : net.terms(1, 0)) {
            const Big z = 3 + third + 3 * moe::oracle::big(net.bias(0, term.source));
            if (z > 0) sum += moe::oracle::big(term.weight) * z;
        }
        const int k = third / 3;
        BOOST_TEST(sum == 3 * y(k) + (third % 3) * (k < 6 ? y(k + 1) - y(k) : 0));
    }
}

BOOST_AUTO_TEST_CASE(weights_are_second_differences_with_a_sum_that_is_the_last_slope) {
    for (std::uint64_t word = 0; word < 64; ++word) {
        const Labels labels = moe::labels_of_word(word, 6);
        const auto net = moe::oracle::expert(ShatteringPlan::zigzag(1, 5), 0, labels);
        Big slope = 0;
        for (const auto& term : net.terms(1, 0)) {
            slope += moe::oracle::big(term.weight);
            BOOST_TEST(abs(moe::oracle::big(term.weight)) <= 4);
        }
        BOOST_TEST(slope == 2 * (int{labels[5]} - int{labels[4]}));
    }
}

BOOST_AUTO_TEST_CASE(w_units_shatter_w_plus_1_points_a_block) {
    for (std::int64_t w = 1; w <= 9; ++w) {
        const ShatteringPlan plan = ShatteringPlan::zigzag(3, w);
        const moe::Architecture architecture = moe::shattering_architecture(plan);
        BOOST_TEST(plan.points() == static_cast<std::size_t>(3 * (w + 1)));
        BOOST_TEST(architecture.layer(0).outputs == static_cast<std::uint32_t>(w));
        BOOST_TEST(architecture.depth() == 2U);
        BOOST_TEST(architecture.parameters() == static_cast<std::size_t>(3 * w + 1));
    }
}

BOOST_AUTO_TEST_SUITE_END()
