#include "targets/lipschitz.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

using moe::LipschitzFunction;

std::vector<LipschitzFunction> members(int n, double lambda) {
    return {LipschitzFunction::bump(n, 5, 7, lambda), LipschitzFunction::cones(n, 9, 5, lambda),
            LipschitzFunction::ridge(n, 12.0, 3, lambda), LipschitzFunction::adv(n, 4, lambda)};
}

std::vector<double> uniform_point(int n, moe::RandomStream& random) {
    std::vector<double> x(static_cast<std::size_t>(n));
    for (double& coordinate : x)
        coordinate = random.uniform();
    return x;
}

double distance(const std::vector<double>& x, const std::vector<double>& y) {
    double square = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i)
        square += (x[i] - y[i]) * (x[i] - y[i]);
    return std::sqrt(square);
}

/// Length of the gradient by central differences.
double gradient_length(const LipschitzFunction& f, const std::vector<double>& x) {
    constexpr double h = 1e-6;
    double square = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        std::vector<double> up = x;
        std::vector<double> down = x;
        up[i] += h;
        down[i] -= h;
        const double slope = (f(up) - f(down)) / (2.0 * h);
        square += slope * slope;
    }
    return std::sqrt(square);
}

/// Sign of a lattice point from the definition, with its own index arithmetic.
double sign_by_definition(std::uint64_t N, std::uint64_t seed, std::uint64_t j0, std::uint64_t j1) {
    std::uint64_t z =
        (seed ^ ((j0 * (N + 1) + j1) * 15074714826142052245U)) + 11400714819323198485U;
    z = (z ^ (z >> 30U)) * 13787848793156543929U;
    z = (z ^ (z >> 27U)) * 10723151780598845931U;
    z = z ^ (z >> 31U);
    return (z & (std::uint64_t{1} << 63U)) == 0 ? 1.0 : -1.0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lipschitz_functions)

BOOST_AUTO_TEST_CASE(values_at_three_points_are_those_of_the_definition) {
    const std::array<std::array<double, 2>, 3> points{{{0.5, 0.25}, {0.11, 0.87}, {0.9, 0.4}}};
    struct Case {
        LipschitzFunction f;
        std::array<double, 3> values;
    };
    const std::vector<Case> cases{
        {LipschitzFunction::bump(2, 8, 7), {0.0625, -0.0466886116991581, -0.02714466094067259}},
        {LipschitzFunction::cones(2, 9, 5),
         {0.45313600219235256, 0.45806762172662957, 0.21469557163269004}},
        {LipschitzFunction::ridge(2, 12.0, 3),
         {0.05548786147799119, 0.020336469641239214, 0.06399004611576409}},
        {LipschitzFunction::adv(2, 12),
         {0.058925565098878946, 0.0158113883008419, 0.03535533905932741}}};
    for (const Case& item : cases)
        for (std::size_t i = 0; i < points.size(); ++i)
            BOOST_TEST(std::abs(item.f(points[i]) - item.values[i]) <= 1e-12, item.f.name());
}

