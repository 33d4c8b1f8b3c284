// The batched search for the nearest prototype against its definition and in long double, on every
// instruction set of this machine.

#include "batch_inputs.hpp"

#include "basics/random.hpp"
#include "routing/router.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using moe::FlatPrototypes;
using moe::InstructionSet;
using moe::RandomStream;
using moe::Router;
using moe::RouteTotals;
using namespace moe::tests;

namespace {

/// The definition: squared distances summed over the axes in order in float64, the lowest index.
std::uint64_t nearest_by_definition(std::span<const double> x, const Numbers& prototypes) {
    std::uint64_t nearest = 0;
    double smallest = infinity;
    for (std::size_t l = 0; l < prototypes.size() / x.size(); ++l) {
        double distance = 0.0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double difference = x[i] - prototypes[l * x.size() + i];
            distance += difference * difference;
        }
        if (distance < smallest) {
            smallest = distance;
            nearest = l;
        }
    }
    return nearest;
}

long double long_distance(std::span<const double> x, const Numbers& prototypes, std::size_t l) {
    long double sum = 0.0L;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const long double difference =
            static_cast<long double>(x[i]) - prototypes[l * x.size() + i];
        sum += difference * difference;
    }
    return sum;
}

enum class Cloud { uniform, lattice, repeated, clusters, far_away, huge, tiny, line, count };

/// Prototypes [L][n] of a kind that is hard on one of the ways of the search.
Numbers make_cloud(RandomStream& random, Cloud cloud, std::size_t n, std::size_t prototypes) {
    Numbers numbers(n * prototypes);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
        const double u = random.uniform();
        switch (cloud) {
        case Cloud::lattice:
            numbers[k] = std::floor(u * 4.0) / 4.0;
            break; // ties everywhere
        case Cloud::repeated:
            numbers[k] = k >= 7 * n ? numbers[k - 7 * n] : u;
            break;
        case Cloud::clusters: // float32 cannot tell a cluster's members apart
            numbers[k] = (k / n % 3 == 0 ? 1.0 : 0.0) + std::floor(u * 64.0) * 1e-9;
            break;
        case Cloud::far_away:
            numbers[k] = 1e9 + u;
            break;
        case Cloud::huge:
            numbers[k] = (u - 0.5) * 1e154;
            break;
        case Cloud::tiny:
            numbers[k] = u * 1e-160;
            break;
        case Cloud::line:
            numbers[k] = k % n == 0 ? u : 0.25;
            break;
        default:
            numbers[k] = u;
        }
    }
    return numbers;
}

/// Where the cells know the nearest prototype, they are right.
void cells_agree(std::size_t n, const Numbers& numbers, const Numbers& inputs,
                 const Leaves& wanted) {
    const auto cells = moe::CandidateCells::make(n, numbers);
    if (!cells) return;
    Leaves found(wanted.size());
    cells->find(inputs.data(), found.data(), found.size());
    for (std::size_t b = 0; b < found.size(); ++b)
        found[b] = found[b] == moe::CandidateCells::unknown ? wanted[b] : found[b];
    BOOST_TEST(differences(found, wanted) == 0U);
}

