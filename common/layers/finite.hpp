#pragma once
// Weights that a model may have: finite ones.

#include <span>
#include <string_view>

namespace moe {

/// Throws InputError naming `what`, the first entry that is not finite and its index.
void require_finite(std::string_view what, std::span<const double> numbers);

} // namespace moe
