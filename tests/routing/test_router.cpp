#include "basics/error.hpp"
#include "basics/random.hpp"
#include "routing/router.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

using moe::FlatPrototypes;
using moe::GridTree;
using moe::RandomStream;
using moe::Router;
using moe::SlotMap;

namespace {

std::vector<double> random_numbers(RandomStream& random, std::size_t count) {
    std::vector<double> numbers(count);
    for (double& v : numbers) {
        v = random.uniform();
    }
    return numbers;
}

long double distance_squared(const std::vector<double>& x, const double* prototype) {
    long double sum = 0.0L;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const long double difference = static_cast<long double>(x[i]) - prototype[i];
        sum += difference * difference;
    }
    return sum;
}

} // namespace

BOOST_AUTO_TEST_SUITE(flat_prototypes)

BOOST_AUTO_TEST_CASE(the_chosen_prototype_is_the_nearest_in_extended_precision) {
    RandomStream random(1, 3, 1);
    for (int trial = 0; trial < 500; ++trial) {
        const std::size_t n = 1 + random.below(9);
        const std::size_t count = 2 + random.below(70);
        const std::vector<double> prototypes = random_numbers(random, count * n);
        const std::vector<double> x = random_numbers(random, n);
        const auto route = FlatPrototypes(static_cast<int>(n), prototypes).route(x);
        BOOST_TEST(route.depth == 1);
        BOOST_TEST(route.reals_read == static_cast<std::int64_t>(count * n));
        const long double chosen = distance_squared(x, prototypes.data() + route.leaf * n);
        for (std::size_t l = 0; l < count; ++l) {
            const long double other = distance_squared(x, prototypes.data() + l * n);
            BOOST_TEST(chosen <= other * (1.0L + 1e-14L));
        }
    }
}

BOOST_AUTO_TEST_CASE(ties_go_to_the_lowest_index_within_and_across_blocks) {
    for (const std::size_t count : {2U, 16U, 17U, 40U}) {
        for (std::size_t first = 0; first < count; ++first) {
            std::vector<double> prototypes(count, 0.75);
            for (std::size_t l = first; l < count; l += 3) {
                prototypes[l] = l % 2 == 0 ? 0.25 : 0.5; // both at 1/8 from 3/8
            }
            BOOST_TEST(FlatPrototypes(1, prototypes).route(std::vector{0.375}).leaf == first);
        }
    }
}

BOOST_AUTO_TEST_CASE(one_prototype_needs_no_search) {
    const auto route = FlatPrototypes(3, std::vector{0.1, 0.2, 0.3}).route(std::vector(3, 0.9));
    BOOST_TEST(route.leaf == 0U);
    BOOST_TEST(route.depth == 0);
    BOOST_TEST(route.reals_read == 0);
}

BOOST_AUTO_TEST_CASE(inputs_that_are_no_numbers_or_overflow_go_to_prototype_0) {
    const FlatPrototypes flat(1, std::vector{0.5, 0.25, 0.75});
    BOOST_TEST(flat.route(std::vector{std::nan("")}).leaf == 0U);
    BOOST_TEST(flat.route(std::vector{1e300}).leaf == 0U);
    BOOST_TEST(flat.route(std::vector{std::numeric_limits<double>::infinity()}).leaf == 0U);
}

BOOST_AUTO_TEST_CASE(broken_prototypes_and_lengths_are_refused) {
    BOOST_CHECK_THROW(FlatPrototypes(0, std::vector{1.0}), moe::InputError);
    BOOST_CHECK_THROW(FlatPrototypes(1, {}), moe::InputError);
    BOOST_CHECK_THROW(FlatPrototypes(2, std::vector{1.0, 2.0, 3.0}), moe::InputError);
    BOOST_CHECK_THROW(FlatPrototypes(1, std::vector{std::nan("")}), moe::InputError);
    const FlatPrototypes flat(2, std::vector{1.0, 2.0});
    BOOST_CHECK_THROW((void)flat.route(std::vector{1.0}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(router)

BOOST_AUTO_TEST_CASE(the_three_routers_agree_on_a_grid) {
    RandomStream random(2, 3, 1);
    const GridTree grid({5, 3, 4});
    const moe::PrototypeTree tree = moe::materialise(grid);
    std::vector<double> centres;
    for (std::uint64_t leaf = 0; leaf < grid.leaves(); ++leaf) {
        const std::vector<double> centre = grid.centre(leaf);
        centres.insert(centres.end(), centre.begin(), centre.end());
    }
    const Router implicit(grid);
    const Router stored(tree.view());
    const Router flat{FlatPrototypes(3, centres)};
    BOOST_TEST(implicit.dimension() == 3U);
    BOOST_TEST(stored.dimension() == 3U);
    BOOST_TEST(flat.dimension() == 3U);
    for (int trial = 0; trial < 2000; ++trial) {
        const std::vector<double> x = random_numbers(random, 3);
        BOOST_TEST(stored.route(x).leaf == implicit.route(x).leaf);
        BOOST_TEST(flat.route(x).leaf == implicit.route(x).leaf);
    }
}

BOOST_AUTO_TEST_CASE(a_router_answers_for_values_that_are_no_numbers_and_refuses_other_lengths) {
    const Router router{GridTree({4, 4})};
    BOOST_TEST(router.route(std::vector{std::nan(""), 2.0}).leaf == 3U);
    BOOST_CHECK_THROW((void)router.route(std::vector{0.5}), std::invalid_argument);
    BOOST_CHECK_THROW((void)router.route({}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(kept_leaves_are_found_at_their_slots_and_others_are_refused) {
    const Router all{GridTree({10})};
    BOOST_TEST(all.expert(7) == 7U);
    const Router some(GridTree({10}), SlotMap({0, 3, 7}));
    BOOST_TEST(some.route(std::vector{0.35}).leaf == 3U);
    BOOST_TEST(some.expert(0) == 0U);
    BOOST_TEST(some.expert(3) == 1U);
    BOOST_TEST(some.expert(7) == 2U);
    BOOST_CHECK_THROW((void)some.expert(4), moe::InputError);
    BOOST_CHECK_THROW((void)some.expert(9), moe::InputError);
}

BOOST_AUTO_TEST_CASE(slots_must_be_strictly_ascending) {
    BOOST_TEST(SlotMap({}).slots() == 0U);
    BOOST_CHECK_THROW(SlotMap({1, 1}), moe::InputError);
    BOOST_CHECK_THROW(SlotMap({2, 1}), moe::InputError);
    BOOST_CHECK_THROW((void)SlotMap({}).slot(0), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
