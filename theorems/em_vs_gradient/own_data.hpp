#pragma once
// Check "data": EM on the observations of --data, and the gradient methods beside it from the same
// start, or, without --data, EM on a sample that stands in for them; and the question "em_csv"
// about one file.

#include "program/program.hpp"

#include <vector>

namespace em_vs_gradient {

[[nodiscard]] std::vector<moe::OptionSpec> own_data_options();
[[nodiscard]] std::vector<moe::TableSchema> own_data_tables();
/// Reads and checks the file. Throws InputError as shared::user_data, and for --data with another
/// check in --only: nothing but the user's data is fitted then.
void plan_own_data(const moe::Options& options, moe::Plan& plan);
void judge_own_data(const moe::Options& options, const moe::Tables& tables,
                    moe::Judgement& judgement);
[[nodiscard]] moe::QueryInfo own_data_query();

} // namespace em_vs_gradient
