// Routing alone, on one thread: the implicit grid tree, the same tree stored, a search over all
// prototypes, and that search as a user of Eigen writes it (squared distances by columns,
// minCoeff).
//
//   bench_routing --benchmark_repetitions=7 --benchmark_enable_random_interleaving=true
//
// Arguments: n / - / leaves L / inputs. Medians of CPU time in ns per input, one run, on a 2-core
// AMD EPYC (Zen 5 class) virtual machine under other load, g++ 12.2 -O3, baseline x86-64
// instructions:
//
//                    grid  stored tree   flat  flat by Eigen  Eigen / flat
//   n = 8, L = 64      14           58    147            138          0.94
//   n = 8, L = 1024    20          122   1491           2093          1.40
//   n = 8, L = 4096    23          222   5415           8579          1.58
//   n = 2, L = 4096    36           97   1791           4452          2.49
//
// What was learnt:
// - The descent in the grid took 111 ns at n = 8, L = 4096 with a search for the largest side and a
//   branch at each node; axis by axis it took 87, without the branch on the coin toss 23.
// - The stored tree pays for its branches and for a chain of dependent loads. (170 in other runs at
//   n = 8, L = 4096.)
// - The flat search took 13900 (n = 8, L = 4096) with plain arrays of sums and std::min_element.

#include "shapes.hpp"

#include "routing/router.hpp"

#include <Eigen/Dense>
#include <benchmark/benchmark.h>

#include <cstdint>
#include <span>
#include <vector>

namespace {

using moe::bench::grid_of;
using moe::bench::Shape;
using moe::bench::shape_of;
using moe::bench::uniform_numbers;

// -------------------------------------------------------------------------------

void route_all(benchmark::State& state, const moe::Router& router, const Shape& shape) {
    const auto inputs = uniform_numbers(1, shape.batch * shape.inputs);
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (std::size_t b = 0; b < shape.batch; ++b) {
            sum += router.route(std::span(inputs).subspan(b * shape.inputs, shape.inputs)).leaf;
        }
        benchmark::DoNotOptimize(sum);
    }
    state.counters["ns/input"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(shape.batch) * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void route_grid(benchmark::State& state) {
    const Shape shape = shape_of(state);
    route_all(state, moe::Router(grid_of(shape.inputs, shape.experts)), shape);
}

void route_tree(benchmark::State& state) {
    const Shape shape = shape_of(state);
    const moe::PrototypeTree tree = moe::materialise(grid_of(shape.inputs, shape.experts));
    route_all(state, moe::Router(tree.view()), shape);
}

void route_flat(benchmark::State& state) {
    const Shape shape = shape_of(state);
    const auto prototypes =
        uniform_numbers(3, static_cast<std::size_t>(shape.experts) * shape.inputs);
    route_all(state, moe::Router(moe::FlatPrototypes(static_cast<int>(shape.inputs), prototypes)),
              shape);
}

/// The peer of route_flat: Eigen's column-wise squared distances and minCoeff.
void route_flat_eigen(benchmark::State& state) {
    const Shape shape = shape_of(state);
    const auto inputs = uniform_numbers(1, shape.batch * shape.inputs);
    const auto numbers = uniform_numbers(3, static_cast<std::size_t>(shape.experts) * shape.inputs);
    const Eigen::Index n = shape.inputs;
    const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> prototypes =
        Eigen::Map<const Eigen::MatrixXd>(numbers.data(), n, shape.experts);
    Eigen::Array<double, 1, Eigen::Dynamic> distances(shape.experts);
    for (auto _ : state) {
        Eigen::Index sum = 0;
        for (std::size_t b = 0; b < shape.batch; ++b) {
            distances.setZero();
            for (Eigen::Index i = 0; i < n; ++i) {
                const double x = inputs[b * shape.inputs + static_cast<std::size_t>(i)];
                distances += (prototypes.row(i).array() - x).square();
            }
            Eigen::Index nearest = 0;
            distances.minCoeff(&nearest);
            sum += nearest;
        }
        benchmark::DoNotOptimize(sum);
    }
    state.counters["ns/input"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(shape.batch) * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void routing_shapes(benchmark::internal::Benchmark* bench) {
    for (const std::int64_t experts : {64, 1024, 4096}) {
        bench->Args({8, 32, experts, 4096});
    }
    bench->Args({2, 16, 4096, 4096})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(route_grid)->Apply(routing_shapes);
BENCHMARK(route_tree)->Apply(routing_shapes);
BENCHMARK(route_flat)->Apply(routing_shapes);
BENCHMARK(route_flat_eigen)->Apply(routing_shapes);

} // namespace
