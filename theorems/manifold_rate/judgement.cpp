#include "manifold_rate/judgement.hpp"

#include "basics/numbers.hpp"
#include "manifold_rate/rate_judgement.hpp"
#include "manifold_rate/trained.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace manifold_rate {

namespace {

using moe::decide;
using moe::number;
using moe::Relation;
using moe::Rows;
using moe::Table;

/// Tolerances of the notes, 2.5.
constexpr double dimension_tolerance = 1e-9;
constexpr double least_growth = 50.0;
constexpr double identity_tolerance = 1e-12;
constexpr double xor_tolerance = 4e-15;   ///< entries of size 1, four of them
constexpr double solver_tolerance = 1e-9; ///< of GLPK's simplex
constexpr double least_margin = 0.05;

void judge_dimension(moe::Judgement& judgement, const Table& dimension) {
    std::map<std::string, std::vector<double>> errors;
    std::map<std::string, std::set<std::int64_t>> constants;
    const Rows rows = moe::all_rows(dimension);
    if (rows.empty()) return;
    for (const std::size_t row : rows.indices()) {
        const std::string& manifold = dimension.text(row, "manifold");
        errors[manifold].push_back(dimension.real(row, "sup_error"));
        errors[manifold].push_back(dimension.real(row, "direct_error"));
        constants[manifold + " experts"].insert(dimension.integer(row, "expert_width"));
        constants[manifold + " layer 1"].insert(dimension.integer(row, "routing_width") -
                                                2 * dimension.integer(row, "D"));
    }
    double spread = 0.0;
    for (const auto& [manifold, values] : errors) {
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        const double here = (*most - *least) / *least;
        if (!(here <= spread)) spread = here;
    }
    std::size_t different = 0;
    for (const auto& [what, values] : constants)
        different = std::max(different, values.size());
    judgement.claims.push_back(decide(
        "dimension.error", {Relation::at_most, 0.0, dimension_tolerance}, spread, rows.size(),
        "largest (max - min)/min of a manifold over D, flat and curved, and "
        "the error without ambient space"));
    judgement.claims.push_back(decide(
        "dimension.width", {Relation::equal, 1.0, 0.0}, static_cast<double>(different), rows.size(),
        "most different values of m, or of (width of layer 1) - 2D, of a "
        "manifold"));
}

void judge_noise(moe::Judgement& judgement, const Table& noise) {
    const Rows inside(noise, [](const Table& t, std::size_t row) {
        return t.real(row, "eta") <= t.real(row, "eta_star");
    });
    const Rows breaking(noise, [](const Table& t, std::size_t row) {
        return t.real(row, "eta") == breaking_noise(moe::parse_manifold(t.text(row, "manifold")));
    });
    if (inside.empty() || breaking.empty()) return;
    judgement.claims.push_back(
        decide("noise.inside", {Relation::at_most, certificate_slack, 0.0},
               inside.largest([](const Table& t, std::size_t row) {
                   return t.real(row, "sup_error") / t.real(row, "certificate");
               }),
               inside.size(), "largest sup error / (M h^2/8) over the whole charts, eta <= eta*"));
    judgement.claims.push_back(decide("noise.routing", {Relation::equal, 0.0, 0.0},
                                      inside.largest([](const Table& t, std::size_t row) {
                                          return number(t, row, "outside_points");
                                      }),
                                      inside.size(),
                                      "most points beyond [-r, r] of their routed chart, eta <= "
                                      "eta*"));
    const double growth = -breaking.largest([](const Table& t, std::size_t row) {
        return -t.real(row, "sup_error") / t.real(row, "sup_error_without");
    });
    judgement.claims.push_back(decide("noise.outside", {Relation::at_least, least_growth, 0.0},
                                      growth, breaking.size(), "least growth of the sup error"));
}

/// The largest |value - expected| of the identities of a group.
moe::Claim identity(std::string id, const Table& identities, double tolerance,
                    const std::function<bool(const std::string&)>& mine, std::string evidence) {
    const Rows rows(identities,
                    [&](const Table& t, std::size_t row) { return mine(t.text(row, "name")); });
    std::int64_t cases = 0;
    for (const std::size_t row : rows.indices())
        cases += identities.integer(row, "cases");
    const double worst = rows.largest([](const Table& t, std::size_t row) {
        return std::abs(t.real(row, "value") - t.real(row, "expected"));
    });
    return decide(std::move(id), {Relation::at_most, 0.0, tolerance}, worst, cases,
                  std::move(evidence));
}

void judge_gates(moe::Judgement& judgement, const Table& gates, const Table& identities) {
    if (gates.rows() == 0) return;
    const auto kind = [&](std::string_view name) { return moe::rows_with(gates, "gate", name); };
    judgement.claims.push_back(identity(
        "gate.xor", identities, xor_tolerance,
        [](const std::string& name) { return name == "xor"; }, "largest entry of the difference"));
    const Rows linear(gates, [](const Table& t, std::size_t row) {
        return t.text(row, "gate") == "random" || t.text(row, "gate") == "trained";
    });
    const auto least = [](const Rows& rows) {
        return -rows.largest(
            [](const Table& t, std::size_t row) { return -t.real(row, "misrouted_fraction"); });
    };
    judgement.claims.push_back(decide(
        "gate.bound", {Relation::at_least, gates.real(linear.indices().front(), "bound"), 0.0},
        least(linear), linear.size(),
        "least misrouted fraction; random gates " + moe::rounded(least(kind("random")), 3) +
            ", trained ones " + moe::rounded(least(kind("trained")), 3)));
    const Rows layered = kind("two-layers");
    judgement.claims.push_back(decide("gate.layer-1", {Relation::equal, 0.0, 0.0},
                                      layered.largest([](const Table& t, std::size_t row) {
                                          return t.real(row, "misrouted_fraction");
                                      }),
                                      layered.size(),
                                      "misrouted fraction of the two-layer network"));
    const auto margins = [&](bool none) {
        return Rows(gates, [=](const Table& t, std::size_t row) {
            const bool hopeless =
                t.text(row, "curve") == "winding" && t.integer(row, "charts") == 4;
            return t.text(row, "gate") == "margin" && hopeless == none;
        });
    };
    const auto margin = [](const Table& t, std::size_t row) { return t.real(row, "margin"); };
    judgement.claims.push_back(decide("gate.no-margin", {Relation::at_most, 0.0, solver_tolerance},
                                      margins(true).largest(margin), 1,
                                      "optimum of the linear program, 480 angles"));
    judgement.claims.push_back(decide(
        "gate.margin", {Relation::at_least, least_margin, 0.0},
        -margins(false).largest([&](const Table& t, std::size_t row) { return -margin(t, row); }),
        margins(false).size(), "least optimum of the linear programs, weights in [-1, 1]"));
    judgement.claims.push_back(identity(
        "gate.net", identities, identity_tolerance,
        [](const std::string& name) { return name.starts_with("net-gate."); },
        "points with another route, and the largest difference of outputs"));
}

void judge_side_claims(moe::Judgement& judgement, const Table& cube, const Table& identities) {
    const Rows rows = moe::all_rows(cube);
    if (rows.empty()) return;
    double worst = 0.0;
    std::string slopes;
    const bool positive =
        std::all_of(rows.indices().begin(), rows.indices().end(), [&](std::size_t row) {
            const double sup = cube.real(row, "sup_error");
            return sup > 0.0 && std::isfinite(sup);
        });
    if (!positive) {
        worst = std::numeric_limits<double>::quiet_NaN();
        slopes = "; an error is not positive and finite";
    }
    for (const double D : {1.0, 2.0, 3.0}) {
        if (!positive) break;
        std::vector<double> N;
        std::vector<double> m;
        std::vector<double> sup;
        for (std::size_t row = 0; row < cube.rows(); ++row) {
            if (number(cube, row, "D") != D) continue;
            N.push_back(number(cube, row, "cells"));
            m.push_back(std::log2(number(cube, row, "width")));
            sup.push_back(cube.real(row, "sup_error"));
        }
        const moe::Rate rate = moe::fit_rate({.id = "cube.D" + moe::shortest(D),
                                              .quantity = "sup error against N",
                                              .claimed = -2.0,
                                              .tolerance = slope_tolerance},
                                             N, sup);
        judgement.rates.push_back(rate);
        worst = std::max(worst, std::abs(rate.slope + 2.0));
        std::vector<double> logs;
        for (const double value : sup)
            logs.push_back(std::log2(value));
        slopes += "; D = " + moe::shortest(D) + ": slope in m " +
                  moe::rounded(moe::fit_line(m, logs).slope, 3);
    }
    judgement.claims.push_back(decide("cube", {Relation::at_most, slope_tolerance, 0.0}, worst, 3,
                                      "largest |slope in N + 2|" + slopes));
    const auto claim = [&](const char* id, const char* prefix, bool difference, double tolerance,
                           const char* evidence) {
        judgement.claims.push_back(identity(
            id, identities, tolerance,
            [=](const std::string& name) {
                return name.starts_with(prefix) && name.ends_with("difference") == difference;
            },
            evidence));
    };
    claim("factored", "factored.", true, identity_tolerance,
          "largest difference of the outputs, D = 128");
    claim("factored.count", "factored.", false, 0.0,
          "largest difference of ranks and parameter counts from the notes' formulas");
    claim("shared", "shared.", true, identity_tolerance, "largest difference of the outputs");
    claim("shared.count", "shared.", false, 0.0,
          "largest difference of hidden units from the notes' formulas");
}

} // namespace

std::vector<double> phases(std::size_t intrinsic) {
    if (intrinsic == 3) return {0.0, 0.7};
    return {0.0, 0.7, 1.9, 3.1};
}

double breaking_noise(moe::Manifold manifold) {
    return manifold == moe::Manifold::circle ? 0.3 : 0.5;
}

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    if (options.selected("interpolation")) judge_interpolation(judgement, tables.at("errors"));
    if (options.selected("hoelder")) judge_hoelder(judgement, tables.at("errors"));
    if (options.selected("dimension")) judge_dimension(judgement, tables.at("dimension"));
    if (options.selected("routing-noise")) judge_noise(judgement, tables.at("noise"));
    if (options.selected("linear-gate"))
        judge_gates(judgement, tables.at("gates"), tables.at("identities"));
    if (options.selected("side-claims"))
        judge_side_claims(judgement, tables.at("cube"), tables.at("identities"));
    if (options.selected("trained")) judge_trained(judgement, options, tables.at("trained"));
    return judgement;
}

} // namespace manifold_rate
