#pragma once
// The questions that thm_manifold_rate answers.

#include "program/program.hpp"

#include <vector>

namespace manifold_rate {

[[nodiscard]] std::vector<moe::QueryInfo> queries();

} // namespace manifold_rate
