#include "statistics/median_rate.hpp"

#include "basics/numbers.hpp"
#include "basics/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr std::uint32_t median_stream = 0x6D656469; // "medi"
constexpr double infinity = std::numeric_limits<double>::infinity();

[[noreturn]] void refuse(const RateSpec& spec, const std::string& what) {
    throw std::invalid_argument("rate '" + spec.id + "': " + what);
}

/// The middle value of values that may be reordered.
double middle(std::vector<double>& values) {
    const auto half = static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), values.begin() + half, values.end());
    const double upper = values[static_cast<std::size_t>(half)];
    if (values.size() % 2 == 1) return upper;
    const double lower = *std::max_element(values.begin(), values.begin() + half);
    return lower == upper ? upper : 0.5 * (lower + upper);
}

struct Size {
    double x;
    const std::vector<double>* repetitions;
};

/// The sizes inside the window, ascending.
std::vector<Size> sizes_of(const RateSpec& spec, std::span<const double> x,
                           const std::vector<std::vector<double>>& repetitions) {
    if (x.size() != repetitions.size()) {
        refuse(spec, std::to_string(x.size()) + " sizes, repetitions of " +
                         std::to_string(repetitions.size()));
    }
    std::vector<Size> sizes;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!(x[i] > 0.0 && std::isfinite(x[i])))
            refuse(spec, "size " + shortest(x[i]) + " is not positive and finite");
        if (x[i] < spec.window_low || x[i] > spec.window_high) continue;
        if (repetitions[i].empty()) refuse(spec, "no repetition at size " + shortest(x[i]));
        sizes.push_back({x[i], &repetitions[i]});
    }
    std::sort(sizes.begin(), sizes.end(), [](const Size& a, const Size& b) { return a.x < b.x; });
    if (sizes.size() < 2) {
        refuse(spec, std::to_string(sizes.size()) + " sizes in the window, at least 2 are needed");
    }
    for (std::size_t i = 1; i < sizes.size(); ++i) {
        if (sizes[i].x == sizes[i - 1].x)
            refuse(spec, "size " + shortest(sizes[i].x) + " is given twice");
    }
    return sizes;
}

/// d(slope)/d(log median of size i).
std::vector<double> slope_coefficients(const std::vector<double>& log_x) {
    const double centre =
        std::accumulate(log_x.begin(), log_x.end(), 0.0) / static_cast<double>(log_x.size());
    double squares = 0.0;
    for (const double value : log_x)
        squares += (value - centre) * (value - centre);
    std::vector<double> coefficients;
    coefficients.reserve(log_x.size());
    for (const double value : log_x)
        coefficients.push_back((value - centre) / squares);
    return coefficients;
}

double resampled_slope(const std::vector<Size>& sizes, const std::vector<double>& coefficients,
                       RandomStream& random, std::vector<double>& drawn) {
    double slope = 0.0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const std::vector<double>& values = *sizes[i].repetitions;
        drawn.resize(values.size());
        for (double& value : drawn)
            value = values[random.below(values.size())];
        slope += coefficients[i] * std::log2(middle(drawn));
    }
    return slope;
}

Interval percentile_interval(const std::vector<Size>& sizes,
                             const std::vector<double>& coefficients, double level,
                             std::size_t resamples, RandomStream random) {
    std::vector<double> lows(resamples);
    std::vector<double> drawn;
    for (double& slope : lows)
        slope = resampled_slope(sizes, coefficients, random, drawn);
    std::vector<double> highs = lows;
    for (std::size_t b = 0; b < resamples; ++b) {
        if (std::isfinite(lows[b])) continue;
        lows[b] = -infinity;
        highs[b] = infinity;
    }
    std::sort(lows.begin(), lows.end());
    std::sort(highs.begin(), highs.end());
    // The k-th smallest of B slopes stands for the quantile k/(B+1).
    const double tail = 0.5 * (1.0 - level) * static_cast<double>(resamples + 1);
    const std::size_t k = std::max<std::size_t>(1, static_cast<std::size_t>(tail));
    return {lows[k - 1], highs[resamples - k], level};
}

} // namespace

