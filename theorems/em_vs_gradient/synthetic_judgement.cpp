// How the synthetic comparison is judged: one-sided sign tests over the repetitions of the first
// configuration, each with a false-alarm rate of at most 1e-3.

#include "em_vs_gradient/synthetic.hpp"

#include "basics/numbers.hpp"
#include "em_vs_gradient/refused.hpp"
#include "statistics/paired.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace em_vs_gradient {

using moe::Rows;
using moe::Table;

namespace {

constexpr double sign_level = 1e-3;

/// Gaps that differ by less at the end are equal: L is a mean with rounding noise of some 1e-16.
constexpr double equal_gaps = 1e-12;

/// What one method did on one data set.
struct Finish {
    std::optional<std::int64_t> iterations; ///< to gap 1e-6
    double gap;                             ///< at the end
};

/// Finishes by repetition.
using Finishes = std::map<std::int64_t, Finish>;

Rows rows_of(const Table& runs, const std::string& model, double signal, double distance,
             const std::string& method) {
    return {runs, [&](const Table& t, std::size_t row) {
                return t.text(row, "model") == model && t.real(row, "signal") == signal &&
                       t.real(row, "distance") == distance && t.text(row, "method") == method;
            }};
}

Finishes finishes_of(const Rows& rows) {
    Finishes finishes;
    for (const std::size_t row : rows.indices()) {
        const Table& t = rows.table();
        std::optional<std::int64_t> iterations;
        if (!t.empty_at(row, "iterations_1e-6")) iterations = t.integer(row, "iterations_1e-6");
        finishes[t.integer(row, "repetition")] = {iterations, t.real(row, "gap_last")};
    }
    return finishes;
}

/// Iterations to gap 1e-6, infinite if it was not reached.
double place_of(const Finish& finish) {
    return finish.iterations ? static_cast<double>(*finish.iterations)
                             : std::numeric_limits<double>::infinity();
}

/// Positive if `first` came before `second`: fewer iterations to gap 1e-6, then the smaller gap at
/// the end; 0 for a tie.
double lead(const Finish& first, const Finish& second) {
    const double places = place_of(second) - place_of(first);
    if (places != 0.0 && !std::isnan(places)) return places;
    // A step size that fails ends at an infinite gap; two of them are a tie.
    if (first.gap == second.gap) return 0.0;
    const double difference = second.gap - first.gap;
    return std::abs(difference) <= equal_gaps ? 0.0 : difference;
}

moe::SignTest compare(const Finishes& first, const Finishes& second) {
    std::vector<double> leads;
    for (const auto& [repetition, finish] : first) {
        const auto other = second.find(repetition);
        if (other != second.end()) leads.push_back(lead(finish, other->second));
    }
    return moe::sign_test(leads);
}

std::string iterations_text(const Finishes& finishes, double q) {
    std::vector<double> counts;
    for (const auto& [repetition, finish] : finishes)
        counts.push_back(place_of(finish));
    return moe::rounded(moe::quantile(counts, q), 3);
}

std::string summary(const Finishes& finishes) {
    if (finishes.empty()) return "in none of 0";
    std::vector<double> gaps;
    for (const auto& [repetition, finish] : finishes)
        gaps.push_back(finish.gap);
    const std::int64_t arrived = std::count_if(finishes.begin(), finishes.end(), [](const auto& f) {
        return f.second.iterations.has_value();
    });
    std::string text = "in " + std::to_string(arrived) + " of " + std::to_string(finishes.size());
    if (2 * arrived > static_cast<std::int64_t>(finishes.size()))
        text += ", median " + iterations_text(finishes, 0.5);
    if (arrived == static_cast<std::int64_t>(finishes.size()))
        text += " (at most " + iterations_text(finishes, 1.0) + ")";
    return text + ", then median gap " + moe::rounded(moe::quantile(gaps, 0.5), 2);
}

/// A claim that one method comes before another.
struct Order {
    const char* id;
    const char* first;
    const char* second;
};

/// In how many of the other configurations the same test decides.
std::string elsewhere(const moe::Options& options, const Table& runs, const std::string& model,
                      const Order& order) {
    std::size_t configurations = 0;
    std::size_t decided = 0;
    std::string exceptions;
    for (const double signal : options.reals("signals")) {
        for (const double distance : options.reals("distances")) {
            if (signal == options.reals("signals").front() &&
                distance == options.reals("distances").front())
                continue;
            const moe::SignTest test =
                compare(finishes_of(rows_of(runs, model, signal, distance, order.first)),
                        finishes_of(rows_of(runs, model, signal, distance, order.second)));
            ++configurations;
            if (verdict_of(test, sign_level) == moe::Verdict::supported) {
                ++decided;
                continue;
            }
            exceptions += (exceptions.empty() ? "" : ", ") + std::string("|beta*| ") +
                          moe::shortest(signal) + " at " + moe::shortest(distance) + " " +
                          std::to_string(test.wins) + ":" + std::to_string(test.losses);
        }
    }
    if (configurations == 0) return "";
    return "; the same order with p <= 1e-3 in " + std::to_string(decided) + " of " +
           std::to_string(configurations) + " other configurations" +
           (exceptions.empty() ? "" : " (not: " + exceptions + ")");
}

/// Data sets of a configuration on which both methods of an order were to run.
std::int64_t tried(const moe::Options& options, const std::string& model, const Order& order) {
    const std::int64_t all = options.integer(model + "-repetitions");
    const std::string blockwise = "gd-blockwise";
    const bool with_blockwise = order.first == blockwise || order.second == blockwise;
    return with_blockwise ? std::min(all, options.integer("blockwise-repetitions")) : all;
}

void judge_order(const moe::Options& options, const moe::Tables& tables, const std::string& model,
                 const Order& order, moe::Judgement& judgement) {
    const Table& runs = tables.at("runs");
    const double signal = options.reals("signals").front();
    const double distance = options.reals("distances").front();
    const Finishes first = finishes_of(rows_of(runs, model, signal, distance, order.first));
    const Finishes second = finishes_of(rows_of(runs, model, signal, distance, order.second));
    const moe::SignTest test = compare(first, second);
    const std::int64_t compared = test.wins + test.losses + test.ties;
    moe::Claim claim;
    claim.id = order.id;
    claim.expected = {moe::Relation::at_most, sign_level, 0.0};
    claim.measured = {test.p_value, std::nullopt, compared};
    claim.verdict = verdict_of(test, sign_level);
    claim.evidence = std::string(order.first) + " before " + order.second + " in " +
                     std::to_string(test.wins) + ", after it in " + std::to_string(test.losses) +
                     " of " + std::to_string(compared) + " data sets; gap 1e-6 within " +
                     std::to_string(options.integer("iterations")) + " iterations: " + order.first +
                     " " + summary(first) + "; " + order.second + " " + summary(second) +
                     "; one-sided sign test, false alarms 1e-3" +
                     elsewhere(options, runs, model, order);
    const std::int64_t planned = tried(options, model, order);
    const std::int64_t refused =
        count_refused(tables.at("refused"), model, [&](const Table& t, std::size_t row) {
            return t.real(row, "signal") == signal && t.real(row, "distance") == distance &&
                   t.integer(row, "repetition") < planned;
        });
    account_for_refused(claim, refused, planned);
    judgement.claims.push_back(std::move(claim));
}

/// EM and gradient steps of 1/Lip never raise L (rounding noise aside).
void judge_descent(const moe::Options& options, const moe::Tables& tables, const std::string& model,
                   moe::Judgement& judgement) {
    const std::set<std::string> monotone{"em", "gradient-em", "gd"};
    const Rows rows(tables.at("runs"), [&](const Table& t, std::size_t row) {
        return t.text(row, "model") == model && monotone.contains(t.text(row, "method"));
    });
    moe::Claim claim = decide_finite(
        "C5." + model + ".descent", {moe::Relation::at_most, 0.0, 1e-12},
        rows.largest([](const Table& t, std::size_t row) { return t.real(row, "largest_rise"); }),
        rows.size(), "largest increase of L in one iteration of EM, gradient EM and GD at 1/Lip");
    const auto configurations = static_cast<std::int64_t>(options.reals("signals").size() *
                                                          options.reals("distances").size());
    account_for_refused(
        claim,
        count_refused(tables.at("refused"), model, [](const Table&, std::size_t) { return true; }),
        configurations * options.integer(model + "-repetitions"));
    judgement.claims.push_back(std::move(claim));
}

} // namespace

void judge_synthetic(const moe::Options& options, const moe::Tables& tables,
                     moe::Judgement& judgement) {
    const std::map<std::string, std::vector<Order>> orders{
        {"linear",
         {{"C5.linear.em", "em", "gradient-em-tuned"},
          {"C5.linear.gradient-em", "gradient-em-tuned", "gd-tuned"},
          {"C5.linear.blockwise", "gd-blockwise", "gradient-em-tuned"},
          {"C5.linear.em-blockwise", "em", "gd-blockwise"}}},
        {"logistic",
         {{"C5.logistic.em", "em", "gradient-em-tuned"},
          {"C5.logistic.gradient-em", "gradient-em-tuned", "gd-tuned"},
          {"C5.logistic.em-gd", "em", "gd-tuned"},
          {"C5.logistic.blockwise", "gradient-em-tuned", "gd-blockwise"}}}};
    for (const auto& [model, of_model] : orders) {
        if (!options.selected(model)) continue;
        for (const Order& order : of_model)
            judge_order(options, tables, model, order, judgement);
        judge_descent(options, tables, model, judgement);
    }
}

} // namespace em_vs_gradient
