#include "em_linear_rate/attempts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace em_linear_rate {

double worse(double so_far, double value) {
    return std::max(so_far, std::isnan(value) ? std::numeric_limits<double>::infinity() : value);
}

bool all_positive(std::span<const double> values) {
    return std::ranges::all_of(values,
                               [](double value) { return std::isfinite(value) && value > 0.0; });
}

moe::Claim with_attempts(moe::Claim claim, const Attempts& attempts, Rule rule) {
    const std::int64_t missing = attempts.refused + attempts.too_short;
    const std::int64_t total = attempts.measured + missing;
    const std::string of_total = " of " + std::to_string(total) + " cases ";
    if (attempts.refused > 0)
        claim.evidence += "; " + std::to_string(attempts.refused) + of_total +
                          "refused: no fit or no isolated minimum (table refused)";
    if (attempts.too_short > 0)
        claim.evidence += "; " + std::to_string(attempts.too_short) + of_total +
                          "not counted: too few iterations between errors 1e-4 and 1e-8";
    if (claim.measured.observations == 0) {
        claim.measured.estimate = std::numeric_limits<double>::quiet_NaN();
        claim.verdict = moe::Verdict::inconclusive;
    }
    const bool stands = rule == Rule::each_case && claim.verdict == moe::Verdict::refuted;
    if (20 * missing > total && !stands) claim.verdict = moe::Verdict::inconclusive;
    return claim;
}

} // namespace em_linear_rate
