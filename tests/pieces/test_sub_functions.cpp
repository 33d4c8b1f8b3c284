// The sub-functions of compositional targets.

#include "pieces/sub_functions.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace tt = boost::test_tools;

BOOST_AUTO_TEST_SUITE(sub_functions)

BOOST_AUTO_TEST_CASE(quadratic_functions_have_the_slopes_and_intercepts_of_the_notes) {
    for (const std::uint32_t E : {1U, 3U, 8U}) {
        const auto charts = moe::quadratic_family(E, 2)[1];
        for (std::uint32_t i = 0; i < E; ++i) {
            const double e = E;
            BOOST_TEST(charts[i].slope == (2.0 * i + 1.0) / e);
            BOOST_TEST(charts[i].intercept == -(i * (i + 1.0)) / (e * e) - 1.0 / (8.0 * e * e),
                       tt::tolerance(1e-15));
            BOOST_TEST(charts[i].knots.empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(phi_q_is_within_1_over_8qq_of_the_square_and_attains_it_in_every_piece) {
    for (const auto& [E, m] : {std::pair(4U, 0U), {3U, 2U}, {5U, 4U}}) {
        const double q = E * (m + 1.0);
        const double bound = 1.0 / (8.0 * q * q);
        const auto charts = moe::quadratic_family(E, 1, m)[0];
        for (std::uint32_t i = 0; i < E; ++i) {
            for (std::uint32_t k = 0; k <= m; ++k) {
                const double left = (i * (m + 1.0) + k) / q;
                for (const double t : {left, left + 1.0 / q})
                    BOOST_TEST(t * t - charts[i](t) == bound, tt::tolerance(1e-9));
                const double middle = left + 0.5 / q;
                BOOST_TEST(charts[i](middle) - middle * middle == bound, tt::tolerance(1e-9));
                const double inside = left + 0.2 / q;
                BOOST_TEST(std::abs(charts[i](inside) - inside * inside) <= bound * (1.0 + 1e-9));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(random_slopes_of_a_coordinate_differ_and_are_a_permutation_at_its_scale) {
    moe::RandomStream random(3, 1, 4);
    const auto family = moe::random_family(6, 4, random);
    for (std::uint32_t l = 0; l < 4; ++l) {
        std::vector<double> ranks;
        for (const moe::PiecewiseLinear& f : family[l]) {
            // slope = 2^l rank + u with u in [0, 1).
            const double rank = std::floor(f.slope / std::ldexp(1.0, static_cast<int>(l)));
            ranks.push_back(rank);
            BOOST_TEST(f.slope - rank * std::ldexp(1.0, static_cast<int>(l)) < 1.0);
        }
        std::sort(ranks.begin(), ranks.end());
        BOOST_TEST(ranks == (std::vector<double>{0, 1, 2, 3, 4, 5}), tt::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_random_permutation_holds_every_number_once) {
    moe::RandomStream random(3, 1, 5);
    std::vector<std::uint32_t> order = moe::random_permutation(50, random);
    BOOST_TEST(!std::is_sorted(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
    for (std::uint32_t i = 0; i < 50; ++i)
        BOOST_TEST(order[i] == i);
}

BOOST_AUTO_TEST_CASE(an_interpolant_meets_its_function_at_the_nodes_and_is_linear_between) {
    const auto f = [](double t) { return std::exp(t); };
    const moe::PiecewiseLinear g = moe::interpolant(f, 0.25, 1.0, 6);
    const double step = 0.75 / 6;
    for (int k = 0; k <= 6; ++k)
        BOOST_TEST(g(0.25 + step * k) == f(0.25 + step * k), tt::tolerance(1e-14));
    for (int k = 0; k < 6; ++k) {
        const double left = 0.25 + step * k;
        BOOST_TEST(g(left + 0.3 * step) == 0.7 * f(left) + 0.3 * f(left + step),
                   tt::tolerance(1e-14));
    }
    BOOST_CHECK_THROW((void)moe::interpolant(f, 0.0, 1.0, 0), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::interpolant(f, 1.0, 1.0, 2), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_largest_curvature_is_that_of_second_differences_on_a_fine_grid) {
    for (const std::uint32_t l : {0U, 2U, 5U}) {
        for (const std::uint32_t i : {0U, 3U, 7U}) {
            const moe::SmoothSubFunction f{l, i};
            const double low = i / 8.0;
            constexpr int steps = 2000;
            constexpr double h = 1e-4;
            double largest = 0.0;
            for (int k = 0; k <= steps; ++k) {
                const double t = low + 0.125 * k / steps;
                largest = std::max(largest, std::abs(f(t + h) - 2.0 * f(t) + f(t - h)) / (h * h));
            }
            BOOST_TEST(f.largest_curvature(low, low + 0.125) == largest, tt::tolerance(1e-5));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
