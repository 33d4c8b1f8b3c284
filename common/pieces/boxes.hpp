#pragma once
// The boxes into which the intervals of all coordinates cut [0, 1]^L: all of them or a sample.

#include "basics/random.hpp"

#include <cstdint>
#include <span>

namespace moe {

class BoxSelection {
  public:
    /// All intervals^dimension boxes if they are at most `most`, else `most` different ones: one
    /// of each of `most` equal ranges of box numbers. Throws InputError for a dimension or number
    /// of intervals or boxes of 0, and for intervals^dimension >= 2^62.
    BoxSelection(std::uint32_t intervals, std::uint32_t dimension, std::uint64_t most);

    [[nodiscard]] std::uint64_t all() const noexcept { return all_; }
    [[nodiscard]] std::uint64_t visited() const noexcept { return visited_; }
    [[nodiscard]] bool exhaustive() const noexcept { return visited_ == all_; }
    [[nodiscard]] std::uint32_t dimension() const noexcept { return dimension_; }

    /// The intervals [L] of visited box number `index`, the last coordinate running fastest. Draws
    /// from `random` only where the selection is a sample.
    void intervals_of(std::uint64_t index, RandomStream& random,
                      std::span<std::uint32_t> intervals) const;

  private:
    std::uint32_t intervals_;
    std::uint32_t dimension_;
    std::uint64_t all_;
    std::uint64_t visited_;
};

} // namespace moe
