#include "constructions/bit_extraction.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "forward/evaluate.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

using moe::BitExtractionExperts;
using moe::BitExtractionForm;
using moe::BitPaths;
using moe::LipschitzFunction;

using Cell = std::vector<std::int64_t>;

constexpr std::array<std::int64_t, 5> sizes{2, 4, 8, 16, 32};
double evaluate(const BitExtractionExperts& experts, const std::vector<double>& parameters,
                const std::vector<double>& x) {
    std::array<double, 1> y{};
    moe::evaluate<double>(experts.architecture(), parameters, x, y);
    return y[0];
}

std::vector<double> build(const BitExtractionExperts& experts, const Cell& cell,
                          const moe::ScalarField& f, double lambda) {
    std::vector<double> parameters(experts.architecture().parameters());
    experts.fill(cell, f, lambda, parameters);
    return parameters;
}

std::vector<double> uniform_point(int n, moe::RandomStream& random) {
    std::vector<double> x(static_cast<std::size_t>(n));
    for (double& coordinate : x)
        coordinate = random.uniform();
    return x;
}

/// The activations after the first `layers` layers, by dense matrix-vector products.
std::vector<double> activations(const moe::Architecture& net, const std::vector<double>& parameters,
                                std::vector<double> x, std::size_t layers) {
    for (std::size_t j = 0; j < layers; ++j) {
        const moe::Layer& layer = net.layer(j);
        std::vector<double> z(layer.outputs, 0.0);
        for (std::size_t b = 0; b < layer.biases; ++b)
            z[layer.pattern.bias_row[b]] = parameters[layer.bias_offset + b];
        for (std::size_t w = 0; w < layer.weights; ++w)
            z[layer.pattern.row[w]] +=
                parameters[layer.weight_offset + w] * x[layer.pattern.col[w]];
        for (double& unit : z)
            unit = std::max(unit, 0.0);
        x = z;
    }
    return x;
}

/// The zig-zag path on the whole line as a list of node values, from the recursion alone.
std::vector<double> zig_zag(const std::vector<double>& f, double q) {
    std::vector<double> v{f.front()};
    for (std::size_t i = 1; i < f.size(); ++i)
        v.push_back(f[i] >= v.back() ? v.back() + q : v.back() - q);
    return v;
}

double linear(const std::vector<double>& nodes, double at) {
    const double place = std::clamp(at, 0.0, static_cast<double>(nodes.size() - 1));
    const std::size_t i =
        std::min(static_cast<std::size_t>(place), std::max<std::size_t>(nodes.size(), 2) - 2);
    const double share = place - static_cast<double>(i);
    return (1.0 - share) * nodes[i] + share * nodes[i + 1];
}

double median(double a, double b, double c) {
    return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

} // namespace

BOOST_AUTO_TEST_SUITE(bit_extraction)

BOOST_AUTO_TEST_CASE(parameters_and_depth_are_those_of_the_table_and_of_the_built_net) {
    const std::array<std::uint64_t, 5> one{249, 477, 933, 1845, 3669};
    const std::array<std::uint64_t, 5> two{252, 474, 918, 1806, 3582};
    const std::array<std::uint64_t, 5> depth{14, 20, 32, 56, 104};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const std::int64_t m = sizes[i];
        BOOST_TEST(moe::bit_extraction_parameters(1, m, m) == one[i]);
        BOOST_TEST(moe::bit_extraction_parameters(2, m, m) == two[i]);
        BOOST_TEST(moe::bit_extraction_depth(m) == depth[i]);
        BOOST_TEST(BitExtractionExperts(1, 1, m, m, 1).architecture().parameters() == one[i]);
        BOOST_TEST(BitExtractionExperts(3, 2, m, m, 2).architecture().parameters() == two[i]);
        BOOST_TEST(BitExtractionExperts(2, 2, m, m, 1).architecture().depth() == depth[i]);
    }
}

