#include "basics/error.hpp"
#include "fitting/gated_problems.hpp"
#include "fitting/least_squares_gated.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using moe::ExpertActivation;
using moe::FitEngine;
using moe::FitOptions;
using moe::FitResult;
using moe::GatedFunction;
using moe::GridData;
using moe::RandomStream;
using namespace moe::reference;

constexpr ExpertActivation gelu = ExpertActivation::gelu;
constexpr ExpertActivation tanh_expert = ExpertActivation::tanh;

double best_objective(const GatedProblem& problem, FitEngine engine, std::size_t starts,
                      double noise = 0.3) {
    RandomStream stream(11, 0, 0);
    FitOptions options;
    options.engine = engine;
    const auto results = moe::minimise_from_starts(
        problem.regression, problem.box, mixed_starts(problem, starts, noise, stream), options);
    return results[moe::lowest_objective(results)].objective;
}

/// Minima of the pseudo-noise problems, measured with an independent prototype.
struct Minima {
    GatedFunction truth;
    double k2_large_noise;
    double k2_small_noise;
    double k3_large_noise; ///< best of many starts
};
std::vector<Minima> measured_minima() {
    return {{SIG2C(gelu), 0.589830441215, 5.896479620647e-5, 0.570262588888},
            {SOFT(gelu), 0.602168459100, 6.002837843382e-5, 0.591218938587},
            {SIG1(gelu), 0.594692721010, 5.945512180887e-5, 0.576671190138},
            {SIG2(tanh_expert), 0.603548888042, 5.974442115356e-5, 0.578847912275}};
}

BOOST_AUTO_TEST_SUITE(least_squares_gated)

BOOST_AUTO_TEST_CASE(two_atoms_reach_the_measured_minima) {
    for (const Minima& minima : measured_minima()) {
        const double large = best_objective(pseudo_noise_problem(minima.truth, 2, 0.1),
                                            FitEngine::levenberg_marquardt, 40);
        BOOST_TEST(std::abs(large / minima.k2_large_noise - 1.0) <= 1e-8);
        const double small = best_objective(pseudo_noise_problem(minima.truth, 2, 0.001),
                                            FitEngine::levenberg_marquardt, 40);
        BOOST_TEST(std::abs(small / minima.k2_small_noise - 1.0) <= 1e-8);
    }
}

BOOST_AUTO_TEST_CASE(ceres_reaches_the_measured_minima_inside_the_box) {
    for (const Minima& minima : measured_minima()) {
        const double small =
            best_objective(pseudo_noise_problem(minima.truth, 2, 0.001), FitEngine::ceres, 40);
        BOOST_TEST(std::abs(small / minima.k2_small_noise - 1.0) <= 1e-8);
        const double large =
            best_objective(pseudo_noise_problem(minima.truth, 2, 0.1), FitEngine::ceres, 40);
        // The last problem's minimum lies on the box (b = 2.5), where Ceres, which projects its
        // steps onto the bounds, stops early: best of 200 starts 2e-5 above.
        const bool on_the_box = minima.truth.expert == tanh_expert;
        BOOST_TEST(large / minima.k2_large_noise - 1.0 <= (on_the_box ? 1e-3 : 1e-8));
        BOOST_TEST(large / minima.k2_large_noise - 1.0 >= -1e-8);
    }
}

BOOST_AUTO_TEST_CASE(three_atoms_reach_the_best_minima_that_were_measured) {
    for (const Minima& minima : measured_minima()) {
        const double best = best_objective(pseudo_noise_problem(minima.truth, 3, 0.1),
                                           FitEngine::levenberg_marquardt, 400, 1.0);
        BOOST_TEST(best <= minima.k3_large_noise * (1.0 + 1e-4), name_of(minima.truth.gate)
                                                                     << " " << best);
    }
}

