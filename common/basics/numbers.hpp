#pragma once
// Numbers in and out, independent of the locale.

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace moe {

/// Shortest decimal that reads back to the same double; "nan", "inf", "-inf" for the rest.
[[nodiscard]] std::string shortest(double value);

/// Decimal with `digits` significant digits, for tables that people read.
[[nodiscard]] std::string rounded(double value, int digits);

/// The whole text as a finite double; nothing for trailing junk, blanks, nan, inf or overflow.
[[nodiscard]] std::optional<double> parse_real(std::string_view text) noexcept;

/// The whole text as an integer of type T; nothing for junk, blanks, a sign that T lacks, overflow.
template<std::integral T>
[[nodiscard]] std::optional<T> parse_integer(std::string_view text) noexcept {
    T value{};
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
    return value;
}

} // namespace moe
