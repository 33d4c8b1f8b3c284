// thm_superexpressive_vc: one neuron with a super-expressive activation and one parameter has
// infinite VC dimension, so a bound like that of MoMLPs cannot hold for it.
//
// Paper     Kratsios, Saez de Ocariz Borde, Furuya, Law, arXiv:2402.03460v1, abstract.
// Claim     C  Networks with super-expressive activations have infinite VC dimension at bounded
//              depth and width (while the class of MoMLPs has a finite one).
// Tested    The class x -> 1{sin(omega x) > 0}, omega > 0, one neuron, one parameter. For every m
//           and every labeling y of the points x_j = b^-j, j = 1..m, an explicit integer Omega with
//           omega = pi Omega gives the labels y:
//               b = 2:  Omega = 1 + sum_j (1 - y_j) 2^j,
//               b = 8:  Omega = sum_j [(1 - y_j) 8^j + 2 8^(j-1)],  |sin| >= sin(pi/4) everywhere.
//           sin(pi u) > 0 iff u mod 2 lies in (0, 1): integers decide every label.
// Measured  All 2^m labelings for m up to 14 (18), random ones up to m = 12714, one more than the
//           upper bound of a mixture of 16 MLPs; the margin min |sin|; and the float64 control,
//           which must fail, since a parameter of b bits gives at most 2^b functions (VC <= b).
// Refuted   if one label is wrong, the margin of base 8 falls below sin(pi/4), or the control does
//           not fail at m = 60.
//
// Sample runs (2 cores):
//   thm_superexpressive_vc                              quick preset, under a second
//   thm_superexpressive_vc --preset full                more labelings, some 5 seconds
//   thm_superexpressive_vc --query '{"q":"omega","labels":"1010"}'

#include "program/program.hpp"
#include "shattering/sine.hpp"
#include "statistics/rows.hpp"
#include "theory/vc_bound.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

