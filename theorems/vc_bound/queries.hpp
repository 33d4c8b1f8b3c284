#pragma once
// The questions that thm_vc_bound --query answers.

#include "program/program.hpp"

#include <vector>

namespace vc_bound {

[[nodiscard]] std::vector<moe::QueryInfo> queries();

} // namespace vc_bound
