#pragma once
// Check "truncated": the E-step that keeps the k largest posteriors, against routing by the gate
// alone (notes, section 6).

#include "program/program.hpp"

#include <vector>

namespace em_vs_gradient {

[[nodiscard]] std::vector<moe::OptionSpec> truncated_options();
[[nodiscard]] std::vector<moe::TableSchema> truncated_tables();
void plan_truncated(const moe::Options& options, moe::Plan& plan);
void judge_truncated(const moe::Options& options, const moe::Tables& tables,
                     moe::Judgement& judgement);

} // namespace em_vs_gradient
