// The headline, both gates on the same data with the same truth, and what goes with it: who is
// better at small n, the constants, regime 1.

#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/judgement.hpp"
#include "sigmoid_gating/rate_claims.hpp"

#include "basics/numbers.hpp"
#include "basics/random.hpp"
#include "statistics/median_rate.hpp"
#include "statistics/paired.hpp"
#include "statistics/rows.hpp"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sigmoid_gating {

using moe::decide;
using moe::Relation;

namespace {

/// The three thresholds of the headline (notes 5).
constexpr double least_ratio = 8.0;
constexpr double least_slope = 0.15;
constexpr double least_samples = 10.0;
constexpr double error_of_samples = 0.02;
constexpr double headline_size = 1e10;
/// Half of what the constant of the exactly specified expert differs by at least.
constexpr double least_constant = 5.0;
constexpr std::size_t resamples = 2000;
constexpr double level = 0.95;

/// Errors of both gates on the same data at one size; a resample draws the same repetitions for
/// both.
struct PairedErrors {
    double n;
    std::vector<double> sigmoid_experts; ///< E_exx
    std::vector<double> sigmoid_dead;
    std::vector<double> softmax_experts;
    std::vector<double> softmax_over;
};

using Draw = std::vector<std::size_t>;

double median_of(const std::vector<double>& values, const Draw& draw) {
    std::vector<double> drawn;
    drawn.reserve(draw.size());
    for (const std::size_t index : draw)
        drawn.push_back(values[index]);
    return moe::median(drawn);
}

/// Medians of E_sig and E_soft of one resample.
struct Errors {
    double sigmoid;
    double softmax;
};

Errors errors_of(const PairedErrors& size, const Draw& draw) {
    return {std::max(median_of(size.sigmoid_experts, draw), median_of(size.sigmoid_dead, draw)),
            std::max(median_of(size.softmax_experts, draw), median_of(size.softmax_over, draw))};
}

struct Curve {
    std::vector<double> n;
    std::vector<double> sigmoid;
    std::vector<double> softmax;
};

/// n at which a curve has fallen to `error` for good, linear between logarithms; nothing if it is
/// not there between its ends.
std::optional<double> samples_for(const std::vector<double>& n, const std::vector<double>& errors,
                                  double error) {
    for (std::size_t i = n.size() - 1; i > 0; --i) {
        if (!std::isfinite(errors[i - 1])) return std::nullopt;
        if (!(errors[i - 1] >= error && errors[i] < error)) continue;
        const double part = std::log(errors[i - 1] / error) / std::log(errors[i - 1] / errors[i]);
        return n[i - 1] * std::pow(n[i] / n[i - 1], part);
    }
    return std::nullopt;
}

std::optional<double> sample_ratio(const Curve& curve, double error) {
    const auto softmax = samples_for(curve.n, curve.softmax, error);
    const auto sigmoid = samples_for(curve.n, curve.sigmoid, error);
    if (!softmax || !sigmoid) return std::nullopt;
    return *softmax / *sigmoid;
}

/// NaN if an error is infinite: most fits then have the wrong pattern.
double log_ratio_slope(const Curve& curve) {
    std::vector<double> x;
    std::vector<double> y;
    for (std::size_t i = 0; i < curve.n.size(); ++i) {
        x.push_back(std::log(curve.n[i]));
        y.push_back(std::log(curve.softmax[i] / curve.sigmoid[i]));
        if (!std::isfinite(y.back())) return std::numeric_limits<double>::quiet_NaN();
    }
    return moe::fit_line(x, y).slope;
}

Curve curve_of(const std::vector<PairedErrors>& sizes, const std::vector<Draw>& draws) {
    Curve curve;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const Errors errors = errors_of(sizes[i], draws[i]);
        curve.n.push_back(sizes[i].n);
        curve.sigmoid.push_back(errors.sigmoid);
        curve.softmax.push_back(errors.softmax);
    }
    return curve;
}

std::vector<Draw> identity(const std::vector<PairedErrors>& sizes) {
    std::vector<Draw> draws;
    for (const PairedErrors& size : sizes) {
        draws.emplace_back();
        for (std::size_t r = 0; r < size.sigmoid_dead.size(); ++r)
            draws.back().push_back(r);
    }
    return draws;
}

