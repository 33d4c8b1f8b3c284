#include "sigmoid_gating/rate_claims.hpp"

#include "basics/numbers.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace sigmoid_gating {

namespace {

std::vector<std::int64_t> sorted(std::vector<std::int64_t> sizes) {
    std::ranges::sort(sizes);
    return sizes;
}

struct Medians {
    std::string text; ///< "0.0364 (n = 1e+06), ..."
    bool finite = true;
    bool positive = true;
    std::int64_t fits = 0;
};

Medians medians_of(const CellFits& fits, const std::vector<std::int64_t>& sizes,
                   const std::string& column) {
    Medians medians;
    for (const std::int64_t n : sizes) {
        const std::vector<double> values = fits.values(n, column);
        const double value = moe::median(values);
        medians.text += (medians.text.empty() ? "" : ", ") + moe::rounded(value, 3) +
                        " (n = " + moe::rounded(static_cast<double>(n), 2) + ")";
        medians.finite = medians.finite && std::isfinite(value);
        medians.positive = medians.positive && value > 0.0;
        medians.fits += static_cast<std::int64_t>(values.size());
    }
    return medians;
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
    if (!medians.finite) {
        claim.verdict = moe::Verdict::refuted;
        claim.evidence =
            "a median is infinite, because most fits do not have the claimed pattern: ";
    } else if (!medians.positive) {
        claim.verdict = moe::Verdict::inconclusive;
        claim.evidence = "a median of exactly 0 has no logarithm: ";
    } else {
        const moe::Rate rate =
            moe::median_rate(spec_of(request, ""), as_reals(sizes),
                             fits.values(sizes, request.column), request.rule, seed);
        claim.measured = {rate.slope, rate.interval, rate.observations};
        claim.verdict = rate.verdict;
        if (claim.verdict == moe::Verdict::supported && fits.uncertified() > 0) {
            claim.verdict = moe::Verdict::inconclusive;
            claim.evidence = "the certificate is violated; ";
        }
        claim.evidence += moe::median_rate_evidence(rate, request.rule) + "; medians ";
        judgement.rates.push_back(rate);
    }
    claim.evidence += medians.text;
    judgement.claims.push_back(worded(kind, std::move(claim)));
}

void judge_certificate(moe::Judgement& judgement, const std::string& id,
                       const std::vector<const CellFits*>& cells) {
    std::int64_t failures = 0;
    std::int64_t retried = 0;
    std::int64_t starts = 0;
    std::int64_t fits = 0;
    for (const CellFits* cell : cells) {
        failures += cell->uncertified();
        retried += cell->retried();
        starts += cell->starts();
        fits += cell->rows();
    }
    moe::Claim claim = moe::decide(
        id, {moe::Relation::equal, 0.0, 0.0}, static_cast<double>(failures), fits,
        "fits whose objective is above that of the known feasible point by more than 1e-6 "
        "chi-square units; " +
            std::to_string(starts) + " starts followed, " + std::to_string(retried) +
            " data sets needed fresh ones");
    if (failures > 0) claim.verdict = moe::Verdict::inconclusive;
    judgement.claims.push_back(worded(Kind::simulated, std::move(claim)));
}

void report_slope(moe::Judgement& judgement, const CellFits& fits,
                  const std::vector<std::int64_t>& sizes, const SlopeRequest& request,
                  std::uint64_t seed) {
    const Medians medians = medians_of(fits, sizes, request.column);
    if (!medians.finite || !medians.positive) return;
    judgement.rates.push_back(moe::reported_median_rate(spec_of(request, " (told, not judged)"),
                                                        as_reals(sizes),
                                                        fits.values(sizes, request.column), seed));
}

} // namespace sigmoid_gating
