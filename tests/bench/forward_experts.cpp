// One expert alone, without routing and grouping: part of bench_forward.

#include "forward_case.hpp"
#include "gemm_peak.hpp"
#include "shapes.hpp"

#include "forward/evaluate.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace moe::bench {

namespace {

ForwardShape expert_shape(const benchmark::State& state) {
    return {static_cast<std::uint32_t>(state.range(0)), static_cast<std::uint32_t>(state.range(1)),
            static_cast<std::uint32_t>(state.range(2)), 1, state.range(3)};
}

void one_input(benchmark::State& state) {
    const Architecture net = net_of(expert_shape(state));
    const auto parameters = parameters_of<double>(net, 1);
    const auto x = uniform_numbers(1, net.inputs());
    std::vector<double> y(1);
    for (auto _ : state) {
        evaluate<double>(net, parameters, x, y);
        benchmark::DoNotOptimize(y.data());
    }
    report(state, net, 1, gemm_peak<double>());
}

template<class T>
void run_on_batch(benchmark::State& state, const Architecture& net) {
    const auto batch = static_cast<std::size_t>(state.range(3));
    const auto parameters = parameters_of<T>(net, 1);
    const auto inputs = uniform_numbers(1, batch * net.inputs());
    std::vector<T> outputs(batch);
    for (auto _ : state) {
        evaluate_batch<T>(net, parameters, inputs, outputs);
        benchmark::DoNotOptimize(outputs.data());
    }
    report(state, net, batch, gemm_peak<T>());
}

template<class T>
void one_expert(benchmark::State& state) {
    run_on_batch<T>(state, net_of(expert_shape(state)));
}

/// A banded sparse expert (8 entries per row), the kind that constructions make.
template<class T>
void one_sparse_expert(benchmark::State& state) {
    const Architecture dense = net_of(expert_shape(state));
    std::vector<SparsePattern> patterns;
    std::vector<std::uint32_t> outputs;
    for (const Layer& layer : dense.layers()) {
        SparsePattern pattern;
        for (std::uint32_t row = 0; row < layer.outputs; ++row) {
            const std::uint32_t first = std::min(row, layer.inputs - std::min(layer.inputs, 8U));
            for (std::uint32_t col = first; col < std::min(first + 8, layer.inputs); ++col) {
                pattern.row.push_back(row);
                pattern.col.push_back(col);
            }
            pattern.bias_row.push_back(row);
        }
        patterns.push_back(std::move(pattern));
        outputs.push_back(layer.outputs);
    }
    run_on_batch<T>(state, Architecture::sparse(dense.inputs(), outputs, std::move(patterns)));
}

void expert_shapes(benchmark::internal::Benchmark* bench) {
    bench->ArgNames({"n", "depth", "width", "batch"});
    bench->Args({8, 3, 32, 4096})->Args({2, 3, 16, 4096})->Args({64, 3, 256, 1024});
    bench->Unit(benchmark::kMicrosecond)->MinTime(0.1)->Repetitions(9)->ReportAggregatesOnly(true);
}

BENCHMARK(one_input)->Apply(expert_shapes);
BENCHMARK(one_expert<double>)->Apply(expert_shapes);
BENCHMARK(one_expert<float>)->Apply(expert_shapes);
BENCHMARK(one_sparse_expert<double>)->Apply(expert_shapes);
BENCHMARK(one_sparse_expert<float>)->Apply(expert_shapes);

} // namespace

} // namespace moe::bench
