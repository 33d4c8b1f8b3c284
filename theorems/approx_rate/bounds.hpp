#pragma once
// The cells of thm_approx_rate that need no ladder of models: plans for given eps against the
// explicit inequality, what every dense net needs, and the recovery of signs.

#include "program/cell.hpp"
#include "program/options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace approx_rate {

/// One value of r, as a number and as it is written.
struct Exponent {
    double r;
    std::string written;
};

/// r = 0, 1/2, 1, n/2, n without repetition.
[[nodiscard]] std::vector<Exponent> exponents(int n);

/// `points` values of eps, equidistant in log2, from the coarsest that needs more than one node per
/// axis: the explicit inequality of A1 and the routing bound of A2.
[[nodiscard]] moe::CellResult plans_for_error(const moe::Options& options, int n,
                                              const Exponent& exponent);

/// P_dense and G/64 against eps, the scan for total < P_dense at r = 0 by the formulas, and for
/// bytes of P < G/8 at r = 1.
[[nodiscard]] moe::CellResult dense_bounds(const moe::Options& options, int n);

/// Grid of a sign recovery.
struct SignGrid {
    int n;
    std::int64_t K;
    std::int64_t M;
};

/// Builds, stores and evaluates the mixture for bump(N_b) and counts signs.
[[nodiscard]] moe::CellResult recover_signs(const moe::CellContext& context,
                                            const moe::Options& options, const SignGrid& grid);

} // namespace approx_rate
