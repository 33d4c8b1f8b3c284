// The forward pass on a GPU: every expert kernel, routing, grouping and whole passes, against the
// roofline of this very device, whose float32 peak and bandwidth are measured in the same run.
//
//   ninja -C build/release bench_forward_cuda
//   build/release/bin/bench_forward_cuda --benchmark_out=data/bench/bench_forward_cuda.json
//   python3 tests/bench/peers/pytorch_forward.py data/bench/pytorch_forward.json
//
// Rows <what>/<numbers>/n/depth/width/experts/batch, 5 repetitions each; depth counts affine
// layers.
//   <kernel>  the experts alone, on groups that are there already
//   routing, grouping
//   pass_budget<share>  CudaForward on the host's clock, copies of inputs, outputs and missing
//             experts included; share of the experts that fit into its budget
// Kernels, routing and grouping are timed by events around launches in a row, so that launching is
// hidden as it is in a busy stream; PyTorch's layers likewise. PyTorch is given the expert of each
// input and groups by itself: what it takes is to be compared with <kernel> + grouping.
//
// roofline_us = max(FLOP / peak, bytes / bandwidth): 2 FLOP a weight and input; bytes of inputs,
// outputs, the list of samples and the parameters of the touched experts, each moved once. The
// bandwidth is that of the device's memory: where all bytes stay in the second level cache from
// launch to launch (most of these shapes, on an H200) a kernel may beat it. of_peak has no such
// exception.
// of_roofline = roofline_us / measured time, of_peak = (FLOP / measured time) / peak.
//
// Without a usable GPU: one line and exit code 77. No GPU was at hand when this was written: there
// are no figures yet.

#include "cuda_ceilings.hpp"
#include "shapes.hpp"

#include "forward/cuda/device.hpp"
#include "forward/cuda/device_model.hpp"
#include "forward/cuda/launch.hpp"
#include "forward/cuda/stream.hpp"
#include "forward/cuda/wave_tiles.hpp"
#include "forward/cuda_forward.hpp"
#include "forward/grouping.hpp"
#include "models/resident_experts.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace {

using moe::Architecture;
using moe::bench::Ceilings;
using moe::bench::grid_of;
using moe::bench::Stopwatch;
using moe::bench::uniform_numbers;
using namespace moe::cuda;

struct CudaShape {
    std::uint32_t inputs;
    int hidden;
    std::uint32_t width;
    std::int64_t experts;
    std::size_t batch;

    [[nodiscard]] std::string name() const {
        return "n:" + std::to_string(inputs) + "/depth:" + std::to_string(hidden + 1) +
               "/width:" + std::to_string(width) + "/experts:" + std::to_string(experts) +
               "/batch:" + std::to_string(batch);
    }
    [[nodiscard]] Architecture net() const {
        std::vector<std::uint32_t> widths(static_cast<std::size_t>(hidden) + 2, width);
        widths.front() = inputs;
        widths.back() = 1;
        return Architecture::dense(widths);
    }
    /// A grid, which has at most 8 axes, or random prototypes.
    [[nodiscard]] moe::Router router() const {
        if (inputs <= 8) return moe::Router(grid_of(inputs, experts));
        const auto count = static_cast<std::size_t>(experts) * inputs;
        return moe::Router(
            moe::FlatPrototypes(static_cast<int>(inputs), uniform_numbers(3, count)));
    }
};

constexpr CudaShape shapes[] = {
    {2, 2, 16, 4096, 65536}, {8, 2, 32, 64, 65536},   {8, 2, 32, 1024, 65536},
    {8, 2, 32, 4096, 65536}, {8, 2, 64, 1024, 65536}, {8, 2, 32, 1024, 1048576},
    {8, 2, 256, 16, 4096},   {64, 3, 256, 64, 8192},
};

// ---------------------------------------------------------------------------------------------
// One shape with all its experts and inputs on the device.

class Prepared {
  public:
    Prepared(const CudaShape& shape, const Ceilings& device)
        : shape_(shape)
        , device_(device)
        , experts_(shape.net(), parameters(shape))
        , router_(shape.router())
        , device_shape_(ledger_, experts_.architecture())
        , device_router_(ledger_, router_, experts_.experts())
        , inputs_on_host_(uniform_numbers(1, shape.batch * shape.inputs))
        , inputs_(ledger_, std::span<const double>(inputs_on_host_))
        , outputs_(ledger_, shape.batch)
        , expert_of_(ledger_, shape.batch)
        , samples_(ledger_, shape.batch)
        , touched_(ledger_, shape.batch)
        , counts_(ledger_, shape.batch)
        , touched_count_(ledger_, 1)
        , sums_(ledger_, 1)
        , scratch_(ledger_, group_scratch_bytes(shape.batch, experts_.experts())) {
        stride_ = (experts_.architecture().parameters() + 3) / 4 * 4;
        std::vector<float> padded(experts_.experts() * stride_);
        for (std::uint64_t k = 0; k < experts_.experts(); ++k) {
            std::ranges::copy(experts_.parameters(k), padded.begin() + k * stride_);
        }
        parameters_ = {ledger_, std::span<const float>(padded)};
        route();
        group();
        stream_.synchronize();
        read_groups();
    }

