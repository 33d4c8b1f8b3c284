// The forward pass through an expert store with a residency budget, against the whole model in
// memory. A model file of 4096 float32 experts (8 inputs, two hidden layers of 32, 5508 bytes each,
// 22.6 MB) is written into a temporary folder; 65536 inputs, uniform (all experts are touched) or
// in a corner (16 are). first_pass opens the store and runs the batch, next_pass runs it once more
// on the same store. Outputs are equal to those of the model in memory, bit for bit.
//
//   bench_residency --benchmark_enable_random_interleaving=true
//     --benchmark_out=data/bench/bench_residency.json --benchmark_out_format=json
//
// Machine: 2-core AMD EPYC (Zen 5, AVX-512) virtual machine on a slow day (OpenBLAS 199 GFLOP/s),
// g++ 12.2 -O3; medians of processor time of 9 interleaved repetitions, one thread, the file in the
// system's cache. Counts are of one pass; the bytes are those that the store counts.
//
//                        uniform inputs                       inputs in a corner
//   budget       first  next  loads  next  peak KB    first  next  loads  next  peak KB
//   (experts)       ns    ns          loads              ns    ns          loads
//   1              173   148   4096   4095       6       32    22     16     15       6
//   41 (1 %)       180   143   4096   4055     226       28    25     16      0      88
//   410 (10 %)     172   145   4096   3686    2258       32    26     16      0      88
//   2048 (50 %)    194   117   4096   2048   11280       28    23     16      0      88
//   4096           209    49   4096      0   22561       27    21     16      0      88
//   whole model           44                 22561             22                 22561
//
// What was learnt:
// - An input needs its expert and no more: with a budget of one expert, 1/4096 of the memory, a
//   repeated pass of corner inputs takes as long as with the whole model in memory; bytes read per
//   input are 1.3 there, 344 for uniform inputs (one expert for 16 of them).
// - In order of their experts, a repeated pass found nothing of the last one unless all fitted: the
//   least recently used expert leaves just before its turn. A pass begins with the experts that are
//   still there: it loads what is missing and no more.
// - All resident and no load, the store took 93 ns against 36 (0.9 us a lease): not its lock, but
//   parameters that were not loaded ahead. With ExpertStore::ahead() 49 against 44.
// - A first pass with a large budget is the dearest: its memory is touched for the first time.

#include "context.hpp"
#include "shapes.hpp"

#include "forward/forward.hpp"
#include "models/architecture.hpp"
#include "models/resident_experts.hpp"
#include "store/expert_store.hpp"
#include "store/model_writer.hpp"
#include "support/temporary_folder.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using moe::ExpertStore;
using moe::StoreCounters;
using moe::bench::uniform_numbers;

constexpr std::uint32_t dimension = 8;
constexpr std::uint64_t expert_count = 4096;
constexpr std::size_t batch = 65536;

enum class Inputs {
    uniform, ///< in the unit cube: every expert is touched
    corner   ///< in [0, 1/2]^8: 16 experts are
};

/// The model as a file and in memory, and the two batches.
struct Model {
    Model() {
        const std::vector<double> numbers =
            uniform_numbers(2, architecture.parameters() * expert_count);
        parameters.resize(numbers.size());
        std::ranges::transform(numbers, parameters.begin(),
                               [](double v) { return static_cast<float>(0.5 * (v - 0.5)); });
        moe::ModelWriter<float> writer(
            file, {.architecture = architecture, .experts = expert_count, .cells_per_axis = cells});
        for (std::uint64_t e = 0; e < expert_count; ++e) {
            const std::size_t p = architecture.parameters();
            writer.write_expert(e, std::span(parameters).subspan(e * p, p));
        }
        writer.finish(false);
        for (double& x : corner)
            x *= 0.5;
    }

    [[nodiscard]] std::span<const double> inputs(Inputs kind) const {
        return kind == Inputs::uniform ? uniform : corner;
    }
    [[nodiscard]] std::uint64_t expert_bytes() const {
        return architecture.parameters() * sizeof(float);
    }

    moe::Architecture architecture = moe::Architecture::dense(std::vector{dimension, 32U, 32U, 1U});
    std::vector<std::int64_t> cells{4, 4, 4, 4, 2, 2, 2, 2}; ///< as shapes.hpp cuts 4096
    std::vector<float> parameters;
    moe_test::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "model.safetensors";
    std::vector<double> uniform = uniform_numbers(1, batch* dimension);
    std::vector<double> corner = uniform;
};

