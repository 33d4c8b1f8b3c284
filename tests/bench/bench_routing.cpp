// Routing alone, on one thread: the implicit grid tree, the same tree stored, and a search over all
// prototypes (random ones), a batch at a time and input by input. Peers search for the nearest of
// the same prototypes (the grid's centres, the tree's leaves) with the same inputs, and their
// answers are checked: nanoflann's k-d tree in float64 (leaves of 10 and 32, -march=native),
// FAISS's IndexFlatL2 in float32 (the whole batch at once; Debian's library, SSE2, with OpenBLAS),
// Eigen by columns in float64.
//
//   bench_routing --benchmark_min_time=0.05 --benchmark_repetitions=5
//     --benchmark_enable_random_interleaving=true --benchmark_report_aggregates_only=true
//
// Arguments: n / - / leaves L / inputs. Medians of CPU time in ns per input, 5 repetitions, on a
// 2-core AMD EPYC (Zen 5, AVX-512) virtual machine whose other core was busy, g++ 12.2 -O3. FAISS:
// the better of OpenBLAS's kernels for Haswell and for SkylakeX (OPENBLAS_CORETYPE).
// The tables of stored trees and of n <= 3 are made once enough inputs were routed; they were there
// from the start when this was measured. Committed: data/bench/bench_routing.json,
// data/bench/bench_routing_faiss_avx512.json.
//
//                             batch  single  nanoflann  FAISS  Eigen  best peer / batch
//   grid   n = 8, L = 64        1.9      15        123    106    212         56
//          n = 8, L = 1024      1.6      23        225   1578   2248        138
//          n = 8, L = 4096      1.7      18        315   5291   8474        188
//          n = 2, L = 4096      0.5       6         94   5428   4307        183
//   tree   n = 8, L = 64         16      42        110    106    136        6.9
//          n = 8, L = 1024       24      42        222   1309   3704        9.3
//          n = 8, L = 4096       27      87        329   4888   9285         12
//          n = 2, L = 4096       25      53         98   4679   4430        3.9
//   flat   n = 8, L = 64         31      45        228    137    136        4.4
//          n = 8, L = 1024      124     407       1461   1293   2120         10
//          n = 8, L = 4096      365    1730       2159   4768  15174        5.9
//          n = 2, L = 4096       14      15        145   4903   5768         10
//          n = 64, L = 1024     705    3474      19931   1816  11299        2.6
//
// What was learnt, in order. Single inputs, baseline instructions (grid, tree, flat, Eigen: 14, 58,
// 147, 138 at n = 8, L = 64; 20, 122, 1491, 2093 at 1024; 23, 222, 5415, 8579 at 4096; 36, 97,
// 1791, 4452 at n = 2, L = 4096):
// - The descent in the grid took 111 ns at n = 8, L = 4096 with a search for the largest side and a
//   branch at each node; axis by axis it took 87, without the branch on the coin toss 23.
// - The stored tree pays for its branches and for a chain of dependent loads.
// - The flat search took 13900 (n = 8, L = 4096) with plain arrays of sums and std::min_element.
// Batches:
// - The grid needs no descent: one product, one comparison with the nearest face per axis.
// - The stored tree took 112 at n = 8, L = 4096 with eight descents side by side; 36 when the axes
//   on which both children agree were left out as well.
// - The flat search by float32, checked in float64: 421 at n = 8, L = 4096, 91 at L = 64; without
//   branches on the place of the smallest lane 349 and 37. Float64 alone with AVX-512: 1420 and 29.
// - For n <= 3 lists of candidates by cell: 10 instead of 133 at n = 2, L = 4096.
// - OpenBLAS's kernels for Haswell cost FAISS a fifth at n = 64; its own choice here, Cooperlake's,
//   was later measured on a slower day and changed no ratio in its favour. A FAISS that is compiled
//   for AVX-512 was not at hand and is not measured.

#include "context.hpp"
#include "peers/flat_peers.hpp"
#include "shapes.hpp"

#include "routing/router.hpp"

#include <Eigen/Dense>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace {

using moe::bench::grid_of;
using moe::bench::Shape;
using moe::bench::shape_of;
using moe::bench::uniform_numbers;

