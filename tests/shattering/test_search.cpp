#include "shattering/search.hpp"

#include "basics/error.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

namespace {

using moe::SearchedClass;
using moe::SearchSpec;
using moe::SearchState;

SearchState searched(const SearchSpec& spec, std::uint64_t evaluations) {
    SearchState state = moe::start_search(spec);
    moe::advance(state, evaluations);
    return state;
}

bool same(const SearchState& a, const SearchState& b) {
    return a.spec == b.spec && a.evaluations == b.evaluations && a.restarts == b.restarts &&
           a.since_gain == b.since_gain && a.count == b.count && a.current == b.current &&
           a.best_count == b.best_count && a.best == b.best && a.best_at == b.best_at;
}

} // namespace

BOOST_AUTO_TEST_SUITE(search)

BOOST_AUTO_TEST_CASE(sets_that_are_known_to_exist_are_found) {
    const SearchState ten = searched({SearchedClass::two_linear, 10, 64, 3000, 1}, 5000);
    BOOST_TEST(moe::shattered(ten));
    BOOST_TEST(moe::count_labelings(ten.best).two_linear == 1024U);
    const SearchState six = searched({SearchedClass::three_const, 6, 64, 3000, 1}, 5000);
    BOOST_TEST(moe::shattered(six));
    BOOST_TEST(moe::count_labelings(six.best).three_const == 64U);
}

BOOST_AUTO_TEST_CASE(larger_sets_reach_the_best_counts_known_and_no_more) {
    const SearchState eleven = searched({SearchedClass::two_linear, 11, 64, 1000, 1}, 4000);
    BOOST_TEST(eleven.best_count == 2024U);
    BOOST_TEST(moe::count_labelings(eleven.best).two_linear == 2024U);
    const SearchState seven = searched({SearchedClass::three_const, 7, 64, 1000, 1}, 20'000);
    BOOST_TEST(seven.best_count == 124U);
    BOOST_TEST(!moe::shattered(seven));
    BOOST_TEST(seven.evaluations == 20'000U);
    BOOST_TEST(seven.restarts > 1U);
}

BOOST_AUTO_TEST_CASE(an_interrupted_search_goes_on_as_if_it_had_never_stopped) {
    const SearchSpec spec{SearchedClass::two_linear, 11, 40, 150, 7};
    const SearchState whole = searched(spec, 1000);
    SearchState parts = moe::start_search(spec);
    for (const std::uint64_t evaluations : {1U, 0U, 149U, 500U, 350U}) {
        const SearchState saved = parts;
        SearchState restored = saved;
        moe::advance(restored, evaluations);
        parts = restored;
    }
    BOOST_TEST(same(parts, whole));
    SearchSpec other = spec;
    other.seed = 8;
    BOOST_TEST(!same(searched(other, 1000), whole));
}

BOOST_AUTO_TEST_CASE(a_search_stops_at_a_shattered_set) {
    SearchState state = searched({SearchedClass::three_const, 6, 64, 3000, 1}, 100'000);
    BOOST_TEST_REQUIRE(moe::shattered(state));
    BOOST_TEST(state.evaluations == state.best_at);
    const SearchState before = state;
    moe::advance(state, 100);
    BOOST_TEST(same(state, before));
}

BOOST_AUTO_TEST_CASE(points_stay_on_the_grid_in_general_position) {
    const SearchState state = searched({SearchedClass::three_const, 12, 16, 50, 3}, 3000);
    BOOST_TEST(moe::in_general_position(state.best));
    for (const auto [x, y] : state.best)
        BOOST_TEST((x >= 0 && x < 16 && y >= 0 && y < 16));
}

BOOST_AUTO_TEST_CASE(a_restored_state_with_wrong_counts_is_refused) {
    SearchState state = searched({SearchedClass::three_const, 7, 64, 3000, 1}, 100);
    SearchState boasting = state;
    boasting.best_count = 128;
    BOOST_CHECK_THROW(moe::advance(boasting, 1), moe::InputError);
    SearchState shorter = state;
    shorter.current.pop_back();
    BOOST_CHECK_THROW(moe::advance(shorter, 1), moe::InputError);
    SearchState collinear = state;
    collinear.current.assign(7, {1, 1});
    BOOST_CHECK_THROW(moe::advance(collinear, 1), moe::InputError);
    SearchState outside = state;
    outside.spec.points = 13;
    BOOST_CHECK_THROW(moe::advance(outside, 1), moe::InputError);
}

BOOST_AUTO_TEST_CASE(searches_outside_the_ranges_are_refused) {
    const auto refuses = [](const SearchSpec& spec) {
        BOOST_CHECK_THROW(static_cast<void>(moe::start_search(spec)), moe::InputError);
    };
    refuses({SearchedClass::two_linear, 2, 64, 3000, 1});
    refuses({SearchedClass::two_linear, 13, 64, 3000, 1});
    refuses({SearchedClass::two_linear, 11, 15, 3000, 1});
    refuses({SearchedClass::two_linear, 11, (std::int64_t{1} << 20U) + 1, 3000, 1});
    refuses({SearchedClass::two_linear, 11, 64, 0, 1});
}

BOOST_AUTO_TEST_SUITE_END()
