#include "theory/growth.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace moe {

namespace {

constexpr std::uint64_t max_exact_terms = std::uint64_t{1} << 16U;
constexpr std::uint64_t max_terms = std::uint64_t{1} << 22U;

void check_terms(std::uint64_t m, std::uint64_t d, std::uint64_t limit) {
    if (d > limit)
        throw InputError("sum_{i<=d} C(m,i) with d = " + std::to_string(d) + " and m = " +
                         std::to_string(m) + ": d must be at most " + std::to_string(limit));
}

void check_cover(std::uint64_t m, std::uint64_t n) {
    if (m < 1) throw InputError("m = 0: the number of points must be at least 1");
    if (n < 1) throw InputError("n = 0: the dimension must be at least 1");
}

} // namespace

BigInteger binomial_sum(std::uint64_t m, std::uint64_t d) {
    check_terms(m, std::min(d, m), max_exact_terms);
    if (d >= m) return BigInteger{1} << m;
    BigInteger term = 1;
    BigInteger sum = 1;
    for (std::uint64_t i = 1; i <= d; ++i) {
        term *= m - i + 1;
        term /= i;
        sum += term;
    }
    return sum;
}

double log2_binomial_sum(std::uint64_t m, std::uint64_t d) {
    if (d >= m) return static_cast<double>(m);
    check_terms(m, d, max_terms);
    // All terms are positive, and term i carries at most 3i roundings. Taking out
    // powers of two keeps them within the range of any floating-point type.
    constexpr int step = 500;
    const long double large = std::ldexp(1.0L, step);
    long double term = 1.0L;
    long double sum = 1.0L;
    std::uint64_t scaled = 0;
    for (std::uint64_t i = 1; i <= d; ++i) {
        term *= static_cast<long double>(m - i + 1) / static_cast<long double>(i);
        sum += term;
        if (sum > large) {
            term = std::ldexp(term, -step);
            sum = std::ldexp(sum, -step);
            ++scaled;
        }
    }
    return static_cast<double>(static_cast<long double>(scaled * step) + std::log2(sum));
}

BigInteger cover(std::uint64_t m, std::uint64_t n) {
    check_cover(m, n);
    return 2 * binomial_sum(m - 1, n);
}

double log2_cover(std::uint64_t m, std::uint64_t n) {
    check_cover(m, n);
    return 1.0 + log2_binomial_sum(m - 1, n);
}

BigInteger line_growth(std::uint64_t m, std::uint64_t changes) {
    check_cover(m, 1);
    return 2 * binomial_sum(m - 1, changes);
}

std::uint64_t line_vc_dimension(std::uint64_t changes) noexcept {
    return changes + 1;
}

} // namespace moe
