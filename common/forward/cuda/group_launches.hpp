#pragma once
// Which kernels group a batch by expert, over a Launcher (launch_size.hpp) that has besides
//   scan_bytes(count), sort_bytes(count, bits), encode_bytes(count)   what the next three need
//   scan(scratch, in, out, count)                                      exclusive sums
//   sort(scratch, keys, sorted_keys, values, sorted_values, count, bits)   stable, by the low bits
//   encode(scratch, in, values, counts, runs, count)                   run lengths
// where scratch is a span of bytes.

#include "forward/cuda/group_kernels.hpp"
#include "forward/cuda/launch_size.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace moe::cuda {

struct CountRows {
    static constexpr unsigned most_threads = count_threads;
    static constexpr unsigned least_blocks = 0;
    const std::uint32_t* expert_of;
    CountingPlan plan;
    std::uint32_t* table;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        count_rows(block, expert_of, plan, table);
    }
};

struct PlaceRows {
    static constexpr unsigned most_threads = count_threads;
    static constexpr unsigned least_blocks = 0;
    const std::uint32_t* expert_of;
    CountingPlan plan;
    const std::uint32_t* starts;
    std::uint32_t* samples;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        place_rows(block, expert_of, plan, starts, samples);
    }
};

/// What a grouping writes, as launch_group (launch.hpp) describes it.
struct GroupLists {
    std::uint32_t* samples;
    std::uint32_t* touched;
    std::uint32_t* counts;
    std::uint32_t* touched_count;
};

struct ListTouched {
    static constexpr unsigned most_threads = count_threads;
    static constexpr unsigned least_blocks = 0;
    CountingPlan plan;
    const std::uint32_t* starts;
    GroupLists lists;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        list_touched(block, plan, starts, lists.touched, lists.counts, lists.touched_count);
    }
};

struct NumberRows {
    static constexpr unsigned most_threads = number_threads;
    static constexpr unsigned least_blocks = 0;
    std::size_t batch;
    std::uint32_t* rows;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        number_rows(block, batch, rows);
    }
};

/// The parts of the scratch: two arrays of numbers, then bytes for scan or sort. Without memory
/// only its size is known.
struct GroupScratch {
    std::uint32_t* first = nullptr;
    std::uint32_t* second = nullptr;
    std::span<std::byte> rest;
    std::size_t bytes = 0;

    GroupScratch(void* memory, std::size_t numbers, std::size_t more) {
        const std::size_t part = aligned(numbers * sizeof(std::uint32_t));
        bytes = 2 * part + aligned(more);
        if (memory == nullptr) return;
        auto* const at = static_cast<std::byte*>(memory);
        first = reinterpret_cast<std::uint32_t*>(at);
        second = reinterpret_cast<std::uint32_t*>(at + part);
        rest = {at + 2 * part, more};
    }

  private:
    static constexpr std::size_t aligned(std::size_t size) { return (size + 255) / 256 * 256; }
};

/// Bits in which experts below `experts` differ; the sort looks at no others.
inline int expert_bits(std::uint64_t experts) {
    return std::max(static_cast<int>(std::bit_width(experts - 1)), 1);
}

template<class Launcher>
GroupScratch group_scratch(const Launcher& launcher, void* memory, std::size_t batch,
                           std::uint64_t experts) {
    if (counts_rows(experts)) {
        const std::size_t entries = counting_plan(batch, experts).entries();
        return {memory, entries, launcher.scan_bytes(entries)};
    }
    return {
        memory, batch,
        std::max(launcher.sort_bytes(batch, expert_bits(experts)), launcher.encode_bytes(batch))};
}

template<class Launcher>
void group_by_counting(Launcher& launcher, const std::uint32_t* expert_of, const CountingPlan& plan,
                       const GroupLists& lists, const GroupScratch& scratch) {
    const LaunchSize size{plan.blocks, count_threads, plan.shared_bytes()};
    launcher.launch("launch of count_rows", size, CountRows{expert_of, plan, scratch.first});
    launcher.scan(scratch.rest, scratch.first, scratch.second, plan.entries());
    launcher.launch("launch of place_rows", size,
                    PlaceRows{expert_of, plan, scratch.second, lists.samples});
    launcher.launch("launch of list_touched",
                    {1, count_threads, most_counted * sizeof(std::uint32_t)},
                    ListTouched{plan, scratch.second, lists});
}

template<class Launcher>
void group_by_sorting(Launcher& launcher, const std::uint32_t* expert_of, std::size_t batch,
                      std::uint64_t experts, const GroupLists& lists, const GroupScratch& scratch) {
    constexpr std::size_t most_blocks = 1024;
    const auto blocks =
        static_cast<unsigned>(std::min((batch + number_threads - 1) / number_threads, most_blocks));
    launcher.launch("launch of number_rows", {blocks, number_threads, 0},
                    NumberRows{batch, scratch.first});
    launcher.sort(scratch.rest, expert_of, scratch.second, scratch.first, lists.samples, batch,
                  expert_bits(experts));
    launcher.encode(scratch.rest, scratch.second, lists.touched, lists.counts, lists.touched_count,
                    batch);
}

/// As launch_group (launch.hpp).
template<class Launcher>
void run_group(Launcher& launcher, const std::uint32_t* expert_of, std::size_t batch,
               std::uint64_t experts, const GroupLists& lists, std::span<std::byte> memory) {
    const GroupScratch scratch = group_scratch(launcher, memory.data(), batch, experts);
    if (batch == 0 || memory.size() < scratch.bytes) {
        throw std::invalid_argument("grouping of " + std::to_string(batch) + " rows with " +
                                    std::to_string(memory.size()) + " bytes of scratch, " +
                                    std::to_string(scratch.bytes) + " are needed");
    }
    if (counts_rows(experts)) {
        group_by_counting(launcher, expert_of, counting_plan(batch, experts), lists, scratch);
    } else {
        group_by_sorting(launcher, expert_of, batch, experts, lists, scratch);
    }
}

} // namespace moe::cuda
