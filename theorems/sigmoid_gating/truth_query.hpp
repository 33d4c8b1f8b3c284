#pragma once
// Functions and truths in questions: {"gate": .., "expert": .., "atoms": [[b1, b0, a, b], ..]}.

#include "sigmoid_gating/truths.hpp"

#include "program/query.hpp"

#include <string_view>

namespace sigmoid_gating {

/// Any function of the two gates; throws InputError as the accessors of Query do.
[[nodiscard]] moe::GatedFunction read_function(moe::Query& query, std::string_view key);

/// The same, softmax gates as differences to the last atom's, and its surplus. The optional key
/// "regime" (1 or 2) must not contradict a sigmoid truth.
[[nodiscard]] Truth read_truth(moe::Query& query, std::string_view key);

} // namespace sigmoid_gating
