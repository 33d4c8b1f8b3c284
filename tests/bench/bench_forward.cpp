// Whole forward passes against peers that do the same routed experts in the same run; parts:
// forward_case (models, agreement with the peers), forward_experts (one expert alone), gemm_peak.
//
//   bench_forward --benchmark_enable_random_interleaving=true
//     --benchmark_out=data/bench/bench_forward.json --benchmark_out_format=json
//
// Peers: Eigen and libxsmm 1.17 (a generated kernel per layer and size of group), compiled with
// -O3 -march=native in libraries of their own; LibTorch 1.13 with OpenBLAS 0.3.21, a loop over the
// experts (sorted once, addmm on slices) and groups padded to the largest (baddbmm). Their outputs
// agree with ours to 1e-4 (float32) or 1e-10 (float64) before anything is timed. Peers are given
// the expert of each input, in their own element type: their times hold grouping but no routing,
// ours hold both (rows `routing`: 0.5 to 1.8 ns for the grids, 126 for n = 64). of_gemm is our
// arithmetic by the best of OpenBLAS's products of order 1024 on the same core.
//
// Arguments: inputs n / affine layers / hidden width / experts L / batch B. Machine: 2-core AMD
// EPYC (Zen 5, AVX-512) virtual machine whose other core was busy, g++ 12.2 -O3; medians of
// processor time of 9 interleaved repetitions, ns per input, one thread. OpenBLAS: 217 and 92
// GFLOP/s.
//
//   float32                 ours  Eigen  libxsmm    loop  padded  best peer / ours  of_gemm
//   2/2/16/4096/65536        9.2     17       14     293     183              1.57     0.05
//   2/3/16/4096/65536         13     30       22     416     240              1.66     0.21
//   8/3/32/16/65536           19     39       30      69      93              1.56     0.64
//   8/3/32/64/65536           19     39       32      76     101              1.71     0.66
//   8/3/32/256/65536          20     42       34     111     134              1.66     0.60
//   8/3/32/1024/65536         22     49       43     185     190              1.95     0.55
//   8/3/32/4096/65536         37    109       88     456     330              2.36     0.33
//   8/3/256/16/4096          606    924      693     824     935              1.14     1.04
//   64/3/256/64/8192         957   1253      896    1165    7564              0.94     0.80
//   8/3/32/64/64             114    127       71    2745    1555              0.62     0.11
//   8/3/32/64/1              163    189      184   10485   23187              1.13     0.07
//
//   float64
//   2/2/16/4096/65536         10     26       16     300     205              1.52     0.10
//   2/3/16/4096/65536         20     58       47     444     298              2.30     0.33
//   8/3/32/16/65536           33     79       51     104     159              1.54     0.85
//   8/3/32/64/65536           37     70       49     111     177              1.34     0.77
//   8/3/32/256/65536          37     78       59     131     208              1.61     0.78
//   8/3/32/1024/65536         41    100       74     207     314              1.81     0.70
//   8/3/32/4096/65536         60    169      136     499     942              2.26     0.47
//   8/3/256/16/4096         1261   2013     1381    1847    2359              1.10     1.17
//   64/3/256/64/8192        1779   2538     1804    2541   15944              1.01     1.00
//   8/3/32/64/64             198    175       90    2830    1641              0.45     0.14
//   8/3/32/64/1              346    205      194   10312   23379              0.56     0.08
//
// The reference takes 996 at 8/3/32/64. The rows with two threads stand in the JSON, but both cores
// were busy: they compare nothing (LibTorch's threads wait for each other and suffer most).
//
// What was learnt:
// - Loops over plain arrays of sums run at 8 GFLOP/s in float64 with g++ (spilled sums), 7 with
//   clang++; machine vectors as types (basics/pack.inc) reach 21 with both.
// - With baseline x86-64 instructions (128-bit vectors) ours took 123, 148, 191 in float32 and 195,
//   219, 289 in float64 at L = 64, 1024, 4096, and Eigen, likewise, 118, 146, 221 and 218, 256,
//   362. AVX-512 chosen at run time, fused multiply-add in float32, routing by batches: the table.
// - The lead grows as groups become small (L = 4096 has 16 inputs per expert): no product is
//   packed, and the next expert is loaded ahead. There the parameters' way from memory counts:
//   22 MB in float32.
// - Behind: one input per expert (B = 64, L = 64: groups of one, where libxsmm needs little around
//   its kernels), single inputs in float64, and n = 64 in float32, where routing among 64 random
//   prototypes is an eighth of our time.
// - Whatever OPENBLAS_CORETYPE says must be right: with Haswell's kernels OpenBLAS reaches 105 and
//   52 GFLOP/s here, by its own choice (Cooperlake's) 200 and 90.
// - A peak that was taken in elapsed time on a busy machine made fractions of 2.

#include "context.hpp"
#include "forward_case.hpp"
#include "gemm_peak.hpp"

#include "forward/forward.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using moe::bench::ForwardCase;
using moe::bench::ForwardShape;

template<class T>
ForwardCase<T>& case_of(const ForwardShape& shape) {
    static moe::bench::Cases<T> cases;
    return cases.of(shape);
}

