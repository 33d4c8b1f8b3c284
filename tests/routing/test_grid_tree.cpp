#include "basics/error.hpp"
#include "basics/random.hpp"
#include "routing/grid_tree.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using moe::CellBox;
using moe::GridTree;
using moe::RandomStream;

namespace {

using Rational = boost::multiprecision::cpp_rational;

std::vector<std::int64_t> random_cells(RandomStream& random, std::size_t n, std::uint64_t most) {
    std::vector<std::int64_t> cells(n);
    for (auto& k : cells) {
        k = static_cast<std::int64_t>(1 + random.below(most));
    }
    return cells;
}

std::vector<double> random_point(RandomStream& random, std::size_t n) {
    std::vector<double> x(n);
    for (double& v : x) {
        v = random.uniform();
    }
    return x;
}

/// Squared distance from x to a child's prototype, in rational arithmetic: the definition of 3.2.
Rational distance_squared(const GridTree& tree, const CellBox& parent, int which,
                          const std::vector<double>& x) {
    const int axis = GridTree::split_axis(parent);
    const CellBox half = GridTree::child(parent, which);
    Rational sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        Rational numerator = Rational(2 * parent.low[i] + 1, 2);
        if (static_cast<int>(i) == axis) {
            // child 0 ends and child 1 begins at mid
            numerator =
                which == 0 ? Rational(2 * half.high[i] - 1, 2) : Rational(2 * half.low[i] + 1, 2);
        }
        const Rational difference = Rational(x[i]) - numerator / tree.cells_per_axis()[i];
        sum += difference * difference;
    }
    return sum;
}

/// Greedy descent by distances in rational arithmetic: leaf and depth.
std::pair<std::uint64_t, std::int64_t> greedy(const GridTree& tree, const std::vector<double>& x) {
    CellBox box = tree.root();
    std::int64_t depth = 0;
    while (!GridTree::is_leaf(box)) {
        const bool second = distance_squared(tree, box, 1, x) < distance_squared(tree, box, 0, x);
        box = GridTree::child(box, second ? 1 : 0);
        ++depth;
    }
    return {tree.leaf(box.low), depth};
}

/// The cell that contains x, faces to the lower cell, from the definition of the grid.
std::uint64_t grid_cell(const GridTree& tree, const std::vector<double>& x) {
    std::vector<std::int64_t> cell(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::int64_t cells = tree.cells_per_axis()[i];
        while (cell[i] + 1 < cells && Rational(x[i]) > Rational(cell[i] + 1, cells)) {
            ++cell[i];
        }
    }
    return tree.leaf(cell);
}

/// Leaf with the nearest cell centre, by looking at all of them exactly.
std::uint64_t nearest_leaf(const GridTree& tree, const std::vector<double>& x) {
    std::uint64_t best = 0;
    Rational smallest = -1;
    for (std::uint64_t leaf = 0; leaf < tree.leaves(); ++leaf) {
        const std::vector<std::int64_t> cell = tree.cell(leaf);
        Rational sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const Rational difference =
                Rational(x[i]) - Rational(2 * cell[i] + 1, 2 * tree.cells_per_axis()[i]);
            sum += difference * difference;
        }
        if (smallest < 0 || sum < smallest) {
            smallest = sum;
            best = leaf;
        }
    }
    return best;
}

/// Depth of the deepest leaf below a box, by visiting every node.
std::int64_t deepest(const CellBox& box) {
    if (GridTree::is_leaf(box)) return 0;
    return 1 + std::max(deepest(GridTree::child(box, 0)), deepest(GridTree::child(box, 1)));
}

std::uint64_t visited_leaves(const CellBox& box) {
    if (GridTree::is_leaf(box)) return 1;
    return visited_leaves(GridTree::child(box, 0)) + visited_leaves(GridTree::child(box, 1));
}

