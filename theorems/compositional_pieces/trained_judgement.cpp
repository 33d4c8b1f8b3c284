#include "compositional_pieces/trained.hpp"

#include "basics/numbers.hpp"
#include "statistics/rank_test.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace compositional_pieces {

namespace {

using moe::decide;
using moe::Relation;
using moe::Verdict;

/// Errors of the runs by width, in the order of the runs.
using Errors = std::map<std::int64_t, std::vector<double>>;

constexpr std::int64_t least_width = 32; ///< from here on 2-3 must be ahead
constexpr double least_ratio = 2.0;
constexpr double rank_level = 0.05;
constexpr double halving = -1.0;    ///< slope at which a doubled width halves the error
constexpr double slope_level = 0.9; ///< of the intervals: one-sided false alarms 5 %
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

bool all_finite(const Errors& errors) {
    return std::ranges::all_of(errors, [](const auto& entry) {
        return std::isfinite(gmean(entry.second)); // NaN for a failed run
    });
}

std::int64_t runs(const Errors& errors) {
    std::int64_t sum = 0;
    for (const auto& [width, values] : errors)
        sum += static_cast<std::int64_t>(values.size());
    return sum;
}

/// P1 and P2 of the notes.
void judge_depth(moe::Judgement& judgement, const Errors& deep, const Errors& shallow,
                 const Errors& nine) {
    double ratio = std::numeric_limits<double>::infinity();
    double p = 0.0;
    double reverse = 0.0;
    double wider = 0.0;
    std::int64_t compared = 0;
    std::int64_t doubled = 0;
    std::string ranks;
    bool failed = false;
    for (const auto& [width, errors] : deep) {
        if (width < least_width) continue;
        const std::vector<double>& others = shallow.at(width);
        compared += static_cast<std::int64_t>(errors.size() + others.size());
        const double here = gmean(others) / gmean(errors);
        failed = failed || std::isnan(here);
        ratio = std::min(ratio, here);
        if (failed) continue;
        const moe::RankTest test = moe::mann_whitney(errors, others);
        p = std::max(p, test.p_value);
        reverse = std::max(reverse, test.p_value_reverse);
        ranks += (ranks.empty() ? "" : ", ") + std::to_string(width) + ": " +
                 shared::two_digits(test.p_value);
        if (width <= 64) {
            wider = std::max(wider, gmean(errors) / gmean(shallow.at(2 * width)));
            doubled += static_cast<std::int64_t>(errors.size());
        }
    }
    if (compared == 0) return;
    const double not_a_number = std::numeric_limits<double>::quiet_NaN();
    judgement.claims.push_back(
        decide("trained.depth", {Relation::at_least, least_ratio, 0.0},
               failed ? not_a_number : ratio, compared,
               "least ratio of the geometric means; by width (sd of log10): 2-3 " + means(deep) +
                   "; 1-6 " + means(shallow) + "; 1-9 " + means(nine)));
    moe::Claim claim = decide("trained.ranks", {Relation::at_most, rank_level, 0.0},
                              failed ? not_a_number : p, compared,
                              "largest one-sided p of Mann-Whitney by width: " + ranks +
                                  "; false alarms 5 % a width; refuted if the reverse is <= 0.05");
    if (!failed && claim.verdict == Verdict::refuted && reverse > rank_level)
        claim.verdict = Verdict::inconclusive;
    judgement.claims.push_back(std::move(claim));
    if (doubled == 0 && !failed) return;
    judgement.claims.push_back(decide(
        "trained.wider", {Relation::at_most, 1.0, 0.0}, failed ? not_a_number : wider, doubled,
        "largest geometric mean of 2-3 at m over that of 1-6 at 2m; parameters "
        "39m + 39 against 48m + 24"));
}

/// Slopes of the error in the width (P3 of the notes), by the bootstrap over runs.
void judge_slopes(moe::Judgement& judgement, const Errors& deep, const Errors& shallow,
                  std::uint64_t seed) {
    std::vector<double> widths;
    std::vector<std::vector<double>> deep_errors;
    std::vector<std::vector<double>> shallow_errors;
    std::vector<std::vector<double>> ratios;
    for (const auto& [width, errors] : deep) {
        const std::vector<double>& others = shallow.at(width);
        widths.push_back(static_cast<double>(width));
        deep_errors.push_back(errors);
        shallow_errors.push_back(others);
        ratios.emplace_back();
        for (std::size_t run = 0; run < errors.size(); ++run)
            ratios.back().push_back(others[run] / errors[run]);
    }
    if (widths.size() < 2) return;
    const auto rate = [&](const char* id, const char* quantity, double claimed,
                          const std::vector<std::vector<double>>& values) {
        return moe::bootstrap_rate({.id = id,
                                    .quantity = quantity,
                                    .claimed = claimed,
                                    .tolerance = 0.5,
                                    .level = slope_level},
                                   widths, values, seed);
    };
    const auto by_interval = [](const moe::Interval& interval, double limit, bool below) {
        if (below ? interval.high <= limit : interval.low >= limit) return Verdict::supported;
        if (below ? interval.low > limit : interval.high < limit) return Verdict::refuted;
        return Verdict::inconclusive;
    };
    const auto add = [&](const char* id, moe::Rate found, bool below, double limit,
                         std::string evidence) {
        found.verdict = by_interval(*found.interval, limit, below);
        moe::Claim claim;
        claim.id = id;
        claim.expected = {below ? Relation::at_most : Relation::at_least, limit, 0.0};
        claim.measured = {found.slope, found.interval, found.observations};
        claim.verdict = found.verdict;
        claim.evidence = std::move(evidence);
        judgement.claims.push_back(std::move(claim));
        judgement.rates.push_back(std::move(found));
    };
    const moe::Rate of_shallow =
        rate("trained.shallow", "error of 1-6 against m", halving, shallow_errors);
    add("trained.width", rate("trained.deep", "error of 2-3 against m", halving, deep_errors), true,
        halving,
        "log-log slope of the geometric mean, 90 % interval by the bootstrap over runs: "
        "all of it must lie below (false alarms 5 %); 1-6 has slope " +
            moe::rounded(of_shallow.slope, 3) + " (told, not judged)");
    add("trained.steeper", rate("trained.ratio", "error of 1-6 over 2-3 against m", 0.5, ratios),
        false, 0.0,
        "log-log slope of the ratio, run by run: the 90 % interval must lie above 0 (false alarms "
        "5 %)");
}

} // namespace

void judge_trained(moe::Judgement& judgement, const moe::Options& options,
                   const moe::Table& trained) {
    if (trained.rows() == 0) return;
    const Errors deep = errors_of(trained, "2-3");
    const Errors shallow = errors_of(trained, "1-6");
    judge_depth(judgement, deep, shallow, errors_of(trained, "1-9"));
    if (all_finite(deep) && all_finite(shallow))
        judge_slopes(judgement, deep, shallow, options.seed());
    const auto learnt = deep.find(learnt_width);
    if (learnt == deep.end()) return;
    judgement.claims.push_back(
        decide("trained.learns", {Relation::at_most, learnt_error, 0.0}, gmean(learnt->second),
               static_cast<std::int64_t>(learnt->second.size()),
               "geometric mean; " + std::to_string(runs(deep)) + " runs of 2-3 at all widths"));
}

} // namespace compositional_pieces
