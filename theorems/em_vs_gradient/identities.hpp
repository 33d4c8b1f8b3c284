#pragma once
// Check "identities": gradient EM(1) is gradient descent, and EM does not see a linear change of
// the features, gradient descent does.

#include "program/program.hpp"

#include <vector>

namespace em_vs_gradient {

[[nodiscard]] std::vector<moe::TableSchema> identity_tables();
void plan_identities(const moe::Options& options, moe::Plan& plan);
void judge_identities(const moe::Options& options, const moe::Tables& tables,
                      moe::Judgement& judgement);

} // namespace em_vs_gradient
