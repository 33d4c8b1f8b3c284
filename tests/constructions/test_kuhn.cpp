#include "constructions/kuhn.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "constructions/freudenthal.hpp"
#include "forward/evaluate.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace {

using moe::KuhnExperts;
using moe::KuhnForm;
using moe::LipschitzFunction;

using Cell = std::vector<std::int64_t>;

double evaluate(const KuhnExperts& experts, const std::vector<double>& parameters,
                const std::vector<double>& x) {
    std::array<double, 1> y{};
    moe::evaluate<double>(experts.architecture(), parameters, x, y);
    return y[0];
}

std::vector<double> build(const KuhnExperts& experts, const Cell& cell, const moe::ScalarField& f) {
    std::vector<double> parameters(experts.architecture().parameters());
    experts.fill(cell, f, parameters);
    return parameters;
}

std::vector<double> uniform_point(int n, moe::RandomStream& random) {
    std::vector<double> x(static_cast<std::size_t>(n));
    for (double& coordinate : x)
        coordinate = random.uniform();
    return x;
}

Cell random_cell(const KuhnExperts& experts, moe::RandomStream& random) {
    Cell cell = experts.grid();
    for (std::int64_t& c : cell)
        c = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(c)));
    return cell;
}

/// Piecewise linear interpolation on the line with clamping, node by node.
double interpolate_on_line(const std::vector<double>& nodes, const std::vector<double>& values,
                           double x) {
    if (x <= nodes.front()) return values.front();
    for (std::size_t i = 1; i < nodes.size(); ++i)
        if (x <= nodes[i])
            return values[i - 1] +
                   (values[i] - values[i - 1]) * (x - nodes[i - 1]) / (nodes[i] - nodes[i - 1]);
    return values.back();
}

/// n = 2: each square of nodes is cut along its diagonal (0,0)-(1,1).
double interpolate_in_plane(const std::vector<double>& nodes, const std::vector<double>& values,
                            double x_1, double x_2) {
    const std::size_t M = nodes.size();
    const auto locate = [&](double x, std::size_t& i, double& share) {
        const double inside = std::clamp(x, nodes.front(), nodes.back());
        i = 0;
        while (i + 2 < M && inside > nodes[i + 1])
            ++i;
        share = (inside - nodes[i]) / (nodes[i + 1] - nodes[i]);
    };
    std::size_t i = 0;
    std::size_t j = 0;
    double s = 0.0;
    double t = 0.0;
    locate(x_1, i, s);
    locate(x_2, j, t);
    const auto at = [&](std::size_t a, std::size_t b) { return values[(i + a) * M + j + b]; };
    if (s >= t) return at(0, 0) + s * (at(1, 0) - at(0, 0)) + t * (at(1, 1) - at(1, 0));
    return at(0, 0) + t * (at(0, 1) - at(0, 0)) + s * (at(1, 1) - at(0, 1));
}

struct Size {
    int n;
    std::int64_t M;
};

} // namespace

BOOST_AUTO_TEST_SUITE(kuhn_experts)

BOOST_AUTO_TEST_CASE(parameters_of_the_wide_form_are_those_of_the_table_and_of_the_built_net) {
    const std::vector<std::pair<Size, std::uint64_t>> table{
        {{1, 2}, 24},  {{1, 3}, 34},  {{2, 2}, 90},   {{2, 3}, 190},  {{3, 2}, 273},
        {{3, 3}, 881}, {{4, 2}, 729}, {{4, 3}, 3589}, {{4, 4}, 11289}};
    for (const auto& [size, expected] : table) {
        BOOST_TEST(moe::kuhn_parameters(size.n, size.M) == expected);
        const KuhnExperts experts(size.n, 3, size.M);
        BOOST_TEST(experts.architecture().parameters() == expected);
        BOOST_TEST(experts.architecture().is_sparse());
    }
}

