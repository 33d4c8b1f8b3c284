#pragma once
// Linear separability of labelled integer points in R^n, decided by a linear program and proved in
// integers: the exact simplex of GLPK proposes a basis, from which the separating weights or the
// Farkas multipliers are solved and checked in rational arithmetic. No answer rests on the solver.

#include "theory/growth.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace moe {

/// Points in R^n, row-major [points][n].
struct IntegerPoints {
    std::size_t n = 0;
    std::vector<std::int64_t> coordinates;
    [[nodiscard]] std::size_t size() const noexcept { return n == 0 ? 0 : coordinates.size() / n; }
};

/// Proof that a labeling is separable or not. With x^ = (x, 1) and y = +-1 (label 1: +1):
/// separable: weights w (n + 1 integers, the bias last) with y_i <w, x^_i> >= 1 for all i;
/// not: multipliers, integers lambda_i >= 0, not all 0, with sum lambda_i y_i x^_i = 0.
struct SeparabilityProof {
    bool separable = false;
    std::vector<BigInteger> weights;
    std::vector<BigInteger> multipliers;
};

/// Decides whether an affine function is positive exactly at the points with label '1' and negative
/// at the others, and proves it. Throws InputError for no points, n < 1, labels of another length
/// or other than 0 and 1, coordinates beyond 2^53; EnvironmentError if the solver's basis proves
/// neither.
[[nodiscard]] SeparabilityProof separate(const IntegerPoints& points, std::string_view labels);

/// Whether the proof holds for these points and labels, in integers.
[[nodiscard]] bool proves(const SeparabilityProof& proof, const IntegerPoints& points,
                          std::string_view labels);

} // namespace moe
