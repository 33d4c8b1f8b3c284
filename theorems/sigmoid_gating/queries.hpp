#pragma once
// The questions that thm_sigmoid_gating --query answers.

#include "program/program.hpp"

#include <vector>

namespace sigmoid_gating {

[[nodiscard]] std::vector<moe::QueryInfo> queries();

} // namespace sigmoid_gating