namespace {

using moe::BigInteger;
using moe::ColumnType;
using moe::Relation;
using moe::Rows;
using moe::SineBase;

const char* const paper = "arXiv:2402.03460v1";

// ---------------------------------------------------------------------------------------------
// 1. Construction: Omega for a labeling, and the labels that it gives.

constexpr std::int64_t base_number(SineBase base) {
    return static_cast<std::int64_t>(base);
}

std::string base_name(SineBase base) {
    return std::to_string(base_number(base));
}

struct Realised {
    bool correct;
    double margin;
};

Realised realise(const moe::Options& options, const std::string& labels, SineBase base) {
    const auto guard =
        options.sabotage() == "drop-guard" ? moe::SineGuard::dropped : moe::SineGuard::kept;
    const BigInteger Omega = moe::sine_frequency(labels, base, guard);
    const std::string given = options.sabotage() == "float64"
                                  ? moe::naive_sine_labels(Omega, base, labels.size())
                                  : moe::sine_labels(Omega, base, labels.size());
    return {given == labels, moe::sine_margin(Omega, base, labels.size())};
}

std::string labels_of(std::uint64_t word, std::int64_t m) {
    std::string labels;
    for (std::int64_t j = 0; j < m; ++j)
        labels.push_back((word >> static_cast<unsigned>(j) & 1U) != 0 ? '1' : '0');
    return labels;
}

std::string alternating(std::int64_t m) {
    std::string labels;
    for (std::int64_t j = 0; j < m; ++j)
        labels.push_back(j % 2 == 0 ? '1' : '0');
    return labels;
}

// ---------------------------------------------------------------------------------------------
// 2. Measurement.

constexpr std::int64_t control_size = 60; ///< where the float64 control must have failed

/// `count` labelings of m points, given by their number.
moe::CellResult measure_labelings(const moe::CellContext& context, const moe::Options& options,
                                  SineBase base, std::int64_t m, bool exhaustive,
                                  std::uint64_t count,
                                  const std::function<std::string(std::uint64_t)>& labeling) {
    std::int64_t correct = 0;
    double margin = 1.0;
    for (std::uint64_t i = 0; i < count; ++i) {
        context.leave_if_stopped();
        const Realised realised = realise(options, labeling(i), base);
        correct += realised.correct ? 1 : 0;
        margin = std::min(margin, realised.margin);
    }
    moe::CellResult result;
    result.add("labelings", {base_number(base), m, exhaustive, static_cast<std::int64_t>(count),
                             correct, margin});
    return result;
}

moe::CellResult measure_control(const moe::Options& options, SineBase base) {
    const std::int64_t trials = options.integer("control-labelings");
    moe::CellResult result;
    for (std::int64_t m = 1; m <= options.integer("control-points"); ++m) {
        std::int64_t wrong = 0;
        for (std::int64_t trial = 0; trial < trials; ++trial) {
            const auto size = static_cast<std::size_t>(m);
            const std::string labels =
                moe::random_labels(size, options.seed(), static_cast<std::uint32_t>(trial));
            const BigInteger Omega = moe::sine_frequency(labels, base);
            if (moe::naive_sine_labels(Omega, base, size) != labels) ++wrong;
        }
        result.add("control", {base_number(base), m, trials, wrong,
                               static_cast<double>(wrong) / static_cast<double>(trials)});
    }
    return result;
}

/// A mixture of L affine experts on the line has VC dimension 2L: the alternating labeling of
/// 2L + 1 points has one label change too many. One sine realises it.
moe::CellResult measure_contrast(const moe::Options& options) {
    moe::CellResult result;
    for (const std::int64_t L : {1, 2, 4, 16, 64, 256}) {
        const std::int64_t m = 2 * L + 1;
        const std::string labels = alternating(m);
        const auto changes = static_cast<std::int64_t>(moe::label_changes(labels));
        // An affine expert changes sign once, and so does the label at the border of two cells.
        const bool mixture = (changes + 2) / 2 <= L;
        const bool sine = realise(options, labels, SineBase::two).correct &&
                          realise(options, labels, SineBase::eight).correct;
        result.add("contrast", {L, m, changes, 2 * L - 1, mixture, sine});
    }
    return result;
}

moe::MoeShape contrast_shape() {
    return {.L = 16,
            .n = 2,
            .routing = moe::RoutingRule::flat,
            .expert = moe::ExpertKind::mlp,
            .hidden = {12}};
}

std::vector<moe::Cell> plan(const moe::Options& options) {
    std::vector<moe::Cell> cells;
    for (const SineBase base : {SineBase::two, SineBase::eight}) {
        const std::string suffix = ".base" + base_name(base);
        for (std::int64_t m = 1; m <= options.integer("exhaustive-points"); ++m) {
            cells.push_back(
                {"exhaustive.m" + std::to_string(m) + suffix, "exhaustive",
                 std::exp2(static_cast<double>(m)), [=](const moe::CellContext& context) {
                     return measure_labelings(context, options, base, m, true,
                                              std::uint64_t{1} << static_cast<unsigned>(m),
                                              [m](std::uint64_t i) { return labels_of(i, m); });
                 }});
        }
        for (const std::int64_t m : options.integers("random-points")) {
            cells.push_back({"random.m" + std::to_string(m) + suffix, "random",
                             static_cast<double>(m * m), [=](const moe::CellContext& context) {
                                 return measure_labelings(
                                     context, options, base, m, false,
                                     static_cast<std::uint64_t>(options.integer("labelings")),
                                     [&options, m](std::uint64_t i) {
                                         return moe::random_labels(static_cast<std::size_t>(m),
                                                                   options.seed(),
                                                                   static_cast<std::uint32_t>(i));
                                     });
                             }});
        }
        cells.push_back({"control" + suffix, "control", 100.0,
                         [=](const moe::CellContext&) { return measure_control(options, base); }});
    }
    cells.push_back({"contrast", "contrast", 1.0,
                     [=](const moe::CellContext&) { return measure_contrast(options); }});
    return cells;
}

// ---------------------------------------------------------------------------------------------
// 3. Judgement. Everything is exact or deterministic: no rule here has a false-alarm rate.

void judge_labelings(moe::Judgement& judgement, const moe::Table& labelings) {
    for (const bool exhaustive : {true, false}) {
        const Rows rows(labelings, [=](const moe::Table& t, std::size_t row) {
            return t.boolean(row, "exhaustive") == exhaustive;
        });
        if (rows.empty()) continue;
        const double wrong = rows.largest([](const moe::Table& t, std::size_t row) {
            return moe::number(t, row, "labelings") - moe::number(t, row, "correct");
        });
        const double points = rows.largest(
            [](const moe::Table& t, std::size_t row) { return moe::number(t, row, "points"); });
        judgement.claims.push_back(
            moe::decide(exhaustive ? "C.exhaustive" : "C.random", {Relation::equal, 0.0, 0.0},
                        wrong, rows.size(),
                        std::string("most wrong labelings at any m up to ") +
                            std::to_string(static_cast<std::int64_t>(points)) +
                            (exhaustive ? ", all 2^m labelings" : ", random labelings")));

        const Rows wide(labelings, [=](const moe::Table& t, std::size_t row) {
            return t.boolean(row, "exhaustive") == exhaustive && t.integer(row, "base") == 8;
        });
        // The margin is computed from 64 leading bits of the argument, so 1e-12 covers rounding.
        judgement.claims.push_back(
            moe::decide(exhaustive ? "C.margin" : "C.margin.random",
                        {Relation::at_least, std::sin(std::numbers::pi / 4.0), 1e-12},
                        -wide.largest([](const moe::Table& t, std::size_t row) {
                            return -t.real(row, "margin");
                        }),
                        wide.size(), "smallest |sin| at any point of base 8"));
        if (!exhaustive) {
            const auto bound = static_cast<double>(moe::vc_upper_bound(contrast_shape()));
            // With fewer points the claim is not run.
            if (points <= bound) continue;
            judgement.claims.push_back(
                moe::decide("C.contrast.bound", {Relation::at_least, bound + 1.0, 0.0},
                            wrong == 0.0 ? points : 0.0, rows.size(),
                            "points whose random labelings one parameter realised, against the "
                            "upper bound of 16 MLPs of "
                            "12 hidden units on the plane, plus 1"));
        }
    }
}

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    judge_labelings(judgement, tables.at("labelings"));

