#pragma once
// What thm_vc_bound claims, and how the tables decide it. Everything is exact or deterministic, so
// no rule here has a false-alarm rate.

#include "program/program.hpp"

namespace vc_bound {

/// Name, papers, options, checks, claims, tables, figures and sabotages; the caller adds the
/// functions.
[[nodiscard]] moe::Program declaration();

[[nodiscard]] moe::Judgement judge(const moe::Options& options, const moe::Tables& tables);

} // namespace vc_bound
