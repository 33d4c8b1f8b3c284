// Problems with known answers: closed forms and the collection of Moré, Garbow and Hillstrom,
// "Testing unconstrained optimization software", ACM TOMS 7 (1981).
#include "fitting/least_squares.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using moe::FitEngine;
using moe::FitOptions;
using moe::FitResult;
using moe::ParameterBox;
using moe::Termination;

constexpr FitEngine engines[] = {FitEngine::levenberg_marquardt, FitEngine::ceres};

/// Residuals by a formula, derivatives by complex-step-like differences of high order: good to
/// 1e-11, which is all that these problems need.
class Formula final : public moe::ResidualFunction {
  public:
    using Body = std::function<std::vector<double>(const std::vector<double>&)>;
    Formula(std::size_t m, std::size_t p, Body body)
        : m_(m)
        , p_(p)
        , body_(std::move(body)) {}

    [[nodiscard]] std::size_t residual_count() const noexcept override { return m_; }
    [[nodiscard]] std::size_t parameter_count() const noexcept override { return p_; }
    void residuals(std::span<const double> theta, std::span<double> residuals) const override {
        const auto values = body_({theta.begin(), theta.end()});
        std::copy(values.begin(), values.end(), residuals.begin());
    }
    void residuals_and_jacobian(std::span<const double> theta, std::span<double> residuals,
                                std::span<double> jacobian) const override {
        this->residuals(theta, residuals);
        constexpr double h = 1e-3;
        constexpr std::array<double, 4> weights{4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0};
        for (std::size_t j = 0; j < p_; ++j) {
            std::vector<double> column(m_, 0.0);
            for (std::size_t step = 1; step <= weights.size(); ++step) {
                std::vector<double> moved(theta.begin(), theta.end());
                moved[j] = theta[j] + static_cast<double>(step) * h;
                const auto above = body_(moved);
                moved[j] = theta[j] - static_cast<double>(step) * h;
                const auto below = body_(moved);
                for (std::size_t i = 0; i < m_; ++i) {
                    column[i] += weights[step - 1] * (above[i] - below[i]) / h;
                }
            }
            std::copy(column.begin(), column.end(),
                      jacobian.begin() + static_cast<std::ptrdiff_t>(j * m_));
        }
    }

  private:
    std::size_t m_;
    std::size_t p_;
    Body body_;
};

Formula rosenbrock() {
    return {2, 2, [](const std::vector<double>& t) {
                return std::vector<double>{10.0 * (t[1] - t[0] * t[0]), 1.0 - t[0]};
            }};
}

FitResult fit(const Formula& function, const ParameterBox& box, const std::vector<double>& start,
              FitEngine engine) {
    FitOptions options;
    options.engine = engine;
    return moe::minimise(function, box, start, options);
}

BOOST_AUTO_TEST_SUITE(least_squares)

BOOST_AUTO_TEST_CASE(the_bent_valley_of_rosenbrock_ends_in_its_minimum) {
    for (const FitEngine engine : engines) {
        const auto result = fit(rosenbrock(), ParameterBox::cube(2, 10.0), {-1.2, 1.0}, engine);
        BOOST_TEST(result.objective <= 1e-20);
        BOOST_TEST(std::abs(result.theta[0] - 1.0) <= 1e-9);
        BOOST_TEST(std::abs(result.theta[1] - 1.0) <= 1e-9);
        BOOST_TEST(result.converged());
    }
}

BOOST_AUTO_TEST_CASE(a_minimum_on_a_bound_is_found) {
    // With theta_1 <= 1/2 the best is (1/2, 1/4): objective 1/4. With theta_2 >= 3/2 it is on the
    // other bound: 100 (3/2 - t^2)^2 + (1 - t)^2 is smallest at the root of its derivative.
    double t = 1.2;
    for (int i = 0; i < 50; ++i) {
        const double slope = 400.0 * t * (t * t - 1.5) + 2.0 * (t - 1.0);
        t -= slope / (1200.0 * t * t - 600.0 + 2.0);
    }
    for (const FitEngine engine : engines) {
        // Ceres projects its steps onto the bounds and stops short of minima there.
        const bool exact = engine == FitEngine::levenberg_marquardt;
        auto result = fit(rosenbrock(), {{-2.0, -2.0}, {0.5, 2.0}}, {-1.2, 1.0}, engine);
        BOOST_TEST(result.theta[0] == 0.5);
        BOOST_TEST(std::abs(result.theta[1] - 0.25) <= (exact ? 1e-8 : 1e-2));
        BOOST_TEST(std::abs(result.objective - 0.25) <= (exact ? 1e-12 : 1e-3));
        result = fit(rosenbrock(), {{-2.0, 1.5}, {2.0, 2.0}}, {1.2, 1.9}, engine);
        BOOST_TEST(result.theta[1] == 1.5);
        BOOST_TEST(std::abs(result.theta[0] - t) <= (exact ? 1e-7 : 1e-3));
    }
}