    if (options.selected("control")) {
        const moe::Table& control = tables.at("control");
        std::string first;
        double weakest = 1.0;
        for (const std::int64_t base : {2, 8}) {
            std::int64_t failing = 0;
            for (std::size_t row = 0; row < control.rows(); ++row) {
                if (control.integer(row, "base") != base) continue;
                const bool failed = control.integer(row, "wrong") > 0;
                if (failed && failing == 0) failing = control.integer(row, "points");
                if (control.integer(row, "points") == control_size)
                    weakest = std::min(weakest, control.real(row, "wrong_fraction"));
            }
            first += (first.empty() ? "first failing m: base " : ", base ") + std::to_string(base) +
                     " at " + std::to_string(failing);
        }
        judgement.claims.push_back(moe::decide(
            "C.control", {Relation::at_least, 0.9, 0.0}, weakest, 2,
            "smallest fraction of random labelings of 60 points that float64 misses; " + first));
    }

    const Rows contrast = moe::all_rows(tables.at("contrast"));
    if (!contrast.empty()) {
        judgement.claims.push_back(moe::decide(
            "C.contrast.line", {Relation::equal, 0.0, 0.0},
            contrast.largest([](const moe::Table& t, std::size_t row) {
                return t.boolean(row, "mixture_realises") || !t.boolean(row, "sine_realises") ? 1.0
                                                                                              : 0.0;
            }),
            contrast.size(), "sizes L at which the contrast fails, L = 1..256"));
    }
    return judgement;
}

// ---------------------------------------------------------------------------------------------
// 4. What the program says of itself.

nlohmann::ordered_json omega(moe::Query& query) {
    const moe::SineAnswer answer = moe::sine_answer(query.text("labels"));
    return {
        {"omega2", answer.omega2}, {"omega8", answer.omega8}, {"min_margin8", answer.min_margin8}};
}

