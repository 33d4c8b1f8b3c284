#pragma once
// The question "rates": a simulated cell of the reader's own truth.

#include "program/query.hpp"

#include <nlohmann/json.hpp>

namespace sigmoid_gating {

/// Medians, quartiles, gain and pattern per n, the slopes of the medians with their intervals, and
/// the box of the fits, which is restricted where the additional atom is to share a true one.
[[nodiscard]] nlohmann::ordered_json answer_rates(moe::Query& query);

} // namespace sigmoid_gating
