#include "manifold_rate/trained.hpp"

#include "basics/numbers.hpp"
#include "statistics/rank_test.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace manifold_rate {

namespace {

using moe::decide;
using moe::Relation;
using moe::Verdict;

/// Errors of the runs by ambient dimension, or by circles for the control.
using Errors = std::map<std::int64_t, std::vector<double>>;

constexpr double largest_error = 3e-3;
constexpr double control_growth = 5.0;
constexpr std::int64_t control_circles = 4;
/// Decades per doubling to exponents.
const double log2_10 = std::log2(10.0);
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Errors errors_of(const moe::Table& table, const char* network, const char* column) {
    Errors errors;
    const moe::Rows rows = moe::rows_with(table, "network", network);
    for (const std::size_t row : rows.indices())
        errors[table.integer(row, column)].push_back(table.real(row, "mse"));
    return errors;
}

double gmean(const std::vector<double>& errors) {
    return shared::summarise(errors).gmean;
}

/// "16: 6.5e-04 (0.13), 32: ..."
std::string means(const Errors& errors) {
    std::string text;
    for (const auto& [size, values] : errors) {
        const shared::LogSummary summary = shared::summarise(values);
        text += (text.empty() ? "" : ", ") + std::to_string(size) + ": " +
                shared::two_digits(summary.gmean) + " (" + moe::rounded(summary.sd_log10, 2) + ")";
    }
    return text;
}

std::int64_t runs(const Errors& errors) {
    std::int64_t sum = 0;
    for (const auto& [size, values] : errors)
        sum += static_cast<std::int64_t>(values.size());
    return sum;
}

/// Largest of an expression of the errors at each size; NaN if one is.
template<class Expression>
double largest(const Errors& errors, const Expression& expression) {
    double result = -std::numeric_limits<double>::infinity();
    for (const auto& [size, values] : errors) {
        const double here = expression(size, values);
        if (!(here <= result)) result = here;
        if (std::isnan(here)) return not_a_number;
    }
    return result;
}

moe::Rate dimension_rate(const char* id, const Errors& errors, double tolerance,
                         std::uint64_t seed) {
    std::vector<double> dimensions;
    std::vector<std::vector<double>> values;
    for (const auto& [D, of] : errors) {
        dimensions.push_back(static_cast<double>(D));
        values.push_back(of);
    }
    return moe::bootstrap_rate(
        {.id = id, .quantity = "trained error against D", .claimed = 0.0, .tolerance = tolerance},
        dimensions, values, seed);
}

/// Whether every size has runs and none of them failed.
bool usable(const Errors& errors) {
    return std::isfinite(largest(errors, [](std::int64_t, const auto& v) { return gmean(v); }));
}

std::string decades(double slope) {
    return moe::rounded(slope / log2_10, 3);
}

/// "16: 5.7, 32: ...": geometric means over those of the others.
std::string ratios(const Errors& errors, const Errors& others) {
    std::string text;
    for (const auto& [D, values] : others)
        text += (text.empty() ? "" : ", ") + std::to_string(D) + ": " +
                shared::two_digits(gmean(errors.at(D)) / gmean(values));
    return text;
}

/// Growth with D that trained.power plants, in decades per doubling: above the margin of the full
/// preset, below that of the quick one.
constexpr double planted = 0.25;

/// The interval of the slope on D, with the planted growth, against the full preset's margin.
/// Multiplying the errors by D^planted shifts every resample's slope by exactly that much.
std::string planted_growth(const Errors& mixture, double margin, std::uint64_t seed) {
    constexpr double full_margin = 0.2;
    Errors growing = mixture;
    for (auto& [D, errors] : growing) {
        for (double& error : errors)
            error *= std::pow(static_cast<double>(D), planted * log2_10);
    }
    const moe::Rate rate = dimension_rate("trained.dimension", growing, margin, seed);
    const double low = rate.interval->low / log2_10;
    const double high = rate.interval->high / log2_10;
    const bool passes = low >= -full_margin && high <= full_margin;
    return "; with " + moe::rounded(planted, 2) +
           " decades per doubling of D planted in the runs "
           "of trained.dimension their interval is " +
           moe::rounded(low, 3) + " to " + moe::rounded(high, 3) + " and " +
           (passes ? "still passes" : "does not pass") + " the margin " +
           moe::rounded(full_margin, 1) + " of the full preset";
}

/// The test of trained.dimension on errors that do depend on a dimension.
moe::Claim power(const Errors& circles, const Errors& mixture, double margin, std::uint64_t seed) {
    const moe::Expected expected{Relation::at_least, margin, 0.0};
    if (!usable(circles) || !usable(mixture))
        return decide("trained.power", expected, not_a_number, runs(circles),
                      "a training run failed");
    const moe::Rate rate = dimension_rate("trained.power", circles, margin, seed);
    return decide("trained.power", expected, rate.interval->low, runs(circles),
                  "low end of the 95 % interval of the slope of log2 error on log2 (number of "
                  "circles), a gross dependence; in decades per doubling the slope is " +
                      decades(rate.slope) + " (" + decades(rate.interval->low) + " to " +
                      decades(rate.interval->high) + ")" +
                      (mixture.size() < 2 ? "" : planted_growth(mixture, margin, seed)));
}

/// Geometric means decide, as the notes say; the ranks are told.
moe::Claim against_dense(const moe::Table& trained, const Errors& mixture) {
    const Errors active = errors_of(trained, "dense-active", "D");
    const Errors total = errors_of(trained, "dense-total", "D");
    std::string ranks;
    for (const auto& [D, errors] : active) {
        const std::vector<double>& ours = mixture.at(D);
        if (!std::isfinite(gmean(errors)) || !std::isfinite(gmean(ours))) continue;
        ranks += (ranks.empty() ? "" : ", ") + std::to_string(D) + ": " +
                 shared::two_digits(moe::mann_whitney(ours, errors).p_value);
    }
    return decide(
        "trained.dense", {Relation::at_most, 1.0, 0.0},
        largest(active, [&](std::int64_t D,
                            const auto& values) { return gmean(mixture.at(D)) / gmean(values); }),
        runs(active),
        "largest ratio of the geometric means; dense, equal active parameters: " + means(active) +
            "; told, not judged: one-sided p of Mann-Whitney by D " + ranks +
            "; equal total parameters " + means(total) + ", where the experts have " +
            ratios(mixture, total) + " times the error; with fan-in start " +
            means(errors_of(trained, "dense-total-fan-in", "D")));
}

/// An equivalence test: the whole interval must lie within the margin. Refuted if none of it does.
void judge_dimension(moe::Judgement& judgement, const moe::Options& options, const Errors& mixture,
                     const Errors& fan_in) {
    if (mixture.size() < 2) return;
    const double margin = options.real("trained-margin") * log2_10;
    moe::Claim claim;
    claim.id = "trained.dimension";
    claim.expected = {Relation::equal, 0.0, margin};
    if (!usable(mixture)) {
        claim.measured = {not_a_number, {}, runs(mixture)};
        claim.verdict = Verdict::refuted;
        claim.evidence = "a training run failed";
        judgement.claims.push_back(std::move(claim));
        return;
    }
    moe::Rate rate = dimension_rate("trained.dimension", mixture, margin, options.seed());
    const moe::Interval& interval = *rate.interval;
    rate.verdict = Verdict::inconclusive;
    if (interval.low >= -margin && interval.high <= margin) rate.verdict = Verdict::supported;
    if (interval.low > margin || interval.high < -margin) rate.verdict = Verdict::refuted;
    claim.measured = {rate.slope, rate.interval, rate.observations};
    claim.verdict = rate.verdict;
    claim.evidence = "slope of log2 error on log2 D; in decades per doubling of D " +
                     decades(rate.slope) + ", 95 % interval " + decades(interval.low) + " to " +
                     decades(interval.high) +
                     " (bootstrap over runs, nominal with few of them), margin " +
                     moe::shortest(options.real("trained-margin"));
    if (usable(fan_in)) {
        const moe::Rate other = dimension_rate("trained.fan-in", fan_in, margin, options.seed());
        claim.evidence += "; told, not judged: fan-in start, padded circle " +
                          decades(other.slope) + " (" + decades(other.interval->low) + " to " +
                          decades(other.interval->high) + ")";
    }
    judgement.claims.push_back(std::move(claim));
    judgement.rates.push_back(std::move(rate));
}

} // namespace

