// Grouping, by counting and by sorting, replayed on the processor, against group_by_expert.

#include "cuda/replay_launcher.hpp"
#include "cuda/replays.hpp"

#include "forward/grouping.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>

using moe::RandomStream;
using moe::cuda::CountingPlan;
using moe::cuda::HostBlock;
using moe::cuda::ThreadOrder;
using moe::cuda::test::every_order;
using moe::cuda::test::ReplayLauncher;

namespace {

struct Groups {
    std::vector<std::uint32_t> samples;
    std::vector<std::uint32_t> touched;
    std::vector<std::uint32_t> counts;
};

/// The launches of a grouping, with plain sums and sorts in place of CUB's.
Groups grouped(const std::vector<std::uint32_t>& expert_of, std::uint64_t experts,
               ThreadOrder order, RandomStream& random) {
    constexpr std::uint32_t unwritten = 0xFFFFFFFFU;
    const std::size_t most = std::min<std::size_t>(expert_of.size(), experts);
    Groups groups{std::vector<std::uint32_t>(expert_of.size(), unwritten),
                  std::vector<std::uint32_t>(most), std::vector<std::uint32_t>(most)};
    std::uint32_t touched = unwritten;
    ReplayLauncher launcher(order, random);
    std::vector<std::byte> scratch(
        moe::cuda::group_scratch(launcher, nullptr, expert_of.size(), experts).bytes);
    moe::cuda::run_group(
        launcher, expert_of.data(), expert_of.size(), experts,
        {groups.samples.data(), groups.touched.data(), groups.counts.data(), &touched}, scratch);
    groups.touched.resize(touched);
    groups.counts.resize(touched);
    return groups;
}

void agrees(const std::vector<std::uint32_t>& expert_of, std::uint64_t experts,
            RandomStream& random) {
    const moe::Grouping expected = moe::group_by_expert(
        std::vector<std::uint64_t>(expert_of.begin(), expert_of.end()), experts);
    for (const ThreadOrder order : every_order) {
        const Groups groups = grouped(expert_of, experts, order, random);
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

BOOST_AUTO_TEST_CASE(sorting_gives_the_order_of_the_processor) {
    RandomStream random(4, 42, 1);
    for (int trial = 0; trial < 60; ++trial) {
        // 2^k and one more: the bits that the sort looks at end there.
        const std::uint64_t power = std::uint64_t{1} << (6 + random.below(27));
        const std::uint64_t experts = std::min(power + random.below(2), std::uint64_t{0xFFFFFFFFU});
        if (moe::cuda::counts_rows(experts)) continue;
        std::vector<std::uint32_t> expert_of(1 + random.below(3000));
        for (auto& expert : expert_of) {
            expert = static_cast<std::uint32_t>(random.below(2) == 0 ? experts - 1
                                                                     : random.below(experts));
        }
        agrees(expert_of, experts, random);
    }
}

BOOST_AUTO_TEST_CASE(no_rows_and_too_little_scratch_are_refused) {
    RandomStream random(5, 42, 1);
    ReplayLauncher launcher(ThreadOrder::ascending, random);
    for (const std::uint64_t experts : {5U, 500U}) {
        const std::vector<std::uint32_t> expert_of(100, 1);
        const std::size_t needed =
            moe::cuda::group_scratch(launcher, nullptr, expert_of.size(), experts).bytes;
        std::vector<std::byte> scratch(needed - 1);
        const auto run = [&](std::size_t batch) {
            moe::cuda::run_group(launcher, expert_of.data(), batch, experts, {}, scratch);
        };
        BOOST_CHECK_THROW(run(100), std::invalid_argument);
        BOOST_CHECK_THROW(run(0), std::invalid_argument);
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
