#pragma once
// Slopes of medians as claims.

#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/judgement.hpp"

#include "program/options.hpp"
#include "statistics/median_rate.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// The fitted sizes, ascending, and those that are told and not fitted.
[[nodiscard]] std::vector<std::int64_t> sorted_sizes(const moe::Options& options);
[[nodiscard]] std::vector<std::int64_t> sorted_small_sizes(const moe::Options& options);

struct SlopeRequest {
    std::string id;       ///< of the rate: "SIG1.gelu.E_over"
    std::string quantity; ///< for people
    std::string column;   ///< of the table fits
    double claimed;
    double tolerance; ///< as it is printed; the rule decides
    moe::SlopeRule rule;
    std::string remark{}; ///< stands at the end of the evidence
};

/// Fits, judges and adds the rate and its claim. An infinite median (in half of the repetitions a
/// true atom has no fitted one) refutes; a size at which most fits have no value, an error of
/// exactly 0, which has no logarithm, and fits that violate the certificate decide nothing.
void judge_slope(moe::Judgement& judgement, const std::string& claim, Kind kind,
                 const CellFits& fits, const std::vector<std::int64_t>& sizes,
                 const SlopeRequest& request, std::uint64_t seed);

/// Objectives nearer than this, in units of chi square, are the same.
inline constexpr double same_objective = 1e-6;

struct NamedFits {
    std::string name;
    const CellFits* fits;
};

/// No fit may be above the objective of a feasible point that is known (notes 4). A violation
/// decides nothing: the fit then says nothing of the estimator. The evidence tells, cell by cell,
/// how often fits lie on the box at the given sizes and how often a uniform start was the lowest.
void judge_certificate(moe::Judgement& judgement, const std::string& claim,
                       const std::vector<NamedFits>& cells, const std::vector<std::int64_t>& sizes);

/// Clopper and Pearson's 95 % interval of a fraction. all > 0.
[[nodiscard]] moe::Interval fraction_interval(std::int64_t hits, std::int64_t all);

/// "0.83 (shared.b0=-2.5 0.45, ...)": fraction of the fits on the box, and the three most frequent
/// of the bounds that they are on.
[[nodiscard]] std::string box_text(const CellFits& fits, const std::vector<std::int64_t>& sizes);

/// Adds the rate without verdict; nothing if a median has no logarithm.
void report_slope(moe::Judgement& judgement, const CellFits& fits,
                  const std::vector<std::int64_t>& sizes, const SlopeRequest& request,
                  std::uint64_t seed);

} // namespace sigmoid_gating