BOOST_AUTO_TEST_CASE(parameters_and_depth_of_the_narrow_form_are_those_of_the_table) {
    struct Row {
        Size size;
        std::uint64_t parameters;
        std::uint64_t depth;
    };
    const std::vector<Row> table{{{1, 2}, 65, 7},    {{1, 3}, 96, 9},     {{2, 2}, 413, 15},
                                 {{2, 3}, 908, 30},  {{3, 2}, 1711, 35},  {{3, 3}, 5682, 111},
                                 {{4, 2}, 5845, 83}, {{4, 3}, 29310, 408}};
    for (const Row& row : table) {
        BOOST_TEST(moe::narrow_kuhn_parameters(row.size.n, row.size.M) == row.parameters);
        BOOST_TEST(moe::kuhn_depth(row.size.n, row.size.M, KuhnForm::narrow) == row.depth);
        const KuhnExperts experts(row.size.n, 2, row.size.M, KuhnForm::narrow);
        BOOST_TEST(experts.architecture().parameters() == row.parameters);
        BOOST_TEST(experts.architecture().depth() == row.depth);
        BOOST_TEST(!experts.architecture().is_sparse());
    }
}

BOOST_AUTO_TEST_CASE(formulas_hold_for_every_built_size) {
    for (int n = 1; n <= 5; ++n) {
        for (std::int64_t M = 1; M <= (n <= 3 ? 6 : 3); ++M) {
            for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
                const KuhnExperts experts(n, 2, M, form);
                BOOST_TEST(experts.architecture().parameters() == moe::kuhn_parameters(n, M, form));
                BOOST_TEST(experts.architecture().depth() == moe::kuhn_depth(n, M, form));
            }
            const KuhnExperts with_slopes(n, 2, M, KuhnForm::wide, moe::Activation::prelu);
            BOOST_TEST(with_slopes.architecture().hidden_units() == moe::kuhn_hidden_units(n, M));
            BOOST_TEST(with_slopes.architecture().parameters() ==
                       moe::kuhn_parameters(n, M) + moe::kuhn_hidden_units(n, M));
        }
    }
}

BOOST_AUTO_TEST_CASE(prelu_slopes_are_those_of_the_table) {
    BOOST_TEST(moe::kuhn_hidden_units(1, 2) == 8U);
    BOOST_TEST(moe::kuhn_hidden_units(2, 2) == 33U);
    BOOST_TEST(moe::kuhn_hidden_units(3, 2) == 97U);
    BOOST_TEST(moe::kuhn_hidden_units(4, 3) == 1229U);
}

BOOST_AUTO_TEST_CASE(a_constant_expert_is_one_number) {
    const KuhnExperts wide(3, 2, 1);
    BOOST_TEST(wide.architecture().parameters() == 1U);
    BOOST_TEST(wide.architecture().depth() == 1U);
    const auto f = LipschitzFunction::cones(3, 9, 5);
    const Cell cell{1, 0, 1};
    const double centre = f(std::array{0.75, 0.25, 0.75});
    BOOST_TEST(build(wide, cell, f).front() == centre);
    const KuhnExperts narrow(3, 2, 1, KuhnForm::narrow);
    BOOST_TEST(narrow.architecture().parameters() == 4U);
    BOOST_TEST(evaluate(narrow, build(narrow, cell, f), {0.9, 0.1, 0.6}) == centre);
}

