// Experts under a budget of device memory, batches in slices, and what goes wrong.

#include "failing_source.hpp"
#include "gpu_models.hpp"
#include "gpu_test.hpp"

#include "basics/error.hpp"
#include "forward/cuda/device_error.hpp"
#include "forward/cuda_forward.hpp"

#include <algorithm>
#include <stdexcept>

using moe::Architecture;
using moe::CudaForward;
using moe::CudaOptions;
using moe::CudaReport;
using moe::RandomStream;
using moe::ResidentExperts;
using moe::Router;
using moe::test::GpuTest;

namespace {

/// 400 experts of 8-32-32-1 behind a grid, and inputs that touch all of them.
struct Model {
    RandomStream random{21, 41, 1};
    Architecture net = Architecture::dense(std::vector{2U, 32U, 32U, 1U});
    Router router{moe::GridTree({20, 20})};
    ResidentExperts<float> experts{net, moe::test::random_floats(random, net, 400)};
    std::vector<double> inputs = moe::test::uniform_numbers(random, 2 * 20000);
    std::vector<float> expected = moe::test::reference_outputs(router, experts, inputs);
    std::uint64_t expert_bytes = net.parameters() * sizeof(float);

    [[nodiscard]] CudaOptions budget(std::uint64_t experts_that_fit) const {
        CudaOptions options;
        options.budget_bytes = experts_that_fit * (expert_bytes + 16);
        if (experts_that_fit == 1) options.budget_bytes = expert_bytes;
        return options;
    }
    CudaReport run(GpuTest& test, CudaForward& forward) const {
        std::vector<float> outputs(expected.size(), -1.0F);
        const CudaReport report = forward.forward(inputs, outputs);
        test.check(moe::test::relative_difference(outputs, expected) <= 1e-5, "outputs are wrong");
        return report;
    }
};

void budgets(GpuTest& test) {
    Model model;
    for (const std::uint64_t fit : {1U, 2U, 3U, 7U, 100U, 399U, 400U, 1000U}) {
        const CudaOptions options = model.budget(fit);
        CudaForward forward(model.router, model.experts, options);
        const CudaReport first = model.run(test, forward);
        const CudaReport second = model.run(test, forward);
        const std::string with = " with room for " + std::to_string(fit) + " experts";
        test.check(first.loads == 400 && first.hits == 0, "first pass loads all" + with);
        const std::uint64_t kept = std::min<std::uint64_t>(fit, 400);
        test.check(second.hits == kept && second.loads == 400 - kept,
                   "second pass finds what was kept" + with);
        test.check(first.evictions + kept == 400, "evictions" + with);
        test.check(second.peak_expert_bytes <= options.budget_bytes, "peak above budget" + with);
        if (fit == 1) {
            test.check(second.peak_expert_bytes == model.expert_bytes, "peak is not one expert");
        }
    }
}

/// The driver's account of free memory agrees with ours, up to the blocks that it hands out.
void memory_of_the_driver(GpuTest& test) {
    RandomStream random(22, 41, 1);
    const Architecture net = Architecture::dense(std::vector{4U, 256U, 256U, 1U});
    const Router router(moe::GridTree({8, 8, 4, 4}));
    ResidentExperts<float> experts(net, moe::test::random_floats(random, net, 1024));
    const auto inputs = moe::test::uniform_numbers(random, 4 * 4000);
    std::vector<float> outputs(4000);
    CudaOptions options;
    options.budget_bytes = std::uint64_t{192} << 20U;
    CudaForward forward(router, experts, options);
    const CudaReport report = forward.forward(inputs, outputs);
    const std::uint64_t counted =
        report.peak_expert_bytes + report.peak_batch_bytes + report.model_bytes;
    const std::uint64_t missing = report.device_free_before - report.device_free_after;
    constexpr std::uint64_t blocks = std::uint64_t{64} << 20U; // and code loaded meanwhile
    test.check(report.peak_expert_bytes <= options.budget_bytes, "peak above the budget");
    test.check(missing + blocks >= counted && missing <= counted + blocks,
               "the driver misses " + std::to_string(missing) + " bytes, counted were " +
                   std::to_string(counted));
}

void slices(GpuTest& test) {
    Model model;
    CudaForward whole(model.router, model.experts);
    std::vector<float> expected(model.expected.size());
    const CudaReport one = whole.forward(model.inputs, expected);
    test.check(one.slices == 1, "a batch that fits is one slice");
    CudaOptions options;
    for (options.batch_bytes = one.peak_batch_bytes / 2; options.batch_bytes > 100000;
         options.batch_bytes /= 2) {
        CudaForward sliced(model.router, model.experts, options);
        std::vector<float> outputs(expected.size(), -1.0F);
        const CudaReport report = sliced.forward(model.inputs, outputs);
        test.check(report.slices > 1, "less memory means more slices");
        test.check(report.peak_batch_bytes <= options.batch_bytes, "buffers above their limit");
        test.check(report.forward.touched_experts == 400, "touched experts count once");
        test.check(outputs == expected, "slices reach the outputs");
    }
    options.batch_bytes = 1000;
    CudaForward none(model.router, model.experts, options);
    std::vector<float> outputs(expected.size());
    test.refuses<moe::cuda::DeviceMemoryError>([&] { (void)none.forward(model.inputs, outputs); },
                                               "smallest");
}

void refusals(GpuTest& test) {
    Model model;
    CudaOptions small;
    small.budget_bytes = model.expert_bytes - 1;
    test.refuses<moe::EnvironmentError>([&] { CudaForward(model.router, model.experts, small); },
                                        std::to_string(model.expert_bytes) + " bytes");
    test.refuses<std::invalid_argument>(
        [&] { CudaForward(Router(moe::GridTree({2})), model.experts); }, "takes 1");

    CudaForward forward(model.router, model.experts);
    std::vector<float> outputs(3);
    test.refuses<std::invalid_argument>(
        [&] { (void)forward.forward(std::span(model.inputs).first(5), outputs); }, "inputs have 5");
    test.check(forward.forward({}, {}).forward.touched_experts == 0, "an empty batch");

    // More cells than experts: the row is named, and the object goes on.
    const Router wide(moe::GridTree({20, 21}));
    CudaForward beyond(wide, model.experts);
    std::vector<double> inputs(2 * 500, 0.01);
    inputs[2 * 321] = 0.999;
    inputs[2 * 321 + 1] = 0.999;
    std::vector<float> some(500);
    test.refuses<std::out_of_range>([&] { (void)beyond.forward(inputs, some); },
                                    "input 321 is routed to expert 419, the source has 400");
    inputs[2 * 321] = 0.01;
    (void)beyond.forward(inputs, some);
    test.check(std::ranges::all_of(some, [](float y) { return std::isfinite(y); }),
               "nothing after a refusal");

    const Router kept(moe::GridTree({20, 20}), moe::SlotMap({0, 5, 17}));
    CudaForward few(kept, model.experts);
    inputs[2 * 321] = 0.999;
    test.refuses<moe::InputError>([&] { (void)few.forward(inputs, some); }, "leaf 399");
}

void failing_source(GpuTest& test) {
    Model model;
    moe::test::FailingSource source(model.experts, 300);
    for (const std::uint64_t fit : {1U, 3U, 400U}) {
        CudaForward forward(model.router, source, model.budget(fit));
        std::vector<float> outputs(model.expected.size());
        source.fails = true;
        test.refuses<moe::EnvironmentError>([&] { (void)forward.forward(model.inputs, outputs); },
                                            "expert 300");
        source.fails = false;
        const CudaReport report = forward.forward(model.inputs, outputs);
        test.check(report.loads == 400, "after a failure all experts are loaded anew");
        test.check(moe::test::relative_difference(outputs, model.expected) <= 1e-5,
                   "wrong outputs after a failure");
    }
}

} // namespace

int main() {
    return moe::test::run_on_gpu([](GpuTest& test) {
        test.section("budgets", [&] { budgets(test); });
        test.section("memory of the driver", [&] { memory_of_the_driver(test); });
        test.section("slices", [&] { slices(test); });
        test.section("refusals", [&] { refusals(test); });
        test.section("failing source", [&] { failing_source(test); });
    });
}
