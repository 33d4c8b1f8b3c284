#pragma once
// The questions that thm_approx_rate --query answers about its constructions.

#include "program/program.hpp"

#include <vector>

namespace approx_rate {

[[nodiscard]] std::vector<moe::QueryInfo> queries();

} // namespace approx_rate
