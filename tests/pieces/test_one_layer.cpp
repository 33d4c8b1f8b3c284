// One-layer models that try: each against a closed form or the lower bound.

#include "pieces/one_layer.hpp"

#include "basics/error.hpp"
#include "pieces/gate_descent.hpp"
#include "pieces/lower_bounds.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace {

namespace tt = boost::test_tools;

moe::CubePoints points(std::uint32_t L, std::size_t count, std::uint32_t stream = 0) {
    moe::RandomStream random(11, L, stream);
    return moe::cube_sample_and_corners(L, count, random);
}

double norm_error(const moe::MoeLayer& layer, std::uint32_t L) {
    const moe::CubePoints judged = points(L, 20000, 1);
    return moe::largest_error(layer, judged, moe::values_at(judged, moe::square_norm));
}

} // namespace

BOOST_AUTO_TEST_SUITE(one_layer)

BOOST_AUTO_TEST_CASE(points_of_the_cube_end_with_its_corners) {
    const moe::CubePoints some = points(3, 100);
    BOOST_TEST(some.count() == 108U);
    for (std::size_t i = 100; i < 108; ++i) {
        for (const double coordinate : some.point(i))
            BOOST_TEST((coordinate == 0.0 || coordinate == 1.0));
    }
    BOOST_TEST(moe::square_norm(some.point(107)) == 3.0);
    moe::RandomStream random(1, 1, 1);
    BOOST_CHECK_THROW((void)moe::cube_sample_and_corners(21, 1, random), moe::InputError);
}

