#include "sigmoid_gating/judgement.hpp"

#include "sigmoid_gating/modulus.hpp"

#include "basics/numbers.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace sigmoid_gating {

using moe::decide;
using moe::Relation;
using moe::Rows;
using moe::rows_with;
using moe::Table;

namespace {

/// Rounding of two representations of one function, relative to 1 + max |f|.
constexpr double rounding = 1e-13;
/// The same in an objective.
constexpr double objective_rounding = 1e-10;
/// Central differences of functions of this size with step 1e-5.
constexpr double derivative_tolerance = 1e-6;
/// Least Voronoi distance of a member of a flat family, and least deviation of a control.
constexpr double family_distance = 0.05;
constexpr double control_deviation = 1e-6;
/// A singular value that is zero but for rounding, and one that is not.
constexpr double zero_singular_value = 1e-12;
constexpr double regular_singular_value = 1e-6;
/// Local exponents of the modulus: kappa = 2 is the rate n^-1/4.
constexpr double least_kappa = 1.85;
constexpr double largest_kappa = 2.10;
constexpr double zero_modulus = 1e-12;
/// Relative agreement with the prototype's values: printed to seven digits, and to three.
constexpr double printed_tolerance = 1e-5;
constexpr double singular_value_tolerance = 0.02;
constexpr std::int64_t prototype_points = 128;
/// Fall of a ratio sequence per decade of m; it goes like 1/m.
constexpr double fall_per_decade = 9.0;

double absolute(const Table& table, std::size_t row, std::string_view column) {
    return std::abs(table.real(row, column));
}

} // namespace

std::string with_word(Kind kind, moe::Verdict verdict, const std::string& evidence) {
    const auto prefixed = [&](const char* word) { return std::string(word) + ": " + evidence; };
    if (kind == Kind::exact) return evidence;
    if (verdict == moe::Verdict::inconclusive) return prefixed("no verdict");
    if (verdict == moe::Verdict::refuted)
        return prefixed(kind == Kind::finding || kind == Kind::addition ? "finding not confirmed"
                                                                        : "not reproduced");
    switch (kind) {
    case Kind::consistent:
        return prefixed("consistent with the claim");
    case Kind::finding:
        return prefixed("finding: differs from the stated claim");
    case Kind::addition:
        return prefixed("finding: not in the claim");
    default:
        return prefixed("verified");
    }
}

moe::Claim worded(Kind kind, moe::Claim claim) {
    claim.evidence = with_word(kind, claim.verdict, claim.evidence);
    return claim;
}

void judge_models(moe::Judgement& judgement, const Table& agreements) {
    const auto add = [&](const char* id, const char* what, double tolerance, bool signed_value,
                         const char* evidence) {
        const Rows rows = rows_with(agreements, "what", what);
        if (rows.empty()) return;
        const double measured = rows.largest([&](const Table& table, std::size_t row) {
            return signed_value ? table.real(row, "difference")
                                : absolute(table, row, "difference");
        });
        judgement.claims.push_back(
            decide(id, {Relation::at_most, tolerance, 0.0}, measured, rows.size(), evidence));
    };
    add("jacobian", "jacobian", derivative_tolerance, false,
        "largest |analytic - central difference| over both gates and six experts, 20 random points "
        "of the box each");
    add("common-truth", "common-truth", rounding, false,
        "largest relative difference on the grid, GELU and tanh");
    add("inclusion", "inclusion", 1e-9, true,
        "largest SSE(sigmoid)/SSE(softmax) - 1 of the best 2-expert fits to the same data");
}

