// Routing kernels, replayed on the processor, against Router::route: the same expert for every row,
// on faces and ties and for what is no number, and the same sums.

#include "cuda/replays.hpp"

#include "basics/error.hpp"
#include "forward/cuda/route_flat.hpp"
#include "forward/cuda/route_kernels.hpp"
#include "routing/router.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <utility>

using moe::FlatPrototypes;
using moe::GridTree;
using moe::PrototypeTree;
using moe::RandomStream;
using moe::Router;
using moe::SlotMap;
using moe::cuda::HostBlock;
using moe::cuda::RouteBatch;
using moe::cuda::RouterRule;
using moe::cuda::RouteSums;
using moe::cuda::RuleKind;
using moe::cuda::ThreadOrder;
using moe::cuda::test::every_order;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

struct Routed {
    std::vector<std::uint32_t> experts;
    RouteSums sums;
};

/// What the kernels must answer, row by row from the processor's router.
Routed by_router(const Router& router, std::uint64_t experts, std::span<const double> inputs) {
    const std::size_t n = router.dimension();
    Routed routed;
    for (std::size_t row = 0; row * n < inputs.size(); ++row) {
        const moe::Route route = router.route(inputs.subspan(row * n, n));
        const auto depth = static_cast<std::uint64_t>(route.depth);
        const auto reals = static_cast<std::uint64_t>(route.reals_read);
        routed.sums.depth_max = std::max(routed.sums.depth_max, depth);
        routed.sums.reals_max = std::max(routed.sums.reals_max, reals);
        routed.sums.reals_total += reals;
        std::uint64_t expert = experts;
        try {
            expert = router.expert(route.leaf);
        } catch (const moe::InputError&) {
            // not kept: refused
        }
        if (expert >= experts) {
            routed.sums.lowest_refused = std::min<std::uint64_t>(routed.sums.lowest_refused, row);
            expert = 0;
        }
        routed.experts.push_back(static_cast<std::uint32_t>(expert));
    }
    return routed;
}

enum class Kernel { rows, flat };

Routed by_kernel(Kernel kernel, const RouterRule& rule, std::span<const double> inputs,
                 ThreadOrder order, RandomStream& random) {
    const std::size_t batch = inputs.size() / rule.dimension;
    Routed routed{std::vector<std::uint32_t>(batch, 0xFFFFFFFFU), {7, 7, 7, 7}};
    const RouteBatch rows{inputs.data(), batch, routed.experts.data(), &routed.sums};
    moe::cuda::replay(1, 1, 0, order, random,
                      [&](HostBlock& block) { clear_sums(block, rows.sums); });
    const auto blocks = static_cast<unsigned>(1 + random.below(3));
    const std::size_t shared =
        kernel == Kernel::rows ? moe::cuda::route_rows_bytes : moe::cuda::flat_bytes;
    moe::cuda::replay(blocks, moe::cuda::route_threads, shared, order, random,
                      [&](HostBlock& block) {
                          if (kernel == Kernel::rows) {
                              route_rows(block, rule, rows);
                          } else {
                              route_flat(block, rule, rows);
                          }
                      });
    return routed;
}

void agree(Kernel kernel, const Router& router, const RouterRule& rule,
           std::span<const double> inputs, RandomStream& random) {
    const Routed expected = by_router(router, rule.experts, inputs);
    for (const ThreadOrder order : every_order) {
        const Routed got = by_kernel(kernel, rule, inputs, order, random);
        BOOST_TEST((got.experts == expected.experts));
        BOOST_TEST(got.sums.depth_max == expected.sums.depth_max);
        BOOST_TEST(got.sums.reals_max == expected.sums.reals_max);
        BOOST_TEST(got.sums.reals_total == expected.sums.reals_total);
        BOOST_TEST(got.sums.lowest_refused == expected.sums.lowest_refused);
    }
}

RouterRule grid_rule(const GridTree& grid, std::uint64_t experts) {
    RouterRule rule;
    rule.kind = RuleKind::grid;
    rule.dimension = static_cast<std::uint32_t>(grid.dimension());
    std::copy(grid.cells_per_axis().begin(), grid.cells_per_axis().end(), rule.cells);
    rule.experts = experts;
    return rule;
}

