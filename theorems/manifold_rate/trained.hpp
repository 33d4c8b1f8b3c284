#pragma once
// The trained half of thm_manifold_rate, check "trained": what it adds to the declaration, the plan
// and the judgement. Nothing here is a theorem: the paper's claim is about the best network, not
// about the one that training finds.

#include "manifold_rate/experiment.hpp"
#include "program/program.hpp"

#include <vector>

namespace manifold_rate {

[[nodiscard]] std::vector<moe::OptionSpec> trained_options();
[[nodiscard]] moe::TableSchema trained_schema();
[[nodiscard]] std::vector<moe::ClaimInfo> trained_claims();
[[nodiscard]] moe::SabotageInfo trained_sabotage();

/// One cell a run. Throws InputError for dimensions or numbers of circles that are given twice.
void add_trained_cells(const moe::Options& options, moe::Plan& cells);

void judge_trained(moe::Judgement& judgement, const moe::Options& options,
                   const moe::Table& trained);

[[nodiscard]] moe::QueryInfo train_query();

/// Ambient dimension of the control on several circles.
inline constexpr std::int64_t control_dimension = 16;

} // namespace manifold_rate
