#pragma once
// The trained half of thm_compositional_pieces, check "trained": what it adds to the declaration,
// the plan and the judgement.

#include "compositional_pieces/experiment.hpp"
#include "program/program.hpp"

#include <string>
#include <vector>

namespace compositional_pieces {

/// "2-3", "1-6", "1-9".
[[nodiscard]] std::string to_string(TrainedModel model);

[[nodiscard]] std::vector<moe::OptionSpec> trained_options();
[[nodiscard]] moe::TableSchema trained_schema();
[[nodiscard]] std::vector<moe::ClaimInfo> trained_claims();
[[nodiscard]] std::vector<moe::SabotageInfo> trained_sabotages();

/// One cell a run. Throws InputError for widths that are given twice.
void add_trained_cells(const moe::Options& options, moe::Plan& cells);

void judge_trained(moe::Judgement& judgement, const moe::Options& options,
                   const moe::Table& trained);

[[nodiscard]] moe::QueryInfo train_query();

} // namespace compositional_pieces
