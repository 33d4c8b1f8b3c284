// Least-squares solves per second of three atoms fitted to truths of two (GELU experts, 128 points,
// 12 or 10 parameters in a box): our engine, the same without second derivatives, Ceres, Eigen's
// port of MINPACK (which knows no box) and SciPy's least_squares (peers/least_squares_scipy.py),
// all with analytic Jacobians, relative function tolerance 1e-13 and at most 1000 iterations.
//
//   bench_least_squares --benchmark_repetitions=3 --benchmark_enable_random_interleaving=true
//
// Machine: 2-core AMD EPYC (Zen 5 class) virtual machine under other load, g++ 12.2 -O3, baseline
// x86-64 instructions; medians of CPU time, one thread, solves per second; in brackets the part of
// the solves that were cut off at the limit.
//
//   truth   ours       no curvature  Ceres 2.1    Eigen 3.4 (no box)  SciPy 1.10
//   SIG2C   1033 (0)   544 (0)       215 (0)      136 (0.19)          16 (0.13)   additional atom
//   dies SIG2    1317 (0)   282 (0.13)     67 (0.25)   620 (0)             41 (0)      additional
//   atom dies SIG1      92 (0)    56 (0.81)     27 (0.75)    53 (0.69)           4 (1)      an atom
//   is split SOFT     157 (0)    60 (0.94)     29 (1)       53 (0.88)           6 (0.69)   an atom
//   is split
//
// What was learnt:
// - Where an atom is split, the valley is quartic-flat and curved: Gauss-Newton crawls, whoever
// does
//   it. On simulated data with n = 10^8 Ceres used up its 1000 iterations in 30 of 32 fits. Over
//   the split cells and n = 10^6, 10^8, 10^10 the mean number of iterations is 500 to 1000 with
//   Newton's model alone, 220 to 770 with bent steps alone, 50 to 630 with both.
// - Ceres projects its steps onto the bounds and, with a bound active, stops early by the function
//   tolerance: 1e-6 to 1e-4 (relative) above minima that ours reaches in 2 to 4 iterations from the
//   same start. Bounds belong in the linear problem.
// - An iteration costs 23 us: linearisation 6.5, second derivatives 7.5, residuals for the bent
// step
//   6.5, QR 2.5; the 12 x 12 algebra in long double is below 1. Evaluations are exp and divisions,
//   for gate and GELU, with two lanes a vector: all that baseline x86-64 has. Plain Gauss-Newton
//   takes 10 us an iteration here, 35 in Ceres.
// - Damping that falls by more than 3 a step, or is scaled by the largest column instead of each
//   column's norm, took up to twice the iterations in split cells; the limit for bent steps (0.75
//   to 100) hardly matters.
#include "datasets/grid_reduction.hpp"
#include "fitting/least_squares_gated.hpp"

#include <Eigen/Core>
#include <benchmark/benchmark.h>
#include <unsupported/Eigen/NonLinearOptimization>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::FitEngine;
using moe::FitOptions;
using moe::FitResult;
using moe::GatedClass;
using moe::GatedFunction;
using moe::GatedRegression;
using moe::GateKind;
using moe::ParameterBox;

constexpr double half_width = 2.5;
constexpr std::size_t start_count = 16;

/// A truth with one atom more than it needs, from which the starts are taken.
struct Problem {
    std::string name;
    GatedFunction truth;
    GatedFunction start;
};

const std::vector<Problem>& problems() {
    const Atom dead{0.5, -0.5, 0.05, -0.05};
    const Atom E1{0.0, 0.0, -1.7, 1.4};
    const Atom E2{0.0, 0.0, 1.9, -0.3};
    const auto with_gate = [](Atom atom, double b1, double b0) {
        atom.b1 = b1;
        atom.b0 = b0;
        return atom;
    };
    const auto make = [](std::string name, GateKind gate, std::vector<Atom> truth,
                         Atom additional) {
        const GatedFunction function{gate, ExpertActivation::gelu, truth};
        truth.insert(truth.begin(), additional);
        return Problem{std::move(name), function, {gate, ExpertActivation::gelu, std::move(truth)}};
    };
    static const std::vector<Problem> all{
        make("SIG2C", GateKind::sigmoid, {with_gate(E1, -0.8, 0.2), with_gate(E2, 0.8, -0.2)},
             dead),
        make("SIG2", GateKind::sigmoid, {with_gate(E1, 0.8, -0.4), with_gate(E2, 0.9, -0.6)}, dead),
        make("SIG1", GateKind::sigmoid, {with_gate(E1, 0.0, -0.4), with_gate(E2, 0.9, -0.6)},
             with_gate(E1, 0.0, -1.4)),
        make("SOFT", GateKind::softmax, {with_gate(E1, -0.8, 0.2), with_gate(E2, 0.0, 0.0)},
             with_gate(E1, -0.8, -0.5))};
    return all;
}

/// Pseudo-noise data of size 0.001, which anyone can recompute (peers/least_squares_scipy.py does),
/// and starts with noise 0.1 about the truth.
struct Prepared {
    GatedClass functions;
    GatedRegression regression;
    ParameterBox box;
    std::vector<std::vector<double>> starts;

    explicit Prepared(const Problem& problem)
        : functions(problem.start.function_class())
        , regression(functions, moe::pseudo_noise_data(problem.truth,
                                                       moe::midpoint_grid(-8.0, 8.0, 128), 0.001))
        , box(ParameterBox::cube(functions.parameters(), half_width)) {
        for (std::size_t i = 0; i < start_count; ++i) {
            std::vector<double> theta = moe::free_parameters(problem.start);
            for (std::size_t j = 0; j < theta.size(); ++j) {
                theta[j] += 0.1 * std::sin(1.7 + 2.9 * static_cast<double>(j) +
                                           5.3 * static_cast<double>(i));
            }
            starts.push_back(std::move(theta));
        }
    }
};