BOOST_AUTO_TEST_CASE(no_pair_of_points_violates_the_lipschitz_inequality) {
    moe::RandomStream random(1, moe::cell_key("lipschitz"), 0);
    for (int n = 1; n <= 8; ++n) {
        for (const LipschitzFunction& f : members(n, 1.5)) {
            BOOST_TEST(f.lipschitz() == 1.5);
            BOOST_TEST(f.dimension() == n);
            for (int i = 0; i < 500; ++i) {
                const std::vector<double> x = uniform_point(n, random);
                std::vector<double> y = uniform_point(n, random);
                // Near pairs meet the kinks, far pairs everything else.
                const double share = i % 2 == 0 ? 1.0 : 0.01;
                for (std::size_t a = 0; a < y.size(); ++a)
                    y[a] = x[a] + share * (y[a] - x[a]);
                BOOST_TEST(std::abs(f(x) - f(y)) <= 1.5 * distance(x, y) + 1e-14, f.name());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_lipschitz_constant_is_attained) {
    moe::RandomStream random(2, moe::cell_key("lipschitz"), 0);
    for (const int n : {1, 2, 3}) {
        for (const LipschitzFunction& f : members(n, 2.5)) {
            double steepest = 0.0;
            for (int i = 0; i < 300; ++i) {
                std::vector<double> x = uniform_point(n, random);
                for (double& coordinate : x)
                    coordinate = 0.001 + 0.998 * coordinate;
                steepest = std::max(steepest, gradient_length(f, x));
            }
            BOOST_TEST(std::abs(steepest - 2.5) <= 1e-6, f.name());
        }
    }
}

BOOST_AUTO_TEST_CASE(supports_of_bumps_are_disjoint_so_the_function_is_the_sum_of_its_bumps) {
    constexpr std::uint64_t N = 3;
    constexpr std::uint64_t seed = 11;
    const auto f = LipschitzFunction::bump(2, 3, 11, 2.0);
    moe::RandomStream random(3, moe::cell_key("lipschitz"), 0);
    for (int i = 0; i < 2000; ++i) {
        const std::vector<double> x = uniform_point(2, random);
        double sum = 0.0;
        int covering = 0;
        for (std::uint64_t j0 = 0; j0 <= N; ++j0) {
            for (std::uint64_t j1 = 0; j1 <= N; ++j1) {
                const double radius = std::hypot(x[0] - static_cast<double>(j0) / N,
                                                 x[1] - static_cast<double>(j1) / N);
                if (radius >= 0.5 / N) continue;
                ++covering;
                sum += sign_by_definition(N, seed, j0, j1) * 2.0 * (0.5 / N - radius);
            }
        }
        BOOST_TEST(covering <= 1);
        BOOST_TEST(std::abs(f(x) - sum) <= 1e-14);
    }
}

BOOST_AUTO_TEST_CASE(bumps_have_height_lambda_over_2N_with_the_prescribed_sign_at_lattice_points) {
    constexpr std::int64_t N = 4;
    const auto f = LipschitzFunction::bump(2, N, 9, 3.0);
    for (std::int64_t j0 = 0; j0 <= N; ++j0) {
        for (std::int64_t j1 = 0; j1 <= N; ++j1) {
            const std::array<double, 2> x{static_cast<double>(j0) / N, static_cast<double>(j1) / N};
            const double sign = sign_by_definition(N, 9, static_cast<std::uint64_t>(j0),
                                                   static_cast<std::uint64_t>(j1));
            BOOST_TEST(f(x) == sign * 3.0 / (2.0 * N));
            BOOST_TEST(moe::bump_sign(N, 9, std::array{j0, j1}) == sign);
        }
    }
}

BOOST_AUTO_TEST_CASE(adv_vanishes_at_cell_centres_and_is_largest_at_all_lattice_corners) {
    constexpr int N = 3;
    const auto f = LipschitzFunction::adv(2, N, 1.0);
    for (int j0 = 0; j0 <= N; ++j0) {
        for (int j1 = 0; j1 <= N; ++j1) {
            const std::array<double, 2> corner{static_cast<double>(j0) / N,
                                               static_cast<double>(j1) / N};
            BOOST_TEST(std::abs(f(corner) - std::sqrt(2.0) / (2.0 * N)) <= 1e-15);
            if (j0 == N || j1 == N) continue;
            const std::array<double, 2> centre{(j0 + 0.5) / N, (j1 + 0.5) / N};
            BOOST_TEST(std::abs(f(centre)) <= 1e-15);
        }
    }
}

BOOST_AUTO_TEST_CASE(ridge_is_periodic_along_its_direction_and_bounded_by_lambda_over_omega) {
    const auto f = LipschitzFunction::ridge(3, 12.0, 3, 2.0);
    moe::RandomStream random(4, moe::cell_key("lipschitz"), 0);
    double largest = 0.0;
    for (int i = 0; i < 2000; ++i) {
        const double value = f(uniform_point(3, random));
        BOOST_TEST((value >= 0.0 && value <= 2.0 / 12.0));
        largest = std::max(largest, value);
    }
    BOOST_TEST(largest > 0.99 * 2.0 / 12.0);
}

BOOST_AUTO_TEST_CASE(lambda_scales_every_family) {
    moe::RandomStream random(5, moe::cell_key("lipschitz"), 0);
    const auto unit = members(2, 1.0);
    const auto scaled = members(2, 4.0);
    for (int i = 0; i < 100; ++i) {
        const std::vector<double> x = uniform_point(2, random);
        for (std::size_t j = 0; j < unit.size(); ++j)
            BOOST_TEST(scaled[j](x) == 4.0 * unit[j](x), unit[j].name());
    }
}

BOOST_AUTO_TEST_CASE(names_tell_family_and_parameters) {
    BOOST_TEST(LipschitzFunction::bump(2, 8, 7).name() == "bump(N=8,seed=7)");
    BOOST_TEST(LipschitzFunction::cones(2, 9, 5).name() == "cones(Q=9,seed=5)");
    BOOST_TEST(LipschitzFunction::ridge(2, 1.5, 3).name() == "ridge(omega=1.5,seed=3)");
    BOOST_TEST(LipschitzFunction::adv(2, 12).name() == "adv(N=12)");
}

BOOST_AUTO_TEST_CASE(bad_sizes_are_refused) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    BOOST_CHECK_THROW((void)LipschitzFunction::bump(0, 8, 7), moe::InputError);
    BOOST_CHECK_THROW((void)LipschitzFunction::bump(9, 8, 7), moe::InputError);
    BOOST_CHECK_THROW((void)LipschitzFunction::bump(2, 0, 7), moe::InputError);
    BOOST_CHECK_THROW((void)LipschitzFunction::bump(8, 300, 7), moe::InputError);
    BOOST_CHECK_THROW((void)LipschitzFunction::bump(1, std::numeric_limits<std::int64_t>::max(), 7),
                      moe::InputError);
    BOOST_CHECK_THROW((void)LipschitzFunction::cones(2, 0, 5), moe::InputError);
    BOOST_CHECK_THROW((void)LipschitzFunction::cones(2, 1'000'001, 5), moe::InputError);
    BOOST_CHECK_THROW((void)LipschitzFunction::adv(2, -1), moe::InputError);
    for (const double bad : {0.0, -1.0, nan, infinity}) {
        BOOST_CHECK_THROW((void)LipschitzFunction::ridge(2, bad, 3), moe::InputError);
        BOOST_CHECK_THROW((void)LipschitzFunction::adv(2, 3, bad), moe::InputError);
    }
    BOOST_CHECK_THROW((void)LipschitzFunction::adv(2, 3)(std::array{0.5}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
