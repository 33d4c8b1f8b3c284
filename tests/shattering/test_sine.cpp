#include "shattering/sine.hpp"

#include "basics/error.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>

namespace {

using moe::BigInteger;
using moe::SineBase;
using moe::SineGuard;

constexpr std::array bases{SineBase::two, SineBase::eight};

std::string text_of(std::uint64_t labeling, std::size_t m) {
    std::string labels(m, '0');
    for (std::size_t j = 0; j < m; ++j) {
        if ((labeling >> j & 1U) != 0) labels[j] = '1';
    }
    return labels;
}

BigInteger power_of(SineBase base, std::size_t j) {
    return pow(BigInteger{static_cast<unsigned>(base)}, static_cast<unsigned>(j));
}

/// Omega by its defining sum.
BigInteger frequency_by_sum(const std::string& labels, SineBase base) {
    BigInteger frequency = base == SineBase::two ? 1 : 0;
    for (std::size_t j = 1; j <= labels.size(); ++j) {
        if (labels[j - 1] == '0') frequency += power_of(base, j);
        if (base == SineBase::eight) frequency += 2 * power_of(base, j - 1);
    }
    return frequency;
}

/// Labels by u mod 2 in (0, 1), u = Omega b^-j: 0 < Omega mod 2 b^j < b^j.
std::string labels_by_remainder(const BigInteger& frequency, SineBase base, std::size_t m) {
    std::string labels(m, '0');
    BigInteger power = 1;
    for (std::size_t j = 1; j <= m; ++j) {
        power *= static_cast<unsigned>(base);
        const BigInteger remainder = frequency % (2 * power);
        if (remainder > 0 && remainder < power) labels[j - 1] = '1';
    }
    return labels;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sine)

BOOST_AUTO_TEST_CASE(the_frequencies_of_small_labelings_are_known) {
    const moe::SineAnswer answer = moe::sine_answer("1010");
    BOOST_TEST(answer.omega2 == "21");
    BOOST_TEST(answer.omega8 == "5330");
    BOOST_TEST(std::abs(answer.min_margin8 - 0.70710678118) <= 1e-11);
    BOOST_TEST((moe::sine_frequency("11111111", SineBase::two) == 1));
    BOOST_TEST((moe::sine_frequency("00000000", SineBase::two) == 511));
}

BOOST_AUTO_TEST_CASE(every_labeling_of_up_to_14_points_is_realised) {
    for (const SineBase base : bases) {
        double margin = 1.0;
        for (const std::size_t m : {1U, 2U, 8U, 14U}) {
            std::size_t realised = 0;
            for (std::uint64_t labeling = 0; labeling < std::uint64_t{1} << m; ++labeling) {
                const std::string labels = text_of(labeling, m);
                const BigInteger frequency = moe::sine_frequency(labels, base);
                realised +=
                    static_cast<std::size_t>(moe::sine_labels(frequency, base, m) == labels);
                margin = std::min(margin, moe::sine_margin(frequency, base, m));
            }
            BOOST_TEST(realised == std::size_t{1} << m);
        }
        if (base == SineBase::eight) BOOST_TEST(std::abs(margin - 0.70710678118) <= 1e-11);
    }
}

BOOST_AUTO_TEST_CASE(random_labelings_of_thousands_of_points_are_realised_by_remainders_too) {
    for (const SineBase base : bases) {
        for (const std::size_t m : {64U, 256U, 1024U}) {
            const std::string labels = moe::random_labels(m, 1, 0);
            const BigInteger frequency = moe::sine_frequency(labels, base);
            BOOST_TEST((frequency == frequency_by_sum(labels, base)));
            BOOST_TEST(moe::sine_labels(frequency, base, m) == labels);
            BOOST_TEST(labels_by_remainder(frequency, base, m) == labels);
        }
        for (const std::size_t m : {4096U, 12714U}) {
            const std::string labels = moe::random_labels(m, 2, 0);
            const BigInteger frequency = moe::sine_frequency(labels, base);
            BOOST_TEST((moe::sine_labels(frequency, base, m) == labels));
            BOOST_TEST(msb(frequency) <= (base == SineBase::two ? m : 3 * m));
            if (base == SineBase::eight)
                BOOST_TEST(std::abs(moe::sine_margin(frequency, base, m) - 0.70710678118) <= 1e-11);
        }
    }
}

BOOST_AUTO_TEST_CASE(signs_and_margins_of_any_integer_agree_with_remainders) {
    for (std::uint64_t frequency = 0; frequency < 600; ++frequency) {
        for (const SineBase base : bases) {
            const std::size_t m = 5;
            BOOST_TEST(moe::sine_labels(frequency, base, m) ==
                       labels_by_remainder(frequency, base, m));
            double margin = 1.0;
            for (std::size_t j = 1; j <= m; ++j) {
                const auto power = power_of(base, j).convert_to<std::uint64_t>();
                const double u =
                    static_cast<double>(frequency % (2 * power)) / static_cast<double>(power);
                margin = std::min(margin, std::abs(std::sin(std::numbers::pi * u)));
            }
            BOOST_TEST(std::abs(moe::sine_margin(frequency, base, m) - margin) <= 1e-15);
        }
    }
    BOOST_TEST(moe::sine_sign(3, 1) == -1);
    BOOST_TEST(moe::sine_sign(1, 1) == 1);
    BOOST_TEST(moe::sine_sign(4, 2) == 0);
    BOOST_TEST(moe::sine_sign(0, 7) == 0);
}

BOOST_AUTO_TEST_CASE(float64_loses_labels_from_about_53_points_in_base_2_and_18_in_base_8) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const std::size_t two = moe::first_naive_failure(SineBase::two, 80, 10, seed);
        const std::size_t eight = moe::first_naive_failure(SineBase::eight, 80, 10, seed);
        BOOST_TEST((51 <= two && two <= 55));
        BOOST_TEST((16 <= eight && eight <= 20));
    }
    BOOST_TEST(moe::first_naive_failure(SineBase::two, 30, 2, 1) == 31U);
}