/// What a solver reached, told apart from how fast it was.
struct Outcome {
    std::vector<double> objectives;
    double iterations = 0.0;
    double at_limit = 0.0;
};

void report(benchmark::State& state, Outcome outcome) {
    std::sort(outcome.objectives.begin(), outcome.objectives.end());
    const auto solves = static_cast<double>(outcome.objectives.size());
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(start_count));
    state.SetLabel(problems()[static_cast<std::size_t>(state.range(0))].name);
    state.counters["lowest"] = outcome.objectives.front();
    state.counters["median"] = outcome.objectives[outcome.objectives.size() / 2];
    state.counters["iterations"] = outcome.iterations / solves;
    state.counters["at_limit"] = outcome.at_limit / solves;
}

void fit_all(benchmark::State& state, const moe::ResidualFunction& function,
             const Prepared& prepared, const FitOptions& options) {
    std::vector<FitResult> results;
    for (auto iteration : state) {
        static_cast<void>(iteration);
        results = moe::minimise_from_starts(function, prepared.box, prepared.starts, options);
    }
    Outcome outcome;
    for (const FitResult& result : results) {
        outcome.objectives.push_back(result.objective);
        outcome.iterations += static_cast<double>(result.iterations);
        outcome.at_limit += result.converged() ? 0.0 : 1.0;
    }
    report(state, outcome);
}

void run_engine(benchmark::State& state, FitEngine engine) {
    const Prepared prepared(problems()[static_cast<std::size_t>(state.range(0))]);
    FitOptions options;
    options.engine = engine;
    std::vector<FitResult> results;
    for (auto iteration : state) {
        static_cast<void>(iteration);
        results =
            moe::minimise_from_starts(prepared.regression, prepared.box, prepared.starts, options);
    }
    Outcome outcome;
    for (const FitResult& result : results) {
        outcome.objectives.push_back(result.objective);
        outcome.iterations += static_cast<double>(result.iterations);
        outcome.at_limit += result.converged() ? 0.0 : 1.0;
    }
    report(state, outcome);
}

void ours(benchmark::State& state) {
    run_engine(state, FitEngine::levenberg_marquardt);
}

void ceres(benchmark::State& state) {
    run_engine(state, FitEngine::ceres);
}

/// Gauss-Newton only: the same engine without the second derivatives.
void ours_without_curvature(benchmark::State& state) {
    class Plain final : public moe::ResidualFunction {
      public:
        explicit Plain(const GatedRegression& regression)
            : regression_(regression) {}
        [[nodiscard]] std::size_t residual_count() const noexcept override {
            return regression_.residual_count();
        }
        [[nodiscard]] std::size_t parameter_count() const noexcept override {
            return regression_.parameter_count();
        }
        void residuals(std::span<const double> theta, std::span<double> residuals) const override {
            regression_.residuals(theta, residuals);
        }
        void residuals_and_jacobian(std::span<const double> theta, std::span<double> residuals,
                                    std::span<double> jacobian) const override {
            regression_.residuals_and_jacobian(theta, residuals, jacobian);
        }

      private:
        const GatedRegression& regression_;
    };
    const Prepared prepared(problems()[static_cast<std::size_t>(state.range(0))]);
    const Plain plain(prepared.regression);
    fit_all(state, plain, prepared, {});
}

/// What Eigen's port of MINPACK asks for. It knows no bounds: it solves the problem without the
/// box.
struct EigenFunctor {
    const GatedRegression& regression;

    [[nodiscard]] int inputs() const { return static_cast<int>(regression.parameter_count()); }
    [[nodiscard]] int values() const { return static_cast<int>(regression.residual_count()); }
    int operator()(const Eigen::VectorXd& theta, Eigen::VectorXd& residuals) const {
        regression.residuals({theta.data(), regression.parameter_count()},
                             {residuals.data(), regression.residual_count()});
        return 0;
    }
    int df(const Eigen::VectorXd& theta, Eigen::MatrixXd& jacobian) const {
        Eigen::VectorXd residuals(values());
        regression.residuals_and_jacobian(
            {theta.data(), regression.parameter_count()},
            {residuals.data(), regression.residual_count()},
            {jacobian.data(), static_cast<std::size_t>(jacobian.size())});
        return 0;
    }
};

void eigen_without_box(benchmark::State& state) {
    const Prepared prepared(problems()[static_cast<std::size_t>(state.range(0))]);
    Outcome outcome;
    for (auto iteration : state) {
        static_cast<void>(iteration);
        outcome = {};
        for (const std::vector<double>& start : prepared.starts) {
            EigenFunctor functor{prepared.regression};
            Eigen::LevenbergMarquardt<EigenFunctor> solver(functor);
            solver.parameters.ftol = 1e-13;
            solver.parameters.xtol = 0.0;
            solver.parameters.gtol = 0.0;
            solver.parameters.maxfev = 1000;
            Eigen::VectorXd theta = Eigen::Map<const Eigen::VectorXd>(
                start.data(), static_cast<Eigen::Index>(start.size()));
            const auto status = solver.minimize(theta);
            outcome.objectives.push_back(solver.fnorm * solver.fnorm);
            outcome.iterations += static_cast<double>(solver.iter);
            outcome.at_limit +=
                status == Eigen::LevenbergMarquardtSpace::TooManyFunctionEvaluation ? 1.0 : 0.0;
        }
    }
    report(state, outcome);
}

BENCHMARK(ours)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(ours_without_curvature)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(ceres)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(eigen_without_box)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

} // namespace
