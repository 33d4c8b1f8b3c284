#pragma once
// What thm_approx_rate claims, and how the tables decide it. All measurements are deterministic, so
// no rule here has a false-alarm rate.

#include "program/program.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace approx_rate {

/// "kuhn.r1.n2": the sizes of one construction, exponent and dimension.
[[nodiscard]] std::string ladder_id(std::string_view construction, std::string_view exponent,
                                    int n);

[[nodiscard]] std::vector<moe::ClaimInfo> claims();
[[nodiscard]] std::vector<moe::FigureInfo> figures();

/// Fits a rate per ladder and decides every claim of the selected checks.
[[nodiscard]] moe::Judgement judge(const moe::Options& options, const moe::Tables& tables);

} // namespace approx_rate
