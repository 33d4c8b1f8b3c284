#include "compositional_pieces/trained.hpp"

#include "basics/numbers.hpp"
#include "pieces/cube_points.hpp"
#include "statistics/rank_test.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace compositional_pieces {

namespace {

using moe::decide;
using moe::Relation;
using moe::Verdict;

/// Errors of the runs by width, in the order of the runs.
using Errors = std::map<std::int64_t, std::vector<double>>;
using Samples = std::vector<std::vector<double>>;

constexpr std::int64_t least_width = 32; ///< from here on 2-3 must be ahead
constexpr double least_ratio = 2.0;
constexpr double rank_level = 0.05;
constexpr double halving = -1.0;               ///< slope at which a doubled width halves the error
constexpr double slope_level = 0.9;            ///< of the intervals: one-sided false alarms 5 %
const double log2_10 = std::log2(10.0);        ///< decades per doubling to exponents
const double least_fall = -0.5 * log2_10;      ///< P3, of 2-3, where it is judged
const double least_difference = 0.2 * log2_10; ///< P3, of 1-6 from 2-3
constexpr double least_widest = 128.0;         ///< P3's sizes are judged from here on
constexpr std::size_t least_runs = 6;          ///< and with so many runs
constexpr std::int64_t widest_doubled = 64;    ///< 2-3 up to here against 1-6 at twice
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t learnt_width = 64;
constexpr double learnt_error = 3e-4;

Errors errors_of(const moe::Table& table, const char* model) {
    Errors errors;
    const moe::Rows rows = moe::rows_with(table, "model", model);
    for (const std::size_t row : rows.indices())
        errors[table.integer(row, "m")].push_back(table.real(row, "mse"));
    return errors;
}

double gmean(const std::vector<double>& errors) {
    return shared::summarise(errors).gmean;
}

/// "16: 4.0e-04 (sd 0.17), 32: ..."
std::string means(const Errors& errors) {
    std::string text;
    for (const auto& [width, values] : errors) {
        const shared::LogSummary summary = shared::summarise(values);
        text += (text.empty() ? "" : ", ") + std::to_string(width) + ": " +
                shared::two_digits(summary.gmean) + " (" + moe::rounded(summary.sd_log10, 2) + ")";
    }
    return text;
}

std::int64_t runs(const Errors& errors) {
    std::int64_t sum = 0;
    for (const auto& [width, values] : errors)
        sum += static_cast<std::int64_t>(values.size());
    return sum;
}

/// "; 2 training runs failed", or nothing.
std::string told_failures(std::int64_t failed) {
    return failed == 0 ? "" : "; " + std::to_string(failed) + " training runs failed";
}

/// P1 and P2 of the notes. A failed run has NaN for its error: no comparison that it belongs to
/// holds, nor does trained.depth wherever it is.
void judge_depth(moe::Judgement& judgement, const Errors& deep, const Errors& shallow,
                 const Errors& nine, std::int64_t failed) {
    double smallest_ratio = failed == 0 ? std::numeric_limits<double>::infinity() : not_a_number;
    double p = 0.0;
    double reverse = 0.0;
    double wider = 0.0;
    std::int64_t compared = 0;
    std::int64_t doubled = 0;
    std::string ranks;
    for (const auto& [width, errors] : deep) {
        if (width < least_width) continue;
        const std::vector<double>& others = shallow.at(width);
        compared += static_cast<std::int64_t>(errors.size() + others.size());
        const double ratio = gmean(others) / gmean(errors);
        smallest_ratio = -moe::larger_or_nan(-smallest_ratio, -ratio);
        if (std::isnan(ratio)) {
            p = not_a_number;
        } else {
            const moe::RankTest test = moe::mann_whitney(errors, others);
            p = moe::larger_or_nan(p, test.p_value);
            reverse = std::max(reverse, test.p_value_reverse);
            ranks += (ranks.empty() ? "" : ", ") + std::to_string(width) + ": " +
                     shared::two_digits(test.p_value);
        }
        if (width <= widest_doubled) {
            wider = moe::larger_or_nan(wider, gmean(errors) / gmean(shallow.at(2 * width)));
            doubled += static_cast<std::int64_t>(errors.size());
        }
    }
    if (compared > 0 || failed > 0)
        judgement.claims.push_back(decide(
            "trained.depth", {Relation::at_least, least_ratio, 0.0}, smallest_ratio, compared,
            "least ratio of the geometric means; by width (sd of log10): 2-3 " + means(deep) +
                "; 1-6 " + means(shallow) +
                "; 1-9, which has an expert for "
                "each box (told, not judged) " +
                means(nine) + told_failures(failed)));
    if (compared == 0) return;
    moe::Claim claim = decide("trained.ranks", {Relation::at_most, rank_level, 0.0}, p, compared,
                              "largest one-sided p of Mann-Whitney by width: " + ranks +
                                  "; false alarms 5 % a width; refuted if the reverse is <= 0.05");
    if (!std::isnan(p) && claim.verdict == Verdict::refuted && reverse > rank_level)
        claim.verdict = Verdict::inconclusive;
    judgement.claims.push_back(std::move(claim));
    if (doubled == 0) return;
    judgement.claims.push_back(
        decide("trained.wider", {Relation::at_most, 1.0, 0.0}, wider, doubled,
               "largest geometric mean of 2-3 at m over that of 1-6 at 2m; parameters "
               "39m + 39 against 48m + 24"));
}

std::string decades(double slope) {
    return moe::rounded(slope / log2_10, 3);
}

/// P3 of the notes: the slope must reach `size`, its whole interval `side`, which is weaker.
struct SlopeRule {
    const char* claim;
    Relation relation;
    double side;
    double size;
};

Verdict judge_slope(const SlopeRule& rule, const moe::Rate& rate) {
    const double sign = rule.relation == Relation::at_most ? -1.0 : 1.0;
    const double low = std::min(sign * rate.interval->low, sign * rate.interval->high);
    const double high = std::max(sign * rate.interval->low, sign * rate.interval->high);
    if (sign * rate.slope >= sign * rule.size && low >= sign * rule.side) return Verdict::supported;
    return high < sign * rule.size ? Verdict::refuted : Verdict::inconclusive;
}

/// Slopes of the error in the width, by the bootstrap over runs.
class SlopeJudge {
  public:
    SlopeJudge(moe::Judgement& judgement, std::vector<double> widths, std::uint64_t seed)
        : judgement_(&judgement)
        , widths_(std::move(widths))
        , seed_(seed) {}

