#include "pieces/boxes.hpp"

#include "basics/error.hpp"
#include "basics/integer_power.hpp"

#include <algorithm>
#include <string>

namespace moe {

BoxSelection::BoxSelection(std::uint32_t intervals, std::uint32_t dimension, std::uint64_t most)
    : intervals_(intervals)
    , dimension_(dimension)
    , all_(0)
    , visited_(0) {
    if (intervals == 0 || dimension == 0 || most == 0)
        throw InputError("boxes: " + std::to_string(intervals) + " intervals in dimension " +
                         std::to_string(dimension) + ", at most " + std::to_string(most) +
                         " visited; all must be at least 1");
    // More than 62 coordinates of one interval are one box; of two or more they overflow anyway.
    const auto power = power_below_limit(intervals, static_cast<int>(std::min(dimension, 64U)));
    if (!power)
        throw InputError("boxes: " + std::to_string(intervals) + "^" + std::to_string(dimension) +
                         " is 2^62 or more, which no counter holds");
    all_ = *power;
    visited_ = std::min(all_, most);
}

void BoxSelection::intervals_of(std::uint64_t index, RandomStream& random,
                                std::span<std::uint32_t> intervals) const {
    std::uint64_t box = index;
    if (!exhaustive()) {
        const std::uint64_t width = all_ / visited_;
        const std::uint64_t longer = all_ % visited_; // so many ranges are longer by 1
        box = index * width + std::min(index, longer) +
              random.below(width + (index < longer ? 1 : 0));
    }
    for (std::size_t l = intervals.size(); l-- > 0; box /= intervals_)
        intervals[l] = static_cast<std::uint32_t>(box % intervals_);
}

} // namespace moe
