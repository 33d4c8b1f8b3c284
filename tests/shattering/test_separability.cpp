#include "shattering/separability.hpp"

#include "basics/error.hpp"
#include "shattering/random_points.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace {

using moe::IntegerPoints;
using moe_test::random_points;
using moe_test::text_of;

IntegerPoints plane(std::span<const moe::PlanePoint> points) {
    IntegerPoints all{2, {}};
    for (const auto [x, y] : points) {
        all.coordinates.push_back(x);
        all.coordinates.push_back(y);
    }
    return all;
}

/// (t, t^2, ..., t^n), t = 1..m.
IntegerPoints moment_curve(std::size_t n, std::int64_t m) {
    IntegerPoints points{n, {}};
    for (std::int64_t t = 1; t <= m; ++t) {
        std::int64_t power = 1;
        for (std::size_t k = 0; k < n; ++k)
            points.coordinates.push_back(power *= t);
    }
    return points;
}

std::uint64_t separable_labelings(const IntegerPoints& points) {
    std::uint64_t count = 0;
    for (moe::Labeling labeling = 0; labeling < moe::Labeling{1} << points.size(); ++labeling) {
        const std::string labels = text_of(labeling, points.size());
        const moe::SeparabilityProof proof = moe::separate(points, labels);
        BOOST_TEST_REQUIRE(moe::proves(proof, points, labels));
        count += static_cast<std::uint64_t>(proof.separable);
    }
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(separability)

BOOST_AUTO_TEST_CASE(linear_programs_confirm_the_enumeration_of_dichotomies) {
    std::vector<std::vector<moe::PlanePoint>> sets{
        {moe::ten_points.begin(), moe::ten_points.end()},
        {moe::six_points.begin(), moe::six_points.end()}};
    for (std::size_t m = 1; m <= 8; ++m)
        sets.push_back(random_points(m, 20));
    for (const auto& points : sets) {
        const moe::LabelingSet dichotomies = moe::linear_dichotomies(points);
        const IntegerPoints all = plane(points);
        for (moe::Labeling labeling = 0; labeling < moe::Labeling{1} << points.size(); ++labeling)
            BOOST_TEST_REQUIRE(moe::separate(all, text_of(labeling, points.size())).separable ==
                               dichotomies.contains(labeling));
    }
}

BOOST_AUTO_TEST_CASE(points_of_the_moment_curve_have_as_many_dichotomies_as_cover_counts) {
    BOOST_TEST((moe::cover(7, 1) == separable_labelings(moment_curve(1, 7))));
    BOOST_TEST((moe::cover(7, 3) == separable_labelings(moment_curve(3, 7))));
    BOOST_TEST((moe::cover(8, 5) == separable_labelings(moment_curve(5, 8))));
    BOOST_TEST((moe::cover(5, 9) == separable_labelings(moment_curve(9, 5))));
}

BOOST_AUTO_TEST_CASE(in_eight_dimensions_eight_changes_along_the_curve_are_the_limit) {
    const IntegerPoints points = moment_curve(8, 30);
    std::string labels(30, '0');
    for (const std::size_t change : {3U, 7U, 11U, 12U, 20U, 25U, 26U, 29U}) {
        for (std::size_t j = change; j < labels.size(); ++j)
            labels[j] = labels[j] == '0' ? '1' : '0';
    }
    BOOST_TEST(moe::separate(points, labels).separable);
    labels[0] = '1';
    BOOST_TEST(!moe::separate(points, labels).separable);
}

BOOST_AUTO_TEST_CASE(points_without_general_position_are_decided_too) {
    const IntegerPoints square{2, {0, 0, 1, 1, 0, 1, 1, 0}};
    const moe::SeparabilityProof diagonals = moe::separate(square, "1100");
    BOOST_TEST(!diagonals.separable);
    // The only relation of the four corners: both diagonals have the same middle.
    for (const moe::BigInteger& multiplier : diagonals.multipliers)
        BOOST_TEST((multiplier == diagonals.multipliers[0] && multiplier > 0));
    BOOST_TEST(moe::separate(square, "1010").separable);
    const IntegerPoints line{2, {0, 0, 2, 2, 1, 1, 1, 1}};
    BOOST_TEST(moe::separate(line, "0100").separable);
    BOOST_TEST(!moe::separate(line, "0011").separable);
    BOOST_TEST(!moe::separate(line, "0010").separable);
    BOOST_TEST(moe::separate(line, "1111").separable);
    BOOST_TEST(moe::separate(line, "0000").separable);
    BOOST_TEST(moe::separate({3, {5, 5, 5}}, "1").separable);
    BOOST_TEST(!moe::separate({3, {5, 5, 5, 5, 5, 5}}, "10").separable);
}

BOOST_AUTO_TEST_CASE(neighbours_at_the_largest_coordinates_are_told_apart) {
    const std::int64_t c = std::int64_t{1} << 53U;
    const IntegerPoints points{2, {c, c, c - 1, c, c - 2, c - 1, -c, -c}};
    BOOST_TEST(moe::separate(points, "1000").separable);
    // On one line: the middle one cannot be cut off.
    const IntegerPoints line{2, {c, c, c - 1, c - 1, -c, -c}};
    BOOST_TEST(!moe::separate(line, "010").separable);
    const IntegerPoints bent{2, {c, c, c - 1, c, -c, -c}};
    BOOST_TEST(moe::separate(bent, "010").separable);
}

BOOST_AUTO_TEST_CASE(forged_proofs_prove_nothing) {
    const IntegerPoints square{2, {0, 0, 1, 1, 0, 1, 1, 0}};
    moe::SeparabilityProof sides = moe::separate(square, "1010");
    BOOST_TEST(moe::proves(sides, square, "1010"));
    BOOST_TEST(!moe::proves(sides, square, "1100"));
    sides.weights[0] = -sides.weights[0];
    BOOST_TEST(!moe::proves(sides, square, "1010"));
    sides.weights.assign(3, 0);
    BOOST_TEST(!moe::proves(sides, square, "1010"));
    sides.weights.clear();
    BOOST_TEST(!moe::proves(sides, square, "1010"));

    moe::SeparabilityProof diagonals = moe::separate(square, "1100");
    BOOST_TEST(moe::proves(diagonals, square, "0011"));
    BOOST_TEST(!moe::proves(diagonals, square, "1010"));
    diagonals.multipliers[0] += 1;
    BOOST_TEST(!moe::proves(diagonals, square, "1100"));
    diagonals.multipliers.assign(4, -1);
    BOOST_TEST(!moe::proves(diagonals, square, "1100"));
    diagonals.multipliers.assign(4, 0);
    BOOST_TEST(!moe::proves(diagonals, square, "1100"));
    diagonals.multipliers.clear();
    BOOST_TEST(!moe::proves(diagonals, square, "1100"));
}

BOOST_AUTO_TEST_CASE(input_that_is_no_labelled_point_set_is_refused) {
    const auto refuses = [](const IntegerPoints& points, const std::string& labels) {
        BOOST_CHECK_THROW(static_cast<void>(moe::separate(points, labels)), moe::InputError);
    };
    refuses({2, {}}, "");
    refuses({0, {1, 2}}, "11");
    refuses({2, {1, 2, 3}}, "1");
    refuses({2, {1, 2, 3, 4}}, "1");
    refuses({2, {1, 2, 3, 4}}, "1x");
    refuses({1, {(std::int64_t{1} << 53U) + 1}}, "1");
}

BOOST_AUTO_TEST_SUITE_END()