    /// Nothing if a run failed: a bootstrap does not take NaN.
    [[nodiscard]] std::optional<moe::Rate> rate(const char* id, const char* quantity,
                                                double claimed, const Samples& values) const {
        if (!std::ranges::all_of(values,
                                 [](const auto& sample) { return std::isfinite(gmean(sample)); }))
            return std::nullopt;
        return moe::bootstrap_rate({.id = id,
                                    .quantity = quantity,
                                    .claimed = claimed,
                                    .tolerance = 0.5,
                                    .level = slope_level},
                                   widths_, values, seed_);
    }

    void judge(const SlopeRule& rule, std::optional<moe::Rate> found, const std::string& evidence) {
        moe::Claim claim;
        claim.id = rule.claim;
        claim.expected = {rule.relation, rule.size, 0.0};
        claim.measured = {not_a_number, {}, 0};
        claim.verdict = Verdict::refuted;
        claim.evidence = evidence + "; a training run failed";
        if (found) {
            found->verdict = judge_slope(rule, *found);
            claim.measured = {found->slope, found->interval, found->observations};
            claim.verdict = found->verdict;
            claim.evidence = evidence + "; in decades per doubling " + decades(found->slope) +
                             ", 90 % interval " + decades(found->interval->low) + " to " +
                             decades(found->interval->high);
            judgement_->rates.push_back(std::move(*found));
        }
        judgement_->claims.push_back(std::move(claim));
    }

  private:
    moe::Judgement* judgement_;
    std::vector<double> widths_;
    std::uint64_t seed_;
};

void judge_slopes(moe::Judgement& judgement, const Errors& deep, const Errors& shallow,
                  std::uint64_t seed) {
    std::vector<double> widths;
    Samples deep_errors;
    Samples shallow_errors;
    Samples ratios;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const auto& [width, errors] : deep) {
        const std::vector<double>& others = shallow.at(width);
        widths.push_back(static_cast<double>(width));
        deep_errors.push_back(errors);
        shallow_errors.push_back(others);
        ratios.emplace_back();
        for (std::size_t run = 0; run < errors.size(); ++run)
            ratios.back().push_back(others[run] / errors[run]);
        fewest = std::min(fewest, errors.size());
    }
    if (widths.size() < 2) return;
    const bool full = widths.back() >= least_widest && fewest >= least_runs;
    const auto rule = [full](const char* size) {
        return std::string("; a slope of ") + size + " per doubling is " +
               (full ? "required as well" : "required too from m = 128 and 6 runs on, not here");
    };
    SlopeJudge slopes(judgement, widths, seed);
    const auto of_shallow =
        slopes.rate("trained.shallow", "error of 1-6 against m", halving, shallow_errors);
    slopes.judge(
        {"trained.width", Relation::at_most, halving, full ? least_fall : halving},
        slopes.rate("trained.deep", "error of 2-3 against m", halving, deep_errors),
        "log-log slope of the geometric mean, bootstrap over runs: the whole 90 % interval "
        "at most -1 (false alarms 5 %)" +
            rule("at most -0.5 decades") + "; 1-6 has slope " +
            (of_shallow ? moe::rounded(of_shallow->slope, 3) : "none") + " (told, not judged)");
    slopes.judge({"trained.steeper", Relation::at_least, 0.0, full ? least_difference : 0.0},
                 slopes.rate("trained.ratio", "error of 1-6 over 2-3 against m", 0.5, ratios),
                 "log-log slope of the ratio, run by run: the whole 90 % interval above 0 (false "
                 "alarms 5 %)" +
                     rule("at least 0.2 decades"));
}

} // namespace

void judge_trained(moe::Judgement& judgement, const moe::Options& options,
                   const moe::Table& trained) {
    if (trained.rows() == 0) return;
    const Errors deep = errors_of(trained, "2-3");
    const Errors shallow = errors_of(trained, "1-6");
    const moe::Rows failed(trained, [](const moe::Table& t, std::size_t row) {
        return !std::isfinite(t.real(row, "mse"));
    });
    judge_depth(judgement, deep, shallow, errors_of(trained, "1-9"), failed.size());
    judge_slopes(judgement, deep, shallow, options.seed());
    const auto learnt = deep.find(learnt_width);
    if (learnt == deep.end()) return;
    judgement.claims.push_back(
        decide("trained.learns", {Relation::at_most, learnt_error, 0.0}, gmean(learnt->second),
               static_cast<std::int64_t>(learnt->second.size()),
               "geometric mean; " + std::to_string(runs(deep)) + " runs of 2-3 at all widths"));
}

} // namespace compositional_pieces
