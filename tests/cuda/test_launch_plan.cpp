// What launches need: which kernel, how many samples per tile, how much memory.

#include "cuda/replays.hpp"

#include "forward/cuda/experts_wide.hpp"
#include "forward/cuda/fused_plan.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

using moe::Architecture;
using moe::RandomStream;
using moe::cuda::DeviceLimits;
using moe::cuda::ExpertShape;
using moe::cuda::FusedPlan;
using moe::cuda::KernelVersion;
using moe::cuda::Tile;
using moe::cuda::test::HostShape;
using moe::cuda::test::large_device;

namespace {

/// What every device of compute capability 8.6 has.
constexpr DeviceLimits small_device{
    .multiprocessors = 30, .shared_per_block = 101376, .shared_per_multiprocessor = 102400};

constexpr std::array fused_versions{KernelVersion::v2_tile_in_shared, KernelVersion::v3_persistent,
                                    KernelVersion::v4_pipelined};

Architecture square(std::uint32_t n, std::uint32_t width, std::uint32_t hidden) {
    std::vector<std::uint32_t> widths(hidden + 1, width);
    widths.front() = n;
    widths.push_back(1);
    return Architecture::dense(widths);
}

KernelVersion best(const Architecture& architecture, const DeviceLimits& limits) {
    return moe::cuda::best_version(HostShape(architecture).get(), limits);
}

} // namespace

BOOST_AUTO_TEST_SUITE(launch_plan)

