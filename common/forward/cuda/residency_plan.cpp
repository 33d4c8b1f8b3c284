#include "forward/cuda/residency_plan.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace moe::cuda {

ResidencyPlanner::ResidencyPlanner(std::uint32_t slots, std::size_t loads_per_wave)
    : slots_(slots)
    , order_(slots)
    , loads_per_wave_(loads_per_wave) {
    if (slots == 0 || loads_per_wave == 0) {
        throw std::invalid_argument("a residency plan of " + std::to_string(slots) + " slots and " +
                                    std::to_string(loads_per_wave) +
                                    " loads per wave, at least 1 of each is needed");
    }
    forget();
}

void ResidencyPlanner::forget() noexcept {
    slot_of_.clear();
    std::iota(order_.begin(), order_.end(), std::uint32_t{0});
    for (auto place = order_.begin(); place != order_.end(); ++place) {
        slots_[*place] = {.place = place};
    }
}

std::vector<Wave> ResidencyPlanner::plan(std::span<const std::uint64_t> touched) {
    for (Slot& slot : slots_) {
        slot.wave = no_wave;
    }
    std::vector<SlotUse> hits;
    std::vector<std::size_t> missing;
    for (std::size_t k = 0; k < touched.size(); ++k) {
        if (const auto found = slot_of_.find(touched[k]); found != slot_of_.end()) {
            hits.push_back({k, found->second});
        } else {
            missing.push_back(k);
        }
    }
    counters_.hits += hits.size();
    std::ranges::sort(hits, {}, &SlotUse::slot);

    const bool all_fit = touched.size() <= slots_.size();
    const std::size_t limit = all_fit ? slots_.size() : std::max<std::size_t>(1, slots_.size() / 2);
    std::vector<Wave> waves;
    for (std::size_t first = 0; first < hits.size(); first += limit) {
        const std::size_t count = std::min(limit, hits.size() - first);
        waves.push_back(hit_wave(std::span(hits).subspan(first, count), waves.size()));
    }
    const std::size_t load_limit = std::min(limit, loads_per_wave_);
    for (std::size_t first = 0; first < missing.size(); first += load_limit) {
        const std::size_t count = std::min(load_limit, missing.size() - first);
        waves.push_back(load_wave(touched, std::span(missing).subspan(first, count), waves.size()));
    }
    return waves;
}

Wave ResidencyPlanner::hit_wave(std::span<const SlotUse> hits, std::size_t wave) {
    for (const SlotUse& hit : hits) {
        use(hit.slot, wave);
    }
    return {{}, {hits.begin(), hits.end()}};
}

Wave ResidencyPlanner::load_wave(std::span<const std::uint64_t> touched,
                                 std::span<const std::size_t> missing, std::size_t wave) {
    const auto last = std::next(order_.begin(), static_cast<std::ptrdiff_t>(missing.size()));
    std::vector<std::uint32_t> victims(order_.begin(), last);
    std::ranges::sort(victims);
    Wave result;
    for (std::size_t k = 0; k < missing.size(); ++k) {
        result.loads.push_back(load(touched[missing[k]], victims[k]));
        result.uses.push_back({missing[k], victims[k]});
        use(victims[k], wave);
    }
    return result;
}

SlotLoad ResidencyPlanner::load(std::uint64_t expert, std::uint32_t slot) {
    Slot& taken = slots_[slot];
    if (taken.filled) {
        slot_of_.erase(taken.expert);
        ++counters_.evictions;
    }
    slot_of_.emplace(expert, slot);
    taken.expert = expert;
    taken.filled = true;
    ++counters_.loads;
    return {expert, slot, taken.wave};
}

void ResidencyPlanner::use(std::uint32_t slot, std::size_t wave) {
    slots_[slot].wave = wave;
    order_.splice(order_.end(), order_, slots_[slot].place);
}

} // namespace moe::cuda
