#include "basics/hash.hpp"

#define XXH_INLINE_ALL // the library's header alone, nothing to link
#include <xxhash.h>

#include <array>
#include <charconv>
#include <cstddef>

namespace moe {

std::string hash_of(std::string_view bytes) {
    std::array<char, 16> digits{};
    const XXH64_hash_t hash = XXH64(bytes.data(), bytes.size(), 0);
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16);
    const auto length = static_cast<std::size_t>(end.ptr - digits.data());
    return std::string(digits.size() - length, '0') + std::string(digits.data(), length);
}

} // namespace moe
