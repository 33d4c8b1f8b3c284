#include "basics/random.hpp"
#include "gating/gated_function.hpp"
#include "gating/reference_truths.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::GatedClass;
using moe::GatedFunction;
using moe::GateKind;

constexpr GateKind gates[] = {GateKind::sigmoid, GateKind::softmax};
constexpr ExpertActivation experts[] = {ExpertActivation::gelu,   ExpertActivation::tanh,
                                        ExpertActivation::linear, ExpertActivation::square,
                                        ExpertActivation::relu,   ExpertActivation::constant};

/// Parameters within [-2, 2]; no kink of a ReLU expert on the points that the tests use.
std::vector<double> random_parameters(std::size_t count, moe::RandomStream& stream) {
    std::vector<double> theta(count);
    for (double& value : theta) {
        value = -2.0 + 4.0 * stream.uniform();
    }
    return theta;
}

/// f by the textbook formulas in long double, one point at a time.
long double textbook(const GatedFunction& f, long double x) {
    long double sum = 0.0L;
    long double masses = 0.0L;
    for (const Atom& atom : f.atoms) {
        const long double u = atom.b1 * x + atom.b0;
        const long double z = atom.a * x + atom.b;
        const long double gate =
            f.gate == GateKind::softmax ? std::exp(u) : 1.0L / (1.0L + std::exp(-u));
        long double h = atom.b;
        switch (f.expert) {
        case ExpertActivation::gelu:
            h = z * 0.5L * std::erfc(-z / std::sqrt(2.0L));
            break;
        case ExpertActivation::tanh:
            h = std::tanh(z);
            break;
        case ExpertActivation::linear:
            h = z;
            break;
        case ExpertActivation::square:
            h = z * z;
            break;
        case ExpertActivation::relu:
            h = std::max(z, 0.0L);
            break;
        case ExpertActivation::constant:
            break;
        }
        sum += gate * h;
        masses += std::exp(u);
    }
    return f.gate == GateKind::softmax ? sum / masses : sum;
}

void check_values(const GatedFunction& f, const std::vector<double>& expected) {
    const std::vector<double> points{-7.0, -2.5, -0.5, 0.0, 0.75, 3.0, 6.5};
    const std::vector<double> values = moe::values_on(f, points);
    for (std::size_t i = 0; i < points.size(); ++i) {
        BOOST_TEST(std::abs(values[i] - expected[i]) <= 6e-13, "x = " << points[i]);
    }
}

BOOST_AUTO_TEST_SUITE(gated_function)

// Values measured with an independent prototype, to 12 decimals.
BOOST_AUTO_TEST_CASE(the_truths_have_the_measured_values) {
    using namespace moe::reference;
    const std::vector<double> common{13.259855062881, 5.086409584390, 1.388172457514,
                                     0.656002750455,  0.613344274754, 4.861307410390,
                                     11.969351146362};
    check_values(SIG2C(ExpertActivation::gelu), common);
    check_values(SOFT(ExpertActivation::gelu), common);
    check_values(SIG2(ExpertActivation::gelu),
                 {0.032885887983, 0.469925670420, 0.654796304350, 0.475847971009, 0.545329185295,
                  4.810525691389, 11.987097485393});
    check_values(SIG2(ExpertActivation::tanh),
                 {0.001465852337, 0.028493813508, 0.083316641603, 0.252077754424, 0.488191329210,
                  0.011145875113, 0.002942453625});
    check_values(SIG1(ExpertActivation::gelu),
                 {5.337454120504, 2.267414641174, 0.857680801828, 0.475847971009, 0.535123181258,
                  4.810716938199, 11.987097485393});
    check_values(SOFT(ExpertActivation::tanh),
                 {0.993963167345, 0.800484939673, 0.330884770284, 0.355657401478, 0.534422958159,
                  0.800584164254, 0.986614298139});
}

BOOST_AUTO_TEST_CASE(a_softmax_of_two_experts_is_a_sigmoid_mixture_with_opposite_gates) {
    for (const ExpertActivation expert : experts) {
        const auto points = moe::reference::grid();
        const auto soft = moe::values_on(moe::reference::SOFT(expert), points);
        const auto sigmoid = moe::values_on(moe::reference::SIG2C(expert), points);
        for (std::size_t b = 0; b < points.size(); ++b) {
            BOOST_TEST(std::abs(soft[b] - sigmoid[b]) <= 1e-13 * (1.0 + std::abs(soft[b])));
        }
    }
}

