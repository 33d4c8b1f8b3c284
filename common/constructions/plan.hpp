#pragma once
// Plans of mixtures of MLPs: how many experts of which size reach a given uniform error (the
// project's notes on arXiv:2402.03460, 2, 3.5 and 3.8). Formulas only, nothing is built here.

#include "constructions/kuhn.hpp"

#include <cstdint>

namespace moe {

/// What every plan promises: the numbers that the loader's counters must reproduce.
struct ModelSize {
    std::uint64_t params = 1;       ///< P, parameters of one expert
    std::uint64_t leaves = 1;       ///< L, number of experts, below 2^62
    double error = 0.0;             ///< E, certified bound of the uniform error
    std::int64_t height = 0;        ///< longest way through the prototype tree
    std::uint64_t route_params = 0; ///< 2n height: prototype coordinates read on that way

    /// P + routing: v1's "over the forward pass".
    [[nodiscard]] std::uint64_t total() const noexcept { return params + route_params; }
};

/// Constant or Kuhn experts on the K^n grid.
struct MixturePlan : ModelSize {
    int n = 1;
    double r = 0.0;   ///< loaded parameters ~ eps^-r; NaN for a plan given by M and K
    double eps = 0.0; ///< what was asked for; the certified error if nothing was
    double lambda = 1.0;
    KuhnForm form = KuhnForm::wide;
    std::int64_t N = 1; ///< lattice that was asked for; K M >= N
    std::int64_t M = 1; ///< nodes per axis of an expert
    std::int64_t K = 1; ///< cells per axis
};

/// Slabs of bit-extraction experts, r = k/2.
struct BitExtractionPlan : ModelSize {
    int n = 1;
    int k = 1;
    double lambda = 1.0;
    std::int64_t m = 1;
    std::int64_t d = 2;
    std::int64_t slabs_per_axis = 1; ///< K' = m d (k = 1), m (k = 2)
};

// All plans throw InputError for n outside 1..8, lambda or eps not positive and finite, r outside
// [0, n], M, K or N below 1, and K^n, M^n or P past 2^62.

/// The plan for M and K as they stand.
[[nodiscard]] MixturePlan plan_of(int n, std::int64_t M, std::int64_t K, double lambda = 1.0,
                                  KuhnForm form = KuhnForm::wide);

/// Error at most eps with P ~ eps^-r: N = ceil(lambda sqrt(n)/(2 eps) - 1e-12), M = ceil(N^{r/n} -
/// 1e-9), K = ceil(N/M), each at least 1. The subtrahends absorb rounding only.
[[nodiscard]] MixturePlan plan_for_error(int n, double r, double eps, double lambda = 1.0,
                                         KuhnForm form = KuhnForm::wide);

/// Plan without rounding noise: N = M^{n/r}, K = N/M. Refuses (InputError) r <= 0 and an N that is
/// no integer, is not divided by M, or exceeds 2^50.
[[nodiscard]] MixturePlan exact_plan(int n, double r, std::int64_t M, double lambda = 1.0,
                                     KuhnForm form = KuhnForm::wide);

/// r = 0: one constant expert in each of N^n cells.
[[nodiscard]] MixturePlan constant_plan(int n, std::int64_t N, double lambda = 1.0,
                                        KuhnForm form = KuhnForm::wide);

/// Bit-extraction slabs; refuses what check_bit_extraction_size refuses.
[[nodiscard]] BitExtractionPlan bit_extraction_plan(int n, int k, std::int64_t m, std::int64_t d,
                                                    double lambda = 1.0);

/// Right side of the explicit form of A1: 12n 2^n (lambda sqrt(n)/eps)^r + n^2 + 5n for the wide
/// count, 9 times that for the narrow count (proved for n <= 4; InputError above). Infinite where
/// float64 overflows.
[[nodiscard]] double testable_A_bound(int n, double r, double eps, double lambda,
                                      KuhnForm form = KuhnForm::wide);

/// Bound of the routing, A2: 2n^2 ceil(log2 K).
[[nodiscard]] std::uint64_t route_bound(int n, std::int64_t K);

/// Exponent of the number of experts that goes with P ~ eps^-r: n - r (Kuhn); n - 2r with r = k/2
/// (bit extraction).
[[nodiscard]] constexpr double kuhn_leaves_exponent(int n, double r) noexcept {
    return n - r;
}
[[nodiscard]] constexpr double bit_extraction_leaves_exponent(int n, int k) noexcept {
    return n - k;
}

} // namespace moe
