#pragma once
// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011) of Random123. A number is a pure function of (seed, cell, stream, index), so
// results do not depend on the order in which blocks of work are run.

#include <array>
#include <cstdint>
#include <string_view>

namespace moe {

/// Key of an experiment cell: the 64-bit FNV-1a hash of its name. Adding or leaving out cells does
/// not change the random numbers of the others.
[[nodiscard]] std::uint64_t cell_key(std::string_view cell_name) noexcept;

/// A stream of random numbers. Philox key = seed; counter = (block index, stream, cell low, cell
/// high). A stream holds 2^32 blocks of 128 bits; asking for more throws std::length_error.
class RandomStream {
  public:
    RandomStream(std::uint64_t seed, std::uint64_t cell, std::uint32_t stream) noexcept;

    /// 64 uniform random bits.
    [[nodiscard]] std::uint64_t bits();
    /// Uniform on [0, 1): a multiple of 2^-53.
    [[nodiscard]] double uniform();
    /// Standard normal deviate (Box-Muller on two uniforms; own code, since the distributions of
    /// the standard library differ between libraries).
    [[nodiscard]] double normal();
    /// Uniform on {0, ..., bound-1}, without bias (Lemire's rejection). bound = 0 throws
    /// std::invalid_argument.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// Go to 128-bit block `index`: the next number is the first of that block.
    void seek(std::uint32_t index) noexcept;

  private:
    void refill();

    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 3> counter_tail_;
    std::uint64_t next_block_ = 0;
    std::array<std::uint64_t, 2> buffer_{};
    unsigned used_ = 2;
    double spare_normal_ = 0.0;
    bool has_spare_normal_ = false;
};

} // namespace moe