namespace {

/// Ratios of an independent prototype (notes 3.4).
struct PrototypeRatio {
    const char* gate;
    double r;
    double m;
    double ratio;
};
constexpr std::array<PrototypeRatio, 14> prototype_ratios{{{"softmax", 1.0, 10.0, 2.493071e-2},
                                                           {"softmax", 1.0, 100.0, 2.749917e-3},
                                                           {"softmax", 1.0, 1000.0, 2.775018e-4},
                                                           {"softmax", 3.0, 10.0, 2.524944e-2},
                                                           {"softmax", 3.0, 100.0, 2.750294e-3},
                                                           {"softmax", 6.0, 10.0, 2.525269e-2},
                                                           {"softmax", 6.0, 100.0, 2.750294e-3},
                                                           {"softmax", 6.0, 1000.0, 2.775022e-4},
                                                           {"sigmoid", 1.0, 10.0, 5.293861e-2},
                                                           {"sigmoid", 1.0, 100.0, 5.390941e-3},
                                                           {"sigmoid", 2.0, 10.0, 3.372937e-2},
                                                           {"sigmoid", 2.0, 100.0, 3.412086e-3},
                                                           {"sigmoid", 6.0, 10.0, 5.455116e-3},
                                                           {"sigmoid", 6.0, 100.0, 5.465258e-4}}};

/// Least singular values of the prototype (notes 3.5).
struct PrototypeTangent {
    const char* truth;
    double minimum;
};
constexpr std::array<PrototypeTangent, 3> prototype_tangents{
    {{"SIG2C.gelu", 6.79e-4}, {"SIG2.gelu", 5.41e-4}, {"SIG2.tanh", 1.30e-3}}};

void judge_ratio_values(moe::Judgement& judgement, const Table& ratios) {
    double farthest = 0.0;
    std::int64_t found = 0;
    for (std::size_t row = 0; row < ratios.rows(); ++row) {
        for (const PrototypeRatio& prototype : prototype_ratios) {
            if (ratios.text(row, "gate") != prototype.gate ||
                ratios.real(row, "r") != prototype.r || ratios.real(row, "m") != prototype.m)
                continue;
            ++found;
            farthest =
                std::max(farthest, std::abs(ratios.real(row, "ratio") / prototype.ratio - 1.0));
        }
    }
    if (found < static_cast<std::int64_t>(prototype_ratios.size()))
        farthest = std::numeric_limits<double>::infinity();
    judgement.claims.push_back(
        decide("ratios.values", {Relation::at_most, printed_tolerance, 0.0}, farthest, found,
               "largest relative difference from the prototype's 14 values, which have 7 digits"));
}

} // namespace

void judge_lemmas(moe::Judgement& judgement, const moe::Tables& tables) {
    const Table& lemmas = tables.at("lemmas");
    std::int64_t cases = 0;
    double failures = 0.0;
    for (std::size_t row = 0; row < lemmas.rows(); ++row) {
        cases += lemmas.integer(row, "cases");
        failures += moe::number(lemmas, row, "failures");
    }
    if (cases == 0) return;
    judgement.claims.push_back(decide("gate-lemma", {Relation::equal, 0.0, 0.0}, failures, cases,
                                      "failures in exact integers, p = i/40, q = j/40"));

    const Table& kinks = tables.at("kinks");
    double error = 0.0;
    std::vector<double> d;
    std::vector<double> norm;
    for (std::size_t row = 0; row < kinks.rows(); ++row) {
        d.push_back(kinks.real(row, "displacement"));
        norm.push_back(kinks.real(row, "norm"));
        error = std::max(error, std::abs(norm.back() / kinks.real(row, "closed_form") - 1.0));
    }
    judgement.claims.push_back(decide("kink.identity", {Relation::at_most, 1e-6, 0.0}, error,
                                      static_cast<std::int64_t>(d.size()),
                                      "largest relative error of d^1.5/sqrt(6)"));
    judgement.rates.push_back(moe::fit_rate(
        {"kink.modulus", "distance of the functions against the kink's displacement", 1.5, 1e-6}, d,
        norm));
    moe::Claim kink;
    kink.id = "kink.rate";
    judgement.claims.push_back(
        worded(Kind::consistent, moe::rate_claim(judgement.rates.back(), std::move(kink))));

    for (const std::string gate : {"softmax", "sigmoid"}) {
        const Rows rows = rows_with(tables.at("ratios"), "gate", gate);
        std::map<double, std::map<double, double>> sequences;
        for (const std::size_t row : rows.indices())
            sequences[rows.table().real(row, "r")][rows.table().real(row, "m")] =
                rows.table().real(row, "ratio");
        double least = std::numeric_limits<double>::infinity();
        for (const auto& [r, sequence] : sequences) {
            for (auto next = std::next(sequence.begin()); next != sequence.end(); ++next)
                least = std::min(least, std::prev(next)->second / next->second);
        }
        judgement.claims.push_back(
            decide("ratios." + gate, {Relation::at_least, fall_per_decade, 0.0}, least, rows.size(),
                   "least fall of |f_Gm - f_G*|/D_r per decade of m, r = 1, 2, 3, 6"));
    }
    judge_ratio_values(judgement, tables.at("ratios"));
    const Rows model = rows_with(tables.at("agreements"), "what", "ratio-model");
    judgement.claims.push_back(decide(
        "ratios.model", {Relation::at_most, 1e-9, 0.0},
        model.largest(
            [](const Table& table, std::size_t row) { return absolute(table, row, "difference"); }),
        model.size(), "closed form against the models' own functions, r = 1, m = 10, relative"));
}

