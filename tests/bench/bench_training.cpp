// Training steps on one thread, batches of 256 samples, float32: forward and backward pass of all
// experts, straight-through gradients of the gates, balance term, Adam.
//
//   bench_training --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
//
// step: on batches drawn beforehand; step_and_batch: with a fresh batch each step, as in the
// experiments; torch_step: the same model in LibTorch, whose steps alternate with ours on the same
// batches (times_ours is the ratio of the CPU times; the losses of 32 steps must agree first). The
// last is built where CMake finds LibTorch. It is 0.5 GB, so `make setup` does not install it:
//   apt-get install --no-install-recommends libtorch-dev libopenblas0-pthread
//
// Cases: experiment I of arXiv:2505.24205 in R^16 and R^128 (four experts of width 10), experiment
// II with two layers of three experts of width 16 and 128 (2-3) and one layer of six of width 128
// (1-6). Medians of CPU time in us on a 2-core AMD EPYC (Zen 5 class) virtual machine under other
// load, g++ 12.2 -O3, kernels for AVX-512 chosen at run time; LibTorch 1.13.1 of Debian 12 with
// OpenBLAS 0.3.21.
//
//                        step  with batch  LibTorch  ratio
//   I, D = 16              11          15       299     19
//   I, D = 128             55          57       513      6
//   II, 2-3, m = 16        14          21       800     25
//   II, 2-3, m = 128       85          79      1507     13
//   II, 1-6, m = 128       49          59      1497     19
//
// An earlier plain float32 trainer (-O3, loops over neurons) took 170, 680, 130, 360 and 190 us.
//
// What was learnt:
// - Samples, not neurons, lie in the lanes of the machine vectors, though an expert's weights are
//   stored [input][neuron]. Whatever the width nothing is wasted (width 10 of 16 lanes), outputs
//   and slopes need no sums across lanes, and every exponential of the gate is one of a full
//   vector. A forward pass with neurons in the lanes took 1.4 times as long at width 10, the same
//   at 16, and 0.7 times as long at 128.
// - Sorting the samples by expert makes an expert's weight gradients sums over neighbouring
//   columns: masks would make them as dear as the forward pass of all experts. The copy of the
//   sorted inputs is a sixth of a step at D = 128.
// - A group of some 64 samples is 4 vectors: sums across lanes cost as much as the products. They
//   are folded for 16 entries at once, by halves, which keeps the bits on every instruction set.
// - Sines and cosines of a fresh batch on the circle take 8 us by the standard library, 1.3 in
//   packs; the whole step at D = 16 takes 11.
// - LibTorch spends most of its time around the arithmetic, in some 150 operations a step. Which
//   BLAS it meets matters at D = 128: with Debian's plain one the ratio there was 19. Its steps
//   cost ours the caches: alone our step at D = 128 takes 55 us, between two of LibTorch's 84.

#include "compositional_pieces/experiment.hpp"
#include "manifold_rate/experiment.hpp"
#include "training/training.hpp"

#ifdef MOE_HAVE_TORCH
#include "peers/torch_training.hpp"
#endif

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t samples = 256;
constexpr std::size_t batches = 16; // drawn beforehand, one after the other
constexpr double balance = 0.02;
constexpr std::uint64_t seed = 1;

struct Case {
    const char* name;
    moe::StackShape shape;
    moe::Sampler<float> sampler;
};

Case circle(const char* name, std::size_t ambient) {
    manifold_rate::CircleTask task;
    task.ambient = ambient;
    return {name, moe::StackShape({{ambient, 1, task.experts, {task.width}, true}}),
            manifold_rate::circle_sampler<float>(task, {seed, moe::cell_key(name)})};
}

Case pieces(const char* name, compositional_pieces::TrainedModel model, std::size_t width) {
    compositional_pieces::PiecesTask task;
    task.model = model;
    task.width = width;
    return {name, compositional_pieces::shape(task),
            compositional_pieces::pieces_sampler<float>(task, {seed, moe::cell_key(name)})};
}

Case make_case(std::int64_t number) {
    using compositional_pieces::TrainedModel;
    switch (number) {
    case 0:
        return circle("I-D16", 16);
    case 1:
        return circle("I-D128", 128);
    case 2:
        return pieces("II-2-3-m16", TrainedModel::deep, 16);
    case 3:
        return pieces("II-2-3-m128", TrainedModel::deep, 128);
    default:
        return pieces("II-1-6-m128", TrainedModel::shallow, 128);
    }
}

