#pragma once
// A rate is an object: the sizes and values that were fitted, the window, the log-log slope, its
// interval, the claimed exponent and the verdict. Printing and judging use the same object.

#include "statistics/claim.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace moe {

/// Weighted least-squares line y = intercept + slope x.
struct LineFit {
    double slope;
    double intercept;
    double slope_standard_error; ///< NaN for fewer than 3 points
    std::size_t points;
};

/// Fits a line (QR on centred abscissae, not the normal equations). Empty weights mean equal ones.
/// Throws std::invalid_argument for fewer than 2 points, sizes that differ, equal abscissae,
/// non-finite numbers or weights that are not positive.
[[nodiscard]] LineFit fit_line(std::span<const double> x, std::span<const double> y,
                               std::span<const double> weights = {});

/// Student-t interval of the slope; nothing for fewer than 3 points.
[[nodiscard]] std::optional<Interval> slope_interval(const LineFit& fit, double level);

/// What is fitted: y ~ C x^exponent over the window of abscissae [window_low, window_high].
struct RateSpec {
    std::string id;       ///< stable name in rates.csv and in data/reference: "kuhn.r1.n2.params"
    std::string quantity; ///< "loaded parameters against 1/epsilon"
    double claimed;       ///< claimed exponent
    double tolerance;     ///< allowed distance of the slope from the claimed exponent
    double window_low = 0.0;
    double window_high = 1e300;
    double level = 0.95;
};

struct Rate {
    RateSpec spec;
    std::vector<double> x; ///< positive abscissae inside the window, ascending
    std::vector<double> y; ///< positive; with repetitions the geometric mean of each size
    std::vector<double> two_point_slopes;
    double slope = 0.0;
    double intercept_log2 = 0.0;
    std::optional<Interval> interval;
    std::int64_t observations = 0;
    Verdict verdict = Verdict::inconclusive;
};

/// Least-squares slope of log2 y on log2 x for deterministic data, one value a size, with the
/// regression's Student-t interval. Verdict: supported iff |slope - claimed| <= tolerance.
/// Throws std::invalid_argument (naming spec.id) for values that are not positive and finite or for
/// fewer than 2 sizes inside the window.
[[nodiscard]] Rate fit_rate(const RateSpec& spec, std::span<const double> x,
                            std::span<const double> y);

/// Rate of repeated measurements: repetitions[i] holds the values at x[i]. Slope of the mean log2
/// value, each size weighted by its number of repetitions; interval by bootstrap over repetitions
/// (resampled within each size; random numbers from Philox(seed, cell of spec.id)), without the
/// two errors that the plain percentile interval makes for few repetitions r: deviations are
/// stretched by sqrt(r/(r-1)), because a resample's spread is too small by that factor, and its
/// ends by the ratio of Student's to the normal quantile at the degrees of freedom of Satterthwaite
/// (Biometrics Bulletin 2, 1946). Weights by 1/(measured variance) are not used: with them the
/// interval missed the true slope in 10 % to 40 % of our simulations with 3 to 10 repetitions at
/// level 0.95, against 4 % to 7 % for this one. So the false-alarm rate (refuted although the true
/// slope is within the tolerance) is about 1 - level at most.
/// Verdict: supported iff the interval meets [claimed - tolerance, claimed + tolerance] and is
/// narrower than 4 tolerances, refuted iff it misses it, inconclusive otherwise; without interval
/// (a size with a single repetition) inconclusive. Throws std::invalid_argument as fit_rate does,
/// for a size without repetitions and for fewer resamples than the level needs, 2 / (1 - level).
[[nodiscard]] Rate bootstrap_rate(const RateSpec& spec, std::span<const double> x,
                                  const std::vector<std::vector<double>>& repetitions,
                                  std::uint64_t seed, std::size_t resamples = 2000);

/// The rate as a claim: expected `claimed` within `tolerance`, measured slope with its interval.
[[nodiscard]] Claim rate_claim(const Rate& rate, Claim partial);

} // namespace moe