BOOST_AUTO_TEST_CASE(sigmoid_minima_of_two_atoms_are_below_softmax_minima) {
    // A softmax of two experts is a sigmoid mixture: the classes are nested.
    RandomStream noise(12, 0, 0);
    for (const ExpertActivation expert : {gelu, tanh_expert}) {
        GridData data = moe::pseudo_noise_data(SOFT(expert), grid(), 0.0);
        for (double& mean : data.means) {
            mean += 0.3 * noise.normal();
        }
        const double soft =
            best_objective({SOFT(expert), 2, data}, FitEngine::levenberg_marquardt, 40);
        const double sigmoid =
            best_objective({SIG2C(expert), 2, data}, FitEngine::levenberg_marquardt, 40);
        BOOST_TEST(sigmoid <= soft * (1.0 + 1e-10));
    }
}

/// Largest violation of the conditions for a local minimum: the gradient's component into the box,
/// in units of what one unit of chi square can make of it (|J_j| |r|), by differences of residuals.
double violation(const GatedProblem& problem, const FitResult& result) {
    const std::size_t m = problem.regression.residual_count();
    double worst = 0.0;
    std::vector<double> residuals(m);
    problem.regression.residuals(result.theta, residuals);
    for (std::size_t j = 0; j < result.theta.size(); ++j) {
        std::vector<double> up(m);
        std::vector<double> down(m);
        std::vector<double> moved = result.theta;
        constexpr double h = 1e-5;
        moved[j] = result.theta[j] + h;
        problem.regression.residuals(moved, up);
        moved[j] = result.theta[j] - h;
        problem.regression.residuals(moved, down);
        double slope = 0.0;
        double norm = 0.0;
        double size = 0.0;
        for (std::size_t i = 0; i < m; ++i) {
            const double derivative = (up[i] - down[i]) / (2.0 * h);
            slope += derivative * residuals[i];
            norm += derivative * derivative;
            size += residuals[i] * residuals[i];
        }
        const bool at_lower = result.theta[j] == problem.box.lower[j];
        const bool at_upper = result.theta[j] == problem.box.upper[j];
        if ((at_lower && slope > 0.0) || (at_upper && slope < 0.0)) continue;
        worst = std::max(worst, std::abs(slope) / std::sqrt(norm * size));
    }
    return worst;
}

