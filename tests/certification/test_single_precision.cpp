// The bound of float32's rounding errors, and models in float32 held to it.

#include "certification/single_precision.hpp"

#include "forward/evaluate.hpp"
#include "forward/random_models.hpp"
#include "support/float32_stand_in.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using moe::Architecture;
using moe::float32_bound;
using moe::Float32Comparison;
using moe::Float32Use;
using moe::RandomStream;
using moe::test::forward_on_host;
using moe::test::Kind;

namespace {

std::vector<float> rounded_to_float(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

/// A dense net in float32 whose sums run from the last product to the first and end with the bias:
/// another order than that of the library.
std::vector<float> evaluate_backwards(const Architecture& net, const std::vector<float>& parameters,
                                      const std::vector<double>& x) {
    std::vector<float> input = rounded_to_float(x);
    for (std::size_t j = 0; j < net.depth(); ++j) {
        const moe::Layer& layer = net.layer(j);
        std::vector<float> output;
        for (std::size_t row = 0; row < layer.outputs; ++row) {
            float sum = 0.0F;
            for (std::size_t i = layer.inputs; i-- > 0;) {
                sum += parameters[layer.weight_offset + row * layer.inputs + i] * input[i];
            }
            sum += parameters[layer.bias_offset + row];
            if (j + 1 < net.depth() && sum < 0.0F)
                sum *= layer.slopes ? parameters[layer.slope_offset + row] : 0.0F;
            output.push_back(sum);
        }
        input = std::move(output);
    }
    return input;
}

/// A stored model over 4 x 3 cells with random dense experts.
struct SmallModel {
    moe::test::ModelPath path;
    RandomStream random{7, 31, 1};
    Architecture net = Architecture::dense(std::array{2U, 9U, 7U, 1U});
    std::vector<double> inputs = moe::test::uniform_numbers(random, 400);
    moe::StoredModel model{path.get(),
                           {{4, 3},
                            net,
                            [this](std::span<const std::int64_t>, std::span<double> parameters) {
                                const auto values = moe::test::random_parameters(random, net, 1);
                                std::ranges::copy(values, parameters.begin());
                            }},
                           inputs};
};

} // namespace

BOOST_AUTO_TEST_SUITE(single_precision)

BOOST_AUTO_TEST_CASE(one_affine_unit_has_the_textbook_bound) {
    // y = 3 x0 - 5 x1 + 7 with exact parameters: the inputs may be off by u |x|, the sum by
    // gamma(4) times the magnitudes.
    const Architecture net = Architecture::dense(std::array{2U, 1U});
    const std::vector<double> bound =
        float32_bound(net, std::array{3.0, -5.0, 7.0}, std::array{0.25, 0.5});
    const double u = std::ldexp(1.0, -24);
    const double expected = u * (3 * 0.25 + 5 * 0.5) + 4 * u * (3 * 0.25 + 5 * 0.5 + 7);
    BOOST_TEST(bound.size() == 1U);
    BOOST_TEST(bound[0] == expected, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(no_order_of_the_sums_leaves_the_bound) {
    RandomStream random(1, 31, 1);
    double largest = 0.0;
    for (int trial = 0; trial < 2000; ++trial) {
        const auto kind = static_cast<Kind>(random.below(4));
        const Architecture net = moe::test::random_architecture(
            random, kind, static_cast<std::uint32_t>(1 + random.below(5)), 2, 20);
        std::vector<double> parameters = moe::test::random_parameters(random, net, 1);
        const double scale = std::exp2(random.normal() * 4.0);
        for (double& parameter : parameters) {
            parameter *= scale;
        }
        const std::vector<double> x = moe::test::uniform_numbers(random, net.inputs());
        const std::vector<double> bound = float32_bound(net, parameters, x);
        std::vector<double> exact(2);
        moe::evaluate<double>(net, parameters, x, exact);
        const std::vector<float> in_float = rounded_to_float(parameters);
        std::vector<float> y(2);
        moe::evaluate_batch<float>(net, in_float, x, y);
        const bool dense = !net.is_sparse();
        const std::vector<float> other = dense ? evaluate_backwards(net, in_float, x) : y;
        for (std::size_t i = 0; i < 2; ++i) {
            for (const double value : {double{y[i]}, double{other[i]}}) {
                BOOST_TEST(std::abs(value - exact[i]) <= bound[i]);
                if (bound[i] > 0.0)
                    largest = std::max(largest, std::abs(value - exact[i]) / bound[i]);
            }
        }
    }
    BOOST_TEST(largest > 0.05); // not so wide that it would hold for anything
}

BOOST_AUTO_TEST_CASE(large_weights_that_cancel_widen_the_bound) {
    // 1000 (x + 1) - 1000 x: the outputs are of size 1000, their rounding is that of 10^6 numbers.
    const Architecture net = Architecture::dense(std::array{1U, 2U, 1U});
    const std::vector<double> small{1, 1, 1, 0, 1, -1, 0};
    const std::vector<double> large{1000, 1000, 1000, 0, 1, -1, 0};
    const std::vector<double> x{0.3};
    const double narrow = float32_bound(net, small, x)[0];
    const double wide = float32_bound(net, large, x)[0];
    BOOST_TEST(wide / narrow == 1000.0, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_pass_in_float32_needs_one_expert_and_stays_within_the_bound) {
    SmallModel small;
    const Float32Comparison result =
        moe::compare_in_float32(small.model, small.inputs, forward_on_host);
    BOOST_TEST(result.expert_bytes == 4 * small.net.parameters());
    BOOST_TEST(result.use.peak_expert_bytes == result.expert_bytes);
    BOOST_TEST(result.use.loads == 12U);
    BOOST_TEST(result.relative_difference > 0.0);
    BOOST_TEST(result.relative_difference <= 1e-6);
    BOOST_TEST(result.bound_ratio > 0.0);
    BOOST_TEST(result.bound_ratio <= 1.0);
}

BOOST_AUTO_TEST_CASE(a_pass_that_errs_more_than_float32_does_is_told) {
    SmallModel small;
    const auto disturbed = [](float amount) {
        return [amount](const moe::Router& router, moe::ExpertSource<float>& experts,
                        std::span<const double> inputs, std::span<float> outputs,
                        std::uint64_t budget) {
            const Float32Use use = forward_on_host(router, experts, inputs, outputs, budget);
            outputs[57] += amount;
            return use;
        };
    };
    const auto ratio = [&](float amount) {
        return moe::compare_in_float32(small.model, small.inputs, disturbed(amount)).bound_ratio;
    };
    BOOST_TEST(ratio(0.0F) <= 1.0);
    BOOST_TEST(ratio(1e-3F) > 1.0);
    BOOST_TEST(std::isinf(ratio(std::numeric_limits<float>::quiet_NaN())));
}

BOOST_AUTO_TEST_SUITE_END()