void judge_trained(moe::Judgement& judgement, const moe::Options& options,
                   const moe::Table& trained) {
    if (trained.rows() == 0) return;
    const Errors mixture = errors_of(trained, "moe", "D");
    const Errors fan_in = errors_of(trained, "moe-fan-in", "D");
    judgement.claims.push_back(
        decide("trained.error", {Relation::at_most, largest_error, 0.0},
               largest(mixture, [](std::int64_t, const auto& values) { return gmean(values); }),
               runs(mixture),
               "largest geometric mean; by D (sd of log10): " + means(mixture) +
                   "; fan-in start, padded circle, not judged: " + means(fan_in)));
    judge_dimension(judgement, options, mixture, fan_in);

    const Errors control = errors_of(trained, "circles", "circles");
    const auto one = mixture.find(control_dimension);
    const auto four = control.find(control_circles);
    if (one != mixture.end() && four != control.end())
        judgement.claims.push_back(
            decide("trained.control", {Relation::at_least, control_growth, 0.0},
                   gmean(four->second) / gmean(one->second), runs(control),
                   "ratio of the geometric means; by circles: " + means(control)));
    if (one != mixture.end() && !control.empty()) {
        Errors circles = control;
        circles[1] = one->second;
        judgement.claims.push_back(
            power(circles, mixture, options.real("trained-margin") * log2_10, options.seed()));
    }

    judgement.claims.push_back(against_dense(trained, mixture));
}

} // namespace manifold_rate