BOOST_AUTO_TEST_CASE(formulas_hold_for_unequal_pieces_and_bits_and_a_single_piece) {
    for (const std::int64_t m : {1, 2, 3, 7})
        for (const std::int64_t d : {2, 3, 5})
            for (const int k : {1, 2}) {
                const BitExtractionExperts experts(2, k, m, d, 3);
                BOOST_TEST(experts.architecture().parameters() ==
                           moe::bit_extraction_parameters(k, m, d));
                BOOST_TEST(experts.architecture().depth() == moe::bit_extraction_depth(d));
            }
}

BOOST_AUTO_TEST_CASE(bounds_are_those_of_the_table) {
    const std::array<double, 5> one{0.265625, 0.06640625, 0.0166015625, 0.004150390625,
                                    0.00103759765625};
    const std::array<double, 5> two{0.78125, 0.390625, 0.1953125, 0.09765625, 0.048828125};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        BOOST_TEST(moe::bit_extraction_bound(1, sizes[i], sizes[i], 1.0) == one[i]);
        BOOST_TEST(moe::bit_extraction_bound(2, sizes[i], sizes[i], 1.0) == two[i]);
    }
    BOOST_TEST(moe::slab_bound(3, 1, 4, 2.0) == 2.0 * std::sqrt(2.0) / 8.0);
    BOOST_TEST(moe::slab_bound(2, 2, 1, 2.0) == 0.0);
}

