#include "basics/random.hpp"
#include "forward/grouping.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

BOOST_AUTO_TEST_SUITE(grouping)

BOOST_AUTO_TEST_CASE(groups_are_ascending_by_expert_and_row_for_few_and_for_many_experts) {
    moe::RandomStream random(1, 5, 1);
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    for (const std::uint64_t experts :
         {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{300}, std::uint64_t{1} << 13U,
          std::uint64_t{1} << 21U, std::uint64_t{1} << 40U, most}) { // 13, 21: one bit left over
        for (const std::size_t batch : {0U, 1U, 2U, 50U, 1000U}) {
            std::vector<std::uint64_t> expert_of(batch);
            std::map<std::uint64_t, std::vector<std::uint32_t>> expected;
            for (std::uint32_t row = 0; row < batch; ++row) {
                // A few large indices, so that some experts repeat.
                expert_of[row] = random.below(2) == 0 ? random.below(experts)
                                                      : experts - 1 - random.below(experts) % 3;
                expected[expert_of[row]].push_back(row);
            }
            const moe::Grouping grouping = moe::group_by_expert(expert_of, experts);
            BOOST_REQUIRE(grouping.experts.size() == expected.size());
            BOOST_REQUIRE(grouping.starts.size() == expected.size() + 1);
            BOOST_TEST(grouping.samples.size() == batch);
            std::size_t group = 0;
            for (const auto& [expert, rows] : expected) {
                BOOST_TEST(grouping.experts[group] == expert);
                const auto first = grouping.samples.begin();
                const std::vector<std::uint32_t> got(
                    first + static_cast<std::ptrdiff_t>(grouping.starts[group]),
                    first + static_cast<std::ptrdiff_t>(grouping.starts[group + 1]));
                BOOST_TEST((got == rows));
                ++group;
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(large_batches_are_grouped_alike_on_any_number_of_threads) {
    moe::RandomStream random(2, 5, 1);
    const std::size_t batch = 100003; // several blocks of rows, the last one short
    for (const std::uint64_t experts : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{8192},
                                        std::uint64_t{8193}, std::uint64_t{1} << 33U}) {
        std::vector<std::uint64_t> expert_of(batch);
        for (auto& expert : expert_of) {
            expert = random.below(experts);
        }
        std::vector<std::uint32_t> rows(batch);
        std::iota(rows.begin(), rows.end(), 0U);
        std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
            return expert_of[a] < expert_of[b];
        });
        for (const unsigned threads : {1U, 2U, 5U}) {
            const moe::Grouping grouping = moe::group_by_expert(expert_of, experts, threads);
            BOOST_TEST((grouping.samples == rows));
            BOOST_REQUIRE(grouping.starts.size() == grouping.experts.size() + 1);
            BOOST_TEST(grouping.starts.back() == batch);
            bool same = true;
            for (std::size_t g = 0; g < grouping.experts.size(); ++g) {
                same = same && grouping.starts[g] < grouping.starts[g + 1];
                for (std::size_t k = grouping.starts[g]; k < grouping.starts[g + 1]; ++k) {
                    same = same && expert_of[grouping.samples[k]] == grouping.experts[g];
                }
            }
            BOOST_TEST(same);
            BOOST_TEST(std::is_sorted(grouping.experts.begin(), grouping.experts.end()));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
