#pragma once
// The class x -> 1{sin(omega x) > 0} on the reals, one neuron and one parameter: it realises every
// labeling of m points for every m (the project's notes on arXiv:2402.03460, 5). omega = pi Omega
// with an integer Omega and points 2^-j or 8^-j, so that integers decide the sign:
// sin(pi u) > 0 iff u mod 2 lies in (0, 1).

#include "theory/growth.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace moe {

/// Points x_j = b^-j, j = 1..m.
enum class SineBase : std::uint8_t {
    two = 2,  ///< Omega of m + 1 bits
    eight = 8 ///< Omega of 3m + 1 bits, |sin| >= sin(pi/4) at every point
};

/// The 1 in Omega that keeps the base 2 argument off the zeros of the sine. Without it (a sabotage)
/// some signs are 0.
enum class SineGuard { kept, dropped };

inline constexpr std::size_t max_sine_labels = std::size_t{1} << 20U;

/// Omega whose sine gives the label y_j ('0' or '1', labels[j-1]) at x_j:
/// base 2: 1 + sum_j (1-y_j) 2^j; base 8: sum_j (1-y_j) 8^j + 2 8^(j-1).
/// Throws InputError for no labels, more than max_sine_labels, other characters.
[[nodiscard]] BigInteger sine_frequency(std::string_view labels, SineBase base,
                                        SineGuard guard = SineGuard::kept);

/// Sign of sin(pi Omega 2^-shift) for the frequency Omega >= 0: +1, 0, -1. O(1): a bit of Omega and
/// the place of its lowest 1 decide it.
[[nodiscard]] int sine_sign(const BigInteger& frequency, std::size_t shift);

/// Labels 1{sin(pi Omega x_j) > 0} at the m points, decided by integers. O(m).
[[nodiscard]] std::string sine_labels(const BigInteger& frequency, SineBase base, std::size_t m);

/// min_j |sin(pi Omega x_j)| from the leading 64 bits of the fraction of Omega x_j; error below
/// 1e-15.
[[nodiscard]] double sine_margin(const BigInteger& frequency, SineBase base, std::size_t m);

/// The control: the same labels by sin(omega x) in float64 with omega = double(pi Omega). Wrong
/// once omega has more bits than a double holds (infinite omega: label 0).
[[nodiscard]] std::string naive_sine_labels(const BigInteger& frequency, SineBase base,
                                            std::size_t m);

/// Smallest m <= limit at which the float64 control misses a label of `trials` random labelings of
/// m points (Philox(seed)); limit + 1 if none. Throws InputError for trials < 1 or limit < 1.
[[nodiscard]] std::size_t first_naive_failure(SineBase base, std::size_t limit, std::size_t trials,
                                              std::uint64_t seed);

/// m random labels, from Philox(seed, cell "sine labels/<m>", stream = trial).
[[nodiscard]] std::string random_labels(std::size_t m, std::uint64_t seed, std::uint32_t trial);

/// Label changes along x_1, x_2, ...: L affine experts on the line realise a labeling only if there
/// are at most 2L - 1.
[[nodiscard]] std::size_t label_changes(std::string_view labels) noexcept;

/// Answer to the query `omega{labels}`.
struct SineAnswer {
    std::string omega2; ///< decimal
    std::string omega8;
    double min_margin8 = 0.0;
};
[[nodiscard]] SineAnswer sine_answer(std::string_view labels);

} // namespace moe
