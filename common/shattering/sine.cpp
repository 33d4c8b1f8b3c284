#include "shattering/sine.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace moe {

namespace {

/// log2 of the base: x_j = 2^(-j step).
std::size_t bits_per_point(SineBase base) noexcept {
    return base == SineBase::two ? 1 : 3;
}

void check_labels(std::string_view labels) {
    if (labels.empty() || labels.size() > max_sine_labels)
        throw InputError("labels: " + std::to_string(labels.size()) + " given, must be 1 to " +
                         std::to_string(max_sine_labels));
    if (const std::size_t at = labels.find_first_not_of("01"); at != std::string_view::npos)
        throw InputError("labels: '" + std::string(1, labels[at]) + "' at position " +
                         std::to_string(at) + ", must be 0 or 1");
}

bool bit(const BigInteger& value, std::size_t index) {
    return bit_test(value, static_cast<unsigned>(index));
}

/// The fraction of Omega 2^-shift, rounded to a double from its leading 64
/// bits.
double leading_fraction(const BigInteger& frequency, std::size_t shift) {
    std::uint64_t leading = 0;
    for (std::size_t i = 1; i <= 64; ++i)
        leading = 2 * leading + static_cast<std::uint64_t>(i <= shift && bit(frequency, shift - i));
    return std::ldexp(static_cast<double>(leading), -64);
}

} // namespace

BigInteger sine_frequency(std::string_view labels, SineBase base, SineGuard guard) {
    check_labels(labels);
    // The summands have no bits in common. The highest goes first, so that memory
    // is taken once.
    BigInteger frequency = 0;
    for (std::size_t j = labels.size(); j >= 1; --j) {
        const auto place = static_cast<unsigned>(j * bits_per_point(base));
        if (labels[j - 1] == '0') bit_set(frequency, place);
        if (base == SineBase::eight) bit_set(frequency, place - 2);
    }
    if (base == SineBase::two && guard == SineGuard::kept) bit_set(frequency, 0);
    return frequency;
}

int sine_sign(const BigInteger& frequency, std::size_t shift) {
    if (frequency < 0) throw InputError("Omega = " + frequency.str() + ": must not be negative");
    // An integer argument Omega 2^-shift is a zero of sin(pi u).
    if (frequency == 0 || lsb(frequency) >= shift) return 0;
    return bit(frequency, shift) ? -1 : 1;
}

std::string sine_labels(const BigInteger& frequency, SineBase base, std::size_t m) {
    std::string labels(m, '0');
    for (std::size_t j = 1; j <= m; ++j) {
        if (sine_sign(frequency, j * bits_per_point(base)) > 0) labels[j - 1] = '1';
    }
    return labels;
}

double sine_margin(const BigInteger& frequency, SineBase base, std::size_t m) {
    double margin = 1.0;
    for (std::size_t j = 1; j <= m; ++j) {
        const double fraction = leading_fraction(frequency, j * bits_per_point(base));
        margin = std::min(margin, std::abs(std::sin(std::numbers::pi * fraction)));
    }
    return margin;
}

std::string naive_sine_labels(const BigInteger& frequency, SineBase base, std::size_t m) {
    const double omega = std::numbers::pi * frequency.convert_to<double>();
    std::string labels(m, '0');
    for (std::size_t j = 1; j <= m; ++j) {
        const double x = std::ldexp(1.0, -static_cast<int>(j * bits_per_point(base)));
        if (std::sin(omega * x) > 0.0) labels[j - 1] = '1';
    }
    return labels;
}

std::size_t first_naive_failure(SineBase base, std::size_t limit, std::size_t trials,
                                std::uint64_t seed) {
    if (limit < 1) throw InputError("limit = 0: must be at least 1");
    if (trials < 1) throw InputError("trials = 0: must be at least 1");
    for (std::size_t m = 1; m <= limit; ++m) {
        for (std::size_t trial = 0; trial < trials; ++trial) {
            const std::string labels = random_labels(m, seed, static_cast<std::uint32_t>(trial));
            if (naive_sine_labels(sine_frequency(labels, base), base, m) != labels) return m;
        }
    }
    return limit + 1;
}

std::string random_labels(std::size_t m, std::uint64_t seed, std::uint32_t trial) {
    RandomStream random(seed, cell_key("sine labels/" + std::to_string(m)), trial);
    std::string labels(m, '0');
    std::uint64_t bits = 0;
    for (std::size_t j = 0; j < m; ++j) {
        if (j % 64 == 0) bits = random.bits();
        if ((bits >> (j % 64) & 1U) != 0) labels[j] = '1';
    }
    return labels;
}

std::size_t label_changes(std::string_view labels) noexcept {
    std::size_t changes = 0;
    for (std::size_t j = 1; j < labels.size(); ++j)
        changes += static_cast<std::size_t>(labels[j] != labels[j - 1]);
    return changes;
}

SineAnswer sine_answer(std::string_view labels) {
    const BigInteger omega8 = sine_frequency(labels, SineBase::eight);
    return {sine_frequency(labels, SineBase::two).str(), omega8.str(),
            sine_margin(omega8, SineBase::eight, labels.size())};
}

} // namespace moe
