#include "basics/vector_math.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

using Values = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double least = std::numeric_limits<double>::denorm_min();
constexpr double least_normal = std::numeric_limits<double>::min();
constexpr double greatest = std::numeric_limits<double>::max();

Values exp_of(const Values& x) {
    Values result(x.size());
    moe::exp_all(x, result);
    return result;
}

Values log_of(const Values& x) {
    Values result(x.size());
    moe::log_all(x, result);
    return result;
}

/// Distance from the exact value in units of its last place as a double.
double ulps(double value, long double exact) {
    const auto rounded = static_cast<double>(exact);
    int exponent = 0;
    std::frexp(rounded, &exponent);
    const double unit = std::ldexp(1.0, std::max(exponent - 53, -1074));
    return static_cast<double>(std::abs(value - exact) / unit);
}

/// Numbers of every magnitude: random bits that are no NaN or infinity.
Values any_numbers(std::size_t count) {
    moe::RandomStream random(7, moe::cell_key("vector math"), 0);
    Values x;
    while (x.size() < count) {
        const auto value = std::bit_cast<double>(random.bits());
        if (std::isfinite(value)) x.push_back(value);
    }
    return x;
}

Values uniform_numbers(std::size_t count, double low, double high) {
    moe::RandomStream random(8, moe::cell_key("vector math"), 1);
    Values x(count);
    for (double& value : x)
        value = low + (high - low) * random.uniform();
    return x;
}

Values edges() {
    return {0.0,
            -0.0,
            infinity,
            -infinity,
            not_a_number,
            1.0,
            -1.0,
            least,
            least_normal,
            greatest,
            -least,
            -greatest,
            708.0,
            709.78,
            709.79,
            710.5,
            1e300,
            -708.0,
            -745.0,
            -745.13,
            -745.14,
            -746.0,
            -1e300,
            0.5,
            2.0,
            0x1p-30,
            1 + 0x1p-52,
            1 - 0x1p-53,
            0x1.6a09e667f3bcdp+0,
            0x1.6a09e667f3bccp+0};
}

std::uint64_t bits(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(vector_math)

BOOST_AUTO_TEST_CASE(exp_is_within_one_ulp_of_the_extended_precision_value) {
    double worst = 0.0;
    for (const double range : {1e-3, 1.0, 40.0, 708.0}) {
        const Values x = uniform_numbers(200000, -range, range);
        const Values y = exp_of(x);
        for (std::size_t i = 0; i < x.size(); ++i)
            worst = std::max(worst, ulps(y[i], std::exp(static_cast<long double>(x[i]))));
    }
    BOOST_TEST(worst < 1.0);
    BOOST_TEST_MESSAGE("exp: largest error " << worst << " ulp");
}

BOOST_AUTO_TEST_CASE(exp_underflows_gradually) {
    const Values x = uniform_numbers(100000, -746.0, -708.0);
    const Values y = exp_of(x);
    double worst = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i)
        worst = std::max(worst, ulps(y[i], std::exp(static_cast<long double>(x[i]))));
    BOOST_TEST(worst < 1.5);
}

BOOST_AUTO_TEST_CASE(log_is_within_one_ulp_of_the_extended_precision_value) {
    double worst = 0.0;
    const auto judge = [&worst](const Values& x) {
        const Values y = log_of(x);
        for (std::size_t i = 0; i < x.size(); ++i)
            worst = std::max(worst, ulps(y[i], std::log(static_cast<long double>(x[i]))));
    };
    Values x = any_numbers(400000);
    for (double& value : x)
        value = std::abs(value);
    judge(x);
    judge(uniform_numbers(400000, 0.5, 2.0));
    judge(uniform_numbers(100000, 1.0 - 1e-6, 1.0 + 1e-6));
    judge(uniform_numbers(1000, 0.0, 3 * least_normal));
    BOOST_TEST(worst < 1.0);
    BOOST_TEST_MESSAGE("log: largest error " << worst << " ulp");
}

BOOST_AUTO_TEST_CASE(sine_and_cosine_are_within_one_ulp_of_the_extended_precision_values) {
    double worst = 0.0;
    for (const double range : {1e-3, 1.0, 10.0, 1e3, 524288.0, 1e9}) {
        Values x = uniform_numbers(200000, -range, range);
        for (int k = -2000; k <= 2000; ++k) { // where one of the two nearly vanishes
            const double quarter = k * 1.5707963267948966;
            if (std::abs(quarter) <= range) x.push_back(quarter);
        }
        Values s(x.size());
        Values c(x.size());
        moe::sin_cos_all(x, s, c);
        for (std::size_t i = 0; i < x.size(); ++i) {
            worst = std::max(worst, ulps(s[i], std::sin(static_cast<long double>(x[i]))));
            worst = std::max(worst, ulps(c[i], std::cos(static_cast<long double>(x[i]))));
        }
    }
    BOOST_TEST(worst < 1.0);
    BOOST_TEST_MESSAGE("sine and cosine: largest error " << worst << " ulp");
}

