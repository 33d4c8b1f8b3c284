#pragma once
// What thm_em_mirror_descent claims, and how the tables decide it. Identities are held to rounding
// bounds and nothing is drawn in the judgement, so no rule here has a false-alarm rate.

#include "program/program.hpp"

namespace em_mirror_descent {

/// Name, papers, options, checks, claims, tables, figures and sabotages; the caller adds the
/// functions.
[[nodiscard]] moe::Program declaration();

[[nodiscard]] moe::Judgement judge(const moe::Options& options, const moe::Tables& tables);

} // namespace em_mirror_descent
