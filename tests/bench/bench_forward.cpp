// One expert and whole forward passes, with Eigen (one product per layer and expert, as
// its users write it, same routing, grouping and threads) as the peer in the same run.
//
//   bench_forward --benchmark_repetitions=7 --benchmark_enable_random_interleaving=true
//
// Arguments: inputs / hidden width (two hidden layers) / experts L / batch B. Machine: 2-core AMD
// EPYC (Zen 5 class) virtual machine under other load, g++ 12.2 -O3, baseline x86-64 instructions
// (128-bit vectors, no fused multiply-add); medians of CPU time, one thread. The runs with two
// threads were not recorded: both cores were busy.
//
//   whole pass, ns per input      float64: ours  Eigen  ratio   float32: ours  Eigen  ratio
//   8/32/64/65536                           195    218   1.12             123    118   0.96
//   8/32/1024/65536                         219    256   1.17             148    146   0.99
//   8/32/4096/65536                         289    362   1.25             191    221   1.16
//   2/16/4096/65536                         139    155   1.11             105    107   1.03
//   8/256/16/4096                          6712   7135   1.06            3712   3465   0.93
//   8/32/64/64                              300    357   1.19             275    227   0.83
//   8/32/64/1                               609    360   0.59             593    316   0.53
//   The reference in another run, float64: 1070 (8/32/64), 1874 (8/32/1024), 37521 (8/256/16).
//
//   one expert, GFLOP/s in the quieter runs: float64 20 (8/32), 17 (2/16), 21 (64/256); float32 35,
//   30, 37; banded sparse 12 to 13 in float64. Under load 14, 12, 15 were seen in float64.
//
// What was learnt:
// - Loops over plain arrays of sums run at 8 GFLOP/s in float64 with g++ (spilled sums), 7 with
//   clang++; machine vectors as types (basics/lanes.hpp) reach 21 with both. Wider tiles (8
//   vectors) gain under 5 %.
// - The lead over Eigen is in small groups (L = 4096 has 16 inputs per expert), where no product is
//   packed; wide float32 experts and single inputs are still behind.

#include "shapes.hpp"

#include "basics/parallel.hpp"
#include "forward/evaluate.hpp"
#include "forward/forward.hpp"
#include "forward/grouping.hpp"
#include "models/resident_experts.hpp"
#include "routing/router.hpp"

#include <Eigen/Dense>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using moe::Architecture;
using moe::bench::grid_of;
using moe::bench::Shape;
using moe::bench::shape_of;
using moe::bench::uniform_numbers;

Architecture net_of(const Shape& shape) {
    return Architecture::dense(std::vector{shape.inputs, shape.width, shape.width, 1U});
}

template<class T>
std::vector<T> parameters_of(const Architecture& net, std::int64_t experts) {
    std::vector<double> numbers =
        uniform_numbers(2, net.parameters() * static_cast<std::size_t>(experts));
    std::vector<T> parameters(numbers.size());
    std::transform(numbers.begin(), numbers.end(), parameters.begin(),
                   [](double v) { return static_cast<T>(0.5 * (v - 0.5)); });
    return parameters;
}

/// Samples and arithmetic per second; 2 floating-point operations per weight.
void report(benchmark::State& state, std::size_t batch, const Architecture& net) {
    using benchmark::Counter;
    const auto samples = static_cast<double>(state.iterations()) * static_cast<double>(batch);
    std::size_t weights = 0;
    for (const moe::Layer& layer : net.layers()) {
        weights += layer.weights;
    }
    state.counters["ns/input"] = Counter(samples * 1e-9, Counter::kIsRate | Counter::kInvert);
    state.counters["GFLOP/s"] =
        Counter(samples * 2e-9 * static_cast<double>(weights), Counter::kIsRate);
}

/// The peer: what a user of Eigen writes for one expert on a group. Gathers the group's inputs into
/// a matrix (a column is a sample), one product per layer, scatters the outputs.
template<class T>
class EigenExpert {
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
    using Weights = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

