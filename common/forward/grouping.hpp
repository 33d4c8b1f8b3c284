#pragma once
// The samples of a batch, put in order of their experts.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

struct Grouping {
    std::vector<std::uint32_t> samples; ///< all rows of the batch: by expert, then by row
    std::vector<std::uint64_t> experts; ///< the touched experts, ascending
    std::vector<std::size_t> starts;    ///< group g is samples[starts[g]] .. samples[starts[g+1]-1]
};

/// expert_of[b] < experts is the expert of row b (at most 2^32 - 1 rows). A counting sort, by the
/// whole index where the table of counts is small beside the batch, else digit by digit: a model
/// may have far more experts than a batch has rows. On up to `threads` threads, which do not reach
/// the result.
[[nodiscard]] Grouping group_by_expert(std::span<const std::uint64_t> expert_of,
                                       std::uint64_t experts, unsigned threads = 1);

} // namespace moe
