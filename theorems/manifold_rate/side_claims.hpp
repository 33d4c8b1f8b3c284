#pragma once
// The cells of the side claims (notes 2.7): the grid without a chart, factored and shared experts.

#include "program/cell.hpp"

#include <cstdint>
#include <vector>

namespace manifold_rate {

/// Rows of the table "cube" for one D.
[[nodiscard]] moe::CellResult measure_cube(const moe::CellContext& context, std::size_t D,
                                           const std::vector<std::int64_t>& cells);
/// Merged against factored first maps; shared against routed-only experts.
[[nodiscard]] moe::CellResult measure_expert_forms(const moe::CellContext& context);

} // namespace manifold_rate
