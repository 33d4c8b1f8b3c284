#pragma once
// Nearest of L prototypes for a batch of inputs, exactly as float64 decides it but mostly in
// float32. With c a centre, s a power of two, x' = s (x - c), p' = s (p - c):
//     |x' - p'|^2 = |x'|^2 + 2 S(p),  S(p) = |p'|^2 / 2 - x'.p'.
// S is screened in float32, S~(p). Columns of up to 16 consecutive prototypes whose smallest S~
// lies within T of the smallest of all are looked at in float64.
//
// Why the answer is among them. With u = 2^-24, X = |x'|, P = max |p'| and n + 1 additions,
// rounded or fused,
//     |S~ - S| <= E = (n + 6) u (P^2 / 2 + X P):
// a term x_i p_i meets at most n + 3 roundings (x_i, p_i, the product, n sums), |p'|^2 / 2 fewer;
// second-order terms (n <= 4096), the float64 roundings before and underflow (P >= 1/2 by the
// choice of s, X <= 2^20; what a product loses is below 2^-126) together less than three more. A
// distance summed in float64 is off by at most (n + 2) 2^-53 of itself. So the prototype q that
// float64 chooses and that of the smallest S~, m, obey
//     |x' - q'|^2 <= (1 + 2.1 (n + 2) 2^-53) |x' - m'|^2,
//     S~(q) <= S~(m) + T,  T = 2 E + 2 (n + 2) 2^-53 (X + P)^2.
// Inputs with X > 2^20 or NaN, and prototypes that leave no sensible s, go the plain way: float64
// over all prototypes.

#include "basics/aligned_array.hpp"
#include "basics/multiversion.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace moe {

/// Prototypes in one block of the float64 tables.
inline constexpr std::size_t prototypes_per_block = 16;

/// L prototypes in R^n for the kernels.
struct FlatTables {
    /// Prototypes [L][n], all finite, L and n positive.
    FlatTables(std::size_t dimension, std::span<const double> prototypes);

    std::size_t dimension;
    std::size_t prototypes;
    std::size_t block_count;
    AlignedArray blocks; ///< [block][n][16], the last block filled up with infinities

    bool screened = false;      ///< whether the tables below are there
    std::size_t column = 0;     ///< consecutive prototypes in a lane: 4, 8 or 16
    std::size_t chunks = 0;     ///< of 16 columns
    double scale = 1.0;         ///< s
    double radius = 0.0;        ///< P, rounded up
    AlignedArray centre;        ///< c
    AlignedArrayOf<float> rows; ///< [chunk][column][n + 1][16]: p', then |p'|^2 / 2
};

/// leaves[b] = the prototype nearest to row b of inputs [count][n]: smallest squared distance,
/// summed over the axes in order in float64; ties to the lowest index, 0 where no distance is
/// below infinity. The instruction set must be available (std::invalid_argument).
void nearest_prototypes(const FlatTables& tables, const double* inputs, std::uint64_t* leaves,
                        std::size_t count, InstructionSet set);
/// The same in float64 alone.
void nearest_plainly(const FlatTables& tables, const double* inputs, std::uint64_t* leaves,
                     std::size_t count, InstructionSet set);

} // namespace moe
