#pragma once
// The question "rates": a simulated cell of the reader's own truth.

#include "program/query.hpp"

#include <nlohmann/json.hpp>

namespace sigmoid_gating {

/// Medians, quartiles, gain and pattern per n, and the slopes of the medians with their intervals.
[[nodiscard]] nlohmann::ordered_json answer_rates(moe::Query& query);

} // namespace sigmoid_gating