BOOST_AUTO_TEST_CASE(sine_and_cosine_of_edge_values_are_those_of_the_standard_library) {
    const Values x = edges();
    Values s = x; // in place
    Values c(x.size());
    moe::sin_cos_all(s, s, c);
    for (std::size_t i = 0; i < x.size(); ++i) {
        BOOST_TEST_CONTEXT("x = " << x[i]) {
            BOOST_TEST(std::isnan(s[i]) == std::isnan(std::sin(x[i])));
            BOOST_TEST(std::isnan(c[i]) == std::isnan(std::cos(x[i])));
            if (!std::isfinite(x[i])) continue;
            BOOST_TEST(ulps(s[i], std::sin(x[i])) <= 1.0);
            BOOST_TEST(ulps(c[i], std::cos(x[i])) <= 1.0);
        }
    }
    BOOST_CHECK_THROW(moe::sin_cos_all(Values(4, 1.0), s, c), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(edge_values_are_those_of_the_standard_library) {
    const Values x = edges();
    const Values e = exp_of(x);
    const Values l = log_of(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
        BOOST_TEST_CONTEXT("x = " << x[i]) {
            const double exact_exp = std::exp(x[i]);
            const double exact_log = std::log(x[i]);
            BOOST_TEST(std::isnan(e[i]) == std::isnan(exact_exp));
            BOOST_TEST(std::isnan(l[i]) == std::isnan(exact_log));
            if (!std::isfinite(exact_exp) || exact_exp == 0.0 || exact_exp == 1.0)
                BOOST_TEST((bits(e[i]) == bits(exact_exp) || std::isnan(exact_exp)));
            else
                BOOST_TEST(ulps(e[i], exact_exp) <= 1.0);
            if (!std::isfinite(exact_log) || exact_log == 0.0)
                BOOST_TEST((bits(l[i]) == bits(exact_log) || std::isnan(exact_log)));
            else
                BOOST_TEST(ulps(l[i], exact_log) <= 1.0);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_instruction_set_gives_the_same_bits) {
    Values x = any_numbers(100003);
    const Values small = uniform_numbers(100003, -750.0, 720.0);
    x.insert(x.end(), small.begin(), small.end());
    const Values special = edges();
    x.insert(x.end(), special.begin(), special.end());
    Values reference(x.size());
    Values result(x.size());
    const auto same = [&] {
        return std::ranges::equal(reference, result, [](double a, double b) {
            return bits(a) == bits(b) || (std::isnan(a) && std::isnan(b));
        });
    };
    for (const auto set : {moe::InstructionSet::avx2, moe::InstructionSet::avx512}) {
        if (!moe::available(set)) {
            BOOST_TEST_MESSAGE("this processor lacks instruction set " << static_cast<int>(set));
            continue;
        }
        moe::exp_all(moe::InstructionSet::baseline, x, reference);
        moe::exp_all(set, x, result);
        BOOST_TEST(same());
        moe::log_all(moe::InstructionSet::baseline, x, reference);
        moe::log_all(set, x, result);
        BOOST_TEST(same());
        Values cosine(x.size());
        moe::sin_cos_all(moe::InstructionSet::baseline, x, reference, cosine);
        moe::sin_cos_all(set, x, result, cosine);
        BOOST_TEST(same());
        moe::sin_cos_all(moe::InstructionSet::baseline, x, cosine, reference);
        moe::sin_cos_all(set, x, cosine, result);
        BOOST_TEST(same());
    }
}

BOOST_AUTO_TEST_CASE(arrays_of_any_length_and_in_place_give_what_single_numbers_give) {
    for (std::size_t n = 0; n < 20; ++n) {
        const Values x = uniform_numbers(n, 0.1, 5.0);
        Values in_place = x;
        moe::exp_all(in_place, in_place);
        for (std::size_t i = 0; i < n; ++i)
            BOOST_TEST(in_place[i] == exp_of({x[i]})[0]);
    }
    Values three(3);
    BOOST_CHECK_THROW(moe::exp_all(Values(4, 1.0), three), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
