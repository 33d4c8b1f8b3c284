#pragma once
// Rates of medians: an error that is infinite in a few repetitions (a fit whose pattern is wrong)
// or has a heavy tail has no useful mean logarithm, but it has a median.

#include "statistics/rate.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace moe {

/// The middle value, for an even count the mean of the two middle ones. Infinite values are
/// allowed. Throws std::invalid_argument for no values and for NaN.
[[nodiscard]] double median(std::span<const double> values);

/// Which slopes support a claimed exponent.
struct SlopeRule {
    double low; ///< the fitted slope must lie in [low, high]
    double high;
    /// A rival exponent outside [low, high] that the interval must exclude; nothing where the
    /// slope alone decides.
    std::optional<double> rival;
};

/// Slope of log2 median on log2 x, each size with the same weight; the plain percentile interval of
/// the bootstrap, repetitions resampled within each size (random numbers from Philox(seed, cell of
/// spec.id)). A resample whose slope is not finite counts on both ends. Two-point slopes and y are
/// those of the medians; spec.tolerance is not used for the verdict: supported iff the slope is in
/// [low, high] and the interval excludes the rival, refuted iff the slope is outside and the
/// interval excludes the claimed exponent, else inconclusive: too wide to tell.
/// Throws std::invalid_argument (naming spec.id) as bootstrap_rate does, and for a median that is
/// not positive and finite.
[[nodiscard]] Rate median_rate(const RateSpec& spec, std::span<const double> x,
                               const std::vector<std::vector<double>>& repetitions,
                               const SlopeRule& rule, std::uint64_t seed,
                               std::size_t resamples = 2000);

/// The same without verdict (inconclusive), for slopes that are told and not judged.
[[nodiscard]] Rate reported_median_rate(const RateSpec& spec, std::span<const double> x,
                                        const std::vector<std::vector<double>>& repetitions,
                                        std::uint64_t seed, std::size_t resamples = 2000);

/// Why a median rate has its verdict: the window, the rule and what it cannot see.
[[nodiscard]] std::string median_rate_evidence(const Rate& rate, const SlopeRule& rule);

} // namespace moe
