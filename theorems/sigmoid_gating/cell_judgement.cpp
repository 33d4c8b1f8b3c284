// The verdicts of the simulated cells: slopes, patterns, certificate and gain.

#include "sigmoid_gating/cells.hpp"
#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/judgement.hpp"
#include "sigmoid_gating/rate_claims.hpp"
#include "sigmoid_gating/simulation.hpp"

#include "basics/numbers.hpp"
#include "statistics/rate.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <list>

namespace sigmoid_gating {

using moe::decide;
using moe::Relation;
using moe::Verdict;

namespace {

/// Least fraction of repetitions with the expected pattern.
constexpr double least_pattern_fraction = 0.95;
/// Mean gain: the effective number of parameters.
constexpr double least_mean_gain = 6.0;
constexpr double largest_mean_gain = 16.0;

struct Cell {
    const SimulatedCell* info;
    CellFits fits;
};

void judge_pattern(moe::Judgement& judgement, const Cell& cell,
                   const std::vector<std::int64_t>& sizes) {
    double least = 1.0;
    std::int64_t fits = 0;
    for (const std::int64_t n : sizes) {
        least = std::min(least, cell.fits.pattern_fraction(n));
        fits += static_cast<std::int64_t>(cell.fits.values(n, "F").size());
    }
    judgement.claims.push_back(
        worded(Kind::simulated,
               decide(cell.info->truth.name + ".pattern",
                      {Relation::at_least, least_pattern_fraction, 0.0}, least, fits,
                      "least fraction over the fitted sizes of fits with cells of " +
                          expected_pattern(cell.info->truth) +
                          (cell.info->truth.surplus == Surplus::dead
                               ? " atoms, the last the dead one; whole box"
                               : " atoms, in either order; whole box, the lowest objective of both "
                                 "representations and of uniform starts"))));
}

/// Change of the mean gain from the smallest to the largest size over its mean, by regression,
/// with its interval.
struct Growth {
    double estimate;
    moe::Interval interval;
};

Growth gain_growth(const CellFits& fits, const std::vector<std::int64_t>& sizes) {
    std::vector<double> x;
    std::vector<double> y;
    double mean = 0.0;
    for (const std::int64_t n : sizes) {
        for (const double gain : fits.present(n, "gain")) {
            x.push_back(std::log10(static_cast<double>(n)));
            y.push_back(gain);
            mean += gain;
        }
    }
    mean /= static_cast<double>(y.size());
    const auto [low, high] = std::ranges::minmax_element(x);
    const double factor = (*high - *low) / mean;
    const moe::LineFit line = moe::fit_line(x, y);
    const moe::Interval slope = moe::slope_interval(line, 0.95).value();
    return {line.slope * factor, {slope.low * factor, slope.high * factor, slope.level}};
}

/// What a factor log n in the gain would make of its growth.
double logarithmic_growth(const std::vector<std::int64_t>& sizes) {
    const double ratio =
        std::log(static_cast<double>(sizes.back())) / std::log(static_cast<double>(sizes.front()));
    return 2.0 * (ratio - 1.0) / (ratio + 1.0);
}

/// Supported if the interval excludes a growth like log n, refuted if it holds it and not 0.
Verdict drift_verdict(const Growth& growth, double logarithm) {
    if (growth.interval.high < logarithm && growth.interval.low > -logarithm)
        return Verdict::supported;
    const bool holds_zero = growth.interval.low <= 0.0 && growth.interval.high >= 0.0;
    return holds_zero ? Verdict::inconclusive : Verdict::refuted;
}

void judge_drift(moe::Judgement& judgement, const std::string& check,
                 const std::vector<Cell>& cells, const std::vector<std::int64_t>& sizes) {
    const double logarithm = logarithmic_growth(sizes);
    moe::Claim claim;
    claim.id = check + ".gain-drift";
    claim.expected = {Relation::equal, 0.0, logarithm};
    claim.verdict = Verdict::supported;
    for (const Cell& cell : cells) {
        const Growth growth = gain_growth(cell.fits, sizes);
        claim.measured.observations += cell.fits.rows();
        const Verdict verdict = drift_verdict(growth, logarithm);
        if (verdict == Verdict::refuted || claim.verdict == Verdict::supported)
            claim.verdict = verdict;
        if (std::abs(growth.estimate) < std::abs(claim.measured.estimate)) continue;
        claim.measured.estimate = growth.estimate;
        claim.measured.interval = growth.interval;
        claim.evidence = "largest relative growth of the mean gain over the fitted sizes, of " +
                         cell.info->fitted();
    }
    claim.evidence += "; a factor log n would make it " + moe::rounded(logarithm, 3) +
                      ", which every cell's 95 % interval must exclude (false alarms: about 1 % a "
                      "cell with 32 repetitions)";
    judgement.claims.push_back(worded(Kind::simulated, std::move(claim)));
}

void judge_gain(moe::Judgement& judgement, const std::string& check, const std::vector<Cell>& cells,
                const std::vector<std::int64_t>& sizes) {
    std::int64_t fits = 0;
    for (const Cell& cell : cells)
        fits += cell.fits.rows();
    double least = std::numeric_limits<double>::infinity();
    double largest = -least;
    std::string means;
    for (const Cell& cell : cells) {
        double sum = 0.0;
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const std::int64_t n : sizes) {
            const double mean = cell.fits.mean_gain(n);
            sum += mean;
            low = std::min(low, mean);
            high = std::max(high, mean);
        }
        const double mean = sum / static_cast<double>(sizes.size());
        least = std::min(least, mean);
        largest = std::max(largest, mean);
        means += (means.empty() ? "" : ", ") + cell.info->fitted() + " " + moe::rounded(mean, 3) +
                 " (" + moe::rounded(low, 3) + " to " + moe::rounded(high, 3) + " over n)";
    }
    const double middle = 0.5 * (least_mean_gain + largest_mean_gain);
    const double farthest = std::abs(least - middle) > std::abs(largest - middle) ? least : largest;
    judgement.claims.push_back(
        worded(Kind::simulated,
               decide(check + ".gain", {Relation::equal, middle, largest_mean_gain - middle},
                      farthest, fits, "the mean gain farthest from the middle: " + means)));
    judge_drift(judgement, check, cells, sizes);
}

} // namespace

