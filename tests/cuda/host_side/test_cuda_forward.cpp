// The host side of the pass on a GPU, on a fake runtime that does the streams' work as late or as
// early as their events allow: budgets, waves, slices and failures without a GPU.

#include "fake_runtime.hpp"

#include "basics/error.hpp"
#include "cuda/failing_source.hpp"
#include "cuda/gpu_models.hpp"
#include "forward/cuda/device.hpp"
#include "forward/cuda/device_error.hpp"
#include "forward/cuda/plan.hpp"
#include "forward/cuda_forward.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using moe::Architecture;
using moe::CudaForward;
using moe::CudaOptions;
using moe::CudaReport;
using moe::RandomStream;
using moe::ResidentExperts;
using moe::Router;
using moe::test::Kind;
using moe::test::RouterOverGrid;

namespace {

template<class Error, class Call>
void refuses(const Call& call, const std::string& part) {
    BOOST_CHECK_EXCEPTION(call(), Error, [&](const Error& error) {
        BOOST_TEST_MESSAGE(error.what());
        return std::string(error.what()).find(part) != std::string::npos;
    });
}

/// 42 experts of 2-5-1 behind a grid, and inputs that touch all of them.
struct Model {
    RandomStream random{1, 51, 1};
    Architecture net = Architecture::dense(std::array{2U, 5U, 1U});
    Router router{moe::GridTree({7, 6})};
    ResidentExperts<float> experts{net, moe::test::random_floats(random, net, 42)};
    std::vector<double> inputs = moe::test::uniform_numbers(random, 2 * 1500);
    std::vector<float> expected = moe::test::reference_outputs(router, experts, inputs);
    std::uint64_t expert_bytes = net.parameters() * sizeof(float);

    [[nodiscard]] CudaOptions budget(std::uint64_t experts_that_fit) const {
        CudaOptions options;
        const std::uint64_t stride = (expert_bytes + 15) / 16 * 16;
        options.budget_bytes = (experts_that_fit - 1) * stride + expert_bytes;
        return options;
    }
    CudaReport run(CudaForward& forward) const {
        std::vector<float> outputs(expected.size(), -1.0F);
        const CudaReport report = forward.forward(inputs, outputs);
        BOOST_TEST(moe::test::relative_difference(outputs, expected) <= 1e-6);
        return report;
    }
};

/// Names an architecture and has no expert.
class EmptySource final : public moe::ExpertSource<float> {
  public:
    explicit EmptySource(Architecture net)
        : net_(std::move(net)) {}
    [[nodiscard]] const Architecture& architecture() const override { return net_; }
    [[nodiscard]] std::uint64_t experts() const override { return 0; }
    [[nodiscard]] moe::ExpertLease<float> acquire(std::uint64_t /*expert*/) override {
        throw std::out_of_range("there is none");
    }

  private:
    void give_back(std::uint64_t /*expert*/) noexcept override {}
    Architecture net_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(cuda_forward)

BOOST_AUTO_TEST_CASE(budgets_from_one_expert_to_all_give_the_same_outputs_at_their_price) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        for (const std::uint64_t fit : {1U, 2U, 3U, 5U, 20U, 41U, 42U, 100U}) {
            moe::test::reset_fake_device(seed);
            const Model model;
            Model& source = const_cast<Model&>(model); // NOLINT: leases do not change it
            CudaOptions options = model.budget(fit);
            options.staging_bytes = seed % 2 == 0 ? 1 : 300; // one expert, or three
            options.threads = 1 + static_cast<unsigned>(seed % 3);
            CudaForward forward(model.router, source.experts, options);
            const CudaReport first = model.run(forward);
            const CudaReport second = model.run(forward);
            const std::uint64_t kept = std::min<std::uint64_t>(fit, 42);
            BOOST_TEST(first.loads == 42U);
            BOOST_TEST(first.hits == 0U);
            BOOST_TEST(first.evictions == 42 - kept);
            BOOST_TEST(first.forward.touched_experts == 42U);
            BOOST_TEST(first.forward.acquisitions == 42U);
            BOOST_TEST(second.hits == kept);
            BOOST_TEST(second.loads == 42 - kept);
            BOOST_TEST(second.peak_expert_bytes <= options.budget_bytes);
            if (fit <= 42) BOOST_TEST(second.peak_expert_bytes == options.budget_bytes);
        }
    }
    BOOST_TEST(moe::test::fake_device_leftovers() == 0U);
}

