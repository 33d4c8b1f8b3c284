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
};

/// Fits, judges and adds the rate and its claim. An infinite median (the pattern fails in half of
/// the repetitions) refutes; an error of exactly 0, which has no logarithm, and fits that
/// violate the certificate decide nothing.
void judge_slope(moe::Judgement& judgement, const std::string& claim, Kind kind,
                 const CellFits& fits, const std::vector<std::int64_t>& sizes,
                 const SlopeRequest& request, std::uint64_t seed);

/// No fit may be above the objective of a feasible point that is known (notes 4). A violation
/// decides nothing: the fit then says nothing of the estimator.
void judge_certificate(moe::Judgement& judgement, const std::string& claim,
                       const std::vector<const CellFits*>& cells);

/// Adds the rate without verdict; nothing if a median has no logarithm.
void report_slope(moe::Judgement& judgement, const CellFits& fits,
                  const std::vector<std::int64_t>& sizes, const SlopeRequest& request,
                  std::uint64_t seed);

} // namespace sigmoid_gating