BOOST_AUTO_TEST_CASE(the_path_follows_the_function_within_one_step_at_and_between_nodes) {
    moe::RandomStream random(1, moe::cell_key("bits"), 0);
    const std::vector<LipschitzFunction> targets{
        LipschitzFunction::cones(2, 9, 5, 3.0), LipschitzFunction::ridge(2, 12.0, 3, 3.0),
        LipschitzFunction::bump(2, 8, 7, 3.0), LipschitzFunction::adv(2, 12, 3.0)};
    for (const auto& f : targets) {
        for (const int k : {1, 2}) {
            const BitExtractionExperts experts(2, k, 5, 7, 3);
            std::vector<double> x = experts.slab_centre(Cell{0, k == 1 ? 2 : 0});
            const BitPaths paths = experts.paths(x, f, 3.0);
            for (int i = 0; i < 2000; ++i) {
                const auto kappa = static_cast<std::size_t>(random.below(5));
                const double tau =
                    i % 2 == 0 ? static_cast<double>(random.below(8)) : 7.0 * random.uniform();
                x[0] = k == 1 ? (static_cast<double>(kappa) * 7 + tau) / 35.0 : tau / 7.0;
                if (k == 2) x[1] = (static_cast<double>(kappa) + 0.5) / 5.0;
                BOOST_TEST(std::abs(f(x) - paths.value(kappa, tau)) <= paths.q * (1.0 + 1e-12),
                           f.name());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(codes_are_the_directions_of_the_zig_zag_path) {
    const auto f = LipschitzFunction::cones(2, 9, 5);
    const BitExtractionExperts line(2, 1, 4, 6, 2);
    const BitPaths paths = line.paths(std::array{0.0, 0.75}, f, 1.0);
    std::vector<double> nodes;
    for (int i = 0; i <= 24; ++i)
        nodes.push_back(f(std::array{i / 24.0, 0.75}));
    const std::vector<double> v = zig_zag(nodes, 1.0 / 24.0);
    for (std::size_t kappa = 0; kappa < 4; ++kappa) {
        BOOST_TEST(paths.start[kappa] == v[6 * kappa]);
        std::uint64_t code = 0;
        for (std::size_t j = 0; j < 6; ++j)
            if (v[6 * kappa + j + 1] > v[6 * kappa + j]) code += std::uint64_t{1} << (5 - j);
        BOOST_TEST(paths.code[kappa] == code);
        for (std::size_t j = 0; j <= 6; ++j)
            BOOST_TEST(std::abs(paths.value(kappa, static_cast<double>(j)) - v[6 * kappa + j]) <=
                       1e-15);
    }
}

BOOST_AUTO_TEST_CASE(the_selection_layers_deliver_the_exact_code_outside_step_zones) {
    moe::RandomStream random(2, moe::cell_key("bits"), 0);
    const auto f = LipschitzFunction::cones(2, 9, 5);
    for (const int k : {1, 2}) {
        for (const std::int64_t m : {3, 16, 32, 46}) {
            const BitExtractionExperts experts(2, k, m, m, 2);
            const Cell cell{0, k == 1 ? 1 : 0};
            const BitPaths paths = experts.paths(experts.slab_centre(cell), f, 1.0);
            const auto parameters = build(experts, cell, f, 1.0);
            const double cut = static_cast<double>(m) * (k == 1 ? static_cast<double>(m) : 1.0);
            const double step = k == 1 ? static_cast<double>(m) : 1.0;
            int tested = 0;
            for (int i = 0; i < 300; ++i) {
                const std::vector<double> x = uniform_point(2, random);
                if (experts.in_step_zone(x)) continue;
                ++tested;
                const auto units = activations(experts.architecture(), parameters, x, 4);
                for (std::size_t copy = 0; copy < 3; ++copy) {
                    const double y = std::max(0.0, x[k == 1 ? 0 : 1] * cut +
                                                       (static_cast<double>(copy) - 1.0) / 16.0);
                    const auto kappa = std::min(static_cast<std::size_t>(y / step),
                                                static_cast<std::size_t>(m - 1));
                    BOOST_TEST(units[3 * copy] == static_cast<double>(paths.code[kappa]));
                }
            }
            BOOST_TEST(tested > 200);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_output_is_the_median_of_the_three_shifted_paths_outside_step_zones) {
    moe::RandomStream random(3, moe::cell_key("bits"), 0);
    for (const int k : {1, 2}) {
        for (const std::int64_t m : {2, 4, 8, 16, 32, 46}) {
            const auto f = LipschitzFunction::cones(k, 9, 5);
            const BitExtractionExperts experts(k, k, m, m, 1);
            const Cell cell(static_cast<std::size_t>(k), 0);
            const auto parameters = build(experts, cell, f, 1.0);
            const BitPaths paths = experts.paths(experts.slab_centre(cell), f, 1.0);
            const auto steps = static_cast<double>(k == 1 ? m * m : m);
            // The path as node values over the whole axis (k = 1) or of each column (k = 2).
            std::vector<std::vector<double>> v;
            for (std::int64_t column = 0; column < (k == 1 ? 1 : m); ++column) {
                std::vector<double> nodes;
                for (int i = 0; i <= static_cast<int>(steps); ++i) {
                    std::vector<double> node(static_cast<std::size_t>(k));
                    node[0] = i / steps;
                    if (k == 2)
                        node[1] = (static_cast<double>(column) + 0.5) / static_cast<double>(m);
                    nodes.push_back(f(node));
                }
                v.push_back(zig_zag(nodes, 1.0 / steps));
            }
            for (int i = 0; i < 300; ++i) {
                const std::vector<double> x = uniform_point(k, random);
                if (experts.in_step_zone(x)) continue;
                const auto shifted = [&](double shift) {
                    if (k == 1) return linear(v[0], x[0] * steps + shift);
                    const double y = std::max(0.0, x[1] * static_cast<double>(m) + shift);
                    const auto column =
                        std::min(static_cast<std::size_t>(y), static_cast<std::size_t>(m - 1));
                    return linear(v[column], x[0] * steps);
                };
                const double expected = median(shifted(-0.0625), shifted(0.0), shifted(0.0625));
                const double output = evaluate(experts, parameters, x);
                BOOST_TEST(std::abs(output - expected) <= 1e-14 * (k == 1 ? 4.0 : 1.0));
                BOOST_TEST(std::abs(output - experts.path_value(paths, x)) <= 1e-14);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_sampled_error_lies_between_half_the_bound_and_the_bound) {
    moe::RandomStream random(4, moe::cell_key("bits"), 0);
    for (const int k : {1, 2}) {
        for (const std::int64_t m : sizes) {
            const auto f = LipschitzFunction::cones(k, 9, 5);
            const BitExtractionExperts experts(k, k, m, m, 1);
            const Cell cell(static_cast<std::size_t>(k), 0);
            const auto parameters = build(experts, cell, f, 1.0);
            double largest = 0.0;
            for (int i = 0; i < 4000; ++i) {
                const std::vector<double> x = uniform_point(k, random);
                largest = std::max(largest, std::abs(evaluate(experts, parameters, x) - f(x)));
            }
            const double ratio = largest / experts.error_bound(1.0);
            BOOST_TEST_MESSAGE("k = " << k << ", m = d = " << m << ": sampled/bound " << ratio);
            BOOST_TEST((ratio >= 0.5 && ratio <= 1.0));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_bound_holds_inside_step_zones_and_on_the_whole_slab) {
    moe::RandomStream random(5, moe::cell_key("bits"), 0);
    const std::vector<LipschitzFunction> targets{
        LipschitzFunction::cones(3, 9, 5, 2.0), LipschitzFunction::ridge(3, 12.0, 3, 2.0),
        LipschitzFunction::bump(3, 8, 7, 2.0), LipschitzFunction::adv(3, 12, 2.0)};
    for (const auto& f : targets) {
        for (const int k : {1, 2}) {
            const BitExtractionExperts experts(3, k, 6, 4, 5);
            const Cell cell = k == 1 ? Cell{0, 4, 1} : Cell{0, 0, 3};
            const auto parameters = build(experts, cell, f, 2.0);
            const std::vector<double> zones = experts.zone_points(cell);
            BOOST_TEST(zones.size() == 15U);
            for (int i = 0; i < 2000; ++i) {
                std::vector<double> x = uniform_point(3, random);
                for (auto a = static_cast<std::size_t>(k); a < 3; ++a)
                    x[a] = (static_cast<double>(cell[a]) + x[a]) / 5.0;
                if (i % 2 == 0) {
                    // Somewhere in a step zone of one of the copies.
                    const std::size_t zone = 3 * (static_cast<std::size_t>(i / 2) % 5);
                    const std::size_t axis = k == 1 ? 0 : 1;
                    const double unit = k == 1 ? 1.0 / 24.0 : 1.0 / 6.0;
                    const double shift = static_cast<double>(random.below(3)) - 1.0;
                    x[axis] = zones[zone + axis] +
                              unit * (shift / 16.0 + (random.uniform() - 0.5) / 32.0);
                    BOOST_TEST(experts.in_step_zone(x, 1e-9));
                }
                // The upper boundary belongs to the last piece.
                if (i == 1) x[0] = 1.0;
                if (i == 3 && k == 2) x[1] = 1.0;
                const double error = std::abs(evaluate(experts, parameters, x) - f(x));
                BOOST_TEST(error <= experts.error_bound(2.0) + 1e-9, f.name());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(without_the_median_step_zones_break_the_bound) {
    const auto f = LipschitzFunction::cones(1, 9, 5);
    const Cell cell{0};
    const BitExtractionExperts whole(1, 1, 16, 16, 1);
    const BitExtractionExperts single(1, 1, 16, 16, 1, BitExtractionForm::single_copy);
    const auto whole_parameters = build(whole, cell, f, 1.0);
    const auto single_parameters = build(single, cell, f, 1.0);
    const double bound = whole.error_bound(1.0);
    double whole_error = 0.0;
    double single_error = 0.0;
    const auto compare = [&](double x) {
        const double value = f(std::array{x});
        whole_error =
            std::max(whole_error, std::abs(evaluate(whole, whole_parameters, {x}) - value));
        single_error =
            std::max(single_error, std::abs(evaluate(single, single_parameters, {x}) - value));
    };
    for (int i = 0; i < 20'000; ++i)
        compare((i + 0.5) / 20'000);
    for (const double x : single.zone_points(cell, 1000))
        compare(x);
    BOOST_TEST_MESSAGE("largest error with the median " << whole_error << ", without "
                                                        << single_error << ", bound " << bound);
    BOOST_TEST(whole_error <= bound);
    BOOST_TEST(std::abs(bound - 0.00415) <= 1e-5);
    // What one finds depends on how densely the zones are sampled: 0.03 in their middles, 0.11 at
    // most.
    BOOST_TEST((single_error > 0.068 && single_error < 0.12));
    single_error = 0.0;
    for (const double x : single.zone_points(cell))
        compare(x);
    BOOST_TEST(single_error > 5.0 * bound);
}

BOOST_AUTO_TEST_CASE(outside_its_zones_the_single_copy_is_the_unshifted_path) {
    moe::RandomStream random(6, moe::cell_key("bits"), 0);
    const auto f = LipschitzFunction::cones(2, 9, 5);
    for (const int k : {1, 2}) {
        const BitExtractionExperts experts(2, k, 8, 8, 4, BitExtractionForm::single_copy);
        const Cell cell{0, k == 1 ? 3 : 0};
        const auto parameters = build(experts, cell, f, 1.0);
        const BitPaths paths = experts.paths(experts.slab_centre(cell), f, 1.0);
        for (int i = 0; i < 200; ++i) {
            const std::vector<double> x = uniform_point(2, random);
            if (experts.in_step_zone(x)) continue;
            BOOST_TEST(std::abs(evaluate(experts, parameters, x) - experts.path_value(paths, x)) <=
                       1e-14);
        }
    }
}

BOOST_AUTO_TEST_CASE(stored_codes_can_be_read_back_from_the_parameters) {
    const auto f = LipschitzFunction::cones(3, 9, 5);
    for (const auto form : {BitExtractionForm::median, BitExtractionForm::single_copy}) {
        for (const int k : {1, 2}) {
            const BitExtractionExperts experts(3, k, 46, 46, 7, form);
            const Cell cell = k == 1 ? Cell{0, 6, 2} : Cell{0, 0, 5};
            auto parameters = build(experts, cell, f, 1.0);
            const BitPaths paths = experts.paths(experts.slab_centre(cell), f, 1.0);
            const auto stored = experts.stored_paths(parameters, 1.0);
            BOOST_TEST(stored.size() == (form == BitExtractionForm::median ? 3U : 1U));
            for (const BitPaths& copy : stored) {
                BOOST_TEST(copy.code == paths.code, boost::test_tools::per_element());
                for (std::size_t i = 0; i < paths.start.size(); ++i)
                    BOOST_TEST(std::abs(copy.start[i] - paths.start[i]) <= 1e-14);
            }
            const moe::Layer& selection = experts.architecture().layer(3);
            parameters[selection.bias_offset] += 0.5;
            BOOST_TEST(experts.stored_paths(parameters, 1.0).empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(sizes_past_the_limit_of_exact_codes_are_refused) {
    BOOST_CHECK_NO_THROW(BitExtractionExperts(1, 1, 46, 46, 1));
    BOOST_CHECK_NO_THROW(moe::check_bit_extraction_size(1, 1, 1, 51));
    struct Size {
        int n;
        int k;
        std::int64_t m;
        std::int64_t d;
    };
    const std::vector<Size> refused{{1, 1, 47, 47}, {1, 1, 1, 52},
                                    {1, 1, 65, 46}, {2, 2, 2, 1},
                                    {2, 2, 0, 4},   {2, 3, 4, 4},
                                    {2, 0, 4, 4},   {1, 2, 4, 4},
                                    {9, 1, 4, 4},   {1, 1, std::int64_t{1} << 46, 2}};
    for (const Size& size : refused)
        BOOST_CHECK_THROW(moe::check_bit_extraction_size(size.n, size.k, size.m, size.d),
                          moe::InputError);
    BOOST_CHECK_THROW(BitExtractionExperts(1, 1, std::int64_t{1} << 30, 8, 1), moe::InputError);
    BOOST_CHECK_THROW(BitExtractionExperts(2, 1, 4, 4, 0), moe::InputError);
    BOOST_CHECK_THROW(BitExtractionExperts(8, 1, 4, 4, 1000), moe::InputError);
    const BitExtractionExperts experts(2, 1, 4, 4, 3);
    BOOST_CHECK_THROW((void)experts.slab_centre(Cell{1, 0}), moe::InputError);
    BOOST_CHECK_THROW((void)experts.slab_centre(Cell{0, 3}), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
