// Chart experts against interpolation by sorting and against a dense evaluation; maxima of affine
// functions; other forms of the same experts.

#include "charts/atlas_model.hpp"
#include "charts/chart_expert.hpp"
#include "charts/expert_forms.hpp"
#include "charts/manifold_targets.hpp"
#include "charts/max_affine.hpp"
#include "charts/sup_error.hpp"

#include "basics/error.hpp"
#include "forward/evaluate.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(chart_experts)

using moe::Architecture;
using moe::ChartGrid;

namespace {

moe::RandomStream stream(std::uint32_t number) {
    return {11, moe::cell_key("tests.chart_experts"), number};
}

std::vector<double> uniforms(std::size_t count, double size, std::uint32_t number) {
    moe::RandomStream random = stream(number);
    std::vector<double> numbers(count);
    std::generate(numbers.begin(), numbers.end(),
                  [&] { return size * (2.0 * random.uniform() - 1.0); });
    return numbers;
}

struct Net {
    Architecture architecture;
    std::vector<double> parameters;

    [[nodiscard]] double operator()(std::span<const double> x) const {
        std::array<double, 1> y{};
        moe::evaluate<double>(architecture, parameters, x, y);
        return y[0];
    }
};

Net expert(const ChartGrid& grid, std::span<const double> encoder, std::span<const double> values,
           bool dense = false) {
    moe::ShapeRecorder shape;
    moe::write_chart_expert(shape, grid, encoder, values);
    const auto inputs = static_cast<std::uint32_t>(encoder.size() / grid.intrinsic());
    Net net{dense ? shape.dense(inputs) : std::move(shape).sparse(inputs), {}};
    net.parameters.resize(net.architecture.parameters());
    moe::ParameterWriter writer(net.architecture, net.parameters);
    moe::write_chart_expert(writer, grid, encoder, values);
    return net;
}

std::vector<double> identity(std::size_t d) {
    std::vector<double> rows(d * d, 0.0);
    for (std::size_t j = 0; j < d; ++j)
        rows[j * d + j] = 1.0;
    return rows;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_network_is_the_interpolant_by_sorting) {
    for (const std::size_t d : {1U, 2U, 3U}) {
        for (const std::int64_t N : {1, 2, 5}) {
            const ChartGrid grid(d, N, 0.8);
            const std::vector<double> values = uniforms(grid.nodes(), 3.0, 1);
            const Net net = expert(grid, identity(d), values);
            const std::vector<double> points = uniforms(d * 500, 0.8, 2);
            for (std::size_t p = 0; p < 500; ++p) {
                const auto t = std::span(points).subspan(p * d, d);
                BOOST_TEST_REQUIRE(std::abs(net(t) - moe::chart_interpolant(grid, values, t)) <=
                                   1e-12);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(nodes_get_their_values) {
    for (const std::size_t d : {1U, 2U, 3U}) {
        const ChartGrid grid(d, 3, 0.75);
        const std::vector<double> values = uniforms(grid.nodes(), 2.0, 3);
        const Net net = expert(grid, identity(d), values);
        std::vector<double> t(d);
        for (std::size_t node = 0; node < grid.nodes(); ++node) {
            grid.node(node, t);
            BOOST_TEST(std::abs(net(t) - values[node]) <= 1e-13);
        }
    }
}

BOOST_AUTO_TEST_CASE(sparse_rows_and_a_dense_evaluation_agree) {
    for (const std::size_t d : {1U, 2U, 3U}) {
        for (const std::int64_t N : {1, 2, 3}) {
            const ChartGrid grid(d, N, 0.75);
            const std::vector<double> values = uniforms(grid.nodes(), 2.0, 4);
            const std::vector<double> encoder = uniforms(d * 5, 0.5, 5);
            const Net sparse = expert(grid, encoder, values);
            const Net dense = expert(grid, encoder, values, true);
            BOOST_TEST(!dense.architecture.is_sparse());
            BOOST_TEST(sparse.architecture.dense_parameters() == dense.architecture.parameters());
            const std::vector<double> points = uniforms(std::size_t{5} * 200, 0.6, 6);
            for (std::size_t p = 0; p < 200; ++p) {
                const auto x = std::span(points).subspan(5 * p, 5);
                BOOST_TEST_REQUIRE(std::abs(sparse(x) - dense(x)) <= 1e-12);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(widths_depths_and_nonzeros_are_those_of_the_notes) {
    const auto widest_hidden = [](const Architecture& net) {
        std::uint32_t widest = 0;
        for (std::size_t j = 0; j + 1 < net.depth(); ++j)
            widest = std::max(widest, net.layer(j).outputs);
        return widest;
    };
    for (const std::int64_t N : {1, 4, 7}) {
        for (const std::size_t d : {1U, 2U, 3U}) {
            const ChartGrid grid(d, N, 0.75);
            const Architecture net = moe::chart_expert_shape(grid, 9, 6);
            const std::int64_t n1 = N + 1;
            const std::int64_t m = d == 1   ? N
                                   : d == 2 ? 2 * n1 * n1 + 2 * n1
                                            : 2 * n1 * n1 * n1 + 2 * n1;
            BOOST_TEST(grid.expert_width() == static_cast<std::size_t>(m));
            BOOST_TEST(widest_hidden(net) == grid.expert_width());
            BOOST_TEST(net.depth() == (d == 1 ? 2U : 4U));
            if (d == 1) continue;
            // A node: P and Q with 3 (d = 2) or 4 entries each, 4 of the hat, 1 of the output.
            const std::size_t copies = 2 * static_cast<std::size_t>(n1);
            BOOST_TEST(net.layer(1).weights == copies + 2 * (d + 1) * grid.nodes());
            BOOST_TEST(net.layer(2).weights == 4 * grid.nodes());
            BOOST_TEST(net.layer(3).weights == grid.nodes());
        }
    }
}

BOOST_AUTO_TEST_CASE(an_affine_function_is_reproduced_and_a_quadratic_one_is_off_by_its_bound) {
    const ChartGrid grid(2, 4, 1.0);
    const auto affine = [](std::span<const double> t) { return 3.0 * t[0] - 2.0 * t[1] + 1.0; };
    const Net net = expert(grid, identity(2), grid.values(affine));
    const std::vector<double> points = uniforms(400, 1.0, 7);
    for (std::size_t p = 0; p < 200; ++p) {
        const auto t = std::span(points).subspan(2 * p, 2);
        BOOST_TEST_REQUIRE(std::abs(net(t) - affine(t)) <= 1e-13);
    }
    // |t|^2 is off by R^2 = d h^2/4 at the centre of a cell, where M = 2: the bound is attained.
    const auto square = [](std::span<const double> t) { return t[0] * t[0] + t[1] * t[1]; };
    const Net bowl = expert(grid, identity(2), grid.values(square));
    const std::array centre{0.25, 0.25};
    BOOST_TEST(std::abs(bowl(centre) - square(centre) - moe::interpolation_bound(grid, 2.0)) <=
               1e-14);
}

BOOST_AUTO_TEST_CASE(maxima_of_affine_functions_are_exact) {
    std::vector<std::vector<moe::AffineFunction>> groups;
    for (const std::size_t size : {1U, 2U, 3U, 5U}) {
        std::vector<moe::AffineFunction>& group = groups.emplace_back();
        for (std::size_t f = 0; f < size; ++f) {
            const auto number = static_cast<std::uint32_t>(20 + 10 * size + f);
            group.push_back({uniforms(3, 1.0, number), uniforms(1, 1.0, number + 100)[0]});
        }
    }
    for (const bool carry : {false, true}) {
        const moe::MaxAffineNet net = moe::max_affine_net(groups, carry);
        BOOST_TEST(net.hidden_layers == 3U);
        BOOST_TEST(net.architecture.layer(0).outputs == 3U * 4U * 4U + (carry ? 6U : 0U));
        const std::vector<double> points = uniforms(300, 2.0, 8);
        for (std::size_t p = 0; p < 100; ++p) {
            const auto x = std::span(points).subspan(3 * p, 3);
            std::vector<double> out(carry ? 7 : 4);
            moe::evaluate<double>(net.architecture, net.parameters, x, out);
            for (std::size_t i = 0; carry && i < 3; ++i)
                BOOST_TEST_REQUIRE(out[i] == x[i]);
            for (std::size_t g = 0; g < groups.size(); ++g) {
                double largest = -HUGE_VAL;
                for (const moe::AffineFunction& function : groups[g]) {
                    largest =
                        std::max(largest, function.slope[0] * x[0] + function.slope[1] * x[1] +
                                              function.slope[2] * x[2] + function.offset);
                }
                BOOST_TEST_REQUIRE(std::abs(out[(carry ? 3 : 0) + g] - largest) <= 1e-14);
            }
        }
    }
    const moe::MaxAffineNet single =
        moe::max_affine_net({{moe::nearness(std::array{1.0, 2.0})}}, false);
    BOOST_TEST(single.hidden_layers == 1U);
    std::array<double, 1> rho{};
    moe::evaluate<double>(single.architecture, single.parameters, std::array{0.5, 1.0}, rho);
    BOOST_TEST(rho[0] == 2.0 * 2.5 - 5.0);
}

BOOST_AUTO_TEST_CASE(merged_and_factored_first_maps_agree_and_are_counted) {
    for (const moe::Manifold manifold :
         {moe::Manifold::circle, moe::Manifold::sphere2, moe::Manifold::sphere3}) {
        const moe::Atlas atlas(manifold);
        moe::RandomStream random = stream(40);
        const moe::Embedding embedding(moe::random_orthogonal(32, random), atlas.own(), 0.0);
        const ChartGrid grid = moe::chart_grid(atlas, 4);
        const std::vector<double> values =
            moe::chart_values(atlas, moe::smooth_target(manifold), 1, grid);
        const std::vector<double> encoder = embedding.lift(atlas.encoder(1));
        const moe::FactoredExpert factored(grid, encoder, values);
        const moe::MoeLayer merged = moe::merged_expert(grid, encoder, values);
        const std::vector<double> points = uniforms(std::size_t{32} * 300, 0.3, 41);
        std::vector<double> one(300);
        std::vector<double> other(300);
        factored.evaluate_batch(points, one);
        merged.evaluate_batch(points, other, {});
        for (std::size_t p = 0; p < one.size(); ++p)
            BOOST_TEST_REQUIRE(std::abs(one[p] - other[p]) <= 1e-12);
        BOOST_TEST(moe::rank_of_first_map(merged) == atlas.intrinsic());
    }
    // d = 1, m = N: merged mD + 2m + 1, factored D + 3m + 1.
    const ChartGrid line(1, 64, 0.75);
    const std::vector<double> values(65, 1.0);
    const std::vector<double> encoder(128, 0.1);
    BOOST_TEST(moe::merged_expert(line, encoder, values).count().total == 8321U);
    BOOST_TEST(moe::FactoredExpert(line, encoder, values).parameters() == 321U);
}

BOOST_AUTO_TEST_CASE(a_shared_expert_replaces_the_common_part) {
    moe::RandomStream random = stream(50);
    const moe::Embedding embedding(moe::random_orthogonal(6, random), 2, 0.0);
    const moe::SharedRouted forms = moe::shared_and_routed(embedding, 40, 16);
    BOOST_TEST(forms.units_routed_only() == 4U * (40U + 16U));
    BOOST_TEST(forms.units_shared() == 40U + 4U * 16U);
    const std::vector<double> u = moe::manifold_sample(moe::Manifold::circle, 1000, random);
    std::vector<double> x(6000);
    for (std::size_t p = 0; p < 1000; ++p)
        embedding.embed(std::span(u).subspan(2 * p, 2), std::span(x).subspan(6 * p, 6));
    std::vector<double> alone(1000);
    std::vector<double> shared(1000);
    std::vector<double> routed(1000);
    forms.routed_only.evaluate_batch(x, alone, {});
    forms.shared.evaluate_batch(x, shared, {});
    forms.routed.evaluate_batch(x, routed, {});
    const auto f = moe::smooth_target(moe::Manifold::circle);
    for (std::size_t p = 0; p < 1000; ++p) {
        BOOST_TEST_REQUIRE(std::abs(alone[p] - shared[p] - routed[p]) <= 1e-12);
        // Both are close to the target: 25 h^2/8 for the shared part, 9 (..) for the charts.
        BOOST_TEST_REQUIRE(std::abs(alone[p] - f(std::span(u).subspan(2 * p, 2))) < 0.04);
    }
}

BOOST_AUTO_TEST_CASE(grids_that_cannot_be_are_refused) {
    BOOST_CHECK_THROW(ChartGrid(0, 4, 0.75), moe::InputError);
    BOOST_CHECK_THROW(ChartGrid(4, 4, 0.75), moe::InputError);
    BOOST_CHECK_THROW(ChartGrid(2, 0, 0.75), moe::InputError);
    BOOST_CHECK_THROW(ChartGrid(2, -3, 0.75), moe::InputError);
    BOOST_CHECK_THROW(ChartGrid(3, 1000, 0.75), moe::InputError);
    BOOST_CHECK_THROW(ChartGrid(1, 4, 0.0), moe::InputError);
    BOOST_CHECK_THROW(ChartGrid(1, 4, HUGE_VAL), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::max_affine_net({{}}, true)), moe::InputError);
    moe::ShapeRecorder shape;
    BOOST_CHECK_THROW(moe::write_chart_expert(shape, ChartGrid(2, 1, 1.0), std::array{1.0},
                                              std::array{0.0, 0.0, 0.0, 0.0}),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
