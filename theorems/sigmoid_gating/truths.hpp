#pragma once
// The truths of the experiments (notes 4): which gate, which experts, and what the additional atom
// of an over-specified fit does.

#include "gating/gated_function.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sigmoid_gating {

inline constexpr double box_half_width = 2.5;  ///< of every free parameter
inline constexpr std::size_t fitted_atoms = 3; ///< k; the truths have k* = 2
inline constexpr double grid_half_length = 8.0;

/// What becomes of the additional atom.
enum class Surplus {
    split, ///< shares true atom 0 with another: cells (2, 1)
    dead   ///< goes to the zero expert, its gate is arbitrary: cells (1, 1) and a dead one
};

struct Truth {
    std::string name; ///< "SIG2C.gelu"
    moe::GatedFunction function;
    Surplus surplus;
    std::size_t over; ///< the atom that the fits start to split
};

/// The truth of a name with its surplus: split for softmax (its atom 0) and for sigmoid truths of
/// regime 1 (the first atom with b1* = 0), else dead.
[[nodiscard]] Truth truth_of(std::string name, moe::GatedFunction function);

[[nodiscard]] Truth sig2c(moe::ExpertActivation expert); ///< common truth, sigmoid gates (u, -u)
[[nodiscard]] Truth soft(moe::ExpertActivation expert);  ///< the same function, gates (u, 0)
[[nodiscard]] Truth sig2(moe::ExpertActivation expert);  ///< regime 2
[[nodiscard]] Truth sig1(moe::ExpertActivation expert);  ///< regime 1: atom 0 has b1* = 0
/// Regime 2 with linear experts: gates (1.0, 0.5), (-0.9, -0.6).
[[nodiscard]] Truth sig2_linear();

/// The M midpoints of [-8, 8].
[[nodiscard]] std::vector<double> grid(std::size_t M);

/// "SIG2C.gelu" -> "SIG2C, GELU experts", for people.
[[nodiscard]] std::string spoken(const std::string& name);

} // namespace sigmoid_gating
