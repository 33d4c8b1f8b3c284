#include "forward/cuda/launch.hpp"

#include "forward/cuda/check.hpp"
#include "forward/cuda/device_block.hpp"
#include "forward/cuda/group_kernels.hpp"

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_run_length_encode.cuh>
#include <cub/device/device_scan.cuh>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace moe::cuda {

namespace {

constexpr unsigned number_threads = 256;

__global__ void __launch_bounds__(count_threads)
    run_count_rows(const std::uint32_t* expert_of, const __grid_constant__ CountingPlan plan,
                   std::uint32_t* table) {
    DeviceBlock block;
    count_rows(block, expert_of, plan, table);
}

__global__ void __launch_bounds__(count_threads)
    run_place_rows(const std::uint32_t* expert_of, const __grid_constant__ CountingPlan plan,
                   const std::uint32_t* starts, std::uint32_t* samples) {
    DeviceBlock block;
    place_rows(block, expert_of, plan, starts, samples);
}

__global__ void __launch_bounds__(count_threads)
    run_list_touched(const __grid_constant__ CountingPlan plan, const std::uint32_t* starts,
                     std::uint32_t* touched, std::uint32_t* counts, std::uint32_t* touched_count) {
    DeviceBlock block;
    list_touched(block, plan, starts, touched, counts, touched_count);
}

__global__ void __launch_bounds__(number_threads)
    run_number_rows(std::size_t batch, std::uint32_t* rows) {
    DeviceBlock block;
    number_rows(block, batch, rows);
}

/// Bits in which experts below `experts` differ; the sort looks at no others.
int expert_bits(std::uint64_t experts) {
    return std::max(static_cast<int>(std::bit_width(experts - 1)), 1);
}

constexpr std::size_t aligned(std::size_t bytes) {
    return (bytes + 255) / 256 * 256;
}

/// The parts of the scratch: two arrays of numbers, then what CUB asks for. A size without memory
/// has null pointers.
struct Scratch {
    std::uint32_t* first = nullptr;
    std::uint32_t* second = nullptr;
    void* cub = nullptr;
    std::size_t cub_bytes = 0;
    std::size_t bytes = 0;

    Scratch(void* memory, std::size_t numbers, std::size_t of_cub)
        : cub_bytes(of_cub) {
        const std::size_t part = aligned(numbers * sizeof(std::uint32_t));
        bytes = 2 * part + aligned(of_cub);
        if (memory == nullptr) return;
        auto* const at = static_cast<std::byte*>(memory);
        first = reinterpret_cast<std::uint32_t*>(at);
        second = reinterpret_cast<std::uint32_t*>(at + part);
        cub = at + 2 * part;
    }
};

std::size_t table_entries(const CountingPlan& plan) {
    return plan.columns() * plan.experts;
}

Scratch counting_scratch(void* memory, const CountingPlan& plan) {
    std::size_t bytes = 0;
    const std::uint32_t* const in = nullptr;
    std::uint32_t* const out = nullptr;
    check(cub::DeviceScan::ExclusiveSum(nullptr, bytes, in, out, table_entries(plan)),
          "size of a scan");
    return {memory, table_entries(plan), bytes};
}

Scratch sorting_scratch(void* memory, std::size_t batch, std::uint64_t experts) {
    std::size_t sort = 0;
    std::size_t encode = 0;
    const std::uint32_t* const in = nullptr;
    std::uint32_t* const out = nullptr;
    check(cub::DeviceRadixSort::SortPairs(nullptr, sort, in, out, in, out, batch, 0,
                                          expert_bits(experts)),
          "size of a sort");
    check(cub::DeviceRunLengthEncode::Encode(nullptr, encode, in, out, out, out,
                                             static_cast<std::int64_t>(batch)),
          "size of a run-length encoding");
    return {memory, batch, std::max(sort, encode)};
}

struct Groups {
    std::uint32_t* samples;
    std::uint32_t* touched;
    std::uint32_t* counts;
    std::uint32_t* touched_count;
};

void group_by_counting(const std::uint32_t* expert_of, const CountingPlan& plan,
                       const Groups& groups, Scratch scratch, Stream stream) {
    const std::size_t shared = plan.shared_bytes();
    run_count_rows<<<plan.blocks, count_threads, shared, stream>>>(expert_of, plan, scratch.first);
    check(cudaGetLastError(), "launch of count_rows");
    check(cub::DeviceScan::ExclusiveSum(scratch.cub, scratch.cub_bytes, scratch.first,
                                        scratch.second, table_entries(plan), stream),
          "scan of the counts");
    run_place_rows<<<plan.blocks, count_threads, shared, stream>>>(expert_of, plan, scratch.second,
                                                                   groups.samples);
    check(cudaGetLastError(), "launch of place_rows");
    run_list_touched<<<1, count_threads, most_counted * sizeof(std::uint32_t), stream>>>(
        plan, scratch.second, groups.touched, groups.counts, groups.touched_count);
    check(cudaGetLastError(), "launch of list_touched");
}

void group_by_sorting(const std::uint32_t* expert_of, std::size_t batch, std::uint64_t experts,
                      const Groups& groups, Scratch scratch, Stream stream) {
    constexpr std::size_t most_blocks = 1024;
    const auto blocks =
        static_cast<unsigned>(std::min((batch + number_threads - 1) / number_threads, most_blocks));
    run_number_rows<<<blocks, number_threads, 0, stream>>>(batch, scratch.first);
    check(cudaGetLastError(), "launch of number_rows");
    check(cub::DeviceRadixSort::SortPairs(scratch.cub, scratch.cub_bytes, expert_of, scratch.second,
                                          scratch.first, groups.samples, batch, 0,
                                          expert_bits(experts), stream),
          "sort by expert");
    check(cub::DeviceRunLengthEncode::Encode(scratch.cub, scratch.cub_bytes, scratch.second,
                                             groups.touched, groups.counts, groups.touched_count,
                                             static_cast<std::int64_t>(batch), stream),
          "run-length encoding of the experts");
}

} // namespace

std::size_t group_scratch_bytes(std::size_t batch, std::uint64_t experts) {
    if (batch == 0) return 0;
    if (counts_rows(experts)) {
        return counting_scratch(nullptr, counting_plan(batch, experts)).bytes;
    }
    return sorting_scratch(nullptr, batch, experts).bytes;
}

void launch_group(const std::uint32_t* expert_of, std::size_t batch, std::uint64_t experts,
                  std::uint32_t* samples, std::uint32_t* touched, std::uint32_t* counts,
                  std::uint32_t* touched_count, void* scratch, std::size_t scratch_bytes,
                  Stream stream) {
    if (batch == 0) {
        check(cudaMemsetAsync(touched_count, 0, sizeof *touched_count, stream),
              "clearing of the number of groups");
        return;
    }
    if (scratch == nullptr || scratch_bytes < group_scratch_bytes(batch, experts)) {
        throw std::invalid_argument("grouping of " + std::to_string(batch) + " rows needs " +
                                    std::to_string(group_scratch_bytes(batch, experts)) +
                                    " bytes of scratch, " + std::to_string(scratch_bytes) +
                                    " given");
    }
    const Groups groups{samples, touched, counts, touched_count};
    if (counts_rows(experts)) {
        const CountingPlan plan = counting_plan(batch, experts);
        group_by_counting(expert_of, plan, groups, counting_scratch(scratch, plan), stream);
    } else {
        group_by_sorting(expert_of, batch, experts, groups,
                         sorting_scratch(scratch, batch, experts), stream);
    }
}

} // namespace moe::cuda
