#pragma once
// A fast hash that tells files apart; no protection against forgers.

#include <string>
#include <string_view>

namespace moe {

/// XXH64 (seed 0) of the bytes as 16 hexadecimal digits: what xxhsum -H1 prints.
[[nodiscard]] std::string hash_of(std::string_view bytes);

} // namespace moe
