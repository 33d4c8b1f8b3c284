#pragma once
// Paired comparisons of two methods over repetitions: exact sign test and Student's t. A difference
// is oriented by the caller so that positive favours the first method.

#include "statistics/claim.hpp"

#include <cstdint>
#include <span>

namespace moe {

/// P(X >= k) for X ~ Binomial(n, 1/2), without cancellation in the upper tail. 1 for k <= 0, 0 for
/// k > n. Throws std::invalid_argument for n < 0.
[[nodiscard]] double fair_binomial_tail(std::int64_t n, std::int64_t k);

/// One-sided sign test of "the first method wins more often". Ties are dropped (Dixon and Mood
/// 1946), so the p-value is exact given the number of ties.
struct SignTest {
    std::int64_t wins;   ///< positive differences
    std::int64_t losses; ///< negative differences
    std::int64_t ties;
    double p_value;         ///< P(at least so many wins) if wins and losses are equally likely
    double p_value_reverse; ///< the same for the losses
};

/// Throws std::invalid_argument for a difference that is NaN.
[[nodiscard]] SignTest sign_test(std::span<const double> differences);

/// One-sided verdict of a test of level `alpha`: supported if the first method wins with
/// p <= alpha, refuted if it loses with p <= alpha, inconclusive otherwise. False-alarm rates:
/// alpha each.
[[nodiscard]] Verdict verdict_of(const SignTest& test, double alpha);

/// Student's t for the mean of paired differences.
struct PairedT {
    double mean;
    double standard_error;
    double p_value;         ///< one-sided, alternative: mean > 0
    double p_value_reverse; ///< one-sided, alternative: mean < 0
    Interval interval;      ///< two-sided, of the mean
    std::int64_t observations;
};

/// Differences without spread give p-values 0, 1/2 or 1 by the sign of their mean. Throws
/// std::invalid_argument for fewer than two differences, numbers that are not finite and a level
/// outside (0, 1).
[[nodiscard]] PairedT paired_t(std::span<const double> differences, double level = 0.95);

/// As for the sign test.
[[nodiscard]] Verdict verdict_of(const PairedT& test, double alpha);

/// Quantile of Student's t with `degrees` degrees of freedom: P(T <= q) = probability.
[[nodiscard]] double student_quantile(double probability, double degrees);

/// The q-quantile (0 <= q <= 1) of the values by linear interpolation between order statistics
/// (Hyndman and Fan 1996, type 7). Infinite values are allowed. Throws std::invalid_argument for no
/// values, NaN and q outside [0, 1].
[[nodiscard]] double quantile(std::span<const double> values, double q);

} // namespace moe
