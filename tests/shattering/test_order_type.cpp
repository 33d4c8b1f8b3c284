#include "shattering/order_type.hpp"

#include "shattering/random_points.hpp"
#include "theory/growth.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using moe::OrderType;
using moe::OrderTypeCode;
using moe::PlanePoint;
using moe::SearchedClass;
using moe_test::random_points;
using Counts = std::vector<std::uint64_t>;

/// All abstract order types of 4 to max_points points.
std::vector<std::vector<OrderTypeCode>> all_order_types(std::size_t max_points) {
    std::vector<std::vector<OrderTypeCode>> levels{moe::order_types_of_four()};
    for (std::size_t m = 4; m < max_points; ++m)
        levels.push_back(moe::next_level(
            levels.back(), m, [](const OrderType&) { return true; }, 1));
    return levels;
}

bool same_turns(const OrderType& a, const OrderType& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < a.size(); ++j) {
            if (i != j && a.left_of(i, j) != b.left_of(i, j)) return false;
        }
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(order_types)

BOOST_AUTO_TEST_CASE(there_are_as_many_as_the_published_enumeration_counts) {
    // Aichholzer, Aurenhammer and Krasser, Order 19 (2002): 2, 3, 16, 135, 3315 for 4 to 8 points.
    Counts counts;
    for (const auto& level : all_order_types(8))
        counts.push_back(level.size());
    BOOST_TEST((counts == Counts{2, 3, 16, 135, 3315}));
}

BOOST_AUTO_TEST_CASE(random_points_have_enumerated_order_types_and_meet_all_of_few_points) {
    const auto levels = all_order_types(8);
    for (std::size_t m = 4; m <= 8; ++m) {
        const auto& level = levels[m - 4];
        std::set<OrderTypeCode> met;
        for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
            const OrderTypeCode code = OrderType(random_points(m, seed, 40)).code();
            BOOST_TEST_REQUIRE(std::binary_search(level.begin(), level.end(), code));
            met.insert(code);
        }
        if (m <= 6) BOOST_TEST(met.size() == level.size());
    }
}

BOOST_AUTO_TEST_CASE(codes_do_not_depend_on_names_affine_maps_and_reflection) {
    for (const std::size_t m : {4U, 6U, 9U, 11U}) {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            auto points = random_points(m, seed);
            const OrderTypeCode code = OrderType(points).code();
            std::reverse(points.begin(), points.begin() + 3);
            std::rotate(points.begin(), points.begin() + 2, points.end());
            BOOST_TEST((OrderType(points).code() == code));
            for (auto& [x, y] : points)
                x = -x;
            BOOST_TEST((OrderType(points).code() == code));
            for (auto& [x, y] : points)
                std::tie(x, y) = std::pair(2 * x + 5 * y - 3, x + 3 * y + 100);
            BOOST_TEST((OrderType(points).code() == code));
            BOOST_TEST((OrderType(code, m).code() == code));
        }
    }
}

BOOST_AUTO_TEST_CASE(taking_a_point_away_leaves_the_order_type_of_the_others) {
    const auto points = random_points(9, 4);
    const OrderType type(points);
    for (std::size_t q = 0; q < points.size(); ++q) {
        auto others = points;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(q));
        BOOST_TEST(same_turns(type.without(q), OrderType(others)));
    }
}

BOOST_AUTO_TEST_CASE(every_point_that_is_added_is_met_by_an_extension) {
    for (const std::size_t m : {5U, 7U, 10U, 11U}) {
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            const auto points = random_points(m, seed);
            const OrderType whole(points);
            const OrderType part{std::span(points).first(m - 1)};
            int met = 0;
            int other_parts = 0;
            moe::for_each_extension(part, [&](const OrderType& extended) {
                other_parts += static_cast<int>(!same_turns(extended.without(m - 1), part));
                met += static_cast<int>(same_turns(extended, whole));
            });
            BOOST_TEST(met == 1);
            BOOST_TEST(other_parts == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(all_order_types_have_as_many_dichotomies_as_cover_counts) {
    const auto levels = all_order_types(7);
    for (std::size_t m = 4; m <= 7; ++m) {
        for (const OrderTypeCode code : levels[m - 4])
            BOOST_TEST((moe::cover(m, 2) == moe::linear_dichotomies(OrderType(code, m)).size()));
    }
}

BOOST_AUTO_TEST_CASE(three_constants_shatter_seven_types_of_six_points_and_no_seven_points) {
    BOOST_TEST(
        (moe::shattered_order_types(SearchedClass::three_const, 11, 1) == Counts{2, 3, 7, 0}));
}

BOOST_AUTO_TEST_CASE(two_linear_experts_shatter_all_seven_points_but_not_all_eight) {
    const Counts counts = moe::shattered_order_types(SearchedClass::two_linear, 8, 2);
    BOOST_TEST((counts == Counts{2, 3, 16, 135, 3219}));
    BOOST_TEST((moe::shattered_order_types(SearchedClass::two_linear, 8, 1) == counts));
}

BOOST_AUTO_TEST_CASE(sizes_beyond_the_codes_are_refused) {
    const auto always = [](const OrderType&) { return true; };
    BOOST_CHECK_THROW(static_cast<void>(OrderType(random_points(12, 1)).code()),
                      std::invalid_argument);
    BOOST_CHECK_THROW(OrderType(OrderTypeCode{}, 2), std::invalid_argument);
    BOOST_CHECK_THROW(moe::for_each_extension(OrderType(random_points(3, 1)), always),
                      std::invalid_argument);
    BOOST_CHECK_THROW(moe::for_each_extension(OrderType(random_points(11, 1)), always),
                      std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::next_level({}, 11, always, 1)), std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::next_level({}, 3, always, 1)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(slow_order_types)

BOOST_AUTO_TEST_CASE(nine_points_have_the_published_count_and_pruning_loses_no_shattered_one) {
    const auto nine = all_order_types(9).back();
    // Abstract order types; 13 of them are those of no points (OEIS A006247, A063666).
    BOOST_TEST(nine.size() == 158'830U);
    std::uint64_t shattered = 0;
    for (const OrderTypeCode code : nine) {
        const auto lines = moe::linear_dichotomies(OrderType(code, 9));
        shattered += static_cast<std::uint64_t>(moe::two_linear_experts(lines, 9).size() == 512);
    }
    BOOST_TEST((moe::shattered_order_types(SearchedClass::two_linear, 9, 1) ==
                Counts{2, 3, 16, 135, 3219, shattered}));
}

BOOST_AUTO_TEST_CASE(two_linear_experts_shatter_ten_points_but_no_eleven) {
    const Counts counts = moe::shattered_order_types(SearchedClass::two_linear, 11, 2);
    BOOST_REQUIRE(counts.size() == 8U);
    BOOST_TEST(counts[6] > 0U);
    BOOST_TEST(counts[7] == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
