// Grouping by counting, replayed on the processor, against group_by_expert.

#include "cuda/replays.hpp"

#include "forward/cuda/group_kernels.hpp"
#include "forward/grouping.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>

using moe::RandomStream;
using moe::cuda::CountingPlan;
using moe::cuda::HostBlock;
using moe::cuda::ThreadOrder;
using moe::cuda::test::every_order;

namespace {

struct Groups {
    std::vector<std::uint32_t> samples;
    std::vector<std::uint32_t> touched;
    std::vector<std::uint32_t> counts;
};

/// The launches of group_by_counting, with a plain sum in place of CUB's scan.
Groups by_counting(const std::vector<std::uint32_t>& expert_of, std::uint64_t experts,
                   ThreadOrder order, RandomStream& random) {
    const CountingPlan plan = moe::cuda::counting_plan(expert_of.size(), experts);
    constexpr std::uint32_t unwritten = 0xFFFFFFFFU;
    std::vector<std::uint32_t> table(plan.columns() * experts, unwritten);
    std::vector<std::uint32_t> starts(table.size());
    Groups groups{std::vector<std::uint32_t>(expert_of.size(), unwritten),
                  std::vector<std::uint32_t>(experts), std::vector<std::uint32_t>(experts)};
    std::uint32_t touched = unwritten;
    moe::cuda::replay(
        plan.blocks, moe::cuda::count_threads, plan.shared_bytes(), order, random,
        [&](HostBlock& block) { count_rows(block, expert_of.data(), plan, table.data()); });
    std::exclusive_scan(table.begin(), table.end(), starts.begin(), 0U);
    moe::cuda::replay(plan.blocks, moe::cuda::count_threads, plan.shared_bytes(), order, random,
                      [&](HostBlock& block) {
                          place_rows(block, expert_of.data(), plan, starts.data(),
                                     groups.samples.data());
                      });
    moe::cuda::replay(1, moe::cuda::count_threads, moe::cuda::most_counted * sizeof(std::uint32_t),
                      order, random, [&](HostBlock& block) {
                          list_touched(block, plan, starts.data(), groups.touched.data(),
                                       groups.counts.data(), &touched);
                      });
    groups.touched.resize(touched);
    groups.counts.resize(touched);
    return groups;
}

void agrees(const std::vector<std::uint32_t>& expert_of, std::uint64_t experts,
            RandomStream& random) {
    const moe::Grouping expected = moe::group_by_expert(
        std::vector<std::uint64_t>(expert_of.begin(), expert_of.end()), experts);
    for (const ThreadOrder order : every_order) {
        const Groups groups = by_counting(expert_of, experts, order, random);
        BOOST_TEST((groups.samples == expected.samples));
        BOOST_TEST((std::vector<std::uint64_t>(groups.touched.begin(), groups.touched.end()) ==
                    expected.experts));
        BOOST_TEST(groups.counts.size() + 1 == expected.starts.size());
        for (std::size_t g = 0; g < groups.counts.size(); ++g) {
            BOOST_TEST(groups.counts[g] == expected.starts[g + 1] - expected.starts[g]);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(group_kernels)

BOOST_AUTO_TEST_CASE(counting_gives_the_order_of_the_processor) {
    RandomStream random(1, 42, 1);
    for (int trial = 0; trial < 60; ++trial) {
        const std::uint64_t experts = 1 + random.below(moe::cuda::most_counted);
        const std::uint64_t used = 1 + random.below(experts);
        std::vector<std::uint32_t> expert_of(1 + random.below(trial % 4 == 0 ? 50 : 20000));
        for (auto& expert : expert_of) {
            expert = static_cast<std::uint32_t>(random.below(used));
        }
        BOOST_TEST(moe::cuda::counts_rows(experts));
        agrees(expert_of, experts, random);
    }
}

BOOST_AUTO_TEST_CASE(batches_that_fill_a_block_exactly_or_miss_one_row_are_grouped) {
    RandomStream random(2, 42, 1);
    for (const std::size_t batch : {1U, 2047U, 2048U, 2049U, 4096U}) {
        agrees(std::vector<std::uint32_t>(batch, 0), 1, random);
        std::vector<std::uint32_t> last(batch, 0);
        last.back() = 1;
        if (batch >= 2) agrees(last, 2, random);
    }
}

BOOST_AUTO_TEST_CASE(the_table_of_counts_is_not_much_larger_than_the_batch) {
    for (std::uint64_t experts = 1; experts <= moe::cuda::most_counted; ++experts) {
        for (const std::size_t batch : {std::size_t{64}, std::size_t{100000}}) {
            const CountingPlan plan = moe::cuda::counting_plan(batch, experts);
            const std::size_t threads = plan.columns();
            BOOST_TEST(threads * plan.run >= batch);
            // One block more than rows, each with a column per thread.
            BOOST_TEST(threads * experts <= batch + moe::cuda::count_threads * experts);
        }
    }
}

BOOST_AUTO_TEST_CASE(rows_are_numbered) {
    RandomStream random(3, 42, 1);
    for (const ThreadOrder order : every_order) {
        std::vector<std::uint32_t> rows(1000, 7);
        moe::cuda::replay(3, 64, 0, order, random,
                          [&](HostBlock& block) { number_rows(block, rows.size(), rows.data()); });
        std::vector<std::uint32_t> expected(1000);
        std::iota(expected.begin(), expected.end(), 0U);
        BOOST_TEST((rows == expected));
    }
}

BOOST_AUTO_TEST_SUITE_END()
