// EM in ns per sample and iteration, on one thread: whole fits from the M-step of the start
// responsibilities, and their parts.
//
//   bench_em --benchmark_repetitions=7 --benchmark_enable_random_interleaving=true
//   bench_em --write-data DIR            the data of the comparison with flexmix and mixtools
//   bench_em --fit DIR ITERATIONS RUNS   our side of it; peers/em_peers.sh runs both sides
//
// Argument: the case. P1, P2, P3: linear experts with free variances (n, p, K) = (1000, 2, 2),
// (1000, 6, 2), (5000, 6, 3), 200 iterations, as in the comparison; FMNIST: synthetic multinomial
// experts of the sizes of the Fashion-MNIST experiment, n = 3000, p = 31, K = 2, C = 10, ridge
// 1e-4, 30 iterations; SymMoLinE, SymMoLogE: n = 1000, d = 10, 50 iterations. Medians of CPU time
// in ns per sample (and iteration) of 5 runs on a 2-core AMD EPYC (Zen 5 class) virtual machine
// under heavy other load, g++ 12.2 -O3, kernels for AVX-512 chosen at run time. Last column: the
// same fit before there were such kernels, two single runs under less load (the first of them with
// Eigen's assertions).
//
//                  fit   E-step  first M-step  gradient   fit by plain Eigen expressions
//   P1             8.0      4.7          13.4       5.3            72,    67
//   P2              14      5.3            30       6.4           101,   107
//   P3              26       12            66        12           176,   246
//   FMNIST        2400       56         12400        81         44000, 62000
//   SymMoLinE       74       19           290        26
//   SymMoLogE      186       24           530        36
//
// Against R on the same data, CPU time of an iteration of 200 (data/bench/em_peers.json, an idle
// machine): flexmix takes 347, 213 and 313 times ours on P1, P2, P3, mixtools' hmeEM 822 times ours
// on P1. Another day and a busy machine gave 371, 300, 296 and 613.
//
// What was learnt:
// - Tiles of samples with kernels for the processor's widest instructions, in place of plain Eigen
//   expressions with temporaries of n numbers in baseline instructions, took a factor 7 to 9 from
//   P1 to P3 and more than 11 from FMNIST.
// - Newton's method starts each M-step at the last one's end, so that a fit's average iteration
//   costs less than its first: on P1 more than half of it is the E-step.
// - An expert's Newton steps begin with the Hessian of its last M-step where a new one is dear (a
//   Hessian of FMNIST costs as much as 30 gradients): its fit fell from 3800 to 2400 ns, and from
//   iteration 30 on hardly an M-step makes a new one.
// - The symmetric mixtures still run plain Eigen expressions; of SymMoLinE three quarters are the
//   M-step.
// - Elapsed times of our runs, of milliseconds, were up to 6 times the CPU time when five programs
//   shared a core. Compare CPU times on such a machine.

#include "peers/em_side.hpp"

#include "datasets/synthetic.hpp"
#include "fitting/em.hpp"
#include "mixtures/gated_mixture.hpp"
#include "mixtures/symmetric_mixture.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using moe::ExpertFamily;
using moe::FixtureSource;
using moe::Index;
using moe::Matrix;
using moe::Vector;

/// A model on its data, where its fits start and how many iterations they take.
struct Case {
    std::unique_ptr<moe::LatentModel> model;
    Vector start;
    Index iterations;
};

/// P1, P2, P3 with free variances, started as the peers are.
Case peer(std::size_t number) {
    const moe::bench::PeerCase& of = moe::bench::peer_cases.at(number);
    const moe::SyntheticData data = moe::bench::peer_data(of);
    const Matrix r = moe::bench::start_responsibilities(of, data);
    const moe::GatedShape shape = moe::bench::peer_shape(of.p, of.K, ExpertFamily::free_variance);
    Case result{moe::make_gated_mixture(shape, {}, data.samples),
                moe::bench::before_first_m_step(shape), 200};
    result.model->maximise(r, result.start);
    return result;
}

/// The sizes of Random-Invert Fashion-MNIST: n = 3000, p = 31, K = 2, C = 10, ridge 1e-4.
Case fashion_shape() {
    const moe::GatedRecipe recipe{
        .shape = {ExpertFamily::multinomial, 31, 2, 10}, .n = 3000, .expert_scale = 0.5};
    moe::SyntheticData data = moe::gated_data(recipe, FixtureSource(1));
    return {moe::make_gated_mixture(recipe.shape, {.lambda = 1e-4}, std::move(data.samples)),
            std::move(data.start), 30};
}

