#include "vc_bound/tables.hpp"

namespace vc_bound {

using moe::ColumnType;

std::vector<moe::TableSchema> schemas() {
    const auto integer = [](const char* name, const char* description) {
        return moe::Column{name, ColumnType::integer, description};
    };
    const auto text = [](const char* name, const char* description) {
        return moe::Column{name, ColumnType::text, description};
    };
    const auto boolean = [](const char* name, const char* description) {
        return moe::Column{name, ColumnType::boolean, description};
    };
    const auto real = [](const char* name, const char* description) {
        return moe::Column{name, ColumnType::real, description};
    };
    return {
        {"shattering",
         "certificates: explicit integer weights for every labeling",
         {text("construction", "linear, relu, zigzag, narrow"), text("plan", "with its sizes"),
          boolean("exhaustive", "all 2^m labelings, else random ones"), integer("experts", "L"),
          integer("n", "dimension"), integer("depth", "J"),
          integer("weights", "W of one expert, dense count"),
          integer("points", "m, the lower bound that is certified"),
          integer("bound_tree", "upper bound of the class, binary tree routing"),
          integer("bound_flat", "upper bound of the class, flat routing"),
          boolean("routed", "every point goes to its block without a tie"),
          integer("labelings", "labelings verified in exact integers"),
          integer("realised", "labelings with every label right"),
          integer("float64_models", "models run through the library's forward pass as well"),
          integer("float64_differing", "outputs that differ from the exact ones")}},
        {"brackets",
         "lower and upper bounds along L, n, width and depth, and the paper's shape over a grid",
         {text("ladder", "what is varied, and the router"), integer("abscissa", "L, n, width or J"),
          text("router", "tree or flat"), integer("experts", "L"), integer("n", "dimension"),
          integer("depth", "J"), integer("width", "hidden width; 1 for linear experts"),
          integer("weights", "W of one expert"), integer("lower", "LB by construction; 0 for none"),
          integer("verified", "random labelings verified here; 0: beyond 128 bits, -1: failed"),
          integer("upper", "UB"), real("paper_shape", "L ln(L+1)^2 max{nL ln(L+1), JW ln(JW)}")}},
        {"readings",
         "bounds with W = weights and W = neurons against explicit shatterings, one expert",
         {text("test", "width (n = t, w = 3t, J = 2) or depth (width 8, J = 5d - 1)"),
          integer("abscissa", "t or J"), integer("lower", "LB: t^2 or d^2"),
          integer("verified", "random labelings verified here; 0: beyond 128 bits, -1: failed"),
          integer("weights_bound", "UB, reading (a)"),
          real("neurons_plain", "reading (b): max{n, J w}"),
          real("neurons_logarithms", "reading (b) times its squared logarithm")}},
        {"counts",
         "labelings counted by enumeration and by formula",
         {text("where", "plane (affine dichotomies) or line (label changes)"),
          integer("points", "m"), integer("parameter", "n, or the label changes allowed"),
          integer("enumerated", "by enumeration"), integer("formula", "Cover, or 2 sum C(m-1,i)")}},
        {"fractions",
         "fraction of all labelings that is realised, best of 20 random planar sets",
         {integer("points", "m"), real("cover", "Cover's count / 2^m"),
          real("one_linear", "one linear expert"), real("two_linear", "two linear experts"),
          real("three_const", "three constant experts")}},
        {"plane",
         "exact planar cases",
         {text("set", "TEN or SIX"), integer("points", "m"),
          integer("dichotomies", "labelings of one line"),
          integer("two_linear", "labelings of two linear experts"),
          integer("three_const", "labelings of three constant experts"),
          integer("programs", "labelings decided by a linear program with exact proof"),
          integer("disagreements", "between program and enumeration")}},
        {"order_types",
         "abstract order types of planar points that a small mixture shatters, level by level",
         {text("mixture", "three_const or two_linear"), integer("points", "m"),
          integer("shattered_types", "order types of m points that are shattered; 0: VC < m")}},
        {"search",
         "searches for larger shattered sets: they find or they say nothing",
         {text("searched", "two_linear or three_const"), integer("points", "m"),
          integer("evaluations", "point sets tried"),
          integer("best", "most labelings realised by the search's count"),
          integer("recount", "the same, counted anew"), integer("all", "2^m"),
          boolean("found", "whether a shattered set was met"),
          text("best_points", "the best set")}}};
}

moe::Row row(const ShatteringRow& c) {
    return {
        c.construction, c.plan,           c.exhaustive,       c.L,          c.n,      c.depth,
        c.weights,      c.points,         c.bound_tree,       c.bound_flat, c.routed, c.labelings,
        c.realised,     c.float64_models, c.float64_differing};
}

moe::Row row(const BracketRow& b) {
    return {b.ladder, b.abscissa, b.router, b.L,        b.n,     b.depth,
            b.width,  b.weights,  b.lower,  b.verified, b.upper, b.paper};
}

moe::Row row(const ReadingRow& r) {
    return {r.test,          r.abscissa,          r.lower, r.verified, r.weights_bound,
            r.neurons_plain, r.neurons_logarithms};
}

moe::Row row(const CountRow& c) {
    return {c.where, c.points, c.parameter, c.enumerated, c.formula};
}

moe::Row row(const FractionRow& f) {
    return {f.points, f.cover, f.one_linear, f.two_linear, f.three_const};
}

moe::Row row(const PlaneRow& p) {
    return {p.set,         p.points,   p.dichotomies,  p.two_linear,
            p.three_const, p.programs, p.disagreements};
}

moe::Row row(const SearchRow& s) {
    return {s.searched, s.points, s.evaluations, s.best, s.recount, s.all, s.found, s.best_points};
}

std::string describe(std::span<const moe::PlanePoint> points) {
    std::string text;
    for (const moe::PlanePoint& point : points) {
        text += (text.empty() ? "(" : " (") + std::to_string(point.x) + "," +
                std::to_string(point.y) + ")";
    }
    return text;
}

} // namespace vc_bound
