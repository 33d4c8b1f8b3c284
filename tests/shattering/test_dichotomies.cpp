#include "shattering/dichotomies.hpp"

#include "basics/error.hpp"
#include "shattering/random_points.hpp"
#include "theory/growth.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

using moe::Labeling;
using moe::LabelingCounts;
using moe::LabelingSet;
using moe::PlanePoint;
using moe_test::random_points;

LabelingSet two_linear(const std::vector<PlanePoint>& points) {
    return moe::two_linear_experts(moe::linear_dichotomies(points), points.size());
}

LabelingSet three_const(const std::vector<PlanePoint>& points) {
    return moe::three_constant_experts(moe::linear_dichotomies(points), points.size());
}

std::vector<PlanePoint> ten() {
    return {moe::ten_points.begin(), moe::ten_points.end()};
}
std::vector<PlanePoint> six() {
    return {moe::six_points.begin(), moe::six_points.end()};
}

std::int64_t squared_distance(PlanePoint a, PlanePoint b) {
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

/// In a square that is three times as wide as [0, width]^2.
PlanePoint around(moe::RandomStream& random, std::uint64_t width) {
    const auto coordinate = [&] {
        return static_cast<std::int64_t>(random.below(3 * width)) -
               static_cast<std::int64_t>(width);
    };
    return {coordinate(), coordinate()};
}

std::string refusal(const std::vector<PlanePoint>& points) {
    try {
        static_cast<void>(moe::count_labelings(points));
    } catch (const moe::InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

BOOST_AUTO_TEST_SUITE(dichotomies)

BOOST_AUTO_TEST_CASE(the_known_sets_have_the_known_numbers_of_labelings) {
    BOOST_TEST((moe::count_labelings(moe::ten_points) == LabelingCounts{92, 1024, 632}));
    BOOST_TEST((moe::count_labelings(moe::six_points) == LabelingCounts{32, 64, 64}));
}

BOOST_AUTO_TEST_CASE(points_in_general_position_have_as_many_dichotomies_as_cover_counts) {
    for (std::size_t m = 1; m <= moe::max_plane_points; ++m) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const auto found = moe::linear_dichotomies(random_points(m, seed));
            BOOST_TEST((moe::cover(m, 2) == found.size()));
            BOOST_TEST(found.members().size() == found.size());
        }
    }
}

BOOST_AUTO_TEST_CASE(complements_belong_to_every_class) {
    const auto points = random_points(9, 3);
    const Labeling all = (Labeling{1} << 9U) - 1;
    for (const LabelingSet& set :
         {moe::linear_dichotomies(points), two_linear(points), three_const(points)}) {
        for (const Labeling labeling : set.members())
            BOOST_TEST(set.contains(all ^ labeling));
    }
}

BOOST_AUTO_TEST_CASE(two_linear_experts_are_all_triples_of_split_and_two_dichotomies) {
    for (const std::size_t m : {1U, 2U, 4U, 7U}) {
        const auto points = random_points(m, 8);
        const auto lines = moe::linear_dichotomies(points).members();
        LabelingSet expected;
        for (const Labeling split : lines) {
            for (const Labeling first : lines) {
                for (const Labeling second : lines)
                    expected.insert((first & split) | (second & ~split));
            }
        }
        BOOST_TEST((two_linear(points) == expected));
    }
}

BOOST_AUTO_TEST_CASE(random_prototypes_and_linear_experts_stay_within_the_enumeration) {
    const auto points = random_points(11, 5);
    const LabelingSet realised = two_linear(points);
    moe::RandomStream random(1, moe::cell_key("random experts"), 0);
    LabelingSet met;
    int outside = 0;
    for (int draw = 0; draw < 200'000; ++draw) {
        const std::array<PlanePoint, 2> prototypes{around(random, 50), around(random, 50)};
        // Expert l is positive to the left of the line from `from` to `to`.
        const std::array<PlanePoint, 2> from{around(random, 50), around(random, 50)};
        const std::array<PlanePoint, 2> to{around(random, 50), around(random, 50)};
        Labeling labeling = 0;
        for (std::size_t j = 0; j < points.size(); ++j) {
            const bool second = squared_distance(points[j], prototypes[1]) <
                                squared_distance(points[j], prototypes[0]);
            const auto l = static_cast<std::size_t>(second);
            if (moe::orientation(from[l], to[l], points[j]) > 0) labeling |= Labeling{1} << j;
        }
        outside += static_cast<int>(!realised.contains(labeling));
        met.insert(labeling);
    }
    BOOST_TEST(outside == 0);
    BOOST_TEST(met.size() > 500U);
}

BOOST_AUTO_TEST_CASE(random_prototypes_of_three_constants_find_the_enumeration_of_few_points) {
    const auto points = random_points(5, 1, 200);
    const LabelingSet realised = three_const(points);
    moe::RandomStream random(2, moe::cell_key("random experts"), 0);
    LabelingSet flat;
    LabelingSet tree;
    for (int draw = 0; draw < 200'000; ++draw) {
        std::array<PlanePoint, 3> prototypes;
        for (PlanePoint& prototype : prototypes)
            prototype = around(random, 200);
        const PlanePoint root = around(random, 200);
        const auto positive = static_cast<Labeling>(random.below(8));
        Labeling by_flat = 0;
        Labeling by_tree = 0;
        for (std::size_t j = 0; j < points.size(); ++j) {
            std::array<std::int64_t, 3> far{};
            for (std::size_t l = 0; l < 3; ++l)
                far[l] = squared_distance(points[j], prototypes[l]);
            const auto nearest =
                static_cast<unsigned>(std::min_element(far.begin(), far.end()) - far.begin());
            if ((positive >> nearest & 1U) != 0) by_flat |= Labeling{1} << j;
            // Tree: leaf 2, or an inner node at `root` with the leaves 0 and 1.
            const unsigned leaf =
                far[2] <= squared_distance(points[j], root) ? 2U : (far[0] <= far[1] ? 0U : 1U);
            if ((positive >> leaf & 1U) != 0) by_tree |= Labeling{1} << j;
        }
        flat.insert(by_flat);
        tree.insert(by_tree);
    }
    BOOST_TEST((flat == realised));
    BOOST_TEST((tree == realised));
}

BOOST_AUTO_TEST_CASE(subsets_of_shattered_sets_are_shattered) {
    auto points = ten();
    while (points.size() > 1) {
        points.pop_back();
        BOOST_TEST(two_linear(points).size() == Labeling{1} << points.size());
    }
    points = six();
    while (points.size() > 1) {
        points.pop_back();
        BOOST_TEST(three_const(points).size() == Labeling{1} << points.size());
    }
}

BOOST_AUTO_TEST_CASE(counts_do_not_change_under_affine_maps_and_renaming) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        auto points = random_points(8, seed);
        const LabelingCounts before = moe::count_labelings(points);
        for (PlanePoint& point : points)
            point = {3 * point.x - 7 * point.y + 11, 2 * point.x + point.y - 1000};
        std::reverse(points.begin(), points.begin() + 5);
        BOOST_TEST((moe::count_labelings(points) == before));
    }
}