    void route() const {
        launch_route(device_router_.rule(), inputs_.data(), shape_.batch, expert_of_.data(),
                     sums_.data(), device_.limits, stream_.get());
    }
    void group() const {
        launch_group(expert_of_.data(), shape_.batch, experts_.experts(), samples_.data(),
                     touched_.data(), counts_.data(), touched_count_.data(), scratch_.data(),
                     scratch_.size(), stream_.get());
    }
    /// What launch_experts is timed with.
    struct Launch {
        DeviceArray<Tile> tiles;
        DeviceArray<std::byte> workspace;
        ExpertBatch batch;
    };
    [[nodiscard]] Launch prepare(KernelVersion version) {
        const std::uint32_t most = tile_samples(version, device_shape_.on_host(), device_.limits);
        const std::vector<Tile> tiles = cut_tiles(slots_, group_sizes_, 0, most);
        const auto count = static_cast<std::uint32_t>(tiles.size());
        Launch launch{
            {ledger_, std::span<const Tile>(tiles)},
            {ledger_, workspace_bytes(version, device_shape_.on_host(), device_.limits, count)},
            {}};
        launch.batch = {device_shape_.on_device(),
                        parameters_.data(),
                        stride_,
                        inputs_.data(),
                        outputs_.data(),
                        samples_.data(),
                        launch.tiles.data(),
                        count};
        return launch;
    }
    void run(KernelVersion version, const Launch& launch) const {
        launch_experts(version, device_shape_.on_host(), launch.batch, device_.limits,
                       launch.workspace.data(), stream_.get());
    }
    moe::ResidentExperts<float>& experts() noexcept { return experts_; }
    [[nodiscard]] const moe::Router& router() const noexcept { return router_; }
    [[nodiscard]] const std::vector<double>& inputs() const noexcept { return inputs_on_host_; }
    [[nodiscard]] const WorkStream& stream() const noexcept { return stream_; }

    [[nodiscard]] double flop() const {
        double weights = 0.0;
        for (const moe::Layer& layer : experts_.architecture().layers()) {
            weights += static_cast<double>(layer.weights);
        }
        return 2.0 * weights * static_cast<double>(shape_.batch);
    }
    [[nodiscard]] double seconds_at_peak() const { return flop() / device_.flop_per_second; }
    [[nodiscard]] double roofline_seconds() const {
        const auto batch = static_cast<double>(shape_.batch);
        const double bytes =
            batch * (8.0 * shape_.inputs + 4.0 + 4.0) +
            4.0 * static_cast<double>(slots_.size() * experts_.architecture().parameters());
        return std::max(seconds_at_peak(), bytes / device_.bytes_per_second);
    }

  private:
    static std::vector<float> parameters(const CudaShape& shape) {
        const Architecture net = shape.net();
        const auto numbers =
            uniform_numbers(2, static_cast<std::size_t>(shape.experts) * net.parameters());
        const double scale = 2.0 / std::sqrt(static_cast<double>(net.widest()));
        std::vector<float> parameters;
        for (const double number : numbers) {
            parameters.push_back(static_cast<float>(scale * (number - 0.5)));
        }
        return parameters;
    }
    void read_groups() {
        std::uint32_t count = 0;
        check(cudaMemcpy(&count, touched_count_.data(), sizeof count, cudaMemcpyDeviceToHost),
              "copy from the device");
        slots_.resize(count);
        group_sizes_.resize(count);
        for (const auto& [to, from] : {std::pair(&slots_, &touched_), {&group_sizes_, &counts_}}) {
            check(cudaMemcpy(to->data(), from->data(), count * sizeof(std::uint32_t),
                             cudaMemcpyDeviceToHost),
                  "copy from the device");
        }
    }

    CudaShape shape_;
    const Ceilings& device_;
    DeviceLedger ledger_{"the benchmark"};
    moe::ResidentExperts<float> experts_;
    moe::Router router_;
    DeviceShape device_shape_;
    DeviceRouter device_router_;
    std::vector<double> inputs_on_host_;
    DeviceArray<double> inputs_;
    DeviceArray<float> outputs_;
    DeviceArray<std::uint32_t> expert_of_;
    DeviceArray<std::uint32_t> samples_;
    DeviceArray<std::uint32_t> touched_;
    DeviceArray<std::uint32_t> counts_;
    DeviceArray<std::uint32_t> touched_count_;
    DeviceArray<RouteSums> sums_;
    DeviceArray<std::byte> scratch_;
    DeviceArray<float> parameters_;
    std::size_t stride_ = 0;
    std::vector<std::uint32_t> slots_;
    std::vector<std::uint32_t> group_sizes_;
    WorkStream stream_;
};

// ---------------------------------------------------------------------------------------------
// The rows of the table.

