#pragma once
// Integers that never wrap: 64 and 128 bits, an operation whose result does not fit throws.

#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace moe {

/// A result does not fit. Whoever knows the construction turns it into an InputError that names it.
class IntegerOverflow : public std::overflow_error {
  public:
    using std::overflow_error::overflow_error;
};

/// Throws IntegerOverflow naming the operation; out of line, so that the checks stay small.
[[noreturn]] void throw_integer_overflow(const char* operation);

__extension__ typedef __int128 WideStorage; // NOLINT(modernize-use-using): gcc's -Wpedantic

/// Product of wide integers; false where it does not fit. (clang++ turns the builtin for 128 bits
/// into a call that libgcc does not have.)
[[nodiscard]] bool multiply_wide(WideStorage a, WideStorage b, WideStorage& product) noexcept;

template<class Storage>
class Checked {
  public:
    constexpr Checked() noexcept = default;
    /// Implicit, so that formulas read as formulas: every int64 fits into either storage.
    template<std::integral Integer>
    constexpr Checked(Integer value) noexcept // NOLINT(google-explicit-constructor)
        : value_(static_cast<std::int64_t>(value)) {
        static_assert(sizeof(Integer) < 8 || std::signed_integral<Integer>);
    }

    friend Checked operator+(Checked a, Checked b) {
        Checked sum;
        if (__builtin_add_overflow(a.value_, b.value_, &sum.value_)) throw_integer_overflow("+");
        return sum;
    }
    friend Checked operator-(Checked a, Checked b) {
        Checked difference;
        if (__builtin_sub_overflow(a.value_, b.value_, &difference.value_))
            throw_integer_overflow("-");
        return difference;
    }
    friend Checked operator*(Checked a, Checked b) {
        Checked product;
        if constexpr (sizeof(Storage) > sizeof(std::int64_t)) {
            if (!multiply_wide(a.value_, b.value_, product.value_)) throw_integer_overflow("*");
        } else {
            if (__builtin_mul_overflow(a.value_, b.value_, &product.value_))
                throw_integer_overflow("*");
        }
        return product;
    }
    friend Checked operator-(Checked a) { return Checked() - a; }
    Checked& operator+=(Checked b) { return *this = *this + b; }

    friend constexpr bool operator==(Checked a, Checked b) noexcept = default;
    friend constexpr auto operator<=>(Checked a, Checked b) noexcept = default;

    [[nodiscard]] constexpr Storage value() const noexcept { return value_; }
    /// Nearest float64; the integer itself below 2^53.
    [[nodiscard]] double to_double() const noexcept { return static_cast<double>(value_); }
    /// Decimal digits with a minus sign where needed.
    [[nodiscard]] std::string decimal() const;

  private:
    Storage value_ = 0;
};

using Checked64 = Checked<std::int64_t>;
using Checked128 = Checked<WideStorage>;

template<class Storage>
[[nodiscard]] Checked<Storage> magnitude(Checked<Storage> a) {
    return a < Checked<Storage>() ? -a : a;
}

extern template class Checked<std::int64_t>;
extern template class Checked<WideStorage>;

} // namespace moe
