#include "certification/certificate.hpp"

#include "forward/evaluate.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <stdexcept>
#include <vector>

namespace {

using moe::BitExtractionExperts;
using moe::BitExtractionForm;
using moe::KuhnExperts;
using moe::LipschitzFunction;
using moe::RandomStream;

using Cell = std::vector<std::int64_t>;

/// A forward path: each point of a flat batch through one expert.
std::vector<double> evaluate_all(const moe::Architecture& net,
                                 const std::vector<double>& parameters,
                                 const std::vector<double>& inputs) {
    const std::size_t n = net.inputs();
    std::vector<double> outputs(inputs.size() / n);
    moe::evaluate_batch<double>(net, parameters, inputs, outputs);
    return outputs;
}

RandomStream stream(std::uint64_t seed) {
    return {seed, moe::cell_key("certificate"), 0};
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificate)

BOOST_AUTO_TEST_CASE(a_built_kuhn_expert_passes_all_four_parts) {
    RandomStream random = stream(1);
    for (int n = 1; n <= 4; ++n) {
        const KuhnExperts experts(n, 3, 3);
        Cell cell(static_cast<std::size_t>(n), 2);
        cell[0] = 1;
        const std::vector<LipschitzFunction> targets{
            LipschitzFunction::bump(n, 5, 7), LipschitzFunction::cones(n, 9, 5),
            LipschitzFunction::ridge(n, 12.0, 3), LipschitzFunction::adv(n, experts.lattice())};
        for (const auto& f : targets) {
            std::vector<double> parameters(experts.architecture().parameters());
            experts.fill(cell, f, parameters);
            const auto deviation = [&](const std::vector<double>& inputs,
                                       const moe::ScalarField& reference) {
                const auto outputs = evaluate_all(experts.architecture(), parameters, inputs);
                return moe::largest_deviation(n, inputs, outputs, reference).largest;
            };
            const auto nodes = moe::node_points(experts, cell, random);
            const auto inside = moe::cell_points(experts.grid(), cell, 200, random);
            const auto corners = moe::corner_points(experts, cell, random);
            const double bound = experts.error_bound(1.0);
            BOOST_TEST(deviation(nodes, f) <= moe::identity_tolerance, f.name());
            BOOST_TEST(deviation(inside, moe::kuhn_reference(experts, cell, f)) <=
                       moe::identity_tolerance);
            BOOST_TEST(deviation(inside, f) <= bound + moe::sampled_error_tolerance);
            BOOST_TEST(deviation(corners, f) <= bound + moe::sampled_error_tolerance);
            if (f.name().starts_with("adv"))
                BOOST_TEST(std::abs(deviation(corners, f) / bound - 1.0) <=
                           moe::sampled_error_tolerance);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_node_value_is_found) {
    RandomStream random = stream(2);
    const KuhnExperts experts(2, 2, 3);
    const Cell cell{1, 0};
    const auto f = LipschitzFunction::cones(2, 9, 5);
    std::vector<double> values = experts.node_values(cell, f);
    values[4] += 2.0 * experts.error_bound(1.0);
    std::vector<double> parameters(experts.architecture().parameters());
    experts.fill_from_values(cell, values, parameters);
    const auto nodes = moe::node_points(experts, cell, random);
    const auto outputs = evaluate_all(experts.architecture(), parameters, nodes);
    const auto deviation = moe::largest_deviation(2, nodes, outputs, f);
    BOOST_TEST(std::abs(deviation.largest - 2.0 * experts.error_bound(1.0)) <= 1e-12);
    BOOST_TEST(deviation.at == 4U);
    BOOST_TEST(deviation.points == 9U);
}

BOOST_AUTO_TEST_CASE(
    a_grid_of_half_the_cells_has_twice_the_certified_error_for_adv_of_its_lattice) {
    RandomStream random = stream(3);
    const KuhnExperts planned(2, 8, 2);
    const KuhnExperts built(2, 4, 2);
    const Cell cell{3, 1};
    const auto f = LipschitzFunction::adv(2, built.lattice());
    std::vector<double> parameters(built.architecture().parameters());
    built.fill(cell, f, parameters);
    const auto corners = moe::corner_points(built, cell, random);
    const auto outputs = evaluate_all(built.architecture(), parameters, corners);
    const double sampled = moe::largest_deviation(2, corners, outputs, f).largest;
    BOOST_TEST(std::abs(sampled / planned.error_bound(1.0) - 2.0) <= 1e-9);
}

BOOST_AUTO_TEST_CASE(points_lie_where_they_should) {
    RandomStream random = stream(4);
    const KuhnExperts experts(2, 4, 3);
    const Cell cell{3, 0};
    const auto corners = moe::corner_points(experts, cell, random);
    BOOST_TEST(corners.size() == 2U * 16U);
    std::set<std::pair<double, double>> distinct;
    for (std::size_t i = 0; i < corners.size(); i += 2) {
        distinct.emplace(corners[i], corners[i + 1]);
        const double j = corners[i] * 12.0;
        BOOST_TEST(std::abs(j - std::round(j)) <= 1e-12);
        BOOST_TEST((corners[i] >= 0.75 && corners[i] <= 1.0));
        BOOST_TEST((corners[i + 1] >= 0.0 && corners[i + 1] <= 0.25));
    }
    BOOST_TEST(distinct.size() == 16U);
    const auto inside = moe::cell_points(experts.grid(), cell, 100, random);
    BOOST_TEST(inside.size() == 200U);
    for (std::size_t i = 0; i < inside.size(); i += 2) {
        BOOST_TEST((inside[i] >= 0.75 && inside[i] <= 1.0));
        BOOST_TEST((inside[i + 1] >= 0.0 && inside[i + 1] <= 0.25));
    }
    const KuhnExperts large(3, 2, 5);
    const Cell corner_cell{1, 1, 0};
    BOOST_TEST(moe::node_points(large, corner_cell, random).size() == 3U * 64U);
    BOOST_TEST(moe::corner_points(large, corner_cell, random, 10).size() == 30U);
    BOOST_TEST(moe::node_points(large, corner_cell, random, 125).size() == 3U * 125U);
}

BOOST_AUTO_TEST_CASE(an_output_that_is_no_number_is_an_infinite_deviation) {
    const moe::ScalarField zero = [](std::span<const double>) { return 0.0; };
    const std::array inputs{0.1, 0.2, 0.3};
    const std::array outputs{1.0, std::numeric_limits<double>::quiet_NaN(), 2.0};
    const auto deviation = moe::largest_deviation(1, inputs, outputs, zero);
    BOOST_TEST(std::isinf(deviation.largest));
    BOOST_TEST(deviation.at == 1U);
    BOOST_CHECK_THROW((void)moe::largest_deviation(2, inputs, outputs, zero),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_built_bit_extraction_expert_passes) {
    RandomStream random = stream(5);
    for (const int k : {1, 2}) {
        for (const std::int64_t m : {4, 16, 46}) {
            const BitExtractionExperts experts(3, k, m, m, 3);
            const Cell cell = k == 1 ? Cell{0, 2, 1} : Cell{0, 0, 2};
            const auto f = LipschitzFunction::cones(3, 9, 5, 2.0);
            std::vector<double> parameters(experts.architecture().parameters());
            experts.fill(cell, f, 2.0, parameters);
            const auto proof = moe::certify_paths(experts, cell, f, 2.0, parameters);
            BOOST_TEST(proof.holds());
            BOOST_TEST(proof.codes_round_trip);
            BOOST_TEST((proof.largest_node_ratio > 0.2 && proof.largest_node_ratio <= 1.0));
            BOOST_TEST(proof.nodes == 3U * static_cast<std::size_t>(m * (m + 1)));

            auto inputs = moe::cell_points(experts.grid(), cell, 300, random);
            const auto zones = experts.zone_points(cell, 4);
            std::vector<double> outside;
            for (std::size_t i = 0; i < inputs.size(); i += 3)
                if (!experts.in_step_zone(std::span(inputs).subspan(i, 3)))
                    outside.insert(outside.end(), &inputs[i], &inputs[i] + 3);
            const auto reference = moe::bit_extraction_reference(experts, cell, f, 2.0);
            const auto outputs = evaluate_all(experts.architecture(), parameters, outside);
            BOOST_TEST(moe::largest_deviation(3, outside, outputs, reference).largest <= 4e-14);
            inputs.insert(inputs.end(), zones.begin(), zones.end());
            const auto all = evaluate_all(experts.architecture(), parameters, inputs);
            BOOST_TEST(moe::largest_deviation(3, inputs, all, f).largest <=
                       experts.error_bound(2.0) + moe::sampled_error_tolerance);
        }
    }
}

BOOST_AUTO_TEST_CASE(broken_codes_and_an_underestimated_constant_are_found) {
    const BitExtractionExperts experts(1, 1, 8, 8, 1);
    const Cell cell{0};
    const auto f = LipschitzFunction::cones(1, 9, 5);
    std::vector<double> parameters(experts.architecture().parameters());
    experts.fill(cell, f, 1.0, parameters);
    BOOST_TEST(moe::certify_paths(experts, cell, f, 1.0, parameters).holds());

    // The first bias of layer 4 is the first code: one wrong bit, then no integer.
    const std::size_t first_code = experts.architecture().layer(3).bias_offset;
    auto wrong_bit = parameters;
    wrong_bit[first_code] = wrong_bit[first_code] == 0.0 ? 1.0 : wrong_bit[first_code] - 1.0;
    BOOST_TEST(!moe::certify_paths(experts, cell, f, 1.0, wrong_bit).holds());
    auto no_code = parameters;
    no_code[first_code] += 0.5;
    BOOST_TEST(!moe::certify_paths(experts, cell, f, 1.0, no_code).holds());

    // A start that is off by more than a step leaves the tube around f.
    auto wrong_start = parameters;
    wrong_start[first_code + 1] += 0.1;
    const auto proof = moe::certify_paths(experts, cell, f, 1.0, wrong_start);
    BOOST_TEST(proof.largest_start_error > 0.09);
    BOOST_TEST(proof.largest_node_ratio > 1.0);

    // f has constant 1; with lambda = 1/4 its path cannot follow.
    experts.fill(cell, f, 0.25, parameters);
    BOOST_TEST(!moe::certify_paths(experts, cell, f, 0.25, parameters).holds());
}

BOOST_AUTO_TEST_CASE(zone_points_show_that_a_single_copy_breaks_the_bound) {
    const BitExtractionExperts experts(1, 1, 16, 16, 1, BitExtractionForm::single_copy);
    const Cell cell{0};
    const auto f = LipschitzFunction::cones(1, 9, 5);
    std::vector<double> parameters(experts.architecture().parameters());
    experts.fill(cell, f, 1.0, parameters);
    BOOST_TEST(moe::certify_paths(experts, cell, f, 1.0, parameters).holds());
    const auto zones = experts.zone_points(cell, 16);
    const auto outputs = evaluate_all(experts.architecture(), parameters, zones);
    BOOST_TEST(moe::largest_deviation(1, zones, outputs, f).largest >
               5.0 * experts.error_bound(1.0));
}

BOOST_AUTO_TEST_SUITE_END()