std::vector<moe::TableSchema> tables() {
    const moe::Column base{"base", ColumnType::integer, "b of the points x_j = b^-j"};
    return {{"labelings",
             "labelings of m points decided by integers",
             {base,
              {"points", ColumnType::integer, "m"},
              {"exhaustive", ColumnType::boolean, "all 2^m labelings, else random ones"},
              {"labelings", ColumnType::integer, "labelings tried"},
              {"correct", ColumnType::integer, "labelings with every label right"},
              {"margin", ColumnType::real, "min |sin(pi Omega x_j)|"}}},
            {"control",
             "the same with sin(omega x) in float64",
             {base,
              {"points", ColumnType::integer, "m"},
              {"labelings", ColumnType::integer, "random labelings tried"},
              {"wrong", ColumnType::integer, "labelings with a wrong label"},
              {"wrong_fraction", ColumnType::real, "wrong / labelings"}}},
            {"contrast",
             "alternating labels on a line: L affine experts against one sine",
             {{"experts", ColumnType::integer, "L"},
              {"points", ColumnType::integer, "2L + 1"},
              {"label_changes", ColumnType::integer, "changes of the alternating labeling"},
              {"changes_possible", ColumnType::integer, "2L - 1, most that L affine experts have"},
              {"mixture_realises", ColumnType::boolean, "label_changes <= changes_possible"},
              {"sine_realises", ColumnType::boolean, "by both bases"}}}};
}

moe::Program program() {
    const moe::IntegerRange sizes{.low = 1, .high = std::int64_t{1} << 20U};
    return {
        .name = "thm_superexpressive_vc",
        .papers = {paper},
        .summary = "One neuron x -> 1{sin(omega x) > 0} with one parameter shatters m points for "
                   "every m, so super-expressive activations have infinite VC dimension at bounded "
                   "depth and width. Every label is decided in exact integer arithmetic; float64 "
                   "fails where it must.",
        .example = "thm_superexpressive_vc --only exhaustive --exhaustive-points 10",
        .checks = {{"exhaustive", "all 2^m labelings for small m, both bases"},
                   {"random",
                    "random labelings up to m = 12714, more points than a mixture's bound"},
                   {"control", "the same in float64, which must fail"},
                   {"contrast", "alternating labels on a line: impossible for affine experts"}},
        .presets = {{"quick", 1.0}, {"full", 5.0}},
        .options = {moe::integer_option("exhaustive-points",
                                        "all labelings of up to this many points", {1, 24}, 14, 18,
                                        "points"),
                    moe::integers_option("random-points", "sizes m of the random labelings", sizes,
                                         {64, 256, 1024, 4096, 12714}, {64, 256, 1024, 4096, 12714},
                                         "points"),
                    moe::integer_option("labelings", "random labelings per size", {1, 1000000}, 20,
                                        200),
                    moe::integer_option("control-points", "the float64 control up to this size",
                                        {control_size, 1000}, 80, 80, "points"),
                    moe::integer_option("control-labelings",
                                        "random labelings per size of the "
                                        "control",
                                        {10, 100000}, 200, 2000)},
        .tables = tables(),
        .figures =
            {{"superexpressive_vc_precision", "Precision of the sine class",
              "Margin of the exact labels, and the fraction of random labelings that float64 "
              "misses, against the number of points."}},
        .claims =
            {{"C.exhaustive", "exhaustive", paper, "abstract, C",
              "one parameter realises all 2^m labelings of m points, every m tried"},
             {"C.margin", "exhaustive", paper, "derived: 5",
              "base 8 keeps |sin| >= sin(pi/4) at every point of every labeling"},
             {"C.random", "random", paper, "abstract, C",
              "one parameter realises random labelings of up to 12714 points"},
             {"C.margin.random", "random", paper, "derived: 5",
              "base 8 keeps |sin| >= sin(pi/4), random labelings"},
             {"C.contrast.bound", "random", paper, "abstract, B against C",
              "more points than the upper bound 12713 of a mixture of 16 MLPs"},
             {"C.control", "control", paper, "derived: 5, fixed precision",
              "in float64 at least 90 % of random labelings of 60 points fail: b bits of "
              "parameter give VC <= b; this failure refutes nothing"},
             {"C.contrast.line", "contrast", paper, "derived: 5",
              "the alternating labeling of 2L + 1 points on a line is impossible for L affine "
              "experts (VC = 2L) and realised by one sine"}},
        .sabotages = {{"float64",
                       "takes the float64 control for the exact evaluation",
                       "random",
                       {"--only", "random", "--random-points", "64"}},
                      {"drop-guard",
                       "base 2 without the 1 that keeps the sine off its zeros",
                       "exhaustive",
                       {"--only", "exhaustive", "--exhaustive-points", "4"}}},
        .plan = plan,
        .judge = judge,
        .queries = {{"omega", "labels -> omega2, omega8, min_margin8", omega}},
    };
}

} // namespace

int main(int argc, char** argv) {
    return moe::run(program(), argc, argv);
}