BOOST_AUTO_TEST_CASE(phi_q_of_the_cube_is_within_L_over_8qq_of_the_square_norm) {
    const moe::CubePoints some = points(3, 5000);
    double largest = 0.0;
    for (std::size_t i = 0; i < some.count(); ++i)
        largest = std::max(largest, std::abs(moe::square_norm_pieces(some.point(i), 5.0) -
                                             moe::square_norm(some.point(i))));
    BOOST_TEST(largest == moe::square_norm_gap(3, 5.0), tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(tangent_planes_of_lloyds_centres_are_off_by_half_a_squared_radius) {
    for (const auto& [E, L, found] : {std::tuple(4U, 2U, 0.043),
                                      {8U, 2U, 0.017},
                                      {4U, 3U, 0.085},
                                      {8U, 3U, 0.064},
                                      {8U, 4U, 0.127}}) {
        // The prototype judged on random points without corners.
        moe::RandomStream random(12, L, E);
        const moe::CubePoints some = moe::cube_sample(L, 20000, random);
        const std::vector<double> values = moe::values_at(some, moe::square_norm);
        double error = 1.0;
        for (int start = 0; start < 3; ++start) {
            const std::vector<double> centres =
                moe::lloyd_centres(some, std::size_t{E} * L, 50, random, {});
            const double radius_squared = moe::covering_radius_squared(centres, some);
            const double here = moe::largest_error(
                moe::tangent_plane_moe(centres, L, radius_squared), some, values);
            BOOST_TEST(here == 0.5 * radius_squared, tt::tolerance(1e-10));
            error = std::min(error, here);
        }
        BOOST_TEST(error <= 1.25 * found);
        BOOST_TEST(error >= 0.7 * found);
        BOOST_TEST(error >= moe::square_norm_bound({.dimension = L, .experts = E * L}));
    }
}

BOOST_AUTO_TEST_CASE(grids_have_the_error_of_their_formula_and_use_what_they_may) {
    for (const auto& [L, experts, width] :
         {std::tuple(2U, 8U, 0U), {4U, 32U, 0U}, {2U, 64U, 7U}, {3U, 48U, 10U}}) {
        const moe::GridShape shape = moe::best_grid(L, experts, width);
        std::uint64_t boxes = 1;
        std::uint32_t knots = 0;
        for (std::size_t l = 0; l < L; ++l) {
            boxes *= shape.intervals[l];
            knots += shape.pieces[l] - 1;
        }
        BOOST_TEST(boxes <= experts);
        BOOST_TEST(knots == (width == 0 ? 0 : width - 1));
        const moe::MoeLayer layer = moe::grid_moe(shape);
        BOOST_TEST(layer.experts() == boxes);
        BOOST_TEST(layer.expert().hidden_units() == width);
        const double error = norm_error(layer, L);
        // The corners of the cube attain it.
        BOOST_TEST(error == shape.square_norm_error(), tt::tolerance(1e-10));
        BOOST_TEST(error >= moe::square_norm_bound({.dimension = L,
                                                    .experts = experts,
                                                    .width = width,
                                                    .hidden = width == 0 ? 0U : 1U}));
    }
}

BOOST_AUTO_TEST_CASE(the_best_grid_of_8_experts_in_the_plane_is_2_by_4) {
    const moe::GridShape shape = moe::best_grid(2, 8, 0);
    BOOST_TEST(shape.square_norm_error() == (1.0 / 4 + 1.0 / 16) / 8.0, tt::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(with_as_many_cells_as_pieces_one_layer_is_exact) {
    const moe::MoeLayer layer = moe::grid_moe({.intervals = {2, 2}, .pieces = {1, 1}});
    const moe::CubePoints judged = points(2, 5000);
    const auto values = moe::values_at(
        judged, [](std::span<const double> x) { return moe::square_norm_pieces(x, 2.0); });
    BOOST_TEST(moe::largest_error(layer, judged, values) < 1e-14);
}

BOOST_AUTO_TEST_CASE(parity_of_all_boxes_takes_a_strip_for_each_sum) {
    const moe::MoeLayer strips = moe::parity_moe(4, 3);
    BOOST_TEST(strips.experts() == 10U);
    std::vector<double> scratch;
    for (std::uint32_t box = 0; box < 64; ++box) {
        const std::vector<std::uint32_t> i{box / 16, box / 4 % 4, box % 4};
        const std::vector<double> x{(i[0] + 0.5) / 4, (i[1] + 0.5) / 4, (i[2] + 0.5) / 4};
        double y = -1.0;
        strips.evaluate(x, {&y, 1}, scratch);
        BOOST_TEST(y == (i[0] + i[1] + i[2]) % 2);
    }
}

BOOST_AUTO_TEST_CASE(fitted_experts_are_exact_where_their_class_holds_the_function) {
    const moe::CubePoints some = points(2, 2000);
    moe::RandomStream random(1, 5, 5);
    const moe::LinearGate gate = moe::random_contender_gate(2, 3, 1, random);
    const auto affine = moe::values_at(
        some, [](std::span<const double> x) { return 1.0 + 2.0 * x[0] - 3.0 * x[1]; });
    for (const std::uint32_t width : {0U, 4U})
        BOOST_TEST(moe::largest_error(
                       moe::fit_experts(gate, some, affine, {.width = width, .lawson = 2}, random),
                       some, affine) < 1e-9);
}

BOOST_AUTO_TEST_CASE(reweighting_leads_to_the_smallest_largest_error) {
    // One affine expert on t^2 over [0, 1]: 1/8, least squares has 1/6 at the ends.
    moe::CubePoints some{.dimension = 1};
    for (int i = 0; i <= 1000; ++i)
        some.x.push_back(i / 1000.0);
    const auto values = moe::values_at(some, moe::square_norm);
    moe::RandomStream random(1, 5, 6);
    const moe::LinearGate gate({1.0}, {0.0});
    const auto error = [&](int lawson) {
        return moe::largest_error(
            moe::fit_experts(gate, some, values, {.width = 0, .lawson = lawson}, random), some,
            values);
    };
    BOOST_TEST(error(50) == 0.125, tt::tolerance(1e-3));
    BOOST_TEST(error(0) >= error(50));
}

BOOST_AUTO_TEST_CASE(cells_without_points_get_the_fit_of_all) {
    moe::CubePoints some{.dimension = 1, .x = {0.0, 0.1, 0.2, 0.3}};
    const std::vector<double> values{0.0, 0.2, 0.4, 0.6};
    moe::RandomStream random(1, 5, 7);
    const std::vector<double> centres{0.15, 0.9};
    const moe::MoeLayer layer =
        moe::fit_experts(moe::nearest_centre_gate(centres, 1), some, values, {}, random);
    std::vector<double> scratch;
    double y = 0.0;
    const double beyond = 0.95;
    BOOST_TEST(layer.evaluate({&beyond, 1}, {&y, 1}, scratch) == 1U);
    BOOST_TEST(y == 1.9, tt::tolerance(1e-10));
}

BOOST_AUTO_TEST_CASE(a_gate_finds_where_a_function_bends) {
    moe::CubePoints some{.dimension = 1};
    for (int i = 0; i <= 4000; ++i)
        some.x.push_back(i / 4000.0);
    const moe::CubeFunction bent = [](std::span<const double> x) { return std::abs(x[0] - 0.3); };
    const auto values = moe::values_at(some, bent);
    moe::RandomStream random(1, 5, 8);
    const std::vector<double> start{0.2, 0.9};
    const moe::LinearGate gate =
        moe::trained_gate(some, values, start, {.steps = 3000}, random, {});
    const double border =
        (gate.biases()[0] - gate.biases()[1]) / (gate.weights()[1] - gate.weights()[0]);
    // Halfway between the centres it starts at 0.55.
    BOOST_TEST(std::abs(border - 0.3) < 0.02);
}

BOOST_AUTO_TEST_CASE(nothing_that_is_tried_is_below_the_bound) {
    for (const auto& [E, L] : {std::pair(4U, 2U), {3U, 2U}, {4U, 3U}}) {
        moe::RandomStream random(13, E, L);
        const std::size_t n = std::size_t{E} * L;
        const moe::CubePoints some = points(L, 5000);
        const auto values = moe::values_at(some, moe::square_norm);
        const double bound = moe::square_norm_bound({.dimension = L, .experts = n});
        for (std::uint64_t number = 0; number < 20; ++number) {
            const moe::MoeLayer layer =
                moe::fit_experts(moe::random_contender_gate(L, n, number, random), some, values,
                                 {.lawson = 10}, random);
            BOOST_TEST(norm_error(layer, L) >= 0.98 * bound);
        }
        const auto centres = moe::lloyd_centres(some, n, 30, random, {});
        const moe::LinearGate gate = moe::trained_gate(
            some, values, centres, {.steps = 300, .first_sharpness = 30.0}, random, {});
        BOOST_TEST(norm_error(moe::fit_experts(gate, some, values, {.lawson = 20}, random), L) >=
                   0.98 * bound);
    }
}

BOOST_AUTO_TEST_SUITE_END()
