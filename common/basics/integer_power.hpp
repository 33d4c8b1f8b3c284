#pragma once
// Sizes of grids: integer powers that must not wrap.

#include <cstdint>
#include <limits>
#include <optional>

namespace moe {

/// Largest count that a grid may have is one below this: 2^62.
inline constexpr std::uint64_t count_limit = std::uint64_t{1} << 62U;

/// base^exponent, or nothing if it reaches 2^62. Negative exponents count as 0.
[[nodiscard]] constexpr std::optional<std::uint64_t> power_below_limit(std::uint64_t base,
                                                                       int exponent) noexcept {
    std::uint64_t power = 1;
    for (int i = 0; i < exponent; ++i) {
        if (base != 0 && power > (count_limit - 1) / base) return std::nullopt;
        power *= base;
    }
    return power;
}

/// ceil(log2 value) for value >= 1; 0 for value = 0.
[[nodiscard]] constexpr int ceil_log2(std::uint64_t value) noexcept {
    int bits = 0;
    while (bits < std::numeric_limits<std::uint64_t>::digits - 1 &&
           (std::uint64_t{1} << static_cast<unsigned>(bits)) < value)
        ++bits;
    return bits;
}

} // namespace moe
