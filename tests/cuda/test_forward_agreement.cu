// The forward pass on the device against the reference: random models, every router, every kernel
// that can run them, and the counters of the routes.

#include "gpu_models.hpp"
#include "gpu_test.hpp"

#include "forward/cuda/plan.hpp"
#include "forward/cuda_forward.hpp"

#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

using moe::Architecture;
using moe::CudaForward;
using moe::CudaOptions;
using moe::CudaReport;
using moe::RandomStream;
using moe::ResidentExperts;
using moe::cuda::KernelVersion;
using moe::test::GpuTest;
using moe::test::Kind;
using moe::test::RouterOverGrid;

namespace {

struct Case {
    Architecture architecture;
    std::vector<std::int64_t> cells;
    std::size_t batch;
};

Case random_case(RandomStream& random) {
    const auto n = static_cast<std::uint32_t>(1 + random.below(4));
    const auto m = static_cast<std::uint32_t>(1 + random.below(5));
    std::vector<std::int64_t> cells(n);
    for (std::int64_t& k : cells) {
        k = static_cast<std::int64_t>(1 + random.below(5));
    }
    const auto kind = static_cast<Kind>(random.below(4));
    return {moe::test::random_architecture(random, kind, n, m, 70), cells, 1 + random.below(3000)};
}

/// Shapes at the edges of the kernels' tiles.
std::vector<Case> named_cases() {
    std::vector<Case> cases;
    for (const std::uint32_t width : {1U, 3U, 8U, 17U, 32U, 33U, 64U, 100U, 256U}) {
        cases.push_back({Architecture::dense(std::vector{2U, width, width, 1U}), {4, 3}, 2000});
    }
    cases.push_back({Architecture::dense(std::vector{8U, 40U, 5U}), {2, 1, 2, 1, 3, 1, 1, 2}, 1});
    cases.push_back({Architecture::dense(std::vector{3U, 2U}), {2, 2, 2}, 777});
    return cases;
}

using Runs = std::map<std::string, int>; ///< by kernel

void run_case(GpuTest& test, RandomStream& random, const Case& c, Runs& runs) {
    for (const auto kind : moe::test::every_router) {
        const RouterOverGrid rule(moe::GridTree(c.cells), kind);
        ResidentExperts<float> experts(
            c.architecture, moe::test::random_floats(random, c.architecture, rule.grid.leaves()));
        const auto inputs = moe::test::uniform_numbers(random, c.batch * c.architecture.inputs());
        const auto expected = moe::test::reference_outputs(rule.router, experts, inputs);
        std::vector<float> on_host(expected.size());
        const auto counted = moe::forward<float>(rule.router, experts, inputs, on_host);

        std::vector<std::optional<KernelVersion>> versions{std::nullopt};
        versions.insert(versions.end(), moe::cuda::every_version.begin(),
                        moe::cuda::every_version.end());
        for (const auto& version : versions) {
            CudaOptions options;
            options.version = version;
            std::vector<float> outputs(expected.size(), -1.0F);
            CudaReport report;
            const std::string name = version ? moe::cuda::name(*version) : "the chosen kernel";
            try {
                CudaForward forward(rule.router, experts, options);
                report = forward.forward(inputs, outputs);
            } catch (const std::invalid_argument&) {
                // Not for these experts; v1 and the choice must take any.
                test.check(version && *version != KernelVersion::v1_thread_per_sample,
                           name + " refuses the experts");
                continue;
            }
            ++runs[name];
            test.check(moe::test::relative_difference(outputs, expected) <= 1e-5,
                       name + " is off by more than 1e-5");
            test.check(report.forward.touched_experts == counted.touched_experts &&
                           report.forward.route_depth_max == counted.route_depth_max &&
                           report.forward.route_reals_max == counted.route_reals_max &&
                           report.forward.route_reals_total == counted.route_reals_total,
                       name + ": the counters of the routes differ from the host's");
        }
    }
}

void numbers_that_are_none(GpuTest& test) {
    RandomStream random(12, 40, 1);
    const Architecture net = Architecture::dense(std::vector{2U, 20U, 1U});
    for (const auto kind : moe::test::every_router) {
        const RouterOverGrid rule(moe::GridTree({3, 3}), kind);
        ResidentExperts<float> experts(net, moe::test::random_floats(random, net, 9));
        auto inputs = moe::test::uniform_numbers(random, 200);
        inputs[34] = std::numeric_limits<double>::quiet_NaN();
        inputs[82] = std::numeric_limits<double>::infinity();
        for (const KernelVersion version : moe::cuda::every_version) {
            CudaOptions options;
            options.version = version;
            CudaForward forward(rule.router, experts, options);
            std::vector<float> outputs(100);
            (void)forward.forward(inputs, outputs);
            for (std::size_t b = 0; b < 100; ++b) {
                if (b == 17) test.check(std::isnan(outputs[b]), "a NaN is lost");
                if (b != 17 && b != 41) test.check(std::isfinite(outputs[b]), "a NaN spreads");
            }
        }
    }
}

} // namespace

int main() {
    return moe::test::run_on_gpu([](GpuTest& test) {
        RandomStream random(11, 40, 1);
        Runs runs;
        test.section("named shapes", [&] {
            for (const Case& c : named_cases()) {
                run_case(test, random, c, runs);
            }
        });
        test.section("random models", [&] {
            for (int trial = 0; trial < 100; ++trial) {
                run_case(test, random, random_case(random), runs);
            }
        });
        test.section("every kernel", [&] {
            for (const KernelVersion version : moe::cuda::every_version) {
                const std::string name = moe::cuda::name(version);
                test.check(runs[name] >= 100,
                           name + " ran " + std::to_string(runs[name]) + " times only");
            }
        });
        test.section("NaN", [&] { numbers_that_are_none(test); });
    });
}