BOOST_AUTO_TEST_CASE(values_are_the_textbook_formulas) {
    moe::RandomStream stream(1, 1, 1);
    const std::vector<double> points = moe::midpoint_grid(-8.0, 8.0, 97);
    for (const GateKind gate : gates) {
        for (const ExpertActivation expert : experts) {
            for (std::size_t k = 1; k <= 4; ++k) {
                const GatedClass functions{gate, expert, k};
                const auto theta = random_parameters(functions.parameters(), stream);
                const GatedFunction f = moe::function_of(functions, theta);
                std::vector<double> values(points.size());
                moe::evaluate(functions, theta, points, values);
                double worst = 0.0;
                for (std::size_t b = 0; b < points.size(); ++b) {
                    const auto exact = static_cast<double>(textbook(f, points[b]));
                    worst = std::max(worst, std::abs(values[b] - exact) / (1.0 + std::abs(exact)));
                }
                // Largest found: 1.3e-15, relative to the largest expert.
                BOOST_TEST(worst <= 2e-14, name_of(gate) << " " << name_of(expert));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_jacobian_is_what_central_differences_find) {
    moe::RandomStream stream(2, 1, 1);
    const std::vector<double> points = moe::midpoint_grid(-3.0, 3.0, 33);
    const std::size_t M = points.size();
    for (const GateKind gate : gates) {
        for (const ExpertActivation expert : experts) {
            const GatedClass functions{gate, expert, 3};
            const std::size_t p = functions.parameters();
            const auto theta = random_parameters(p, stream);
            std::vector<double> values(M);
            std::vector<double> jacobian(M * p);
            moe::evaluate_with_jacobian(functions, theta, points, values, jacobian);
            std::vector<double> plain(M);
            moe::evaluate(functions, theta, points, plain);
            BOOST_TEST((values == plain));
            constexpr double h = 1e-6;
            double worst = 0.0;
            for (std::size_t j = 0; j < p; ++j) {
                std::vector<double> above = theta;
                std::vector<double> below = theta;
                above[j] += h;
                below[j] -= h;
                std::vector<double> up(M);
                std::vector<double> down(M);
                moe::evaluate(functions, above, points, up);
                moe::evaluate(functions, below, points, down);
                for (std::size_t b = 0; b < M; ++b) {
                    const double difference = (up[b] - down[b]) / (2.0 * h);
                    worst = std::max(worst, std::abs(jacobian[j * M + b] - difference));
                }
            }
            BOOST_TEST(worst <= 1e-7, name_of(gate) << " " << name_of(expert) << " " << worst);
        }
    }
}

BOOST_AUTO_TEST_CASE(second_derivatives_are_what_differences_of_the_jacobian_find) {
    moe::RandomStream stream(3, 1, 1);
    for (const std::size_t M : {std::size_t{32}, std::size_t{33}}) {
        const std::vector<double> points = moe::midpoint_grid(-3.0, 3.0, M);
        std::vector<double> weights(M);
        std::vector<double> factors(M);
        for (std::size_t b = 0; b < M; ++b) {
            weights[b] = stream.uniform();
            factors[b] = stream.normal();
        }
        for (const GateKind gate : gates) {
            for (const ExpertActivation expert : experts) {
                const GatedClass functions{gate, expert, 3};
                const std::size_t p = functions.parameters();
                const auto theta = random_parameters(p, stream);
                std::vector<double> matrix(p * p);
                moe::sum_second_derivatives(functions, theta, points, weights, factors, matrix);
                const auto weighted_column = [&](double h, std::size_t j, std::size_t column) {
                    std::vector<double> moved = theta;
                    moved[j] += h;
                    std::vector<double> values(M);
                    std::vector<double> jacobian(M * p);
                    moe::evaluate_with_jacobian(functions, moved, points, values, jacobian);
                    double sum = 0.0;
                    for (std::size_t b = 0; b < M; ++b) {
                        sum += weights[b] * factors[b] * jacobian[column * M + b];
                    }
                    return sum;
                };
                constexpr double h = 1e-6;
                double worst = 0.0;
                for (std::size_t j = 0; j < p; ++j) {
                    for (std::size_t l = 0; l < p; ++l) {
                        const double difference =
                            (weighted_column(h, j, l) - weighted_column(-h, j, l)) / (2.0 * h);
                        worst = std::max(worst, std::abs(matrix[j * p + l] - difference));
                    }
                }
                BOOST_TEST(worst <= 3e-7, name_of(gate) << " " << name_of(expert) << " " << worst);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_point_has_the_same_bits_in_any_company) {
    moe::RandomStream stream(4, 1, 1);
    const std::vector<double> points = moe::midpoint_grid(-8.0, 8.0, 7);
    for (const GateKind gate : gates) {
        for (const ExpertActivation expert : experts) {
            const GatedClass functions{gate, expert, 2};
            const auto f =
                moe::function_of(functions, random_parameters(functions.parameters(), stream));
            const auto together = moe::values_on(f, points);
            for (std::size_t b = 0; b < points.size(); ++b) {
                BOOST_TEST(moe::values_on(f, {&points[b], 1}).front() == together[b]);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(steep_gates_neither_overflow_nor_lose_the_sum) {
    for (const double slope : {3.125, 100.0, 1e5}) { // |u| up to 25, 800 and 8e5
        for (const ExpertActivation expert : experts) {
            const std::vector<Atom> atoms{{slope, 0.0, 1.0, 0.5}, {-slope, 0.0, -1.0, 0.25}};
            const auto points = moe::reference::grid();
            for (const GateKind gate : gates) {
                for (const double value : moe::values_on({gate, expert, atoms}, points)) {
                    BOOST_TEST(std::isfinite(value));
                }
            }
            // sigma(u) + sigma(-u) = 1, whatever u.
            std::vector<Atom> same = atoms;
            same[1].a = same[0].a;
            same[1].b = same[0].b;
            const GatedFunction opposite{GateKind::sigmoid, expert, same};
            const GatedFunction half{GateKind::softmax, expert, {same[0]}};
            BOOST_TEST(moe::grid_distance(opposite, half, points) <= 1e-14);
        }
    }
}

BOOST_AUTO_TEST_CASE(gelu_far_below_zero_is_zero_or_tiny_and_never_nan) {
    const GatedFunction gelu{GateKind::softmax, ExpertActivation::gelu, {{0.0, 0.0, 1.0, 0.0}}};
    const GatedClass functions = gelu.function_class();
    const std::vector<double> points{-30.0, -37.0, -38.0, -40.0, -1e4, -1e150};
    std::vector<double> values(points.size());
    std::vector<double> jacobian(points.size() * functions.parameters());
    moe::evaluate_with_jacobian(functions, moe::free_parameters(gelu), points, values, jacobian);
    for (std::size_t b = 0; b < points.size(); ++b) {
        BOOST_TEST(values[b] <= 0.0); // false for NaN
        BOOST_TEST(std::abs(values[b]) <= 1e-195);
        BOOST_TEST(std::isfinite(jacobian[b]));
    }
    // Phi(-30) = 4.906713927148e-198 (W. Cody's erfc and tables agree).
    BOOST_TEST(std::abs(values[0] / (-30.0 * 4.906713927148187e-198) - 1.0) <= 1e-13);
}

BOOST_AUTO_TEST_CASE(translating_softmax_gates_does_not_change_the_function) {
    moe::RandomStream stream(5, 1, 1);
    const GatedClass functions{GateKind::softmax, ExpertActivation::gelu, 3};
    const auto theta = random_parameters(functions.parameters(), stream);
    const GatedFunction f = moe::function_of(functions, theta);
    for (std::size_t reference = 0; reference < 3; ++reference) {
        const GatedFunction g = moe::translated_gates(f, reference);
        BOOST_TEST(g.atoms[reference].b1 == 0.0);
        BOOST_TEST(g.atoms[reference].b0 == 0.0);
        BOOST_TEST(moe::grid_distance(f, g, moe::reference::grid()) <= 1e-14);
        const auto back = moe::free_parameters(g);
        for (std::size_t j = 0; j < theta.size(); ++j) {
            BOOST_TEST(std::abs(back[j] - theta[j]) <= 1e-15);
        }
    }
    const GatedFunction sigmoid = moe::reference::SIG2(ExpertActivation::gelu);
    BOOST_TEST(moe::translated_gates(sigmoid, 0).atoms[0].b1 == sigmoid.atoms[0].b1);
}

BOOST_AUTO_TEST_CASE(parameters_and_functions_are_inverse_to_each_other) {
    moe::RandomStream stream(6, 1, 1);
    for (const GateKind gate : gates) {
        for (std::size_t k = 1; k <= 4; ++k) {
            const GatedClass functions{gate, ExpertActivation::tanh, k};
            BOOST_TEST(functions.parameters() == 4 * k - (gate == GateKind::softmax ? 2 : 0));
            const auto theta = random_parameters(functions.parameters(), stream);
            BOOST_TEST((moe::free_parameters(moe::function_of(functions, theta)) == theta));
        }
    }
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit_are_refused) {
    const GatedClass functions{GateKind::sigmoid, ExpertActivation::gelu, 2};
    const std::vector<double> points(4);
    const std::vector<double> theta(8);
    std::vector<double> values(4);
    std::vector<double> jacobian(31);
    BOOST_CHECK_THROW(moe::evaluate(functions, {theta.data(), 7}, points, values),
                      std::invalid_argument);
    BOOST_CHECK_THROW(moe::evaluate(functions, theta, {points.data(), 3}, values),
                      std::invalid_argument);
    BOOST_CHECK_THROW(moe::evaluate_with_jacobian(functions, theta, points, values, jacobian),
                      std::invalid_argument);
    BOOST_CHECK_THROW(
        moe::sum_second_derivatives(functions, theta, points, values, values, jacobian),
        std::invalid_argument);
    BOOST_CHECK_THROW((moe::evaluate({GateKind::sigmoid, ExpertActivation::gelu, 17},
                                     std::vector<double>(68), points, values)),
                      std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::function_of(functions, {theta.data(), 7})),
                      std::invalid_argument);
    BOOST_CHECK_THROW(
        static_cast<void>(moe::translated_gates(moe::reference::SOFT(ExpertActivation::gelu), 2)),
        std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
