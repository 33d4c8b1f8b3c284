#include "forward/grouping.hpp"

#include <algorithm>
#include <numeric>

namespace moe {

namespace {

/// Stable counting sort of the rows by expert.
std::vector<std::uint32_t> order_by_counting(std::span<const std::uint64_t> expert_of,
                                             std::uint64_t experts) {
    std::vector<std::uint32_t> next(experts + 1, 0);
    for (const std::uint64_t expert : expert_of) {
        ++next[expert + 1];
    }
    std::partial_sum(next.begin(), next.end(), next.begin());
    std::vector<std::uint32_t> rows(expert_of.size());
    for (std::size_t row = 0; row < expert_of.size(); ++row) {
        rows[next[expert_of[row]]++] = static_cast<std::uint32_t>(row);
    }
    return rows;
}

/// The same order by comparisons; rows break ties, so the order is unique.
std::vector<std::uint32_t> order_by_sorting(std::span<const std::uint64_t> expert_of) {
    std::vector<std::uint32_t> rows(expert_of.size());
    std::iota(rows.begin(), rows.end(), std::uint32_t{0});
    std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        return expert_of[a] != expert_of[b] ? expert_of[a] < expert_of[b] : a < b;
    });
    return rows;
}

} // namespace

Grouping group_by_expert(std::span<const std::uint64_t> expert_of, std::uint64_t experts) {
    Grouping grouping;
    const bool few_experts = experts / 4 <= expert_of.size();
    grouping.samples =
        few_experts ? order_by_counting(expert_of, experts) : order_by_sorting(expert_of);
    for (std::size_t k = 0; k < grouping.samples.size(); ++k) {
        const std::uint64_t expert = expert_of[grouping.samples[k]];
        if (grouping.experts.empty() || grouping.experts.back() != expert) {
            grouping.experts.push_back(expert);
            grouping.starts.push_back(k);
        }
    }
    grouping.starts.push_back(grouping.samples.size());
    return grouping;
}

} // namespace moe