BOOST_AUTO_TEST_CASE(both_bounds_may_hold_at_once) {
    for (const FitEngine engine : engines) {
        const auto result = fit(rosenbrock(), {{-2.0, 1.0}, {0.5, 3.0}}, {-1.9, 2.9}, engine);
        // Local minima at (1/2, 1) and at (-0.99.., 1): the start decides; both are on a bound.
        BOOST_TEST(result.theta[1] == 1.0);
        BOOST_TEST(result.objective <= 100.0 * 0.75 * 0.75 + 0.25 + 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(bounds_that_meet_fix_a_parameter) {
    const auto result =
        fit(rosenbrock(), {{-2.0, 0.25}, {2.0, 0.25}}, {0.4, 0.0}, FitEngine::levenberg_marquardt);
    BOOST_TEST(result.theta[1] == 0.25);
    // 100 (1/4 - t^2)^2 + (1 - t)^2 at its stationary point.
    const double t = result.theta[0];
    BOOST_TEST(std::abs(400.0 * t * (t * t - 0.25) + 2.0 * (t - 1.0)) <= 1e-5);
}

BOOST_AUTO_TEST_CASE(a_quartic_flat_minimum_is_reached) {
    // Powell's singular function: the Jacobian loses two ranks at the minimum 0.
    const Formula powell{4, 4, [](const std::vector<double>& t) {
                             const double u = t[1] - 2.0 * t[2];
                             const double v = t[0] - t[3];
                             return std::vector<double>{t[0] + 10.0 * t[1],
                                                        std::sqrt(5.0) * (t[2] - t[3]), u * u,
                                                        std::sqrt(10.0) * v * v};
                         }};
    const auto result = fit(powell, ParameterBox::cube(4, 10.0), {3.0, -1.0, 0.0, 1.0},
                            FitEngine::levenberg_marquardt);
    BOOST_TEST(result.objective <= 1e-20);
}

BOOST_AUTO_TEST_CASE(problems_with_large_residuals_end_in_the_published_minima) {
    const Formula freudenstein_roth{2, 2, [](const std::vector<double>& t) {
                                        return std::vector<double>{
                                            -13.0 + t[0] + ((5.0 - t[1]) * t[1] - 2.0) * t[1],
                                            -29.0 + t[0] + ((t[1] + 1.0) * t[1] - 14.0) * t[1]};
                                    }};
    const Formula kowalik_osborne{
        11, 4, [](const std::vector<double>& t) {
            constexpr std::array<double, 11> y{0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627,
                                               0.0456, 0.0342, 0.0323, 0.0235, 0.0246};
            constexpr std::array<double, 11> u{4.0,   2.0, 1.0,    0.5,    0.25,  0.167,
                                               0.125, 0.1, 0.0833, 0.0714, 0.0625};
            std::vector<double> r;
            for (std::size_t i = 0; i < 11; ++i) {
                r.push_back(y[i] - t[0] * (u[i] * u[i] + u[i] * t[1]) /
                                       (u[i] * u[i] + u[i] * t[2] + t[3]));
            }
            return r;
        }};
    for (const FitEngine engine : engines) {
        const auto local = fit(freudenstein_roth, ParameterBox::cube(2, 50.0), {0.5, -2.0}, engine);
        BOOST_TEST(std::abs(local.objective - 48.98425) <= 5e-6);
        const auto osborne =
            fit(kowalik_osborne, ParameterBox::cube(4, 10.0), {0.25, 0.39, 0.415, 0.39}, engine);
        BOOST_TEST(std::abs(osborne.objective - 3.0750560e-4) <= 5e-11);
    }
}

BOOST_AUTO_TEST_CASE(a_linear_problem_is_solved_at_once) {
    const Formula line{
        3, 2, [](const std::vector<double>& t) {
            return std::vector<double>{t[0] - 1.0, t[0] + t[1] - 3.0, t[0] + 2.0 * t[1] - 4.0};
        }};
    // Normal equations by hand: t = (7/6, 3/2), residuals (1, -2, 1)/6.
    const auto result =
        fit(line, ParameterBox::cube(2, 10.0), {5.0, -5.0}, FitEngine::levenberg_marquardt);
    BOOST_TEST(std::abs(result.theta[0] - 7.0 / 6.0) <= 1e-10);
    BOOST_TEST(std::abs(result.theta[1] - 1.5) <= 1e-10);
    BOOST_TEST(std::abs(result.objective - 1.0 / 6.0) <= 1e-14);
    BOOST_TEST(result.iterations <= 6U);
}

BOOST_AUTO_TEST_CASE(a_parameter_without_effect_stays_where_it_is) {
    const Formula first_only{2, 2, [](const std::vector<double>& t) {
                                 return std::vector<double>{t[0] - 1.0, t[0] + 1.0};
                             }};
    const auto result =
        fit(first_only, ParameterBox::cube(2, 3.0), {2.0, 0.5}, FitEngine::levenberg_marquardt);
    BOOST_TEST(std::abs(result.theta[0]) <= 1e-6);
    BOOST_TEST(result.theta[1] == 0.5);
    BOOST_TEST(std::abs(result.objective - 2.0) <= 1e-12);
    BOOST_TEST(result.converged());
}

BOOST_AUTO_TEST_CASE(fewer_residuals_than_parameters_are_no_obstacle) {
    const Formula plane{1, 3, [](const std::vector<double>& t) {
                            return std::vector<double>{t[0] + t[1] * t[1] + t[2] - 1.0};
                        }};
    const auto result =
        fit(plane, ParameterBox::cube(3, 3.0), {2.0, 1.0, -1.0}, FitEngine::levenberg_marquardt);
    BOOST_TEST(result.objective <= 1e-20);
}

BOOST_AUTO_TEST_CASE(starts_outside_are_moved_into_the_box) {
    for (const FitEngine engine : engines) {
        const auto result = fit(rosenbrock(), ParameterBox::cube(2, 2.0), {-40.0, 70.0}, engine);
        BOOST_TEST(result.objective <= 1e-16);
    }
}

BOOST_AUTO_TEST_CASE(the_iteration_limit_is_kept_and_told) {
    FitOptions options;
    options.max_iterations = 1;
    for (const FitEngine engine : engines) {
        options.engine = engine;
        const std::vector<double> start{-1.2, 1.0};
        const auto result =
            moe::minimise(rosenbrock(), ParameterBox::cube(2, 10.0), start, options);
        BOOST_TEST((result.termination == Termination::iteration_limit));
        BOOST_TEST(!result.converged());
        BOOST_TEST(result.objective <= 24.2 + 1e-9);
        BOOST_TEST(result.objective > 1e-3);
    }
}

BOOST_AUTO_TEST_CASE(residuals_that_are_not_finite_are_told) {
    const Formula broken{2, 1, [](const std::vector<double>& t) {
                             return std::vector<double>{std::log(t[0]), 1.0};
                         }};
    for (const FitEngine engine : engines) {
        const auto result = fit(broken, ParameterBox::cube(1, 2.0), {-1.0}, engine);
        BOOST_TEST((result.termination == Termination::not_finite));
        BOOST_TEST(!std::isfinite(result.objective));
        const std::vector<FitResult> one{result};
        BOOST_TEST(moe::lowest_objective(one) == 1U);
        // From the other side of the pole the minimum log(t) = 0 is found.
        const auto good = fit(broken, ParameterBox::cube(1, 2.0), {1.5}, engine);
        BOOST_TEST(std::abs(good.theta[0] - 1.0) <= 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(a_batch_gives_what_single_fits_give) {
    const std::vector<std::vector<double>> starts{{-1.2, 1.0}, {2.0, 2.0}, {0.0, -1.0}};
    const ParameterBox box = ParameterBox::cube(2, 3.0);
    const auto together = moe::minimise_from_starts(rosenbrock(), box, starts, {});
    BOOST_REQUIRE(together.size() == starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const auto alone = moe::minimise(rosenbrock(), box, starts[i], {});
        BOOST_TEST((alone.theta == together[i].theta));
        BOOST_TEST(alone.iterations == together[i].iterations);
    }
}

BOOST_AUTO_TEST_CASE(the_lowest_objective_is_the_first_of_equal_ones) {
    const auto with = [](double objective) {
        return FitResult{{}, objective, 0, Termination::stationary};
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<FitResult> results{with(nan), with(2.0), with(1.0), with(1.0)};
    BOOST_TEST(moe::lowest_objective(results) == 2U);
    BOOST_TEST(moe::lowest_objective({}) == 0U);
}

BOOST_AUTO_TEST_CASE(problems_that_do_not_fit_together_are_refused) {
    const std::vector<double> two{0.0, 0.0};
    const std::vector<double> three{0.0, 0.0, 0.0};
    const std::vector<double> nan{0.0, std::numeric_limits<double>::quiet_NaN()};
    const ParameterBox box = ParameterBox::cube(2, 1.0);
    const auto run = [](const ParameterBox& in, const std::vector<double>& start) {
        static_cast<void>(moe::minimise(rosenbrock(), in, start, {}));
    };
    BOOST_CHECK_THROW(run(ParameterBox::cube(3, 1.0), two), std::invalid_argument);
    BOOST_CHECK_THROW(run({{1.0, 0.0}, {0.0, 1.0}}, two), std::invalid_argument);
    BOOST_CHECK_THROW(run(box, three), std::invalid_argument);
    BOOST_CHECK_THROW(run(box, nan), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(terminations_have_names) {
    BOOST_TEST(std::string(moe::name_of(Termination::stationary)) == "stationary");
    BOOST_TEST(std::string(moe::name_of(Termination::not_finite)) == "not finite");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
