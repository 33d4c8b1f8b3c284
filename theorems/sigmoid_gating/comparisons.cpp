// What goes with the headline: which gate is nearer at small n, in the function and in the expert
// that softmax specifies exactly, on the same data; and regime 1.

#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/judgement.hpp"
#include "sigmoid_gating/paired_curves.hpp"
#include "sigmoid_gating/rate_claims.hpp"

#include "basics/numbers.hpp"
#include "statistics/paired.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sigmoid_gating {

using moe::Relation;

namespace {

/// False-alarm rate of a sign test.
constexpr double alpha = 0.001;

/// What E_soft/E_sig must stay below where the sigmoid has no advantage to speak of.
constexpr double largest_small_advantage = 2.0;

/// Supported if the whole interval is below the bound, refuted if it is above.
moe::Verdict verdict_below(const moe::Interval& interval, double bound) {
    return interval.high <= bound ? moe::Verdict::supported
           : interval.low > bound ? moe::Verdict::refuted
                                  : moe::Verdict::inconclusive;
}

/// The larger of two errors of each fit; NaN where one is missing.
std::vector<double> larger(const std::vector<double>& one, const std::vector<double>& other) {
    std::vector<double> result;
    for (std::size_t r = 0; r < one.size(); ++r) {
        result.push_back(std::isnan(one[r]) || std::isnan(other[r]) ? one[r] + other[r]
                                                                    : std::max(one[r], other[r]));
    }
    return result;
}

/// Pairs of values of the same data sets: differences for a sign test, without the pairs in which
/// one is missing; two infinite ones are a tie.
void append_differences(std::vector<double>& differences, const std::vector<double>& sigmoid,
                        const std::vector<double>& softmax) {
    for (std::size_t r = 0; r < sigmoid.size(); ++r) {
        if (std::isnan(sigmoid[r]) || std::isnan(softmax[r])) continue;
        differences.push_back(sigmoid[r] == softmax[r] ? 0.0 : sigmoid[r] - softmax[r]);
    }
}

std::string at_size(std::int64_t n) {
    return "n = " + moe::rounded(static_cast<double>(n), 2);
}

/// The claim that softmax is nearer in more data sets, by the sign test.
moe::Claim nearer_claim(const char* id, const std::vector<double>& differences,
                        const std::string& what, const std::string& evidence) {
    const moe::SignTest test = moe::sign_test(differences);
    moe::Claim claim;
    claim.id = id;
    claim.expected = {Relation::at_most, alpha, 0.0};
    claim.measured = {test.p_value, {}, test.wins + test.losses + test.ties};
    claim.verdict = moe::verdict_of(test, alpha);
    claim.evidence = "p-value of the sign test, " + what + ": softmax nearer in " +
                     std::to_string(test.wins) + ", sigmoid in " + std::to_string(test.losses) +
                     " of " + std::to_string(claim.measured.observations) +
                     " data sets (false-alarm rate 0.001)" + evidence;
    return claim;
}

struct BothGates {
    CellFits sigmoid;
    CellFits softmax;
};

/// max(E_exx, E_dead) and max(E_exx, E_over) of each data set.
std::pair<std::vector<double>, std::vector<double>> expert_errors(const BothGates& gates,
                                                                  std::int64_t n) {
    return {larger(gates.sigmoid.values(n, "E_exx"), gates.sigmoid.values(n, "E_dead")),
            larger(gates.softmax.values(n, "E_exx"), gates.softmax.values(n, "E_over"))};
}

/// At the smallest n the sigmoid has no advantage in the experts.
void judge_small_sizes(moe::Judgement& judgement, const BothGates& gates,
                       const std::vector<std::int64_t>& small, std::uint64_t seed) {
    std::string text;
    for (const std::int64_t n : small) {
        const auto [sigmoid, softmax] = expert_errors(gates, n);
        std::vector<double> differences;
        append_differences(differences, sigmoid, softmax);
        const moe::SignTest test = moe::sign_test(differences);
        text += "; " + at_size(n) + ": softmax nearer in " + std::to_string(test.wins) +
                ", sigmoid in " + std::to_string(test.losses) + " (p-values " +
                moe::rounded(test.p_value, 2) + ", " + moe::rounded(test.p_value_reverse, 2) +
                "), medians sigmoid / softmax " + moe::rounded(median_of_present(sigmoid), 3) +
                " / " + moe::rounded(median_of_present(softmax), 3) + ", claimed pattern in " +
                moe::rounded(gates.sigmoid.pattern_fraction(n), 2) + " / " +
                moe::rounded(gates.softmax.pattern_fraction(n), 2) + " of the fits, F " +
                moe::rounded(gates.sigmoid.median(n, "F"), 3) + " / " +
                moe::rounded(gates.softmax.median(n, "F"), 3);
    }
    const std::vector<PairedErrors> errors =
        paired_errors(gates.sigmoid, gates.softmax, {small.front()});
    const Functional ratio = [](const Curve& curve) {
        return quotient(curve.softmax.front(), curve.sigmoid.front());
    };
    const std::optional<double> value = ratio(curve_of(errors));
    moe::Claim claim;
    claim.id = "small-n.no-advantage";
    claim.expected = {Relation::at_most, largest_small_advantage, 0.0};
    claim.measured = {value.value_or(std::numeric_limits<double>::quiet_NaN()),
                      {},
                      static_cast<std::int64_t>(errors.front().sigmoid.size())};
    if (value) {
        claim.measured.interval = interval_of(errors, seed, ratio);
        claim.verdict = verdict_below(*claim.measured.interval, largest_small_advantage);
    }
    claim.evidence =
        "E_soft/E_sig at " + at_size(small.front()) +
        "; rule: the whole 95 % bootstrap interval is below 2; the sign test of "
        "max(E_exx, E_dead) of sigmoid against max(E_exx, E_over) of softmax, data set "
        "by data set, is told" +
        text;
    judgement.claims.push_back(worded(Kind::addition, std::move(claim)));
}

void judge_function(moe::Judgement& judgement, const BothGates& gates,
                    const std::vector<std::int64_t>& sizes) {
    std::vector<double> differences;
    std::string text;
    for (const std::int64_t n : sizes) {
        append_differences(differences, gates.sigmoid.values(n, "F"), gates.softmax.values(n, "F"));
        text += (text.empty() ? "" : ", ") + moe::rounded(gates.sigmoid.median(n, "F"), 3) + " / " +
                moe::rounded(gates.softmax.median(n, "F"), 3);
    }
    judgement.claims.push_back(
        worded(Kind::addition, nearer_claim("function.softmax", differences,
                                            "F on the same data, all fitted sizes together",
                                            "; medians sigmoid / softmax by n: " + text)));
}

/// ||D eta|| of one true atom: both gates, the same data.
struct ExactExperts {
    std::vector<double> sigmoid;
    std::vector<double> softmax;
};

/// Of true atom `atom`, in the data sets in which the softmax fit has it alone in its cell.
ExactExperts exact_experts(const BothGates& gates, std::int64_t n, const std::string& atom) {
    const std::vector<double> sigmoid = gates.sigmoid.values(n, "expert_" + atom);
    const std::vector<double> softmax = gates.softmax.values(n, "expert_" + atom);
    ExactExperts experts;
    for (std::size_t r = 0; r < softmax.size(); ++r) {
        if (!std::isfinite(softmax[r]) || !std::isfinite(sigmoid[r])) continue;
        experts.sigmoid.push_back(sigmoid[r]);
        experts.softmax.push_back(softmax[r]);
    }
    return experts;
}

void judge_constants(moe::Judgement& judgement, const BothGates& gates,
                     const std::vector<std::int64_t>& sizes) {
    std::vector<double> differences;
    std::string text;
    for (const std::int64_t n : sizes) {
        std::vector<double> ratios;
        std::string by_atom;
        for (const char* atom : {"0", "1"}) {
            const ExactExperts one = exact_experts(gates, n, atom);
            append_differences(differences, one.sigmoid, one.softmax);
            for (std::size_t r = 0; r < one.sigmoid.size(); ++r)
                ratios.push_back(one.sigmoid[r] / one.softmax[r]);
            by_atom += (by_atom.empty() ? " (atom " : ", atom ") + std::string(atom) + ": " +
                       moe::rounded(median_of_present(one.sigmoid), 3) + " / " +
                       moe::rounded(median_of_present(one.softmax), 3) + " in " +
                       std::to_string(one.sigmoid.size());
        }
        text += (text.empty() ? "" : "; ") + at_size(n) + ": " +
                moe::rounded(median_of_present(ratios), 3) + by_atom + ")";
    }
    judgement.claims.push_back(worded(
        Kind::addition,
        nearer_claim("constant.softmax", differences,
                     "|D eta| of the true atom that the softmax fit has alone in its cell, all "
                     "fitted sizes together",
                     "; median ratios sigmoid over softmax by n (medians sigmoid / softmax): " +
                         text)));
}

/// In regime 1 the sigmoid does not meet the headline's condition.
void judge_regime_one(moe::Judgement& judgement, const CellFits& split, const CellFits& softmax,
                      const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
    const std::vector<PairedErrors> errors = shared_errors(split, softmax, sizes);
    const Curve curve = curve_of(errors);
    std::string text;
    std::int64_t fits = 0;
    for (std::size_t i = 0; i < curve.n.size(); ++i) {
        fits += static_cast<std::int64_t>(errors[i].sigmoid.size());
        text += (i == 0 ? "" : ", ") + moe::rounded(curve.sigmoid[i], 3) + " / " +
                moe::rounded(curve.softmax[i], 3);
    }
    const std::optional<double> slope = log_ratio_slope(curve);
    moe::Claim claim;
    claim.id = "regime1.no-advantage";
    claim.expected = {Relation::at_most, least_headline_slope, 0.0};
    claim.measured = {slope.value_or(std::numeric_limits<double>::quiet_NaN()), {}, fits};
    if (slope) {
        claim.measured.interval = interval_of(errors, seed, log_ratio_slope);
        claim.verdict = verdict_below(*claim.measured.interval, least_headline_slope);
    }
    claim.evidence =
        "slope of log(E_over of SOFT / E_over of SIG1) on log n; rule: the whole 95 % interval is "
        "below the headline's threshold; SIG1 in the restricted box, SOFT in the whole one, two "
        "truths; medians SIG1 / SOFT by n: " +
        text;
    judgement.claims.push_back(worded(Kind::consistent, std::move(claim)));
}

} // namespace

void judge_comparisons(moe::Judgement& judgement, const moe::Options& options,
                       const moe::Table& fits) {
    const BothGates gates{CellFits(fits, "SIG2C.gelu"), CellFits(fits, "SOFT.gelu")};
    const std::vector<std::int64_t> sizes = sorted_sizes(options);
    judge_small_sizes(judgement, gates, sorted_small_sizes(options), options.seed());
    judge_function(judgement, gates, sizes);
    judge_constants(judgement, gates, sizes);
    judge_regime_one(judgement, CellFits(fits, "SIG1.gelu.split"), gates.softmax, sizes,
                     options.seed());
}

} // namespace sigmoid_gating