  public:
    void run(const Architecture& net, const T* parameters, std::span<const double> inputs,
             std::span<T> outputs, std::span<const std::uint32_t> rows) {
        const auto count = static_cast<Eigen::Index>(rows.size());
        const Eigen::Index n = net.inputs();
        value_.resize(n, count);
        for (Eigen::Index s = 0; s < count; ++s) {
            const double* const x = inputs.data() + rows[static_cast<std::size_t>(s)] * n;
            value_.col(s) = Eigen::Map<const Eigen::VectorXd>(x, n).template cast<T>();
        }
        for (std::size_t j = 0; j < net.depth(); ++j) {
            const moe::Layer& layer = net.layer(j);
            const Eigen::Map<const Weights> weights(parameters + layer.weight_offset, layer.outputs,
                                                    layer.inputs);
            const Eigen::Map<const Vector> biases(parameters + layer.bias_offset, layer.outputs);
            next_.resize(layer.outputs, count);
            next_.noalias() = weights * value_;
            next_.colwise() += biases;
            if (j + 1 < net.depth()) next_ = next_.cwiseMax(T(0));
            std::swap(value_, next_);
        }
        for (Eigen::Index s = 0; s < count; ++s) {
            outputs[rows[static_cast<std::size_t>(s)]] = value_(0, s);
        }
    }

  private:
    Matrix value_;
    Matrix next_;
};

void check_agreement(std::span<const double> a, std::span<const double> b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!(std::abs(a[i] - b[i]) <= 1e-3 * (1.0 + std::abs(b[i])))) {
            throw std::logic_error("the peer computes something else at input " +
                                   std::to_string(i));
        }
    }
}

// ---- whole passes
// --------------------------------------------------------------------------------

template<class T>
void forward_ours(benchmark::State& state, moe::ForwardOptions options) {
    const Shape shape = shape_of(state);
    const Architecture net = net_of(shape);
    moe::ResidentExperts<T> experts(net, parameters_of<T>(net, shape.experts));
    const moe::Router router(grid_of(shape.inputs, shape.experts));
    const auto inputs = uniform_numbers(1, shape.batch * shape.inputs);
    std::vector<T> outputs(shape.batch);
    for (auto _ : state) {
        moe::forward<T>(router, experts, inputs, outputs, options);
        benchmark::DoNotOptimize(outputs.data());
    }
    report(state, shape.batch, net);
}

/// Same routing, grouping and threads as ours; only the experts are Eigen's.
template<class T>
void forward_eigen(benchmark::State& state, unsigned threads) {
    const Shape shape = shape_of(state);
    const Architecture net = net_of(shape);
    const auto parameters = parameters_of<T>(net, shape.experts);
    const moe::Router router(grid_of(shape.inputs, shape.experts));
    const auto inputs = uniform_numbers(1, shape.batch * shape.inputs);
    std::vector<T> outputs(shape.batch);
    const std::size_t n = shape.inputs;
    const auto run = [&] {
        std::vector<std::uint64_t> expert_of(shape.batch);
        constexpr std::size_t block = 512;
        moe::parallel_for((shape.batch + block - 1) / block, threads, [&](std::size_t k) {
            for (std::size_t b = k * block; b < std::min(shape.batch, (k + 1) * block); ++b) {
                expert_of[b] = router.route(std::span(inputs).subspan(b * n, n)).leaf;
            }
        });
        const moe::Grouping grouping =
            moe::group_by_expert(expert_of, static_cast<std::uint64_t>(shape.experts));
        const std::size_t groups = grouping.experts.size();
        const std::size_t shares = std::min<std::size_t>(groups, 64);
        moe::parallel_for(shares, threads, [&](std::size_t share) {
            EigenExpert<T> expert;
            for (std::size_t g = share * groups / shares; g < (share + 1) * groups / shares; ++g) {
                const std::span rows(grouping.samples);
                expert.run(
                    net, parameters.data() + grouping.experts[g] * net.parameters(), inputs,
                    outputs,
                    rows.subspan(grouping.starts[g], grouping.starts[g + 1] - grouping.starts[g]));
            }
        });
    };
    run();
    moe::ResidentExperts<T> experts(net, parameters);
    std::vector<T> ours(shape.batch);
    moe::forward<T>(router, experts, inputs, ours);
    check_agreement(std::vector<double>(outputs.begin(), outputs.end()),
                    std::vector<double>(ours.begin(), ours.end()));
    for (auto _ : state) {
        run();
        benchmark::DoNotOptimize(outputs.data());
    }
    report(state, shape.batch, net);
}

void forward_reference(benchmark::State& state) {
    forward_ours<double>(state, {.backend = moe::Backend::reference});
}

template<class T>
void forward_cpu(benchmark::State& state) {
    forward_ours<T>(state, {.threads = 1});
}

