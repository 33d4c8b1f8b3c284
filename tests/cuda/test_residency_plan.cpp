// The plan of which experts stand in which slots of the device, carried out slot by slot and held
// to a plain simulation.

#include "forward/cuda/residency_plan.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

using moe::RandomStream;
using moe::cuda::no_wave;
using moe::cuda::ResidencyPlanner;
using moe::cuda::SlotLoad;
using moe::cuda::SlotUse;
using moe::cuda::Wave;

namespace {

using Experts = std::vector<std::uint64_t>;

/// Slots that are searched from end to end, and a clock that ticks once a wave.
class PlainSlots {
  public:
    explicit PlainSlots(std::size_t slots)
        : slots_(slots) {}

    [[nodiscard]] bool holds(std::uint64_t expert) const {
        return std::ranges::any_of(slots_, [&](const Slot& slot) { return slot.expert == expert; });
    }
    [[nodiscard]] std::optional<std::uint64_t> expert(std::uint32_t slot) const {
        return slots_.at(slot).expert;
    }
    [[nodiscard]] std::size_t filled() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            slots_, [](const Slot& slot) { return slot.expert.has_value(); }));
    }
    /// The slots whose last use is longest ago, the lower number first where that is equal.
    [[nodiscard]] std::set<std::uint32_t> oldest(std::size_t count) const {
        std::set<std::uint32_t> found;
        while (found.size() < count) {
            std::optional<std::uint32_t> best;
            for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
                if (found.contains(slot)) continue;
                if (!best || slots_[slot].used < slots_[*best].used) best = slot;
            }
            found.insert(best.value());
        }
        return found;
    }
    void load(std::uint32_t slot, std::uint64_t expert) {
        if (slots_.at(slot).expert) ++evictions;
        slots_.at(slot).expert = expert;
        ++loads;
    }
    void use(std::uint32_t slot) { slots_.at(slot).used = clock_; }
    void tick() { ++clock_; }

    std::uint64_t loads = 0;
    std::uint64_t evictions = 0;

  private:
    struct Slot {
        std::optional<std::uint64_t> expert;
        std::uint64_t used = 0;
    };
    std::vector<Slot> slots_;
    std::uint64_t clock_ = 1;
};

/// Carries out a plan and checks every step of it.
void carry_out(const std::vector<Wave>& waves, const Experts& touched, PlainSlots& slots,
               std::size_t slot_count, std::size_t loads_per_wave) {
    std::vector<std::size_t> last_wave(slot_count, no_wave);
    std::multiset<std::uint64_t> computed;
    for (std::size_t w = 0; w < waves.size(); ++w) {
        const Wave& wave = waves[w];
        BOOST_TEST(wave.loads.size() <= loads_per_wave);
        const std::set<std::uint32_t> oldest = slots.oldest(wave.loads.size());
        for (const SlotLoad& load : wave.loads) {
            BOOST_TEST(oldest.contains(load.slot));
            BOOST_TEST(load.after == last_wave.at(load.slot));
            // Copying beside the wave before needs a slot that this wave does not use.
            if (slot_count > 1 && load.after != no_wave) BOOST_TEST(load.after + 1 < w);
            BOOST_TEST(!slots.holds(load.expert));
            slots.load(load.slot, load.expert);
        }
        std::set<std::uint32_t> used;
        for (const SlotUse& use : wave.uses) {
            BOOST_TEST(used.insert(use.slot).second);
            BOOST_TEST((slots.expert(use.slot) == touched.at(use.touched)));
            computed.insert(touched.at(use.touched));
            slots.use(use.slot);
            last_wave.at(use.slot) = w;
        }
        for (const SlotLoad& load : wave.loads) {
            BOOST_TEST(used.contains(load.slot));
        }
        BOOST_TEST(!used.empty());
        BOOST_TEST(std::ranges::is_sorted(wave.loads, {}, &SlotLoad::slot));
        BOOST_TEST(std::ranges::is_sorted(wave.uses, {}, &SlotUse::slot));
        slots.tick();
    }
    BOOST_TEST((Experts(computed.begin(), computed.end()) == touched));
}

Experts random_experts(RandomStream& random, std::uint64_t experts, double share) {
    Experts touched;
    for (std::uint64_t expert = 0; expert < experts; ++expert) {
        if (random.uniform() < share) touched.push_back(expert);
    }
    return touched;
}

} // namespace

BOOST_AUTO_TEST_SUITE(residency_plan)

