// The headline: both gates on the same data with the same truth.

#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/judgement.hpp"
#include "sigmoid_gating/paired_curves.hpp"
#include "sigmoid_gating/rate_claims.hpp"

#include "basics/numbers.hpp"
#include "statistics/rows.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sigmoid_gating {

using moe::Relation;

namespace {

/// The three thresholds of the headline (notes 5).
constexpr double least_ratio = 8.0;
constexpr double least_samples = 10.0;
constexpr double error_of_samples = 0.02;
constexpr double headline_size = 1e10;

std::string curve_text(const Curve& curve) {
    std::string text;
    for (std::size_t i = 0; i < curve.n.size(); ++i) {
        text += (i == 0 ? "" : ", ") + moe::rounded(curve.n[i], 2) + ": " +
                moe::rounded(curve.sigmoid[i], 3) + " / " + moe::rounded(curve.softmax[i], 3);
    }
    return text;
}

/// A claim about a functional of the curves, by the point rule of notes 5: supported iff its value
/// meets the bound, refuted iff not, inconclusive without a value. The interval is told.
void add(moe::Judgement& judgement, const char* id, moe::Expected expected,
         const std::vector<PairedErrors>& sizes, std::uint64_t seed, const Functional& functional,
         std::int64_t observations, const std::string& evidence, const std::string& without) {
    const std::optional<double> value = functional(curve_of(sizes));
    moe::Claim claim = moe::decide(
        id, expected, value.value_or(std::numeric_limits<double>::quiet_NaN()), observations, "");
    if (value) claim.measured.interval = interval_of(sizes, seed, functional);
    if (!value) claim.verdict = moe::Verdict::inconclusive;
    claim.evidence = (value ? "" : without + ": ") + evidence +
                     "; rule: the value itself, the bootstrap interval is told";
    judgement.claims.push_back(worded(Kind::simulated, std::move(claim)));
}

} // namespace

void judge_headline(moe::Judgement& judgement, const moe::Options& options,
                    const moe::Table& fits) {
    const CellFits sigmoid(fits, "SIG2C.gelu");
    const CellFits softmax(fits, "SOFT.gelu");
    const std::vector<PairedErrors> fitted = paired_errors(sigmoid, softmax, sorted_sizes(options));
    const std::vector<PairedErrors> all = paired_errors(sigmoid, softmax, sigmoid.sizes());
    std::int64_t pairs = 0;
    for (const PairedErrors& size : fitted)
        pairs += static_cast<std::int64_t>(size.sigmoid.size());
    std::string representations;
    for (const char* name : {"atom0", "atom1"}) {
        const CellFits one(fits, std::string("SOFT.gelu.") + name);
        representations += std::string("; E_sig / E_soft if softmax must share ") + name + ": " +
                           curve_text(curve_of(paired_errors(sigmoid, one, sigmoid.sizes())));
    }
    const Curve whole = curve_of(all);

    const bool right_size = fitted.back().n == headline_size;
    add(
        judgement, "headline.ratio", {Relation::at_least, least_ratio, 0.0}, fitted, options.seed(),
        [right_size](const Curve& curve) {
            return right_size ? quotient(curve.softmax.back(), curve.sigmoid.back()) : std::nullopt;
        },
        static_cast<std::int64_t>(fitted.back().sigmoid.size()),
        "E_soft/E_sig at n = 1e10 on the same data, softmax fits of the lower objective; medians "
        "E_sig / E_soft by n: " +
            curve_text(whole) + representations,
        "the rule is for n = 1e10, which is not the largest size");
    add(judgement, "headline.slope", {Relation::at_least, least_headline_slope, 0.0}, fitted,
        options.seed(), log_ratio_slope, pairs, "slope of log(E_soft/E_sig) on log n; theory +1/4",
        "a size has no median");

    std::string others;
    for (const double error : {0.1, 0.05, 0.03, 0.02, 0.015}) {
        const std::optional<double> value = sample_ratio(whole, error);
        if (!value) continue;
        others +=
            (others.empty() ? "" : ", ") + moe::shortest(error) + ": " + moe::rounded(*value, 3);
    }
    add(
        judgement, "headline.samples", {Relation::at_least, least_samples, 0.0}, all,
        options.seed(), [](const Curve& curve) { return sample_ratio(curve, error_of_samples); },
        pairs,
        "n_soft/n_sig for the error 0.02; by error " + others + "; theory: growth like error^-2",
        "a curve does not come down to the error 0.02 between two sizes");
}

} // namespace sigmoid_gating