BOOST_AUTO_TEST_CASE(every_router_and_kind_of_net_reaches_the_device_as_it_is) {
    RandomStream random(2, 51, 1);
    for (std::uint64_t trial = 0; trial < 60; ++trial) {
        moe::test::reset_fake_device(trial);
        const auto n = static_cast<std::uint32_t>(1 + random.below(3));
        std::vector<std::int64_t> cells(n);
        for (std::int64_t& k : cells) {
            k = static_cast<std::int64_t>(1 + random.below(4));
        }
        const Architecture net = moe::test::random_architecture(
            random, static_cast<Kind>(trial % 4), n, static_cast<std::uint32_t>(1 + trial % 3), 9);
        const RouterOverGrid rule(moe::GridTree(cells), moe::test::every_router[trial / 4 % 4]);
        ResidentExperts<float> experts(net,
                                       moe::test::random_floats(random, net, rule.grid.leaves()));
        const auto inputs = moe::test::uniform_numbers(random, n * (1 + random.below(300)));
        const auto expected = moe::test::reference_outputs(rule.router, experts, inputs);
        std::vector<float> on_host(expected.size());
        const auto counted = moe::forward<float>(rule.router, experts, inputs, on_host);
        CudaForward forward(rule.router, experts);
        std::vector<float> outputs(expected.size());
        const CudaReport report = forward.forward(inputs, outputs);
        BOOST_TEST(moe::test::relative_difference(outputs, expected) <= 1e-5);
        BOOST_TEST(report.forward.touched_experts == counted.touched_experts);
        BOOST_TEST(report.forward.route_depth_max == counted.route_depth_max);
        BOOST_TEST(report.forward.route_reals_max == counted.route_reals_max);
        BOOST_TEST(report.forward.route_reals_total == counted.route_reals_total);
    }
}

BOOST_AUTO_TEST_CASE(a_batch_above_the_limit_runs_in_slices_with_the_same_outputs) {
    moe::test::reset_fake_device(3);
    Model model;
    CudaForward whole(model.router, model.experts);
    const CudaReport one = model.run(whole);
    BOOST_TEST(one.slices == 1U);
    CudaOptions options;
    options.batch_bytes = one.peak_batch_bytes * 3 / 4; // counting takes the same for any slice
    CudaForward sliced(model.router, model.experts, options);
    const CudaReport report = model.run(sliced);
    BOOST_TEST(report.slices > 1U);
    BOOST_TEST(report.peak_batch_bytes <= options.batch_bytes);
    BOOST_TEST(report.forward.touched_experts == 42U);
    BOOST_TEST(report.forward.route_reals_total == one.forward.route_reals_total);
    BOOST_TEST(report.loads == 42U);
    BOOST_TEST(report.hits > 0U); // of later slices
}

