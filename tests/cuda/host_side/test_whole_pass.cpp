// The whole pass on the fake device: the host side that budgets, loads and cuts, and the kernels
// themselves, replayed on what it filled in, against the reference on the processor.

#include "fake_runtime.hpp"

#include "basics/error.hpp"
#include "cuda/gpu_models.hpp"
#include "forward/cuda/plan.hpp"
#include "forward/cuda_forward.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using moe::Architecture;
using moe::CudaForward;
using moe::CudaOptions;
using moe::CudaReport;
using moe::ForwardReport;
using moe::GridTree;
using moe::RandomStream;
using moe::ResidentExperts;
using moe::Router;
using moe::cuda::KernelVersion;
using moe::test::Kind;
using moe::test::RouterKind;
using moe::test::RouterOverGrid;

namespace {

constexpr float untouched = -123456789.0F;

/// 1 to 300 cells: experts few enough to be counted and too many, prototypes for either search.
GridTree random_grid(RandomStream& random) {
    std::vector<std::int64_t> cells(1 + random.below(4), 1);
    const std::uint64_t wanted = random.below(3) == 0 ? 1 + random.below(300) : random.below(30);
    for (std::uint64_t leaves = 1; leaves < wanted;) {
        std::int64_t& axis = cells.at(random.below(cells.size()));
        leaves = leaves / static_cast<std::uint64_t>(axis) * static_cast<std::uint64_t>(axis + 1);
        ++axis;
    }
    return GridTree(cells);
}

/// Uniform, on a face, outside, or on one spot, so that one expert takes many rows.
std::vector<double> random_inputs(RandomStream& random, const GridTree& grid, std::size_t batch) {
    std::vector<double> inputs;
    const bool crowded = random.below(4) == 0;
    for (std::size_t row = 0; row < batch; ++row) {
        const bool in_crowd = crowded && random.below(8) != 0;
        for (const std::int64_t cells : grid.cells_per_axis()) {
            const std::uint64_t kind = random.below(40);
            const auto face = static_cast<double>(random.below(static_cast<std::uint64_t>(cells)));
            inputs.push_back(in_crowd    ? 0.01 * random.uniform()
                             : kind == 0 ? face / static_cast<double>(cells)
                             : kind == 1 ? 3.0 * random.normal()
                                         : random.uniform());
        }
    }
    return inputs;
}

/// A model, a batch, and what the processor answers.
struct Trial {
    RandomStream& random;
    RouterOverGrid rule;
    Architecture net;
    ResidentExperts<float> experts;
    std::vector<double> inputs;
    std::vector<float> expected;
    ForwardReport counted;

    Trial(RandomStream& stream, Kind kind, RouterKind router, std::uint64_t widest,
          std::size_t batch)
        : random(stream)
        , rule(random_grid(stream), router)
        , net(moe::test::random_architecture(
              stream, kind, static_cast<std::uint32_t>(rule.grid.dimension()),
              static_cast<std::uint32_t>(1 + stream.below(4)), widest))
        , experts(net, moe::test::random_floats(stream, net, rule.grid.leaves()))
        , inputs(random_inputs(stream, rule.grid, batch)) {}

    /// To be called once the inputs are final.
    void expect() {
        expected = moe::test::reference_outputs(rule.router, experts, inputs);
        std::vector<float> outputs(expected.size());
        counted = moe::forward<float>(rule.router, experts, inputs, outputs);
    }

    /// From a single expert to more than there are; small buffers cut the batch.
    CudaOptions random_options(KernelVersion version) {
        const std::uint64_t bytes = net.parameters() * sizeof(float);
        const std::uint64_t fit = random.below(3) == 0 ? 1 : 1 + random.below(rule.grid.leaves());
        CudaOptions options;
        options.version = version;
        options.budget_bytes = fit == 1 ? bytes : fit * (bytes + 15) / 16 * 16;
        options.staging_bytes = random.below(5 * bytes);
        options.threads = static_cast<unsigned>(1 + random.below(3));
        return options;
    }

    void check(const CudaReport& report, const std::vector<float>& outputs) const {
        BOOST_TEST((std::ranges::find(outputs, untouched) == outputs.end()));
        BOOST_TEST(difference(outputs) <= 1e-5);
        BOOST_TEST(report.forward.touched_experts == counted.touched_experts);
        BOOST_TEST(report.forward.route_depth_max == counted.route_depth_max);
        BOOST_TEST(report.forward.route_reals_max == counted.route_reals_max);
        BOOST_TEST(report.forward.route_reals_total == counted.route_reals_total);
        BOOST_TEST(report.loads + report.hits >= counted.touched_experts);
    }