BOOST_AUTO_TEST_CASE(on_the_line_the_expert_interpolates_between_its_nodes) {
    moe::RandomStream random(1, moe::cell_key("kuhn"), 0);
    const auto f = LipschitzFunction::cones(1, 9, 5);
    for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
        for (const std::int64_t M : {2, 3, 7}) {
            const KuhnExperts experts(1, 4, M, form);
            const Cell cell{2};
            std::vector<double> nodes;
            for (std::int64_t g = 0; g < M; ++g)
                nodes.push_back((static_cast<double>(2 * M + g) + 0.5) /
                                static_cast<double>(4 * M));
            std::vector<double> values;
            values.reserve(nodes.size());
            for (const double node : nodes)
                values.push_back(f(std::array{node}));
            const auto parameters = build(experts, cell, f);
            for (int i = 0; i < 200; ++i) {
                const double x = random.uniform();
                BOOST_TEST(std::abs(evaluate(experts, parameters, {x}) -
                                    interpolate_on_line(nodes, values, x)) <= 1e-13);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(in_the_plane_the_expert_is_linear_on_the_two_triangles_of_each_square) {
    moe::RandomStream random(2, moe::cell_key("kuhn"), 0);
    for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
        for (const std::int64_t M : {2, 3, 4}) {
            const KuhnExperts experts(2, 1, M, form);
            const Cell cell{0, 0};
            std::vector<double> nodes;
            for (std::int64_t g = 0; g < M; ++g)
                nodes.push_back((static_cast<double>(g) + 0.5) / static_cast<double>(M));
            std::vector<double> values(static_cast<std::size_t>(M * M));
            for (double& value : values)
                value = random.normal();
            std::vector<double> parameters(experts.architecture().parameters());
            experts.fill_from_values(cell, values, parameters);
            for (int i = 0; i < 300; ++i) {
                const std::vector<double> x = uniform_point(2, random);
                BOOST_TEST(std::abs(evaluate(experts, parameters, x) -
                                    interpolate_in_plane(nodes, values, x[0], x[1])) <= 1e-12);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_network_is_the_freudenthal_interpolant_inside_and_outside_its_cell) {
    moe::RandomStream random(3, moe::cell_key("kuhn"), 0);
    for (int n = 1; n <= 5; ++n) {
        const auto f = LipschitzFunction::cones(n, 9, 5, 2.0);
        for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
            for (std::int64_t M = 1; M <= (n <= 3 ? 4 : 3); ++M) {
                const KuhnExperts experts(n, 3, M, form);
                const Cell cell = random_cell(experts, random);
                const auto parameters = build(experts, cell, f);
                for (int i = 0; i < 50; ++i) {
                    const std::vector<double> x = uniform_point(n, random);
                    const double reference = moe::freudenthal_interpolant(3, M, cell, f, x);
                    BOOST_TEST(std::abs(evaluate(experts, parameters, x) - reference) <= 1e-12);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(prelu_with_slopes_zero_computes_the_same) {
    const auto f = LipschitzFunction::cones(2, 9, 5);
    const KuhnExperts relu(2, 2, 3);
    const KuhnExperts prelu(2, 2, 3, KuhnForm::wide, moe::Activation::prelu);
    const Cell cell{1, 0};
    for (const double x : {0.5, 0.7, 1.0})
        BOOST_TEST(evaluate(relu, build(relu, cell, f), {x, x / 2}) ==
                   evaluate(prelu, build(prelu, cell, f), {x, x / 2}));
}

BOOST_AUTO_TEST_CASE(the_error_bound_holds_for_all_families_on_the_whole_cube) {
    moe::RandomStream random(4, moe::cell_key("kuhn"), 0);
    for (int n = 1; n <= 4; ++n) {
        const std::vector<LipschitzFunction> targets{
            LipschitzFunction::bump(n, 3, 7), LipschitzFunction::cones(n, 9, 5),
            LipschitzFunction::ridge(n, 12.0, 3), LipschitzFunction::adv(n, 6)};
        for (const auto& f : targets) {
            const KuhnExperts experts(n, 2, 3);
            const double bound = std::sqrt(static_cast<double>(n)) / 12.0;
            BOOST_TEST(std::abs(experts.error_bound(1.0) - bound) <= 1e-15);
            for (int i = 0; i < 200; ++i) {
                const std::vector<double> x = uniform_point(n, random);
                Cell cell;
                for (const double coordinate : x)
                    cell.push_back(coordinate <= 0.5 ? 0 : 1);
                BOOST_TEST(std::abs(moe::freudenthal_interpolant(2, 3, cell, f, x) - f(x)) <=
                               bound + 1e-12,
                           f.name());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(adv_attains_the_bound_exactly_at_every_corner_of_the_lattice) {
    for (int n = 1; n <= 4; ++n) {
        for (std::int64_t M = 1; M <= 3; ++M) {
            for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
                const KuhnExperts experts(n, 2, M, form);
                const auto f = LipschitzFunction::adv(n, experts.lattice());
                Cell cell(static_cast<std::size_t>(n), 1);
                cell[0] = 0;
                const auto parameters = build(experts, cell, f);
                // The corners of the cell run over all offsets 0..M per axis.
                std::vector<std::int64_t> offset(cell.size(), 0);
                bool more = true;
                while (more) {
                    std::vector<double> x;
                    for (std::size_t i = 0; i < cell.size(); ++i)
                        x.push_back(static_cast<double>(cell[i] * M + offset[i]) /
                                    static_cast<double>(2 * M));
                    const double error = std::abs(evaluate(experts, parameters, x) - f(x));
                    BOOST_TEST(std::abs(error / experts.error_bound(1.0) - 1.0) <= 1e-9);
                    std::size_t axis = 0;
                    while (axis < offset.size() && ++offset[axis] > M)
                        offset[axis++] = 0;
                    more = axis < offset.size();
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(experts_reproduce_their_node_values) {
    for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
        const KuhnExperts experts(3, 5, 3, form);
        const auto f = LipschitzFunction::ridge(3, 12.0, 3);
        const Cell cell{4, 0, 2};
        const auto parameters = build(experts, cell, f);
        std::vector<double> node(3);
        for (std::size_t g = 0; g < experts.nodes(); ++g) {
            experts.node(cell, g, node);
            const std::size_t first_index = 4 * 3 + g / 9;
            BOOST_TEST(std::abs(node[0] * 15 - static_cast<double>(first_index) - 0.5) <= 1e-12);
            BOOST_TEST(std::abs(evaluate(experts, parameters, node) - f(node)) <= 1e-12);
        }
    }
}

BOOST_AUTO_TEST_CASE(bad_sizes_and_cells_are_refused) {
    BOOST_CHECK_THROW(KuhnExperts(0, 2, 2), moe::InputError);
    BOOST_CHECK_THROW(KuhnExperts(9, 2, 2), moe::InputError);
    BOOST_CHECK_THROW(KuhnExperts(2, 0, 2), moe::InputError);
    BOOST_CHECK_THROW(KuhnExperts(2, 2, 0), moe::InputError);
    BOOST_CHECK_THROW(KuhnExperts(2, std::int64_t{1} << 31, 2), moe::InputError);
    BOOST_CHECK_THROW(KuhnExperts(8, 2, 1000), moe::InputError);
    BOOST_CHECK_THROW(KuhnExperts(4, 2, 100), moe::InputError); // more than 2^27 parameters
    BOOST_CHECK_THROW((void)moe::kuhn_parameters(2, std::int64_t{1} << 31), moe::InputError);
    const KuhnExperts experts(2, 3, 2);
    std::vector<double> parameters(experts.architecture().parameters());
    const auto f = LipschitzFunction::adv(2, 6);
    BOOST_CHECK_THROW(experts.fill(Cell{3, 0}, f, parameters), moe::InputError);
    BOOST_CHECK_THROW(experts.fill(Cell{0, -1}, f, parameters), moe::InputError);
    BOOST_CHECK_THROW(experts.fill(Cell{0}, f, parameters), moe::InputError);
    std::vector<double> short_array(experts.architecture().parameters() - 1);
    BOOST_CHECK_THROW(experts.fill(Cell{0, 0}, f, short_array), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(freudenthal)

BOOST_AUTO_TEST_CASE(affine_functions_are_reproduced_between_the_outer_nodes) {
    const moe::ScalarField affine = [](std::span<const double> x) {
        return 1.0 + 2.0 * x[0] - 3.0 * x[1] + 0.5 * x[2];
    };
    moe::RandomStream random(5, moe::cell_key("kuhn"), 0);
    const Cell cell{0, 0, 0};
    for (int i = 0; i < 200; ++i) {
        std::vector<double> x = uniform_point(3, random);
        for (double& coordinate : x)
            coordinate = 0.125 + 0.75 * coordinate;
        BOOST_TEST(std::abs(moe::freudenthal_interpolant(1, 4, cell, affine, x) - affine(x)) <=
                   1e-13);
    }
}

BOOST_AUTO_TEST_CASE(function_and_node_values_give_the_same_interpolant) {
    const KuhnExperts experts(3, 2, 3);
    const auto f = LipschitzFunction::cones(3, 9, 5);
    const Cell cell{1, 1, 0};
    const auto values = experts.node_values(cell, f);
    moe::RandomStream random(6, moe::cell_key("kuhn"), 0);
    for (int i = 0; i < 100; ++i) {
        const std::vector<double> x = uniform_point(3, random);
        BOOST_TEST(moe::freudenthal_interpolant(2, 3, cell, f, x) ==
                   moe::freudenthal_interpolant(2, 3, cell, values, x));
    }
}

BOOST_AUTO_TEST_CASE(a_point_that_is_no_number_or_of_another_length_is_refused) {
    const auto f = LipschitzFunction::adv(2, 6);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_CHECK_THROW((void)moe::freudenthal_interpolant(2, 3, Cell{0, 0}, f, std::array{0.5, nan}),
                      std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::freudenthal_interpolant(2, 3, Cell{0}, f, std::array{0.5, 0.5}),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
