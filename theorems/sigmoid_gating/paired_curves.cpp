#include "sigmoid_gating/paired_curves.hpp"

#include "basics/random.hpp"
#include "statistics/paired.hpp"
#include "statistics/rate.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace sigmoid_gating {

namespace {

constexpr std::size_t resamples = 2000;
constexpr double level = 0.95;
constexpr double infinity = std::numeric_limits<double>::infinity();

using Draw = std::vector<std::size_t>;

/// The larger of the medians of the two errors over the drawn fits.
double error_of(const std::vector<FitErrors>& fits, const Draw& draw) {
    std::vector<double> exact;
    std::vector<double> surplus;
    exact.reserve(draw.size());
    surplus.reserve(draw.size());
    for (const std::size_t index : draw) {
        exact.push_back(fits[index].exact);
        surplus.push_back(fits[index].surplus);
    }
    const double one = median_of_present(exact);
    const double other = median_of_present(surplus);
    return std::isnan(one) || std::isnan(other) ? one + other : std::max(one, other);
}

Curve drawn_curve(const std::vector<PairedErrors>& sizes, const std::vector<Draw>& draws) {
    Curve curve;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        curve.n.push_back(sizes[i].n);
        curve.sigmoid.push_back(error_of(sizes[i].sigmoid, draws[i]));
        curve.softmax.push_back(error_of(sizes[i].softmax, draws[i]));
    }
    return curve;
}

std::vector<Draw> identity(const std::vector<PairedErrors>& sizes) {
    std::vector<Draw> draws;
    for (const PairedErrors& size : sizes) {
        draws.emplace_back();
        for (std::size_t r = 0; r < size.sigmoid.size(); ++r)
            draws.back().push_back(r);
    }
    return draws;
}

std::vector<FitErrors> errors_of(const CellFits& fits, std::int64_t n, const char* exact,
                                 const char* surplus) {
    const std::vector<double> one = fits.values(n, exact);
    const std::vector<double> other = fits.values(n, surplus);
    std::vector<FitErrors> errors;
    for (std::size_t r = 0; r < one.size(); ++r)
        errors.push_back({one[r], other[r]});
    return errors;
}

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

} // namespace

std::vector<PairedErrors> paired_errors(const CellFits& sigmoid, const CellFits& softmax,
                                        const std::vector<std::int64_t>& sizes) {
    std::vector<PairedErrors> all;
    all.reserve(sizes.size());
    for (const std::int64_t n : sizes) {
        all.push_back({static_cast<double>(n), errors_of(sigmoid, n, "E_exx", "E_dead"),
                       errors_of(softmax, n, "E_exx", "E_over")});
    }
    return all;
}

std::vector<PairedErrors> shared_errors(const CellFits& sigmoid, const CellFits& softmax,
                                        const std::vector<std::int64_t>& sizes) {
    std::vector<PairedErrors> all;
    all.reserve(sizes.size());
    for (const std::int64_t n : sizes) {
        all.push_back({static_cast<double>(n), errors_of(sigmoid, n, "E_over", "E_over"),
                       errors_of(softmax, n, "E_over", "E_over")});
    }
    return all;
}

Curve curve_of(const std::vector<PairedErrors>& sizes) {
    return drawn_curve(sizes, identity(sizes));
}

std::optional<double> quotient(double one, double other) {
    if (std::isnan(one) || std::isnan(other)) return std::nullopt;
    return one / other;
}

std::optional<double> log_ratio_slope(const Curve& curve) {
    std::vector<double> x;
    std::vector<double> y;
    for (std::size_t i = 0; i < curve.n.size(); ++i) {
        const std::optional<double> ratio = quotient(curve.softmax[i], curve.sigmoid[i]);
        if (!ratio) return std::nullopt;
        x.push_back(std::log(curve.n[i]));
        y.push_back(std::log(*ratio));
    }
    const bool finite = std::ranges::all_of(y, [](double value) { return std::isfinite(value); });
    return finite ? moe::fit_line(x, y).slope : std::numeric_limits<double>::quiet_NaN();
}

std::optional<double> sample_ratio(const Curve& curve, double error) {
    const auto softmax = samples_for(curve.n, curve.softmax, error);
    const auto sigmoid = samples_for(curve.n, curve.sigmoid, error);
    if (!softmax || !sigmoid) return std::nullopt;
    return *softmax / *sigmoid;
}

moe::Interval interval_of(const std::vector<PairedErrors>& sizes, std::uint64_t seed,
                          const Functional& functional) {
    moe::RandomStream random(seed, moe::cell_key("headline"), 0);
    std::vector<double> lows;
    std::vector<double> highs;
    std::vector<Draw> draws = identity(sizes);
    for (std::size_t b = 0; b < resamples; ++b) {
        for (Draw& draw : draws) {
            for (std::size_t& index : draw)
                index = static_cast<std::size_t>(random.below(draw.size()));
        }
        const std::optional<double> value = functional(drawn_curve(sizes, draws));
        const bool finite = value && std::isfinite(*value);
        lows.push_back(finite ? *value : -infinity);
        highs.push_back(finite ? *value : infinity);
    }
    return {moe::quantile(lows, 0.5 * (1.0 - level)), moe::quantile(highs, 0.5 * (1.0 + level)),
            level};
}

} // namespace sigmoid_gating
