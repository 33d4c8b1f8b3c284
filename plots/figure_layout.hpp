#pragma once
// Where the panels of a figure stand, in inches.

#include "plots/style.hpp"

#include <vector>

namespace moe {

/// Height below a panel's axes for tick labels and the name of the x axis; a legend begins there.
inline constexpr double axis_height = 0.36;

/// Rectangle of a panel's axes in inches from the lower left corner of the figure.
struct Box {
    double left;
    double right;
    double bottom;
    double top;
};

struct Layout {
    double width;
    double height;
    std::vector<Box> boxes;
};

/// Panels of single width stand below each other; of double width up to three in a row (four
/// in two rows of two), whose axes are aligned.
[[nodiscard]] Layout layout_of(const Figure& figure);

/// Whether a panel has a line above it: a title or its letter.
[[nodiscard]] bool has_title(const Figure& figure, const Panel::Content& panel);

} // namespace moe
