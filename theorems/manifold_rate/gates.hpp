#pragma once
// Is layer 1 needed? The cells on linear and nonlinear gates (notes 2.6).

#include "program/cell.hpp"
#include "program/options.hpp"

#include <cstdint>

namespace manifold_rate {

/// The XOR identity, margins of linear programs, the two-layer model on the winding curve.
[[nodiscard]] moe::CellResult measure_gate_facts(const moe::CellContext& context);
/// Random gates.
[[nodiscard]] moe::CellResult measure_random_gates(const moe::CellContext& context,
                                                   std::int64_t gates);
/// Gates trained by logistic regression.
[[nodiscard]] moe::CellResult measure_trained_gates(const moe::CellContext& context,
                                                    std::int64_t gates);
/// One layer whose gate is a network against two layers, all manifolds.
[[nodiscard]] moe::CellResult measure_net_gates(const moe::CellContext& context);

} // namespace manifold_rate