BOOST_AUTO_TEST_CASE(where_the_device_is_full_slices_are_halved_until_they_fit) {
    for (std::size_t memory = 6000; memory < 200000; memory = memory * 5 / 4) {
        moe::test::reset_fake_device(4, memory);
        Model model;
        CudaForward forward(model.router, model.experts, model.budget(1));
        std::vector<float> outputs(model.expected.size());
        try {
            const CudaReport report = forward.forward(model.inputs, outputs);
            BOOST_TEST((outputs.size() > 256 * report.slices || report.slices > 1));
            BOOST_TEST(moe::test::relative_difference(outputs, model.expected) <= 1e-6);
            BOOST_TEST(report.device_total == memory);
            BOOST_TEST(report.device_free_before - report.device_free_after ==
                       moe::test::fake_device_bytes());
        } catch (const moe::cuda::DeviceMemoryError& error) {
            BOOST_TEST(memory < 55000U); // 256 rows take 50 kB, 44 of them to count experts
            BOOST_TEST(std::string(error.what()).find("256 inputs") != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(counted_bytes_are_those_of_the_runtime) {
    moe::test::reset_fake_device(5);
    Model model;
    CudaForward forward(model.router, model.experts);
    const CudaReport report = model.run(forward);
    BOOST_TEST(report.peak_expert_bytes + report.peak_batch_bytes + report.model_bytes ==
               moe::test::fake_device_bytes());
    BOOST_TEST(moe::test::fake_device_peak_bytes() == moe::test::fake_device_bytes());
}

BOOST_AUTO_TEST_CASE(a_larger_batch_gets_larger_buffers_and_a_smaller_one_keeps_them) {
    moe::test::reset_fake_device(6);
    Model model;
    CudaForward forward(model.router, model.experts);
    std::uint64_t peak = 0;
    for (const std::size_t batch : {1U, 0U, 700U, 3U, 1500U, 1500U, 900U}) {
        std::vector<float> outputs(batch);
        const CudaReport report =
            forward.forward(std::span(model.inputs).first(2 * batch), outputs);
        BOOST_TEST(std::ranges::equal(outputs, std::span(model.expected).first(batch),
                                      [](float a, float b) { return std::abs(a - b) < 1e-6F; }));
        BOOST_TEST(report.slices == (batch == 0 ? 0U : 1U));
        BOOST_TEST(report.peak_batch_bytes >= peak);
        peak = report.peak_batch_bytes;
    }
}

BOOST_AUTO_TEST_CASE(after_a_failing_source_the_experts_are_loaded_anew) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        for (const std::uint64_t fit : {1U, 3U, 42U}) {
            moe::test::reset_fake_device(seed);
            Model model;
            moe::test::FailingSource source(model.experts, 30);
            CudaOptions options = model.budget(fit);
            options.staging_bytes = 300;
            CudaForward forward(model.router, source, options);
            std::vector<float> outputs(model.expected.size());
            refuses<moe::EnvironmentError>([&] { (void)forward.forward(model.inputs, outputs); },
                                           "expert 30");
            source.fails = false;
            BOOST_TEST(model.run(forward).loads == 42U);
        }
    }
}

BOOST_AUTO_TEST_CASE(routes_to_no_expert_are_refused_by_row_and_leaf) {
    moe::test::reset_fake_device(8);
    Model model;
    std::vector<double> inputs(2 * 900, 0.01);
    inputs[2 * 777] = 0.999;
    inputs[2 * 777 + 1] = 0.999;
    std::vector<float> outputs(900);
    CudaOptions small;
    small.batch_bytes = 55000; // slices: rows count from the batch's first
    const Router wide{moe::GridTree({7, 7})};
    CudaForward beyond(wide, model.experts, small);
    refuses<std::out_of_range>([&] { (void)beyond.forward(inputs, outputs); },
                               "input 777 is routed to expert 48, the source has 42");
    const Router kept(moe::GridTree({7, 6}), moe::SlotMap({0, 5, 17}));
    CudaForward few(kept, model.experts);
    refuses<moe::InputError>([&] { (void)few.forward(inputs, outputs); }, "leaf 41");
    const Router none(moe::GridTree({7, 6}), moe::SlotMap(std::vector<std::uint64_t>{}));
    CudaForward nothing(none, model.experts);
    refuses<moe::InputError>([&] { (void)nothing.forward(inputs, outputs); }, "leaf 0");
    inputs[2 * 777] = 0.01;
    inputs[2 * 777 + 1] = 0.01;
    (void)beyond.forward(inputs, outputs);
    BOOST_TEST(std::ranges::all_of(outputs, [](float y) { return std::isfinite(y); }));
}

BOOST_AUTO_TEST_CASE(bad_shapes_budgets_and_devices_are_refused_by_name) {
    moe::test::reset_fake_device(9);
    Model model;
    CudaOptions small;
    small.budget_bytes = model.expert_bytes - 1;
    refuses<moe::EnvironmentError>([&] { CudaForward(model.router, model.experts, small); },
                                   std::to_string(model.expert_bytes) + " bytes");
    const Router line{moe::GridTree({2})};
    refuses<std::invalid_argument>([&] { CudaForward(line, model.experts); }, "takes 1");
    EmptySource nobody(model.net);
    refuses<std::invalid_argument>([&] { CudaForward(model.router, nobody); }, "0 experts of 21");
    EmptySource nothing(Architecture::sparse(2, std::array{1U}, {moe::SparsePattern{}}));
    refuses<std::invalid_argument>([&] { CudaForward(model.router, nothing); }, "0 parameters");
    CudaForward forward(model.router, model.experts);
    std::vector<float> outputs(3);
    refuses<std::invalid_argument>(
        [&] { (void)forward.forward(std::span(model.inputs).first(5), outputs); },
        "inputs have 5 entries, 3 x 2");
    BOOST_TEST(forward.forward({}, {}).forward.touched_experts == 0U);

    CudaOptions large = model.budget(42);
    moe::test::reset_fake_device(9, moe::test::fake_device_bytes() + 500);
    refuses<moe::cuda::DeviceMemoryError>([&] { CudaForward(model.router, model.experts, large); },
                                          "the experts");

    moe::test::set_fake_device_present(false);
    refuses<moe::EnvironmentError>([&] { CudaForward(model.router, model.experts); },
                                   "no usable GPU: no CUDA-capable device is detected");
    BOOST_TEST(moe::cuda::find_device().reason == "no CUDA-capable device is detected");
    moe::test::set_fake_device_present(true);
}

BOOST_AUTO_TEST_CASE(a_kernel_that_cannot_run_the_experts_is_refused) {
    moe::test::reset_fake_device(10);
    RandomStream random(3, 51, 1);
    const Architecture net =
        Architecture::sparse(1, std::array{1U}, {moe::SparsePattern{{}, {}, {0}}});
    ResidentExperts<float> experts(net, {1.0F, 2.0F});
    const Router router{moe::GridTree({2})};
    CudaOptions options;
    options.version = moe::cuda::KernelVersion::v4_pipelined;
    refuses<std::invalid_argument>([&] { CudaForward(router, experts, options); }, "kernel");
}

BOOST_AUTO_TEST_SUITE_END()
