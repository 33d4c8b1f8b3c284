#include "program/ranges.hpp"

#include "basics/numbers.hpp"

#include <cmath>

namespace moe {

bool IntegerRange::contains(std::int64_t value) const noexcept {
    return low <= value && value <= high;
}

bool RealRange::contains(double value) const noexcept {
    return std::isfinite(value) && (low_open ? low < value : low <= value) &&
           (high_open ? value < high : value <= high);
}

std::string to_string(const IntegerRange& range) {
    const bool below = range.low != std::numeric_limits<std::int64_t>::min();
    const bool above = range.high != std::numeric_limits<std::int64_t>::max();
    if (below && above) return std::to_string(range.low) + ".." + std::to_string(range.high);
    if (below) return "at least " + std::to_string(range.low);
    if (above) return "at most " + std::to_string(range.high);
    return "of 64 bits";
}

std::string to_string(const RealRange& range) {
    const bool below = std::isfinite(range.low);
    const bool above = std::isfinite(range.high);
    if (!below && !above) return "finite";
    if (below && above)
        return (range.low_open ? "(" : "[") + shortest(range.low) + ", " + shortest(range.high) +
               (range.high_open ? ")" : "]");
    if (below) return "finite, " + std::string(range.low_open ? "> " : ">= ") + shortest(range.low);
    return "finite, " + std::string(range.high_open ? "< " : "<= ") + shortest(range.high);
}

} // namespace moe
