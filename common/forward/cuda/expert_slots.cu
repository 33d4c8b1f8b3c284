#include "forward/cuda/expert_slots.hpp"

#include "basics/parallel.hpp"

#include <algorithm>
#include <cstring>

namespace moe::cuda {

namespace {

/// Experts that one staging buffer holds: at least one, and no more than could be wanted.
std::size_t staged_experts(const SlotLayout& layout, std::uint64_t staging_bytes) {
    const std::uint64_t fitting = staging_bytes / sizeof(float) / layout.stride;
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(fitting, 1, layout.slots));
}

} // namespace

ExpertSlots::ExpertSlots(ExpertSource<float>& source, std::uint64_t budget_bytes,
                         std::uint64_t staging_bytes, unsigned threads)
    : source_(source)
    , parameters_(source.architecture().parameters())
    , threads_(threads)
    , layout_(lay_out_slots(parameters_, source.experts(), budget_bytes))
    , planner_(layout_.slots, staged_experts(layout_, staging_bytes))
    , ledger_("the experts", budget_bytes)
    , slots_(ledger_, layout_.floats)
    , staging_{Staging(staged_experts(layout_, staging_bytes) * layout_.stride),
               Staging(staged_experts(layout_, staging_bytes) * layout_.stride)} {
    // What stands between two experts travels with them and is never read.
    for (const Staging& staging : staging_) {
        std::ranges::fill(staging.memory.span(), 0.0F);
    }
}

void ExpertSlots::load(std::span<const SlotLoad> loads, const Event* free, const WorkStream& user) {
    if (loads.empty()) return;
    const Staging& staging = staging_[next_staging_];
    next_staging_ = 1 - next_staging_;
    staging.left.synchronize();
    fill(loads, staging.memory.data());
    if (free != nullptr) stream_.wait(*free);
    send(loads, staging.memory.data());
    stream_.record(staging.left);
    user.wait(staging.left);
}

void ExpertSlots::fill(std::span<const SlotLoad> loads, float* staging) {
    parallel_for(loads.size(), threads_, [&](std::size_t k) {
        const ExpertLease<float> lease = source_.acquire(loads[k].expert);
        std::memcpy(staging + k * layout_.stride, lease.parameters().data(),
                    parameters_ * sizeof(float));
    });
}

void ExpertSlots::send(std::span<const SlotLoad> loads, const float* staging) const {
    for (std::size_t first = 0; first < loads.size();) {
        std::size_t last = first; // of the neighbouring slots that one copy fills
        while (last + 1 < loads.size() && loads[last + 1].slot == loads[last].slot + 1) {
            ++last;
        }
        const std::size_t floats = (last - first) * layout_.stride + parameters_;
        check(cudaMemcpyAsync(slots_.data() + loads[first].slot * layout_.stride,
                              staging + first * layout_.stride, floats * sizeof(float),
                              cudaMemcpyHostToDevice, stream_.get()),
              "copy of experts");
        first = last + 1;
    }
}

void ExpertSlots::forget() noexcept {
    (void)cudaStreamSynchronize(stream_.get());
    planner_.forget();
}

} // namespace moe::cuda
