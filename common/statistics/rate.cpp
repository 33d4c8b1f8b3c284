#include "statistics/rate.hpp"

#include "basics/numbers.hpp"
#include "basics/random.hpp"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

void require(bool condition, const std::string& message) {
    if (!condition) throw std::invalid_argument(message);
}

bool all_finite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool positive(double value) {
    return std::isfinite(value) && value > 0;
}

double weight_at(std::span<const double> weights, std::size_t i) {
    return weights.empty() ? 1.0 : weights[i];
}

double weighted_mean(std::span<const double> values, std::span<const double> weights) {
    double sum = 0.0;
    double total = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        sum += weight_at(weights, i) * values[i];
        total += weight_at(weights, i);
    }
    return sum / total;
}

void check_line(std::span<const double> x, std::span<const double> y,
                std::span<const double> weights) {
    require(x.size() >= 2,
            "fit_line: at least 2 points are needed, got " + std::to_string(x.size()));
    require(x.size() == y.size() && (weights.empty() || weights.size() == x.size()),
            "fit_line: sizes differ: " + std::to_string(x.size()) + " abscissae, " +
                std::to_string(y.size()) + " ordinates, " + std::to_string(weights.size()) +
                " weights");
    require(all_finite(x) && all_finite(y), "fit_line: a value is not finite");
    require(std::all_of(weights.begin(), weights.end(), positive),
            "fit_line: a weight is not positive and finite");
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    require(*low < *high, "fit_line: all abscissae equal " + shortest(*low));
}

} // namespace

LineFit fit_line(std::span<const double> x, std::span<const double> y,
                 std::span<const double> weights) {
    check_line(x, y, weights);
    // With centred abscissae the two columns of the design matrix are orthogonal: its QR
    // factorisation is these projections.
    const double centre_x = weighted_mean(x, weights);
    const double centre_y = weighted_mean(y, weights);
    double squares = 0.0;
    double products = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double dx = x[i] - centre_x;
        squares += weight_at(weights, i) * dx * dx;
        products += weight_at(weights, i) * dx * (y[i] - centre_y);
    }
    const double slope = products / squares;
    double residuals = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double residual = (y[i] - centre_y) - slope * (x[i] - centre_x);
        residuals += weight_at(weights, i) * residual * residual;
    }
    const double standard_error =
        x.size() < 3 ? std::numeric_limits<double>::quiet_NaN()
                     : std::sqrt(residuals / static_cast<double>(x.size() - 2) / squares);
    return {slope, centre_y - slope * centre_x, standard_error, x.size()};
}

std::optional<Interval> slope_interval(const LineFit& fit, double level) {
    require(level > 0 && level < 1,
            "slope_interval: level " + shortest(level) + " is not in (0, 1)");
    if (fit.points < 3) return std::nullopt;
    const boost::math::students_t distribution(static_cast<double>(fit.points - 2));
    const double half_width =
        boost::math::quantile(distribution, 0.5 + 0.5 * level) * fit.slope_standard_error;
    return Interval{fit.slope - half_width, fit.slope + half_width, level};
}