/// Percentile interval of a functional of the curves; resamples in which it has no value are left
/// out.
std::optional<moe::Interval>
interval_of(const std::vector<PairedErrors>& sizes, std::uint64_t seed,
            const std::function<std::optional<double>(const Curve&)>& functional) {
    moe::RandomStream random(seed, moe::cell_key("headline"), 0);
    std::vector<double> values;
    std::vector<Draw> draws = identity(sizes);
    for (std::size_t b = 0; b < resamples; ++b) {
        for (Draw& draw : draws) {
            for (std::size_t& index : draw)
                index = static_cast<std::size_t>(random.below(draw.size()));
        }
        const std::optional<double> value = functional(curve_of(sizes, draws));
        if (value && std::isfinite(*value)) values.push_back(*value);
    }
    if (values.size() < resamples / 2) return std::nullopt;
    return moe::Interval{moe::quantile(values, 0.5 * (1.0 - level)),
                         moe::quantile(values, 0.5 * (1.0 + level)), level};
}

std::vector<PairedErrors> paired_errors(const CellFits& sigmoid, const CellFits& softmax,
                                        const std::vector<std::int64_t>& sizes) {
    std::vector<PairedErrors> all;
    all.reserve(sizes.size());
    for (const std::int64_t n : sizes) {
        all.push_back({static_cast<double>(n), sigmoid.values(n, "E_exx"),
                       sigmoid.values(n, "E_dead"), softmax.values(n, "E_exx"),
                       softmax.values(n, "E_over")});
    }
    return all;
}

std::string curve_text(const Curve& curve) {
    std::string text;
    for (std::size_t i = 0; i < curve.n.size(); ++i) {
        text += (i == 0 ? "" : ", ") + moe::rounded(curve.n[i], 2) + ": " +
                moe::rounded(curve.sigmoid[i], 3) + " / " + moe::rounded(curve.softmax[i], 3);
    }
    return text;
}

/// Adds a claim about a functional of the curves: supported iff its value meets the bound, refuted
/// iff it does not and neither does any value in its interval (or it has no value at all).
void add(moe::Judgement& judgement, Kind kind, const char* id, moe::Expected expected,
         double measured, std::optional<moe::Interval> interval, std::int64_t observations,
         const std::string& evidence) {
    moe::Claim claim = decide(id, expected, measured, observations, evidence);
    claim.measured.interval = interval;
    if (claim.verdict == moe::Verdict::refuted && interval &&
        (moe::judge(expected, interval->low) == moe::Verdict::supported ||
         moe::judge(expected, interval->high) == moe::Verdict::supported))
        claim.verdict = moe::Verdict::inconclusive;
    judgement.claims.push_back(worded(kind, std::move(claim)));
}

void judge_advantage(moe::Judgement& judgement, const std::vector<PairedErrors>& fitted,
                     const std::vector<PairedErrors>& all, std::uint64_t seed) {
    const Curve curve = curve_of(fitted, identity(fitted));
    const Curve whole = curve_of(all, identity(all));
    std::int64_t pairs = 0;
    for (const PairedErrors& size : fitted)
        pairs += static_cast<std::int64_t>(size.sigmoid_dead.size());
    if (curve.n.back() == headline_size) {
        const auto ratio = [](const Curve& c) -> std::optional<double> {
            return c.softmax.back() / c.sigmoid.back();
        };
        add(judgement, Kind::simulated, "headline.ratio", {Relation::at_least, least_ratio, 0.0},
            *ratio(curve), interval_of(fitted, seed, ratio),
            static_cast<std::int64_t>(fitted.back().sigmoid_dead.size()),
            "E_soft/E_sig at n = 1e10 on the same data; medians E_sig / E_soft by n: " +
                curve_text(whole));
    }
    const auto slope = [](const Curve& c) -> std::optional<double> { return log_ratio_slope(c); };
    add(judgement, Kind::simulated, "headline.slope", {Relation::at_least, least_slope, 0.0},
        *slope(curve), interval_of(fitted, seed, slope), pairs,
        "slope of log(E_soft/E_sig) on log n; theory +1/4");

    const auto samples = [](const Curve& c) { return sample_ratio(c, error_of_samples); };
    const std::optional<double> here = samples(whole);
    if (!here) return;
    std::string others;
    for (const double error : {0.1, 0.05, 0.03, 0.02, 0.015}) {
        const std::optional<double> value = sample_ratio(whole, error);
        if (!value) continue;
        others +=
            (others.empty() ? "" : ", ") + moe::shortest(error) + ": " + moe::rounded(*value, 3);
    }
    add(judgement, Kind::simulated, "headline.samples", {Relation::at_least, least_samples, 0.0},
        *here, interval_of(all, seed, samples), pairs,
        "n_soft/n_sig for the error 0.02; by error " + others + "; theory: growth like error^-2");
}

