#include "training/stack_gradient.hpp"

#include "basics/error.hpp"
#include "training/plain_training.hpp"
#include "training/training_cases.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace {

using moe::Batch;
using moe::StackGradient;
using moe::StackShape;
using plain::Vector;

std::vector<Vector> some_loads(const StackShape& shape) {
    std::vector<Vector> loads;
    for (std::size_t l = 0; l < shape.depth(); ++l) {
        const std::size_t experts = shape.layer(l).experts;
        Vector row(experts);
        for (std::size_t e = 0; e < experts; ++e)
            row[e] = static_cast<double>(e + 1) / static_cast<double>(experts * (experts + 1) / 2);
        loads.push_back(row);
    }
    return loads;
}

template<class T>
void set_loads(StackGradient<T>& gradient, const std::vector<Vector>& loads) {
    for (std::size_t l = 0; l < loads.size(); ++l)
        std::ranges::copy(loads[l], gradient.balance_loads(l).begin());
}

/// Largest difference relative to the largest entry.
double difference(const Vector& a, const Vector& b) {
    double largest = 0.0;
    double scale = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, std::abs(a[i] - b[i]));
        scale = std::max(scale, std::abs(b[i]));
    }
    return largest / scale;
}

/// Central differences of a function of the parameters; the step is small against the distance
/// to the nearest kink or tie in all but a few of a thousand parameters.
template<class Function>
Vector differences(const Function& function, Vector parameters) {
    constexpr double step = 1e-6;
    Vector result(parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const double here = parameters[i];
        parameters[i] = here + step;
        const double above = function(parameters);
        parameters[i] = here - step;
        const double below = function(parameters);
        parameters[i] = here;
        result[i] = (above - below) / (2.0 * step);
    }
    return result;
}

/// Smallest distance of a hidden unit from its kink and of a gate from a tie over the batch.
double margin(const StackShape& shape, const Vector& parameters, Batch<double>& batch) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t b = 0; b < batch.samples(); ++b) {
        Vector x = cases::input(batch, shape, b);
        for (std::size_t l = 0; l < shape.depth(); ++l) {
            const plain::LayerState layer = plain::evaluate(shape, l, parameters, x);
            for (std::size_t e = 0; e < layer.logits.size(); ++e) {
                if (e != layer.chosen)
                    least = std::min(least, layer.logits[layer.chosen] - layer.logits[e]);
            }
            const auto& maps = shape.expert(l, layer.chosen);
            Vector state = x;
            for (std::size_t j = 0; j + 1 < maps.size(); ++j) {
                state = plain::affine(maps[j], parameters, state);
                for (double& value : state) {
                    least = std::min(least, std::abs(value));
                    value = std::max(value, 0.0);
                }
            }
            x = layer.output();
        }
    }
    return least;
}

/// Parameters and a batch whose margin is far above the step of the differences.
Vector parameters_off_kinks(const StackShape& shape, Batch<double>& batch) {
    for (std::uint32_t number = 0; number < 2000; ++number) {
        Vector parameters = cases::parameters(shape, number);
        cases::fill(batch, shape, number);
        if (margin(shape, parameters, batch) > 1e-4) return parameters;
    }
    throw std::logic_error("no batch off kinks and ties");
}

} // namespace

BOOST_AUTO_TEST_SUITE(stack_gradient)

