#include "constructions/net_writer.hpp"

#include "forward/evaluate.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

/// |x_1 - x_2| + 3: two neurons and their sum.
void write_distance(moe::NetWriter& net) {
    net.next_layer();
    const auto up = net.neuron({{1, -1.0}, {0, 1.0}});
    const auto down = net.neuron({{0, -1.0}, {1, 1.0}});
    net.next_layer();
    net.neuron({{up, 1.0}, {down, 1.0}}, 3.0);
}

double value(const moe::Architecture& net, const std::vector<double>& parameters, double x_1,
             double x_2) {
    std::array<double, 1> y{};
    moe::evaluate<double>(net, parameters, std::array{x_1, x_2}, y);
    return y[0];
}

} // namespace

BOOST_AUTO_TEST_SUITE(net_writer)

BOOST_AUTO_TEST_CASE(one_text_gives_architecture_and_numbers_in_sparse_and_dense_form) {
    moe::ShapeRecorder shape;
    write_distance(shape);
    const moe::Architecture dense = shape.dense(2);
    const moe::Architecture sparse = std::move(shape).sparse(2);
    BOOST_TEST(sparse.parameters() == 7U);          // 4 + 2 weights and a bias
    BOOST_TEST(dense.parameters() == 3U * 2U + 3U); // (2 + 1) 2 + (2 + 1) 1
    for (const moe::Architecture* net : {&sparse, &dense}) {
        std::vector<double> parameters(net->parameters(), 99.0);
        moe::ParameterWriter writer(*net, parameters);
        write_distance(writer);
        BOOST_TEST(value(*net, parameters, 0.25, 1.0) == 3.75);
        BOOST_TEST(value(*net, parameters, 1.0, 0.25) == 3.75);
    }
}

BOOST_AUTO_TEST_CASE(prelu_slopes_are_filled_with_zero) {
    moe::ShapeRecorder shape;
    write_distance(shape);
    const auto net = std::move(shape).sparse(2, moe::Activation::prelu);
    BOOST_TEST(net.parameters() == 9U);
    std::vector<double> parameters(net.parameters(), 99.0);
    moe::ParameterWriter writer(net, parameters);
    write_distance(writer);
    BOOST_TEST(value(net, parameters, 0.25, 1.0) == 3.75);
}

BOOST_AUTO_TEST_CASE(a_text_that_does_not_fit_the_architecture_is_refused) {
    moe::ShapeRecorder shape;
    BOOST_CHECK_THROW(shape.neuron({}, 1.0), std::logic_error);
    write_distance(shape);
    const auto net = std::move(shape).sparse(2);
    std::vector<double> parameters(net.parameters());
    std::vector<double> short_array(net.parameters() - 1);
    BOOST_CHECK_THROW(moe::ParameterWriter(net, short_array), std::invalid_argument);
    moe::ParameterWriter writer(net, parameters);
    writer.next_layer();
    BOOST_CHECK_THROW(writer.neuron({{0, 1.0}}), std::invalid_argument);
    BOOST_CHECK_THROW(writer.neuron({{0, 1.0}, {1, 1.0}}, 0.0), std::invalid_argument);
    writer.next_layer();
    BOOST_CHECK_THROW(writer.next_layer(), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
