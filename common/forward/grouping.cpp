#include "forward/grouping.hpp"

#include "basics/parallel.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

namespace moe {

namespace {

/// Rows that one thread counts at a time.
constexpr std::size_t rows_per_block = std::size_t{1} << 15U;
/// The largest table of counts: it must stay in the nearest caches.
constexpr std::uint64_t largest_table = std::uint64_t{1} << 13U;

bool can_be_counted(std::size_t batch, std::uint64_t experts) {
    return experts <= std::min<std::uint64_t>(4 * std::uint64_t{batch}, largest_table);
}

/// Counts of each block of rows [blocks][experts].
std::vector<std::uint32_t> count_blocks(std::span<const std::uint64_t> expert_of,
                                        std::size_t experts, std::size_t blocks, unsigned threads) {
    std::vector<std::uint32_t> counts(blocks * experts, 0);
    parallel_for(blocks, threads, [&](std::size_t block) {
        std::uint32_t* const mine = counts.data() + block * experts;
        const std::size_t last = std::min(expert_of.size(), (block + 1) * rows_per_block);
        for (std::size_t row = block * rows_per_block; row < last; ++row) {
            ++mine[expert_of[row]];
        }
    });
    return counts;
}

/// Stable counting sort of the rows by expert, in blocks of rows.
Grouping group_by_counting(std::span<const std::uint64_t> expert_of, std::size_t experts,
                           unsigned threads) {
    const std::size_t blocks = (expert_of.size() + rows_per_block - 1) / rows_per_block;
    std::vector<std::uint32_t> next = count_blocks(expert_of, experts, blocks, threads);
    Grouping grouping;
    std::uint32_t start = 0;
    for (std::size_t expert = 0; expert < experts; ++expert) {
        const std::uint32_t first = start;
        for (std::size_t block = 0; block < blocks; ++block) {
            start += std::exchange(next[block * experts + expert], start);
        }
        if (start == first) continue;
        grouping.experts.push_back(expert);
        grouping.starts.push_back(first);
    }
    grouping.starts.push_back(expert_of.size());
    grouping.samples.resize(expert_of.size());
    parallel_for(blocks, threads, [&](std::size_t block) {
        std::uint32_t* const mine = next.data() + block * experts;
        const std::size_t last = std::min(expert_of.size(), (block + 1) * rows_per_block);
        for (std::size_t row = block * rows_per_block; row < last; ++row) {
            grouping.samples[mine[expert_of[row]]++] = static_cast<std::uint32_t>(row);
        }
    });
    return grouping;
}

struct Row {
    std::uint64_t expert;
    std::uint32_t row;
};

/// Rows in order of their experts, stable: one counting sort per digit, the lowest first. Digits
/// are as wide as the batch is long, up to tables that stay in the nearest cache.
std::vector<Row> sort_by_digits(std::span<const std::uint64_t> expert_of, std::uint64_t experts) {
    std::vector<Row> rows(expert_of.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        rows[row] = {expert_of[row], static_cast<std::uint32_t>(row)};
    }
    std::vector<Row> sorted(rows.size());
    const auto bits = static_cast<int>(std::bit_width(experts - 1));
    const int digit_bits = std::clamp(static_cast<int>(std::bit_width(rows.size())), 4, 11);
    const std::uint64_t mask = (std::uint64_t{1} << static_cast<unsigned>(digit_bits)) - 1;
    std::vector<std::uint32_t> next(mask + 1);
    for (int shift = 0; shift < bits; shift += digit_bits) {
        const auto digit = [&](const Row& row) {
            return (row.expert >> static_cast<unsigned>(shift)) & mask;
        };
        std::fill(next.begin(), next.end(), 0);
        for (const Row& row : rows) {
            ++next[digit(row)];
        }
        std::exclusive_scan(next.begin(), next.end(), next.begin(), std::uint32_t{0});
        for (const Row& row : rows) {
            sorted[next[digit(row)]++] = row;
        }
        std::swap(rows, sorted);
    }
    return rows;
}

} // namespace

Grouping group_by_expert(std::span<const std::uint64_t> expert_of, std::uint64_t experts,
                         unsigned threads) {
    if (can_be_counted(expert_of.size(), experts)) {
        return group_by_counting(expert_of, static_cast<std::size_t>(experts), threads);
    }
    Grouping grouping;
    grouping.samples.reserve(expert_of.size());
    for (const Row& row : sort_by_digits(expert_of, experts)) {
        if (grouping.experts.empty() || grouping.experts.back() != row.expert) {
            grouping.experts.push_back(row.expert);
            grouping.starts.push_back(grouping.samples.size());
        }
        grouping.samples.push_back(row.row);
    }
    grouping.starts.push_back(grouping.samples.size());
    return grouping;
}

} // namespace moe
