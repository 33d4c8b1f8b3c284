// The minimiser of the proximal steps on functions whose minima are known.

#include "fitting/bfgs.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace {

using moe::minimise;
using moe::Minimum;
using moe::SmoothFunction;
using moe::Vector;

SmoothFunction function(double (*value)(const Vector&), Vector (*gradient)(const Vector&)) {
    return {.value = value, .value_and_gradient = [=](const Vector& x, Vector& g) {
                g = gradient(x);
                return value(x);
            }};
}

double rosenbrock(const Vector& x) {
    return 100.0 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1.0 - x[0], 2);
}
Vector rosenbrock_gradient(const Vector& x) {
    const double valley = x[1] - x[0] * x[0];
    return Vector{{-400.0 * valley * x[0] - 2.0 * (1.0 - x[0]), 200.0 * valley}};
}

double barrier(const Vector& x) {
    return x[0] > 0.0 ? x[0] - 3.0 * std::log(x[0]) : std::numeric_limits<double>::quiet_NaN();
}
Vector barrier_gradient(const Vector& x) {
    return Vector{{1.0 - 3.0 / x[0]}};
}

double falling(const Vector& x) {
    return std::exp(-x[0]);
}
Vector falling_gradient(const Vector& x) {
    return Vector{{-std::exp(-x[0])}};
}

double saddle(const Vector& x) {
    return x[0] * x[0] - x[1] * x[1];
}
Vector saddle_gradient(const Vector& x) {
    return Vector{{2.0 * x[0], -2.0 * x[1]}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(minimising_with_gradients)

BOOST_AUTO_TEST_CASE(a_curved_valley_is_followed_to_its_end_to_rounding) {
    const Minimum minimum =
        minimise(function(rosenbrock, rosenbrock_gradient), Vector{{-1.2, 1.0}});
    BOOST_TEST(minimum.converged);
    BOOST_TEST((minimum.point - Vector{{1.0, 1.0}}).norm() < 1e-13);
    BOOST_TEST(minimum.gradient < 1e-12);
}

BOOST_AUTO_TEST_CASE(points_outside_the_domain_are_stepped_back_from) {
    const Minimum minimum = minimise(function(barrier, barrier_gradient), Vector{{1e-3}});
    BOOST_TEST(minimum.converged);
    BOOST_TEST(std::abs(minimum.point[0] - 3.0) < 1e-13);
}

BOOST_AUTO_TEST_CASE(a_minimum_at_infinity_is_not_called_a_minimum) {
    BOOST_TEST(!minimise(function(falling, falling_gradient), Vector{{0.1}}).converged);
    BOOST_TEST(!minimise(function(saddle, saddle_gradient), Vector{{1.0, 0.5}}).converged);
    BOOST_TEST(!minimise(function(saddle, saddle_gradient), Vector{{1.0, 0.0}}).converged);
}

BOOST_AUTO_TEST_CASE(a_start_without_a_value_is_refused) {
    BOOST_CHECK_THROW((void)minimise(function(barrier, barrier_gradient), Vector{{-1.0}}),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
