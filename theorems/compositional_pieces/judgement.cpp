#include "compositional_pieces/judgement.hpp"

#include "compositional_pieces/trained.hpp"

#include "basics/numbers.hpp"
#include "pieces/cube_points.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace compositional_pieces {

namespace {

using moe::decide;
using moe::number;
using moe::Relation;
using moe::Rows;
using moe::Table;

/// Central differences of affine functions have rounding errors only.
constexpr double gradient_tolerance = 1e-9;
/// Interpolation with m + 1 pieces has the exponent -2 in the limit; m starts at 1.
constexpr double smooth_rate_tolerance = 0.1;

double scaled_error(const Table& t, std::size_t row) {
    return t.real(row, "error") / t.real(row, "scale");
}

double misrouted(const Table& t, std::size_t row) {
    return number(t, row, "misrouted");
}

void judge_pieces(moe::Judgement& judgement, const Table& table) {
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    std::int64_t boxes = 0;
    std::int64_t whole = 0;
    std::int64_t sampled = 0;
    for (const std::size_t row : all.indices()) {
        boxes += table.integer(row, "boxes");
        const std::int64_t pieces = table.integer(row, "pieces");
        if (table.integer(row, "boxes") == pieces)
            whole = std::max(whole, pieces);
        else
            ++sampled;
    }
    const std::string visited = std::to_string(boxes) + " boxes of " + std::to_string(all.size()) +
                                " models, all boxes of models with up to " + std::to_string(whole) +
                                " pieces; " + std::to_string(sampled) +
                                " models with more pieces are sampled";
    judgement.claims.push_back(decide("pieces.routing", {Relation::equal, 0.0, 0.0},
                                      all.largest(misrouted), all.size(),
                                      "most boxes of a model that are misrouted; " + visited));
    judgement.claims.push_back(decide("pieces.error", {Relation::at_most, exact_tolerance, 0.0},
                                      all.largest(scaled_error), all.size(),
                                      "largest |net - target| / max(1, max |slope|, L)"));
    judgement.claims.push_back(
        decide("pieces.gradients", {Relation::equal, 0.0, 0.0},
               all.largest([](const Table& t, std::size_t row) {
                   return std::abs(number(t, row, "boxes") - number(t, row, "distinct_gradients"));
               }),
               all.size(),
               "boxes visited minus different gradients, each entry rounded to 1e-6; " + visited));
    judgement.claims.push_back(decide(
        "pieces.slopes", {Relation::at_most, gradient_tolerance, 0.0},
        all.largest([](const Table& t, std::size_t row) {
            return t.real(row, "gradient_error") / t.real(row, "scale");
        }),
        all.size(),
        "largest |central difference - slope of the sub-function| / max(1, max |slope|, L)"));
    const Rows dyadic = moe::rows_with(table, "family", "dyadic");
    if (dyadic.empty()) return;
    judgement.claims.push_back(
        decide("pieces.dyadic", {Relation::equal, 0.0, 0.0},
               dyadic.largest([](const Table& t, std::size_t row) { return t.real(row, "error"); }),
               dyadic.size(), "largest |net - target|; every number of the model is dyadic"));
}

void judge_charts(moe::Judgement& judgement, const Table& table) {
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    judgement.claims.push_back(decide("charts.routing", {Relation::equal, 0.0, 0.0},
                                      all.largest(misrouted), all.size(),
                                      "most points of a model that are misrouted"));
    judgement.claims.push_back(decide("charts.error", {Relation::at_most, exact_tolerance, 0.0},
                                      all.largest(scaled_error), all.size(),
                                      "largest |net - target| / max(1, max |slope|, L)"));
    std::string points;
    for (const std::size_t row : all.indices()) {
        points += (points.empty() ? "E = " : ", E = ") + std::to_string(table.integer(row, "E")) +
                  ": " + moe::rounded(table.real(row, "first"), 4) + ", " +
                  moe::rounded(table.real(row, "between"), 4) + ", " +
                  moe::rounded(table.real(row, "second"), 4);
    }
    judgement.claims.push_back(
        decide("charts.needed", {Relation::at_least, 0.0, 0.0},
               0.0 - all.largest([](const Table& t, std::size_t row) {
                   return t.real(row, "least_misrouted") - t.real(row, "random_misrouted");
               }),
               all.size(),
               "least share misrouted by a random gate minus (E-1)/(2E); proof by the points of "
               "charts 0, 1, 0 in this order, of which no gate routes all: " +
                   points));
    judgement.claims.push_back(decide(
        "charts.sharp", {Relation::equal, 0.0, 1e-12},
        all.largest([](const Table& t, std::size_t row) {
            return std::abs(t.real(row, "least_misrouted") - t.real(row, "anchors_misrouted"));
        }),
        all.size(), "|share misrouted by the nearest first anchor - (E-1)/(2E)|"));
}

void judge_maximum(moe::Judgement& judgement, const Table& table) {
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    judgement.claims.push_back(decide("maximum.routing", {Relation::equal, 0.0, 0.0},
                                      all.largest(misrouted), all.size(),
                                      "most points of a model that are misrouted"));
    judgement.claims.push_back(decide("maximum.error", {Relation::at_most, exact_tolerance, 0.0},
                                      all.largest(scaled_error), all.size(),
                                      "largest |net - target| / max(1, max |slope|, L); gradients "
                                      "are not counted, a maximum may share them"));
}

void judge_smooth(moe::Judgement& judgement, const Table& table) {
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    judgement.claims.push_back(decide(
        "smooth.sup", {Relation::at_most, exact_tolerance, 0.0},
        all.largest([](const Table& t, std::size_t row) {
            const double apart = std::abs(t.real(row, "measured") - t.real(row, "formula"));
            return misrouted(t, row) + moe::larger_or_nan(apart, t.real(row, "deviation"));
        }),
        all.size(),
        "larger of |measured - formula| and of the largest |error of a box - error of its own "
        "interpolants|, over all boxes at their worst points and one beyond all knots (a "
        "misrouted point counts 1)"));
    judgement.claims.push_back(decide("smooth.bound", {Relation::at_most, 1.0, 0.0},
                                      all.largest([](const Table& t, std::size_t row) {
                                          return t.real(row, "measured") / t.real(row, "bound");
                                      }),
                                      all.size(),
                                      "largest error / sum_l max_i M_{l,i} / (8 E^2 (m+1)^2)"));
    std::set<std::pair<std::int64_t, std::int64_t>> sizes;
    for (const std::size_t row : all.indices())
        sizes.emplace(table.integer(row, "E"), table.integer(row, "L"));
    double worst = 0.0;
    std::string slopes;
    for (const auto& [E, L] : sizes) {
        std::vector<double> x;
        std::vector<double> y;
        for (const std::size_t row : all.indices()) {
            if (table.integer(row, "E") != E || table.integer(row, "L") != L) continue;
            x.push_back(number(table, row, "m") + 1.0);
            y.push_back(table.real(row, "measured"));
        }
        if (!positive(y)) {
            worst = std::numeric_limits<double>::quiet_NaN();
            slopes += (slopes.empty() ? "(" : ", (") + std::to_string(E) + "," + std::to_string(L) +
                      ") an error is not positive";
            continue;
        }
        const std::string name = "smooth.E" + std::to_string(E) + ".L" + std::to_string(L);
        const moe::Rate rate =
            moe::fit_rate({name, "error against m + 1", -2.0, smooth_rate_tolerance}, x, y);
        worst = moe::larger_or_nan(worst, std::abs(rate.slope + 2.0));
        slopes += (slopes.empty() ? "(" : ", (") + std::to_string(E) + "," + std::to_string(L) +
                  ") " + moe::rounded(rate.slope, 4);
        judgement.rates.push_back(rate);
    }
    judgement.claims.push_back(decide(
        "smooth.rate", {Relation::at_most, 0.0, smooth_rate_tolerance}, worst,
        static_cast<std::int64_t>(sizes.size()), "largest |slope + 2| of (E, L): " + slopes));
}

/// 16 times the boxes in the same dimension must not cost accuracy. The family has other
/// frequencies and shorter intervals then, so the number of boxes is not all that changes.
void judge_growth(moe::Judgement& judgement, const Table& table) {
    const auto of = [&](std::int64_t E) {
        return Rows(table, [=](const Table& t, std::size_t row) {
            return t.integer(row, "E") == E && t.integer(row, "L") == 4;
        });
    };
    const Rows few = of(4);
    const Rows many = of(8);
    if (few.empty() || few.size() != many.size()) return;
    double ratio = 0.0;
    for (std::size_t i = 0; i < few.indices().size(); ++i)
        ratio = moe::larger_or_nan(ratio, table.real(many.indices()[i], "measured") /
                                              table.real(few.indices()[i], "measured"));
    judgement.claims.push_back(
        decide("smooth.boxes", {Relation::at_most, 1.0, 0.0}, ratio, few.size(),
               "largest error with 4096 boxes (E = 8, L = 4) over that with "
               "256 (E = 4, L = 4) at the same m; frequencies up to E + 1 and "
               "intervals of length 1/E change with E as well"));
}

} // namespace

bool positive(std::span<const double> values) {
    return std::ranges::all_of(values,
                               [](double value) { return value > 0.0 && std::isfinite(value); });
}

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    if (options.selected("pieces")) judge_pieces(judgement, tables.at("sweeps"));
    if (options.selected("charts")) judge_charts(judgement, tables.at("charts"));
    if (options.selected("maximum")) judge_maximum(judgement, tables.at("maximum"));
    if (options.selected("one-layer")) judge_one_layer(judgement, tables);
    if (options.selected("smooth")) {
        judge_smooth(judgement, tables.at("smooth"));
        judge_growth(judgement, tables.at("smooth"));
    }
    if (options.selected("trained")) judge_trained(judgement, options, tables.at("trained"));
    return judgement;
}

} // namespace compositional_pieces
