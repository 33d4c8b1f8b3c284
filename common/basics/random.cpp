#include "basics/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace moe {

std::uint64_t cell_key(std::string_view cell_name) noexcept {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : cell_name) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001B3ULL;
    }
    return hash;
}

RandomStream::RandomStream(std::uint64_t seed, std::uint64_t cell, std::uint32_t stream) noexcept
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}
    , counter_tail_{stream, static_cast<std::uint32_t>(cell),
                    static_cast<std::uint32_t>(cell >> 32)} {}

void RandomStream::refill() {
    if (next_block_ > 0xFFFFFFFFULL) {
        throw std::length_error("random stream exhausted: more than 2^32 blocks were drawn");
    }
    const r123::Philox4x32::ctr_type counter = {{static_cast<std::uint32_t>(next_block_),
                                                 counter_tail_[0], counter_tail_[1],
                                                 counter_tail_[2]}};
    const r123::Philox4x32::key_type key = {{key_[0], key_[1]}};
    const auto words = r123::Philox4x32{}(counter, key);
    for (unsigned half = 0; half < 2; ++half) {
        const std::uint64_t low = words.v[2 * half];
        const std::uint64_t high = words.v[2 * half + 1];
        buffer_[half] = low | (high << 32);
    }
    ++next_block_;
    used_ = 0;
}

std::uint64_t RandomStream::bits() {
    if (used_ == buffer_.size()) refill();
    return buffer_[used_++];
}

double RandomStream::uniform() {
    return static_cast<double>(bits() >> 11) * 0x1p-53;
}

double RandomStream::normal() {
    if (has_spare_normal_) {
        has_spare_normal_ = false;
        return spare_normal_;
    }
    // 1 - u lies in (0, 1], so that the logarithm is finite.
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    const double angle = 2.0 * std::numbers::pi * uniform();
    spare_normal_ = radius * std::sin(angle);
    has_spare_normal_ = true;
    return radius * std::cos(angle);
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
    if (bound == 0) throw std::invalid_argument("RandomStream::below: bound is 0");
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(bits()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
        const std::uint64_t threshold = (0 - bound) % bound;
        while (static_cast<std::uint64_t>(product) < threshold) {
            product = static_cast<Wide>(bits()) * bound;
        }
    }
    return static_cast<std::uint64_t>(product >> 64);
}

void RandomStream::seek(std::uint32_t index) noexcept {
    next_block_ = index;
    used_ = static_cast<unsigned>(buffer_.size());
    has_spare_normal_ = false;
}

} // namespace moe
