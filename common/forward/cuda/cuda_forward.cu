#include "forward/cuda_forward.hpp"

#include "forward/cuda/batch_buffers.hpp"
#include "forward/cuda/device.hpp"
#include "forward/cuda/device_model.hpp"
#include "forward/cuda/expert_slots.hpp"
#include "forward/cuda/launch.hpp"
#include "forward/cuda/stream.hpp"
#include "forward/cuda/wave_tiles.hpp"
#include "forward/shapes.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace moe {

using cuda::check;

namespace {

struct FreeMemory {
    std::size_t free = 0;
    std::size_t total = 0;
};

FreeMemory free_memory() {
    FreeMemory memory;
    check(cudaMemGetInfo(&memory.free, &memory.total), "free memory");
    return memory;
}

cuda::DeviceLimits limits_of_device() {
    const auto attribute = [](cudaDeviceAttr which) {
        int value = 0;
        check(cudaDeviceGetAttribute(&value, which, 0), "attributes of the device");
        return value;
    };
    cuda::DeviceLimits limits;
    limits.multiprocessors = static_cast<std::uint32_t>(attribute(cudaDevAttrMultiProcessorCount));
    limits.shared_per_block =
        static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
    limits.shared_per_multiprocessor =
        static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerMultiprocessor));
    return limits;
}

/// Everything that can be said before the device is touched.
void check_model(const Router& router, const ExpertSource<float>& experts) {
    if (router.dimension() != experts.architecture().inputs()) {
        throw std::invalid_argument("the router takes " + std::to_string(router.dimension()) +
                                    " entries per input, the experts take " +
                                    std::to_string(experts.architecture().inputs()));
    }
    if (experts.experts() == 0 || experts.architecture().parameters() == 0) {
        throw std::invalid_argument(std::to_string(experts.experts()) + " experts of " +
                                    std::to_string(experts.architecture().parameters()) +
                                    " parameters, at least 1 of each is needed");
    }
    if (experts.experts() > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument(std::to_string(experts.experts()) +
                                    " experts, the device takes at most 2^32 - 1");
    }
}

/// Budget and model are looked at first: what is wrong with them is wrong on every machine.
void require_device() {
    if (const cuda::Device device = cuda::find_device(); !device.usable)
        throw EnvironmentError("CUDA: no usable GPU: " + device.reason);
}

cuda::KernelVersion choose_version(const CudaOptions& options, const cuda::ExpertShape& shape,
                                   const cuda::DeviceLimits& limits) {
    const auto version = options.version.value_or(cuda::best_version(shape, limits));
    cuda::check_runs(version, shape, limits);
    return version;
}

template<class T>
void copy_to_device(T* to, std::span<const T> from, const cuda::WorkStream& stream) {
    check(cudaMemcpyAsync(to, from.data(), from.size_bytes(), cudaMemcpyHostToDevice, stream.get()),
          "copy to the device");
}

template<class T>
void copy_to_host(std::span<T> to, const T* from, const cuda::WorkStream& stream) {
    check(cudaMemcpyAsync(to.data(), from, to.size_bytes(), cudaMemcpyDeviceToHost, stream.get()),
          "copy from the device");
}

} // namespace

class CudaForward::Pass {
  public:
    Pass(const Router& router, ExpertSource<float>& experts, const CudaOptions& options)
        : router_(router)
        , experts_(experts)
        , before_(free_memory())
        , limits_(limits_of_device())
        , model_ledger_("the router and the shape of the experts")
        , shape_(model_ledger_, experts.architecture())
        , device_router_(model_ledger_, router, experts.experts())
        , version_(choose_version(options, shape_.on_host(), limits_))
        , slots_(experts, options.budget_bytes, options.staging_bytes, options.threads)
        , buffers_({version_, shape_.on_host(), limits_, experts.experts()}, options.batch_bytes) {}