RouterRule tree_rule(const PrototypeTree& tree, std::uint64_t experts) {
    RouterRule rule;
    rule.kind = RuleKind::tree;
    rule.dimension = static_cast<std::uint32_t>(tree.dimension);
    rule.prototypes = tree.prototypes.data();
    rule.first_child = tree.first_child.data();
    rule.child_count = tree.child_count.data();
    rule.expert = tree.expert.data();
    rule.experts = experts;
    return rule;
}

RouterRule flat_rule(std::uint32_t n, std::span<const double> prototypes) {
    RouterRule rule;
    rule.kind = RuleKind::flat;
    rule.dimension = n;
    rule.prototypes = prototypes.data();
    rule.prototype_count = prototypes.size() / n;
    rule.experts = rule.prototype_count;
    return rule;
}

/// Coordinates of all kinds: uniform, on a face j/K, the numbers beside it, outside, no number.
double coordinate(RandomStream& random, std::int64_t cells) {
    const auto face = static_cast<double>(random.below(static_cast<std::uint64_t>(cells) + 1)) /
                      static_cast<double>(cells);
    switch (random.below(8)) {
    case 0:
        return face;
    case 1:
        return std::nextafter(face, infinity);
    case 2:
        return std::nextafter(face, -infinity);
    case 3: {
        constexpr std::array odd{-0.5, 1.5, 1e300, -1e300, infinity, -infinity, undefined, -0.0};
        return odd.at(random.below(odd.size()));
    }
    default:
        return random.uniform();
    }
}

std::vector<double> grid_inputs(const GridTree& grid, std::size_t batch, RandomStream& random) {
    std::vector<double> inputs;
    for (std::size_t row = 0; row < batch; ++row) {
        for (const std::int64_t cells : grid.cells_per_axis()) {
            inputs.push_back(coordinate(random, cells));
        }
    }
    return inputs;
}

/// Small integers: distances are exact and often equal.
std::vector<double> integers(std::size_t count, std::uint64_t below, RandomStream& random) {
    std::vector<double> numbers(count);
    for (double& number : numbers) {
        number = static_cast<double>(random.below(below));
    }
    return numbers;
}

/// A random tree of up to `internal` inner nodes with 1..4 children each, in breadth-first order.
PrototypeTree random_tree(int n, std::size_t internal, RandomStream& random) {
    PrototypeTree tree;
    tree.dimension = n;
    std::uint32_t leaves = 0;
    std::size_t nodes = 1;
    for (std::size_t node = 0; node < nodes; ++node) {
        const bool inner = internal > 0 && (node == 0 || random.below(3) > 0);
        const std::uint32_t children = inner ? static_cast<std::uint32_t>(1 + random.below(4)) : 0;
        if (inner) --internal;
        tree.first_child.push_back(static_cast<std::uint32_t>(nodes));
        tree.child_count.push_back(children);
        tree.expert.push_back(inner ? 0 : leaves++);
        nodes += children;
    }
    tree.prototypes = integers(nodes * static_cast<std::size_t>(n), 4, random);
    return tree;
}

} // namespace

BOOST_AUTO_TEST_SUITE(route_kernels)

BOOST_AUTO_TEST_CASE(grids_are_routed_as_on_the_processor_on_faces_and_beside_them) {
    RandomStream random(1, 41, 1);
    for (int trial = 0; trial < 60; ++trial) {
        std::vector<std::int64_t> cells(1 + random.below(8));
        for (auto& k : cells) {
            k = static_cast<std::int64_t>(1 + random.below(40));
        }
        const GridTree grid(cells);
        const auto inputs = grid_inputs(grid, random.below(700), random);
        agree(Kernel::rows, Router(grid), grid_rule(grid, std::min(grid.leaves(), 1UL << 32U)),
              inputs, random);
    }
}

BOOST_AUTO_TEST_CASE(fine_grids_are_routed_as_on_the_processor) {
    RandomStream random(2, 41, 1);
    for (const std::int64_t cells :
         {std::int64_t{4096}, (std::int64_t{1} << 32) - 5, std::int64_t{1} << 49,
          (std::int64_t{1} << 50) + 1, (std::int64_t{1} << 53) + 3, (std::int64_t{1} << 61) + 7}) {
        const GridTree grid({cells});
        const auto inputs = grid_inputs(grid, 600, random);
        // Routes of the leaves themselves, each kept as an expert of its own.
        std::vector<std::uint64_t> leaves;
        leaves.reserve(inputs.size());
        for (const double x : inputs) {
            leaves.push_back(Router(grid).route(std::array{x}).leaf);
        }
        std::sort(leaves.begin(), leaves.end());
        leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
        RouterRule rule = grid_rule(grid, leaves.size());
        rule.kept_leaves = leaves.data();
        rule.kept = leaves.size();
        agree(Kernel::rows, Router(grid, SlotMap(leaves)), rule, inputs, random);
    }
}