void judge_cells(moe::Judgement& judgement, const moe::Options& options, const moe::Table& fits,
                 const std::string& check) {
    const std::vector<SimulatedCell> all = simulated_cells();
    const std::vector<std::int64_t> sizes = sorted_sizes(options);
    std::vector<Cell> cells;
    std::list<CellFits> everything;
    std::vector<NamedFits> named;
    for (const SimulatedCell& info : all) {
        if (info.check != check) continue;
        cells.push_back({&info, CellFits(fits, info.fitted())});
        for (const std::string& name : info.all())
            named.push_back({name, &everything.emplace_back(fits, name)});
    }
    for (const Cell& cell : cells) {
        const std::string& name = cell.info->truth.name;
        for (const FittedQuantity& quantity : fitted_quantities(cell.info->truth)) {
            SlopeRequest request{name + "." + quantity.column,
                                 quantity.column + " of " + spoken(name) + " against n" +
                                     (cell.info->restricted() ? " (restricted box)" : ""),
                                 quantity.column,
                                 quantity.claimed,
                                 quantity.tolerance,
                                 quantity.rule};
            if (quantity.claim.empty() || !cell.info->judged) {
                report_slope(judgement, cell.fits, sizes, request, options.seed());
                continue;
            }
            if (quantity.claim == "over" || quantity.claim == "dead")
                request.remark = "; fits on the box: " + box_text(cell.fits, sizes);
            judge_slope(judgement, name + "." + quantity.claim, Kind::simulated, cell.fits, sizes,
                        request, options.seed());
        }
        if (cell.info->judged && !cell.info->restricted()) judge_pattern(judgement, cell, sizes);
    }
    judge_certificate(judgement, check + ".certificate", named, sizes);
    const bool certified =
        std::ranges::all_of(cells, [](const Cell& cell) { return cell.fits.uncertified() == 0; });
    if (certified) {
        judge_gain(judgement, check, cells, sizes);
        return;
    }
    for (const char* id : {".gain", ".gain-drift"}) {
        moe::Claim claim;
        claim.id = check + id;
        claim.measured.estimate = std::numeric_limits<double>::quiet_NaN();
        claim.evidence = "the certificate is violated, so a gain tells nothing";
        judgement.claims.push_back(worded(Kind::simulated, std::move(claim)));
    }
}

} // namespace sigmoid_gating
