// Which of two exact representations the least-squares fit over the whole box takes, and what that
// does to the claim of regime 1.

#include "sigmoid_gating/cells.hpp"
#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/judgement.hpp"
#include "sigmoid_gating/rate_claims.hpp"
#include "sigmoid_gating/representations.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sigmoid_gating {

using moe::Relation;
using moe::Verdict;

namespace {

/// Patterns may fail that often in a cell.
constexpr double allowed = 0.05;
/// D1 of the fits that share an atom is below 0.4 from n = 10^7 on.
constexpr double far_loss = 1.0;

/// Data sets in which one of two fits has the lower objective.
struct Wins {
    std::int64_t main = 0;
    std::int64_t rival = 0;
    std::int64_t ties = 0;
    std::int64_t missing = 0; ///< one of the fits is

    [[nodiscard]] std::int64_t all() const { return main + rival + ties; }
};

Wins wins_of(const CellFits& main, const CellFits& rival, std::int64_t n) {
    const std::vector<double> one = main.values(n, "gain");
    const std::vector<double> other = rival.values(n, "gain");
    Wins wins;
    for (std::size_t r = 0; r < one.size(); ++r) {
        if (std::isnan(one[r]) || std::isnan(other[r]))
            ++wins.missing;
        else if (other[r] > one[r] + same_objective)
            ++wins.rival;
        else if (one[r] > other[r] + same_objective)
            ++wins.main;
        else
            ++wins.ties;
    }
    return wins;
}

/// "E_exact 0.01, 0.002; E_over 0.1, 0.05; D ..." of one representation.
std::string medians_text(const CellFits& fits, const std::vector<std::int64_t>& sizes,
                         const std::vector<std::string>& columns) {
    std::string text;
    for (const std::string& column : columns) {
        text += (text.empty() ? "" : "; ") + column;
        for (std::size_t i = 0; i < sizes.size(); ++i)
            text += (i == 0 ? " " : ", ") + moe::rounded(fits.median(sizes[i], column), 3);
    }
    return text;
}

/// The fraction of data sets in which the rival has the lower objective, by n, as a claim that is
/// supported iff its interval is inside [low, high], refuted iff it is outside.
moe::Claim rival_claim(const std::string& id, const CellFits& main, const CellFits& rival,
                       const std::vector<std::int64_t>& sizes, moe::Expected expected, double low,
                       double high) {
    Wins total;
    std::string text;
    for (const std::int64_t n : sizes) {
        const Wins here = wins_of(main, rival, n);
        total.rival += here.rival;
        total.main += here.main;
        total.ties += here.ties;
        total.missing += here.missing;
        text += (text.empty() ? "" : ", ") +
                (here.all() == 0
                     ? std::string("none")
                     : moe::rounded(
                           static_cast<double>(here.rival) / static_cast<double>(here.all()), 2));
    }
    moe::Claim claim;
    claim.id = id;
    claim.expected = expected;
    claim.measured = {std::numeric_limits<double>::quiet_NaN(), {}, total.all()};
    claim.evidence = "fraction of data sets in which the other exact representation has the lower "
                     "objective; by n: " +
                     text + "; " + std::to_string(total.ties) + " ties, " +
                     std::to_string(total.missing) + " without a fit";
    if (total.all() == 0) return claim;
    const moe::Interval interval = fraction_interval(total.rival, total.all());
    claim.measured.estimate = static_cast<double>(total.rival) / static_cast<double>(total.all());
    claim.measured.interval = interval;
    claim.verdict = interval.low > low && interval.high < high   ? Verdict::supported
                    : interval.high < low || interval.low > high ? Verdict::refuted
                                                                 : Verdict::inconclusive;
    return claim;
}

/// How often D1 of the fits over the whole box is far from 0. It converges only if that fraction
/// goes to 0.
void judge_no_convergence(moe::Judgement& judgement, const std::string& name, const CellFits& whole,
                          const std::vector<std::int64_t>& sizes) {
    std::string text;
    std::int64_t far = 0;
    std::int64_t all = 0;
    for (const std::int64_t n : sizes) {
        const std::vector<double> losses = whole.present(n, "D");
        far = std::ranges::count_if(losses, [](double loss) { return loss > far_loss; });
        all = static_cast<std::int64_t>(losses.size());
        text += (text.empty() ? "" : ", ") +
                (all == 0 ? std::string("none")
                          : moe::rounded(static_cast<double>(far) / static_cast<double>(all), 2));
    }
    moe::Claim claim;
    claim.id = name + ".D1";
    claim.expected = {Relation::at_least, allowed, 0.0};
    claim.measured = {std::numeric_limits<double>::quiet_NaN(), {}, all};
    if (all > 0) {
        const moe::Interval interval = fraction_interval(far, all);
        claim.measured.estimate = static_cast<double>(far) / static_cast<double>(all);
        claim.measured.interval = interval;
        claim.verdict = interval.low > allowed    ? Verdict::supported
                        : interval.high < allowed ? Verdict::refuted
                                                  : Verdict::inconclusive;
    }
    claim.evidence = "fraction of the data sets of the largest n in which D1 of the lowest "
                     "objective over the whole box is above 1; by n: " +
                     text + "; medians by n: " + medians_text(whole, sizes, {"D"});
    judgement.claims.push_back(worded(Kind::finding, std::move(claim)));
}

/// Slopes of the fits of one representation, told.
void report_representation(moe::Judgement& judgement, const Truth& truth, const CellFits& fits,
                           const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
    const bool dead = truth.surplus == Surplus::dead;
    report_slope(judgement, fits, sizes,
                 {truth.name + ".E_exact", "E_exact of " + truth.name + " against n", "E_exact",
                  -0.5, 0.10, root_rule},
                 seed);
    const std::string surplus = dead ? "E_dead" : "E_over";
    report_slope(judgement, fits, sizes,
                 {truth.name + "." + surplus, surplus + " of " + truth.name + " against n", surplus,
                  dead ? -0.5 : -0.25, dead ? 0.10 : 0.08, dead ? noisy_root_rule : quarter_rule},
                 seed);
}

} // namespace