template<class T>
void forward_cpu_2_threads(benchmark::State& state) {
    forward_ours<T>(state, {.threads = 2});
}

template<class T>
void forward_eigen_1_thread(benchmark::State& state) {
    forward_eigen<T>(state, 1);
}

template<class T>
void forward_eigen_2_threads(benchmark::State& state) {
    forward_eigen<T>(state, 2);
}

// ---- one expert
// ----------------------------------------------------------------------------------

void one_input(benchmark::State& state) {
    const Shape shape = shape_of(state);
    const Architecture net = net_of(shape);
    const auto parameters = parameters_of<double>(net, 1);
    const auto x = uniform_numbers(1, shape.inputs);
    std::vector<double> y(1);
    for (auto _ : state) {
        moe::evaluate<double>(net, parameters, x, y);
        benchmark::DoNotOptimize(y.data());
    }
    report(state, 1, net);
}

template<class T>
void one_expert(benchmark::State& state) {
    const Shape shape = shape_of(state);
    const Architecture net = net_of(shape);
    const auto parameters = parameters_of<T>(net, 1);
    const auto inputs = uniform_numbers(1, shape.batch * shape.inputs);
    std::vector<T> outputs(shape.batch);
    for (auto _ : state) {
        moe::evaluate_batch<T>(net, parameters, inputs, outputs);
        benchmark::DoNotOptimize(outputs.data());
    }
    report(state, shape.batch, net);
}

/// A banded sparse expert (8 entries per row), the kind that constructions make.
void one_sparse_expert(benchmark::State& state) {
    const Shape shape = shape_of(state);
    std::vector<moe::SparsePattern> patterns;
    const std::vector<std::uint32_t> outputs{shape.width, shape.width, 1};
    std::uint32_t sources = shape.inputs;
    for (const std::uint32_t units : outputs) {
        moe::SparsePattern pattern;
        for (std::uint32_t row = 0; row < units; ++row) {
            const std::uint32_t first = std::min(row, sources - std::min(sources, 8U));
            for (std::uint32_t col = first; col < std::min(first + 8, sources); ++col) {
                pattern.row.push_back(row);
                pattern.col.push_back(col);
            }
            pattern.bias_row.push_back(row);
        }
        patterns.push_back(std::move(pattern));
        sources = units;
    }
    const Architecture net = Architecture::sparse(shape.inputs, outputs, std::move(patterns));
    const auto parameters = parameters_of<double>(net, 1);
    const auto inputs = uniform_numbers(1, shape.batch * shape.inputs);
    std::vector<double> results(shape.batch);
    for (auto _ : state) {
        moe::evaluate_batch<double>(net, parameters, inputs, results);
        benchmark::DoNotOptimize(results.data());
    }
    report(state, shape.batch, net);
}

void model_shapes(benchmark::internal::Benchmark* bench) {
    for (const std::int64_t experts : {64, 1024, 4096}) {
        bench->Args({8, 32, experts, 65536});
    }
    bench->Args({2, 16, 4096, 65536});
    bench->Args({8, 32, 64, 1})->Args({8, 32, 64, 64})->Args({8, 256, 16, 4096});
    bench->Unit(benchmark::kMicrosecond);
}

void expert_shapes(benchmark::internal::Benchmark* bench) {
    bench->Args({8, 32, 1, 4096})->Args({2, 16, 1, 4096})->Args({64, 256, 1, 1024});
    bench->Unit(benchmark::kMicrosecond);
}

BENCHMARK(one_input)->Apply(expert_shapes);
BENCHMARK(one_expert<double>)->Apply(expert_shapes);
BENCHMARK(one_expert<float>)->Apply(expert_shapes);
BENCHMARK(one_sparse_expert)->Apply(expert_shapes);
BENCHMARK(forward_reference)->Apply(model_shapes);
BENCHMARK(forward_cpu<double>)->Apply(model_shapes);
BENCHMARK(forward_eigen_1_thread<double>)->Apply(model_shapes);
BENCHMARK(forward_cpu<float>)->Apply(model_shapes);
BENCHMARK(forward_eigen_1_thread<float>)->Apply(model_shapes);
BENCHMARK(forward_cpu_2_threads<double>)->Apply(model_shapes)->UseRealTime();
BENCHMARK(forward_eigen_2_threads<double>)->Apply(model_shapes)->UseRealTime();

} // namespace
