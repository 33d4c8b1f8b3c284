// Batched routing in grids and trees against single routes and the definitions written out, on
// every instruction set of this machine.

#include "batch_inputs.hpp"

#include "basics/random.hpp"
#include "routing/router.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

using moe::FlatPrototypes;
using moe::GridTree;
using moe::InstructionSet;
using moe::PrototypeTree;
using moe::RandomStream;
using moe::Router;
using moe::RouteTotals;
using namespace moe::tests;

namespace {

Numbers uniform_numbers(RandomStream& random, std::size_t count) {
    Numbers numbers(count);
    for (double& v : numbers)
        v = random.uniform();
    return numbers;
}

// -- Grids ----------------------------------------------------------------------------------------

std::int64_t random_count(RandomStream& random, std::uint64_t most) {
    const auto kind = random.below(3);
    if (kind == 0) return std::int64_t{1} << random.below(6);
    return static_cast<std::int64_t>(1 + random.below(kind == 1 ? 9 : most));
}

/// On, just below, just above a face j / K, in the cube, outside of it, or odd.
double near_faces(RandomStream& random, std::int64_t cells) {
    const auto j = static_cast<double>(random.below(static_cast<std::uint64_t>(cells) + 1));
    const double face = j / static_cast<double>(cells);
    switch (random.below(6)) {
    case 0:
        return face;
    case 1:
        return std::nextafter(face, 2.0);
    case 2:
        return std::nextafter(face, -2.0);
    case 3:
        return odd_number(random);
    case 4:
        return 1.4 * random.uniform() - 0.2;
    default:
        return random.uniform();
    }
}

Numbers rows_near_faces(RandomStream& random, const std::vector<std::int64_t>& cells,
                        std::size_t batch) {
    Numbers inputs(batch * cells.size());
    for (std::size_t k = 0; k < inputs.size(); ++k)
        inputs[k] = near_faces(random, cells[k % cells.size()]);
    return inputs;
}

// -- Trees ----------------------------------------------------------------------------------------

/// Nodes of two children that differ on one axis, or of two or of one to five that differ on all.
enum class Family { by_axis, pairs, any, count };

PrototypeTree random_tree(RandomStream& random, std::size_t n, Family family) {
    const bool by_axis = family == Family::by_axis;
    PrototypeTree tree;
    tree.dimension = static_cast<int>(n);
    tree.prototypes.assign(n, 0.0);
    std::uint32_t nodes = 1;
    std::uint32_t experts = 0;
    for (std::uint32_t node = 0; node < nodes; ++node) {
        const bool leaf = nodes > 200 || (node > 0 && random.below(4) == 0 && node + 1 < nodes);
        const auto children =
            family == Family::any ? static_cast<std::uint32_t>(1 + random.below(5)) : 2U;
        tree.child_count.push_back(leaf ? 0 : children);
        tree.first_child.push_back(leaf ? 0 : nodes);
        tree.expert.push_back(leaf ? experts++ : 0);
        if (leaf) continue;
        nodes += children;
        Numbers shared(n);
        for (double& v : shared)
            v = random.uniform();
        const std::size_t axis = random.below(n);
        for (std::uint32_t c = 0; c < children; ++c) {
            for (std::size_t i = 0; i < n; ++i)
                tree.prototypes.push_back(by_axis && i != axis ? shared[i] : random.uniform());
        }
    }
    return tree;
}

} // namespace

BOOST_AUTO_TEST_SUITE(route_batch)

