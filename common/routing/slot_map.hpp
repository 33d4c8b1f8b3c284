#pragma once
// A model with more leaves than can be written keeps only the experts of some leaves. This is the
// map from a leaf's index to the position of its expert among those kept.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

class SlotMap {
  public:
    /// The kept leaves, strictly ascending; slot s holds the expert of leaves[s]. Throws InputError
    /// naming the position where the order breaks.
    explicit SlotMap(std::vector<std::uint64_t> leaves);

    [[nodiscard]] std::size_t slots() const noexcept { return leaves_.size(); }
    [[nodiscard]] std::span<const std::uint64_t> leaves() const noexcept { return leaves_; }
    /// Binary search. Throws InputError naming a leaf that was not kept.
    [[nodiscard]] std::uint64_t slot(std::uint64_t leaf) const;

  private:
    std::vector<std::uint64_t> leaves_;
};

} // namespace moe