/// Times `pass`, a call on a case of the shape.
template<class T, class Pass>
void time(benchmark::State& state, const ForwardShape& shape, const Pass& pass) {
    ForwardCase<T>& of = case_of<T>(shape);
    std::vector<T> outputs(static_cast<std::size_t>(shape.batch));
    pass(of, outputs); // the first call fills buffers that stay
    for (auto _ : state) {
        pass(of, outputs);
        benchmark::DoNotOptimize(outputs.data());
    }
    moe::bench::report(state, of.net(), outputs.size(), moe::bench::gemm_peak<T>());
}

template<class T>
void time_ours(benchmark::State& state, const ForwardShape& shape,
               const moe::ForwardOptions& options) {
    time<T>(state, shape, [&](ForwardCase<T>& of, std::vector<T>& outputs) {
        moe::forward<T>(of.router(), of.experts(), of.inputs(), outputs, options);
    });
}

template<class T>
void time_peer(benchmark::State& state, const ForwardShape& shape, const std::string& name,
               unsigned threads) {
    forward_peer::Peer<T>& peer = case_of<T>(shape).peer(name);
    time<T>(state, shape, [&](ForwardCase<T>& of, std::vector<T>& outputs) {
        peer.run(of.routed_batch(), outputs.data(), threads);
    });
}

/// The share of routing in our time, measured alone.
void time_routing(benchmark::State& state, const ForwardShape& shape) {
    const ForwardCase<double>& of = case_of<double>(shape);
    std::vector<std::uint64_t> leaves(static_cast<std::size_t>(shape.batch));
    for (auto _ : state) {
        of.router().route_batch(of.inputs(), leaves);
        benchmark::DoNotOptimize(leaves.data());
    }
    state.counters["ns/input"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(leaves.size()) * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// The yardstick.
template<class T>
void time_gemm(benchmark::State& state) {
    const std::vector<T> a(std::size_t{moe::bench::gemm_order} * moe::bench::gemm_order, T(0.5));
    std::vector<T> c(a);
    for (auto _ : state) {
        moe::bench::gemm(a, a, c);
        benchmark::DoNotOptimize(c.data());
    }
    state.counters["GFLOP/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * moe::bench::gemm_gflop,
                           benchmark::Counter::kIsRate);
}

template<class T>
std::string type_name() {
    return std::is_same_v<T, float> ? "float32" : "float64";
}

/// Processor time on one thread: other programs do not count. Elapsed time on several.
void add(const std::string& name, unsigned threads,
         const std::function<void(benchmark::State&)>& body) {
    auto* const bench = benchmark::RegisterBenchmark(name.c_str(), body);
    bench->Unit(benchmark::kMicrosecond)->MinTime(0.1)->Repetitions(9)->ReportAggregatesOnly(true);
    if (threads > 1) bench->UseRealTime();
}

template<class T>
void add_contestants(const ForwardShape& shape, unsigned threads) {
    const std::string tail =
        "/" + type_name<T>() + "/" + name_of(shape) + "/threads:" + std::to_string(threads);
    add("ours" + tail, threads,
        [=](benchmark::State& state) { time_ours<T>(state, shape, {.threads = threads}); });
    for (const auto& maker : moe::bench::peer_makers<T>()) {
        add(maker.first + tail, threads, [=, name = maker.first](benchmark::State& state) {
            time_peer<T>(state, shape, name, threads);
        });
    }
}

void add_all() {
    std::vector<ForwardShape> shapes{{2, 2, 16, 4096, 65536}, {2, 3, 16, 4096, 65536}};
    for (const std::int64_t experts : {16, 64, 256, 1024, 4096})
        shapes.push_back({8, 3, 32, experts, 65536});
    const ForwardShape wide{64, 3, 256, 64, 8192};
    shapes.insert(shapes.end(),
                  {{8, 3, 256, 16, 4096}, wide, {8, 3, 32, 64, 64}, {8, 3, 32, 64, 1}});
    if (moe::bench::gemm_peak<double>() > 0.0) {
        add("gemm/float64", 1, time_gemm<double>);
        add("gemm/float32", 1, time_gemm<float>);
    }
    for (const ForwardShape& shape : shapes) {
        add("routing/float64/" + name_of(shape) + "/threads:1", 1,
            [=](benchmark::State& state) { time_routing(state, shape); });
        add_contestants<double>(shape, 1);
        add_contestants<float>(shape, 1);
    }
    for (const ForwardShape& shape : {ForwardShape{8, 3, 32, 1024, 65536}, wide}) {
        add_contestants<double>(shape, 2);
        add_contestants<float>(shape, 2);
    }
    const ForwardShape small{8, 3, 32, 64, 65536};
    add("reference/float64/" + name_of(small) + "/threads:1", 1, [=](benchmark::State& state) {
        time_ours<double>(state, small, {.backend = moe::Backend::reference});
    });
}

} // namespace

int main(int argc, char** argv) {
    moe::bench::add_context(argc, argv);
    benchmark::AddCustomContext("OpenBLAS kernels", moe::bench::gemm_kernels());
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    add_all();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