BOOST_AUTO_TEST_CASE(a_fused_plan_keeps_within_the_limits_and_its_own_layout) {
    RandomStream random(1, 44, 1);
    for (int trial = 0; trial < 300; ++trial) {
        const Architecture net = moe::test::random_architecture(
            random, moe::test::Kind::dense_prelu, static_cast<std::uint32_t>(1 + random.below(64)),
            static_cast<std::uint32_t>(1 + random.below(5)), 128);
        const HostShape shape(net);
        for (const DeviceLimits& limits : {small_device, large_device}) {
            for (const KernelVersion version : fused_versions) {
                const auto plan = moe::cuda::fused_plan(version, shape.get(), limits);
                BOOST_TEST(plan.has_value() == moe::cuda::runs(version, shape.get(), limits));
                if (!plan) continue;
                BOOST_TEST(plan->bytes <= limits.shared_per_block);
                BOOST_TEST(plan->bytes >= net.parameters() * sizeof(float));
                BOOST_TEST(plan->memory.tile.samples % 8 == 0U);
                BOOST_TEST(plan->memory.tile.weights % 4 == 0U);
                BOOST_TEST(plan->threads % 32 == 0U);
                BOOST_TEST(plan->threads <= moe::cuda::fused_threads);
                BOOST_TEST(moe::cuda::tile_samples(version, shape.get(), limits) ==
                           plan->memory.tile.samples);
                BOOST_TEST(moe::cuda::workspace_bytes(version, shape.get(), limits, 1000) == 0U);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(experts_take_the_kernels_that_are_meant_for_their_width) {
    for (const auto& [n, width] : {std::pair{2U, 16U}, {8U, 32U}, {8U, 64U}}) {
        BOOST_TEST((best(square(n, width, 2), large_device) == KernelVersion::v4_pipelined));
    }
    // 64 rows of inputs under way would cost a resident block: v3 hides waits by blocks instead.
    BOOST_TEST((best(square(64, 64, 2), large_device) == KernelVersion::v3_persistent));
    BOOST_TEST((best(square(64, 256, 2), large_device) == KernelVersion::wide));
    BOOST_TEST((best(square(64, 256, 2), small_device) == KernelVersion::wide));
}

BOOST_AUTO_TEST_CASE(a_block_of_width_64_shares_its_multiprocessor) {
    const Architecture net = square(8, 64, 2);
    const HostShape shape(net);
    const auto plan = [&](KernelVersion version) {
        return moe::cuda::fused_plan(version, shape.get(), large_device).value();
    };
    for (const auto version : {KernelVersion::v2_tile_in_shared, KernelVersion::v3_persistent}) {
        BOOST_TEST(plan(version).memory.tile.samples == 128U);
        BOOST_TEST(plan(version).threads == 256U);
        BOOST_TEST(plan(version).resident == 512U);
    }
    // The second expert and the inputs under way are paid for with samples.
    BOOST_TEST(plan(KernelVersion::v4_pipelined).memory.tile.samples == 96U);
    BOOST_TEST(plan(KernelVersion::v4_pipelined).resident == 384U);
}

BOOST_AUTO_TEST_CASE(sparse_experts_run_in_the_first_version_only) {
    RandomStream random(2, 44, 1);
    const Architecture net =
        moe::test::random_architecture(random, moe::test::Kind::sparse_relu, 3, 1, 8);
    const HostShape shape(net);
    BOOST_TEST((moe::cuda::best_version(shape.get(), large_device) ==
                KernelVersion::v1_thread_per_sample));
    for (const KernelVersion version : moe::cuda::every_version) {
        BOOST_TEST(moe::cuda::runs(version, shape.get(), large_device) ==
                   (version == KernelVersion::v1_thread_per_sample));
    }
    BOOST_CHECK_EXCEPTION(
        (void)moe::cuda::tile_samples(KernelVersion::wide, shape.get(), large_device),
        std::invalid_argument, [](const std::invalid_argument& error) {
            const std::string message = error.what();
            return message.find("wide") != std::string::npos &&
                   message.find("sparse") != std::string::npos;
        });
}

BOOST_AUTO_TEST_CASE(the_workspace_is_bounded_whatever_the_number_of_tiles) {
    for (const std::uint32_t width : {1U, 256U, 100000U}) {
        const Architecture net = Architecture::dense(std::array{2U, width, 1U});
        const HostShape shape(net);
        for (const auto version : {KernelVersion::v1_thread_per_sample, KernelVersion::wide}) {
            const auto bytes = [&](std::uint32_t tiles) {
                return moe::cuda::workspace_bytes(version, shape.get(), large_device, tiles);
            };
            // Two buffers of 128 samples per tile.
            const std::size_t of_one = std::size_t{2} * 128 * std::max(width, 2U) * sizeof(float);
            BOOST_TEST(bytes(0) == 0U);
            BOOST_TEST(bytes(1) == of_one);
            BOOST_TEST(bytes(2) == 2 * of_one);
            BOOST_TEST(bytes(1U << 30U) <= std::max(of_one, std::size_t{256} << 20U));
        }
    }
}

BOOST_AUTO_TEST_CASE(tiles_cover_every_sample_once_and_are_even) {
    RandomStream random(3, 44, 1);
    for (int trial = 0; trial < 500; ++trial) {
        const auto most = static_cast<std::uint32_t>(1 + random.below(130));
        const auto start = static_cast<std::uint32_t>(random.below(1000));
        std::vector<std::uint32_t> slots(random.below(8));
        std::vector<std::uint32_t> counts(slots.size());
        for (std::size_t g = 0; g < slots.size(); ++g) {
            slots[g] = static_cast<std::uint32_t>(random.below(100));
            counts[g] = static_cast<std::uint32_t>(random.below(600));
        }
        const auto tiles = moe::cuda::cut_tiles(slots, counts, start, most);
        auto tile = tiles.begin();
        std::uint32_t at = start;
        for (std::size_t g = 0; g < slots.size(); ++g) {
            std::uint32_t smallest = most;
            std::uint32_t largest = 0;
            std::uint32_t pieces = 0;
            for (const std::uint32_t end = at + counts[g]; at < end; ++tile, ++pieces) {
                BOOST_REQUIRE((tile != tiles.end()));
                BOOST_TEST(tile->slot == slots[g]);
                BOOST_TEST(tile->first == at);
                smallest = std::min(smallest, tile->count);
                largest = std::max(largest, tile->count);
                at += tile->count;
            }
            BOOST_TEST(largest <= most);
            BOOST_TEST(pieces == (counts[g] + most - 1) / most);
            BOOST_TEST((counts[g] == 0 || largest - smallest <= 1));
        }
        BOOST_TEST((tile == tiles.end()));
    }
}

BOOST_AUTO_TEST_CASE(tiles_of_nothing_and_lists_that_differ_are_refused) {
    const std::vector<std::uint32_t> two{1, 2};
    const std::vector<std::uint32_t> one{1};
    BOOST_CHECK_THROW((void)moe::cuda::cut_tiles(two, two, 0, 0), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::cuda::cut_tiles(two, one, 0, 8), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
