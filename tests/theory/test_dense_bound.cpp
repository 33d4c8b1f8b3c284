#include "theory/dense_bound.hpp"

#include "basics/error.hpp"
#include "statistics/rate.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

/// Constant experts on the N^n grid, from their definition: one parameter, 2n reals on each of
/// n ceil(log2 N) levels.
moe::LadderPoint constants(int n, std::int64_t N) {
    const double error = std::sqrt(static_cast<double>(n)) / (2.0 * static_cast<double>(N));
    std::uint64_t levels = 0;
    for (std::int64_t cells = 1; cells < N; cells *= 2)
        ++levels;
    return {N, error,
            1 + 2 * static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(n) * levels};
}

std::vector<moe::LadderPoint> ladder(int n, std::int64_t factor, int first, int last) {
    std::vector<moe::LadderPoint> points;
    std::int64_t N = 1;
    for (int i = 1; i <= last; ++i) {
        N *= factor;
        if (i >= first) points.push_back(constants(n, N));
    }
    return points;
}

} // namespace

BOOST_AUTO_TEST_SUITE(dense_bound)

BOOST_AUTO_TEST_CASE(sign_points_count_the_lattice_whose_bumps_are_higher_than_the_error) {
    for (int n = 1; n <= 3; ++n) {
        for (double eps = 0.6; eps > 0.01; eps *= 0.93) {
            // The finest N_b >= 1 with 1/(2 N_b) > eps, by search.
            std::int64_t finest = 0;
            while (1.0 / (2.0 * static_cast<double>(finest + 1)) > eps)
                ++finest;
            BOOST_TEST(moe::bump_lattice(eps) == finest);
            BOOST_TEST(static_cast<double>(moe::sign_points(n, eps)) ==
                       std::pow(static_cast<double>(finest + 1), n));
        }
    }
    BOOST_TEST(moe::sign_points(1, 1.0 / 128) == 64U);
    BOOST_TEST(moe::sign_points(4, 1.0 / 256) == 268435456U);
    BOOST_TEST(moe::sign_points(3, 7.0) == 1U);
    BOOST_TEST(moe::sign_points(2, 0.3, 3.0) == moe::sign_points(2, 0.1, 1.0));
}

BOOST_AUTO_TEST_CASE(the_bound_is_the_smallest_P_that_could_realise_all_signs) {
    for (const int n : {1, 2, 4}) {
        for (const auto activation : {moe::DenseActivation::relu, moe::DenseActivation::prelu}) {
            for (std::uint64_t G = 1; G < 300'000; G = G * 3 / 2 + 1) {
                std::uint64_t P = 1;
                while (P <= G &&
                       static_cast<double>(G) > moe::log2_sign_patterns(P, G, n, activation))
                    ++P;
                BOOST_TEST(moe::dense_parameter_bound(G, n, activation) == P);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(prelu_nets_are_bounded_a_little_less) {
    const std::uint64_t relu = moe::dense_parameter_bound(1'000'000, 2);
    const std::uint64_t prelu =
        moe::dense_parameter_bound(1'000'000, 2, moe::DenseActivation::prelu);
    BOOST_TEST((prelu < relu && 10 * prelu > 9 * relu));
}

BOOST_AUTO_TEST_CASE(log2_of_the_sign_patterns_agrees_with_the_product_formula) {
    // P = 2, n = 1, G = 8: 2^{2 log2 6 + 2} (16 e)^3.
    const double patterns = 36.0 * 4.0 * std::pow(16.0 * std::exp(1.0), 3.0);
    BOOST_TEST(std::abs(moe::log2_sign_patterns(2, 8, 1) - std::log2(patterns)) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(constant_experts_cross_the_dense_bound_where_the_table_says) {
    struct Row {
        std::int64_t factor;
        std::int64_t N;
        std::uint64_t total;
        std::uint64_t dense;
        std::uint64_t G;
    };
    const std::array<Row, 4> rows{{{4, 16384, 29, 44, 16384},
                                   {2, 512, 73, 116, 131769},
                                   {2, 128, 127, 195, 405224},
                                   {2, 64, 193, 305, 1048576}}};
    for (int n = 1; n <= 4; ++n) {
        const Row& row = rows[static_cast<std::size_t>(n - 1)];
        const auto crossing = moe::first_crossing(n, ladder(n, row.factor, 1, 10));
        BOOST_REQUIRE(crossing.has_value());
        BOOST_TEST(crossing->N == row.N);
        BOOST_TEST(crossing->total == row.total);
        BOOST_TEST(crossing->dense == row.dense);
        BOOST_TEST(crossing->G == row.G);
    }
    BOOST_TEST(!moe::first_crossing(4, ladder(4, 2, 1, 5)).has_value());
}

BOOST_AUTO_TEST_CASE(the_slope_of_the_dense_bound_is_half_the_dimension_less_a_logarithm) {
    struct Row {
        std::int64_t factor;
        int first;
        int last;
        double slope;
    };
    const std::array<Row, 4> rows{
        {{4, 1, 8, 0.468}, {2, 2, 10, 0.926}, {2, 2, 7, 1.375}, {2, 1, 6, 1.865}}};
    for (int n = 1; n <= 4; ++n) {
        const Row& row = rows[static_cast<std::size_t>(n - 1)];
        const auto points = ladder(n, row.factor, row.first, row.last);
        std::vector<double> x;
        std::vector<double> y;
        for (std::size_t i = points.size() / 2; i < points.size(); ++i) {
            const std::uint64_t G = moe::sign_points(n, points[i].error);
            x.push_back(-std::log2(points[i].error));
            y.push_back(std::log2(static_cast<double>(moe::dense_parameter_bound(G, n))));
        }
        const double slope = moe::fit_line(x, y).slope;
        BOOST_TEST_MESSAGE("n = " << n << ": slope " << slope);
        BOOST_TEST(std::abs(slope - row.slope) <= 1e-3);
    }
}

BOOST_AUTO_TEST_CASE(the_storage_floor_exceeds_the_loaded_bytes_where_the_table_says) {
    const std::uint64_t three = moe::sign_points(3, std::sqrt(3.0) / 250.0); // M = 5, N = 125
    BOOST_TEST(moe::storage_floor_bytes(three) == 48628U);
    const std::uint64_t four = moe::sign_points(4, 2.0 / 162.0); // M = 3, N = 81
    BOOST_TEST(moe::storage_floor_bytes(four) == 353221U);
    BOOST_TEST(moe::storage_floor_parameters(64) == 1U);
    BOOST_TEST(moe::storage_floor_parameters(65) == 2U);
}

BOOST_AUTO_TEST_CASE(feasible_kuhn_plans_stay_above_the_dense_bound_of_four_dimensions) {
    // N = 256, M = 4: G = 128^4.
    BOOST_TEST(moe::dense_parameter_bound(268435456, 4) == 4199U);
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused) {
    for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
        BOOST_CHECK_THROW((void)moe::sign_points(2, bad), moe::InputError);
        BOOST_CHECK_THROW((void)moe::sign_points(2, 0.1, bad), moe::InputError);
    }
    BOOST_CHECK_THROW((void)moe::sign_points(0, 0.1), moe::InputError);
    BOOST_CHECK_THROW((void)moe::sign_points(9, 0.1), moe::InputError);
    BOOST_CHECK_THROW((void)moe::sign_points(4, 1e-10), moe::InputError);
    BOOST_CHECK_THROW((void)moe::bump_lattice(1e-300), moe::InputError);
    BOOST_CHECK_THROW((void)moe::dense_parameter_bound(0, 2), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