    CudaReport run(std::span<const double> inputs, std::span<float> outputs, std::size_t batch) {
        const cuda::ResidencyCounters before = slots_.counters();
        CudaReport report;
        std::vector<std::uint64_t> touched;
        const std::size_t n = experts_.architecture().inputs();
        const std::size_t m = experts_.architecture().outputs();
        const std::size_t slice = batch == 0 ? 0 : buffers_.reserve(batch);
        for (std::size_t first = 0; first < batch; first += slice) {
            const std::size_t rows = std::min(slice, batch - first);
            run_slice(inputs.subspan(first * n, rows * n), outputs.subspan(first * m, rows * m),
                      first, touched, report);
        }
        std::ranges::sort(touched);
        touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
        report.forward.touched_experts = touched.size();
        report.loads = slots_.counters().loads - before.loads;
        report.hits = slots_.counters().hits - before.hits;
        report.evictions = slots_.counters().evictions - before.evictions;
        report.forward.acquisitions = report.loads;
        report_memory(report);
        return report;
    }

    /// After an exception: nothing is under way any more, and no slot counts as filled.
    void abandon() noexcept {
        (void)cudaStreamSynchronize(stream_.get());
        slots_.forget();
    }

  private:
    /// Waves whose ends are remembered. A load that must wait for an earlier one waits for the
    /// earliest of them, which comes later.
    static constexpr std::size_t remembered_waves = 4;

    void run_slice(std::span<const double> inputs, std::span<float> outputs, std::size_t first_row,
                   std::vector<std::uint64_t>& touched, CudaReport& report) {
        route(inputs, first_row, report.forward);
        const cuda::Groups groups = group(inputs.size() / router_.dimension());
        touched.insert(touched.end(), groups.experts.begin(), groups.experts.end());

        const std::vector<cuda::Wave> waves = slots_.plan(groups.experts);
        tiles_ = cut_waves(waves, groups, cuda::tile_samples(version_, shape_.on_host(), limits_));
        copy_to_device<cuda::Tile>(buffers_.arrays().tiles.data(), tiles_.tiles, stream_);
        for (std::size_t wave = 0; wave < waves.size(); ++wave) {
            run_wave(waves[wave], wave);
        }
        copy_to_host(outputs, buffers_.arrays().outputs.data(), stream_);
        stream_.synchronize();
        report.waves += waves.size();
        ++report.slices;
    }

    /// Experts of all rows, on the device.
    void route(std::span<const double> inputs, std::size_t first_row, ForwardReport& report) {
        const cuda::BatchBuffers::Arrays& arrays = buffers_.arrays();
        const std::size_t rows = inputs.size() / router_.dimension();
        copy_to_device(arrays.inputs.data(), inputs, stream_);
        cuda::launch_route(device_router_.rule(), arrays.inputs.data(), rows, arrays.experts.data(),
                           arrays.sums.data(), limits_, stream_.get());
        cuda::RouteSums sums;
        copy_to_host(std::span(&sums, 1), arrays.sums.data(), stream_);
        stream_.synchronize();
        if (sums.lowest_refused != cuda::RouteSums::none)
            refuse(inputs, sums.lowest_refused, first_row);
        report.route_depth_max =
            std::max(report.route_depth_max, static_cast<std::int64_t>(sums.depth_max));
        report.route_reals_max =
            std::max(report.route_reals_max, static_cast<std::int64_t>(sums.reals_max));
        report.route_reals_total += sums.reals_total;
    }

    /// The row is routed once more on the host, which has words for what is wrong with it.
    [[noreturn]] void refuse(std::span<const double> inputs, std::uint64_t row,
                             std::size_t first_row) const {
        const std::size_t n = router_.dimension();
        const std::uint64_t expert = router_.expert(router_.route(inputs.subspan(row * n, n)).leaf);
        throw std::out_of_range("input " + std::to_string(first_row + row) +
                                " is routed to expert " + std::to_string(expert) +
                                ", the source has " + std::to_string(experts_.experts()));
    }

