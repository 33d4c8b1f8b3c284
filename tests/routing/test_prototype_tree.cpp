#include "basics/error.hpp"
#include "basics/random.hpp"
#include "routing/prototype_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using moe::GridTree;
using moe::PrototypeTree;
using moe::RandomStream;

namespace {

/// Section 1 of the notes: root children A = 0.2, B = 0.8; leaves A: {0.1, 0.3}, B: {0.55, 0.9}.
PrototypeTree greedy_example() {
    PrototypeTree tree;
    tree.dimension = 1;
    tree.prototypes = {0.0, 0.2, 0.8, 0.1, 0.3, 0.55, 0.9};
    tree.first_child = {1, 3, 5, 0, 0, 0, 0};
    tree.child_count = {2, 2, 2, 0, 0, 0, 0};
    tree.expert = {0, 0, 0, 0, 1, 2, 3};
    return tree;
}

/// A root with the given children on the line; child c carries expert c.
PrototypeTree star(const std::vector<double>& prototypes) {
    const auto children = static_cast<std::uint32_t>(prototypes.size());
    PrototypeTree tree;
    tree.dimension = 1;
    tree.prototypes = {0.0};
    tree.prototypes.insert(tree.prototypes.end(), prototypes.begin(), prototypes.end());
    tree.first_child.assign(children + 1, 0);
    tree.child_count.assign(children + 1, 0);
    tree.first_child[0] = 1;
    tree.child_count[0] = children;
    tree.expert = {0};
    for (std::uint32_t c = 0; c < children; ++c) {
        tree.expert.push_back(c);
    }
    return tree;
}

std::vector<double> random_point(RandomStream& random, std::size_t n) {
    std::vector<double> x(n);
    for (double& v : x) {
        v = random.uniform();
    }
    return x;
}

void refuses(const std::function<void(PrototypeTree&)>& damage, const std::string& array) {
    PrototypeTree tree = greedy_example();
    damage(tree);
    BOOST_CHECK_EXCEPTION(moe::check_tree(tree.view(), 4), moe::InputError, [&](const auto& error) {
        BOOST_TEST_MESSAGE(error.what());
        return std::string(error.what()).find(array) != std::string::npos;
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(prototype_tree)

BOOST_AUTO_TEST_CASE(greedy_descent_is_not_nearest_leaf_search) {
    const PrototypeTree tree = greedy_example();
    moe::check_tree(tree.view(), 4);
    const auto route = tree.view().route(std::vector{0.49});
    const std::vector<double> leaves{0.1, 0.3, 0.55, 0.9};
    BOOST_TEST(leaves[route.leaf] == 0.3);
    BOOST_TEST(route.depth == 2);
    BOOST_TEST(route.reals_read == 4);
    const auto nearest = std::min_element(leaves.begin(), leaves.end(), [](double a, double b) {
        return std::abs(a - 0.49) < std::abs(b - 0.49);
    });
    BOOST_TEST(*nearest == 0.55);
}

BOOST_AUTO_TEST_CASE(ties_go_to_the_child_with_the_smallest_index) {
    BOOST_TEST(star({0.25, 0.75}).view().route(std::vector{0.5}).leaf == 0U);
    BOOST_TEST(star({0.75, 0.25}).view().route(std::vector{0.5}).leaf == 0U);
    BOOST_TEST(star({0.9, 0.5, 0.5, 0.5}).view().route(std::vector{0.5}).leaf == 1U);
    BOOST_TEST(star({0.0, 1.0, 0.25, 0.75}).view().route(std::vector{0.5}).leaf == 2U);
}

BOOST_AUTO_TEST_CASE(a_star_routes_to_the_nearest_of_its_children) {
    RandomStream random(1, 2, 1);
    for (int trial = 0; trial < 500; ++trial) {
        const std::vector<double> prototypes = random_point(random, 1 + random.below(12));
        const PrototypeTree tree = star(prototypes);
        const double x = random.uniform();
        const auto route = tree.view().route(std::vector{x});
        for (const double prototype : prototypes) {
            BOOST_TEST(std::abs(x - prototypes[route.leaf]) <= std::abs(x - prototype) + 1e-15);
        }
        BOOST_TEST(route.reals_read == static_cast<std::int64_t>(prototypes.size()));
    }
}

BOOST_AUTO_TEST_CASE(a_lone_root_is_a_leaf) {
    PrototypeTree tree;
    tree.dimension = 2;
    tree.prototypes = {0.0, 0.0};
    tree.first_child = {0};
    tree.child_count = {0};
    tree.expert = {0};
    moe::check_tree(tree.view(), 1);
    const auto route = tree.view().route(std::vector{0.1, 0.2});
    BOOST_TEST(route.leaf == 0U);
    BOOST_TEST(route.depth == 0);
    BOOST_TEST(route.reals_read == 0);
}

BOOST_AUTO_TEST_CASE(a_materialised_grid_routes_like_the_implicit_one) {
    RandomStream random(2, 2, 1);
    for (int trial = 0; trial < 200; ++trial) {
        const std::size_t n = 1 + random.below(4);
        std::vector<std::int64_t> cells(n);
        for (auto& k : cells) {
            k = static_cast<std::int64_t>(1 + random.below(7));
        }
        const GridTree grid(cells);
        const PrototypeTree tree = moe::materialise(grid);
        moe::check_tree(tree.view(), grid.leaves());
        BOOST_TEST(tree.view().nodes() == 2 * grid.leaves() - 1);
        for (int k = 0; k < 20; ++k) {
            const std::vector<double> x = random_point(random, n);
            const auto implicit = grid.route(x);
            const auto stored = tree.view().route(x);
            BOOST_TEST(stored.leaf == implicit.leaf);
            BOOST_TEST(stored.depth == implicit.depth);
            BOOST_TEST(stored.reals_read == implicit.reals_read);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_materialised_grid_with_dyadic_cells_has_its_ties_on_the_faces) {
    const GridTree grid({8, 2, 16});
    const PrototypeTree tree = moe::materialise(grid);
    for (int code = 0; code < 17 * 17 * 17; ++code) {
        const std::array<int, 3> node{code % 17, code / 17 % 17, code / 289};
        const std::vector<double> x{node[0] / 16.0, node[1] / 16.0, node[2] / 16.0};
        BOOST_TEST(tree.view().route(x).leaf == grid.route(x).leaf);
    }
}

BOOST_AUTO_TEST_CASE(a_fine_grid_decides_within_rounding_of_its_faces) {
    // A sum of squares would be off by 1e-16 K here, since the other axes' terms swamp the split
    // axis; the comparison by differences is not.
    const GridTree grid({1 << 18, 1});
    const PrototypeTree tree = moe::materialise(grid);
    RandomStream random(3, 2, 1);
    for (int trial = 0; trial < 2000; ++trial) {
        const double face = static_cast<double>(1 + random.below((1 << 18) - 1)) / (1 << 18);
        for (const double offset : {-4e-16, 0.0, 4e-16}) {
            const std::vector<double> x{face + offset, 0.9};
            BOOST_TEST(tree.view().route(x).leaf == grid.route(x).leaf);
        }
    }
}

BOOST_AUTO_TEST_CASE(inputs_that_are_no_numbers_follow_the_tie_rule_and_other_lengths_are_refused) {
    const PrototypeTree tree = greedy_example();
    const double undefined = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(tree.view().route(std::vector{undefined}).leaf == 0U);
    BOOST_TEST(tree.view().route(std::vector{1e308}).leaf == 3U);
    BOOST_CHECK_THROW((void)tree.view().route(std::vector{0.1, 0.2}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(damaged_arrays_are_refused_by_name) {
    using Tree = PrototypeTree;
    constexpr std::uint32_t huge = std::numeric_limits<std::uint32_t>::max();
    refuses([](Tree& t) { t.dimension = 0; }, "dimension");
    refuses([](Tree& t) { t.dimension = -3; }, "dimension");
    refuses([](Tree& t) { t.dimension = std::numeric_limits<int>::max(); }, "prototypes");
    refuses([](Tree& t) { t.child_count.clear(); }, "child_count");
    refuses([](Tree& t) { t.prototypes.pop_back(); }, "prototypes");
    refuses([](Tree& t) { t.first_child.pop_back(); }, "first_child");
    refuses([](Tree& t) { t.expert.push_back(0); }, "expert");
    refuses([](Tree& t) { t.expert[5] = 4; }, "expert[5]");
    refuses([](Tree& t) { t.first_child[0] = 0; }, "first_child[0]"); // its own child
    refuses([](Tree& t) { t.first_child[2] = 1; }, "first_child[2]"); // a cycle
    refuses([](Tree& t) { t.first_child[2] = 3; }, "first_child[2]"); // children of two parents
    refuses([](Tree& t) { t.first_child[2] = 6; }, "child_count[2]"); // past the end
    refuses([](Tree& t) { t.first_child[1] = huge; }, "child_count[1]");
    refuses([](Tree& t) { t.child_count[0] = huge; }, "child_count[0]");
    refuses([](Tree& t) { t.child_count[2] = 1; }, "child_count[6]"); // an orphan
    refuses([](Tree& t) { t.child_count[0] = 0; }, "child_count[1]");
    refuses([](Tree& t) { t.prototypes[4] = std::nan(""); }, "prototypes[4]");
    refuses([](Tree& t) { t.prototypes[6] = -std::numeric_limits<double>::infinity(); },
            "prototypes[6]");
}

BOOST_AUTO_TEST_CASE(whatever_passes_the_check_can_be_routed_in) {
    // Random damage: either the check refuses, or every descent ends at an expert in range.
    RandomStream random(4, 2, 1);
    int passed = 0;
    for (int trial = 0; trial < 20000; ++trial) {
        PrototypeTree tree = greedy_example();
        const std::size_t hits = 1 + random.below(3);
        for (std::size_t k = 0; k < hits; ++k) {
            auto& array = random.below(2) == 0 ? tree.first_child : tree.child_count;
            array[random.below(7)] = static_cast<std::uint32_t>(random.below(8));
        }
        try {
            moe::check_tree(tree.view(), 4);
        } catch (const moe::InputError&) {
            continue;
        }
        ++passed;
        BOOST_TEST(tree.view().route(std::vector{random.uniform()}).leaf < 4U);
    }
    BOOST_TEST(passed > 0);
}

BOOST_AUTO_TEST_CASE(grids_with_too_many_nodes_are_not_materialised) {
    BOOST_CHECK_THROW((void)moe::materialise(GridTree({1 << 16, 1 << 15})), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
