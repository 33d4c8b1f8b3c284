#pragma once
// Which experts of a pass compute together, in which slots of the device they stand, and which are
// to be brought there when. No CUDA in here: the plan is made and tested on the host.

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

namespace moe::cuda {

inline constexpr std::size_t no_wave = SIZE_MAX;

/// One expert to be copied into a slot before its wave computes.
struct SlotLoad {
    std::uint64_t expert;
    std::uint32_t slot;
    /// The wave of this plan that must be done before the slot may be overwritten; no_wave where
    /// no wave of this plan has used it.
    std::size_t after;
};

/// One expert that computes in a wave; `touched` is its place in the list that was planned.
struct SlotUse {
    std::size_t touched;
    std::uint32_t slot;
};

/// Experts that compute together once the loads of the wave have arrived.
struct Wave {
    std::vector<SlotLoad> loads; ///< by slot, so that neighbours can be copied at once
    std::vector<SlotUse> uses;   ///< by slot; every load is used
};

struct ResidencyCounters {
    std::uint64_t loads = 0;     ///< experts brought to the device
    std::uint64_t hits = 0;      ///< touched experts that were there already
    std::uint64_t evictions = 0; ///< experts that left for another one
};

/// Experts stay in their slots between passes; the least recently used ones leave.
///
/// A pass begins with the touched experts that are resident: nothing that it needs is evicted
/// before it was used, so every touched expert is loaded at most once, which no plan can undercut.
/// If the pass touches more experts than there are slots, a wave takes at most half of them: then
/// the loads of the next wave find slots that the computing one does not use. With a single slot
/// every load waits for the wave before it.
class ResidencyPlanner {
  public:
    /// At most `loads_per_wave` experts are loaded for one wave, so that computing begins before
    /// the last one has arrived. Throws std::invalid_argument if either number is 0.
    ResidencyPlanner(std::uint32_t slots, std::size_t loads_per_wave);
    ResidencyPlanner(const ResidencyPlanner&) = delete;
    ResidencyPlanner& operator=(const ResidencyPlanner&) = delete;
    ResidencyPlanner(ResidencyPlanner&&) = delete;
    ResidencyPlanner& operator=(ResidencyPlanner&&) = delete;
    ~ResidencyPlanner() = default;

    /// The waves of a pass over `touched` distinct experts; their slots count as filled from here
    /// on.
    [[nodiscard]] std::vector<Wave> plan(std::span<const std::uint64_t> touched);
    /// No slot holds an expert any more: to be called where a plan was not carried out.
    void forget() noexcept;

    [[nodiscard]] std::uint32_t slots() const noexcept {
        return static_cast<std::uint32_t>(slots_.size());
    }
    [[nodiscard]] std::size_t resident() const noexcept { return slot_of_.size(); }
    /// Over all plans so far.
    [[nodiscard]] const ResidencyCounters& counters() const noexcept { return counters_; }

  private:
    struct Slot {
        std::uint64_t expert = 0;
        bool filled = false;
        std::size_t wave = no_wave; ///< of the plan being made: the last one that used the slot
        std::list<std::uint32_t>::iterator place; ///< in order_
    };

    [[nodiscard]] Wave hit_wave(std::span<const SlotUse> hits, std::size_t wave);
    [[nodiscard]] Wave load_wave(std::span<const std::uint64_t> touched,
                                 std::span<const std::size_t> missing, std::size_t wave);
    [[nodiscard]] SlotLoad load(std::uint64_t expert, std::uint32_t slot);
    void use(std::uint32_t slot, std::size_t wave);

    std::vector<Slot> slots_;
    std::list<std::uint32_t> order_; ///< slots, least recently used first
    std::unordered_map<std::uint64_t, std::uint32_t> slot_of_;
    std::size_t loads_per_wave_;
    ResidencyCounters counters_;
};

} // namespace moe::cuda
