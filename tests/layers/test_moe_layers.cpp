// Gates, layers and stacks: routing and ties, the selected expert's output with weight exactly 1,
// dense sublayers, batches against single inputs, parameter counts against the definition.

#include "layers/moe_stack.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "forward/evaluate.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(moe_layers)

using moe::Architecture;
using moe::LinearGate;
using moe::MoeLayer;
using moe::MoeStack;
using moe::NetGate;

namespace {

std::vector<double> normals(std::size_t count, std::uint32_t stream) {
    moe::RandomStream random(7, moe::cell_key("tests.layers"), stream);
    std::vector<double> numbers(count);
    std::generate(numbers.begin(), numbers.end(), [&] { return random.normal(); });
    return numbers;
}

Architecture dense_net(std::vector<std::uint32_t> widths) {
    return Architecture::dense(widths);
}

LinearGate random_gate(std::size_t experts, std::size_t inputs, std::uint32_t stream) {
    return {normals(experts * inputs, stream), normals(experts, stream + 1)};
}

/// 3 inputs, 5 experts with one hidden layer of 4 units, 2 outputs.
MoeLayer random_layer(std::uint32_t stream) {
    Architecture expert = dense_net({3, 4, 2});
    std::vector<double> parameters = normals(5 * expert.parameters(), stream);
    return {random_gate(5, 3, stream + 1), std::move(expert), std::move(parameters)};
}

} // namespace

BOOST_AUTO_TEST_CASE(the_largest_logit_routes_and_ties_go_to_the_lowest_index) {
    BOOST_TEST(moe::route(std::array{1.0, 3.0, 2.0}) == 1U);
    BOOST_TEST(moe::route(std::array{2.0, 1.0, 2.0}) == 0U);
    BOOST_TEST(moe::route(std::array{1.0, 2.0, 2.0, 2.0}) == 1U);
    BOOST_TEST(moe::route(std::array{0.0, -0.0}) == 0U);
    BOOST_TEST(moe::route(std::array{-0.0, 0.0}) == 0U);
    const double infinity = std::numeric_limits<double>::infinity();
    BOOST_TEST(moe::route(std::array{-infinity, -infinity}) == 0U);
    BOOST_TEST(moe::route(std::array{-1e300, infinity}) == 1U);
}

BOOST_AUTO_TEST_CASE(a_logit_that_is_nan_is_an_error_that_names_the_expert) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_CHECK_EXCEPTION(static_cast<void>(moe::route(std::array{1.0, nan})), std::domain_error,
                          [](const std::domain_error& error) {
                              return std::string(error.what()) ==
                                     "route: the logit of expert 1 is nan";
                          });
    BOOST_CHECK_THROW(static_cast<void>(moe::route({})), std::invalid_argument);
    std::vector<double> scratch;
    std::array<double, 2> y{};
    BOOST_CHECK_THROW(random_layer(1).evaluate(std::array{0.0, nan, 0.0}, y, scratch),
                      std::domain_error);
}

BOOST_AUTO_TEST_CASE(a_linear_gate_computes_affine_logits) {
    const LinearGate gate({1.0, 2.0, -1.0, 0.5, 0.0, 0.0}, {0.25, -1.0, 3.0});
    BOOST_TEST(gate.experts() == 3U);
    BOOST_TEST(gate.inputs() == 2U);
    BOOST_TEST(gate.parameters() == 9U);
    std::array<double, 3> logits{};
    gate.logits(std::array{2.0, -1.0}, logits);
    BOOST_TEST(logits == (std::array{0.25, -3.5, 3.0}), boost::test_tools::per_element());
    BOOST_TEST(gate.route(std::array{2.0, -1.0}) == 2U);
}

BOOST_AUTO_TEST_CASE(the_output_is_bitwise_that_of_the_selected_expert) {
    const MoeLayer layer = random_layer(10);
    const std::vector<double> inputs = normals(std::size_t{3} * 1200, 20);
    std::vector<double> outputs(std::size_t{2} * 1200);
    std::vector<std::uint64_t> routed(1200);
    layer.evaluate_batch(inputs, outputs, routed, 2);
    std::vector<double> scratch;
    std::array<std::size_t, 5> load{};
    for (std::size_t i = 0; i < routed.size(); ++i) {
        const auto z = std::span(inputs).subspan(3 * i, 3);
        std::size_t expected = 0;
        double best = -std::numeric_limits<double>::infinity();
        for (std::size_t e = 0; e < 5; ++e) {
            double logit = layer.linear_gate()->biases()[e];
            for (std::size_t j = 0; j < 3; ++j)
                logit += layer.linear_gate()->row(e)[j] * z[j];
            if (logit > best) {
                best = logit;
                expected = e;
            }
        }
        ++load.at(expected);
        BOOST_TEST_REQUIRE(routed[i] == expected);
        std::array<double, 2> alone{};
        moe::evaluate<double>(layer.expert(), layer.parameters(expected), z, alone);
        BOOST_TEST_REQUIRE((outputs[2 * i] == alone[0] && outputs[2 * i + 1] == alone[1]));
        std::array<double, 2> single{};
        BOOST_TEST_REQUIRE(layer.evaluate(z, single, scratch) == expected);
        BOOST_TEST_REQUIRE((single == alone));
    }
    BOOST_TEST(*std::min_element(load.begin(), load.end()) > 0U);
}

