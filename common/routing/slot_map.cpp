#include "routing/slot_map.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace moe {

SlotMap::SlotMap(std::vector<std::uint64_t> leaves)
    : leaves_(std::move(leaves)) {
    for (std::size_t slot = 1; slot < leaves_.size(); ++slot) {
        if (leaves_[slot - 1] >= leaves_[slot]) {
            throw InputError("slot map: leaf " + std::to_string(leaves_[slot]) + " at position " +
                             std::to_string(slot) + " is not above the leaf before it");
        }
    }
}

std::uint64_t SlotMap::slot(std::uint64_t leaf) const {
    const auto found = std::lower_bound(leaves_.begin(), leaves_.end(), leaf);
    if (found == leaves_.end() || *found != leaf) {
        throw InputError("slot map: leaf " + std::to_string(leaf) + " is not among the " +
                         std::to_string(leaves_.size()) + " leaves whose experts were kept");
    }
    return static_cast<std::uint64_t>(found - leaves_.begin());
}

} // namespace moe
