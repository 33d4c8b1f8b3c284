#pragma once
// What a claim may say where not every case could be measured, and maxima that no NaN escapes.

#include "statistics/claim.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace em_linear_rate {

/// The larger of both; NaN counts as infinity.
[[nodiscard]] double worse(double so_far, double value);

/// Whether all values have logarithms.
[[nodiscard]] bool all_positive(std::span<const double> values);

/// Cases of a claim by what became of them.
struct Attempts {
    std::int64_t measured = 0;
    std::int64_t refused = 0;   ///< no fit or no isolated minimum: rows of the table refused
    std::int64_t too_short = 0; ///< runs with fewer than 3 ratios between 1e-4 and 1e-8
};

enum class Rule {
    each_case,  ///< one counterexample refutes, whatever became of the other cases
    statistical ///< tolerances were found on samples of which none was refused
};

/// Says in the evidence how many cases are missing. A claim without observation, or with more than
/// 5 % of its cases missing, is inconclusive; but a counterexample to Rule::each_case remains one.
[[nodiscard]] moe::Claim with_attempts(moe::Claim claim, const Attempts& attempts, Rule rule);

} // namespace em_linear_rate
