// One expert without routing: the reference against dense matrices and nets worked out by hand, the
// batched evaluation against the reference.

#include "forward/evaluate.hpp"

#include "forward/random_models.hpp"

#include <Eigen/Dense>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using moe::Activation;
using moe::Architecture;
using moe::Layer;
using moe::RandomStream;
using moe::SparsePattern;
using moe::test::Kind;

namespace {

constexpr std::array all_kinds{Kind::dense_relu, Kind::dense_prelu, Kind::sparse_relu,
                               Kind::sparse_prelu};

/// The same net as dense matrices (sparse layers are filled up with zeros), one product per layer:
/// independent of the reference's loops and of the offsets of the biases and slopes.
Eigen::VectorXd by_matrices(const Architecture& net, const std::vector<double>& parameters,
                            const std::vector<double>& x) {
    Eigen::VectorXd value =
        Eigen::Map<const Eigen::VectorXd>(x.data(), static_cast<Eigen::Index>(x.size()));
    auto next = parameters.begin();
    for (std::size_t j = 0; j < net.depth(); ++j) {
        const Layer& layer = net.layer(j);
        Eigen::MatrixXd weights = Eigen::MatrixXd::Zero(layer.outputs, layer.inputs);
        Eigen::VectorXd biases = Eigen::VectorXd::Zero(layer.outputs);
        if (layer.sparse) {
            for (std::size_t k = 0; k < layer.pattern.row.size(); ++k) {
                weights(layer.pattern.row[k], layer.pattern.col[k]) = *next++;
            }
            for (const std::uint32_t row : layer.pattern.bias_row) {
                biases(row) = *next++;
            }
        } else {
            for (Eigen::Index r = 0; r < weights.rows(); ++r) {
                for (Eigen::Index c = 0; c < weights.cols(); ++c) {
                    weights(r, c) = *next++;
                }
            }
            for (Eigen::Index r = 0; r < weights.rows(); ++r) {
                biases(r) = *next++;
            }
        }
        value = weights * value + biases;
        if (j + 1 == net.depth()) break;
        for (Eigen::Index r = 0; r < value.size(); ++r) {
            const double slope = net.activation() == Activation::prelu ? *next++ : 0.0;
            value(r) = std::max(value(r), 0.0) + slope * std::min(value(r), 0.0);
        }
    }
    BOOST_TEST((next == parameters.end()));
    return value;
}

std::vector<double> outputs_one_by_one(const Architecture& net,
                                       const std::vector<double>& parameters,
                                       const std::vector<double>& inputs, std::size_t batch) {
    std::vector<double> outputs(batch * net.outputs());
    for (std::size_t b = 0; b < batch; ++b) {
        moe::evaluate<double>(net, parameters,
                              std::span(inputs).subspan(b * net.inputs(), net.inputs()),
                              std::span(outputs).subspan(b * net.outputs(), net.outputs()));
    }
    return outputs;
}

template<class Call>
void refuses(const Call& call, const std::string& culprit) {
    BOOST_CHECK_EXCEPTION(call(), std::invalid_argument, [&](const std::invalid_argument& error) {
        return std::string(error.what()).find(culprit) != std::string::npos;
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(evaluate)

BOOST_AUTO_TEST_CASE(a_hat_function_has_its_known_values) {
    // ReLU(x + 1) - 2 ReLU(x) + ReLU(x - 1): 1 at 0, 0 at the other integers, linear between.
    const Architecture net = Architecture::dense(std::array{1U, 3U, 1U});
    const std::vector<double> parameters{1, 1, 1, 1, 0, -1, 1, -2, 1, 0};
    std::vector<double> y(1);
    for (const auto& [x, value] : {std::pair{0.0, 1.0}, std::pair{0.25, 0.75}, std::pair{-0.5, 0.5},
                                   std::pair{-3.0, 0.0}, std::pair{2.0, 0.0}}) {
        moe::evaluate<double>(net, parameters, std::vector{x}, y);
        BOOST_TEST(y[0] == value);
    }
}

BOOST_AUTO_TEST_CASE(slopes_apply_below_zero_and_not_in_the_last_layer) {
    // Unit 0 is the identity (slope 1), unit 1 the absolute value (slope -1), unit 2 a ReLU.
    const Architecture net = Architecture::dense(std::array{1U, 3U, 3U}, Activation::prelu);
    const std::vector<double> parameters{1, 1, 1, 0, 0, 0, 1, -1, 0, 1, 0,
                                         0, 0, 1, 0, 0, 0, 1, 0,  0, 0};
    std::vector<double> y(3);
    moe::evaluate<double>(net, parameters, std::vector{-2.5}, y);
    BOOST_TEST(y[0] == -2.5);
    BOOST_TEST(y[1] == 2.5);
    BOOST_TEST(y[2] == 0.0);
}

BOOST_AUTO_TEST_CASE(a_row_without_entries_gives_its_bias_or_zero) {
    const Architecture net =
        Architecture::sparse(2, std::array{3U}, {SparsePattern{{0}, {1}, {0, 2}}});
    const std::vector<double> parameters{3.0, 0.5, -7.0};
    std::vector<double> y(3);
    moe::evaluate<double>(net, parameters, std::vector{100.0, 2.0}, y);
    BOOST_TEST(y[0] == 6.5);
    BOOST_TEST(y[1] == 0.0);
    BOOST_TEST(y[2] == -7.0);
}

BOOST_AUTO_TEST_CASE(the_reference_agrees_with_dense_matrices_on_random_nets) {
    RandomStream random(1, 4, 1);
    for (int trial = 0; trial < 2000; ++trial) {
        const Kind kind = all_kinds[random.below(4)];
        const auto n = static_cast<std::uint32_t>(1 + random.below(8));
        const auto m = static_cast<std::uint32_t>(1 + random.below(4));
        const Architecture net = moe::test::random_architecture(random, kind, n, m, 20);
        const auto parameters = moe::test::random_parameters(random, net, 1);
        const auto x = moe::test::uniform_numbers(random, n);
        std::vector<double> y(m);
        moe::evaluate<double>(net, parameters, x, y);
        const Eigen::VectorXd expected = by_matrices(net, parameters, x);
        const Eigen::VectorXd got = Eigen::Map<const Eigen::VectorXd>(y.data(), m);
        BOOST_TEST((got - expected).norm() <= 1e-13 * (1.0 + expected.norm()));
    }
}

BOOST_AUTO_TEST_CASE(a_batch_gives_the_bits_of_the_reference_for_every_size) {
    RandomStream random(2, 4, 1);
    for (int trial = 0; trial < 800; ++trial) {
        const Kind kind = all_kinds[random.below(4)];
        const auto n = static_cast<std::uint32_t>(1 + random.below(9));
        const auto m = static_cast<std::uint32_t>(1 + random.below(4));
        const std::size_t batch = random.below(40);
        const Architecture net = moe::test::random_architecture(random, kind, n, m, 35);
        const auto parameters = moe::test::random_parameters(random, net, 1);
        const auto inputs = moe::test::uniform_numbers(random, batch * n);
        std::vector<double> outputs(batch * m, -1.0);
        moe::evaluate_batch<double>(net, parameters, inputs, outputs);
        BOOST_TEST((outputs == outputs_one_by_one(net, parameters, inputs, batch)));
    }
}

BOOST_AUTO_TEST_CASE(large_batches_do_not_depend_on_the_number_of_threads) {
    RandomStream random(3, 4, 1);
    const Architecture net = Architecture::dense(std::array{5U, 17U, 9U, 2U}, Activation::prelu);
    const auto parameters = moe::test::random_parameters(random, net, 1);
    const std::size_t batch = 5003;
    const auto inputs = moe::test::uniform_numbers(random, batch * 5);
    const auto expected = outputs_one_by_one(net, parameters, inputs, batch);
    for (const unsigned threads : {0U, 1U, 2U, 7U}) {
        std::vector<double> outputs(batch * 2);
        moe::evaluate_batch<double>(net, parameters, inputs, outputs, threads);
        BOOST_TEST((outputs == expected));
    }
}

BOOST_AUTO_TEST_CASE(float32_parameters_are_evaluated_in_float64_by_the_reference) {
    RandomStream random(4, 4, 1);
    const Architecture net = Architecture::dense(std::array{3U, 8U, 2U});
    const auto wide = moe::test::random_parameters(random, net, 1);
    const std::vector<float> narrow(wide.begin(), wide.end());
    const std::vector<double> rounded(narrow.begin(), narrow.end());
    const auto x = moe::test::uniform_numbers(random, 3);
    std::vector<double> y(2);
    std::vector<double> expected(2);
    moe::evaluate<float>(net, narrow, x, y);
    moe::evaluate<double>(net, rounded, x, expected);
    BOOST_TEST((y == expected));
}

BOOST_AUTO_TEST_CASE(what_is_no_number_goes_through_every_activation) {
    RandomStream random(5, 4, 1);
    const double undefined = std::numeric_limits<double>::quiet_NaN();
    for (const auto activation : {Activation::relu, Activation::prelu}) {
        const Architecture net = Architecture::dense(std::array{2U, 6U, 3U, 1U}, activation);
        const auto parameters = moe::test::random_parameters(random, net, 1);
        const std::vector<double> inputs{0.1, undefined, 0.2, 0.3, undefined, 0.4};
        std::vector<double> outputs(3);
        moe::evaluate_batch<double>(net, parameters, inputs, outputs);
        BOOST_TEST(std::isnan(outputs[0]));
        BOOST_TEST(!std::isnan(outputs[1]));
        BOOST_TEST(std::isnan(outputs[2]));
        std::vector<double> y(1);
        moe::evaluate<double>(net, parameters, std::span(inputs).first(2), y);
        BOOST_TEST(std::isnan(y[0]));
    }
}

BOOST_AUTO_TEST_CASE(sizes_that_differ_are_refused_by_name) {
    const Architecture net = Architecture::dense(std::array{2U, 1U});
    const std::vector<double> three(3, 0.0);
    std::vector<double> one(1);
    std::vector<double> two(2);
    const std::span<const double> all(three);
    refuses([&] { moe::evaluate<double>(net, all.first(2), all.first(2), one); }, "2 given");
    refuses([&] { moe::evaluate<double>(net, all, all, one); }, "inputs have 3 entries");
    refuses([&] { moe::evaluate<double>(net, all, all.first(2), two); }, "outputs have 2 entries");
    refuses([&] { moe::evaluate_batch<double>(net, all, all, two); }, "inputs have 3 entries");
    refuses([&] { moe::evaluate_batch<double>(net, all, all.first(2), two); }, "2 x 2");
    refuses([&] { moe::evaluate_batch<double>(net, all.first(1), all.first(2), one); }, "1 given");
    moe::evaluate_batch<double>(net, all, {}, {});
}

BOOST_AUTO_TEST_SUITE_END()