double median(std::span<const double> values) {
    if (values.empty()) throw std::invalid_argument("median: no values");
    if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); }))
        throw std::invalid_argument("median: NaN");
    std::vector<double> copy(values.begin(), values.end());
    return middle(copy);
}

Rate reported_median_rate(const RateSpec& spec, std::span<const double> x,
                          const std::vector<std::vector<double>>& repetitions, std::uint64_t seed,
                          std::size_t resamples) {
    if (!(spec.level > 0.0 && spec.level < 1.0))
        refuse(spec, "level " + shortest(spec.level) + " is not in (0, 1)");
    if (static_cast<double>(resamples) * (1.0 - spec.level) < 2.0) {
        refuse(spec, std::to_string(resamples) + " resamples are too few for level " +
                         shortest(spec.level));
    }
    const std::vector<Size> sizes = sizes_of(spec, x, repetitions);
    Rate rate;
    rate.spec = spec;
    std::vector<double> log_x;
    std::vector<double> log_y;
    for (const Size& size : sizes) {
        const double value = median(*size.repetitions);
        if (!(value > 0.0 && std::isfinite(value))) {
            refuse(spec, "median " + shortest(value) + " at size " + shortest(size.x) +
                             " is not positive and finite");
        }
        rate.x.push_back(size.x);
        rate.y.push_back(value);
        log_x.push_back(std::log2(size.x));
        log_y.push_back(std::log2(value));
        rate.observations += static_cast<std::int64_t>(size.repetitions->size());
        if (log_x.size() < 2) continue;
        const std::size_t last = log_x.size() - 1;
        rate.two_point_slopes.push_back((log_y[last] - log_y[last - 1]) /
                                        (log_x[last] - log_x[last - 1]));
    }
    const LineFit fit = fit_line(log_x, log_y);
    rate.slope = fit.slope;
    rate.intercept_log2 = fit.intercept;
    rate.interval = percentile_interval(sizes, slope_coefficients(log_x), spec.level, resamples,
                                        RandomStream(seed, cell_key(spec.id), median_stream));
    return rate;
}

Rate median_rate(const RateSpec& spec, std::span<const double> x,
                 const std::vector<std::vector<double>>& repetitions, const SlopeRule& rule,
                 std::uint64_t seed, std::size_t resamples) {
    if (!(rule.low <= rule.high) ||
        (rule.rival && *rule.rival >= rule.low && *rule.rival <= rule.high))
        refuse(spec, "the rival exponent must be outside the slopes that support the claim");
    Rate rate = reported_median_rate(spec, x, repetitions, seed, resamples);
    const auto interval_holds = [&](double exponent) {
        return rate.interval->low <= exponent && exponent <= rate.interval->high;
    };
    const bool inside = rate.slope >= rule.low && rate.slope <= rule.high;
    if (inside && !(rule.rival && interval_holds(*rule.rival)))
        rate.verdict = Verdict::supported;
    else if (!inside && !interval_holds(spec.claimed))
        rate.verdict = Verdict::refuted;
    return rate;
}

std::string median_rate_evidence(const Rate& rate, const SlopeRule& rule) {
    std::string text = "log-log slope of the median of " + rate.spec.quantity + " over " +
                       std::to_string(rate.x.size()) + " sizes in [" + shortest(rate.x.front()) +
                       ", " + shortest(rate.x.back()) + "]; rule: slope in [" + shortest(rule.low) +
                       ", " + shortest(rule.high) + "]";
    if (rule.rival) {
        text += " and the " + rounded(100.0 * rate.spec.level, 3) +
                " % percentile interval excludes " + shortest(*rule.rival);
    }
    return text + "; refuted if the slope is outside and the interval excludes " +
           shortest(rate.spec.claimed) + "; the interval does not cover pre-asymptotic bias";
}

} // namespace moe
