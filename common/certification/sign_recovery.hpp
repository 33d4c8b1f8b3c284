#pragma once
// Sign recovery (the project's notes on arXiv:2402.03460, 3.7): a mixture with certified error
// below the height of the bumps must reproduce all G = (N_b + 1)^n signs of bump(N_b, seed), the
// event that the dense lower bound counts.

#include "constructions/kuhn.hpp"
#include "targets/lipschitz.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace moe {

struct SignRecovery {
    std::int64_t bump_lattice = 0; ///< N_b of the error bound of the grid
    std::uint64_t points = 0;      ///< G
    std::uint64_t positive = 0;    ///< signs +1 among the G of the function
    std::uint64_t recovered = 0;   ///< outputs with the prescribed sign
    double smallest_margin =
        0.0; ///< min sign * output; positive iff all signs are recovered; NaN as -infinity
    double error_bound = 0.0;
    double bump_height = 0.0; ///< lambda / (2 N_b), above error_bound
    [[nodiscard]] bool all() const noexcept { return recovered == points; }
};

/// Builds the mixture of the given experts for the target and evaluates it at a flat batch of
/// points (point i is points[i n .. (i+1) n)); returns one value per point.
using MixtureEvaluator = std::function<std::vector<double>(const LipschitzFunction& target,
                                                           std::span<const double> points)>;

/// Takes bump(N_b, seed, lambda) with N_b from the error bound of `experts`, has it built and
/// evaluated at all lattice points j/N_b and compares signs. Throws InputError if the grid is too
/// coarse for a bump lattice (N_b < 1) or G exceeds 10^7, std::invalid_argument if the evaluator
/// returns another number of values.
[[nodiscard]] SignRecovery sign_recovery(const KuhnExperts& experts, std::uint64_t seed,
                                         double lambda, const MixtureEvaluator& evaluate);

} // namespace moe