/// A router, what it needs, and the prototypes that a search for the nearest would have to know.
struct Case {
    explicit Case(const Shape& wanted)
        : shape(wanted)
        , inputs(uniform_numbers(1, wanted.batch * wanted.inputs)) {}

    Shape shape;
    std::vector<double> inputs; ///< [batch][n]
    std::vector<double> prototypes;
    moe::PrototypeTree tree;
    std::optional<moe::Router> router;
};

using MakeCase = std::unique_ptr<Case> (*)(const Shape&);

void add_centres(Case& made, const moe::GridTree& grid) {
    for (std::uint64_t leaf = 0; leaf < grid.leaves(); ++leaf) {
        const std::vector<double> centre = grid.centre(leaf);
        made.prototypes.insert(made.prototypes.end(), centre.begin(), centre.end());
    }
}

std::unique_ptr<Case> grid(const Shape& shape) {
    auto made = std::make_unique<Case>(shape);
    const moe::GridTree cells = grid_of(shape.inputs, shape.experts);
    add_centres(*made, cells);
    made->router.emplace(cells);
    return made;
}

std::unique_ptr<Case> tree(const Shape& shape) {
    auto made = std::make_unique<Case>(shape);
    const moe::GridTree cells = grid_of(shape.inputs, shape.experts);
    add_centres(*made, cells);
    made->tree = moe::materialise(cells);
    made->router.emplace(made->tree.view());
    return made;
}

std::unique_ptr<Case> flat(const Shape& shape) {
    auto made = std::make_unique<Case>(shape);
    made->prototypes = uniform_numbers(3, static_cast<std::size_t>(shape.experts) * shape.inputs);
    made->router.emplace(moe::FlatPrototypes(static_cast<int>(shape.inputs), made->prototypes));
    return made;
}

void count_inputs(benchmark::State& state, const Shape& shape) {
    state.counters["ns/input"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(shape.batch) * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// -- Ours -----------------------------------------------------------------------------------------

void batch(benchmark::State& state, MakeCase make) {
    const auto made = make(shape_of(state));
    std::vector<std::uint64_t> leaves(made->shape.batch);
    for (auto _ : state) {
        const moe::RouteTotals totals = made->router->route_batch(made->inputs, leaves);
        benchmark::DoNotOptimize(totals.reals_total);
        benchmark::DoNotOptimize(leaves.data());
    }
    count_inputs(state, made->shape);
}

void single(benchmark::State& state, MakeCase make) {
    const auto made = make(shape_of(state));
    const std::size_t n = made->shape.inputs;
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (std::size_t b = 0; b < made->shape.batch; ++b)
            sum += made->router->route(std::span(made->inputs).subspan(b * n, n)).leaf;
        benchmark::DoNotOptimize(sum);
    }
    count_inputs(state, made->shape);
}

// -- Peers ----------------------------------------------------------------------------------------

/// Squared distances of a peer's answers must not exceed those of ours by more than `slack` times
/// |x|^2 + |p|^2.
bool answers_agree(const Case& made, const std::vector<std::int64_t>& found, double slack) {
    const std::size_t n = made.shape.inputs;
    std::vector<std::uint64_t> leaves(made.shape.batch);
    (void)made.router->route_batch(made.inputs, leaves);
    for (std::size_t b = 0; b < leaves.size(); ++b) {
        const std::size_t ours = made.router->expert(leaves[b]) * n;
        const std::size_t theirs = static_cast<std::size_t>(found[b]) * n;
        double excess = 0.0;
        double scale = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const double x = made.inputs[b * n + i];
            const double p = made.prototypes[theirs + i];
            const double q = made.prototypes[ours + i];
            excess += (x - p) * (x - p) - (x - q) * (x - q);
            scale += x * x + p * p;
        }
        if (!(std::abs(excess) <= slack * scale)) return false;
    }
    return true;
}

using MakePeer = std::function<std::unique_ptr<flat_peer::Search>(const Case&)>;