void report(benchmark::State& state, const CudaShape& shape) {
    using benchmark::Counter;
    const auto batch = static_cast<double>(shape.batch);
    // Times 1e-9 and inverted: seconds per input in nanoseconds.
    state.counters["ns/input"] =
        Counter(1e-9 * batch, Counter::kIsIterationInvariantRate | Counter::kInvert);
}

void report_roofline(benchmark::State& state, const Prepared& prepared) {
    using benchmark::Counter;
    state.counters["FLOP/s"] = Counter(prepared.flop(), Counter::kIsIterationInvariantRate);
    state.counters["roofline_us"] = 1e6 * prepared.roofline_seconds();
    state.counters["of_roofline"] =
        Counter(prepared.roofline_seconds(), Counter::kIsIterationInvariantRate);
    state.counters["of_peak"] =
        Counter(prepared.seconds_at_peak(), Counter::kIsIterationInvariantRate);
}

/// Times `work` on the device: the events enclose launches in a row, or an idle device would wait
/// for the host between the first event and the first launch.
template<class Work>
void time_on_device(benchmark::State& state, const WorkStream& stream, const Work& work) {
    constexpr int in_a_row = 16;
    const auto run = [&] {
        for (int k = 0; k < in_a_row; ++k) {
            work();
        }
    };
    Stopwatch watch;
    run(); // code is loaded
    for (auto _ : state) {
        state.SetIterationTime(watch.seconds(stream, run) / in_a_row);
    }
}

void bench_experts(benchmark::State& state, const CudaShape& shape, const Ceilings& device,
                   KernelVersion version) {
    Prepared prepared(shape, device);
    const Prepared::Launch launch = prepared.prepare(version);
    time_on_device(state, prepared.stream(), [&] { prepared.run(version, launch); });
    report(state, shape);
    report_roofline(state, prepared);
}

void bench_routing(benchmark::State& state, const CudaShape& shape, const Ceilings& device) {
    Prepared prepared(shape, device);
    time_on_device(state, prepared.stream(), [&] { prepared.route(); });
    report(state, shape);
}

void bench_grouping(benchmark::State& state, const CudaShape& shape, const Ceilings& device) {
    Prepared prepared(shape, device);
    time_on_device(state, prepared.stream(), [&] { prepared.group(); });
    report(state, shape);
}

/// The whole pass, all copies included; `share` of the experts fit into the budget.
void bench_pass(benchmark::State& state, const CudaShape& shape, const Ceilings& device,
                double share) {
    Prepared prepared(shape, device);
    const std::size_t bytes = prepared.experts().architecture().parameters() * sizeof(float);
    moe::CudaOptions options;
    options.threads = 4;
    options.budget_bytes = std::max<std::uint64_t>(
        bytes, static_cast<std::uint64_t>(share * static_cast<double>(shape.experts) *
                                          static_cast<double>(bytes + 16)));
    moe::CudaForward forward(prepared.router(), prepared.experts(), options);
    std::vector<float> outputs(shape.batch);
    moe::CudaReport last = forward.forward(prepared.inputs(), outputs);
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        last = forward.forward(prepared.inputs(), outputs);
        state.SetIterationTime(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    report(state, shape);
    state.counters["loads"] = static_cast<double>(last.loads);
    state.counters["peak_expert_bytes"] = static_cast<double>(last.peak_expert_bytes);
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& body) {
    benchmark::RegisterBenchmark(name.c_str(), body)
        ->UseManualTime()
        ->Repetitions(5)
        ->Unit(benchmark::kMicrosecond);
}

bool can_run(KernelVersion version, const CudaShape& shape, const Ceilings& device) {
    DeviceLedger ledger("a shape");
    return runs(version, DeviceShape(ledger, shape.net()).on_host(), device.limits);
}

void add_all(const Ceilings& device) {
    for (const CudaShape& shape : shapes) {
        for (const KernelVersion version : every_version) {
            if (!can_run(version, shape, device)) continue;
            add(std::string(name(version)) + "/float32/" + shape.name(),
                [=, &device](benchmark::State& s) { bench_experts(s, shape, device, version); });
        }
        add("routing/float64/" + shape.name(),
            [=, &device](benchmark::State& s) { bench_routing(s, shape, device); });
        add("grouping/uint32/" + shape.name(),
            [=, &device](benchmark::State& s) { bench_grouping(s, shape, device); });
        for (const double share : {1.0, 0.5, 0.1}) {
            add("pass_budget" + std::to_string(static_cast<int>(100 * share)) + "%/float32/" +
                    shape.name(),
                [=, &device](benchmark::State& s) { bench_pass(s, shape, device, share); });
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    const Device found = find_device();
    if (!found.usable) {
        std::printf("no usable GPU: %s\n", found.reason.c_str());
        return 77;
    }
    const Ceilings device = moe::bench::measure_ceilings();
    benchmark::AddCustomContext("device", found.text());
    benchmark::AddCustomContext("measured_FLOP_per_second", std::to_string(device.flop_per_second));
    benchmark::AddCustomContext("measured_bytes_per_second",
                                std::to_string(device.bytes_per_second));
    add_all(device);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
