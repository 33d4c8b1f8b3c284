#include "big_integer_oracle.hpp"

#include "basics/random.hpp"
#include "forward/evaluate.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <stdexcept>

namespace {

using moe::Checked128;
using moe::Checked64;
using moe::IntegerNet;
using moe::IntegerOverflow;
using moe::oracle::Big;
using moe::oracle::big;

/// Random integers of every size: `bits` random bits shifted by up to 63.
std::int64_t integer_of_any_size(moe::RandomStream& random) {
    const auto shift = static_cast<unsigned>(random.below(64));
    const auto bits = static_cast<std::int64_t>(random.bits() >> shift);
    return random.below(2) == 0 || bits == std::numeric_limits<std::int64_t>::min() ? bits : -bits;
}

/// The operation, or nothing where it throws; to be compared with unlimited integers.
template<class Integer, class Operation>
bool agrees(const Integer& a, const Integer& b, const Operation& operation, const Big& largest) {
    const Big expected = operation(big(a), big(b));
    const bool fits = expected <= largest && expected >= -largest;
    try {
        return big(operation(a, b)) == expected && expected >= -largest - 1 && expected <= largest;
    } catch (const IntegerOverflow&) {
        return !fits;
    }
}

template<class Integer>
void check_operations(const std::vector<Integer>& numbers, const Big& largest) {
    std::size_t wrong = 0;
    for (const Integer& a : numbers) {
        for (const Integer& b : numbers) {
            wrong += agrees(
                         a, b, [](const auto& x, const auto& y) { return x + y; }, largest)
                         ? 0
                         : 1;
            wrong += agrees(
                         a, b, [](const auto& x, const auto& y) { return x - y; }, largest)
                         ? 0
                         : 1;
            wrong += agrees(
                         a, b, [](const auto& x, const auto& y) { return x * y; }, largest)
                         ? 0
                         : 1;
            wrong += (a < b) == (big(a) < big(b)) ? 0 : 1;
        }
    }
    BOOST_TEST(wrong == 0U);
}

} // namespace

BOOST_AUTO_TEST_SUITE(checked_integers)

BOOST_AUTO_TEST_CASE(operations_in_64_bits_equal_those_of_unlimited_integers_or_throw) {
    moe::RandomStream random(1, 2, 3);
    std::vector<Checked64> numbers{0, 1, -1, std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min()};
    for (int i = 0; i < 60; ++i)
        numbers.emplace_back(integer_of_any_size(random));
    check_operations(numbers, (Big(1) << 63U) - 1);
}

BOOST_AUTO_TEST_CASE(operations_in_128_bits_equal_those_of_unlimited_integers_or_throw) {
    moe::RandomStream random(1, 2, 4);
    std::vector<Checked128> numbers{0, 1, -1};
    for (int i = 0; i < 60; ++i) {
        numbers.emplace_back(integer_of_any_size(random));
        const Checked128 product = numbers.back() * Checked128(integer_of_any_size(random));
        numbers.push_back(product);
    }
    Checked128 power(1);
    for (int i = 0; i < 126; ++i)
        power = power + power;
    numbers.push_back(power - Checked128(1) + power); // 2^127 - 1
    numbers.push_back(-power);
    check_operations(numbers, (Big(1) << 127U) - 1);
}