    /// Over the numbers; infinite unless there is a number exactly where one is expected.
    [[nodiscard]] double difference(const std::vector<float>& outputs) const {
        std::vector<float> numbers;
        std::vector<float> wanted;
        for (std::size_t k = 0; k < expected.size(); ++k) {
            if (std::isnan(expected[k]) != std::isnan(outputs[k]))
                return std::numeric_limits<double>::infinity();
            if (std::isnan(expected[k])) continue;
            numbers.push_back(outputs[k]);
            wanted.push_back(expected[k]);
        }
        return moe::test::relative_difference(numbers, wanted);
    }
};

/// Two passes of every kernel that runs these experts on the device as it is; counts them by name.
void run_all(Trial& trial, std::map<std::string, int>& ran) {
    for (const KernelVersion version : moe::cuda::every_version) {
        BOOST_TEST_CONTEXT(moe::cuda::name(version)) {
            CudaOptions options = trial.random_options(version);
            try {
                CudaForward forward(trial.rule.router, trial.experts, options);
                std::vector<float> outputs(trial.expected.size(), untouched);
                const CudaReport first = forward.forward(trial.inputs, outputs);
                trial.check(first, outputs);
                BOOST_TEST(first.peak_expert_bytes <= options.budget_bytes);
                // A second pass finds experts in their slots.
                std::fill(outputs.begin(), outputs.end(), untouched);
                trial.check(forward.forward(trial.inputs, outputs), outputs);
                options.batch_bytes = first.peak_batch_bytes - 1;
                if (trial.counted.acquisitions > 0 &&
                    trial.inputs.size() / trial.net.inputs() > 600) {
                    CudaForward sliced(trial.rule.router, trial.experts, options);
                    std::fill(outputs.begin(), outputs.end(), untouched);
                    const CudaReport report = sliced.forward(trial.inputs, outputs);
                    trial.check(report, outputs);
                    BOOST_TEST(report.slices > 1U);
                    ran["slices"] += static_cast<int>(report.slices);
                }
                ++ran[moe::cuda::name(version)];
            } catch (const std::invalid_argument&) {
                BOOST_TEST((version != KernelVersion::v1_thread_per_sample));
            }
        }
    }
}

/// What the devices are like: one as large as an H200's, one of compute capability 8.6, and one on
/// which hardly any expert fits into shared memory.
void choose_device(RandomStream& random) {
    constexpr std::array shared{227 * 1024, 99 * 1024, 12 * 1024};
    moe::test::reset_fake_device(random.below(1000));
    moe::test::set_fake_device_size(static_cast<int>(1 + random.below(6)),
                                    shared.at(random.below(3)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(slow_whole_pass)

BOOST_AUTO_TEST_CASE(random_models_give_the_outputs_of_the_reference_in_every_kernel) {
    RandomStream random(1, 53, 1);
    std::map<std::string, int> ran;
    for (int trial = 0; trial < 320; ++trial) {
        choose_device(random);
        constexpr std::array<std::size_t, 6> batches{0, 1, 2, 40, 300, 900};
        Trial model(random, static_cast<Kind>(random.below(4)),
                    moe::test::every_router[random.below(4)], 40, batches.at(random.below(6)));
        model.expect();
        BOOST_TEST_CONTEXT("trial " << trial) {
            run_all(model, ran);
        }
    }
    for (const KernelVersion version : moe::cuda::every_version) {
        BOOST_TEST(ran[moe::cuda::name(version)] >= 100);
    }
    BOOST_TEST(ran["slices"] >= 100);
    BOOST_TEST(moe::test::fake_device_leftovers() == 0U);
}

BOOST_AUTO_TEST_CASE(wide_experts_and_full_tiles_give_the_outputs_of_the_reference) {
    RandomStream random(2, 53, 1);
    std::map<std::string, int> ran;
    for (int trial = 0; trial < 12; ++trial) {
        choose_device(random);
        Trial model(random, trial % 2 == 0 ? Kind::dense_relu : Kind::dense_prelu,
                    moe::test::every_router[trial % 4], 150, 700);
        model.expect();
        BOOST_TEST_CONTEXT("trial " << trial) {
            run_all(model, ran);
        }
    }
    BOOST_TEST(ran["wide"] == 12);
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_routed_and_computed_as_on_the_processor) {
    RandomStream random(3, 53, 1);
    std::map<std::string, int> ran;
    for (int trial = 0; trial < 60; ++trial) {
        choose_device(random);
        Trial model(random, static_cast<Kind>(random.below(4)), moe::test::every_router[trial % 4],
                    20, 100);
        for (int k = 0; k < 10; ++k) {
            model.inputs[random.below(model.inputs.size())] =
                std::numeric_limits<double>::quiet_NaN();
            model.inputs[random.below(model.inputs.size())] = -0.0;
        }
        model.expect();
        BOOST_TEST_CONTEXT("trial " << trial) {
            run_all(model, ran);
        }
    }
}

BOOST_AUTO_TEST_CASE(leaves_that_are_kept_are_found_among_all_others) {
    RandomStream random(4, 53, 1);
    for (int trial = 0; trial < 60; ++trial) {
        choose_device(random);
        const GridTree grid = random_grid(random);
        const auto n = static_cast<std::uint32_t>(grid.dimension());
        std::vector<std::uint64_t> kept;
        for (std::uint64_t leaf = 0; leaf < grid.leaves(); ++leaf) {
            if (random.below(3) == 0 || leaf + 1 == grid.leaves()) kept.push_back(leaf);
        }
        std::vector<double> inputs;
        for (int row = 0; row < 200; ++row) {
            const std::vector<double> centre = grid.centre(kept[random.below(kept.size())]);
            inputs.insert(inputs.end(), centre.begin(), centre.end());
        }
        const Architecture net = Architecture::dense(std::array{n, 7U, 2U});
        ResidentExperts<float> experts(net, moe::test::random_floats(random, net, kept.size()));
        const Router router(grid, moe::SlotMap(kept));
        const auto expected = moe::test::reference_outputs(router, experts, inputs);
        CudaForward forward(router, experts);
        std::vector<float> outputs(expected.size(), untouched);
        (void)forward.forward(inputs, outputs);
        BOOST_TEST(moe::test::relative_difference(outputs, expected) <= 1e-5);

        // A row elsewhere is refused, as on the processor.
        for (std::uint64_t leaf = 0; leaf < grid.leaves(); ++leaf) {
            if (std::ranges::binary_search(kept, leaf)) continue;
            const std::vector<double> centre = grid.centre(leaf);
            std::ranges::copy(centre,
                              inputs.begin() + static_cast<std::ptrdiff_t>(n * random.below(200)));
            BOOST_CHECK_THROW((void)forward.forward(inputs, outputs), moe::InputError);
            break;
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