BOOST_AUTO_TEST_CASE(fits_of_random_data_are_local_minima_and_ceres_cannot_improve_them) {
    RandomStream stream(13, 0, 0);
    std::size_t on_a_bound = 0;
    std::size_t converged = 0;
    std::size_t fits = 0;
    for (const GatedFunction& truth : {SIG1(gelu), SIG2(tanh_expert), SOFT(gelu)}) {
        for (const std::int64_t n : {std::int64_t{10'000}, std::int64_t{100'000'000}}) {
            for (int replication = 0; replication < 4; ++replication) {
                const GatedProblem problem(truth, 3,
                                           moe::draw_grid_data(truth, 3, grid(), n, 0.1, stream));
                const auto result = moe::minimise(problem.regression, problem.box,
                                                  start_near_truth(problem, 0.1, stream), {});
                ++fits;
                if (!result.converged()) continue;
                ++converged;
                BOOST_TEST(violation(problem, result) <= 1e-6);
                on_a_bound += std::any_of(result.theta.begin(), result.theta.end(),
                                          [](double t) { return std::abs(t) == 2.5; });
                FitOptions options;
                options.engine = FitEngine::ceres;
                const auto ceres =
                    moe::minimise(problem.regression, problem.box, result.theta, options);
                BOOST_TEST(ceres.objective >= result.objective * (1.0 - 1e-9));
            }
        }
    }
    BOOST_TEST(on_a_bound >= 3U);
    BOOST_TEST(converged * 10 >= fits * 9);
}

BOOST_AUTO_TEST_CASE(ours_improves_whatever_ceres_returns) {
    RandomStream stream(14, 0, 0);
    for (const GatedFunction& truth : {SIG2C(gelu), SIG2(tanh_expert), SOFT(gelu)}) {
        const GatedProblem problem = pseudo_noise_problem(truth, 3, 0.1);
        for (int i = 0; i < 5; ++i) {
            FitOptions options;
            options.engine = FitEngine::ceres;
            const auto ceres = moe::minimise(problem.regression, problem.box,
                                             uniform_start(problem, stream), options);
            const auto ours = moe::minimise(problem.regression, problem.box, ceres.theta, {});
            BOOST_TEST(ours.objective <= ceres.objective * (1.0 + 1e-14));
        }
    }
}

BOOST_AUTO_TEST_CASE(fits_gain_on_the_truth_what_their_parameters_are_worth) {
    // The truth, with one atom split, is feasible: a fit from there must not be worse. The mean
    // gain is the effective number of parameters: between 6 and 16.
    for (const GatedFunction& truth : {SIG1(gelu), SOFT(gelu)}) {
        double sum = 0.0;
        constexpr int replications = 24;
        for (std::uint32_t replication = 0; replication < replications; ++replication) {
            RandomStream stream(15, 0, replication);
            const GridData data = moe::draw_grid_data(truth, 3, grid(), 100'000'000, 0.1, stream);
            const GatedProblem problem(truth, 3, data);
            const auto result = moe::minimise(problem.regression, problem.box,
                                              start_near_truth(problem, 1e-3, stream), {});
            const double gain = moe::weighted_squares(data, truth) - result.objective;
            BOOST_TEST(gain >= -1e-6);
            sum += gain;
        }
        BOOST_TEST(sum / replications >= 6.0);
        BOOST_TEST(sum / replications <= 16.0);
    }
}

BOOST_AUTO_TEST_CASE(the_residuals_are_weighted_differences) {
    GridData data = moe::pseudo_noise_data(SIG1(gelu), grid(), 0.1);
    data.weights[3] = 4.0;
    const GatedProblem problem(SIG1(gelu), 2, data);
    std::vector<double> residuals(128);
    problem.regression.residuals(moe::free_parameters(SIG1(gelu)), residuals);
    for (std::size_t b = 0; b < 128; ++b) {
        const auto i = static_cast<double>(b);
        const double noise = 0.1 * std::sin(1.0 + 7.3 * i + 0.11 * i * i);
        BOOST_TEST(std::abs(residuals[b] + (b == 3 ? 2.0 : 1.0) * noise) <= 1e-14);
    }
    double squares = 0.0;
    for (const double residual : residuals) {
        squares += residual * residual;
    }
    BOOST_TEST(std::abs(squares - moe::weighted_squares(data, SIG1(gelu))) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(empty_bins_have_no_influence) {
    RandomStream stream(16, 0, 0);
    const GridData data = moe::draw_grid_data(SIG1(gelu), 3, grid(), 300, 0.1, stream);
    BOOST_REQUIRE(std::count(data.weights.begin(), data.weights.end(), 0.0) > 5);
    GridData other = data;
    for (std::size_t b = 0; b < 128; ++b) {
        if (data.weights[b] == 0.0) other.means[b] = std::numeric_limits<double>::quiet_NaN();
    }
    const GatedProblem problem(SIG1(gelu), 3, data);
    const GatedProblem with_nan(SIG1(gelu), 3, other);
    const auto start = start_near_truth(problem, 0.1, stream);
    const auto result = moe::minimise(problem.regression, problem.box, start, {});
    const auto same = moe::minimise(with_nan.regression, with_nan.box, start, {});
    BOOST_TEST((result.theta == same.theta));
    BOOST_TEST(std::isfinite(result.objective));
}

BOOST_AUTO_TEST_CASE(data_that_are_not_finite_are_refused_with_their_value) {
    const auto refusal = [](const GridData& data) -> std::string {
        try {
            const GatedProblem problem(SIG1(gelu), 2, data);
        } catch (const moe::InputError& error) {
            return error.what();
        }
        return "";
    };
    const GridData good = moe::pseudo_noise_data(SIG1(gelu), grid(), 0.1);
    BOOST_TEST(refusal(good) == "");
    GridData bad = good;
    bad.means[7] = std::numeric_limits<double>::infinity();
    BOOST_TEST(refusal(bad) == "bin 7: mean inf, allowed: a finite number");
    bad = good;
    bad.weights[5] = -1.0;
    BOOST_TEST(refusal(bad) == "bin 5: weight -1, allowed: a finite number, 0 or above");
    bad = good;
    bad.means.pop_back();
    BOOST_CHECK_THROW(static_cast<void>(refusal(bad)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
