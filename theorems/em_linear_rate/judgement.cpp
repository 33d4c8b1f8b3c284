#include "em_linear_rate/judgement.hpp"

#include "em_linear_rate/attempts.hpp"
#include "em_linear_rate/local_rate.hpp"
#include "em_linear_rate/population_judgement.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace em_linear_rate {

namespace {

using moe::decide;
using moe::Relation;
using moe::Rows;
using moe::Table;

/// Tolerances of the notes, section 4; what is measured stays far below them.
constexpr double jacobian_tolerance = 1e-6;
constexpr double projected_tolerance = 1e-4;
constexpr double one_step_tolerance = 1e-6;
constexpr double norm_excess = 1e-3;
/// Where (rho_2/rho)^iterations is below the first, the last Euclidean ratio is rho up to that much
/// times what the start holds of v_2 against v_1.
constexpr double dominance_limit = 1e-3;
constexpr double tail_tolerance = 1e-3;
/// Linear convergence has slowdown 1 up to the smaller eigenvalues of the first iterations; an
/// error t^-a over [s, r s] has ln((1+r)/2) / ln(2r/(1+r)), whatever a: 2.85 for r = 10.
constexpr double linear_slowdown = 1.5;
constexpr double sublinear_slowdown = 2.0;

/// Sample rates against the population's.
constexpr double population_tolerance = 0.08;
/// The samples that tell rho are those with beta.x of order 1, a fraction 1 / |beta*|: beyond this
/// signal a single sample of 10000 may be off by more.
constexpr double moderate_signal = 2.0;
/// And beyond this one the mean of 3.
constexpr double strong_signal = 8.0;
/// The slope of log b_t on log t without signal.
constexpr double law_exponent = -0.5;
constexpr double law_tolerance = 0.005;

double value(const Table& t, std::size_t row, std::string_view column) {
    return t.empty_at(row, column) ? std::numeric_limits<double>::quiet_NaN() : t.real(row, column);
}

/// Largest |estimator - rho|.
double largest_difference(const Rows& rows, const char* column) {
    return rows.largest([=](const Table& t, std::size_t row) {
        return std::abs(value(t, row, column) - value(t, row, "rho"));
    });
}

Rows refusals(const Table& refused, const char* check) {
    return moe::rows_with(refused, "check", check);
}

/// Rows whose run tells a rate, or that it left theta_hat: then every estimator counts as infinite.
/// The others arrived within 3 iterations.
bool tells(const Table& t, std::size_t row) {
    return !t.empty_at(row, "projected_ratio") || t.boolean(row, "left");
}

Attempts runs(const Rows& rows, const Rows& told, std::int64_t refused) {
    return {told.size(), refused, rows.size() - told.size()};
}

/// The claims that hold at every stationary point, by the prefix of their ids.
void judge_estimators(moe::Judgement& judgement, const std::string& prefix, const Rows& rows,
                      std::int64_t refused, Rule rule) {
    const Rows told(rows.table(), tells);
    const Attempts attempts = runs(rows, told, refused);
    judgement.claims.push_back(
        with_attempts(decide(prefix + "projected", {Relation::at_most, 0.0, projected_tolerance},
                             largest_difference(told, "projected_ratio"), told.size(),
                             "largest |median c_(t+1)/c_t - rho|, errors between 1e-8 and 1e-4"),
                      attempts, rule));
    judgement.claims.push_back(
        with_attempts(decide(prefix + "one-step", {Relation::at_most, 0.0, one_step_tolerance},
                             largest_difference(rows, "one_step_ratio"), rows.size(),
                             "largest |ratio of one step from theta_hat +- 1e-5 v_1 - rho|"),
                      {rows.size(), refused}, rule));
    judgement.claims.push_back(with_attempts(
        decide(prefix + "norm", {Relation::at_most, 0.0, norm_excess},
               told.largest([](const Table& t, std::size_t row) {
                   return value(t, row, "norm_ratio") / value(t, row, "rho") - 1.0;
               }),
               told.size(), "largest ratio of errors in the norm of I_c over rho, minus 1"),
        attempts, rule));
}

/// A case where EM arrives at a point that is no isolated minimum has an eigenvalue of 1: it counts
/// as measured.
moe::Claim spectrum(const Rows& rows, const Rows& refused) {
    const Rows not_isolated(refused.table(), [](const Table& t, std::size_t row) {
        return t.text(row, "check") == "cases" && !t.empty_at(row, "rho");
    });
    const double above = not_isolated.largest(
        [](const Table& t, std::size_t row) { return t.real(row, "rho") - isolated_rho; });
    const double outside = rows.largest([](const Table& t, std::size_t row) {
        return std::max(-value(t, row, "rho_min"), value(t, row, "rho") - isolated_rho);
    });
    const std::int64_t measured = rows.size() + not_isolated.size();
    return with_attempts(
        decide("R.spectrum", {Relation::at_most, 0.0, 1e-12}, std::max(above, outside), measured,
               "how far an eigenvalue of M lies outside [0, 1 - 1e-9]; not "
               "isolated, I_obs not positive definite: " +
                   std::to_string(not_isolated.size()) + " of " + std::to_string(measured)),
        {measured, refused.size() - not_isolated.size()}, Rule::each_case);
}

void judge_cases(moe::Judgement& judgement, const Table& table, const Table& refused_table) {
    const Rows rows = moe::all_rows(table);
    const Rows refused = refusals(refused_table, "cases");
    if (rows.empty() && refused.empty()) return;
    judgement.claims.push_back(spectrum(rows, refused));
    judgement.claims.push_back(with_attempts(
        decide("R.jacobian", {Relation::at_most, 0.0, jacobian_tolerance},
               rows.largest([](const Table& t, std::size_t row) {
                   return value(t, row, "jacobian_difference");
               }),
               rows.size(), "largest |J - M|, J by 5-point differences of the EM map"),
        {rows.size(), refused.size()}, Rule::each_case));
    judge_estimators(judgement, "R.", rows, refused.size(), Rule::each_case);
    const Rows told(table, tells);
    const Attempts attempts = runs(rows, told, refused.size());
    judgement.claims.push_back(with_attempts(
        decide(
            "R.linear", {Relation::at_most, linear_slowdown, 0.0},
            told.largest([](const Table& t, std::size_t row) { return value(t, row, "slowdown"); }),
            told.size(),
            "largest decline of the log error per iteration in the first half of the window "
            "over the second half: 1 is linear"),
        attempts, Rule::each_case));
    // A dominance that is not finite does not excuse a row.
    const Rows dominated(table, [](const Table& t, std::size_t row) {
        return tells(t, row) && !(value(t, row, "dominance") >= dominance_limit);
    });
    const std::int64_t missing = attempts.refused + attempts.too_short;
    if (dominated.empty() && missing == 0) return;
    judgement.claims.push_back(with_attempts(
        decide("R.tail", {Relation::at_most, 0.0, tail_tolerance},
               largest_difference(dominated, "tail_ratio"), dominated.size(),
               "largest |last Euclidean ratio - rho| where (rho_2/rho)^iterations < 1e-3; in the "
               "other " +
                   std::to_string(told.size() - dominated.size()) +
                   " cases the run ends before v_1 dominates"),
        attempts, Rule::each_case));
}

// ---------------------------------------------------------------------------------------------

/// Whether at least `count` of the options' sampled signals are at most `largest`: without them a
/// claim has no data.
bool sampled(const moe::Options& options, std::ptrdiff_t count, double largest) {
    return std::ranges::count_if(options.reals("sampled-signals"),
                                 [=](double beta) { return beta <= largest; }) >= count;
}

void judge_samples(moe::Judgement& judgement, const moe::Options& options, const Table& table,
                   const Table& refused_table) {
    const Rows rows = moe::all_rows(table);
    const std::int64_t refused = refusals(refused_table, "samples").size();
    if (rows.empty() && refused == 0) return;
    const auto add = [&](moe::Claim claim) {
        judgement.claims.push_back(
            with_attempts(std::move(claim), {rows.size(), refused}, Rule::statistical));
    };
    std::map<std::int64_t, std::map<double, double>> samples; // repetition -> |beta*| -> rho
    std::map<double, std::vector<double>> deviations;         // |beta*| -> rho / population - 1
    for (const std::size_t row : rows.indices()) {
        const double beta = table.real(row, "beta");
        const double rho = value(table, row, "rho");
        samples[table.integer(row, "repetition")][beta] = rho;
        deviations[beta].push_back(rho / table.real(row, "population_rho") - 1.0);
    }
    double rise = -std::numeric_limits<double>::infinity();
    std::int64_t pairs = 0;
    for (const auto& [repetition, sample] : samples) {
        for (auto next = std::next(sample.begin()); next != sample.end(); ++next, ++pairs)
            rise = worse(rise, next->second - std::prev(next)->second);
    }
    if (sampled(options, 2, std::numeric_limits<double>::infinity())) {
        add(decide("S.improves", {Relation::at_most, 0.0, 0.0}, rise, pairs,
                   "largest change of rho from one |beta*| to the next larger one in any sample; "
                   "in simulated samples of 10000 (600 for |beta*| >= 1, 100 below) it was -0.028: "
                   "false alarms below 1 % a sample"));
    }
    judge_estimators(judgement, "S.", rows, refused, Rule::statistical);
    double single = 0.0;
    double mean = 0.0;
    std::int64_t singles = 0;
    std::int64_t means = 0;
    for (const auto& [beta, values] : deviations) {
        if (beta > strong_signal) continue;
        ++means;
        mean = worse(mean, std::abs(std::accumulate(values.begin(), values.end(), 0.0)) /
                               static_cast<double>(values.size()));
        if (beta > moderate_signal) continue;
        singles += static_cast<std::int64_t>(values.size());
        for (const double deviation : values)
            single = worse(single, std::abs(deviation));
    }
    if (sampled(options, 1, moderate_signal)) {
        add(decide("S.population", {Relation::at_most, 0.0, population_tolerance}, single, singles,
                   "largest |rho / population rho - 1| of one sample, |beta*| <= 2; at most 6.4 % "
                   "in 600 simulated samples of 10000 (standard deviation 2.0 % at |beta*| = 2, "
                   "4.7 % at 8): false alarms below 0.1 % a sample"));
    }
    if (sampled(options, 1, strong_signal)) {
        add(decide("S.mean", {Relation::at_most, 0.0, population_tolerance}, mean, means,
                   "largest |mean of rho / population rho - 1| over the samples at one |beta*| <= "
                   "8; false alarms below 1 % with 3 samples of 10000"));
    }
}

void judge_zero_signal(moe::Judgement& judgement, const Table& table) {
    const Rows rows = moe::all_rows(table);
    if (rows.empty()) return;
    std::vector<double> t;
    std::vector<double> b;
    const auto at = [&](double iteration) {
        const auto found = std::ranges::find(t, iteration);
        return b.at(static_cast<std::size_t>(found - t.begin()));
    };
    for (const std::size_t row : rows.indices()) {
        if (table.integer(row, "t") == 0) continue;
        t.push_back(moe::number(table, row, "t"));
        b.push_back(table.real(row, "b"));
    }
    if (all_positive(b)) {
        const moe::Rate rate = moe::fit_rate(
            {"zero-signal.b", "b_t against t", law_exponent, law_tolerance, law_from, law_to}, t,
            b);
        judgement.rates.push_back(rate);
        moe::Claim sublinear;
        sublinear.id = "Z.sublinear";
        judgement.claims.push_back(moe::rate_claim(rate, std::move(sublinear)));
    } else {
        judgement.claims.push_back(decide(
            "Z.sublinear", {Relation::equal, law_exponent, law_tolerance}, not_measured,
            rows.size(), "some b_t is not a positive number: log b_t has no slope on log t"));
    }
    judgement.claims.push_back(decide("Z.constant", {Relation::equal, 1.0, 0.002},
                                      at(law_to) * std::sqrt(6.0 * law_to), 1,
                                      "b_t sqrt(6 t) at t = 5000"));
    const double middle = std::floor(0.5 * (law_from + law_to));
    judgement.claims.push_back(decide(
        "Z.not-linear", {Relation::at_least, sublinear_slowdown, 0.0},
        slowdown(at(law_from), at(middle), at(law_to), middle - law_from, law_to - middle), 1,
        "decline of log b_t per iteration over [500, 2750], over that in [2750, 5000]: 1 if "
        "linear, 2.85 for a power of t, so the linear reading is refuted"));
}

} // namespace

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    judge_cases(judgement, tables.at("cases"), tables.at("refused"));
    judge_population(judgement, options, tables.at("population"));
    judge_samples(judgement, options, tables.at("samples"), tables.at("refused"));
    judge_zero_signal(judgement, tables.at("zero_signal"));
    return judgement;
}

} // namespace em_linear_rate