BOOST_AUTO_TEST_CASE(rows_whose_expert_is_not_kept_or_not_there_are_refused) {
    RandomStream random(3, 41, 1);
    const GridTree grid({5, 7});
    for (int trial = 0; trial < 40; ++trial) {
        std::vector<std::uint64_t> kept;
        for (std::uint64_t leaf = 0; leaf < grid.leaves(); ++leaf) {
            if (random.below(10) < 9) kept.push_back(leaf);
        }
        const auto inputs = grid_inputs(grid, 40, random);
        RouterRule rule = grid_rule(grid, kept.size() - random.below(2)); // one less in the source
        rule.kept_leaves = kept.data();
        rule.kept = kept.size();
        agree(Kernel::rows, Router(grid, SlotMap(kept)), rule, inputs, random);
        agree(Kernel::rows, Router(grid), grid_rule(grid, 30), inputs, random);
    }
}

BOOST_AUTO_TEST_CASE(trees_are_routed_as_on_the_processor_with_their_ties) {
    RandomStream random(4, 41, 1);
    for (int trial = 0; trial < 80; ++trial) {
        const auto n = static_cast<int>(1 + random.below(5));
        const PrototypeTree tree = random_tree(n, random.below(30), random);
        moe::check_tree(tree.view(), tree.expert.size());
        auto inputs = integers(random.below(300) * static_cast<std::size_t>(n), 5, random);
        for (double& x : inputs) {
            if (random.below(50) == 0) x = random.below(2) == 0 ? undefined : infinity;
            if (random.below(5) == 0) x += 0.5;
        }
        agree(Kernel::rows, Router(tree.view()), tree_rule(tree, tree.expert.size()), inputs,
              random);
    }
}

BOOST_AUTO_TEST_CASE(a_stored_grid_is_routed_as_on_the_processor) {
    RandomStream random(5, 41, 1);
    const GridTree grid({6, 5, 3});
    const PrototypeTree tree = moe::materialise(grid);
    const auto inputs = grid_inputs(grid, 500, random);
    agree(Kernel::rows, Router(tree.view()), tree_rule(tree, grid.leaves()), inputs, random);
}

BOOST_AUTO_TEST_CASE(both_flat_searches_answer_as_on_the_processor_with_their_ties) {
    RandomStream random(6, 41, 1);
    for (int trial = 0; trial < 60; ++trial) {
        const auto n = static_cast<std::uint32_t>(1 + random.below(20));
        const std::size_t count = 1 + random.below(300);
        // Few values on few axes: many prototypes coincide, and the lowest index must win.
        const bool ties = random.below(2) == 0;
        const auto prototypes =
            ties ? integers(count * n, 3, random) : moe::test::uniform_numbers(random, count * n);
        const std::size_t batch = random.below(200);
        auto inputs =
            ties ? integers(batch * n, 3, random) : moe::test::uniform_numbers(random, batch * n);
        for (double& x : inputs) {
            constexpr std::array odd{undefined, infinity, -infinity, 1e200};
            if (random.below(200) == 0) x = odd.at(random.below(odd.size()));
        }
        const Router router(FlatPrototypes(static_cast<int>(n), prototypes));
        for (const Kernel kernel : {Kernel::rows, Kernel::flat}) {
            agree(kernel, router, flat_rule(n, prototypes), inputs, random);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_batch_without_rows_has_no_sums) {
    RandomStream random(7, 41, 1);
    const GridTree grid({4});
    const Routed got =
        by_kernel(Kernel::rows, grid_rule(grid, 4), {}, ThreadOrder::ascending, random);
    BOOST_TEST(got.sums.depth_max == 0U);
    BOOST_TEST(got.sums.reals_total == 0U);
    BOOST_TEST(got.sums.lowest_refused == RouteSums::none);
}

BOOST_AUTO_TEST_SUITE_END()
