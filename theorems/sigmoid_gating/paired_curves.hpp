#pragma once
// Medians of the errors of both gates against n, fitted to the same data, and functionals of these
// curves with bootstrap intervals.

#include "sigmoid_gating/fit_table.hpp"

#include "statistics/claim.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace sigmoid_gating {

/// Least slope of log(E_soft/E_sig) on log n that the headline asks for.
inline constexpr double least_headline_slope = 0.15;

/// Two errors of one fit: of the atoms that have a cell to themselves, and of the additional atom.
/// NaN where missing.
struct FitErrors {
    double exact;
    double surplus;
};

/// Errors of both gates at one size; entries at the same place belong to the same data.
struct PairedErrors {
    double n;
    std::vector<FitErrors> sigmoid;
    std::vector<FitErrors> softmax;
};

/// E_exx with E_dead (sigmoid) and with E_over (softmax).
[[nodiscard]] std::vector<PairedErrors> paired_errors(const CellFits& sigmoid,
                                                      const CellFits& softmax,
                                                      const std::vector<std::int64_t>& sizes);
/// E_over of both, of two truths: the entries are no pairs.
[[nodiscard]] std::vector<PairedErrors> shared_errors(const CellFits& sigmoid,
                                                      const CellFits& softmax,
                                                      const std::vector<std::int64_t>& sizes);

/// By n, the larger of the medians of the two errors: E_sig and E_soft. Infinite if in most fits a
/// true atom has no fitted one; NaN if an error is missing in all fits.
struct Curve {
    std::vector<double> n;
    std::vector<double> sigmoid;
    std::vector<double> softmax;
};
[[nodiscard]] Curve curve_of(const std::vector<PairedErrors>& sizes);

/// Nothing if a number is missing; NaN for a value that infinite errors leave undefined.
using Functional = std::function<std::optional<double>(const Curve&)>;
[[nodiscard]] std::optional<double> quotient(double one, double other);
[[nodiscard]] std::optional<double> log_ratio_slope(const Curve& curve);
/// n_soft/n_sig for one error, linear between logarithms from where a curve has fallen to it for
/// good; nothing if one does not cross it between two sizes.
[[nodiscard]] std::optional<double> sample_ratio(const Curve& curve, double error);

/// 95 % percentile interval: repetitions are resampled within each size, the same ones for both
/// gates. A resample without a finite value counts as -infinity and as +infinity.
[[nodiscard]] moe::Interval interval_of(const std::vector<PairedErrors>& sizes, std::uint64_t seed,
                                        const Functional& functional);

} // namespace sigmoid_gating