/// Every way through the search, on one cloud.
void search_agrees(RandomStream& random, Cloud cloud, std::size_t n, std::size_t prototypes,
                   std::size_t batch) {
    const Numbers numbers = make_cloud(random, cloud, n, prototypes);
    const Numbers inputs = rows_near(random, numbers, n, batch);
    const FlatPrototypes flat(static_cast<int>(n), numbers);
    const moe::FlatTables tables(n, numbers);
    Leaves wanted(batch);
    for (std::size_t b = 0; b < batch; ++b)
        wanted[b] = nearest_by_definition(std::span(inputs).subspan(b * n, n), numbers);
    Leaves leaves(batch);
    const auto single = [&](auto x) { return flat.route(x); };
    const RouteTotals totals = route_rows(single, n, inputs, leaves);
    BOOST_TEST_CONTEXT("cloud " << static_cast<int>(cloud) << ", n " << n << ", L " << prototypes) {
        BOOST_TEST(differences(leaves, wanted) == 0U);
        for (const InstructionSet set : instruction_sets()) {
            std::fill(leaves.begin(), leaves.end(), ~std::uint64_t{1});
            BOOST_TEST(same(flat.route_batch(inputs, leaves, set), totals));
            BOOST_TEST(differences(leaves, wanted) == 0U);
            moe::nearest_prototypes(tables, inputs.data(), leaves.data(), batch, set);
            BOOST_TEST(differences(leaves, wanted) == 0U);
            moe::nearest_plainly(tables, inputs.data(), leaves.data(), batch, set);
            BOOST_TEST(differences(leaves, wanted) == 0U);
        }
        if (n <= moe::CandidateCells::largest_dimension) cells_agree(n, numbers, inputs, wanted);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(nearest_prototypes)

BOOST_AUTO_TEST_CASE(flat_prototypes_answer_by_their_definition_on_every_instruction_set) {
    RandomStream random(4, 11, 1);
    for (int cloud = 0; cloud < static_cast<int>(Cloud::count); ++cloud) {
        for (const std::size_t n : {1U, 2U, 3U, 4U, 7U, 8U, 9U, 33U}) {
            for (const std::size_t prototypes : {1U, 2U, 63U, 64U, 65U, 129U, 300U})
                search_agrees(random, Cloud{cloud}, n, prototypes, 1 + random.below(130));
        }
    }
}

BOOST_AUTO_TEST_CASE(many_flat_prototypes_too) {
    RandomStream random(5, 11, 1);
    for (const auto cloud : {Cloud::uniform, Cloud::clusters, Cloud::repeated}) {
        for (const std::size_t n : {1U, 2U, 3U, 5U})
            search_agrees(random, cloud, n, 1000, 300);
        search_agrees(random, cloud, 4, 9001, 70); // more than one window of chunks
    }
}

BOOST_AUTO_TEST_CASE(no_prototype_is_nearer_in_extended_precision) {
    RandomStream random(6, 11, 1);
    for (const std::size_t n : {1U, 2U, 3U, 6U, 12U}) {
        for (const auto cloud : {Cloud::uniform, Cloud::clusters, Cloud::far_away}) {
            const Numbers numbers = make_cloud(random, cloud, n, 500);
            Numbers inputs = rows_near(random, numbers, n, 200);
            for (double& x : inputs)
                x = std::abs(x) < 1e12 ? x : 0.5; // NaN too
            Leaves leaves(200);
            Router(FlatPrototypes(static_cast<int>(n), numbers)).route_batch(inputs, leaves);
            for (std::size_t b = 0; b < leaves.size(); ++b) {
                const auto x = std::span(inputs).subspan(b * n, n);
                long double least = long_distance(x, numbers, 0);
                for (std::size_t l = 1; l < 500; ++l)
                    least = std::min(least, long_distance(x, numbers, l));
                BOOST_TEST(long_distance(x, numbers, leaves[b]) <= least * (1.0L + 1e-14L));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(candidate_cells_are_exact_on_their_own_faces) {
    // The box is that of the prototypes, 1/16 wider on each side; 4 L cells or more in halves.
    RandomStream random(7, 11, 1);
    for (const std::size_t n : {1U, 2U, 3U}) {
        Numbers numbers = make_cloud(random, Cloud::lattice, n, 256);
        std::fill_n(numbers.begin(), n, 0.0);
        std::fill_n(numbers.begin() + static_cast<std::ptrdiff_t>(n), n, 1.0);
        const auto cells = moe::CandidateCells::make(n, numbers);
        BOOST_REQUIRE(cells.has_value());
        BOOST_TEST(cells->cells() >= 1024U);
        const double steps = std::round(std::pow(1024.0, 1.0 / static_cast<double>(n)));
        for (int trial = 0; trial < 3000; ++trial) {
            Numbers x(n);
            for (double& v : x) {
                v = std::floor(random.uniform() * 2.0 * steps) * 1.125 / (2.0 * steps) - 0.0625;
                if (random.below(2) == 0) v = std::nextafter(v, random.below(2) == 0 ? -1.0 : 2.0);
            }
            std::uint64_t found = 0;
            cells->find(x.data(), &found, 1);
            if (found != moe::CandidateCells::unknown)
                BOOST_TEST(found == nearest_by_definition(x, numbers));
        }
    }
}

BOOST_AUTO_TEST_CASE(prototypes_are_sorted_into_cells_once_many_inputs_were_routed) {
    RandomStream random(8, 11, 1);
    const Numbers numbers = make_cloud(random, Cloud::uniform, 2, 300);
    const Numbers inputs = rows_near(random, numbers, 2, 30000);
    Leaves wanted(30000);
    for (std::size_t b = 0; b < wanted.size(); ++b)
        wanted[b] = nearest_by_definition(std::span(inputs).subspan(2 * b, 2), numbers);
    const FlatPrototypes flat(2, numbers);
    const FlatPrototypes copy = flat;
    BOOST_TEST(!flat.in_cells());
    for (int round = 0; round < 4; ++round) {
        Leaves leaves(30000);
        (void)flat.route_batch(inputs, leaves);
        BOOST_TEST(differences(leaves, wanted) == 0U);
        BOOST_TEST(flat.in_cells() == (round >= 2)); // 90000 > 2^16
    }
    BOOST_TEST(copy.in_cells());
    Leaves leaves(30000);
    (void)route_rows([&](auto x) { return flat.route(x); }, 2, inputs, leaves);
    BOOST_TEST(differences(leaves, wanted) == 0U);
}

BOOST_AUTO_TEST_CASE(candidate_cells_are_left_out_where_they_cannot_serve) {
    BOOST_TEST(!moe::CandidateCells::make(2, Numbers(64, 0.5)).has_value());
    BOOST_TEST(!moe::CandidateCells::make(1, Numbers{-1e308, 1e308}).has_value());
    BOOST_TEST(!moe::CandidateCells::make(1, Numbers{0.0, 1e-170}).has_value());
    const auto cells = moe::CandidateCells::make(1, Numbers{0.0, 1.0});
    BOOST_REQUIRE(cells.has_value());
    for (const double x : {undefined, infinity, -infinity, 1e300, -2.0}) {
        std::uint64_t found = 0;
        cells->find(&x, &found, 1);
        BOOST_TEST(found == moe::CandidateCells::unknown);
    }
}

BOOST_AUTO_TEST_SUITE_END()