/// The synthetic comparison of the paper: n = 1000, d = 10.
Case symmetric(moe::SymmetricKind kind) {
    moe::SyntheticData data = moe::symmetric_data({.kind = kind}, FixtureSource(1000));
    return {moe::make_symmetric_mixture(kind, std::move(data.samples)), std::move(data.start), 50};
}

Case make_case(std::int64_t number) {
    if (number < 3) return peer(static_cast<std::size_t>(number));
    if (number == 3) return fashion_shape();
    return symmetric(number == 4 ? moe::SymmetricKind::linear : moe::SymmetricKind::logistic);
}

constexpr std::array<const char*, 6> names{"P1", "P2", "P3", "FMNIST", "SymMoLinE", "SymMoLogE"};

void count(benchmark::State& state, const Case& of, Index iterations) {
    state.SetLabel(names.at(static_cast<std::size_t>(state.range(0))));
    const double done = static_cast<double>(state.iterations()) * static_cast<double>(iterations);
    const auto inverse = benchmark::Counter::kIsRate | benchmark::Counter::kInvert;
    state.counters["per_sample_it"] =
        benchmark::Counter(done * static_cast<double>(of.model->samples()), inverse);
    state.counters["per_it"] = benchmark::Counter(done, inverse);
}

// -------------------------------------------------------------------------------

/// Whole fits: E-step and exact M-step in each iteration.
void em_fit(benchmark::State& state) {
    const Case of = make_case(state.range(0));
    for (auto _ : state) {
        const moe::Iteration iteration = moe::em(*of.model);
        Vector theta = of.start;
        for (Index t = 0; t < of.iterations; ++t)
            benchmark::DoNotOptimize(iteration(theta));
    }
    count(state, of, of.iterations);
}

void e_step(benchmark::State& state) {
    const Case of = make_case(state.range(0));
    Matrix r;
    for (auto _ : state)
        benchmark::DoNotOptimize(of.model->posterior(of.start, r));
    count(state, of, 1);
}

/// The first M-step of the fit, from the start: the dearest, since later ones begin near their end.
void first_m_step(benchmark::State& state) {
    const Case of = make_case(state.range(0));
    Matrix r;
    of.model->posterior(of.start, r);
    for (auto _ : state) {
        Vector theta = of.start;
        of.model->maximise(r, theta);
        benchmark::DoNotOptimize(theta.data());
    }
    count(state, of, 1);
}

/// What an iteration of gradient descent costs.
void gradient(benchmark::State& state) {
    const Case of = make_case(state.range(0));
    Vector slope;
    for (auto _ : state)
        benchmark::DoNotOptimize(of.model->loss_gradient(of.start, slope));
    count(state, of, 1);
}

void cases(benchmark::internal::Benchmark* bench) {
    for (std::int64_t number = 0; number < static_cast<std::int64_t>(names.size()); ++number)
        bench->Arg(number);
    bench->Unit(benchmark::kMicrosecond);
}

BENCHMARK(em_fit)->Apply(cases);
BENCHMARK(e_step)->Apply(cases);
BENCHMARK(first_m_step)->Apply(cases);
BENCHMARK(gradient)->Apply(cases);

// -------------------------------------------------------------------------------

/// Exit status of the two modes for the comparison; nothing if neither is asked for.
std::optional<int> run_comparison(const std::vector<std::string_view>& arguments) {
    if (arguments.empty() || (arguments[0] != "--write-data" && arguments[0] != "--fit"))
        return std::nullopt;
    try {
        if (arguments[0] == "--write-data" && arguments.size() == 2) {
            moe::bench::write_peer_data(arguments[1]);
            return 0;
        }
        if (arguments[0] == "--fit" && arguments.size() == 4) {
            const auto iterations = moe::parse_integer<Index>(arguments[2]);
            const auto runs = moe::parse_integer<std::size_t>(arguments[3]);
            if (!iterations || *iterations < 50 || !runs || *runs < 1)
                throw moe::InputError("--fit: allowed: ITERATIONS >= 50, RUNS >= 1");
            moe::bench::print_peer_fits(arguments[1], *iterations, *runs);
            return 0;
        }
        throw moe::InputError("allowed: --write-data DIR, --fit DIR ITERATIONS RUNS");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_em: %s\n", error.what());
        return 2;
    }
}

} // namespace

int main(int argc, char** argv) {
    if (const auto status = run_comparison({argv + 1, argv + argc})) return *status;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