BOOST_AUTO_TEST_CASE(grids_answer_as_their_descent_does_on_every_instruction_set) {
    RandomStream random(1, 11, 1);
    for (int trial = 0; trial < 1200; ++trial) {
        const std::size_t n = 1 + random.below(8);
        std::vector<std::int64_t> cells(n);
        for (auto& k : cells)
            k = random_count(random, n <= 2 ? 1U << 20U : 40);
        const moe::Lattice lattice{GridTree(cells)};
        const Numbers inputs = rows_near_faces(random, cells, random.below(30));
        Leaves wanted(inputs.size() / n);
        const auto single = [&](auto x) { return lattice.grid().descend(x); };
        const RouteTotals totals = route_rows(single, n, inputs, wanted);
        Leaves each(wanted.size(), 77);
        const auto by_lattice = [&](auto x) { return lattice.route(x); };
        BOOST_TEST(same(route_rows(by_lattice, n, inputs, each), totals));
        BOOST_TEST(differences(each, wanted) == 0U);
        for (const InstructionSet set : instruction_sets()) {
            Leaves leaves(wanted.size(), 77);
            BOOST_TEST(same(lattice.route(inputs, leaves, set), totals));
            BOOST_TEST(differences(leaves, wanted) == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_cell_is_the_number_of_faces_below) {
    RandomStream random(2, 11, 1);
    for (std::int64_t cells = 1; cells <= 130; ++cells) {
        Numbers inputs(500);
        for (double& x : inputs)
            x = near_faces(random, cells);
        Leaves leaves(inputs.size());
        Router(GridTree({cells})).route_batch(inputs, leaves);
        for (std::size_t b = 0; b < inputs.size(); ++b) {
            std::uint64_t below = 0;
            for (std::int64_t j = 1; j < cells; ++j)
                below += inputs[b] > static_cast<double>(j) / static_cast<double>(cells) ? 1 : 0;
            BOOST_TEST(leaves[b] == below);
        }
    }
}

BOOST_AUTO_TEST_CASE(depths_are_known_for_every_cell_of_an_axis) {
    for (std::int64_t cells = 1; cells <= 300; ++cells) {
        const GridTree grid({cells});
        const Router router(grid);
        for (std::int64_t c = 0; c < cells; ++c) {
            const Numbers x{(static_cast<double>(c) + 0.5) / static_cast<double>(cells)};
            Leaves leaf(1);
            BOOST_TEST(router.route_batch(x, leaf).depth_max == grid.descend(x).depth);
        }
    }
}

BOOST_AUTO_TEST_CASE(grids_with_more_leaves_than_the_arithmetic_holds_are_descended) {
    RandomStream random(3, 11, 1);
    const std::vector<std::int64_t> cells{(1 << 25) + 3, 1 << 30};
    const Router router{GridTree(cells)};
    const Numbers inputs = rows_near_faces(random, cells, 40);
    Leaves wanted(40);
    Leaves leaves(40);
    const auto single = [&](auto x) { return router.route(x); };
    const RouteTotals totals = route_rows(single, 2, inputs, wanted);
    BOOST_TEST(same(router.route_batch(inputs, leaves), totals));
    BOOST_TEST(leaves == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(stored_trees_answer_as_their_descent_does) {
    RandomStream random(8, 11, 1);
    for (int trial = 0; trial < 300; ++trial) {
        const std::size_t n = 1 + random.below(9);
        const auto family = static_cast<Family>(trial % static_cast<int>(Family::count));
        const PrototypeTree tree = random_tree(random, n, family);
        moe::check_tree(tree.view(), tree.expert.size());
        const auto splits = moe::AxisSplits::make(tree.view());
        if (family == Family::by_axis) BOOST_TEST((splits != nullptr));
        if (family == Family::pairs) BOOST_TEST((splits != nullptr) == (n == 1));
        Numbers inputs = rows_near(random, tree.prototypes, n, random.below(50));
        for (double& x : inputs)
            x = random.below(20) == 0 ? odd_number(random) : x;
        Leaves wanted(inputs.size() / n);
        const auto by_view = [&](auto x) { return tree.view().route(x); };
        const RouteTotals totals = route_rows(by_view, n, inputs, wanted);
        const Router router(tree.view());
        Leaves leaves(wanted.size());
        BOOST_TEST(same(router.route_batch(inputs, leaves), totals));
        BOOST_TEST(differences(leaves, wanted) == 0U);
        if (splits) {
            BOOST_TEST(same(splits->route_batch(inputs, leaves), totals));
            BOOST_TEST(differences(leaves, wanted) == 0U);
            const auto by_splits = [&](auto x) { return splits->route(x); };
            BOOST_TEST(same(route_rows(by_splits, n, inputs, leaves), totals));
            BOOST_TEST(differences(leaves, wanted) == 0U);
        }
        BOOST_TEST(same(tree.view().route_batch(inputs, leaves), totals));
        BOOST_TEST(differences(leaves, wanted) == 0U);
        const auto by_router = [&](auto x) { return router.route(x); };
        BOOST_TEST(same(route_rows(by_router, n, inputs, leaves), totals));
        BOOST_TEST(differences(leaves, wanted) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_batch_may_be_cut_anywhere) {
    RandomStream random(9, 11, 1);
    const GridTree grid({3, 5, 4});
    const PrototypeTree tree = moe::materialise(grid);
    const Numbers numbers = uniform_numbers(random, 1200);
    const Numbers inputs = rows_near_faces(random, {3, 5, 4}, 101);
    for (const Router& router :
         {Router(grid), Router(tree.view()), Router(FlatPrototypes(3, numbers))}) {
        Leaves whole(101);
        const RouteTotals totals = router.route_batch(inputs, whole);
        for (int trial = 0; trial < 50; ++trial) {
            const std::size_t cut = random.below(102);
            Leaves leaves(101);
            const RouteTotals a =
                router.route_batch(std::span(inputs).first(cut * 3), std::span(leaves).first(cut));
            const RouteTotals b = router.route_batch(std::span(inputs).subspan(cut * 3),
                                                     std::span(leaves).subspan(cut));
            BOOST_TEST(same({std::max(a.depth_max, b.depth_max), std::max(a.reals_max, b.reals_max),
                             a.reals_total + b.reals_total},
                            totals));
            BOOST_TEST(differences(leaves, whole) == 0U);
        }
        BOOST_TEST(same(router.route_batch({}, {}), RouteTotals{}));
        Leaves leaves(2);
        BOOST_CHECK_THROW((void)router.route_batch(Numbers(5), leaves), std::invalid_argument);
        BOOST_CHECK_THROW((void)router.route_batch(Numbers(9), leaves), std::invalid_argument);
    }
}

BOOST_AUTO_TEST_SUITE_END()
