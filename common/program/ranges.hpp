#pragma once
// Ranges of numbers that an option or a key of a query may take.

#include <cstdint>
#include <limits>
#include <string>

namespace moe {

/// Integers low..high, both included.
struct IntegerRange {
    std::int64_t low = std::numeric_limits<std::int64_t>::min();
    std::int64_t high = std::numeric_limits<std::int64_t>::max();

    [[nodiscard]] bool contains(std::int64_t value) const noexcept;
};

/// Finite reals between low and high; an end counts unless it is open. The default is every finite
/// real.
struct RealRange {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool low_open = false;
    bool high_open = false;

    /// False for nan and infinities.
    [[nodiscard]] bool contains(double value) const noexcept;
};

/// The range for people: "1..8", "at least 1", "(0, 0.5]", "finite, > 0".
[[nodiscard]] std::string to_string(const IntegerRange& range);
[[nodiscard]] std::string to_string(const RealRange& range);

} // namespace moe