BOOST_AUTO_TEST_CASE(decimal_digits_are_those_of_unlimited_integers_at_the_ends_of_the_range) {
    BOOST_TEST(Checked64(0).decimal() == "0");
    BOOST_TEST(Checked64(std::numeric_limits<std::int64_t>::min()).decimal() ==
               "-9223372036854775808");
    BOOST_TEST((Checked128(std::numeric_limits<std::int64_t>::min()) *
                Checked128(std::numeric_limits<std::int64_t>::min()))
                   .decimal() == Big(Big(1) << 126U).str());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(integer_nets)

BOOST_AUTO_TEST_CASE(a_net_gives_what_the_library_gives_for_the_same_float64_parameters) {
    moe::RandomStream random(5, 6, 7);
    const auto small = [&] { return Checked64(static_cast<std::int64_t>(random.below(41)) - 20); };
    IntegerNet<Checked64> net(3);
    std::uint32_t sources = 3;
    for (const std::uint32_t width : {5U, 4U, 2U}) {
        net.next_layer();
        for (std::uint32_t row = 0; row < width; ++row) {
            std::vector<moe::IntegerTerm<Checked64>> terms;
            for (std::uint32_t source = 0; source < sources; ++source)
                if (random.below(3) != 0) terms.push_back({source, small()});
            net.neuron(terms, small());
        }
        sources = width;
    }
    moe::ShapeRecorder shape;
    net.write(shape);
    const moe::Architecture architecture = shape.dense(3);
    std::vector<double> parameters(architecture.parameters());
    moe::ParameterWriter writer(architecture, parameters);
    net.write(writer);

    constexpr std::size_t count = 50;
    moe::IntegerActivations<Checked64> activations;
    for (std::size_t i = 0; i < 3 * count; ++i)
        activations.values.push_back(small());
    const std::vector<Checked64> points = activations.values;
    net.run(0, net.depth(), count, activations);
    for (std::size_t p = 0; p < count; ++p) {
        std::vector<double> x;
        std::vector<Big> exact_x;
        for (std::size_t i = 0; i < 3; ++i) {
            x.push_back(points[i * count + p].to_double());
            exact_x.push_back(big(points[i * count + p]));
        }
        std::vector<double> y(2);
        moe::evaluate<double>(architecture, parameters, x, y);
        const std::vector<Big> expected = moe::oracle::evaluate(net, exact_x).back();
        for (std::size_t i = 0; i < 2; ++i) {
            BOOST_TEST(activations.values[i * count + p].to_double() == y[i]);
            BOOST_TEST(big(activations.values[i * count + p]) == expected[i]);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_largest_magnitude_counts_inputs_weights_products_and_partial_sums) {
    IntegerNet<Checked64> net(2);
    net.next_layer();
    net.neuron({{0, 7}, {1, -7}}, 1); // at (10, 10): 1, then 71, then 1
    const std::vector<Checked64> point{10, 10};
    BOOST_TEST((net.largest_magnitude(point, 1) == Checked64(71)));
    const std::vector<Checked64> far{0, -100};
    BOOST_TEST((net.largest_magnitude(far, 1) == Checked64(701)));
}

BOOST_AUTO_TEST_CASE(an_evaluation_that_leaves_64_bits_throws_and_goes_through_in_128) {
    const auto square_of_2_to_the_40 = []<class Integer>(Integer /*type*/) {
        IntegerNet<Integer> net(1);
        net.next_layer();
        net.neuron({{0, Integer(std::int64_t{1} << 40U)}});
        moe::IntegerActivations<Integer> activations;
        activations.values = {Integer(std::int64_t{1} << 40U)};
        net.run(0, 1, 1, activations);
        return activations.values.front().decimal();
    };
    BOOST_CHECK_THROW(square_of_2_to_the_40(Checked64()), IntegerOverflow);
    BOOST_TEST(square_of_2_to_the_40(Checked128()) == Big(Big(1) << 80U).str());
}

BOOST_AUTO_TEST_CASE(neurons_that_are_out_of_place_are_refused) {
    IntegerNet<Checked64> net(2);
    BOOST_CHECK_THROW(net.neuron({}), std::logic_error);
    net.next_layer();
    BOOST_CHECK_THROW(net.neuron({{2, 1}}), std::logic_error);
    BOOST_CHECK_THROW(net.neuron({{1, 1}, {0, 1}}), std::logic_error);
    BOOST_CHECK_THROW(net.neuron({{0, 1}, {0, 1}}), std::logic_error);
    net.neuron({{0, 1}, {1, 1}});
    BOOST_CHECK_THROW(static_cast<void>(net.bias(0, 1)), std::out_of_range);
    moe::IntegerActivations<Checked64> too_few;
    too_few.values.resize(3);
    BOOST_CHECK_THROW(net.run(0, 1, 2, too_few), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