namespace {

/// Indices of the sizes inside the window by ascending size.
std::vector<std::size_t> window_of(const RateSpec& spec, std::span<const double> x,
                                   std::size_t values) {
    const std::string prefix = "rate '" + spec.id + "': ";
    require(x.size() == values,
            prefix + std::to_string(x.size()) + " sizes, " + std::to_string(values) + " values");
    require(std::all_of(x.begin(), x.end(), positive),
            prefix + "a size is not positive and finite");
    require(std::isfinite(spec.claimed) && std::isfinite(spec.tolerance) && spec.tolerance >= 0,
            prefix + "claimed exponent and tolerance must be finite, the tolerance not negative");
    require(spec.level > 0 && spec.level < 1,
            prefix + "level " + shortest(spec.level) + " is not in (0, 1)");
    std::vector<std::size_t> inside;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x[i] >= spec.window_low && x[i] <= spec.window_high) inside.push_back(i);
    }
    std::sort(inside.begin(), inside.end(),
              [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
    require(inside.size() >= 2, prefix + std::to_string(inside.size()) + " sizes in the window [" +
                                    shortest(spec.window_low) + ", " + shortest(spec.window_high) +
                                    "], at least 2 are needed");
    for (std::size_t i = 1; i < inside.size(); ++i) {
        require(x[inside[i - 1]] < x[inside[i]],
                prefix + "size " + shortest(x[inside[i]]) + " is given twice");
    }
    return inside;
}

double checked_log2(const RateSpec& spec, double size, double value) {
    require(positive(value), "rate '" + spec.id + "': value " + shortest(value) + " at size " +
                                 shortest(size) + " is not positive and finite");
    return std::log2(value);
}

/// log2 of the values of one size, with mean and variance of the mean.
struct SizeSample {
    std::vector<double> logs;
    double mean;
    double variance_of_mean; ///< 0 for a single value
};

SizeSample sample_of(std::vector<double> logs) {
    const auto count = static_cast<double>(logs.size());
    const double mean = std::accumulate(logs.begin(), logs.end(), 0.0) / count;
    double squares = 0.0;
    for (const double value : logs) {
        squares += (value - mean) * (value - mean);
    }
    const double variance = logs.size() < 2 ? 0.0 : squares / (count - 1.0) / count;
    return {std::move(logs), mean, variance};
}

/// The slopes between neighbours; also fills slope and intercept from the fit.
LineFit fit_into(Rate& rate, std::span<const double> log_x, std::span<const double> log_y,
                 std::span<const double> weights) {
    const LineFit fit = fit_line(log_x, log_y, weights);
    rate.slope = fit.slope;
    rate.intercept_log2 = fit.intercept;
    for (std::size_t i = 1; i < log_x.size(); ++i) {
        rate.two_point_slopes.push_back((log_y[i] - log_y[i - 1]) / (log_x[i] - log_x[i - 1]));
    }
    return fit;
}

} // namespace

Rate fit_rate(const RateSpec& spec, std::span<const double> x, std::span<const double> y) {
    Rate rate;
    rate.spec = spec;
    std::vector<double> log_x;
    std::vector<double> log_y;
    for (const std::size_t i : window_of(spec, x, y.size())) {
        rate.x.push_back(x[i]);
        rate.y.push_back(y[i]);
        log_x.push_back(std::log2(x[i]));
        log_y.push_back(checked_log2(spec, x[i], y[i]));
    }
    const LineFit fit = fit_into(rate, log_x, log_y, {});
    rate.interval = slope_interval(fit, spec.level);
    rate.observations = static_cast<std::int64_t>(log_x.size());
    rate.verdict = judge({Relation::equal, spec.claimed, spec.tolerance}, rate.slope);
    return rate;
}

namespace {

constexpr std::uint32_t bootstrap_stream = 0x626F6F74; // "boot"

/// d(slope)/d(mean of size i): the slope is linear in the means of the sizes.
std::vector<double> slope_coefficients(std::span<const double> log_x,
                                       std::span<const double> weights) {
    const double centre = weighted_mean(log_x, weights);
    std::vector<double> coefficients;
    double squares = 0.0;
    for (std::size_t i = 0; i < log_x.size(); ++i) {
        coefficients.push_back(weights[i] * (log_x[i] - centre));
        squares += coefficients.back() * (log_x[i] - centre);
    }
    for (double& coefficient : coefficients) {
        coefficient /= squares;
    }
    return coefficients;
}

/// Student's quantile over the normal one at the degrees of freedom of the slope's variance
/// sum_i c_i^2 v_i (Satterthwaite's approximation); 1 if there is no spread at all.
double student_stretch(const std::vector<SizeSample>& samples, std::span<const double> coefficients,
                       double level) {
    double variance = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double part = coefficients[i] * coefficients[i] * samples[i].variance_of_mean;
        variance += part;
        squares += part * part / (static_cast<double>(samples[i].logs.size()) - 1.0);
    }
    if (!(squares > 0)) return 1.0;
    const double upper = 0.5 + 0.5 * level;
    const boost::math::students_t student(variance * variance / squares);
    return boost::math::quantile(student, upper) /
           boost::math::quantile(boost::math::normal(), upper);
}

/// Deviation of the slope in one resample.
double resampled_deviation(const std::vector<SizeSample>& samples,
                           std::span<const double> coefficients, RandomStream& random) {
    double deviation = 0.0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::vector<double>& logs = samples[i].logs;
        const auto count = static_cast<double>(logs.size());
        double sum = 0.0;
        for (std::size_t j = 0; j < logs.size(); ++j) {
            sum += logs[random.below(logs.size())] - samples[i].mean;
        }
        deviation += coefficients[i] * sum / count * std::sqrt(count / (count - 1.0));
    }
    return deviation;
}

