#include "sigmoid_gating/rate_claims.hpp"

#include "basics/numbers.hpp"
#include "statistics/rows.hpp"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace sigmoid_gating {

namespace {

std::vector<std::int64_t> sorted(std::vector<std::int64_t> sizes) {
    std::ranges::sort(sizes);
    return sizes;
}

struct Medians {
    std::string text;    ///< "0.0364 (n = 1e+06), ..."
    bool present = true; ///< at least half of the entries of every size
    bool finite = true;
    bool positive = true;
    std::int64_t fits = 0;
    std::int64_t missing = 0;
};

Medians medians_of(const CellFits& fits, const std::vector<std::int64_t>& sizes,
                   const std::string& column) {
    Medians medians;
    for (const std::int64_t n : sizes) {
        const std::size_t all = fits.values(n, column).size();
        const std::size_t here = fits.present(n, column).size();
        const double value = fits.median(n, column);
        medians.text += (medians.text.empty() ? "" : ", ") +
                        (here == 0 ? std::string("none") : moe::rounded(value, 3)) +
                        " (n = " + moe::rounded(static_cast<double>(n), 2) + ")";
        medians.present = medians.present && 2 * here >= all && here > 0;
        medians.finite = medians.finite && std::isfinite(value);
        medians.positive = medians.positive && value > 0.0;
        medians.fits += static_cast<std::int64_t>(here);
        medians.missing += static_cast<std::int64_t>(all - here);
    }
    if (medians.missing > 0)
        medians.text += "; " + std::to_string(medians.missing) + " fits without a value";
    return medians;
}

std::vector<std::vector<double>> present_values(const CellFits& fits,
                                                const std::vector<std::int64_t>& sizes,
                                                const std::string& column) {
    std::vector<std::vector<double>> values;
    values.reserve(sizes.size());
    for (const std::int64_t n : sizes)
        values.push_back(fits.present(n, column));
    return values;
}

std::vector<double> as_reals(const std::vector<std::int64_t>& sizes) {
    return {sizes.begin(), sizes.end()};
}

moe::RateSpec spec_of(const SlopeRequest& request, const char* suffix) {
    return {request.id, request.quantity + suffix, request.claimed, request.tolerance};
}

} // namespace

std::vector<std::int64_t> sorted_sizes(const moe::Options& options) {
    return sorted(options.integers("sizes"));
}

std::vector<std::int64_t> sorted_small_sizes(const moe::Options& options) {
    return sorted(options.integers("small-sizes"));
}

void judge_slope(moe::Judgement& judgement, const std::string& id, Kind kind, const CellFits& fits,
                 const std::vector<std::int64_t>& sizes, const SlopeRequest& request,
                 std::uint64_t seed) {
    const Medians medians = medians_of(fits, sizes, request.column);
    moe::Claim claim;
    claim.id = id;
    claim.expected = {moe::Relation::equal, request.claimed, request.tolerance};
    claim.measured = {std::numeric_limits<double>::quiet_NaN(), {}, medians.fits};
    if (!medians.present) {
        claim.verdict = moe::Verdict::inconclusive;
        claim.evidence = "most fits of a size have no value of " + request.column + ": ";
    } else if (!medians.finite) {
        claim.verdict = moe::Verdict::refuted;
        claim.evidence =
            "a median is infinite, because in most fits a true atom has no fitted one: ";
    } else if (!medians.positive) {
        claim.verdict = moe::Verdict::inconclusive;
        claim.evidence = "a median of exactly 0 has no logarithm: ";
    } else {
        const moe::Rate rate =
            moe::median_rate(spec_of(request, ""), as_reals(sizes),
                             present_values(fits, sizes, request.column), request.rule, seed);
        claim.measured = {rate.slope, rate.interval, rate.observations};
        claim.verdict = rate.verdict;
        if (claim.verdict == moe::Verdict::supported && fits.uncertified() > 0) {
            claim.verdict = moe::Verdict::inconclusive;
            claim.evidence = "the certificate is violated; ";
        }
        claim.evidence += moe::median_rate_evidence(rate, request.rule) + "; medians ";
        judgement.rates.push_back(rate);
    }
    claim.evidence += medians.text + request.remark;
    judgement.claims.push_back(worded(kind, std::move(claim)));
}