BOOST_AUTO_TEST_CASE(random_passes_agree_with_a_plain_simulation) {
    RandomStream random(1, 30, 1);
    for (int trial = 0; trial < 400; ++trial) {
        const auto slot_count = static_cast<std::uint32_t>(1 + random.below(9));
        const std::size_t loads_per_wave = 1 + random.below(5);
        const std::uint64_t experts = 1 + random.below(24);
        ResidencyPlanner planner(slot_count, loads_per_wave);
        PlainSlots slots(slot_count);
        std::uint64_t hits = 0;
        for (int pass = 0; pass < 12; ++pass) {
            const Experts touched = random_experts(random, experts, random.uniform());
            const auto resident = static_cast<std::uint64_t>(std::ranges::count_if(
                touched, [&](std::uint64_t expert) { return slots.holds(expert); }));
            hits += resident;
            const std::uint64_t loads_before = slots.loads;
            carry_out(planner.plan(touched), touched, slots, slot_count, loads_per_wave);
            // No plan loads less: what is not there must be brought.
            BOOST_TEST(slots.loads - loads_before == touched.size() - resident);
            BOOST_TEST(planner.counters().loads == slots.loads);
            BOOST_TEST(planner.counters().hits == hits);
            BOOST_TEST(planner.counters().evictions == slots.evictions);
            BOOST_TEST(planner.resident() == slots.filled());
        }
    }
}

BOOST_AUTO_TEST_CASE(what_fits_is_loaded_once_and_then_computes_in_one_wave) {
    ResidencyPlanner planner(5, 2);
    const Experts touched{3, 8, 11, 40, 41};
    BOOST_TEST(planner.plan(touched).size() == 3U); // 2 + 2 + 1 loads
    const std::vector<Wave> again = planner.plan(touched);
    BOOST_TEST_REQUIRE(again.size() == 1U);
    BOOST_TEST(again[0].loads.empty());
    BOOST_TEST(again[0].uses.size() == 5U);
    BOOST_TEST(planner.counters().loads == 5U);
    BOOST_TEST(planner.counters().hits == 5U);
    BOOST_TEST(planner.counters().evictions == 0U);
}

BOOST_AUTO_TEST_CASE(the_first_loads_fill_neighbouring_slots) {
    ResidencyPlanner planner(6, 6);
    const std::vector<Wave> waves = planner.plan(Experts{5, 6, 7, 9});
    BOOST_TEST_REQUIRE(waves.size() == 1U);
    for (std::uint32_t k = 0; k < 4; ++k) {
        BOOST_TEST(waves[0].loads[k].slot == k);
    }
}

BOOST_AUTO_TEST_CASE(a_single_slot_takes_one_expert_after_the_other) {
    ResidencyPlanner planner(1, 7);
    const std::vector<Wave> waves = planner.plan(Experts{2, 4, 6});
    BOOST_TEST_REQUIRE(waves.size() == 3U);
    BOOST_TEST(waves[0].loads[0].after == no_wave);
    BOOST_TEST(waves[1].loads[0].after == 0U);
    BOOST_TEST(waves[2].loads[0].after == 1U);
    BOOST_TEST(planner.resident() == 1U);
    // The next pass begins with the expert that is still there.
    const std::vector<Wave> next = planner.plan(Experts{2, 4, 6});
    BOOST_TEST(next[0].loads.empty());
    BOOST_TEST(next[0].uses[0].touched == 2U);
    BOOST_TEST(planner.counters().loads == 5U);
    BOOST_TEST(planner.counters().evictions == 4U);
}

BOOST_AUTO_TEST_CASE(the_least_recently_used_expert_leaves) {
    ResidencyPlanner planner(3, 3);
    (void)planner.plan(Experts{1});
    (void)planner.plan(Experts{2});
    (void)planner.plan(Experts{3});
    (void)planner.plan(Experts{1});
    (void)planner.plan(Experts{9}); // 2 leaves
    (void)planner.plan(Experts{1, 3, 9});
    BOOST_TEST(planner.counters().loads == 4U);
    BOOST_TEST(planner.counters().evictions == 1U);
    (void)planner.plan(Experts{2});
    BOOST_TEST(planner.counters().loads == 5U);
}

BOOST_AUTO_TEST_CASE(after_forgetting_everything_is_loaded_again) {
    ResidencyPlanner planner(4, 4);
    (void)planner.plan(Experts{1, 2, 3});
    planner.forget();
    BOOST_TEST(planner.resident() == 0U);
    const std::vector<Wave> waves = planner.plan(Experts{1, 2, 3});
    BOOST_TEST(waves.at(0).loads.size() == 3U);
    BOOST_TEST(planner.counters().evictions == 0U);
    BOOST_TEST(planner.counters().hits == 0U);
}

BOOST_AUTO_TEST_CASE(no_touched_expert_needs_no_wave_and_zero_sizes_are_refused) {
    ResidencyPlanner planner(2, 1);
    BOOST_TEST(planner.plan({}).empty());
    BOOST_CHECK_THROW(ResidencyPlanner(0, 1), std::invalid_argument);
    BOOST_CHECK_THROW(ResidencyPlanner(1, 0), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