Interval bootstrap_interval(const std::vector<SizeSample>& samples, double slope,
                            std::span<const double> coefficients, double level,
                            std::size_t resamples, RandomStream random) {
    std::vector<double> deviations(resamples);
    for (double& deviation : deviations) {
        deviation = resampled_deviation(samples, coefficients, random);
    }
    std::sort(deviations.begin(), deviations.end());
    // The k-th smallest of B deviations stands for the quantile k/(B+1).
    const double tail = 0.5 * (1.0 - level) * static_cast<double>(resamples + 1);
    const std::size_t k = std::max<std::size_t>(1, static_cast<std::size_t>(tail));
    const double stretch = student_stretch(samples, coefficients, level);
    return {slope + stretch * deviations[k - 1], slope + stretch * deviations[resamples - k],
            level};
}

Verdict judge_interval(const RateSpec& spec, const std::optional<Interval>& interval) {
    if (!interval) return Verdict::inconclusive;
    if (!(interval->high >= spec.claimed - spec.tolerance &&
          interval->low <= spec.claimed + spec.tolerance)) {
        return Verdict::refuted;
    }
    return interval->high - interval->low < 4 * spec.tolerance ? Verdict::supported
                                                               : Verdict::inconclusive;
}

} // namespace

Rate bootstrap_rate(const RateSpec& spec, std::span<const double> x,
                    const std::vector<std::vector<double>>& repetitions, std::uint64_t seed,
                    std::size_t resamples) {
    Rate rate;
    rate.spec = spec;
    std::vector<double> log_x;
    std::vector<double> means;
    std::vector<double> weights;
    std::vector<SizeSample> samples;
    bool spread_is_known = true;
    for (const std::size_t i : window_of(spec, x, repetitions.size())) {
        require(!repetitions[i].empty(),
                "rate '" + spec.id + "': no repetition at size " + shortest(x[i]));
        std::vector<double> logs;
        for (const double value : repetitions[i]) {
            logs.push_back(checked_log2(spec, x[i], value));
        }
        samples.push_back(sample_of(std::move(logs)));
        rate.x.push_back(x[i]);
        rate.y.push_back(std::exp2(samples.back().mean));
        log_x.push_back(std::log2(x[i]));
        means.push_back(samples.back().mean);
        weights.push_back(static_cast<double>(repetitions[i].size()));
        rate.observations += static_cast<std::int64_t>(repetitions[i].size());
        spread_is_known = spread_is_known && repetitions[i].size() >= 2;
    }
    require(static_cast<double>(resamples) * (1.0 - spec.level) >= 2.0,
            "rate '" + spec.id + "': " + std::to_string(resamples) +
                " resamples are too few for level " + shortest(spec.level));
    fit_into(rate, log_x, means, weights);
    if (spread_is_known) {
        rate.interval =
            bootstrap_interval(samples, rate.slope, slope_coefficients(log_x, weights), spec.level,
                               resamples, RandomStream(seed, cell_key(spec.id), bootstrap_stream));
    }
    rate.verdict = judge_interval(spec, rate.interval);
    return rate;
}

Claim rate_claim(const Rate& rate, Claim partial) {
    const RateSpec& spec = rate.spec;
    partial.expected = {Relation::equal, spec.claimed, spec.tolerance};
    partial.measured = {rate.slope, rate.interval, rate.observations};
    partial.verdict = rate.verdict;
    const std::string window = "log-log slope of " + spec.quantity + " over " +
                               std::to_string(rate.x.size()) + " sizes in [" +
                               shortest(rate.x.front()) + ", " + shortest(rate.x.back()) + "]; ";
    const bool repeated = rate.observations > static_cast<std::int64_t>(rate.x.size());
    const std::string rule =
        repeated ? "rule: the bootstrap interval meets claimed +- tolerance and is narrower than "
                   "4 tolerances; false-alarm rate about " +
                       rounded(1.0 - spec.level, 3) + " at most"
                 : "rule: |slope - claimed| <= tolerance on deterministic data, which cannot "
                   "raise a false alarm";
    const std::string evidence = window + rule;
    partial.evidence = partial.evidence.empty() ? evidence : partial.evidence + "; " + evidence;
    return partial;
}

} // namespace moe