bool names(const moe::InputError& error, const std::string& culprit) {
    return std::string(error.what()).find(culprit) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(grid_tree)

BOOST_AUTO_TEST_CASE(the_heights_of_the_notes_come_out) {
    BOOST_TEST(GridTree({5, 5, 5}).height() == 9);
    BOOST_TEST(GridTree({13, 13, 13, 13}).height() == 16);
}

BOOST_AUTO_TEST_CASE(the_height_is_that_of_the_deepest_leaf_and_a_sum_of_logarithms) {
    RandomStream random(1, 1, 1);
    for (int trial = 0; trial < 200; ++trial) {
        const GridTree tree(random_cells(random, 1 + random.below(3), 9));
        std::int64_t bound = 0;
        for (const std::int64_t cells : tree.cells_per_axis()) {
            std::int64_t logarithm = 0;
            while ((std::int64_t{1} << logarithm) < cells)
                ++logarithm;
            bound += logarithm;
        }
        BOOST_TEST(tree.height() == deepest(tree.root()));
        BOOST_TEST(tree.height() == bound);
    }
}

BOOST_AUTO_TEST_CASE(the_middle_of_two_cells_goes_to_cell_0) {
    const auto route = GridTree({2}).route(std::vector{0.5});
    BOOST_TEST(route.leaf == 0U);
    BOOST_TEST(route.depth == 1);
    BOOST_TEST(route.reals_read == 2);
    BOOST_TEST(GridTree({2}).route(std::vector{std::nextafter(0.5, 1.0)}).leaf == 1U);
}

BOOST_AUTO_TEST_CASE(greedy_leaf_grid_cell_and_nearest_leaf_are_the_same_for_random_inputs) {
    RandomStream random(2, 1, 1);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t n = 1 + random.below(3);
        const GridTree tree(random_cells(random, n, 5));
        const std::vector<double> x = random_point(random, n);
        const std::uint64_t leaf = tree.route(x).leaf;
        const auto [greedy_leaf, depth] = greedy(tree, x);
        BOOST_TEST(leaf == greedy_leaf);
        BOOST_TEST(tree.route(x).depth == depth);
        BOOST_TEST(leaf == grid_cell(tree, x));
        BOOST_TEST(leaf == nearest_leaf(tree, x));
    }
}

BOOST_AUTO_TEST_CASE(all_points_of_a_dyadic_lattice_agree_with_the_exact_descent) {
    // Dyadic K and coordinates are exact doubles, so ties on faces, edges and corners are exact.
    const GridTree tree({4, 2, 8});
    for (int code = 0; code < 17 * 17 * 17; ++code) {
        const std::array<int, 3> node{code % 17, code / 17 % 17, code / 289};
        const std::vector<double> x{node[0] / 16.0, node[1] / 16.0, node[2] / 16.0};
        BOOST_TEST(tree.route(x).leaf == greedy(tree, x).first);
        BOOST_TEST(tree.route(x).leaf == grid_cell(tree, x));
    }
}

