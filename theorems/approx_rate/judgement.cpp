#include "judgement.hpp"

#include "certificates.hpp"
#include "device.hpp"
#include "ladder_rates.hpp"
#include "statistics/rows.hpp"

#include "basics/numbers.hpp"
#include "certification/certificate.hpp"
#include "theory/dense_bound.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace approx_rate {

using moe::decide;
using moe::number;
using moe::Rows;
using moe::rows_with;

namespace {

/// Slopes of P_dense. It is an integer: rounding moves a fitted slope by at most log2(1 + 1/P) over
/// the octaves of the window, which is below 0.06 for the coarsest P = 12 and 2 octaves.
constexpr double dense_tolerance = 0.06;

void judge_kuhn(moe::Judgement& judgement, const Rows& rows, const std::vector<LadderRates>& rates,
                double lambda) {
    if (rows.empty()) return;
    const auto is_kuhn = [](const LadderRates& l) { return l.construction == "kuhn"; };
    const Chosen all = choose(rates, is_kuhn);
    add_headline(judgement, "A1.rate",
                 choose(rates, [&](const LadderRates& l) { return is_kuhn(l) && l.r == 1.0; }));
    add_slopes(judgement, "tradeoff.params", all, &LadderRates::params, params_tolerance);
    add_slopes(judgement, "tradeoff.experts", all, &LadderRates::experts, experts_tolerance);
    add_certificates(judgement, "kuhn", rows, lambda);

    const moe::Table& table = rows.table();
    const auto some = [&](const std::function<bool(std::size_t)>& keep) {
        return Rows(table, [&](const moe::Table& t, std::size_t row) {
            return t.text(row, "construction") == "kuhn" && keep(row);
        });
    };
    const Rows written = some([&](std::size_t row) { return table.boolean(row, "materialised"); });
    if (!written.empty()) {
        judgement.claims.push_back(decide(
            "A2.total", {moe::Relation::at_most, 0.0, 0.0},
            written.largest([](const moe::Table& t, std::size_t row) {
                const double K = number(t, row, "cells_per_axis");
                const double n = number(t, row, "n");
                return number(t, row, "route_reals_read") - 2.0 * n * n * std::ceil(std::log2(K));
            }),
            written.size(),
            "largest (prototype reals read from the stored tree) - 2n^2 ceil(log2 K)"));
        judgement.claims.push_back(decide("loose.storage", {moe::Relation::at_most, 1.0, 0.0},
                                          written.largest([](const moe::Table& t, std::size_t row) {
                                              return 8.0 * number(t, row, "parameters_formula") *
                                                     number(t, row, "experts_formula") /
                                                     number(t, row, "file_bytes");
                                          }),
                                          written.size(), "largest 8 L P/(bytes of the file)"));
    }

    const Rows constants = some([&](std::size_t row) { return table.real(row, "r") == 0.0; });
    judgement.claims.push_back(decide(
        "loose.constants", {moe::Relation::equal, 1.0, 0.0},
        constants.largest([](const moe::Table& t, std::size_t row) {
            return number(t, row, "parameters_loaded");
        }),
        constants.size(), "most parameters that a constant expert loads, at every measured eps"));

    const auto dense_over_loaded = [](const moe::Table& t, std::size_t row) {
        return number(t, row, "dense_minimum") / number(t, row, "parameters_loaded");
    };
    const Rows linear = some([&](std::size_t row) { return table.real(row, "r") == 1.0; });
    judgement.claims.push_back(decide(
        "loose.separation", {moe::Relation::at_most, 1.0, 0.0}, linear.largest(dense_over_loaded),
        linear.size(),
        "largest P_dense/P at r = 1: the bound for real weights is never above what A1 loads"));

    double least_gain = std::numeric_limits<double>::infinity();
    std::string gains;
    std::int64_t dimensions = 0;
    for (const std::int64_t n : {3, 4}) {
        const Rows half = some([&](std::size_t row) {
            return table.real(row, "r") == 0.5 && table.integer(row, "n") == n;
        });
        if (half.empty()) continue;
        ++dimensions;
        const double gain = half.largest(dense_over_loaded);
        least_gain = std::min(least_gain, gain);
        gains += (gains.empty() ? "n=" : ", n=") + std::to_string(n) + ": " + moe::rounded(gain, 4);
    }
    if (dimensions > 0) {
        judgement.claims.push_back(decide("separation", {moe::Relation::at_least, 1.0, 0.0},
                                          least_gain, dimensions,
                                          "largest P_dense/P at r = 1/2, " + gains));
    }
}

void judge_narrow(moe::Judgement& judgement, const Rows& rows,
                  const std::vector<LadderRates>& rates, double lambda) {
    add_headline(judgement, "narrow.rate", choose(rates, [](const LadderRates& ladder) {
                     return ladder.construction == "narrow";
                 }));
    add_certificates(judgement, "narrow", rows, lambda);
}

void judge_bit_extraction(moe::Judgement& judgement, const Rows& rows,
                          const std::vector<LadderRates>& rates, double lambda) {
    if (rows.empty()) return;
    const auto is_bits = [](const LadderRates& l) { return l.construction == "bit-extraction"; };
    const Chosen all = choose(rates, is_bits);
    add_slopes(judgement, "bit-extraction.params", all, &LadderRates::params, params_tolerance);
    add_slopes(judgement, "bit-extraction.experts", all, &LadderRates::experts, experts_tolerance);
    add_certificates(judgement, "bit-extraction", rows, lambda);
    const Chosen dense = choose(
        rates, [&](const LadderRates& l) { return is_bits(l) && l.experts.spec.claimed == 0.0; });
    double excess = -std::numeric_limits<double>::infinity();
    for (const LadderRates* ladder : dense)
        excess = std::max(excess, ladder->params.slope - 0.5 * static_cast<double>(ladder->n));
    if (!dense.empty()) {
        judgement.claims.push_back(decide("loose.low-dimension",
                                          {moe::Relation::at_most, 0.0, params_tolerance}, excess,
                                          static_cast<std::int64_t>(dense.size()),
                                          "largest slope - n/2 of one dense net without routing: " +
                                              slopes_text(dense, &LadderRates::params)));
    }
}

void judge_plans(moe::Judgement& judgement, const moe::Table& plans) {
    const Rows rows = moe::all_rows(plans);
    if (rows.empty()) return;
    const auto add = [&](const char* id, double measured, const char* evidence) {
        judgement.claims.push_back(
            decide(id, {moe::Relation::at_most, 1.0, 0.0}, measured, rows.size(), evidence));
    };
    const auto largest_ratio = [&](std::string_view over, std::string_view under) {
        return rows.largest([&](const moe::Table& t, std::size_t row) {
            return number(t, row, over) / t.real(row, under);
        });
    };
    add("A1.inequality", largest_ratio("parameters_wide", "bound_wide"),
        "largest P/(12n 2^n (lambda sqrt(n)/eps)^r + n^2 + 5n), wide experts");
    add("A1.inequality.narrow", largest_ratio("parameters_narrow", "bound_narrow"),
        "the same with 9 times the right side, narrow dense experts");
    // E is lambda sqrt(n)/(2 K M) in float64, so E <= eps holds up to one rounding of the plan's N.
    judgement.claims.push_back(decide("A1.error",
                                      {moe::Relation::at_most, 1.0, moe::identity_tolerance},
                                      rows.largest([](const moe::Table& t, std::size_t row) {
                                          return t.real(row, "error") / t.real(row, "eps");
                                      }),
                                      rows.size(), "largest E/eps"));
    judgement.claims.push_back(decide("A2.inequality", {moe::Relation::at_most, 0.0, 0.0},
                                      rows.largest([](const moe::Table& t, std::size_t row) {
                                          return number(t, row, "route_reals") -
                                                 number(t, row, "route_bound");
                                      }),
                                      rows.size(), "largest 2n height - 2n^2 ceil(log2 K)"));
}

/// Exponent n/2 of the dense bound once its logarithm is taken out; the raw slopes, which the
/// logarithm lowers, are fitted and reported besides.
void judge_dense(moe::Judgement& judgement, const moe::Table& dense) {
    double worst = 0.0;
    std::int64_t observations = 0;
    std::string text;
    for (std::int64_t n = 1; n <= 4; ++n) {
        const Rows rows(dense, [n](const moe::Table& t, std::size_t row) {
            return t.text(row, "use") == "rate" && t.integer(row, "n") == n;
        });
        if (rows.empty()) continue;
        std::vector<double> inverse_error;
        std::vector<double> minimum;
        std::vector<double> corrected;
        for (const std::size_t row : rows.indices()) {
            inverse_error.push_back(1.0 / dense.real(row, "eps"));
            minimum.push_back(number(dense, row, "dense_minimum"));
            corrected.push_back(dense.real(row, "without_logarithm"));
        }
        const std::string id = "dense.n" + std::to_string(n);
        const double claimed = 0.5 * static_cast<double>(n);
        // P_dense ~ sqrt(2G/log2(2eG)) with G ~ eps^-n: the logarithm takes n/(2 ln(2eG)) off n/2,
        // here in the middle of the window.
        const double middle =
            0.5 * (std::log(number(dense, rows.indices().front(), "sign_points")) +
                   std::log(number(dense, rows.indices().back(), "sign_points")));
        const double lowered = claimed - claimed / (std::log(2.0 * std::numbers::e) + middle);
        const moe::Rate raw =
            moe::fit_rate({id + ".minimum", "P_dense against 1/error", lowered, dense_tolerance},
                          inverse_error, minimum);
        const moe::Rate rate =
            moe::fit_rate({id + ".without-logarithm", "P_dense sqrt(log2(2eG)) against 1/error",
                           claimed, dense_tolerance},
                          inverse_error, corrected);
        worst = std::max(worst, std::abs(rate.slope - claimed));
        observations += rows.size();
        text += (text.empty() ? "" : ", ") + rate.spec.id + " " + moe::rounded(rate.slope, 4) +
                " (raw " + moe::rounded(raw.slope, 4) + ")";
        judgement.rates.push_back(raw);
        judgement.rates.push_back(rate);
    }
    if (observations == 0) return;
    judgement.claims.push_back(decide("A3.exponent", {moe::Relation::at_most, dense_tolerance, 0.0},
                                      worst, observations, "largest |slope - n/2| of " + text));
}

/// Sizes of the scan at r = 0 with what the loader counted where the model was written completely,
/// else with the plan's formula.
std::vector<moe::LadderPoint> constants_ladder(const Rows& scan, const moe::Table& models,
                                               std::int64_t n) {
    std::vector<moe::LadderPoint> ladder;
    for (const std::size_t row : scan.indices()) {
        const std::int64_t N = scan.table().integer(row, "size");
        const Rows counted(models, [=](const moe::Table& t, std::size_t model) {
            return t.text(model, "construction") == "kuhn" && t.real(model, "r") == 0.0 &&
                   t.integer(model, "n") == n && t.integer(model, "size") == N &&
                   t.boolean(model, "materialised");
        });
        const double total = counted.empty()
                                 ? number(scan.table(), row, "mixture")
                                 : counted.largest([](const moe::Table& t, std::size_t model) {
                                       return number(t, model, "parameters_loaded") +
                                              number(t, model, "route_reals_read");
                                   });
        ladder.push_back({N, scan.table().real(row, "error"), static_cast<std::uint64_t>(total)});
    }
    return ladder;
}

/// For every n the scan over N reaches a total below P_dense.
void judge_crossing(moe::Judgement& judgement, const moe::Table& crossings,
                    const moe::Table& models, double lambda) {
    std::int64_t dimensions = 0;
    std::int64_t crossed = 0;
    std::string text;
    for (int n = 1; n <= 4; ++n) {
        const Rows scan(crossings, [n](const moe::Table& t, std::size_t row) {
            return t.text(row, "scan") == "constants" && t.integer(row, "n") == n;
        });
        if (scan.empty()) continue;
        ++dimensions;
        const auto crossing = moe::first_crossing(n, constants_ladder(scan, models, n), lambda);
        if (!crossing) continue;
        ++crossed;
        text += (text.empty() ? "n=" : "; n=") + std::to_string(n) +
                ": N=" + std::to_string(crossing->N) + ", " + std::to_string(crossing->total) +
                " < " + std::to_string(crossing->dense);
    }
    if (dimensions == 0) return;
    judgement.claims.push_back(
        decide("A3.crossing", {moe::Relation::equal, static_cast<double>(dimensions), 0.0},
               static_cast<double>(crossed), dimensions,
               "dimensions n with a lattice N whose total at r = 0 is below P_dense: " + text));
}

/// From some M on the bytes of one loaded expert of r = 1 are below G/8, what any fully resident
/// model needs.
void judge_storage(moe::Judgement& judgement, const moe::Table& crossings) {
    std::int64_t dimensions = 0;
    std::int64_t crossed = 0;
    std::string text;
    for (std::int64_t n = 2; n <= 4; ++n) {
        const Rows rows(crossings, [n](const moe::Table& t, std::size_t row) {
            return t.text(row, "scan") == "storage" && t.integer(row, "n") == n;
        });
        if (rows.empty()) continue;
        ++dimensions;
        for (const std::size_t row : rows.indices()) {
            if (crossings.integer(row, "mixture") >= crossings.integer(row, "bound")) continue;
            ++crossed;
            text += (text.empty() ? "n=" : "; n=") + std::to_string(n) +
                    ": M=" + std::to_string(crossings.integer(row, "size")) + ", " +
                    std::to_string(crossings.integer(row, "mixture")) + " < " +
                    std::to_string(crossings.integer(row, "bound")) + " bytes";
            break;
        }
    }
    if (dimensions == 0) return;
    judgement.claims.push_back(
        decide("storage.separation", {moe::Relation::equal, static_cast<double>(dimensions), 0.0},
               static_cast<double>(crossed), dimensions,
               "dimensions n >= 2 with an M whose loaded bytes at r = 1 are below G/8: " + text));
}

void judge_signs(moe::Judgement& judgement, const moe::Table& signs) {
    const Rows rows = moe::all_rows(signs);
    if (rows.empty()) return;
    judgement.claims.push_back(
        decide("A3.signs", {moe::Relation::equal, 0.0, 0.0},
               rows.largest([](const moe::Table& t, std::size_t row) {
                   return number(t, row, "points") - number(t, row, "recovered");
               }),
               rows.size(), "most signs of bump(N_b) that a mixture with E < height misses"));
}

} // namespace

std::string ladder_id(std::string_view construction, std::string_view exponent, int n) {
    return std::string(construction) + ".r" + std::string(exponent) + ".n" + std::to_string(n);
}

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    const double lambda = options.real("lambda");
    moe::Judgement judgement;
    const moe::Table& models = tables.at("models");
    const std::vector<LadderRates> rates = fit_ladders(models);
    for (const LadderRates& ladder : rates) {
        judgement.rates.insert(judgement.rates.end(), {ladder.params, ladder.experts});
    }
    judge_kuhn(judgement, rows_with(models, "construction", "kuhn"), rates, lambda);
    judge_narrow(judgement, rows_with(models, "construction", "narrow"), rates, lambda);
    judge_bit_extraction(judgement, rows_with(models, "construction", "bit-extraction"), rates,
                         lambda);
    judge_plans(judgement, tables.at("plans"));
    judge_dense(judgement, tables.at("dense"));
    judge_crossing(judgement, tables.at("crossings"), models, lambda);
    judge_storage(judgement, tables.at("crossings"));
    judge_signs(judgement, tables.at("signs"));
    if (options.device() == "cuda") judge_device(judgement, tables.at("device"));
    return judgement;
}

} // namespace approx_rate