/// Softmax better at small n: E_exact on the same data, by the sign test over repetitions.
void judge_small_sizes(moe::Judgement& judgement, const CellFits& sigmoid, const CellFits& softmax,
                       const std::vector<std::int64_t>& small) {
    constexpr double alpha = 0.001;
    const std::int64_t n = small.front();
    std::vector<double> differences = sigmoid.values(n, "E_exact");
    const std::vector<double> other = softmax.values(n, "E_exact");
    for (std::size_t r = 0; r < differences.size(); ++r) {
        // Two failed patterns are a tie.
        differences[r] = differences[r] == other[r] ? 0.0 : differences[r] - other[r];
    }
    const moe::SignTest test = moe::sign_test(differences);
    std::string text;
    for (const std::int64_t size : small) {
        const auto largest = [&](const CellFits& fits, const char* one, const char* two) {
            return std::max(fits.median(size, one), fits.median(size, two));
        };
        text += "; n = " + moe::rounded(static_cast<double>(size), 2) + ": E_exact " +
                moe::rounded(sigmoid.median(size, "E_exact"), 3) + " / " +
                moe::rounded(softmax.median(size, "E_exact"), 3) + ", E_sig / E_soft " +
                moe::rounded(largest(sigmoid, "E_exx", "E_dead"), 3) + " / " +
                moe::rounded(largest(softmax, "E_exx", "E_over"), 3);
    }
    moe::Claim claim;
    claim.id = "small-n.softmax";
    claim.expected = {Relation::at_most, alpha, 0.0};
    claim.measured = {test.p_value, {}, test.wins + test.losses + test.ties};
    claim.verdict = moe::verdict_of(test, alpha);
    claim.evidence = "p-value of the sign test at n = " + moe::rounded(static_cast<double>(n), 2) +
                     ", softmax nearer in " + std::to_string(test.wins) + " of " +
                     std::to_string(claim.measured.observations) +
                     " data sets (false-alarm rate 0.001)" + text;
    judgement.claims.push_back(worded(Kind::addition, std::move(claim)));
}

void judge_constants(moe::Judgement& judgement, const CellFits& sigmoid, const CellFits& softmax,
                     const std::vector<std::int64_t>& sizes) {
    double least = std::numeric_limits<double>::infinity();
    std::string text;
    for (const std::int64_t n : sizes) {
        const double ratio = sigmoid.median(n, "E_exact") / softmax.median(n, "E_exact");
        least = std::min(least, ratio);
        text += (text.empty() ? "" : ", ") + moe::rounded(ratio, 3);
    }
    judgement.claims.push_back(worded(
        Kind::addition,
        decide("constant.softmax", {Relation::at_least, least_constant, 0.0}, least,
               static_cast<std::int64_t>(sizes.size()),
               "least over n of E_exact(sigmoid)/E_exact(softmax), medians; by n: " + text)));
}

