// Where the box or the class does not hold the truth (R2b, cross fits), and linear experts, whose
// exact representations are a singular set.

#include "sigmoid_gating/cells.hpp"
#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/judgement.hpp"
#include "sigmoid_gating/rate_claims.hpp"

#include "basics/numbers.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

namespace sigmoid_gating {

using moe::decide;
using moe::Relation;
using moe::Rows;
using moe::rows_with;
using moe::Table;

namespace {

/// Distances of fits that cannot, and that can, represent the truth.
constexpr double least_floor = 1e-4;
constexpr double largest_floor = 9.80e-4;
/// Below this a search has found a better optimum than was known.
constexpr double known_floor = 9.78e-4;
constexpr double zero_floor = 1e-8;
/// F of R2b is at its floor within this from this size on.
constexpr double level_tolerance = 0.01;
constexpr std::int64_t level_from = 10'000'000;

/// A set of exact representations that takes more of the fits than this would be the limit.
constexpr double most_of_one_limit = 0.95;

/// The best part of a search, and how many starts of all parts there were.
struct Floor {
    std::size_t row;
    double rms = std::numeric_limits<double>::infinity();
    std::int64_t starts = 0;
    std::int64_t reached = 0; ///< in the parts that found it
};

Floor best_floor(const Table& floors, const std::string& fit) {
    Floor best{0};
    const Rows rows = rows_with(floors, "fit", fit);
    for (const std::size_t row : rows.indices()) {
        best.starts += floors.integer(row, "starts");
        if (!(floors.real(row, "rms") < best.rms)) continue;
        best.rms = floors.real(row, "rms");
        best.row = row;
    }
    for (const std::size_t row : rows.indices()) {
        if (floors.real(row, "rms") <= best.rms * (1.0 + 1e-6) + 1e-9)
            best.reached += floors.integer(row, "reached");
    }
    return best;
}

std::string search_text(const Table& floors, const Floor& floor) {
    return "reached by " + std::to_string(floor.reached) + " of " + std::to_string(floor.starts) +
           " starts; minimiser " + floors.text(floor.row, "minimiser");
}

} // namespace

void judge_floors(moe::Judgement& judgement, const Table& floors) {
    if (floors.rows() == 0) return;
    const Floor softmax = best_floor(floors, "SIG2.gelu by softmax");
    const bool better = softmax.rms < known_floor;
    const bool inside = softmax.rms > least_floor && softmax.rms <= largest_floor;
    judgement.claims.push_back(worded(
        Kind::simulated,
        decide("cross.softmax", {Relation::holds, 1.0, 0.0}, inside ? 1.0 : 0.0, softmax.starts,
               "1e-4 < floor <= 9.80e-4: RMS " + moe::rounded(softmax.rms, 7) +
                   ", true experts to the nearest fitted ones " +
                   moe::rounded(floors.real(softmax.row, "distance"), 4) + "; " +
                   (better ? "a better optimum than 9.78e-4; " : "") +
                   search_text(floors, softmax))));
    const Floor sigmoid = best_floor(floors, "SOFT.gelu by sigmoid");
    judgement.claims.push_back(worded(
        Kind::simulated,
        decide("cross.sigmoid", {Relation::at_most, zero_floor, 0.0}, sigmoid.rms, sigmoid.starts,
               "RMS floor, 0 by the common truth (notes 3.6); " + search_text(floors, sigmoid))));

    const Floor boundary = best_floor(floors, "R2b.tanh");
    judgement.claims.push_back(worded(
        Kind::simulated,
        decide("R2b.floor", {Relation::at_least, least_floor, 0.0}, boundary.rms, boundary.starts,
               "RMS " + moe::rounded(boundary.rms, 7) + ", " + search_text(floors, boundary))));
    judgement.claims.push_back(
        worded(Kind::simulated, decide("R2b.boundary", {Relation::at_least, 1.0, 0.0},
                                       moe::number(floors, boundary.row, "on_box"), boundary.starts,
                                       "coordinates of the minimiser at an end of the box")));
}

void judge_without_zero_expert(moe::Judgement& judgement, const moe::Options& options,
                               const moe::Tables& tables) {
    const CellFits fits(tables.at("fits"), "R2b.tanh");
    if (fits.empty()) return;
    const std::vector<std::int64_t> sizes = sorted_sizes(options);
    const double floor = best_floor(tables.at("floors"), "R2b.tanh").rms;
    double farthest = 0.0;
    std::int64_t observations = 0;
    std::string text;
    for (const std::int64_t n : sizes) {
        if (n < level_from) continue;
        const double ratio = fits.median(n, "F") / floor;
        if (std::abs(ratio - 1.0) >= std::abs(farthest)) farthest = ratio - 1.0;
        observations += static_cast<std::int64_t>(fits.values(n, "F").size());
        text += (text.empty() ? "" : ", ") + moe::rounded(ratio, 6);
    }
    moe::Claim level =
        decide("R2b.level", {Relation::equal, 0.0, level_tolerance}, farthest, observations,
               "farthest median of F over its floor less 1, n >= 1e7; by n: " +
                   (observations > 0 ? text : "no such size"));
    if (observations == 0) {
        level.measured.estimate = std::numeric_limits<double>::quiet_NaN();
        level.verdict = moe::Verdict::inconclusive;
    }
    judgement.claims.push_back(worded(Kind::simulated, std::move(level)));
    judge_certificate(judgement, "R2b.certificate", {{"R2b.tanh", &fits}}, sizes);
    judge_slope(judgement, "R2b.rate", Kind::simulated, fits, sizes,
                {"R2b.tanh.D3", "D3 of SIG2, tanh experts, without zero expert, against n", "D",
                 -0.5, 0.10, root_rule},
                options.seed());
}

void judge_linear(moe::Judgement& judgement, const moe::Options& options, const Table& fits) {
    const CellFits cell(fits, "SIG2.linear");
    if (cell.empty()) return;
    const std::vector<std::int64_t> sizes = sorted_sizes(options);
    std::map<std::string, std::int64_t> nearest;
    std::int64_t all = 0;
    std::string text;
    for (const std::int64_t n : sizes) {
        std::map<std::string, std::vector<double>> here;
        const std::vector<double> distances = cell.values(n, "D");
        const std::vector<std::string> sets = cell.texts(n, "pattern");
        for (std::size_t r = 0; r < sets.size(); ++r) {
            if (std::isnan(distances[r])) continue;
            here[sets[r]].push_back(distances[r]);
            ++nearest[sets[r]];
            ++all;
        }
        text += (text.empty() ? "" : "; ") + ("n = " + moe::rounded(static_cast<double>(n), 2));
        for (const auto& [set, values] : here) {
            text += ", " + set + " " + std::to_string(values.size()) + " (" +
                    moe::rounded(median_of_present(values), 3) + ")";
        }
    }
    std::int64_t most = 0;
    for (const auto& [set, count] : nearest)
        most = std::max(most, count);
    moe::Claim claim;
    claim.id = "linear.several-limits";
    claim.expected = {Relation::at_most, most_of_one_limit, 0.0};
    claim.measured = {std::numeric_limits<double>::quiet_NaN(), {}, all};
    if (all > 0) {
        const moe::Interval interval = fraction_interval(most, all);
        claim.measured.estimate = static_cast<double>(most) / static_cast<double>(all);
        claim.measured.interval = interval;
        claim.verdict = interval.high < most_of_one_limit  ? moe::Verdict::supported
                        : interval.low > most_of_one_limit ? moe::Verdict::refuted
                                                           : moe::Verdict::inconclusive;
    }
    claim.evidence =
        "fraction of the fits, all fitted sizes together, that are nearest to the most "
        "frequent set of exact representations; fits (median distance from the set) "
        "by n: " +
        text;
    judgement.claims.push_back(worded(Kind::addition, std::move(claim)));
    judge_certificate(judgement, "linear.certificate", {{"SIG2.linear", &cell}}, sizes);
}

} // namespace sigmoid_gating
