#pragma once
// The synthetic comparison: checks "linear" (SymMoLinE) and "logistic" (SymMoLogE).

#include "program/program.hpp"

#include <vector>

namespace em_vs_gradient {

[[nodiscard]] std::vector<moe::OptionSpec> synthetic_options();
[[nodiscard]] std::vector<moe::TableSchema> synthetic_tables();

/// Appends one cell a repetition. Throws InputError for sizes that do not go together.
void plan_synthetic(const moe::Options& options, moe::Plan& plan);

/// Appends the claims of the selected checks.
void judge_synthetic(const moe::Options& options, const moe::Tables& tables,
                     moe::Judgement& judgement);

} // namespace em_vs_gradient