void judge_families(moe::Judgement& judgement, const Table& families) {
    if (families.rows() == 0) return;
    const auto select = [&](const std::set<std::string>& experts, bool dead, bool control) {
        return Rows(families, [=](const Table& table, std::size_t row) {
            return experts.contains(table.text(row, "expert")) &&
                   (table.text(row, "family") == "dead") == dead &&
                   table.boolean(row, "control") == control;
        });
    };
    const std::set<std::string> homogeneous{"linear", "square", "constant"};
    const auto least_loss = [](const Rows& rows, const char* column) {
        double least = std::numeric_limits<double>::infinity();
        for (const std::size_t row : rows.indices())
            least = std::min(least, rows.table().real(row, column));
        return least;
    };
    const auto deviates = [](const Table& table, std::size_t row) {
        return table.real(row, "deviation");
    };
    const auto add_family = [&](const char* id, const Rows& rows, Kind kind) {
        const double least = least_loss(rows, "loss_r1");
        moe::Claim claim = decide(
            id, {Relation::at_most, rounding, 0.0}, rows.largest(deviates), rows.size(),
            "largest max|f_G - f_G*|/(1 + max|f_G*|) over the families, while D_1 is at least " +
                moe::rounded(least, 3) + " (needed: " + moe::shortest(family_distance) +
                ") and D_4 at least " + moe::rounded(least_loss(rows, "loss_r4"), 3) +
                ": no estimator converges in D_r");
        if (!(least >= family_distance)) claim.verdict = moe::Verdict::refuted;
        judgement.claims.push_back(worded(kind, std::move(claim)));
    };
    add_family("flat.relu", select({"relu"}, false, false), Kind::finding);
    add_family("flat.homogeneous", select(homogeneous, false, false), Kind::finding);

    const Rows exact(families, [](const Table& table, std::size_t row) {
        return !table.boolean(row, "control");
    });
    judgement.claims.push_back(decide(
        "flat.objective", {Relation::at_most, objective_rounding, 0.0},
        exact.largest([](const Table& table, std::size_t row) {
            return absolute(table, row, "objective_change");
        }),
        exact.size(), "largest relative change of the SSE on noisy data along the families"));
    const Rows control(families, [](const Table& table, std::size_t row) {
        return table.boolean(row, "control");
    });
    judgement.claims.push_back(
        decide("flat.control", {Relation::at_least, control_deviation, 0.0},
               -control.largest([&](const Table& table, std::size_t row) {
                   return -table.real(row, "deviation");
               }),
               control.size(),
               "least deviation of the same constructions with experts that lack what they need "
               "(GELU, tanh; complement and mirror of ReLU and square): the check can fail"));
    const Rows dead = select({"gelu", "tanh", "linear", "square", "relu", "constant"}, true, false);
    judgement.claims.push_back(worded(
        Kind::finding,
        decide("zero-expert", {Relation::at_most, rounding, 0.0}, dead.largest(deviates),
               dead.size(),
               "largest deviation of the truth with a zero expert under an arbitrary gate: the "
               "limit in regime 2 is the truth, not another function")));
}

