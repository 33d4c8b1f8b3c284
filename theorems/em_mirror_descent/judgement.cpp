#include "em_mirror_descent/judgement.hpp"

#include "basics/numbers.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace em_mirror_descent {

namespace {

using moe::Claim;
using moe::decide;
using moe::Judgement;
using moe::Relation;
using moe::Rows;
using moe::Table;

// Rounding bounds. Differences of minimisers are relative to max(1, |EM|); residuals of identities
// are absolute, in units of L, the mean over the samples.
constexpr double minimiser_tolerance = 1e-9;
constexpr double decrease_tolerance = 1e-12;
constexpr double slack_tolerance = 1e-11;
constexpr double lifted_tolerance = 1e-12;
constexpr double ratio_tolerance = 1e-9;
// Distances at which a wrong step counts as seen.
constexpr double e3_seen = 1e-6;
constexpr double control_seen = 1e-5;

using Keep = std::function<bool(const Table&, std::size_t)>;

double smallest(const Rows& rows, const char* column) {
    return -rows.largest([=](const Table& t, std::size_t row) { return -t.real(row, column); });
}

std::size_t configurations(const Rows& rows) {
    std::map<std::string, int> names;
    for (const std::size_t row : rows.indices())
        names[rows.table().text(row, "configuration")] = 1;
    return names.size();
}

std::string count_of(const Rows& rows, const char* what) {
    const std::size_t count = configurations(rows);
    return std::to_string(rows.size()) + " " + what + " of " + std::to_string(count) +
           (count == 1 ? " configuration" : " configurations");
}

/// Runs of a check, over all configurations, that an M-step without finite maximiser ended.
std::string ended_early(const Table& refused, const char* check) {
    const std::int64_t stopped = Rows(refused, [=](const Table& t, std::size_t row) {
                                     return t.text(row, "check") == check;
                                 }).size();
    if (stopped == 0) return "";
    return " (" + std::to_string(stopped) + " runs ended early: no finite M-step)";
}

/// What cannot be measured is no evidence against a statement that says "this differs".
Claim found_or_open(Claim claim) {
    if (claim.verdict == moe::Verdict::refuted) claim.verdict = moe::Verdict::inconclusive;
    return claim;
}

// ---------------------------------------------------------------------------------------------

/// An iteration whose proximal step the independent solver did not reach (its own gradient is not
/// small: EM moves by hundreds towards separable classes) says nothing about EM; more than 1 % of
/// them leave the claim open.
void judge_form(Judgement& judgement, const Table& table, const Table& refused, const char* id,
                const Keep& keep, const std::string& conclusion) {
    const Rows rows(table, keep);
    if (rows.empty()) return;
    const Rows solved(table, [&](const Table& t, std::size_t row) {
        return keep(t, row) && t.boolean(row, "solved");
    });
    const std::int64_t unsolved = rows.size() - solved.size();
    const double largest_step =
        rows.largest([](const Table& t, std::size_t row) { return t.real(row, "step"); });
    const double difference = solved.empty() ? std::numeric_limits<double>::infinity()
                                             : solved.largest([](const Table& t, std::size_t row) {
                                                   return t.real(row, "difference");
                                               });
    Claim claim = decide(
        id, {Relation::at_most, 0.0, minimiser_tolerance}, difference, solved.size(),
        conclusion + "; largest |EM - proximal step| / max(1, |EM|) over " +
            count_of(rows, "iterations") + ", where EM moves by up to " +
            moe::rounded(largest_step, 2) +
            (unsolved > 0 ? "; the solver found no minimum in " + std::to_string(unsolved) : "") +
            ended_early(refused, "proximal"));
    const bool differs = !solved.empty() && claim.verdict == moe::Verdict::refuted;
    if (100 * unsolved > rows.size() && !differs) claim.verdict = moe::Verdict::inconclusive;
    judgement.claims.push_back(std::move(claim));
}

void judge_proximal(Judgement& judgement, const Table& table, const Table& refused) {
    const auto of_form = [](const char* form) {
        return [=](const Table& t, std::size_t row) {
            return t.text(row, "form") == form && t.text(row, "family") != "free-variance";
        };
    };
    judge_form(judgement, table, refused, "E1.symmetric", of_form("E1"),
               "C1 and C2 hold for symmetric models, without projection");
    judge_form(judgement, table, refused, "E2a.natural", of_form("E2a"),
               "C1 holds for K experts in natural coordinates, restricted to the model");
    judge_form(judgement, table, refused, "E2b.own", of_form("E2b"),
               "in theta itself with a mirror map that depends on the iterate");
    judge_form(
        judgement, table, refused, "E2.free-variance",
        [](const Table& t, std::size_t row) { return t.text(row, "family") == "free-variance"; },
        "E2a and E2b with unknown variances in natural coordinates");
}

// ---------------------------------------------------------------------------------------------

void judge_decrease(Judgement& judgement, const Table& table, const Table& refused) {
    const Rows rows = moe::all_rows(table);
    if (rows.empty()) return;
    const std::string where =
        " over " + count_of(rows, "iterations") + ended_early(refused, "decrease");
    const auto largest = [&](const auto& expression) { return rows.largest(expression); };

    judgement.claims.push_back(
        decide("decrease.exact", {Relation::at_most, 0.0, decrease_tolerance},
               largest([](const Table& t, std::size_t row) {
                   return t.real(row, "residual") / t.real(row, "scale");
               }),
               rows.size(), "largest |F^t - F^(t+1) - G - ridge - KL_lat|" + where));
    judgement.claims.push_back(decide("decrease.monotone",
                                      {Relation::at_most, 0.0, decrease_tolerance},
                                      largest([](const Table& t, std::size_t row) {
                                          return -t.real(row, "decrease") / t.real(row, "scale");
                                      }),
                                      rows.size(), "largest F^(t+1) - F^t" + where));
    const Rows falling(
        table, [](const Table& t, std::size_t row) { return !t.empty_at(row, "bound_ratio"); });
    if (falling.empty()) return;
    judgement.claims.push_back(decide(
        "decrease.sublinear", {Relation::at_most, 1.0, ratio_tolerance},
        falling.largest([](const Table& t, std::size_t row) { return t.real(row, "bound_ratio"); }),
        falling.size(),
        "C3 with constant 1: largest T min gap / (F^0 - F^T)" + where +
            "; the bound counts total decrease, it does not say how fast EM converges"));
}

// ---------------------------------------------------------------------------------------------

/// Largest excess for each K over all its pairs; the smaller of them is judged.
void judge_fixed_kl(Judgement& judgement, const Table& table) {
    const Rows rows(table, [](const Table& t, std::size_t row) {
        return !t.empty_at(row, "fixed_kl_excess") && t.text(row, "configuration") != "data";
    });
    if (rows.empty()) return;
    std::map<std::int64_t, double> largest;
    std::int64_t above = 0;
    for (const std::size_t row : rows.indices()) {
        const double excess = table.real(row, "fixed_kl_excess");
        const auto entry = largest.try_emplace(table.integer(row, "experts"), excess).first;
        entry->second = std::max(entry->second, excess);
        if (excess > 0.0) ++above;
    }
    double least = std::numeric_limits<double>::infinity();
    for (const auto& [K, excess] : largest)
        least = std::min(least, excess);
    judgement.claims.push_back(found_or_open(
        decide("smooth.fixed-kl", {Relation::at_least, slack_tolerance, 0.0}, least, rows.size(),
               "L is not smooth relative to KL_joint in theta: largest L(a) - L(b) - <grad L(b), "
               "a-b> - KL_joint(b||a), the smaller of K = 2 and 3; above 0 at " +
                   std::to_string(above) + " of " + count_of(rows, "random pairs"))));
}

void judge_smoothness(Judgement& judgement, const Table& table) {
    const Rows rows(
        table, [](const Table& t, std::size_t row) { return !t.empty_at(row, "slack_residual"); });
    if (rows.empty()) return;
    judgement.claims.push_back(
        decide("smooth.slack", {Relation::at_most, 0.0, slack_tolerance},
               rows.largest([](const Table& t, std::size_t row) {
                   return t.real(row, "slack_residual") / t.real(row, "scale");
               }),
               rows.size(), "largest residual over " + count_of(rows, "random pairs")));
    judgement.claims.push_back(
        decide("smooth.lifted", {Relation::at_most, 0.0, lifted_tolerance},
               rows.largest([](const Table& t, std::size_t row) {
                   return t.real(row, "lifted_residual") / t.real(row, "scale");
               }),
               rows.size(), "largest difference over " + count_of(rows, "random points")));
    judge_fixed_kl(judgement, table);
}

// ---------------------------------------------------------------------------------------------

/// The steps of a control on generated data. The user's data may start where EM has arrived, and
/// there all steps are small.
Rows control_rows(const Table& table, const std::string& control) {
    return {table, [=](const Table& t, std::size_t row) {
                return t.text(row, "control") == control && t.text(row, "configuration") != "data";
            }};
}

/// The smallest distance of a wrong step from EM over the problems whose step the solver reached: a
/// step without minimum, or one that the solver missed, is no evidence. Fewer than `share` reached
/// leave the claim open.
Claim seen(const char* id, const Table& table, const char* control, double least, double share,
           const std::string& what) {
    const Rows tried = control_rows(table, control);
    const Rows solved(table, [=](const Table& t, std::size_t row) {
        return t.text(row, "control") == control && t.boolean(row, "solved");
    });
    const std::int64_t missed = tried.size() - solved.size();
    Claim claim = decide(id, {Relation::at_least, least, 0.0},
                         solved.empty() ? std::numeric_limits<double>::quiet_NaN()
                                        : smallest(solved, "distance"),
                         solved.size(),
                         what + count_of(solved, "steps") +
                             (missed > 0 ? "; not counted: " + std::to_string(missed) +
                                               " without a minimum that the solver reached"
                                         : ""));
    if (static_cast<double>(solved.size()) < share * static_cast<double>(tried.size()))
        claim.verdict = moe::Verdict::inconclusive;
    return claim;
}

void judge_controls(Judgement& judgement, const Table& table) {
    if (!control_rows(table, "E3").empty()) {
        judgement.claims.push_back(found_or_open(
            seen("E3.not-em", table, "E3", e3_seen, 0.9,
                 "C1 read with KL_joint in theta is refuted for K experts (a smaller distance "
                 "would leave it open): smallest distance of that step from EM over ")));
        const Rows solved(table, [](const Table& t, std::size_t row) {
            return t.text(row, "control") == "E3" && t.boolean(row, "solved");
        });
        judgement.claims.push_back(decide("E3.gate", {Relation::at_most, 0.0, minimiser_tolerance},
                                          solved.largest([](const Table& t, std::size_t row) {
                                              return t.real(row, "gate_distance");
                                          }),
                                          solved.size(),
                                          "largest distance of the gate's parameters over " +
                                              count_of(solved, "steps") +
                                              ": what differs is the experts' part"));
    }
    if (!control_rows(table, "step 0.9").empty())
        judgement.claims.push_back(seen("control.step", table, "step 0.9", control_seen, 0.9,
                                        "smallest distance from EM over the first "));
    // KL_joint(theta || theta^t) is not convex in theta: many of these problems have no minimum.
    if (!control_rows(table, "swapped KL").empty())
        judgement.claims.push_back(seen("control.swapped", table, "swapped KL", control_seen, 0.25,
                                        "smallest distance from EM over the first "));
}

} // namespace

Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    Judgement judgement;
    if (options.selected("proximal"))
        judge_proximal(judgement, tables.at("proximal"), tables.at("refused"));
    if (options.selected("decrease"))
        judge_decrease(judgement, tables.at("decrease"), tables.at("refused"));
    if (options.selected("smoothness")) judge_smoothness(judgement, tables.at("smoothness"));
    if (options.selected("controls")) judge_controls(judgement, tables.at("controls"));
    return judgement;
}

} // namespace em_mirror_descent