BOOST_AUTO_TEST_CASE(orientation_is_exact_up_to_the_largest_coordinates) {
    const std::int64_t c = moe::max_plane_coordinate;
    moe::RandomStream random(4, moe::cell_key("orientation"), 0);
    const auto near = [&](std::int64_t at) {
        return std::clamp(at + static_cast<std::int64_t>(random.below(7)) - 3, -c, c);
    };
    for (int draw = 0; draw < 1000; ++draw) {
        const PlanePoint a{near(-c), near(-c)};
        const PlanePoint b{near(c), near(c)};
        const PlanePoint p{near(draw), near(draw)};
        const moe::BigInteger area =
            moe::BigInteger(b.x - a.x) * (p.y - a.y) - moe::BigInteger(b.y - a.y) * (p.x - a.x);
        BOOST_TEST(moe::orientation(a, b, p) == area.sign());
    }
    BOOST_TEST((moe::count_labelings(std::array<PlanePoint, 4>{
                    {{-c, -c}, {c, -c}, {c, c}, {-c, c - 1}}}) == LabelingCounts{14, 16, 16}));
}

BOOST_AUTO_TEST_CASE(points_outside_the_conditions_are_refused) {
    BOOST_TEST(refusal({}).starts_with("points: 0 given"));
    BOOST_TEST(refusal(std::vector<PlanePoint>(13)).starts_with("points: 13 given"));
    BOOST_TEST(refusal({{1, 2}, {3, 4}, {1, 2}}) == "points[2] = (1,2): equals points[0]");
    BOOST_TEST(refusal({{0, 0}, {5, 1}, {1, 1}, {2, 2}}) ==
               "points: (0,0), (1,1) and (2,2) lie on one line; general position is needed");
    BOOST_TEST(refusal({{0, moe::max_plane_coordinate + 1}}).starts_with("points[0] = (0,"));
    BOOST_TEST(refusal({{std::numeric_limits<std::int64_t>::min(), 0}}).starts_with("points[0]"));
    BOOST_TEST(!moe::in_general_position(std::array<PlanePoint, 2>{{{1, 1}, {1, 1}}}));
    BOOST_TEST(!moe::in_general_position(std::array<PlanePoint, 3>{{{1, 1}, {2, 2}, {3, 3}}}));
}

BOOST_AUTO_TEST_SUITE_END()
