#include "manifold_rate/rate_judgement.hpp"

#include "basics/numbers.hpp"
#include "statistics/rate.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace manifold_rate {

namespace {

using moe::decide;
using moe::number;
using moe::Relation;
using moe::Rows;
using moe::Table;

/// Tolerances of the notes, 2.5.
constexpr double certificate_least = 0.75; ///< d = 1
constexpr double bound_slack = 0.05;
constexpr double rough_bound_slack = 0.10; ///< alpha <= 1
/// From here on a curve's certificate is nearly attained.
constexpr std::int64_t sharp_cells = 8;
/// On coarser grids of sphere3 error N^2 scatters between 22 and 66, from here on between 24
/// and 27.
constexpr double sphere3_window = 18.0;

double smoothness(const Table& t, std::size_t row) {
    return t.empty_at(row, "alpha") ? 2.0 : std::min(2.0, t.real(row, "alpha"));
}

Rows errors_of(const Table& table, std::string_view target) {
    return moe::rows_with(table, "target", target);
}

moe::Claim no_misrouted(const char* id, const Rows& rows) {
    return decide(id, {Relation::equal, 0.0, 0.0},
                  rows.largest([](const Table& t, std::size_t row) {
                      return number(t, row, "misrouted_points");
                  }),
                  rows.size(), "most misrouted points of one model on one sample");
}

/// Errors by N: all samples or phases of a manifold.
using ErrorsByCells = std::map<std::int64_t, std::vector<double>>;

struct Series {
    ErrorsByCells errors;
    std::map<std::int64_t, std::int64_t> widths;
    double d = 1.0;
    double kappa = 2.0;

    [[nodiscard]] std::vector<double> sizes() const {
        std::vector<double> sizes;
        for (const auto& [cells, values] : errors)
            sizes.push_back(static_cast<double>(cells));
        return sizes;
    }
    /// Whether a slope can be fitted from N = least_cells on.
    [[nodiscard]] bool has_slope(double least_cells) const {
        return std::count_if(errors.begin(), errors.end(), [=](const auto& entry) {
                   return static_cast<double>(entry.first) >= least_cells;
               }) >= 2;
    }
    /// Least-squares slope of the mean log error against log m, from N = least_cells on.
    [[nodiscard]] double slope_in_width(double least_cells) const {
        std::vector<double> x;
        std::vector<double> y;
        for (const auto& [cells, values] : errors) {
            if (static_cast<double>(cells) < least_cells) continue;
            double sum = 0.0;
            for (const double value : values)
                sum += std::log2(value);
            x.push_back(std::log2(static_cast<double>(widths.at(cells))));
            y.push_back(sum / static_cast<double>(values.size()));
        }
        return moe::fit_line(x, y).slope;
    }
    /// The paper's bound of that slope.
    [[nodiscard]] double bound() const { return -std::min(kappa / d, 0.5); }
};

/// Series by a name: "circle", or "circle.a0.5".
std::map<std::string, Series> series_of(const Rows& rows) {
    std::map<std::string, Series> result;
    const Table& t = rows.table();
    for (const std::size_t row : rows.indices()) {
        std::string name = t.text(row, "manifold");
        if (!t.empty_at(row, "alpha")) name += ".a" + moe::shortest(t.real(row, "alpha"));
        Series& series = result[name];
        const std::int64_t cells = t.integer(row, "cells");
        series.errors[cells].push_back(t.real(row, "sup_error"));
        series.widths[cells] = t.integer(row, "width");
        series.d = number(t, row, "d");
        series.kappa = smoothness(t, row);
    }
    return result;
}

/// The largest error over samples in the place of their errors; NaN if one is not a number.
void pool(Series& series) {
    for (auto& [cells, values] : series.errors) {
        const bool numbers = std::none_of(values.begin(), values.end(),
                                          [](double value) { return std::isnan(value); });
        values = {numbers ? *std::max_element(values.begin(), values.end())
                          : std::numeric_limits<double>::quiet_NaN()};
    }
}

bool all_positive(const Series& series) {
    return std::all_of(series.errors.begin(), series.errors.end(), [](const auto& entry) {
        return std::all_of(entry.second.begin(), entry.second.end(),
                           [](double value) { return value > 0.0 && std::isfinite(value); });
    });
}

double window_of(const std::string& manifold) {
    return manifold == "sphere3" ? sphere3_window : 0.0;
}

std::string in_width(const Series& series, double window) {
    return "slope in the width m: " + moe::rounded(series.slope_in_width(window), 3) +
           " (biased by (N+1)^d where d > 1), the paper's bound: " +
           moe::rounded(series.bound(), 3);
}

/// Slope of a smooth target, one error an N.
void judge_smooth_rate(moe::Judgement& judgement, const std::string& manifold,
                       const Series& series) {
    const double window = window_of(manifold);
    const moe::RateSpec spec{.id = "smooth." + manifold,
                             .quantity = "sup error against N",
                             .claimed = -2.0,
                             .tolerance = slope_tolerance,
                             .window_low = window};
    const std::vector<double> sizes = series.sizes();
    if (!series.has_slope(window)) return;
    moe::Claim claim;
    claim.id = "rate." + manifold;
    if (!all_positive(series)) {
        claim.expected = {Relation::equal, spec.claimed, spec.tolerance};
        claim.measured.estimate = std::numeric_limits<double>::quiet_NaN();
        claim.verdict = moe::Verdict::refuted;
        claim.evidence = "an error is not positive and finite";
        judgement.claims.push_back(std::move(claim));
        return;
    }
    std::vector<double> sups;
    std::string scaled;
    for (const auto& [cells, values] : series.errors) {
        const auto N = static_cast<double>(cells);
        sups.push_back(values.front());
        scaled += (scaled.empty() ? "" : ", ") + std::to_string(cells) + ": " +
                  moe::rounded(values.front() * N * N, 3);
    }
    const moe::Rate rate = moe::fit_rate(spec, sizes, sups);
    claim.evidence = (series.d == 1.0 ? "deterministic sample; "
                                      : "largest error over all samples and the peaks that a local "
                                        "search finds; error N^2 by N " +
                                            scaled + "; ") +
                     in_width(series, window);
    if (window > 0.0)
        claim.evidence += "; told, not judged: slope over all N " +
                          moe::rounded(moe::fit_rate({.id = spec.id + ".all",
                                                      .quantity = spec.quantity,
                                                      .claimed = spec.claimed,
                                                      .tolerance = spec.tolerance},
                                                     sizes, sups)
                                           .slope,
                                       3);
    judgement.claims.push_back(moe::rate_claim(rate, std::move(claim)));
    judgement.rates.push_back(rate);
}

/// Largest ratio to the certificate by manifold: it bites on curves, less on surfaces.
std::string largest_by_manifold(const Rows& smooth) {
    std::map<std::string, double> ratios;
    const Table& t = smooth.table();
    for (const std::size_t row : smooth.indices()) {
        double& ratio = ratios[t.text(row, "manifold")];
        ratio = std::max(ratio, t.real(row, "sup_error") / t.real(row, "certificate"));
    }
    std::string text;
    for (const auto& [manifold, ratio] : ratios)
        text += (text.empty() ? "" : ", ") + manifold + " " + moe::rounded(ratio, 3);
    return text;
}

/// How far the worst slope in m is above the paper's bound plus its slack.
void judge_bound(moe::Judgement& judgement, const char* id,
                 const std::map<std::string, Series>& all) {
    double worst = -std::numeric_limits<double>::infinity();
    std::string where;
    std::int64_t fitted = 0;
    for (const auto& [name, series] : all) {
        if (!series.has_slope(window_of(name))) continue;
        ++fitted;
        const double slack = series.kappa <= 1.0 ? rough_bound_slack : bound_slack;
        const double excess = all_positive(series)
                                  ? series.slope_in_width(window_of(name)) - series.bound() - slack
                                  : std::numeric_limits<double>::quiet_NaN();
        if (!(excess <= worst)) {
            worst = excess;
            where = name + ": " + moe::rounded(series.bound() + slack + excess, 4) + " against " +
                    moe::rounded(series.bound(), 4) + " + " + moe::rounded(slack, 2);
        }
    }
    if (fitted == 0) return;
    judgement.claims.push_back(decide(id, {Relation::at_most, 0.0, 0.0}, worst, fitted,
                                      "largest (slope in m) - (bound + slack); " + where));
}

} // namespace