BOOST_AUTO_TEST_CASE(threads_and_the_cutting_of_a_batch_do_not_reach_the_bits) {
    std::vector<MoeLayer> layers;
    layers.push_back(MoeLayer::dense_sublayer(dense_net({2, 6, 3}), normals(18 + 21, 30)));
    layers.push_back(random_layer(31));
    const MoeStack stack(std::move(layers));
    const std::vector<double> inputs = normals(std::size_t{2} * 1111, 33);
    std::vector<double> whole(std::size_t{2} * 1111);
    std::vector<std::uint64_t> routed(std::size_t{2} * 1111);
    stack.evaluate_batch(inputs, whole, routed, 1);
    std::vector<double> threaded(whole.size());
    std::vector<std::uint64_t> threaded_routes(routed.size());
    stack.evaluate_batch(inputs, threaded, threaded_routes, 4);
    BOOST_TEST((whole == threaded));
    BOOST_TEST((routed == threaded_routes));
    MoeStack::Scratch scratch;
    std::array<double, 2> y{};
    std::array<std::uint64_t, 2> path{};
    for (std::size_t i = 0; i < 1111; ++i) {
        stack.evaluate(std::span(inputs).subspan(2 * i, 2), y, path, scratch);
        BOOST_TEST_REQUIRE((y[0] == whole[2 * i] && y[1] == whole[2 * i + 1]));
        BOOST_TEST_REQUIRE((path[0] == 0 && path[1] == routed[2 * i + 1]));
    }
}

BOOST_AUTO_TEST_CASE(a_dense_sublayer_is_its_one_expert) {
    const Architecture net = dense_net({3, 4, 2});
    const std::vector<double> parameters = normals(net.parameters(), 40);
    const MoeLayer layer = MoeLayer::dense_sublayer(net, parameters);
    BOOST_TEST(layer.is_dense());
    BOOST_TEST(layer.experts() == 1U);
    BOOST_TEST(layer.linear_gate() == nullptr);
    const std::array z{0.3, -1.2, 2.0};
    std::array<double, 2> y{};
    std::array<double, 2> alone{};
    std::vector<double> scratch;
    BOOST_TEST(layer.evaluate(z, y, scratch) == 0U);
    moe::evaluate<double>(net, parameters, z, alone);
    BOOST_TEST((y == alone));
    BOOST_TEST((layer.count() == moe::ParameterCount{26, 26, 26, 26}));
}

BOOST_AUTO_TEST_CASE(a_network_can_be_the_gate) {
    // Logits |z| = s(z) + s(-z) and 1: the second expert in the middle, the first outside, which no
    // linear gate of two experts does.
    const Architecture absolute = dense_net({1, 2, 2});
    const NetGate gate(absolute, {1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0});
    const MoeLayer layer(gate, dense_net({1, 1}), {0.0, 10.0, 0.0, 20.0});
    std::array<double, 5> outputs{};
    std::array<std::uint64_t, 5> routed{};
    layer.evaluate_batch(std::array{-2.0, -1.0, 0.0, 0.5, 1.5}, outputs, routed);
    BOOST_TEST(outputs == (std::array{10.0, 10.0, 20.0, 20.0, 10.0}),
               boost::test_tools::per_element());
    BOOST_TEST(routed == (std::array<std::uint64_t, 5>{0, 0, 1, 1, 0}),
               boost::test_tools::per_element());
    BOOST_TEST(layer.linear_gate() == nullptr);
    BOOST_TEST(!layer.is_dense());
    BOOST_TEST((layer.count() == moe::ParameterCount{14, 12, 14, 7}));
}

