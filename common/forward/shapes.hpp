#pragma once
// The shapes that a batch and an expert must agree on, checked once at the entrance.

#include "models/architecture.hpp"

#include <cstddef>

namespace moe {

/// Throws std::invalid_argument naming the first size that differs from what one expert and
/// `batch` inputs need: parameters P, inputs batch x n, outputs batch x m.
void check_expert_shapes(const Architecture& architecture, std::size_t parameters,
                         std::size_t batch, std::size_t inputs, std::size_t outputs);

/// B for inputs [B][n] and outputs [B][m]; throws std::invalid_argument when the sizes are no such
/// pair.
[[nodiscard]] std::size_t batch_size(const Architecture& architecture, std::size_t inputs,
                                     std::size_t outputs);

} // namespace moe
