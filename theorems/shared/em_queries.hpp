#pragma once
// The questions about EM on fixtures that thm_em_mirror_descent and thm_em_linear_rate both answer.

#include "program/program.hpp"

#include <vector>

namespace shared {

/// fixture and mirror_step.
[[nodiscard]] std::vector<moe::QueryInfo> em_queries();

} // namespace shared