void run_peer(benchmark::State& state, MakeCase make, const MakePeer& make_peer, double slack) {
    const auto made = make(shape_of(state));
    const auto peer = make_peer(*made);
    std::vector<std::int64_t> found(made->shape.batch);
    peer->nearest(found);
    if (!answers_agree(*made, found, slack)) return state.SkipWithError("other prototypes");
    for (auto _ : state) {
        peer->nearest(found);
        benchmark::DoNotOptimize(found.data());
    }
    count_inputs(state, made->shape);
}

/// Eigen's column-wise squared distances and minCoeff.
class EigenSearch : public flat_peer::Search {
  public:
    explicit EigenSearch(const Case& made)
        : made_(&made)
        , prototypes_(Eigen::Map<const Eigen::MatrixXd>(made.prototypes.data(), made.shape.inputs,
                                                        made.shape.experts))
        , distances_(made.shape.experts) {}

    void nearest(std::vector<std::int64_t>& found) override {
        const std::size_t n = made_->shape.inputs;
        for (std::size_t b = 0; b < found.size(); ++b) {
            distances_.setZero();
            for (std::size_t i = 0; i < n; ++i)
                distances_ += (prototypes_.row(static_cast<Eigen::Index>(i)).array() -
                               made_->inputs[b * n + i])
                                  .square();
            Eigen::Index index = 0;
            distances_.minCoeff(&index);
            found[b] = index;
        }
    }

  private:
    const Case* made_;
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> prototypes_;
    Eigen::Array<double, 1, Eigen::Dynamic> distances_;
};

void eigen(benchmark::State& state, MakeCase make) {
    run_peer(
        state, make, [](const Case& made) { return std::make_unique<EigenSearch>(made); }, 1e-14);
}

#ifdef MOE_HAVE_NANOFLANN
void nanoflann(benchmark::State& state, MakeCase make, std::size_t leaf_size) {
    const auto peer = [leaf_size](const Case& made) {
        return flat_peer::nanoflann_tree(made.prototypes, made.shape.inputs, leaf_size,
                                         made.inputs);
    };
    run_peer(state, make, peer, 1e-14);
}
#endif

#ifdef MOE_HAVE_FAISS
/// Its distances are |x|^2 + |p|^2 - 2 x.p in float32: n + 4 roundings of 2^-24.
void faiss(benchmark::State& state, MakeCase make) {
    const auto peer = [](const Case& made) {
        return flat_peer::faiss_flat(made.prototypes, made.shape.inputs, made.inputs);
    };
    run_peer(state, make, peer, (static_cast<double>(state.range(0)) + 4.0) * 0x1p-22);
}
#endif

// -- Rows -----------------------------------------------------------------------------------------

void add_rows(const std::string& name, MakeCase make, bool high_dimension) {
    const auto add = [&](const std::string& way, auto run) {
        auto* const row = benchmark::RegisterBenchmark((name + "/" + way).c_str(), run);
        for (const std::int64_t experts : {64, 1024, 4096})
            row->Args({8, 32, experts, 4096});
        row->Args({2, 16, 4096, 4096});
        if (high_dimension) row->Args({64, 16, 1024, 4096});
        row->ComputeStatistics("min", [](const std::vector<double>& times) {
            return *std::min_element(times.begin(), times.end());
        });
        row->Unit(benchmark::kMicrosecond);
    };
    add("batch", [make](benchmark::State& state) { batch(state, make); });
    add("single", [make](benchmark::State& state) { single(state, make); });
    add("eigen", [make](benchmark::State& state) { eigen(state, make); });
#ifdef MOE_HAVE_NANOFLANN
    for (const std::size_t leaf_size : {std::size_t{10}, std::size_t{32}})
        add("nanoflann" + std::to_string(leaf_size),
            [make, leaf_size](benchmark::State& state) { nanoflann(state, make, leaf_size); });
#endif
#ifdef MOE_HAVE_FAISS
    add("faiss", [make](benchmark::State& state) { faiss(state, make); });
#endif
}

} // namespace

int main(int argc, char** argv) {
    moe::bench::add_context(argc, argv);
#ifdef MOE_HAVE_FAISS
    benchmark::AddCustomContext("faiss_blas", flat_peer::faiss_blas());
#endif
    add_rows("grid", grid, false); // a grid has at most 8 axes
    add_rows("tree", tree, false);
    add_rows("flat", flat, true);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
