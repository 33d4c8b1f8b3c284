#include "compositional_pieces/judgement.hpp"

#include "compositional_pieces/one_layer.hpp"

#include "basics/numbers.hpp"
#include "pieces/cube_points.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace compositional_pieces {

namespace {

using moe::decide;
using moe::number;
using moe::Relation;
using moe::Rows;
using moe::Table;

/// A largest error over a sample of points is a lower estimate of the supremum that LB bounds.
constexpr double sampling_slack = 0.98;
constexpr double deep_rate_tolerance = 0.01;
constexpr double bound_rate_tolerance = 1e-9;

double smallest(const Rows& rows, const auto& expression) {
    return -rows.largest([&](const Table& t, std::size_t row) { return -expression(t, row); });
}

void judge_bounds(moe::Judgement& judgement, const Table& table) {
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    judgement.claims.push_back(decide(
        "one-layer.deep", {Relation::at_most, exact_tolerance, 0.0},
        all.largest([](const Table& t, std::size_t row) { return t.real(row, "deep_error"); }),
        all.size(),
        "largest error of the deep model on Phi_q: all boxes for affine experts, "
        "random points for ReLU experts"));
    std::string sizes;
    for (const std::size_t row : all.indices()) {
        sizes += (sizes.empty() ? "(" : ", (") + std::to_string(table.integer(row, "E")) + "," +
                 std::to_string(table.integer(row, "L")) + "," +
                 std::to_string(table.integer(row, "m")) + ")";
    }
    // Not by the sign of LB: then no bound could fail to separate.
    const Rows bounded(table, [](const Table& t, std::size_t row) {
        return !counting_only({t.integer(row, "E"), t.integer(row, "L"), t.integer(row, "m")});
    });
    judgement.claims.push_back(decide(
        "one-layer.separation", {Relation::at_least, exact_tolerance, 0.0},
        smallest(bounded, [](const Table& t, std::size_t row) { return t.real(row, "bound"); }),
        bounded.size(),
        "smallest LB of one layer on Phi_q, which the deep model meets with error at most 1e-12; "
        "at the same width of the experts: one wide dense net represents Phi_q too; sizes as in "
        "one-layer.cells, without "
        "(3,2,0), where LB is negative and only the count of cells says something"));
    judgement.claims.push_back(decide(
        "one-layer.cells", {Relation::at_least, 1.0, 0.0},
        smallest(all,
                 [](const Table& t, std::size_t row) {
                     return number(t, row, "pieces") - number(t, row, "cells");
                 }),
        all.size(),
        "smallest pieces of Phi_q minus cells of one layer, both counted exactly; (E,L,m): " +
            sizes));
}

void judge_contenders(moe::Judgement& judgement, const Table& table) {
    for (const std::string function : {"square-norm", "pieces"}) {
        const Rows rows(table, [&](const Table& t, std::size_t row) {
            return t.text(row, "function") == function && t.real(row, "bound") > 0.0;
        });
        if (rows.empty()) continue;
        std::int64_t layers = 0;
        double closest = std::numeric_limits<double>::infinity();
        std::string which;
        for (const std::size_t row : rows.indices()) {
            layers += table.integer(row, "layers");
            const double ratio = table.real(row, "error") / table.real(row, "bound");
            if (!(ratio < closest)) continue;
            closest = ratio;
            which = table.text(row, "contender") +
                    " at E = " + std::to_string(table.integer(row, "E")) +
                    ", L = " + std::to_string(table.integer(row, "L")) +
                    ", m = " + std::to_string(table.integer(row, "m"));
        }
        judgement.claims.push_back(
            decide("one-layer.bound." + function, {Relation::at_least, sampling_slack, 0.0},
                   smallest(rows,
                            [](const Table& t, std::size_t row) {
                                return t.real(row, "error") / t.real(row, "bound");
                            }),
                   rows.size(),
                   "smallest error of one layer over its lower bound: " + which + ", of " +
                       std::to_string(layers) +
                       " layers that were tried; a sampled maximum is a lower estimate"));
    }
}

void judge_scaling(moe::Judgement& judgement, const Table& table) {
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    std::set<std::int64_t> dimensions;
    for (const std::size_t row : all.indices())
        dimensions.insert(table.integer(row, "L"));
    double deep = 0.0;
    double bound = 0.0;
    std::string slopes;
    for (const std::int64_t L : dimensions) {
        const Rows rows(table,
                        [=](const Table& t, std::size_t row) { return t.integer(row, "L") == L; });
        std::vector<double> E;
        std::vector<double> errors;
        std::vector<double> bounds;
        for (const std::size_t row : rows.indices()) {
            E.push_back(number(table, row, "E"));
            errors.push_back(table.real(row, "deep_norm_error"));
            bounds.push_back(table.real(row, "norm_bound"));
        }
        const std::string name = "scaling.L" + std::to_string(L);
        const double claimed = -2.0 / static_cast<double>(L);
        if (!positive(errors) || !positive(bounds)) {
            deep = bound = std::numeric_limits<double>::quiet_NaN();
            slopes += (slopes.empty() ? "L = " : ", L = ") + std::to_string(L) +
                      ": an error or bound is not positive";
            continue;
        }
        const moe::Rate of_deep = moe::fit_rate(
            {name + ".deep", "deep error on |x|^2 against E", -2.0, deep_rate_tolerance}, E,
            errors);
        const moe::Rate of_bound =
            moe::fit_rate({name + ".bound", "lower bound of one layer on |x|^2 against E", claimed,
                           bound_rate_tolerance},
                          E, bounds);
        deep = moe::larger_or_nan(deep, std::abs(of_deep.slope + 2.0));
        bound = moe::larger_or_nan(bound, std::abs(of_bound.slope - claimed));
        slopes += (slopes.empty() ? "L = " : ", L = ") + std::to_string(L) + ": " +
                  moe::rounded(of_deep.slope, 6) + " and " + moe::rounded(of_bound.slope, 6);
        judgement.rates.push_back(of_deep);
        judgement.rates.push_back(of_bound);
    }
    const auto observations = static_cast<std::int64_t>(dimensions.size());
    judgement.claims.push_back(
        decide("one-layer.rate.deep", {Relation::at_most, 0.0, deep_rate_tolerance}, deep,
               observations, "largest |slope + 2|; deep and bound: " + slopes));
    judgement.claims.push_back(decide(
        "one-layer.rate.bound", {Relation::at_most, 0.0, bound_rate_tolerance}, bound, observations,
        "largest |slope + 2/L|; a check of the formula for LB, which "
        "is computed and not measured"));
}

void judge_easy(moe::Judgement& judgement, const Table& table) {
    const auto claim = [&](const char* id, const char* model, double tolerance,
                           const char* evidence) {
        const Rows rows = moe::rows_with(table, "model", model);
        if (rows.empty()) return;
        judgement.claims.push_back(decide(
            id, {Relation::at_most, tolerance, 0.0},
            rows.largest([](const Table& t, std::size_t row) { return t.real(row, "error"); }),
            rows.size(), evidence));
    };
    claim("one-layer.parity", "parity", 0.0,
          "largest error at the centres of all boxes, L(E-1)+1 strips as experts");
    claim("one-layer.dense", "dense", exact_tolerance,
          "largest error of one dense net of width L(E-1)+1 on Phi_E: E^L pieces are not beyond "
          "dense nets, the separation is at equal width of the experts");
    claim("one-layer.vacuous", "two-by-two", exact_tolerance,
          "largest error of one layer with L E = 4 experts on Phi_2 at L = 2: no more pieces than "
          "cells, no separation");
}

} // namespace

void judge_one_layer(moe::Judgement& judgement, const moe::Tables& tables) {
    judge_bounds(judgement, tables.at("one_layer"));
    judge_contenders(judgement, tables.at("contenders"));
    judge_scaling(judgement, tables.at("scaling"));
    judge_easy(judgement, tables.at("easy"));
}

} // namespace compositional_pieces
