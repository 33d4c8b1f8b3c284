#include "vc_bound/judgement.hpp"
#include "vc_bound/tables.hpp"

namespace vc_bound {

moe::Program declaration() {
    const char* const paper = "arXiv:2402.03460v2";
    moe::Program program;
    program.name = "thm_vc_bound";
    program.papers = {"arXiv:2402.03460v1", paper};
    program.summary =
        "Mixtures of L MLPs of depth J with W weights on R^n have VC dimension O~(L max{nL, J W}): "
        "explicit upper bounds, and lower bounds as certificates whose every labeling is verified. "
        "Read with W = neurons of a layer the statement is refuted.";
    program.example = "thm_vc_bound --only shattering --only readings";
    program.checks = {
        {"shattering", "points and integer weights for every labeling, verified exactly"},
        {"brackets",
         "LB <= VC <= UB along L, n, width and depth; exponent in L; the paper's shape"},
        {"readings", "W as weights against W as neurons: width test and depth test"},
        {"exact", "Cover's count, lines, small planar cases, linear programs"},
        {"search", "searches for larger shattered sets"}};
    program.presets = {{"quick", 5.0}, {"full", 120.0}};
    program.options = {
        moe::integer_option("labelings", "random labelings per large certificate", {1, 1000000},
                            100, 2000),
        moe::integer_option("order-type-points",
                            "order types of two linear experts up to this many points; 11 decides "
                            "their VC dimension (some 90 s)",
                            {4, 11}, 8, 11, "points"),
        moe::flag_option("search", "search with the budget of --search-evaluations, not only a "
                                   "short demonstration of 8000 sets"),
        moe::integer_option("search-evaluations",
                            "point sets that a search may try; a count and no time, so that its "
                            "result can be repeated (some 25 microseconds a set)",
                            {1, 100000000}, 100000, 1000000, "sets")};
    program.tables = schemas();
    program.figures = {
        {"vc_bound_brackets", "Lower and upper bounds",
         "Certified lower bounds and counted upper bounds against L, n, width and depth."},
        {"vc_bound_readings", "Two readings of W",
         "Explicit shatterings against the bound with W = weights and with W = neurons."},
        {"vc_bound_realisable", "Fraction of realisable labelings",
         "Fraction of all labelings of m points that one line, two linear experts and three "
         "constants realise, with Cover's curve."}};
    program.claims = {
        {"B.lower.exhaustive", "shattering", paper, "notes 4.2",
         "every labeling of every certificate up to 16 (20) points is realised: VC >= m"},
        {"B.lower.random", "shattering", paper, "notes 4.2",
         "random labelings of certificates up to 2304 points are realised"},
        {"B.same-nets", "shattering", paper, "notes 4.2",
         "the nets that are counted are the ones that run: the library's float64 forward pass "
         "gives "
         "the exact integers where float64 holds them"},
        {"B.bracket.certificates", "shattering", paper, "abstract, B",
         "LB <= UB for every certificate"},
        {"B.lower.ladders", "brackets", paper, "notes 4.2",
         "random labelings of the certificates along L, n, width and depth are realised"},
        {"B.bracket", "brackets", paper, "abstract, B", "LB <= UB along L, n, width and depth"},
        {"B.shape", "brackets", paper, "abstract, B, W = weights",
         "UB <= 4.24 L ln(L+1)^2 max{nL ln(L+1), JW ln(JW)} over L <= 64, n <= 8, width <= 24, "
         "J <= 5"},
        {"B.exponent.L", "brackets", paper, "abstract, B is not tight",
         "the exponent in L is 1 for linear experts: the paper's term n L^2 is not attained"},
        {"W.certificates", "readings", paper, "notes 4.2",
         "random labelings of the certificates of the width and the depth test are realised"},
        {"W.neurons.width", "readings", paper, "abstract, B, W = neurons",
         "reading (b) is refuted by the width test: LB = t^2 outgrows C t log^k t"},
        {"W.weights.width", "readings", paper, "abstract, B, W = weights",
         "reading (a) is consistent with the width test: LB <= UB"},
        {"W.neurons.depth", "readings", paper, "abstract, B, W = neurons",
         "reading (b) is refuted by the depth test: LB = d^2 outgrows C d log^k d"},
        {"W.weights.depth", "readings", paper, "abstract, B, W = weights",
         "reading (a) is consistent with the depth test: LB <= UB"},
        {"exact.cover", "exact", "Cover 1965", "counting theorem",
         "affine dichotomies of planar points in general position = Cover's count, m <= 12"},
        {"exact.line", "exact", paper, "notes 4.3",
         "labelings of a line with at most s changes = 2 sum C(m-1,i): VC = L (constants), 2L "
         "(linear experts)"},
        {"exact.TEN", "exact", paper, "notes 4.3",
         "two linear experts shatter the 10 points TEN, though L(n+1) = 6 and 9 parameters"},
        {"exact.SIX", "exact", paper, "notes 4.3",
         "three constant experts shatter the 6 points SIX"},
        {"exact.programs", "exact", paper, "notes 4.3",
         "an exact linear program decides every labeling of TEN and SIX as the enumeration does"},
        {"exact.two-linear", "exact", paper, "notes 4.1",
         "the upper bounds for two linear experts in the plane are not below the 10 points "
         "shattered"},
        {"exact.three-constants", "exact", paper, "notes 4.3",
         "three constant experts in the plane have VC dimension exactly 6: no order type of 7 "
         "points "
         "is shattered"},
        {"exact.two-linear-dimension", "exact", paper, "notes 4.3",
         "two linear experts in the plane have VC dimension exactly 10: TEN is shattered and no "
         "order "
         "type of 11 points is (at least 10 where --order-type-points stops before 11)"},
        {"search.recount", "search", paper, "computational evidence",
         "the search's counts are right; what it does not find is no bound"}};
    program.sabotages = {
        {"bad-root",
         "moves one root of each certificate by 1",
         "shattering",
         {"--only", "shattering", "--labelings", "4"}},
        {"drop-routing",
         "leaves the routing term out of the upper bound",
         "exact",
         {"--only", "exact"}},
        {"square-L", "judges against exponent 2 in L", "brackets", {"--only", "brackets"}}};
    return program;
}

} // namespace vc_bound