moe::Interval fraction_interval(std::int64_t hits, std::int64_t all) {
    using Binomial = boost::math::binomial_distribution<double>;
    constexpr double level = 0.95;
    const auto trials = static_cast<double>(all);
    const auto successes = static_cast<double>(hits);
    const double tail = 0.5 * (1.0 - level);
    return {Binomial::find_lower_bound_on_p(trials, successes, tail),
            Binomial::find_upper_bound_on_p(trials, successes, tail), level};
}

std::string box_text(const CellFits& fits, const std::vector<std::int64_t>& sizes) {
    constexpr std::size_t told = 3;
    std::map<std::string, std::int64_t> by_bound;
    std::int64_t all = 0;
    std::int64_t on_box = 0;
    for (const std::int64_t n : sizes) {
        for (const std::string& text : fits.texts(n, "bounds")) {
            ++all;
            on_box += text.empty() ? 0 : 1;
            std::istringstream words(text);
            std::set<std::string> here{std::istream_iterator<std::string>(words), {}};
            for (const std::string& bound : here)
                ++by_bound[bound];
        }
    }
    const auto fraction = [all](std::int64_t count) {
        return moe::rounded(static_cast<double>(count) / static_cast<double>(all), 2);
    };
    std::vector<std::pair<std::string, std::int64_t>> order(by_bound.begin(), by_bound.end());
    std::ranges::stable_sort(order, std::ranges::greater{},
                             &std::pair<std::string, std::int64_t>::second);
    std::string bounds;
    for (std::size_t i = 0; i < std::min(told, order.size()); ++i)
        bounds += (i == 0 ? "" : ", ") + order[i].first + " " + fraction(order[i].second);
    return fraction(on_box) + (bounds.empty() ? "" : " (" + bounds + ")");
}

namespace {

/// Fraction of the fits in which a uniform start was lower than every other one.
std::string uniform_text(const CellFits& fits, const std::vector<std::int64_t>& sizes) {
    std::int64_t wins = 0;
    std::int64_t all = 0;
    for (const std::int64_t n : sizes) {
        const std::vector<double> leads = fits.present(n, "uniform_lead");
        wins += std::ranges::count_if(leads, [](double lead) { return lead > same_objective; });
        all += static_cast<std::int64_t>(leads.size());
    }
    if (all == 0) return "(none followed)";
    return moe::rounded(static_cast<double>(wins) / static_cast<double>(all), 2);
}

} // namespace

void judge_certificate(moe::Judgement& judgement, const std::string& id,
                       const std::vector<NamedFits>& cells,
                       const std::vector<std::int64_t>& sizes) {
    std::int64_t failures = 0;
    std::int64_t retried = 0;
    std::int64_t starts = 0;
    std::int64_t fits = 0;
    std::string details;
    for (const auto& [name, cell] : cells) {
        failures += cell->uncertified();
        retried += cell->retried();
        starts += cell->starts();
        fits += cell->rows();
        details += (details.empty() ? ": " : "; ") + name + " on the box " +
                   box_text(*cell, sizes) + ", a uniform start lowest " +
                   uniform_text(*cell, sizes);
    }
    moe::Claim claim = moe::decide(
        id, {moe::Relation::equal, 0.0, 0.0}, static_cast<double>(failures), fits,
        "fits whose objective is above that of the known feasible point by more than 1e-6 "
        "chi-square units; " +
            std::to_string(starts) + " starts followed, " + std::to_string(retried) +
            " data sets needed fresh ones; fractions of the fits" + details);
    if (failures > 0) claim.verdict = moe::Verdict::inconclusive;
    judgement.claims.push_back(worded(Kind::simulated, std::move(claim)));
}

void report_slope(moe::Judgement& judgement, const CellFits& fits,
                  const std::vector<std::int64_t>& sizes, const SlopeRequest& request,
                  std::uint64_t seed) {
    const Medians medians = medians_of(fits, sizes, request.column);
    if (!medians.present || !medians.finite || !medians.positive) return;
    judgement.rates.push_back(
        moe::reported_median_rate(spec_of(request, " (told, not judged)"), as_reals(sizes),
                                  present_values(fits, sizes, request.column), seed));
}

} // namespace sigmoid_gating