void judge_interpolation(moe::Judgement& judgement, const Table& errors) {
    const Rows smooth = errors_of(errors, "smooth");
    if (smooth.empty()) return;
    const auto ratio = [](const Table& t, std::size_t row) {
        return t.real(row, "sup_error") / t.real(row, "certificate");
    };
    judgement.claims.push_back(no_misrouted("routing", smooth));
    judgement.claims.push_back(
        decide("certificate", {Relation::at_most, certificate_slack, 0.0}, smooth.largest(ratio),
               smooth.size(),
               "largest sup error / (M d h^2/8), M by central differences of step 1e-3; " +
                   largest_by_manifold(smooth)));
    const Rows curves(errors, [](const Table& t, std::size_t row) {
        return t.text(row, "target") == "smooth" && t.integer(row, "d") == 1 &&
               t.integer(row, "cells") >= sharp_cells;
    });
    if (!curves.empty()) {
        const double least =
            -curves.largest([&](const Table& t, std::size_t row) { return -ratio(t, row); });
        judgement.claims.push_back(decide("certificate.sharp",
                                          {Relation::at_least, certificate_least, 0.0}, least,
                                          curves.size(), "least ratio on circle and winding"));
    }
    std::map<std::string, Series> all = series_of(smooth);
    for (auto& [manifold, series] : all) {
        pool(series);
        judge_smooth_rate(judgement, manifold, series);
    }
    judge_bound(judgement, "bound.smooth", all);
}

void judge_hoelder(moe::Judgement& judgement, const Table& errors) {
    const Rows rough = errors_of(errors, "hoelder");
    if (rough.empty()) return;
    const std::map<std::string, Series> all = series_of(rough);
    judgement.claims.push_back(no_misrouted("routing.hoelder", rough));
    double worst = 0.0;
    std::string slopes;
    for (const auto& [name, series] : all) {
        // The slope of the geometric mean over phases is the mean of the phases' slopes.
        std::vector<double> means;
        for (const auto& [cells, values] : series.errors) {
            double sum = 0.0;
            for (const double value : values)
                sum += std::log2(value);
            means.push_back(std::exp2(sum / static_cast<double>(values.size())));
        }
        if (!all_positive(series)) {
            worst = std::numeric_limits<double>::quiet_NaN();
            break;
        }
        const moe::Rate rate = moe::fit_rate({.id = "hoelder." + name,
                                              .quantity = "sup error against N",
                                              .claimed = -series.kappa,
                                              .tolerance = slope_tolerance},
                                             series.sizes(), means);
        worst = std::max(worst, std::abs(rate.slope + series.kappa));
        slopes += "; " + name + " " + moe::rounded(rate.slope, 3);
        judgement.rates.push_back(rate);
    }
    judgement.claims.push_back(decide("rate.hoelder", {Relation::at_most, slope_tolerance, 0.0},
                                      worst, static_cast<std::int64_t>(all.size()),
                                      "largest |slope in N + alpha|, means over phases" + slopes));
    judge_bound(judgement, "bound.hoelder", all);
}

} // namespace manifold_rate
