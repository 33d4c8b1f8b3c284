// The kernels of every instruction set that runs here, against the reference.

#include "forward/expert_kernels.hpp"

#include "forward/evaluate.hpp"
#include "forward/random_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

using moe::Architecture;
using moe::InstructionSet;
using moe::RandomStream;
using moe::test::Kind;
using moe::test::uniform_numbers;

namespace {

constexpr std::array all_sets{InstructionSet::baseline, InstructionSet::avx2,
                              InstructionSet::avx512};

std::vector<InstructionSet> sets_here() {
    std::vector<InstructionSet> sets;
    std::copy_if(all_sets.begin(), all_sets.end(), std::back_inserter(sets), moe::available);
    return sets;
}

/// Outputs [B][m] of the given rows by one instruction set; other rows keep -77.
template<class T>
std::vector<T> run(InstructionSet set, const Architecture& net, const std::vector<T>& parameters,
                   const std::vector<double>& inputs, std::span<const std::uint32_t> rows) {
    std::vector<T> outputs(inputs.size() / net.inputs() * net.outputs(), T(-77));
    std::vector<T> scratch(moe::group_scratch<T>(net) + 64 / sizeof(T));
    const auto astray = reinterpret_cast<std::uintptr_t>(scratch.data()) % 64;
    moe::expert_kernels<T>(set).run_group({.architecture = net,
                                           .parameters = parameters,
                                           .inputs = inputs,
                                           .outputs = outputs,
                                           .samples = rows},
                                          scratch.data() + (64 - astray) / sizeof(T));
    return outputs;
}

template<class T>
std::vector<double> reference(const Architecture& net, const std::vector<T>& parameters,
                              const std::vector<double>& inputs) {
    const std::size_t n = net.inputs();
    const std::size_t m = net.outputs();
    std::vector<double> outputs(inputs.size() / n * m);
    for (std::size_t b = 0; b < inputs.size() / n; ++b) {
        moe::evaluate<T>(net, parameters, std::span(inputs).subspan(b * n, n),
                         std::span(outputs).subspan(b * m, m));
    }
    return outputs;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0);
}

/// Rows 0, 2, 4, ... of a batch, then 1, 3, 5, ...: a group is no stretch of its batch.
std::vector<std::uint32_t> scattered_rows(std::size_t batch) {
    std::vector<std::uint32_t> rows(batch);
    for (std::size_t k = 0; k < batch; ++k) {
        const std::size_t half = (batch + 1) / 2;
        rows[k] = static_cast<std::uint32_t>(k < half ? 2 * k : 2 * (k - half) + 1);
    }
    return rows;
}

/// A net whose widths pass every remainder of the kernels' blocks of rows and of inputs.
Architecture random_net(RandomStream& random, int trial) {
    const auto n = static_cast<std::uint32_t>(1 + random.below(20));
    const auto m = static_cast<std::uint32_t>(1 + random.below(5));
    return moe::test::random_architecture(random, static_cast<Kind>(trial % 4), n, m, 40);
}

} // namespace

BOOST_AUTO_TEST_SUITE(expert_kernels)

BOOST_AUTO_TEST_CASE(float64_gives_the_bits_of_the_reference_on_every_instruction_set) {
    RandomStream random(1, 71, 1);
    for (int trial = 0; trial < 400; ++trial) {
        const Architecture net = random_net(random, trial);
        const auto parameters = moe::test::random_parameters(random, net, 1);
        const std::size_t batch = random.below(110);
        const auto inputs = uniform_numbers(random, batch * net.inputs());
        const auto rows = scattered_rows(batch);
        const auto expected = reference<double>(net, parameters, inputs);
        for (const InstructionSet set : sets_here()) {
            BOOST_TEST(same_bits(run<double>(set, net, parameters, inputs, rows), expected));
        }
    }
}

BOOST_AUTO_TEST_CASE(float32_agrees_with_the_reference_on_every_instruction_set) {
    RandomStream random(2, 71, 1);
    for (int trial = 0; trial < 400; ++trial) {
        const Architecture net = random_net(random, trial);
        const auto numbers = moe::test::random_parameters(random, net, 1);
        const std::vector<float> parameters(numbers.begin(), numbers.end());
        const std::size_t batch = 30 + random.below(80);
        const auto inputs = uniform_numbers(random, batch * net.inputs());
        const auto expected = reference<float>(net, parameters, inputs);
        const double size =
            std::sqrt(std::inner_product(expected.begin(), expected.end(), expected.begin(), 0.0));
        for (const InstructionSet set : sets_here()) {
            const auto outputs = run<float>(set, net, parameters, inputs, scattered_rows(batch));
            double square = 0.0;
            for (std::size_t i = 0; i < outputs.size(); ++i) {
                square += std::pow(static_cast<double>(outputs[i]) - expected[i], 2);
            }
            BOOST_TEST(std::sqrt(square) <= 1e-5 * size);
        }
    }
}

