#pragma once
// What thm_compositional_pieces claims, and how the tables decide it. The constructions are
// computed without noise: no rule of theirs has a false-alarm rate. Those of trained models
// (trained.hpp) do.

#include "program/program.hpp"

#include <span>

namespace compositional_pieces {

/// Name, papers, options, checks, claims, tables, figures and sabotages; the caller adds the
/// functions.
[[nodiscard]] moe::Program declaration();

[[nodiscard]] moe::Judgement judge(const moe::Options& options, const moe::Tables& tables);

/// Whether all values are positive and finite: others have no slope.
[[nodiscard]] bool positive(std::span<const double> values);

/// The claims of the check one-layer.
void judge_one_layer(moe::Judgement& judgement, const moe::Tables& tables);

/// The deep models must be exact up to rounding: this times the scale of the numbers.
inline constexpr double exact_tolerance = 1e-12;

} // namespace compositional_pieces