    cuda::Groups group(std::size_t rows) {
        const cuda::BatchBuffers::Arrays& arrays = buffers_.arrays();
        cuda::launch_group(arrays.experts.data(), rows, experts_.experts(), arrays.samples.data(),
                           arrays.touched.data(), arrays.counts.data(), arrays.touched_count.data(),
                           arrays.group_scratch.data(), arrays.group_scratch.size(), stream_.get());
        std::uint32_t count = 0;
        copy_to_host(std::span(&count, 1), arrays.touched_count.data(), stream_);
        stream_.synchronize();
        std::vector<std::uint32_t> touched(count);
        cuda::Groups groups;
        groups.counts.resize(count);
        copy_to_host(std::span(touched), arrays.touched.data(), stream_);
        copy_to_host(std::span(groups.counts), arrays.counts.data(), stream_);
        stream_.synchronize();
        groups.experts.assign(touched.begin(), touched.end());
        return groups;
    }

    void run_wave(const cuda::Wave& wave, std::size_t index) {
        slots_.load(wave.loads, event_before(wave, index), stream_);
        const cuda::BatchBuffers::Arrays& arrays = buffers_.arrays();
        const std::size_t first = tiles_.starts[index];
        cuda::ExpertBatch batch;
        batch.shape = shape_.on_device();
        batch.parameters = slots_.data();
        batch.stride = slots_.stride();
        batch.inputs = arrays.inputs.data();
        batch.outputs = arrays.outputs.data();
        batch.samples = arrays.samples.data();
        batch.tiles = arrays.tiles.data() + first;
        batch.tile_count = static_cast<std::uint32_t>(tiles_.starts[index + 1] - first);
        cuda::launch_experts(version_, shape_.on_host(), batch, limits_, arrays.workspace.data(),
                             stream_.get());
        stream_.record(done_[index % remembered_waves]);
    }

    /// The end of the waves that must be over before this one's experts take their slots.
    [[nodiscard]] const cuda::Event* event_before(const cuda::Wave& wave, std::size_t index) const {
        const cuda::Event* event = nullptr;
        std::size_t latest = 0;
        for (const cuda::SlotLoad& load : wave.loads) {
            if (load.after == cuda::no_wave || (event != nullptr && load.after <= latest)) continue;
            latest = load.after;
            const std::size_t oldest = index - std::min(index, remembered_waves);
            event = &done_[std::max(latest, oldest) % remembered_waves];
        }
        return event;
    }

    void report_memory(CudaReport& report) const {
        report.peak_expert_bytes = slots_.peak_bytes();
        report.peak_batch_bytes = buffers_.peak_bytes();
        report.model_bytes = model_ledger_.held();
        report.device_total = before_.total;
        report.device_free_before = before_.free;
        report.device_free_after = free_memory().free;
    }

    const Router& router_;
    ExpertSource<float>& experts_;
    FreeMemory before_;
    cuda::DeviceLimits limits_;
    cuda::DeviceLedger model_ledger_;
    cuda::DeviceShape shape_;
    cuda::DeviceRouter device_router_;
    cuda::KernelVersion version_;
    cuda::ExpertSlots slots_;
    cuda::BatchBuffers buffers_;
    cuda::WaveTiles
        tiles_; ///< of the slice under way: a failing pass must not free them in transit
    cuda::WorkStream stream_;
    std::array<cuda::Event, remembered_waves> done_;

    friend class CudaForward;
};

CudaForward::CudaForward(const Router& router, ExpertSource<float>& experts,
                         const CudaOptions& options) {
    check_model(router, experts);
    (void)cuda::lay_out_slots(experts.architecture().parameters(), experts.experts(),
                              options.budget_bytes);
    require_device();
    pass_ = std::make_unique<Pass>(router, experts, options);
}

CudaForward::~CudaForward() = default;
CudaForward::CudaForward(CudaForward&&) noexcept = default;
CudaForward& CudaForward::operator=(CudaForward&&) noexcept = default;

CudaReport CudaForward::forward(std::span<const double> inputs, std::span<float> outputs) {
    const std::size_t batch =
        batch_size(pass_->experts_.architecture(), inputs.size(), outputs.size());
    if (batch > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("a batch of " + std::to_string(batch) +
                                    " inputs, at most 2^32 - 1 are taken at once");
    }
    try {
        return pass_->run(inputs, outputs, batch);
    } catch (...) {
        pass_->abandon();
        throw;
    }
}

} // namespace moe