BOOST_AUTO_TEST_CASE(a_face_given_as_a_double_is_a_tie_for_every_number_of_cells) {
    for (std::int64_t cells = 1; cells <= 200; ++cells) {
        const GridTree tree({cells});
        for (std::int64_t face = 0; face <= cells; ++face) {
            const double x = static_cast<double>(face) / static_cast<double>(cells);
            const auto lower = static_cast<std::uint64_t>(std::max<std::int64_t>(face - 1, 0));
            BOOST_TEST(tree.route(std::vector{x}).leaf == lower);
            if (face == 0 || face == cells) continue;
            const double above = std::nextafter(x, 1.0);
            BOOST_TEST(tree.route(std::vector{above}).leaf == lower + 1);
            // The same face as a fraction with another denominator.
            const double same = static_cast<double>(7 * face) / static_cast<double>(7 * cells);
            BOOST_TEST(tree.route(std::vector{same}).leaf == lower);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_upper_corner_lies_in_the_last_cell_and_the_lower_one_in_the_first) {
    RandomStream random(3, 1, 1);
    for (int trial = 0; trial < 50; ++trial) {
        const std::size_t n = 1 + random.below(8);
        const GridTree tree(random_cells(random, n, 30));
        BOOST_TEST(tree.route(std::vector<double>(n, 1.0)).leaf == tree.leaves() - 1);
        BOOST_TEST(tree.route(std::vector<double>(n, 0.0)).leaf == 0U);
    }
}

BOOST_AUTO_TEST_CASE(one_cell_needs_no_routing) {
    const GridTree tree({1, 1});
    const auto route = tree.route(std::vector{0.3, 1.0});
    BOOST_TEST(route.leaf == 0U);
    BOOST_TEST(route.depth == 0);
    BOOST_TEST(route.reals_read == 0);
    BOOST_TEST(tree.height() == 0);
    BOOST_TEST(tree.count_leaves() == 1U);
}

BOOST_AUTO_TEST_CASE(a_route_reads_two_prototypes_per_level_and_is_no_longer_than_the_height) {
    RandomStream random(4, 1, 1);
    for (int trial = 0; trial < 500; ++trial) {
        const std::size_t n = 1 + random.below(8);
        const GridTree tree(random_cells(random, n, 20));
        const auto route = tree.route(random_point(random, n));
        BOOST_TEST(route.reals_read == 2 * static_cast<std::int64_t>(n) * route.depth);
        BOOST_TEST(route.depth <= tree.height());
    }
}

BOOST_AUTO_TEST_CASE(leaves_counted_by_splitting_are_the_product_of_the_cells) {
    RandomStream random(5, 1, 1);
    for (int trial = 0; trial < 100; ++trial) {
        const GridTree tree(random_cells(random, 1 + random.below(3), 8));
        BOOST_TEST(tree.count_leaves() == visited_leaves(tree.root()));
        BOOST_TEST(tree.count_leaves() == tree.leaves());
    }
    const GridTree large({1000003, 999983, 2047, 300});
    BOOST_TEST(large.count_leaves() == 1000003ULL * 999983ULL * 2047ULL * 300ULL);
    BOOST_TEST(GridTree({181, 181, 181, 181, 181, 181, 181, 181}).count_leaves() ==
               static_cast<std::uint64_t>(1151936657823500641));
}

BOOST_AUTO_TEST_CASE(leaf_prototypes_are_the_centres_of_their_cells) {
    RandomStream random(6, 1, 1);
    for (int trial = 0; trial < 100; ++trial) {
        const GridTree tree(random_cells(random, 1 + random.below(4), 12));
        CellBox box = tree.root();
        while (!GridTree::is_leaf(box)) {
            const int which = static_cast<int>(random.below(2));
            const std::vector<double> prototype = tree.prototype(box, which);
            box = GridTree::child(box, which);
            if (!GridTree::is_leaf(box)) continue;
            BOOST_TEST(prototype == tree.centre(tree.leaf(box.low)),
                       boost::test_tools::per_element());
            BOOST_TEST(tree.route(prototype).leaf == tree.leaf(box.low));
        }
    }
}

BOOST_AUTO_TEST_CASE(cell_and_leaf_are_inverse_and_row_major) {
    const GridTree tree({3, 4, 5});
    const std::vector<std::int64_t> cell{2, 1, 3};
    BOOST_TEST(tree.leaf(cell) == (2U * 4U + 1U) * 5U + 3U);
    for (std::uint64_t leaf = 0; leaf < tree.leaves(); ++leaf) {
        BOOST_TEST(tree.leaf(tree.cell(leaf)) == leaf);
    }
}

BOOST_AUTO_TEST_CASE(the_descent_answers_outside_the_cube_and_for_values_that_are_no_numbers) {
    const GridTree tree({4, 3});
    constexpr double inf = std::numeric_limits<double>::infinity();
    const double undefined = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(tree.descend(std::vector{-inf, inf}).leaf == 2U);
    BOOST_TEST(tree.descend(std::vector{7.0, -1.0}).leaf == 9U);
    BOOST_TEST(tree.descend(std::vector{undefined, undefined}).leaf == 0U);
    BOOST_TEST(tree.descend(std::vector{undefined, 1.0}).leaf == 2U);
}

BOOST_AUTO_TEST_CASE(inputs_outside_the_cube_or_of_another_length_are_refused) {
    const GridTree tree({4, 3});
    const auto refused = [&](const std::vector<double>& x, const std::string& culprit) {
        BOOST_CHECK_EXCEPTION((void)tree.route(x), moe::InputError,
                              [&](const auto& error) { return names(error, culprit); });
    };
    refused({0.5}, "1 entries");
    refused({0.5, 1.0000001}, "x[1] = 1.0000001");
    refused({-0.25, 1.0}, "x[0] = -0.25");
    refused({0.5, std::numeric_limits<double>::quiet_NaN()}, "x[1] = nan");
}

BOOST_AUTO_TEST_CASE(grids_that_overflow_or_are_empty_are_refused) {
    const std::int64_t half = std::int64_t{1} << 31;
    BOOST_CHECK_THROW(GridTree({}), moe::InputError);
    BOOST_CHECK_THROW(GridTree(std::vector<std::int64_t>(9, 1)), moe::InputError);
    BOOST_CHECK_THROW(GridTree({3, 0}), moe::InputError);
    BOOST_CHECK_THROW(GridTree({-2}), moe::InputError);
    BOOST_CHECK_THROW(GridTree({half, half}), moe::InputError);
    BOOST_CHECK_THROW(GridTree({std::numeric_limits<std::int64_t>::max()}), moe::InputError);
    BOOST_CHECK_THROW(GridTree(std::vector<std::int64_t>(8, half)), moe::InputError);
    BOOST_TEST(GridTree({half, half - 1}).leaves() ==
               static_cast<std::uint64_t>(half) * static_cast<std::uint64_t>(half - 1));
    BOOST_TEST(GridTree({(std::int64_t{1} << 62) - 1}).height() == 62);
}

BOOST_AUTO_TEST_CASE(cells_and_leaves_out_of_range_are_refused) {
    const GridTree tree({4, 3});
    BOOST_CHECK_THROW((void)tree.cell(12), moe::InputError);
    BOOST_CHECK_THROW((void)tree.centre(12), moe::InputError);
    BOOST_CHECK_THROW((void)tree.leaf(std::vector<std::int64_t>{0, 3}), moe::InputError);
    BOOST_CHECK_THROW((void)tree.leaf(std::vector<std::int64_t>{-1, 0}), moe::InputError);
    BOOST_CHECK_THROW((void)tree.leaf(std::vector<std::int64_t>{0}), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
