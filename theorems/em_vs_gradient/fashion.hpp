#pragma once
// The part of thm_em_vs_gradient on real data: Random-Invert Fashion-MNIST (check "fashion").
// What stands in the program's declaration, and its plan, judgement and query.

#include "program/program.hpp"

#include <vector>

namespace em_vs_gradient {

[[nodiscard]] std::vector<moe::OptionSpec> fashion_options();
[[nodiscard]] std::vector<moe::CheckInfo> fashion_checks();
[[nodiscard]] std::vector<moe::TableSchema> fashion_tables();
[[nodiscard]] std::vector<moe::FigureInfo> fashion_figures();
[[nodiscard]] std::vector<moe::ClaimInfo> fashion_claims();
/// leak-z. The sabotages gd-as-em and no-gate, which this check obeys too, are declared with the
/// synthetic part.
[[nodiscard]] std::vector<moe::SabotageInfo> fashion_sabotages();

/// Appends the cells of the check, one a seed, if it is selected: reads and checks the image files
/// first. Throws InputError for files or sizes that do not fit.
void plan_fashion(const moe::Options& options, moe::Plan& plan);

/// Appends the claims of the check, if it is selected.
void judge_fashion(const moe::Options& options, const moe::Tables& tables,
                   moe::Judgement& judgement);

/// The question "fmnist": one seed of the fixture generator.
[[nodiscard]] moe::QueryInfo fashion_query();

} // namespace em_vs_gradient
