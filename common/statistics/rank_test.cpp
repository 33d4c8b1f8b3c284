#include "statistics/rank_test.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace moe {

namespace {

constexpr std::size_t most_values = 500;

struct Ranked {
    double value;
    bool first; // of the first sample
};

/// Twice the mean rank of each value, ranks from 1; ascending values.
std::vector<std::size_t> doubled_ranks(const std::vector<Ranked>& pooled) {
    std::vector<std::size_t> ranks(pooled.size());
    for (std::size_t begin = 0; begin < pooled.size();) {
        std::size_t end = begin;
        while (end < pooled.size() && pooled[end].value == pooled[begin].value)
            ++end;
        for (std::size_t i = begin; i < end; ++i)
            ranks[i] = begin + 1 + end; // the mean of the ranks begin + 1 to end, twice
        begin = end;
    }
    return ranks;
}

/// chance[s]: that a random subset of `size` ranks has the sum s. Ranks are added one after the
/// other: the i-th belongs to a subset that still lacks k of the n - i values with chance k/(n-i).
std::vector<double> sum_chances(const std::vector<std::size_t>& ranks, std::size_t size) {
    std::size_t total = 0;
    for (const std::size_t rank : ranks)
        total += rank;
    // state[k][s]: k chosen so far, with sum s.
    std::vector<std::vector<double>> state(size + 1, std::vector<double>(total + 1, 0.0));
    state[0][0] = 1.0;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        const auto left = static_cast<double>(ranks.size() - i);
        for (std::size_t k = std::min(size, i + 1) + 1; k-- > 0;) {
            const double stay = 1.0 - static_cast<double>(size - k) / left;
            for (std::size_t s = total + 1; s-- > 0;) {
                double chance = state[k][s] * std::max(stay, 0.0);
                if (k > 0 && s >= ranks[i])
                    chance += state[k - 1][s - ranks[i]] * static_cast<double>(size - k + 1) / left;
                state[k][s] = chance;
            }
        }
    }
    return state[size];
}

} // namespace

RankTest mann_whitney(std::span<const double> first, std::span<const double> second) {
    if (first.empty() || second.empty() || first.size() + second.size() > most_values)
        throw std::invalid_argument("mann_whitney: samples must hold 1 to 500 values together");
    std::vector<Ranked> pooled;
    for (const double value : first)
        pooled.push_back({value, true});
    for (const double value : second)
        pooled.push_back({value, false});
    if (std::ranges::any_of(pooled, [](const Ranked& r) { return std::isnan(r.value); }))
        throw std::invalid_argument("mann_whitney: NaN");
    std::ranges::sort(pooled, {}, &Ranked::value);
    const std::vector<std::size_t> ranks = doubled_ranks(pooled);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < pooled.size(); ++i)
        sum += pooled[i].first ? ranks[i] : 0;
    const std::vector<double> chances = sum_chances(ranks, first.size());
    double below = 0.0;
    for (std::size_t s = 0; s <= sum; ++s)
        below += chances[s];
    double above = 0.0;
    for (std::size_t s = chances.size(); s-- > sum;)
        above += chances[s];
    const auto n = static_cast<double>(first.size());
    return {0.5 * static_cast<double>(sum) - 0.5 * n * (n + 1.0), std::min(below, 1.0),
            std::min(above, 1.0), static_cast<std::int64_t>(pooled.size())};
}

} // namespace moe