void judge_tangents(moe::Judgement& judgement, const moe::Options& options, const Table& tangents) {
    if (tangents.rows() == 0) return;
    const auto value = [&](const char* truth, const char* column) {
        return tangents.real(rows_with(tangents, "truth", truth).indices().at(0), column);
    };
    std::string text;
    double least = std::numeric_limits<double>::infinity();
    for (const char* truth : {"SIG2C.gelu", "SIG2.gelu", "SIG2.tanh"}) {
        const double minimum = value(truth, "minimum");
        least = std::min(least, minimum);
        text += (text.empty() ? "" : ", ") + std::string(truth) + " " + moe::rounded(minimum, 4);
    }
    judgement.claims.push_back(
        decide("tangent.regular", {Relation::at_least, regular_singular_value, 0.0}, least,
               3 * 41 * 41, "least singular value over 41 x 41 gates of the dead atom: " + text));
    double farthest = 0.0;
    for (const PrototypeTangent& prototype : prototype_tangents) {
        farthest = std::max(farthest,
                            std::abs(value(prototype.truth, "minimum") / prototype.minimum - 1.0));
    }
    moe::Claim values =
        decide("tangent.values", {Relation::at_most, singular_value_tolerance, 0.0}, farthest,
               static_cast<std::int64_t>(prototype_tangents.size()),
               "largest relative difference from the prototype's 6.79e-4, 5.41e-4 and 1.30e-3");
    if (options.integer("grid") != prototype_points) {
        values.verdict = moe::Verdict::inconclusive;
        values.evidence += "; those are for the grid of 128 points";
    }
    judgement.claims.push_back(std::move(values));
    judgement.claims.push_back(worded(
        Kind::finding,
        decide("tangent.linear", {Relation::at_most, zero_singular_value, 0.0},
               value("SIG2.linear", "minimum"), 41 * 41,
               "least singular value, at the gate (" + moe::rounded(value("SIG2.linear", "b1"), 4) +
                   ", " + moe::rounded(value("SIG2.linear", "b0"), 4) +
                   "), which is the truth's: the same-gate split")));
    judgement.claims.push_back(
        worded(Kind::finding,
               decide("tangent.square", {Relation::at_most, zero_singular_value, 0.0},
                      value("SIG2.square", "maximum"), 41 * 41,
                      "largest over the gates of the least singular value: the dead atom is of "
                      "second order whatever its gate")));
}

void judge_moduli(moe::Judgement& judgement, const Table& moduli) {
    std::map<std::string, std::map<double, double, std::greater<>>> least;
    double scale = 0.0;
    std::int64_t scale_rows = 0;
    for (std::size_t row = 0; row < moduli.rows(); ++row) {
        const double norm = moduli.real(row, "norm");
        if (moduli.integer(row, "direction") < 0) {
            scale = std::max(scale, norm);
            ++scale_rows;
            continue;
        }
        auto& minima = least[moduli.text(row, "truth")];
        const auto [entry, fresh] = minima.emplace(moduli.real(row, "delta"), norm);
        if (!fresh) entry->second = std::min(entry->second, norm);
    }
    for (const auto& [truth, minima] : least) {
        std::vector<double> deltas;
        std::vector<double> norms;
        for (const auto& [delta, norm] : minima) {
            deltas.push_back(delta);
            norms.push_back(norm);
        }
        const std::vector<double> exponents = local_exponents(deltas, norms);
        const double kappa = exponents.back();
        std::string text;
        for (const double exponent : exponents)
            text += (text.empty() ? "" : ", ") + moe::rounded(exponent, 4);
        const double middle = 0.5 * (least_kappa + largest_kappa);
        judgement.claims.push_back(decide(
            "modulus." + truth, {Relation::equal, middle, largest_kappa - middle}, kappa,
            static_cast<std::int64_t>(norms.size()),
            "kappa between the two smallest distances, in [1.85, 2.10]; local exponents " + text +
                "; m(" + moe::shortest(deltas.back()) + ") = " + moe::rounded(norms.back(), 4) +
                "; rate n^-1/(2 kappa) = n^-" + moe::rounded(0.5 / kappa, 3)));
    }
    if (scale_rows == 0) return;
    judgement.claims.push_back(
        decide("modulus.scale", {Relation::at_most, zero_modulus, 0.0}, scale, scale_rows,
               "largest m(delta) of linear, ReLU and square experts along their scale direction"));
}

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    if (options.selected("models")) judge_models(judgement, tables.at("agreements"));
    if (options.selected("lemmas")) judge_lemmas(judgement, tables);
    if (options.selected("flat")) judge_families(judgement, tables.at("families"));
    if (options.selected("tangent")) judge_tangents(judgement, options, tables.at("tangents"));
    if (options.selected("modulus")) judge_moduli(judgement, tables.at("moduli"));
    for (const char* check : {"gelu", "tanh"}) {
        if (!options.selected(check)) continue;
        judge_cells(judgement, options, tables.at("fits"), check);
        judge_representations(judgement, options, tables.at("fits"), check);
    }
    if (options.selected("gelu")) {
        judge_headline(judgement, options, tables.at("fits"));
        judge_comparisons(judgement, options, tables.at("fits"));
    }
    if (options.selected("limits")) {
        judge_floors(judgement, tables.at("floors"));
        judge_without_zero_expert(judgement, options, tables);
    }
    if (options.selected("linear")) judge_linear(judgement, options, tables.at("fits"));
    return judgement;
}

} // namespace sigmoid_gating
