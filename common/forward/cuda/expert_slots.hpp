#pragma once
// Experts in device memory under a budget, and the way there. For .cu files.

#include "forward/cuda/device_memory.hpp"
#include "forward/cuda/pinned_memory.hpp"
#include "forward/cuda/residency_plan.hpp"
#include "forward/cuda/slot_layout.hpp"
#include "forward/cuda/stream.hpp"

#include "models/expert_source.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace moe::cuda {

/// Slots of one expert each. Leases are copied into one of two pinned buffers, from where a stream
/// of its own brings them to their slots, so that the host fills one buffer while the other travels
/// and the experts before them compute.
class ExpertSlots {
  public:
    /// Throws as lay_out_slots; DeviceMemoryError where the budget is more than the device has.
    ExpertSlots(ExpertSource<float>& source, std::uint64_t budget_bytes,
                std::uint64_t staging_bytes, unsigned threads);

    [[nodiscard]] std::vector<Wave> plan(std::span<const std::uint64_t> touched) {
        return planner_.plan(touched);
    }
    /// Sends the experts of one wave on their way, once `free` (an event that its slots wait for;
    /// nullptr for none) has happened. Returns when their leases have ended; `user` waits for the
    /// copies. Throws what the source throws.
    void load(std::span<const SlotLoad> loads, const Event* free, const WorkStream& user);
    /// Waits for copies under way and takes all slots for empty.
    void forget() noexcept;

    [[nodiscard]] const float* data() const noexcept { return slots_.data(); }
    [[nodiscard]] std::size_t stride() const noexcept { return layout_.stride; }
    [[nodiscard]] const ResidencyCounters& counters() const noexcept { return planner_.counters(); }
    [[nodiscard]] std::uint64_t peak_bytes() const noexcept { return ledger_.peak(); }

  private:
    struct Staging {
        explicit Staging(std::size_t floats)
            : memory(floats) {}
        PinnedArray<float> memory;
        Event left; ///< the copies from here are done
    };

    void fill(std::span<const SlotLoad> loads, float* staging);
    void send(std::span<const SlotLoad> loads, const float* staging) const;

    ExpertSource<float>& source_;
    std::size_t parameters_;
    unsigned threads_;
    SlotLayout layout_;
    ResidencyPlanner planner_;
    DeviceLedger ledger_;
    DeviceArray<float> slots_;
    std::array<Staging, 2> staging_;
    std::size_t next_staging_ = 0;
    WorkStream stream_;
};

} // namespace moe::cuda
