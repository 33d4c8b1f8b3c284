#pragma once
// What a program says of itself as JSON (--describe): the source of CTest's list of presets, of the
// figures and of the table of claims.

#include "program/program.hpp"

#include <string>

namespace moe {

/// Object with program, summary, papers, example, claims, checks, presets, common_options, options,
/// tables (rates included), figures, sabotages, queries.
[[nodiscard]] std::string describe(const Program& program);

} // namespace moe
