// The expert kernels, replayed on the processor phase by phase, against the reference: every
// version, every order of the threads, sizes at and beside every boundary.

#include "cuda/replay_launcher.hpp"
#include "cuda/replays.hpp"

#include "basics/aligned_array.hpp"
#include "forward/cuda/expert_launches.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using moe::Activation;
using moe::Architecture;
using moe::RandomStream;
using moe::cuda::DeviceLimits;
using moe::cuda::ExpertBatch;
using moe::cuda::ExpertShape;
using moe::cuda::HostBlock;
using moe::cuda::KernelVersion;
using moe::cuda::ThreadOrder;
using moe::cuda::Tile;
using moe::cuda::test::every_order;
using moe::cuda::test::large_device;
using moe::cuda::test::Problem;
using moe::cuda::test::relative_error;
using moe::cuda::test::ReplayLauncher;
using moe::test::Kind;

namespace {

/// What is found in outputs that nobody wrote: no kernel computes this number.
constexpr float untouched = -123456789.0F;
/// The specification's bound on float32.
constexpr double bound = 1e-5;

/// The launches of one version, on a device of `multiprocessors` that hold one persistent block
/// each.
struct Replay {
    const ExpertShape& shape;
    ThreadOrder order;
    RandomStream& random;
    unsigned multiprocessors = 3;

    void run(KernelVersion version, const ExpertBatch& batch) const {
        DeviceLimits limits = large_device;
        limits.multiprocessors = multiprocessors;
        const std::size_t floats =
            moe::cuda::workspace_bytes(version, shape, limits, batch.tile_count) / sizeof(float);
        moe::AlignedArrayOf<float> workspace(floats + 1); // operator new of 0 bytes aside
        std::fill_n(workspace.data(), floats, std::numeric_limits<float>::quiet_NaN());
        ReplayLauncher launcher(order, random);
        moe::cuda::run_experts(launcher, version, {shape, batch, limits}, workspace.data());
    }
};

/// Runs every version that can on the whole problem and compares; returns how many could.
int check_all(Problem& problem, RandomStream& random, ThreadOrder order,
              unsigned multiprocessors = 3) {
    const ExpertShape& shape = problem.shape.get();
    const std::vector<double> expected = problem.expected();
    std::vector<std::uint32_t> slots(problem.counts.size());
    std::iota(slots.begin(), slots.end(), 0U);
    int ran = 0;
    for (const KernelVersion version : moe::cuda::every_version) {
        if (!moe::cuda::runs(version, shape, large_device)) continue;
        const auto tiles = moe::cuda::cut_tiles(
            slots, problem.counts, 0, moe::cuda::tile_samples(version, shape, large_device));
        std::fill(problem.outputs.begin(), problem.outputs.end(), untouched);
        Replay{shape, order, random, multiprocessors}.run(version, problem.batch(tiles));
        BOOST_TEST_CONTEXT(name(version) << ", order " << static_cast<int>(order)) {
            BOOST_TEST(relative_error(problem.outputs, expected) <= bound);
            BOOST_TEST((std::find(problem.outputs.begin(), problem.outputs.end(), untouched) ==
                        problem.outputs.end()));
        }
        ++ran;
    }
    return ran;
}

} // namespace

BOOST_AUTO_TEST_SUITE(expert_kernels)

