#pragma once
// The questions that thm_em_linear_rate --query answers: those about fixtures
// (shared/em_queries.hpp) and those about the population.

#include "program/program.hpp"

#include <vector>

namespace em_linear_rate {

[[nodiscard]] std::vector<moe::QueryInfo> queries();

} // namespace em_linear_rate
