#include "gating/exact_sets.hpp"
#include "gating/reference_truths.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::GatedFunction;
using moe::GateKind;
using moe::NearestSet;
using namespace moe::reference;

GatedFunction linear(std::vector<Atom> atoms) {
    return {GateKind::sigmoid, ExpertActivation::linear, std::move(atoms)};
}

const Atom one{1.0, 0.5, -1.7, 1.4};
const Atom two{-0.9, -0.6, 1.9, -0.3};

struct Member {
    std::string set;
    GatedFunction function;
};

/// sigma(b0) of a gate that does not depend on x.
double constant_gate(double b0) {
    return 1.0 / (1.0 + std::exp(-b0));
}

std::vector<Member> members() {
    const double gate = constant_gate(1.2);
    const Atom less_one{-1.0, -0.5, 1.7, -1.4};
    const Atom less_two{0.9, 0.6, -1.9, 0.3};
    return {{"dead", linear({one, {2.0, -1.5, 0.0, 0.0}, two})},
            {"same-gate", linear({{1.0, 0.5, -1.2, 2.4}, {1.0, 0.5, -0.5, -1.0}, two})},
            {"same-gate", linear({one, {-0.9, -0.6, 0.4, 0.1}, {-0.9, -0.6, 1.5, -0.4}})},
            {"complement", linear({less_one, {0.0, 1.2, -1.7 / gate, 1.4 / gate}, two})},
            {"complement", linear({less_one, {0.0, 1.2, 0.2 / gate, 1.1 / gate}, less_two})},
            {"mirror", linear({{1.0, 0.5, 0.2, 1.1}, {-1.0, -0.5, 1.9, -0.3}, less_two})},
            {"mirror", linear({{-0.9, -0.6, 0.2, 1.1}, {0.9, 0.6, -1.7, 1.4}, less_one})}};
}

BOOST_AUTO_TEST_SUITE(exact_sets)

BOOST_AUTO_TEST_CASE(members_are_the_truth_and_are_found_in_every_order) {
    const GatedFunction truth = linear({one, two});
    for (const Member& member : members()) {
        BOOST_TEST(moe::grid_distance(member.function, truth, grid()) <= 2e-14, member.set);
        std::vector<std::size_t> order{0, 1, 2};
        do {
            GatedFunction relabelled = member.function;
            for (std::size_t i = 0; i < 3; ++i)
                relabelled.atoms[i] = member.function.atoms[order[i]];
            const NearestSet nearest = moe::nearest_exact_set(relabelled, truth);
            BOOST_TEST(nearest.name == member.set);
            BOOST_TEST(nearest.distance <= 1e-14, member.set);
        } while (std::ranges::next_permutation(order).found);
    }
}

BOOST_AUTO_TEST_CASE(the_distance_counts_what_is_determined) {
    const GatedFunction truth = linear({one, two});
    GatedFunction dead = linear({one, two, {2.0, -1.5, 0.03, -0.04}});
    BOOST_TEST(std::abs(moe::nearest_exact_set(dead, truth).distance - 0.05) <= 1e-15);
    dead.atoms[0].b1 += 0.01;
    dead.atoms[1].b0 -= 0.02;
    BOOST_TEST(std::abs(moe::nearest_exact_set(dead, truth).distance - 0.08) <= 1e-15);
    // Only the sum of the experts under one gate is determined.
    const GatedFunction divided =
        linear({{1.0, 0.5, -1.2, 2.4}, {1.0, 0.53, -0.5, -1.04}, {-0.9, -0.6, 1.9, -0.3}});
    BOOST_TEST(std::abs(moe::nearest_exact_set(divided, truth).distance - 0.07) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(other_functions_are_refused) {
    const GatedFunction truth = linear({one, two});
    GatedFunction gelu = linear({one, two, Atom{}});
    gelu.expert = ExpertActivation::gelu;
    BOOST_CHECK_THROW(static_cast<void>(moe::nearest_exact_set(gelu, truth)),
                      std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::nearest_exact_set(truth, truth)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
