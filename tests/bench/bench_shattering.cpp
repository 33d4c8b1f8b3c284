// Labelings verified per second of exact shattering certificates: block by block (ours) against the
// peer in the same run, verify_plainly, which builds the whole model of each labeling anew, routes
// every point and evaluates it alone. Both end in the same report (a test compares them); float64
// comparisons are off in both.
//
//   bench_shattering --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
//
// Machine: 2-core AMD EPYC (Zen 5 class) virtual machine under other load, g++ 12.2 -O3, baseline
// x86-64 instructions; medians of CPU time, one thread, labelings per second.
//
//   plan                    m    blocks    plainly    ratio
//   linear(L=3, n=4)       15    362e6     1015e3       357
//   relu(L=4, n=3, q=1)    12    214e6      569e3       376
//   relu(L=2, n=3, q=2)    12     72e6      618e3       117
//   relu(L=1, n=3, q=3)     9   1.65e6      741e3       2.2
//   relu(L=1, n=4, q=4)    16    868e3      392e3       2.2
//   zigzag(L=3, n=1, w=4)  15    350e6      541e3       647
//   zigzag(L=1, n=1, w=15) 16   1.75e6      521e3       3.4
//   narrow(m=3, d=4)       12    683e3      142e3       4.8
//   narrow(m=4, d=4)       16    477e3       93e3       5.1
//   random: narrow(16,16) 4.7e3, narrow(48,48) 182; with float64 models by both routers 1.4e3, 51
//
// What was learnt:
// - With several blocks the walk over the 2^m labelings takes over (3 ns each at m = 15) from the
//   L 2^B patterns. With one block there is no such structure, and the gain is from
//   evaluating all points at once in kept buffers.
// - The checks for overflow keep the inner loop from being vectorised; two thirds of the time of
//   one-block plans is this loop. Baseline x86-64 has no 64-bit vector product to win it back with.
// - The narrow net's layers behind the first bit are a fixed function of three small integers: a
//   table of d 2^d entries in place of them leaves 880 of the 2016 products of a labeling of
//   narrow(m=4, d=4). m = 20: narrow(4,5) 2.7 s, relu(1,4,5) 1.5 s, zigzag(1,19) 1.1 s.
#include "shattering/verify_shattering.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace {

using moe::ShatteringOptions;
using moe::ShatteringPlan;
using moe::ShatteringReport;

const std::vector<ShatteringPlan>& plans() {
    using Plan = ShatteringPlan;
    static const std::vector<Plan> all{
        Plan::linear(3, 4),  Plan::relu(4, 3, 1), Plan::relu(2, 3, 2),
        Plan::relu(1, 3, 3), Plan::relu(1, 4, 4), Plan::zigzag(3, 4),
        Plan::zigzag(1, 15), Plan::narrow(3, 4),  Plan::narrow(4, 4)};
    return all;
}

/// One of the two that are compared.
using Verification = ShatteringReport (*)(const ShatteringPlan&, const ShatteringOptions&);

void verify(benchmark::State& state, Verification verification) {
    const ShatteringPlan& plan = plans()[static_cast<std::size_t>(state.range(0))];
    ShatteringOptions options;
    options.float64_models = 0;
    std::uint64_t labelings = 0;
    for (auto iteration : state) {
        static_cast<void>(iteration);
        const ShatteringReport report = verification(plan, options);
        if (!report.holds()) throw std::logic_error(plan.name() + " is not shattered");
        labelings += report.labelings;
    }
    state.SetLabel(plan.name());
    state.SetItemsProcessed(static_cast<std::int64_t>(labelings));
}

void block_by_block(benchmark::State& state) {
    verify(state, moe::verify_exhaustively);
}

void labeling_by_labeling(benchmark::State& state) {
    verify(state, moe::verify_plainly);
}

/// Random labelings of nets too large for all of them, with their float64 models.
void random_labelings(benchmark::State& state) {
    const ShatteringPlan plan = ShatteringPlan::narrow(state.range(0), state.range(0));
    ShatteringOptions options;
    options.float64_models = static_cast<std::uint64_t>(state.range(1));
    moe::RandomStream stream(1, 2, 3);
    std::uint64_t labelings = 0;
    for (auto iteration : state) {
        static_cast<void>(iteration);
        labelings += moe::verify_random(plan, 4, stream, options).realised;
    }
    state.SetLabel(plan.name());
    state.SetItemsProcessed(static_cast<std::int64_t>(labelings));
}

} // namespace

BENCHMARK(block_by_block)->DenseRange(0, 8)->Unit(benchmark::kMillisecond);
BENCHMARK(labeling_by_labeling)->DenseRange(0, 8)->Unit(benchmark::kMillisecond);
BENCHMARK(random_labelings)
    ->ArgsProduct({{16, 48}, {0, 4}})
    ->ArgNames({"m_and_d", "float64_models"})
    ->Unit(benchmark::kMillisecond);
