#pragma once
// Errors of repeated runs on a logarithmic axis.

#include "plots/style.hpp"

#include <string_view>

namespace moe {

/// Geometric mean of column `y` at each value of column `x`, ascending, with its 95 % interval by
/// Student's t of the logarithms (none for a single run). Throws InputError for an unknown column.
[[nodiscard]] Points geometric_means(const PlotTable& table, std::string_view x,
                                     std::string_view y);

} // namespace moe
