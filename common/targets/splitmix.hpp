#pragma once
// The hash generator inside the definitions of the target functions: SplitMix64 (Steele, Lea and
// Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). A target is a fixed
// function of an integer seed, reproducible anywhere bit by bit; sample points and labels do not
// come from here but from basics/random.hpp.

#include <cstdint>

namespace moe {

class SplitMix64 {
  public:
    explicit constexpr SplitMix64(std::uint64_t state) noexcept
        : state_(state) {}

    constexpr std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }

    /// Uniform on [0, 1): the top 53 bits times 2^-53.
    constexpr double uni() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }

  private:
    std::uint64_t state_;
};

/// First output of a generator in state `value`.
[[nodiscard]] constexpr std::uint64_t mix1(std::uint64_t value) noexcept {
    return SplitMix64(value).next();
}

} // namespace moe