BOOST_AUTO_TEST_CASE(float32_agrees_in_groups_of_every_size) {
    RandomStream random(3, 71, 1);
    for (int trial = 0; trial < 100; ++trial) {
        const Architecture net = random_net(random, trial);
        const auto numbers = moe::test::random_parameters(random, net, 1);
        const std::vector<float> parameters(numbers.begin(), numbers.end());
        const std::size_t batch = 100;
        const auto inputs = uniform_numbers(random, batch * net.inputs());
        const auto expected = reference<float>(net, parameters, inputs);
        double largest = 0.0;
        for (const double y : expected) {
            largest = std::max(largest, std::abs(y));
        }
        const auto rows = scattered_rows(batch);
        for (const InstructionSet set : sets_here()) {
            for (const std::size_t count : {1U, 2U, 3U, 16U, 17U, 33U, 48U, 49U, 50U, 51U}) {
                const auto some = std::span(rows).subspan(random.below(batch - count), count);
                const auto outputs = run<float>(set, net, parameters, inputs, some);
                for (const std::uint32_t row : some) {
                    for (std::size_t i = 0; i < net.outputs(); ++i) {
                        const std::size_t at = row * net.outputs() + i;
                        BOOST_REQUIRE(std::abs(static_cast<double>(outputs[at]) - expected[at]) <=
                                      1e-5 * largest);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(rows_outside_of_the_group_are_not_written) {
    const Architecture net = Architecture::dense(std::array{3U, 9U, 2U});
    RandomStream random(4, 71, 1);
    const auto parameters = moe::test::random_parameters(random, net, 1);
    const auto inputs = uniform_numbers(random, 3 * 60);
    const std::vector<std::uint32_t> rows{59, 3, 17};
    for (const InstructionSet set : sets_here()) {
        const auto outputs = run<double>(set, net, parameters, inputs, rows);
        for (std::uint32_t row = 0; row < 60; ++row) {
            const bool written = std::find(rows.begin(), rows.end(), row) != rows.end();
            BOOST_TEST((outputs[2 * row] != -77.0) == written);
            BOOST_TEST((outputs[2 * row + 1] != -77.0) == written);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_number_goes_through_and_infinities_stay_in_their_lane) {
    // relu(x) - relu(-x): a NaN must not become 0 in either unit.
    const Architecture net = Architecture::dense(std::array{1U, 2U, 1U});
    const std::vector<float> parameters{1, -1, 0, 0, 1, -1, 0};
    std::vector<double> inputs(40, 0.5);
    inputs[3] = std::numeric_limits<double>::quiet_NaN();
    inputs[20] = -std::numeric_limits<double>::infinity();
    inputs[39] = 1e300; // beyond float32
    for (const InstructionSet set : sets_here()) {
        std::vector<float> outputs = run<float>(set, net, parameters, inputs, scattered_rows(40));
        for (const std::uint32_t alone : {3U, 39U}) { // a group of one has a way of its own
            const std::array<std::uint32_t, 1> only{alone};
            outputs[alone] = run<float>(set, net, parameters, inputs, only)[alone];
        }
        for (std::size_t b = 0; b < 40; ++b) {
            if (b == 3)
                BOOST_TEST(std::isnan(outputs[b]));
            else if (b == 20)
                BOOST_TEST(!std::isfinite(outputs[b])); // 0 times infinity may stand in the sum
            else if (b == 39)
                BOOST_TEST(!std::isfinite(outputs[b]));
            else
                BOOST_TEST(outputs[b] == 0.5F);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_instruction_set_that_is_missing_is_refused) {
    for (const InstructionSet set : all_sets) {
        if (!moe::available(set))
            BOOST_CHECK_THROW((void)moe::expert_kernels<float>(set), std::invalid_argument);
    }
    BOOST_TEST(moe::available(InstructionSet::baseline));
}

BOOST_AUTO_TEST_SUITE_END()