BOOST_AUTO_TEST_CASE(float64_fails_on_nine_of_ten_labelings_of_60_points) {
    for (const SineBase base : bases) {
        for (const std::size_t m : {60U, 64U, 2000U}) {
            int failed = 0;
            for (std::uint32_t trial = 0; trial < 200; ++trial) {
                const std::string labels = moe::random_labels(m, 5, trial);
                const BigInteger frequency = moe::sine_frequency(labels, base);
                failed += static_cast<int>(moe::naive_sine_labels(frequency, base, m) != labels);
            }
            BOOST_TEST(failed >= 180);
        }
    }
}

BOOST_AUTO_TEST_CASE(without_its_guard_base_2_meets_zeros_on_half_of_the_labelings) {
    const std::size_t m = 8;
    int missed = 0;
    for (std::uint64_t labeling = 0; labeling < std::uint64_t{1} << m; ++labeling) {
        const std::string labels = text_of(labeling, m);
        const BigInteger frequency = moe::sine_frequency(labels, SineBase::two, SineGuard::dropped);
        const bool realised = moe::sine_labels(frequency, SineBase::two, m) == labels;
        // Omega is even: sin(pi Omega / 2) = 0 where label 1 is asked of the first point.
        BOOST_TEST(realised == (labels[0] == '0'));
        BOOST_TEST(moe::sine_sign(frequency, 1) == 0);
        missed += static_cast<int>(!realised);
    }
    BOOST_TEST(missed == 128);
}

BOOST_AUTO_TEST_CASE(alternating_labels_are_beyond_L_affine_experts_but_not_beyond_the_sine) {
    for (std::size_t L = 1; L <= 20; ++L) {
        std::string labels;
        for (std::size_t j = 0; j < 2 * L + 1; ++j)
            labels += j % 2 == 0 ? '1' : '0';
        BOOST_TEST(moe::label_changes(labels) == 2 * L);
        BOOST_TEST(labels.size() > moe::line_vc_dimension(2 * L - 1));
        for (const SineBase base : bases)
            BOOST_TEST(moe::sine_labels(moe::sine_frequency(labels, base), base, labels.size()) ==
                       labels);
    }
    BOOST_TEST(moe::label_changes("") == 0U);
    BOOST_TEST(moe::label_changes("0") == 0U);
    BOOST_TEST(moe::label_changes("0011") == 1U);
}

BOOST_AUTO_TEST_CASE(random_labels_are_a_function_of_size_seed_and_trial) {
    BOOST_TEST(moe::random_labels(200, 3, 4) == moe::random_labels(200, 3, 4));
    BOOST_TEST(moe::random_labels(200, 3, 4) != moe::random_labels(200, 3, 5));
    BOOST_TEST(moe::random_labels(200, 3, 4) != moe::random_labels(200, 2, 4));
    const std::string many = moe::random_labels(100'000, 1, 0);
    const auto ones = std::count(many.begin(), many.end(), '1');
    // Six standard deviations of a fair coin.
    BOOST_TEST(std::abs(static_cast<double>(ones) - 50'000.0) <= 6.0 * std::sqrt(25'000.0));
}

BOOST_AUTO_TEST_CASE(labels_that_are_none_are_refused) {
    const auto refuses = [](const std::string& labels) {
        BOOST_CHECK_THROW(static_cast<void>(moe::sine_frequency(labels, SineBase::two)),
                          moe::InputError);
    };
    refuses("");
    refuses("0102");
    refuses("01 0");
    refuses(std::string(moe::max_sine_labels + 1, '0'));
    BOOST_CHECK_THROW(static_cast<void>(moe::sine_sign(-1, 1)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::first_naive_failure(SineBase::two, 0, 1, 1)),
                      moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::first_naive_failure(SineBase::two, 5, 0, 1)),
                      moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
