#pragma once
// The questions that thm_compositional_pieces --query answers.

#include "program/program.hpp"

#include <vector>

namespace compositional_pieces {

[[nodiscard]] std::vector<moe::QueryInfo> queries();

} // namespace compositional_pieces