void judge_representations(moe::Judgement& judgement, const moe::Options& options,
                           const moe::Table& fits, const std::string& check) {
    const std::vector<std::int64_t> sizes = sorted_sizes(options);
    for (const SimulatedCell& cell : simulated_cells()) {
        if (cell.check != check || cell.truth.surplus != Surplus::split) continue;
        const std::string& name = cell.truth.name;
        const Representations two = representations(cell.truth);
        const CellFits whole(fits, name);
        const CellFits main(fits, two.main.name);
        const CellFits rival(fits, two.rival.name);
        report_representation(judgement, two.rival, rival, sizes, options.seed());
        if (!cell.restricted()) {
            report_representation(judgement, two.main, main, sizes, options.seed());
            constexpr double half = 0.5;
            moe::Claim claim =
                rival_claim(name + ".either-atom", main, rival, sizes,
                            {Relation::equal, half, half - allowed}, allowed, 1.0 - allowed);
            claim.evidence +=
                "; medians by n, atom 0 shared: " +
                medians_text(main, sizes, {"E_exact", "E_over", "D"}) +
                "; atom 1 shared: " + medians_text(rival, sizes, {"E_exact", "E_over", "D"});
            judgement.claims.push_back(worded(Kind::addition, std::move(claim)));
            continue;
        }
        moe::Claim claim = rival_claim(name + ".zero-expert", main, rival, sizes,
                                       {Relation::at_least, allowed, 0.0}, allowed,
                                       std::numeric_limits<double>::infinity());
        std::string kept;
        for (const std::int64_t n : sizes)
            kept += (kept.empty() ? "" : ", ") + moe::rounded(whole.pattern_fraction(n), 2);
        claim.evidence += "; the claimed pattern 2 1 over the whole box by n: " + kept +
                          "; medians of the fits with a dead atom by n: " +
                          medians_text(rival, sizes, {"E_exact", "E_dead", "D"});
        judgement.claims.push_back(worded(Kind::finding, std::move(claim)));
        judge_no_convergence(judgement, name, whole, sizes);
    }
}

} // namespace sigmoid_gating