/// In regime 1 the sigmoid does not meet the headline's condition.
void judge_regime_one(moe::Judgement& judgement, const CellFits& regime_one,
                      const CellFits& softmax, const std::vector<std::int64_t>& sizes,
                      std::uint64_t seed) {
    std::vector<PairedErrors> errors;
    std::int64_t fits = 0;
    for (const std::int64_t n : sizes) {
        const std::vector<double> one = regime_one.values(n, "E_over");
        const std::vector<double> other = softmax.values(n, "E_over");
        errors.push_back({static_cast<double>(n), one, one, other, other});
        fits += static_cast<std::int64_t>(one.size());
    }
    const auto slope = [](const Curve& c) -> std::optional<double> { return log_ratio_slope(c); };
    const Curve curve = curve_of(errors, identity(errors));
    add(judgement, Kind::consistent, "regime1.no-advantage", {Relation::at_most, least_slope, 0.0},
        *slope(curve), interval_of(errors, seed, slope), fits,
        "slope of log(E_over of SOFT / E_over of SIG1) on log n, below the headline's threshold; "
        "medians of E_over SIG1 / SOFT by n: " +
            curve_text(curve));
}

/// How often the other exact representation has the lower objective, on the same data (notes 3.5).
/// More often than patterns may fail in a cell, the least-squares fit over the whole box would be
/// that.
void judge_rival(moe::Judgement& judgement, const char* id, const CellFits& fits,
                 const CellFits& rival, const std::vector<std::int64_t>& sizes, Kind kind,
                 const std::string& consequence) {
    constexpr double allowed = 0.05;
    constexpr double tie = 1e-6;
    std::int64_t wins = 0;
    std::int64_t all = 0;
    std::string text;
    for (const std::int64_t n : sizes) {
        const std::vector<double> one = fits.values(n, "gain");
        const std::vector<double> other = rival.values(n, "gain");
        std::int64_t here = 0;
        for (std::size_t r = 0; r < one.size(); ++r)
            here += other[r] > one[r] + tie ? 1 : 0;
        wins += here;
        all += static_cast<std::int64_t>(one.size());
        text += (text.empty() ? "" : ", ") +
                moe::rounded(static_cast<double>(here) / static_cast<double>(one.size()), 2);
    }
    using Binomial = boost::math::binomial_distribution<double>;
    const auto trials = static_cast<double>(all);
    const auto successes = static_cast<double>(wins);
    const double tail = 0.5 * (1.0 - level);
    moe::Claim claim;
    claim.id = id;
    claim.expected = {Relation::at_least, allowed, 0.0};
    claim.measured = {successes / trials,
                      moe::Interval{Binomial::find_lower_bound_on_p(trials, successes, tail),
                                    Binomial::find_upper_bound_on_p(trials, successes, tail),
                                    level},
                      all};
    claim.verdict = claim.measured.interval->low > allowed    ? moe::Verdict::supported
                    : claim.measured.interval->high < allowed ? moe::Verdict::refuted
                                                              : moe::Verdict::inconclusive;
    claim.evidence = "fraction of data sets in which the other exact representation has the lower "
                     "objective; by n: " +
                     text + consequence;
    judgement.claims.push_back(worded(kind, std::move(claim)));
}

} // namespace

void judge_headline(moe::Judgement& judgement, const moe::Options& options,
                    const moe::Table& fits) {
    const CellFits sigmoid(fits, "SIG2C.gelu");
    const CellFits softmax(fits, "SOFT.gelu");
    const std::vector<std::int64_t> sizes = sorted_sizes(options);
    const std::vector<std::int64_t> small = sorted_small_sizes(options);
    judge_advantage(judgement, paired_errors(sigmoid, softmax, sizes),
                    paired_errors(sigmoid, softmax, sigmoid.sizes()), options.seed());
    judge_small_sizes(judgement, sigmoid, softmax, small);
    judge_constants(judgement, sigmoid, softmax, sizes);
    const CellFits regime_one(fits, "SIG1.gelu");
    judge_regime_one(judgement, regime_one, softmax, sizes, options.seed());
    const CellFits dead(fits, "SIG1.gelu.rival");
    std::string losses;
    for (const std::int64_t n : sizes)
        losses += (losses.empty() ? "" : ", ") + moe::rounded(dead.median(n, "D"), 3);
    judge_rival(judgement, "SIG1.zero-expert", regime_one, dead, sizes, Kind::finding,
                "; median D1 of those fits, which does not fall: " + losses);
    judge_rival(judgement, "SOFT.either-atom", softmax, CellFits(fits, "SOFT.gelu.rival"), sizes,
                Kind::consistent,
                "; the claim holds for either, the cells here are those of atom 0");
}

} // namespace sigmoid_gating
