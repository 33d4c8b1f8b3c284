#pragma once
// What thm_em_linear_rate claims, and how the tables decide it. Fixed cases, population and zero
// signal are deterministic: no rule there has a false-alarm rate. For the samples see
// judgement.cpp.

#include "program/program.hpp"

namespace em_linear_rate {

/// Name, papers, options, checks, claims, tables, figures and sabotages; the caller adds the
/// functions.
[[nodiscard]] moe::Program declaration();

[[nodiscard]] moe::Judgement judge(const moe::Options& options, const moe::Tables& tables);

/// Window of iterations in which the sublinear law at zero signal is fitted.
inline constexpr double law_from = 500.0;
inline constexpr double law_to = 5000.0;

} // namespace em_linear_rate
