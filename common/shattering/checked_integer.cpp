#include "shattering/checked_integer.hpp"

#include <algorithm>

namespace moe {

namespace {

constexpr WideStorage largest_wide =
    static_cast<WideStorage>(~static_cast<WideStorage>(0) ^ (static_cast<WideStorage>(1) << 127U));

bool fits_64(WideStorage a) noexcept {
    return a >= std::numeric_limits<std::int64_t>::min() &&
           a <= std::numeric_limits<std::int64_t>::max();
}

} // namespace

void throw_integer_overflow(const char* operation) {
    throw IntegerOverflow(std::string("integer overflow in ") + operation);
}

bool multiply_wide(WideStorage a, WideStorage b, WideStorage& product) noexcept {
    if (fits_64(a) && fits_64(b)) {
        product = a * b;
        return true;
    }
    // -2^127 has no magnitude; products are kept within +-(2^127 - 1).
    if (a < -largest_wide || b < -largest_wide) return false;
    const WideStorage size_a = a < 0 ? -a : a;
    const WideStorage size_b = b < 0 ? -b : b;
    if (size_b != 0 && size_a > largest_wide / size_b) return false;
    product = a * b;
    return true;
}

template<class Storage>
std::string Checked<Storage>::decimal() const {
    std::string digits;
    Storage rest = value_;
    do {
        const auto digit = static_cast<int>(rest % 10);
        digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
        rest /= 10;
    } while (rest != 0);
    if (value_ < 0) digits.push_back('-');
    std::reverse(digits.begin(), digits.end());
    return digits;
}

template class Checked<std::int64_t>;
template class Checked<WideStorage>;

} // namespace moe