BOOST_AUTO_TEST_CASE(loss_and_gradient_are_those_of_the_formulas_taken_sample_by_sample) {
    for (const auto& [name, shape] : cases::shapes()) {
        for (const std::size_t samples : {1U, 5U, 8U, 63U, 256U}) {
            BOOST_TEST_CONTEXT(name << ", " << samples << " samples") {
                const Vector parameters = cases::parameters(shape);
                Batch<double> batch = cases::batch<double>(shape, samples);
                const std::vector<Vector> loads = some_loads(shape);
                StackGradient<double> gradient(shape, samples);
                set_loads(gradient, loads);
                // Of a wrong value, so that every entry must be written.
                Vector found(parameters.size(), 1e9);
                const double loss = gradient(parameters, batch, 0.05, found);

                Vector expected(parameters.size(), 0.0);
                double expected_loss = 0.0;
                for (std::size_t b = 0; b < samples; ++b)
                    expected_loss +=
                        plain::add_gradient(shape, parameters, cases::input(batch, shape, b),
                                            cases::target(batch, shape, b),
                                            static_cast<double>(samples), 0.05, loads, expected);
                BOOST_TEST(std::abs(loss - expected_loss) <= 1e-13 * expected_loss);
                BOOST_TEST(difference(found, expected) <= 1e-13);
                BOOST_TEST(gradient.loss(parameters, batch) == loss);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(expert_gradients_are_central_differences_of_the_hard_loss) {
    // Below a gated layer the straight-through gradient is not that of the hard loss.
    for (const auto& [name, shape] : cases::shapes()) {
        bool gated_above = false;
        for (std::size_t l = 1; l < shape.depth(); ++l)
            gated_above = gated_above || shape.layer(l).gated;
        if (gated_above) continue;
        BOOST_TEST_CONTEXT(name) {
            Batch<double> batch(shape.inputs(), shape.outputs(), 6);
            const Vector parameters = parameters_off_kinks(shape, batch);
            StackGradient<double> gradient(shape, 6);
            Vector found(parameters.size());
            gradient(parameters, batch, 0.0, found);
            const Vector expected =
                differences([&](const Vector& at) { return gradient.loss(at, batch); }, parameters);
            double scale = 0.0;
            for (const double value : expected)
                scale = std::max(scale, std::abs(value));
            for (std::size_t l = 0; l < shape.depth(); ++l) {
                for (std::size_t e = 0; e < shape.layer(l).experts; ++e) {
                    for (const moe::AffineBlock& map : shape.expert(l, e)) {
                        for (std::size_t i = 0; i < map.parameters(); ++i)
                            BOOST_TEST(std::abs(found[map.offset + i] - expected[map.offset + i]) <=
                                       1e-8 * scale);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(straight_through_gradients_are_central_differences_of_the_softened_loss) {
    // Top layer: hard loss + sum_e p_e(z) a_e with a held. Its derivatives in everything but the
    // lower gates are the gradient, also through the layer's input.
    const StackShape shape({{2, 4, 3, {6}, true}, {4, 2, 3, {5}, true}});
    constexpr std::size_t samples = 6;
    Batch<double> batch(2, 2, samples);
    const Vector parameters = parameters_off_kinks(shape, batch);
    const double balance = 0.03;
    const std::vector<Vector> loads = some_loads(shape);

    std::vector<Vector> held(samples);
    for (std::size_t b = 0; b < samples; ++b) {
        const Vector target = cases::target(batch, shape, b);
        const auto below = plain::evaluate(shape, 0, parameters, cases::input(batch, shape, b));
        const auto top = plain::evaluate(shape, 1, parameters, below.output());
        for (std::size_t e = 0; e < 3; ++e) {
            double a = balance * 3.0 * loads[1][e] / samples;
            for (std::size_t o = 0; o < 2; ++o)
                a += 2.0 * (top.output()[o] - target[o]) / samples * top.states[e].back()[o];
            held[b].push_back(a);
        }
    }
    const auto softened = [&](const Vector& at) {
        double sum = 0.0;
        for (std::size_t b = 0; b < samples; ++b) {
            const Vector target = cases::target(batch, shape, b);
            const auto below = plain::evaluate(shape, 0, at, cases::input(batch, shape, b));
            const auto top = plain::evaluate(shape, 1, at, below.output());
            const Vector p = plain::softmax(top.logits);
            for (std::size_t o = 0; o < 2; ++o)
                sum += std::pow(top.output()[o] - target[o], 2) / samples;
            for (std::size_t e = 0; e < 3; ++e)
                sum += p[e] * held[b][e];
        }
        return sum;
    };
    const Vector expected = differences(softened, parameters);
    StackGradient<double> gradient(shape, samples);
    set_loads(gradient, loads);
    Vector found(parameters.size());
    gradient(parameters, batch, balance, found);
    const moe::AffineBlock& lower_gate = shape.gate(0);
    double scale = 0.0;
    for (const double value : expected)
        scale = std::max(scale, std::abs(value));
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (i >= lower_gate.offset && i < lower_gate.offset + lower_gate.parameters()) continue;
        BOOST_TEST(std::abs(found[i] - expected[i]) <= 1e-8 * scale);
    }
}

BOOST_AUTO_TEST_CASE(every_instruction_set_gives_the_same_bits) {
    const auto same = [](const StackShape& shape, auto zero) {
        using T = decltype(zero);
        const Vector start = cases::parameters(shape);
        const std::vector<T> parameters(start.begin(), start.end());
        const Batch<T> batch = cases::batch<T>(shape, 77);
        std::vector<T> reference(parameters.size());
        StackGradient<T> baseline(shape, 77, moe::InstructionSet::baseline);
        const double loss = baseline(parameters, batch, 0.02, reference);
        for (const auto set : {moe::InstructionSet::avx2, moe::InstructionSet::avx512}) {
            if (!moe::available(set)) continue;
            StackGradient<T> gradient(shape, 77, set);
            std::vector<T> found(parameters.size());
            BOOST_TEST(gradient(parameters, batch, 0.02, found) == loss);
            BOOST_TEST((found == reference));
        }
    };
    for (const auto& [name, shape] : cases::shapes()) {
        BOOST_TEST_CONTEXT(name) {
            same(shape, 0.0F);
            same(shape, 0.0);
        }
    }
}

BOOST_AUTO_TEST_CASE(float32_differs_from_float64_by_its_rounding) {
    for (const auto& [name, shape] : cases::shapes()) {
        BOOST_TEST_CONTEXT(name) {
            const Vector parameters = cases::parameters(shape);
            const std::vector<float> rounded(parameters.begin(), parameters.end());
            const Vector exact(rounded.begin(), rounded.end());
            const Batch<float> batch = cases::batch<float>(shape, 64);
            Batch<double> wide(shape.inputs(), shape.outputs(), 64);
            for (std::size_t b = 0; b < 64; ++b) {
                for (std::size_t i = 0; i < shape.inputs(); ++i)
                    wide.input(i)[b] = batch.inputs().row(i)[b];
                for (std::size_t o = 0; o < shape.outputs(); ++o)
                    wide.target(o)[b] = batch.targets().row(o)[b];
            }
            std::vector<float> found(parameters.size());
            Vector expected(parameters.size());
            StackGradient<float> narrow_gradient(shape, 64);
            StackGradient<double> wide_gradient(shape, 64);
            narrow_gradient(rounded, batch, 0.02, found);
            wide_gradient(exact, wide, 0.02, expected);
            BOOST_TEST(difference(Vector(found.begin(), found.end()), expected) < 1e-5);
        }
    }
}

BOOST_AUTO_TEST_CASE(an_expert_without_samples_gets_no_gradient_and_ties_go_to_the_lowest_index) {
    const StackShape shape({{2, 1, 3, {4}, true}});
    Vector parameters = cases::parameters(shape);
    const moe::AffineBlock& gate = shape.gate(0);
    std::fill_n(parameters.begin() + static_cast<std::ptrdiff_t>(gate.offset), gate.parameters(),
                0.0); // all logits equal
    const Batch<double> batch = cases::batch<double>(shape, 20);
    StackGradient<double> gradient(shape, 20);
    Vector found(parameters.size(), 1e9);
    gradient(parameters, batch, 0.02, found);
    BOOST_TEST(gradient.loads(0)[0] == 1.0);
    BOOST_TEST(gradient.loads(0)[1] == 0.0);
    for (std::size_t e = 1; e < 3; ++e) {
        for (const moe::AffineBlock& map : shape.expert(0, e)) {
            for (std::size_t i = 0; i < map.parameters(); ++i)
                BOOST_TEST(found[map.offset + i] == 0.0);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_balance_term_sees_the_loads_of_the_batch_before) {
    const StackShape shape({{2, 1, 3, {4}, true}});
    const Vector parameters = cases::parameters(shape);
    const Batch<double> first = cases::batch<double>(shape, 50, 1);
    const Batch<double> second = cases::batch<double>(shape, 50, 2);
    StackGradient<double> gradient(shape, 50);
    for (const double load : gradient.balance_loads(0))
        BOOST_TEST(load == 1.0 / 3.0);
    Vector found(parameters.size());
    gradient(parameters, first, 0.5, found);
    const Vector loads(gradient.loads(0).begin(), gradient.loads(0).end());
    BOOST_TEST(std::accumulate(loads.begin(), loads.end(), 0.0) == 1.0);
    BOOST_TEST(std::ranges::equal(gradient.balance_loads(0), loads));
    gradient(parameters, second, 0.5, found);

    StackGradient<double> alone(shape, 50);
    std::ranges::copy(loads, alone.balance_loads(0).begin());
    Vector expected(parameters.size());
    alone(parameters, second, 0.5, expected);
    BOOST_TEST(found == expected);
}

BOOST_AUTO_TEST_CASE(wrong_sizes_are_refused) {
    const StackShape shape({{2, 1, 3, {4}, true}});
    BOOST_CHECK_THROW(StackGradient<double>(shape, 0), moe::InputError);
    StackGradient<double> gradient(shape, 8);
    const Vector parameters = cases::parameters(shape);
    Vector found(parameters.size());
    const Batch<double> batch = cases::batch<double>(shape, 8);
    const Batch<double> longer = cases::batch<double>(shape, 9);
    BOOST_CHECK_THROW(gradient(parameters, longer, 0.0, found), std::invalid_argument);
    BOOST_CHECK_THROW(gradient(std::span(parameters).first(3), batch, 0.0, found),
                      std::invalid_argument);
    Vector fewer(3);
    BOOST_CHECK_THROW(gradient(parameters, batch, 0.0, fewer), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
