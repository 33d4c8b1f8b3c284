#pragma once
// Comparison of two independent samples by ranks (Mann and Whitney 1947).

#include <cstdint>
#include <span>

namespace moe {

/// One-sided Mann-Whitney test of "the first sample tends to be smaller".
struct RankTest {
    double u;               ///< pairs in which the second is smaller, equal ones count half
    double p_value;         ///< P(U <= u) if all orders of the pooled values are equally likely
    double p_value_reverse; ///< P(U >= u)
    std::int64_t observations;
};

/// Exact, by counting the subsets of the pooled ranks; equal values share their mean rank, so the
/// p-values are those of the permutation test given the ties. Infinite values are allowed. Throws
/// std::invalid_argument for an empty sample, NaN and more than 500 values.
[[nodiscard]] RankTest mann_whitney(std::span<const double> first, std::span<const double> second);

} // namespace moe
