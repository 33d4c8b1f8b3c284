#include "vc_bound/judgement.hpp"

#include "basics/numbers.hpp"
#include "shattering/dichotomies.hpp"
#include "statistics/rows.hpp"
#include "theory/vc_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace vc_bound {

namespace {

using moe::decide;
using moe::number;
using moe::Relation;
using moe::Rows;
using moe::rows_with;

/// UB <= 4.24 times the paper's shape over the grid of classes: the constant of the notes.
constexpr double shape_constant = 4.24;
/// The truth lies between LB and UB, so its exponent in L lies between their slopes: 1 and what the
/// logarithms of UB add at these sizes.
constexpr double lower_tolerance = 0.01;
constexpr double upper_tolerance = 0.25;
/// By how much the slope of the certificates must exceed that of reading (b) with logarithms.
constexpr double reading_gap = 0.3;

struct Series {
    std::vector<double> x;
    std::vector<double> y;
};

/// Columns of rows as reals, abscissae not below `from`.
Series series(const Rows& rows, std::string_view column, double from = 0.0) {
    Series result;
    const moe::Table& table = rows.table();
    for (const std::size_t row : rows.indices()) {
        const double x = number(table, row, "abscissa");
        if (x < from) continue;
        const std::size_t index = table.schema().index_of(column);
        const bool real = table.schema().columns[index].type == moe::ColumnType::real;
        result.x.push_back(x);
        result.y.push_back(real ? table.real(row, column) : number(table, row, column));
    }
    return result;
}

moe::Rate rate_of(const std::string& id, const char* quantity, double claimed, double tolerance,
                  const Series& data) {
    return moe::fit_rate({id, quantity, claimed, tolerance}, data.x, data.y);
}

void judge_shattering(moe::Judgement& judgement, const moe::Table& table) {
    for (const bool exhaustive : {true, false}) {
        const Rows rows(table, [=](const moe::Table& t, std::size_t row) {
            return t.boolean(row, "exhaustive") == exhaustive;
        });
        if (rows.empty()) continue;
        std::int64_t labelings = 0;
        std::int64_t points = 0;
        for (const std::size_t row : rows.indices()) {
            labelings += table.integer(row, "labelings");
            points = std::max(points, table.integer(row, "points"));
        }
        judgement.claims.push_back(decide(
            exhaustive ? "B.lower.exhaustive" : "B.lower.random", {Relation::equal, 0.0, 0.0},
            rows.largest([](const moe::Table& t, std::size_t row) {
                return number(t, row, "labelings") - number(t, row, "realised") +
                       (t.boolean(row, "routed") ? 0.0 : 1.0);
            }),
            rows.size(),
            "most labelings that a certificate misses (a routing failure counts 1); " +
                std::to_string(labelings) + " labelings verified, up to " + std::to_string(points) +
                " points"));
    }
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    judgement.claims.push_back(decide(
        "B.same-nets", {Relation::equal, 0.0, 0.0},
        all.largest([](const moe::Table& t, std::size_t row) {
            return number(t, row, "float64_differing");
        }),
        Rows(table, [](const moe::Table& t,
                       std::size_t row) { return t.integer(row, "float64_models") > 0; })
            .size(),
        "most outputs of the library's forward pass that differ from the exact integers, over the "
        "certificates for which float64 is exact"));
    judgement.claims.push_back(
        decide("B.bracket.certificates", {Relation::at_most, 1.0, 0.0},
               all.largest([](const moe::Table& t, std::size_t row) {
                   return number(t, row, "points") /
                          std::min(number(t, row, "bound_tree"), number(t, row, "bound_flat"));
               }),
               all.size(), "largest LB/UB over all certificates, tree and flat routing"));
}

/// The certificates along a ladder: none of the verified labelings may fail.
void judge_ladder_certificates(moe::Judgement& judgement, const char* id, const Rows& rows) {
    if (rows.empty()) return;
    std::int64_t beyond = 0;
    for (const std::size_t row : rows.indices()) {
        if (rows.table().integer(row, "verified") == 0) ++beyond;
    }
    judgement.claims.push_back(decide(
        id, {Relation::at_most, 0.0, 0.0}, rows.largest([](const moe::Table& t, std::size_t row) {
            return t.integer(row, "verified") < 0 ? 1.0 : 0.0;
        }),
        rows.size(),
        "1 if a certificate fails on one of 4 random labelings; " + std::to_string(beyond) +
            " of the certificates need more than 128 bits and rest on the proof alone"));
}

void judge_brackets(moe::Judgement& judgement, const moe::Options& options,
                    const moe::Table& table) {
    const Rows all = moe::all_rows(table);
    if (all.empty()) return;
    judgement.claims.push_back(decide("B.bracket", {Relation::at_most, 1.0, 0.0},
                                      all.largest([](const moe::Table& t, std::size_t row) {
                                          return number(t, row, "lower") / number(t, row, "upper");
                                      }),
                                      all.size(), "largest LB/UB along L, n, width and depth"));
    judgement.claims.push_back(
        decide("B.shape", {Relation::at_most, shape_constant, 0.0},
               Rows(table, [](const moe::Table& t,
                              std::size_t row) { return t.text(row, "ladder") == "grid"; })
                   .largest([](const moe::Table& t, std::size_t row) {
                       return number(t, row, "upper") / t.real(row, "paper_shape");
                   }),
               all.size(), "largest UB/(L ln(L+1)^2 max{nL ln(L+1), JW ln(JW)}), W = weights"));

    judge_ladder_certificates(judgement, "B.lower.ladders",
                              Rows(table, [](const moe::Table& t, std::size_t row) {
                                  return t.text(row, "ladder") != "grid";
                              }));

    // The exponent in L that the judgement claims; a sabotage claims the paper's term n L^2.
    const double exponent = options.sabotage() == "square-L" ? 2.0 : 1.0;
    double outside = 0.0;
    std::string text;
    for (const char* ladder :
         {"experts.n2.tree", "experts.n2.flat", "experts.n8.tree", "experts.n8.flat"}) {
        const Rows rows = rows_with(table, "ladder", ladder);
        const moe::Rate lower = rate_of(std::string(ladder) + ".lower", "LB against L", 1.0,
                                        lower_tolerance, series(rows, "lower", 4.0));
        const moe::Rate upper = rate_of(std::string(ladder) + ".upper", "UB against L", 1.0,
                                        upper_tolerance, series(rows, "upper", 4.0));
        outside = std::max({outside, lower.slope - exponent, exponent - upper.slope});
        text += (text.empty() ? "" : ", ") + std::string(ladder) + " [" +
                moe::rounded(lower.slope, 4) + ", " + moe::rounded(upper.slope, 4) + "]";
        judgement.rates.push_back(lower);
        judgement.rates.push_back(upper);
    }
    judgement.claims.push_back(decide("B.exponent.L", {Relation::at_most, 0.0, lower_tolerance},
                                      outside, 4,
                                      "distance of the exponent " + moe::rounded(exponent, 2) +
                                          " in L from the brackets of slopes [LB, UB]: " + text));
    for (const char* router : {"tree", "flat"}) {
        const std::string ladder = "dimension." + std::string(router);
        judgement.rates.push_back(rate_of(ladder + ".upper", "UB against n", 1.0, upper_tolerance,
                                          series(rows_with(table, "ladder", ladder), "upper")));
    }
}

void judge_readings(moe::Judgement& judgement, const moe::Table& table) {
    judge_ladder_certificates(judgement, "W.certificates", moe::all_rows(table));
    for (const std::string test : {"width", "depth"}) {
        const Rows rows = rows_with(table, "test", test);
        if (rows.empty()) continue;
        const moe::Rate lower =
            rate_of("readings." + test + ".lower", "LB", 2.0, 0.05, series(rows, "lower"));
        const moe::Rate weights = rate_of("readings." + test + ".weights", "UB, W = weights", 2.0,
                                          upper_tolerance, series(rows, "weights_bound"));
        const moe::Rate plain = rate_of("readings." + test + ".neurons", "max{n, Jw}", 1.0,
                                        lower_tolerance, series(rows, "neurons_plain"));
        // With its logarithms the form has no exponent of its own at these sizes: 1 in the limit.
        const Series logarithms = series(rows, "neurons_logarithms");
        const moe::Rate with = rate_of("readings." + test + ".neurons-logarithms",
                                       "max{n, Jw} with squared logarithm", 1.0, 0.65, logarithms);
        for (const moe::Rate* rate : {&lower, &weights, &plain, &with})
            judgement.rates.push_back(*rate);
        judgement.claims.push_back(
            decide("W.neurons." + test, {Relation::at_least, reading_gap, 0.0},
                   lower.slope - with.slope, rows.size(),
                   "slope " + moe::rounded(lower.slope, 4) + " of the certificates minus " +
                       moe::rounded(with.slope, 4) +
                       " of the bound with its logarithms (plain: " + moe::rounded(plain.slope, 4) +
                       "); by exponent: with constant 1 the certificates pass the bound only "
                       "beyond these sizes, the construction proves them for all"));
        judgement.claims.push_back(decide(
            "W.weights." + test, {Relation::at_most, 1.0, 0.0},
            rows.largest([](const moe::Table& t, std::size_t row) {
                return number(t, row, "lower") / number(t, row, "weights_bound");
            }),
            rows.size(),
            "largest LB/UB with W = weights, slope of UB " + moe::rounded(weights.slope, 4)));
    }
}

void judge_exact(moe::Judgement& judgement, const moe::Options& options, const moe::Table& counts,
                 const moe::Table& plane) {
    const auto add = [&](const char* id, moe::Expected expected, double measured,
                         std::int64_t observations, const std::string& evidence) {
        judgement.claims.push_back(decide(id, expected, measured, observations, evidence));
    };
    for (const char* where : {"plane", "line"}) {
        const Rows rows = rows_with(counts, "where", where);
        if (rows.empty()) continue;
        add(std::string(where) == "plane" ? "exact.cover" : "exact.line",
            {Relation::equal, 0.0, 0.0}, rows.largest([](const moe::Table& t, std::size_t row) {
                return std::abs(number(t, row, "enumerated") - number(t, row, "formula"));
            }),
            rows.size(), "largest |enumerated - formula|");
    }
    const Rows ten = rows_with(plane, "set", "TEN");
    const Rows six = rows_with(plane, "set", "SIX");
    if (ten.empty() || six.empty()) return;
    const std::size_t t = ten.indices().front();
    const std::size_t s = six.indices().front();
    add("exact.TEN", {Relation::equal, std::exp2(number(plane, t, "points")), 0.0},
        number(plane, t, "two_linear"), 1,
        "labelings of TEN by two linear experts; one line has " +
            std::to_string(plane.integer(t, "dichotomies")) + ", three constants " +
            std::to_string(plane.integer(t, "three_const")));
    add("exact.SIX", {Relation::equal, std::exp2(number(plane, s, "points")), 0.0},
        number(plane, s, "three_const"), 1, "labelings of SIX by three constant experts");
    add("exact.programs", {Relation::equal, 0.0, 0.0},
        number(plane, t, "disagreements") + number(plane, s, "disagreements"),
        plane.integer(t, "programs") + plane.integer(s, "programs"),
        "labelings on which enumeration and linear program (each answer proved in integers) "
        "differ");

    const moe::MoeShape two_linear{.L = 2, .n = 2};
    const auto bound = moe::vc_upper_bound(two_linear, options.sabotage() == "drop-routing"
                                                           ? moe::RoutingTerm::dropped
                                                           : moe::RoutingTerm::counted);
    const std::uint64_t sharp = moe::two_linear_experts_bound();
    add("exact.two-linear", {Relation::at_least, number(plane, t, "points"), 0.0},
        static_cast<double>(std::min(bound, sharp)), 1,
        "upper bounds " + std::to_string(bound) + " (general) and " + std::to_string(sharp) +
            " (by counting splits) for two linear experts in the plane, against the 10 points of "
            "TEN");
}

/// The dimension lies between the points of a set that is shattered and the first level of order
/// types without a shattered one, less 1; the claim holds if both meet, as far as the levels go.
void judge_dimension(moe::Judgement& judgement, const char* id, const char* mixture,
                     double dimension, const moe::Table& plane, const char* set,
                     const char* realised, const moe::Table& types) {
    const Rows known = rows_with(plane, "set", set);
    const Rows rows = rows_with(types, "mixture", mixture);
    if (known.empty() || rows.empty()) return;
    const std::size_t row = known.indices().front();
    const double points = number(plane, row, "points");
    const double lower = number(plane, row, realised) == std::exp2(points) ? points : 0.0;
    double upper = std::numeric_limits<double>::infinity();
    std::string counts;
    for (const std::size_t level : rows.indices()) {
        counts +=
            (counts.empty() ? "" : ", ") + std::to_string(types.integer(level, "shattered_types"));
        if (types.integer(level, "shattered_types") == 0)
            upper = std::min(upper, number(types, level, "points") - 1.0);
    }
    const bool decided = std::isfinite(upper);
    const double measured = decided && upper != lower ? -1.0 : lower;
    judgement.claims.push_back(decide(
        id, {decided ? Relation::equal : Relation::at_least, dimension, 0.0}, measured, rows.size(),
        std::string("points of ") + set + ", shattered: " + moe::rounded(lower, 4) +
            "; shattered order types of 4, 5, ... points: " + counts +
            (decided ? "; the 0 proves VC <= " + moe::rounded(upper, 4)
                     : "; no 0 yet: this run leaves the upper side open")));
}

void judge_search(moe::Judgement& judgement, const moe::Table& table) {
    const Rows rows = moe::all_rows(table);
    if (rows.empty()) return;
    std::string text;
    for (const char* searched : {"two_linear", "three_const"}) {
        const Rows here = rows_with(table, "searched", searched);
        std::int64_t evaluations = 0;
        std::size_t best = here.indices().front();
        for (const std::size_t row : here.indices()) {
            evaluations += table.integer(row, "evaluations");
            if (table.integer(row, "best") > table.integer(best, "best")) best = row;
        }
        text += (text.empty() ? "" : "; ") + std::string(searched) + ", " +
                std::to_string(table.integer(best, "points")) + " points: best " +
                std::to_string(table.integer(best, "best")) + " of " +
                std::to_string(table.integer(best, "all")) +
                (table.boolean(best, "found") ? ", FOUND a shattered set (see search.csv)"
                                              : ", not found within budget") +
                " of " + std::to_string(evaluations) + " sets";
    }
    judgement.claims.push_back(decide(
        "search.recount", {Relation::equal, 0.0, 0.0},
        rows.largest([](const moe::Table& t, std::size_t row) {
            return std::abs(number(t, row, "best") - number(t, row, "recount"));
        }),
        rows.size(),
        "counts of the best sets, counted anew; " + text + ". A failed search bounds nothing"));
}

} // namespace

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    judge_shattering(judgement, tables.at("shattering"));
    judge_brackets(judgement, options, tables.at("brackets"));
    judge_readings(judgement, tables.at("readings"));
    judge_exact(judgement, options, tables.at("counts"), tables.at("plane"));
    judge_dimension(judgement, "exact.three-constants", "three_const", 6.0, tables.at("plane"),
                    "SIX", "three_const", tables.at("order_types"));
    judge_dimension(judgement, "exact.two-linear-dimension", "two_linear", 10.0, tables.at("plane"),
                    "TEN", "two_linear", tables.at("order_types"));
    judge_search(judgement, tables.at("search"));
    return judgement;
}

} // namespace vc_bound
