#include "store/expert_store.hpp"

#include "store/sample_models.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

using moe::ExpertStore;
using moe::ModelPlan;
using moe::StoreCounters;
using moe::test::ScratchFolder;

namespace {

bool same(std::span<const double> values, const std::vector<double>& expected) {
    return std::equal(values.begin(), values.end(), expected.begin(), expected.end());
}

} // namespace

BOOST_AUTO_TEST_SUITE(expert_store_threads)

BOOST_AUTO_TEST_CASE(threads_that_share_a_small_budget_all_get_the_right_experts) {
    const ScratchFolder folder;
    const ModelPlan plan{moe::test::dense_net(), 8};
    const auto weights = moe::test::write_model<double>(folder.file("model"), plan);
    constexpr unsigned threads = 6;
    constexpr std::uint64_t rounds = 2000;
    for (const std::uint64_t capacity : {1U, 2U, 3U, 8U}) {
        ExpertStore<double> store(folder.file("model"), 104 * capacity);
        std::atomic<std::uint64_t> wrong = 0;
        {
            std::vector<std::jthread> workers;
            for (unsigned t = 0; t < threads; ++t) {
                workers.emplace_back([&, t] {
                    moe::RandomStream random(1, 0, t);
                    for (std::uint64_t round = 0; round < rounds; ++round) {
                        const std::uint64_t expert = random.below(8);
                        const auto lease = store.acquire(expert);
                        if (!same(lease.parameters(), weights[expert])) ++wrong;
                    }
                });
            }
        }
        const StoreCounters counters = store.counters();
        BOOST_TEST(wrong == 0U);
        BOOST_TEST(counters.loads + counters.hits == threads * rounds);
        BOOST_TEST(counters.loads == counters.evictions + counters.resident_experts);
        BOOST_TEST(counters.parameters_read == 13 * counters.loads);
        BOOST_TEST(counters.peak_resident_experts == capacity);
        BOOST_TEST(counters.peak_resident_parameters == 13 * capacity);
    }
}

BOOST_AUTO_TEST_CASE(an_acquisition_waits_until_another_thread_gives_its_expert_back) {
    const ScratchFolder folder;
    const ModelPlan plan{moe::test::dense_net(), 2};
    const auto weights = moe::test::write_model<double>(folder.file("model"), plan);
    ExpertStore<double> store(folder.file("model"), 104);
    auto lease = store.acquire(0);
    std::atomic<bool> acquired = false;
    bool right = false;
    std::jthread other([&] {
        const auto second = store.acquire(1);
        acquired = true;
        right = same(second.parameters(), weights[1]);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    BOOST_TEST(!acquired);
    BOOST_TEST(same(lease.parameters(), weights[0]));
    lease.release();
    other.join();
    BOOST_TEST(right);
}

BOOST_AUTO_TEST_CASE(of_two_threads_that_wait_for_each_other_one_is_told_and_the_other_goes_on) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), {moe::test::dense_net(), 4});
    ExpertStore<double> store(folder.file("model"), 2 * 104);
    for (int round = 0; round < 50; ++round) {
        std::latch both_hold(2);
        std::atomic<int> told = 0;
        std::atomic<int> served = 0;
        const auto greedy = [&](std::uint64_t first, std::uint64_t second) {
            const auto held = store.acquire(first);
            both_hold.arrive_and_wait();
            try {
                const auto more = store.acquire(second);
                ++served;
            } catch (const std::logic_error&) {
                ++told;
            }
        };
        {
            const std::jthread a(greedy, 0, 2);
            const std::jthread b(greedy, 1, 3);
        }
        BOOST_TEST(told == 1);
        BOOST_TEST(served == 1);
    }
}

BOOST_AUTO_TEST_CASE(one_load_serves_all_threads_that_want_the_same_expert) {
    // 2 MiB an expert, so that threads find it being loaded.
    const ScratchFolder folder;
    const ModelPlan plan{moe::Architecture::dense(std::array{512U, 511U}), 1};
    const auto weights = moe::test::write_model<double>(folder.file("model"), plan);
    for (int round = 0; round < 10; ++round) {
        ExpertStore<double> store(folder.file("model"), 8 * weights[0].size());
        std::atomic<int> wrong = 0;
        {
            std::latch start(4);
            std::vector<std::jthread> workers;
            workers.reserve(4);
            for (int t = 0; t < 4; ++t) {
                workers.emplace_back([&] {
                    start.arrive_and_wait();
                    const auto lease = store.acquire(0);
                    if (!same(lease.parameters(), weights[0])) ++wrong;
                });
            }
        }
        BOOST_TEST(wrong == 0);
        BOOST_TEST(store.counters().loads == 1U);
        BOOST_TEST(store.counters().hits == 3U);
    }
}

BOOST_AUTO_TEST_CASE(routes_are_counted_from_all_threads) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), moe::test::tree_plan());
    const ExpertStore<double> store(folder.file("model"), 104);
    std::atomic<std::uint64_t> reals = 0;
    {
        std::vector<std::jthread> workers;
        for (unsigned t = 0; t < 4; ++t) {
            workers.emplace_back([&, t] {
                moe::RandomStream random(2, 0, t);
                for (int i = 0; i < 500; ++i) {
                    const std::array x{random.uniform(), random.uniform()};
                    reals += static_cast<std::uint64_t>(store.route(x).reals_read);
                }
            });
        }
    }
    BOOST_TEST(store.counters().routes == 2000U);
    BOOST_TEST(store.counters().router_reals_read == reals);
}

BOOST_AUTO_TEST_SUITE_END()