void report_time(benchmark::State& state) {
    state.counters["ns/input"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(batch) * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void report_counts(benchmark::State& state, const StoreCounters& before, const StoreCounters& after,
                   double passes, std::uint64_t budget) {
    const auto per_pass = [&](std::uint64_t StoreCounters::*count) {
        return static_cast<double>(after.*count - before.*count) / passes;
    };
    state.counters["loads"] = per_pass(&StoreCounters::loads);
    state.counters["evictions"] = per_pass(&StoreCounters::evictions);
    state.counters["bytes_read/input"] =
        per_pass(&StoreCounters::expert_bytes_read) / static_cast<double>(batch);
    state.counters["peak_resident_bytes"] = static_cast<double>(after.peak_resident_bytes);
    state.counters["budget_bytes"] = static_cast<double>(budget);
}

void require_equal(std::span<const float> outputs, const Model& model, Inputs kind) {
    moe::ResidentExperts<float> experts(model.architecture, model.parameters);
    std::vector<float> expected(batch);
    moe::forward<float>(moe::Router(moe::GridTree(model.cells)), experts, model.inputs(kind),
                        expected);
    if (!std::ranges::equal(outputs, expected))
        throw std::logic_error("the store's outputs are not those of the model in memory");
}

/// A store is opened and the batch is run: every touched expert is loaded.
void first_pass(benchmark::State& state, const Model& model, Inputs kind, std::uint64_t budget) {
    std::vector<float> outputs(batch);
    StoreCounters counters;
    for (auto _ : state) {
        ExpertStore<float> store(model.file, budget);
        moe::forward<float>(*store.router(), store, model.inputs(kind), outputs);
        counters = store.counters();
    }
    require_equal(outputs, model, kind);
    report_time(state);
    report_counts(state, {}, counters, 1.0, budget);
}

/// The same batch once more on the same store.
void next_pass(benchmark::State& state, const Model& model, Inputs kind, std::uint64_t budget) {
    std::vector<float> outputs(batch);
    ExpertStore<float> store(model.file, budget);
    moe::forward<float>(*store.router(), store, model.inputs(kind), outputs);
    const StoreCounters before = store.counters();
    for (auto _ : state)
        moe::forward<float>(*store.router(), store, model.inputs(kind), outputs);
    require_equal(outputs, model, kind);
    report_time(state);
    report_counts(state, before, store.counters(), static_cast<double>(state.iterations()), budget);
}

/// The peer: all experts in memory.
void whole_model(benchmark::State& state, const Model& model, Inputs kind) {
    moe::ResidentExperts<float> experts(model.architecture, model.parameters);
    const moe::Router router{moe::GridTree(model.cells)};
    std::vector<float> outputs(batch);
    for (auto _ : state) {
        moe::forward<float>(router, experts, model.inputs(kind), outputs);
        benchmark::DoNotOptimize(outputs.data());
    }
    report_time(state);
    state.counters["peak_resident_bytes"] =
        static_cast<double>(model.expert_bytes() * expert_count);
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& body) {
    benchmark::RegisterBenchmark(name.c_str(), body)
        ->Unit(benchmark::kMillisecond)
        ->MinTime(0.2)
        ->Repetitions(9)
        ->ReportAggregatesOnly(true);
}

void add_all(const Model& model) {
    for (const Inputs kind : {Inputs::uniform, Inputs::corner}) {
        const std::string inputs = kind == Inputs::uniform ? "/inputs:uniform" : "/inputs:corner";
        // 1 expert, 1 %, 10 %, 50 %, 100 %.
        for (const std::uint64_t experts : {1U, 41U, 410U, 2048U, 4096U}) {
            const std::string tail = inputs + "/budget_experts:" + std::to_string(experts);
            const std::uint64_t budget = experts * model.expert_bytes();
            add("first_pass" + tail,
                [=, &model](benchmark::State& state) { first_pass(state, model, kind, budget); });
            add("next_pass" + tail,
                [=, &model](benchmark::State& state) { next_pass(state, model, kind, budget); });
        }
        add("whole_model" + inputs,
            [=, &model](benchmark::State& state) { whole_model(state, model, kind); });
    }
}

} // namespace

int main(int argc, char** argv) {
    const Model model;
    moe::bench::add_context(argc, argv);
    benchmark::AddCustomContext("expert bytes", std::to_string(model.expert_bytes()));
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    add_all(model);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
