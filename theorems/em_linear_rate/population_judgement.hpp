#pragma once
// How the table `population` decides the claims P.*: deterministic, no false-alarm rate.

#include "program/program.hpp"

namespace em_linear_rate {

/// Largest |w*| up to which the limit of logistic experts' rates is held against 0.1: the limit
/// itself falls as 3 / |w*|.
inline constexpr double plateau_gate = 20.0;

void judge_population(moe::Judgement& judgement, const moe::Options& options,
                      const moe::Table& table);

} // namespace em_linear_rate
