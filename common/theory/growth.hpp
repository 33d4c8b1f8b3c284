#pragma once
// Growth functions: how many labelings of m points a class can realise at most. Exact in big
// integers, and as log2 for sizes where only the length of the number matters.

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>

namespace moe {

using BigInteger = boost::multiprecision::cpp_int;

/// Phi_d(m) = sum_{i <= d} C(m, i): Sauer's bound for VC dimension d. Its cost is min(d, m)
/// products of big integers; throws InputError where that exceeds 2^16.
[[nodiscard]] BigInteger binomial_sum(std::uint64_t m, std::uint64_t d);

/// log2 Phi_d(m), relative error below 1e-14; exactly m for d >= m. Cost min(d, m) divisions;
/// throws InputError where that exceeds 2^22.
[[nodiscard]] double log2_binomial_sum(std::uint64_t m, std::uint64_t d);

/// cover(m, n) = 2 sum_{i <= n} C(m-1, i) = 2 Phi_n(m-1): affine dichotomies of m points of R^n in
/// general position, an upper bound for all m points (Cover, IEEE Trans. Electronic Computers 14,
/// 1965). Throws InputError for m < 1, n < 1.
[[nodiscard]] BigInteger cover(std::uint64_t m, std::uint64_t n);

/// log2 cover(m, n); exactly m for n >= m - 1. Throws as cover does.
[[nodiscard]] double log2_cover(std::uint64_t m, std::uint64_t n);

/// 2 sum_{i <= s} C(m-1, i): labelings of m points on a line with at most s changes of label, the
/// growth function of L constants (s = L - 1) and of L affine experts (s = 2L - 1) on the line.
/// Throws InputError for m < 1.
[[nodiscard]] BigInteger line_growth(std::uint64_t m, std::uint64_t changes);

/// Largest m with line_growth(m, s) = 2^m, that is s + 1.
[[nodiscard]] std::uint64_t line_vc_dimension(std::uint64_t changes) noexcept;

} // namespace moe