std::vector<double> start(const Case& of) {
    return moe::initial_parameters(of.shape, moe::Initialisation::data_scaled,
                                   {seed, moe::cell_key(of.name), 0xFFFFFFFFU});
}

/// Our trainer at work on the batches.
template<class T>
class Ours {
  public:
    explicit Ours(const Case& of)
        : gradient_(of.shape, samples)
        , adam_(start(of)) {}

    double step(const moe::Batch<T>& batch, double rate) {
        const double loss = gradient_(adam_.parameters(), batch, balance, adam_.gradient());
        adam_.step(rate);
        return loss;
    }

  private:
    moe::StackGradient<T> gradient_;
    moe::Adam<T> adam_;
};

std::vector<moe::Batch<float>> drawn(const Case& of) {
    std::vector<moe::Batch<float>> result;
    for (std::size_t number = 0; number < batches; ++number) {
        result.emplace_back(of.shape.inputs(), of.shape.outputs(), samples);
        of.sampler(number, result.back());
    }
    return result;
}

void per_step(benchmark::State& state, const Case& of) {
    state.SetLabel(of.name);
    state.counters["steps_per_second"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// -------------------------------------------------------------------------------------------------

/// Forward and backward pass and Adam.
void step(benchmark::State& state) {
    const Case of = make_case(state.range(0));
    const std::vector<moe::Batch<float>> all = drawn(of);
    Ours<float> ours(of);
    std::size_t next = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(ours.step(all[next++ % batches], 1e-3));
    per_step(state, of);
}

/// The same with a fresh batch each step, as in the experiments.
void step_and_batch(benchmark::State& state) {
    const Case of = make_case(state.range(0));
    moe::Batch<float> batch(of.shape.inputs(), of.shape.outputs(), samples);
    Ours<float> ours(of);
    std::uint64_t next = 0;
    for (auto _ : state) {
        of.sampler(next++, batch);
        benchmark::DoNotOptimize(ours.step(batch, 1e-3));
    }
    per_step(state, of);
}

#ifdef MOE_HAVE_TORCH

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Row-major, as LibTorch likes it.
std::vector<float> row_major(std::size_t columns, const moe::SampleMatrix<float>& matrix) {
    std::vector<float> result;
    for (std::size_t b = 0; b < samples; ++b) {
        for (std::size_t i = 0; i < columns; ++i)
            result.push_back(matrix.row(i)[b]);
    }
    return result;
}

/// The peer's step, alternating with ours on the same batches; both must find the same losses.
void torch_step(benchmark::State& state) {
    const Case of = make_case(state.range(0));
    const std::vector<moe::Batch<float>> all = drawn(of);
    std::vector<torch_peer::Layer> layers;
    for (std::size_t l = 0; l < of.shape.depth(); ++l) {
        const moe::LayerShape& layer = of.shape.layer(l);
        layers.push_back({static_cast<long>(layer.inputs), static_cast<long>(layer.outputs),
                          static_cast<long>(layer.experts), static_cast<long>(layer.hidden[0])});
    }
    torch_peer::Training torch(layers, start(of));
    for (const moe::Batch<float>& batch : all)
        torch.add_batch(row_major(of.shape.inputs(), batch.inputs()),
                        row_major(of.shape.outputs(), batch.targets()), samples);
    Ours<float> ours(of);
    for (std::size_t number = 0; number < 2 * batches; ++number) {
        const double theirs = torch.step(number % batches, 1e-3, balance, true);
        const double own = ours.step(all[number % batches], 1e-3);
        if (!(std::abs(theirs - own) <= 1e-4 * own)) {
            state.SkipWithError("the losses differ");
            return;
        }
    }
    std::size_t next = 0;
    double our_seconds = 0.0;
    double their_seconds = 0.0;
    for (auto _ : state) {
        const std::size_t number = next++ % batches;
        const double begin = cpu_seconds();
        torch.step(number, 1e-3, balance, false);
        const double middle = cpu_seconds();
        benchmark::DoNotOptimize(ours.step(all[number], 1e-3));
        const double end = cpu_seconds();
        their_seconds += middle - begin;
        our_seconds += end - middle;
        state.SetIterationTime(middle - begin);
    }
    per_step(state, of);
    state.counters["times_ours"] = their_seconds / our_seconds;
}

#endif

} // namespace

BENCHMARK(step)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(step_and_batch)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);
#ifdef MOE_HAVE_TORCH
BENCHMARK(torch_step)->DenseRange(0, 4)->UseManualTime()->Unit(benchmark::kMicrosecond);
#endif