BOOST_AUTO_TEST_CASE(parameters_are_counted_as_defined) {
    // E = 3 experts R^4 -> R^2 of width 5: P = 4*5 + 5 + 5*2 + 2 = 37, gate 3 * (4 + 1) = 15.
    const std::size_t experts = 3;
    std::vector<double> parameters(experts * 37, 1.0);
    parameters[40] = 0.0;
    const MoeLayer gated(LinearGate(std::vector<double>(12, 1.0), {0.0, 1.0, 2.0}),
                         dense_net({4, 5, 2}), parameters);
    BOOST_TEST((gated.count() == moe::ParameterCount{126, 52, 126, 124}));
    const MoeStack stack(
        {MoeLayer::dense_sublayer(dense_net({2, 4}), std::vector<double>(12, 1.0)), gated});
    BOOST_TEST((stack.count() == moe::ParameterCount{138, 64, 138, 136}));
}

BOOST_AUTO_TEST_CASE(a_sparse_expert_counts_all_entries_and_lists_its_own) {
    // R^3 -> 2 hidden -> 1: all entries 3*2 + 2 + 2 + 1 = 11; listed 2 weights + 2 weights + 1
    // bias.
    const std::array<std::uint32_t, 2> outputs{2, 1};
    const Architecture sparse =
        Architecture::sparse(3, outputs,
                             {{.row = {0, 1}, .col = {0, 2}, .bias_row = {}},
                              {.row = {0, 0}, .col = {0, 1}, .bias_row = {0}}});
    const MoeLayer layer = MoeLayer::dense_sublayer(sparse, {1.0, -1.0, 2.0, 0.0, 0.5});
    BOOST_TEST((layer.count() == moe::ParameterCount{11, 11, 5, 4}));
}

BOOST_AUTO_TEST_CASE(one_expert_and_an_expert_without_inputs_work) {
    const MoeLayer single(LinearGate({0.0}, {0.0}), dense_net({1, 1}), {2.0, 1.0});
    std::array<double, 3> outputs{};
    single.evaluate_batch(std::array{0.0, 1.0, 2.0}, outputs, {});
    BOOST_TEST(outputs == (std::array{1.0, 3.0, 5.0}), boost::test_tools::per_element());
    const MoeLayer idle(LinearGate({0.0, 0.0}, {0.0, -1.0}), dense_net({1, 1}),
                        {2.0, 1.0, 7.0, 7.0});
    idle.evaluate_batch(std::array{0.0, 1.0, 2.0}, outputs, {});
    BOOST_TEST(outputs == (std::array{1.0, 3.0, 5.0}), boost::test_tools::per_element());
    idle.evaluate_batch({}, {}, {});
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit_are_refused) {
    BOOST_CHECK_THROW(LinearGate({}, {}), std::invalid_argument);
    BOOST_CHECK_THROW(LinearGate({1.0, 2.0, 3.0}, {0.0, 0.0}), std::invalid_argument);
    BOOST_CHECK_THROW(NetGate(dense_net({1, 2}), {1.0}), std::invalid_argument);
    BOOST_CHECK_THROW(MoeLayer(LinearGate({1.0, 1.0}, {0.0, 0.0}), dense_net({1, 1}), {1.0, 1.0}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(MoeLayer(LinearGate({1.0, 1.0}, {0.0}), dense_net({1, 1}), {1.0, 1.0}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(MoeStack({}), std::invalid_argument);
    BOOST_CHECK_THROW(MoeStack({MoeLayer::dense_sublayer(dense_net({1, 2}), normals(4, 1)),
                                MoeLayer::dense_sublayer(dense_net({3, 1}), normals(4, 1))}),
                      std::invalid_argument);
    const MoeLayer layer = random_layer(50);
    std::vector<double> scratch;
    std::array<double, 1> one{};
    std::array<double, 2> two{};
    BOOST_CHECK_THROW(layer.evaluate(std::array{1.0, 2.0, 3.0}, one, scratch),
                      std::invalid_argument);
    BOOST_CHECK_THROW(layer.evaluate(std::array{1.0, 2.0}, two, scratch), std::invalid_argument);
    BOOST_CHECK_THROW(layer.evaluate_batch(std::array{1.0, 2.0}, two, {}), std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(layer.parameters(5)), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(weights_that_are_not_finite_are_bad_input) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const auto names = [](const char* text) {
        return [text](const moe::InputError& error) {
            return std::string(error.what()).find(text) != std::string::npos;
        };
    };
    BOOST_CHECK_EXCEPTION(LinearGate({1.0, nan}, {0.0}), moe::InputError,
                          names("gate weights: entry 1 is nan"));
    BOOST_CHECK_EXCEPTION(NetGate(dense_net({1, 1}), {1.0, infinity}), moe::InputError,
                          names("entry 1 is inf"));
    BOOST_CHECK_EXCEPTION(
        MoeLayer(LinearGate({1.0, 1.0}, {0.0, 0.0}), dense_net({1, 1}), {1.0, 1.0, -infinity, 0.0}),
        moe::InputError, names("expert 1: entry 0 is -inf"));
}

BOOST_AUTO_TEST_SUITE_END()
