#pragma once
// The deterministic half, A1-A8: everything that needs no repetition.

#include "program/cell.hpp"

#include <cstddef>
#include <cstdint>

namespace sigmoid_gating {

/// A1: derivatives of every class against central differences. The sabotage turns the sign of one
/// column.
[[nodiscard]] moe::CellResult measure_jacobians(const moe::CellContext& context, std::size_t M,
                                                bool wrong_sign);
/// A2: the common truth as sigmoid and as softmax function, and the best fits of the two classes
/// with k = k* to the same data.
[[nodiscard]] moe::CellResult measure_common_truth(const moe::CellContext& context, std::size_t M,
                                                   std::size_t starts);
/// A4, A5, A6: lemma, kinks and ratio sequences.
[[nodiscard]] moe::CellResult measure_lemmas();
/// A3: exact representations.
[[nodiscard]] moe::CellResult measure_families(std::size_t M);
/// A7: regime-2 tangents.
[[nodiscard]] moe::CellResult measure_tangents(std::size_t M);
/// A8: moduli of the three cells that can split, along the axes and `random` directions, and along
/// the scale direction of homogeneous experts.
[[nodiscard]] moe::CellResult measure_modulus(const moe::CellContext& context, std::size_t M,
                                              std::size_t truth, std::size_t random);
[[nodiscard]] moe::CellResult measure_scale_moduli(std::size_t M);
/// The truths of measure_modulus: SOFT GELU, SIG1 GELU, SOFT tanh.
inline constexpr std::size_t modulus_truths = 3;

} // namespace sigmoid_gating
