#pragma once
// exp and the normal distribution function for two float64 numbers at a time, lane by lane: no
// branches, no tables, the same bits on every processor. Polynomials are Chebyshev interpolants
// (computed with 60 digits) written in powers.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace moe::gating {

/// Two numbers in one machine vector of every x86-64 and AArch64 processor.
using Pair [[gnu::vector_size(16)]] = double;
inline constexpr std::size_t pair_lanes = 2;

[[nodiscard]] inline Pair both(double value) noexcept {
    return Pair{value, value};
}
[[nodiscard]] inline Pair load_pair(const double* from) noexcept {
    Pair pair;
    std::memcpy(&pair, from, sizeof(Pair));
    return pair;
}
inline void store_pair(Pair pair, double* to) noexcept {
    std::memcpy(to, &pair, sizeof(Pair));
}
[[nodiscard]] inline Pair magnitude(Pair x) noexcept {
    return x < 0.0 ? -x : x;
}

/// Polynomial with these coefficients, constant term first: even and odd powers in two chains.
template<std::size_t N>
[[nodiscard]] inline Pair polynomial(const std::array<double, N>& coefficients, Pair t) noexcept {
    static_assert(N % 2 == 0);
    const Pair square = t * t;
    Pair even = both(coefficients[N - 2]);
    Pair odd = both(coefficients[N - 1]);
    for (std::size_t i = N - 2; i > 0; i -= 2) {
        even = even * square + coefficients[i - 2];
        odd = odd * square + coefficients[i - 1];
    }
    return even + odd * t;
}

/// exp(x) for x <= 0 to 2 ulp; 0 below -708 (where exp would leave the normal numbers); NaN for
/// NaN.
[[nodiscard]] inline Pair exp_of_nonpositive(Pair x) noexcept {
    // exp(r) on |r| <= log(2)/2: relative error of the polynomial 4e-18.
    static constexpr std::array<double, 12> series{
        1.0,
        1.0,
        0.5000000000000019,
        0.16666666666666702,
        0.04166666666648794,
        0.008333333333309507,
        0.0013888888952356135,
        0.00019841269909260645,
        2.480148543844738e-05,
        2.755722491836887e-06,
        2.763265575933203e-07,
        2.5114882786996687e-08,
    };
    using Bits [[gnu::vector_size(16)]] = std::uint64_t;
    constexpr double smallest = -708.0;
    // Adding 1.5 2^52 rounds to an integer and leaves it in the low bits.
    constexpr double rounder = 0x1.8p52;
    constexpr double reciprocal_log2 = 0x1.71547652b82fep0;
    constexpr double log2_high = 0x1.62e42feep-1; // 21 trailing zero bits: its multiples are exact
    constexpr double log2_low = 0x1.a39ef35793c76p-33;
    const Pair within = x < smallest ? both(smallest) : x;
    const Pair shifted = within * reciprocal_log2 + rounder;
    const Pair whole = shifted - rounder;
    const Pair rest = (within - whole * log2_high) - whole * log2_low;
    Bits exponent;
    std::memcpy(&exponent, &shifted, sizeof(Bits));
    exponent = (exponent + 1023) << 52;
    Pair power_of_two;
    std::memcpy(&power_of_two, &exponent, sizeof(Pair));
    const Pair result = polynomial(series, rest) * power_of_two;
    return x < smallest ? Pair{} : result;
}

/// Phi(z) and exp(-z^2/2) of the standard normal distribution.
struct NormalDistribution {
    Pair distribution;
    Pair kernel; ///< density times sqrt(2 pi)
};

/// Relative error below 1e-15 in the lower tail too, down to Phi = 1e-307 (z = -37.4); 0 beyond.
/// After M. Shepherd and J. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in
/// 0 <= x < infinity", Math. Comp. 36 (1981): one polynomial for the whole half-line.
[[nodiscard]] inline NormalDistribution normal_distribution(Pair z) noexcept {
    // (1 + y) exp(y^2/2) Phi(-y) in t = (y - 5)/(y + 5), y >= 0: relative error 1e-17.
    static constexpr std::array<double, 24> tail{
        0.46151582985003775,     -0.09155228183400904,    0.031030368425963708,
        0.010002352385229382,    -0.026401042966308307,   0.024536963243678652,
        -0.015170415402514863,   0.006522000667783896,    -0.00167607234455447,
        7.791597409338999e-06,   0.00018233414511643843,  -5.36075811148722e-05,
        -9.896097759279782e-06,  9.05982468125664e-06,    -7.034644683537101e-08,
        -1.3074486019237587e-06, 1.27878221820937e-07,    1.9627809920091187e-07,
        -2.6286205089898754e-08, -3.095201755804207e-08,  3.627373163401201e-09,
        4.4011596227599254e-09,  -2.8220772290629865e-10, -3.815816262632953e-10,
    };
    const Pair y = magnitude(z);
    const Pair bounded = y > 40.0 ? both(40.0) : y; // there the kernel is 0
    // y^2 = square + lost but for its last bits: the error of the rounded square would be
    // multiplied by up to 700 in the exponential. head has 26 bits, so that head^2 is exact.
    const Pair spread = bounded * 0x1.0000002p27;
    const Pair head = spread - (spread - bounded);
    const Pair head_square = head * head;
    const Pair cross = (bounded - head) * (bounded + head);
    const Pair square = head_square + cross;
    const Pair lost = cross - (square - head_square);
    const Pair kernel = exp_of_nonpositive(-0.5 * square) * (1.0 - 0.5 * lost);
    const Pair t = (y - 5.0) / (y + 5.0);
    const Pair lower = kernel * (polynomial(tail, t) / (1.0 + y));
    return {z > 0.0 ? 1.0 - lower : lower, kernel};
}

} // namespace moe::gating
