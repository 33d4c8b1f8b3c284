#pragma once
// Range and ticks of an axis, found from what is drawn.

#include "plots/style.hpp"

#include <string>
#include <vector>

namespace moe {

struct AxisRange {
    double low;
    double high;
};

/// Limits that hold all values, with a margin, unless the axis gives them.
[[nodiscard]] AxisRange axis_range(const Axis& axis, const std::vector<double>& values);

/// gnuplot commands for scale, range and ticks of axis 'x' or 'y': at most 7 labelled ticks of a
/// logarithmic axis at powers of its base, or at 1, 2, 5 times powers of ten where the axis spans
/// fewer than two powers. An axis of categories has its names as ticks, already quoted for gnuplot.
[[nodiscard]] std::string axis_commands(char name, const Axis& axis, const AxisRange& range,
                                        const std::vector<std::string>& quoted_names);

} // namespace moe