BOOST_AUTO_TEST_CASE(all_versions_agree_with_the_reference_at_the_widths_where_tails_begin) {
    RandomStream random(1, 40, 1);
    for (const std::uint32_t width : {1U, 3U, 8U, 17U, 32U, 33U, 64U, 100U}) {
        for (const Activation activation : {Activation::relu, Activation::prelu}) {
            for (const ThreadOrder order : every_order) {
                const auto n = static_cast<std::uint32_t>(1 + random.below(9));
                const auto m = static_cast<std::uint32_t>(1 + random.below(5));
                Problem problem(Architecture::dense(std::array{n, width, width, m}, activation),
                                {1, 7, 40}, random);
                BOOST_TEST(check_all(problem, random, order) == 5);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(full_tiles_and_runs_of_tiles_of_one_expert_agree_with_the_reference) {
    RandomStream random(2, 40, 1);
    for (const ThreadOrder order : every_order) {
        Problem problem(Architecture::dense(std::array{2U, 16U, 16U, 1U}), {300, 128, 0, 129, 5},
                        random);
        BOOST_TEST(check_all(problem, random, order, 2) == 5);
        Problem wide(Architecture::dense(std::array{6U, 64U, 20U, 3U}, Activation::prelu), {257, 1},
                     random);
        BOOST_TEST(check_all(wide, random, order, 2) == 5);
    }
}

BOOST_AUTO_TEST_CASE(depths_from_one_layer_on_and_many_inputs_agree_with_the_reference) {
    RandomStream random(3, 40, 1);
    for (std::uint32_t depth = 1; depth <= 5; ++depth) {
        for (const std::uint32_t n : {1U, 5U, 16U, 64U}) {
            std::vector<std::uint32_t> widths{n};
            for (std::uint32_t j = 1; j < depth; ++j) {
                widths.push_back(static_cast<std::uint32_t>(1 + random.below(24)));
            }
            widths.push_back(depth);
            Problem problem(Architecture::dense(widths, Activation::prelu), {9, 20}, random);
            BOOST_TEST(check_all(problem, random, every_order.at((depth + n) % 3)) == 5);
        }
    }
}

BOOST_AUTO_TEST_CASE(experts_too_large_for_shared_memory_take_the_wide_kernels) {
    RandomStream random(4, 40, 1);
    for (const ThreadOrder order : every_order) {
        Problem problem(Architecture::dense(std::array{10U, 256U, 250U, 2U}), {3, 30}, random);
        BOOST_TEST(check_all(problem, random, order) == 2); // v1 and wide
        BOOST_TEST(
            (moe::cuda::best_version(problem.shape.get(), large_device) == KernelVersion::wide));
    }
}

BOOST_AUTO_TEST_CASE(random_nets_of_every_kind_agree_with_the_reference) {
    RandomStream random(5, 40, 1);
    for (int trial = 0; trial < 120; ++trial) {
        const auto kind = static_cast<Kind>(random.below(4));
        const auto n = static_cast<std::uint32_t>(1 + random.below(12));
        const auto m = static_cast<std::uint32_t>(1 + random.below(5));
        std::vector<std::uint32_t> counts(1 + random.below(6));
        for (auto& count : counts) {
            count = static_cast<std::uint32_t>(random.below(30));
        }
        const Architecture net = moe::test::random_architecture(random, kind, n, m, 40);
        Problem problem(net, counts, random);
        const bool dense = kind == Kind::dense_relu || kind == Kind::dense_prelu;
        const int ran = check_all(problem, random, every_order.at(random.below(3)),
                                  static_cast<unsigned>(1 + random.below(9)));
        BOOST_TEST(ran == (dense ? 5 : 1));
    }
}

BOOST_AUTO_TEST_CASE(lists_longer_than_a_launch_takes_at_once_are_run_in_turn) {
    RandomStream random(13, 40, 1);
    // A single multiprocessor: 16 blocks of v1, one of v3 and v4, and pieces of 2 tiles for wide.
    Problem problem(Architecture::dense(std::array{3U, 9U, 2U}), std::vector<std::uint32_t>(21, 2),
                    random);
    for (const ThreadOrder order : every_order) {
        BOOST_TEST(check_all(problem, random, order, 1) == 5);
    }
}

BOOST_AUTO_TEST_CASE(one_sample_alone_is_a_batch) {
    RandomStream random(6, 40, 1);
    for (const ThreadOrder order : every_order) {
        Problem problem(Architecture::dense(std::array{3U, 32U, 32U, 2U}), {1}, random);
        BOOST_TEST(check_all(problem, random, order) == 5);
    }
}

BOOST_AUTO_TEST_CASE(no_tiles_write_nothing) {
    RandomStream random(7, 40, 1);
    Problem problem(Architecture::dense(std::array{3U, 8U, 2U}), {4}, random);
    std::fill(problem.outputs.begin(), problem.outputs.end(), untouched);
    for (const KernelVersion version : moe::cuda::every_version) {
        Replay{problem.shape.get(), ThreadOrder::ascending, random}.run(version, problem.batch({}));
    }
    BOOST_TEST((std::count(problem.outputs.begin(), problem.outputs.end(), untouched) == 8));
}

BOOST_AUTO_TEST_CASE(only_the_samples_of_the_tiles_are_written) {
    RandomStream random(8, 40, 1);
    Problem problem(Architecture::dense(std::array{2U, 12U, 3U}), {5, 6, 7}, random);
    const std::vector<double> expected = problem.expected();
    const std::array tiles{Tile{.slot = 1, .first = 6, .count = 4}}; // of 5 .. 11
    for (const KernelVersion version : moe::cuda::every_version) {
        std::fill(problem.outputs.begin(), problem.outputs.end(), untouched);
        Replay{problem.shape.get(), ThreadOrder::random, random}.run(version, problem.batch(tiles));
        for (std::size_t at = 0; at < problem.samples.size(); ++at) {
            for (std::size_t i = 0; i < 3; ++i) {
                const std::size_t entry = problem.samples[at] * 3 + i;
                if (at >= 6 && at < 10) {
                    BOOST_TEST(std::abs(static_cast<double>(problem.outputs[entry]) -
                                        expected[entry]) <= 1e-5);
                } else {
                    BOOST_TEST(problem.outputs[entry] == untouched);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_number_stays_in_its_sample_and_goes_through_every_activation) {
    RandomStream random(9, 40, 1);
    for (const Activation activation : {Activation::relu, Activation::prelu}) {
        for (const ThreadOrder order : every_order) {
            // 5, 17 and 3: widths that are padded in shared memory
            Problem problem(Architecture::dense(std::array{5U, 17U, 3U, 2U}, activation), {50},
                            random);
            const auto hit = [&] { return random.below(50) * 5 + random.below(5); };
            for (int k = 0; k < 6; ++k) {
                problem.inputs[hit()] = std::numeric_limits<double>::quiet_NaN();
            }
            BOOST_TEST(check_all(problem, random, order) == 5);
            const std::vector<double> expected = problem.expected();
            BOOST_TEST((std::count_if(expected.begin(), expected.end(),
                                      [](double y) { return std::isnan(y); }) >= 2));
        }
    }
}

BOOST_AUTO_TEST_CASE(an_infinite_input_gives_what_the_reference_gives) {
    RandomStream random(10, 40, 1);
    // One hidden layer: +-infinity and 0 are what its units can take, and their sums are defined or
    // NaN whatever the precision.
    Problem problem(Architecture::dense(std::array{3U, 6U, 1U}), {20}, random);
    for (std::size_t b = 0; b < 20; b += 3) {
        problem.inputs[b * 3 + 1] = b % 2 == 0 ? std::numeric_limits<double>::infinity()
                                               : -std::numeric_limits<double>::infinity();
    }
    const std::vector<double> expected = problem.expected();
    const std::array tiles{Tile{.slot = 0, .first = 0, .count = 8},
                           Tile{.slot = 0, .first = 8, .count = 8},
                           Tile{.slot = 0, .first = 16, .count = 4}};
    for (const KernelVersion version : moe::cuda::every_version) {
        Replay{problem.shape.get(), ThreadOrder::random, random}.run(version, problem.batch(tiles));
        for (std::size_t b = 0; b < 20; ++b) {
            const auto y = static_cast<double>(problem.outputs[b]);
            BOOST_TEST(std::isnan(y) == std::isnan(expected[b]));
            if (std::isfinite(expected[b])) {
                BOOST_TEST(std::abs(y - expected[b]) <= 1e-5);
            } else if (!std::isnan(expected[b])) {
                BOOST_TEST(y == expected[b]);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_fused_kernels_give_the_same_bits_in_every_version_and_order) {
    RandomStream random(11, 40, 1);
    Problem problem(Architecture::dense(std::array{4U, 33U, 20U, 2U}, Activation::prelu),
                    {140, 3, 61}, random);
    const ExpertShape& shape = problem.shape.get();
    const std::vector<std::uint32_t> slots{0, 1, 2};
    std::vector<float> first;
    for (const KernelVersion version : moe::cuda::every_version) {
        const auto tiles = moe::cuda::cut_tiles(
            slots, problem.counts, 0, moe::cuda::tile_samples(version, shape, large_device));
        for (const ThreadOrder order : every_order) {
            for (const unsigned blocks : {1U, 2U, 7U}) {
                Replay{shape, order, random, blocks}.run(version, problem.batch(tiles));
                if (first.empty()) first = problem.outputs;
                BOOST_TEST((problem.outputs == first));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(blocks_meet_as_many_barriers_as_their_headers_say) {
    RandomStream random(12, 40, 1);
    Problem problem(Architecture::dense(std::array{4U, 40U, 20U, 2U}), {10, 10}, random);
    const ExpertShape& shape = problem.shape.get();
    const std::array tiles{Tile{.slot = 0, .first = 0, .count = 10},
                           Tile{.slot = 1, .first = 10, .count = 10}};
    const ExpertBatch batch = problem.batch(tiles);
    const auto plan = moe::cuda::fused_plan(KernelVersion::v4_pipelined, shape, large_device);
    const auto barriers = [&](const auto& kernel) {
        HostBlock block(0, 1, plan.value().threads, plan->bytes, ThreadOrder::ascending, random);
        kernel(block);
        return block.barriers();
    };
    // One tile, or two of two experts: staging and three layers; v4 begins with two phases more and
    // has one more per tile.
    BOOST_TEST(barriers([&](HostBlock& block) { experts_v2(block, batch, plan->memory.tile); }) ==
               4U);
    BOOST_TEST(barriers([&](HostBlock& block) { experts_v3(block, batch, plan->memory.tile); }) ==
               8U);
    BOOST_TEST(barriers([&](HostBlock& block) { experts_v4(block, batch, plan->memory); }) == 12U);
    // 40 inputs are three steps of 16.
    std::vector<float> input(2 * moe::cuda::wide_activations(shape.widest));
    std::vector<float> next(input.size());
    const moe::cuda::WideStep step{1, input.data(), next.data()};
    HostBlock block(0, 2, moe::cuda::wide_threads, moe::cuda::WideTiles::shared_bytes,
                    ThreadOrder::ascending, random);
    moe::cuda::wide_layer<moe::cuda::WideTiles>(block, batch, step);
    BOOST_TEST(block.barriers() == 5U);
}

BOOST_AUTO_TEST_SUITE_END()
