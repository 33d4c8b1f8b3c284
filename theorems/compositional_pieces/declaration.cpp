#include "compositional_pieces/judgement.hpp"
#include "compositional_pieces/tables.hpp"
#include "compositional_pieces/trained.hpp"

#include "basics/append.hpp"

#include <utility>

namespace compositional_pieces {

namespace {

const char* const paper = "arXiv:2505.24205";

std::vector<moe::OptionSpec> options() {
    const moe::IntegerRange charts{1, 4096};
    const moe::IntegerRange dimensions{1, 60};
    return {
        moe::integers_option("experts", "experts a pair E of the sweeps", charts,
                             {2, 3, 4, 5, 6, 7, 8}, {2, 3, 4, 5, 6, 7, 8}),
        moe::integers_option("dimensions", "dimensions L of the sweeps, each with each E",
                             dimensions, {1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6}),
        moe::integers_option("more-experts", "E of further sweeps", charts, {16, 3},
                             {16, 3, 16, 4}),
        moe::integers_option("more-dimensions", "L of further sweeps, one for each of these E",
                             dimensions, {4, 10}, {4, 10, 6, 12}),
        moe::integer_option("boxes",
                            "boxes of a model that are visited: all E^L if they are no more, else "
                            "so many, one of each of as many ranges of box numbers",
                            {1, 10000000}, 4096, 1000000, "boxes"),
        moe::integer_option("chart-points", "random points of a model with two intervals a chart",
                            {1, 10000000}, 50000, 50000, "points"),
        moe::integer_option("chart-gates", "random linear gates on one coordinate", {1, 1000000},
                            1000, 20000, "gates"),
        moe::integer_option("most-experts",
                            "comparisons with one layer have at most so many experts L E",
                            {8, 1000}, 1000, 1000, "experts"),
        moe::integer_option("fair-points", "random points of the deep models with ReLU experts",
                            {1, 10000000}, 200000, 200000, "points"),
        moe::integer_option("fit-points",
                            "random points to which one-layer models are fitted, next to the "
                            "corners",
                            {1000, 10000000}, 4000, 20000, "points"),
        moe::integer_option("judged-points",
                            "fresh random points on which they are judged, next to the corners",
                            {1000, 10000000}, 20000, 20000, "points"),
        moe::integer_option("random-layers", "random gates tried a comparison", {1, 1000000}, 4,
                            200, "layers"),
        moe::integer_option("lloyd-iterations", "of Lloyd's algorithm", {1, 100000}, 40, 100,
                            "iterations"),
        moe::integer_option("contender-steps", "training steps of one-layer models", {1, 1000000},
                            100, 3000, "steps"),
        moe::integers_option("scaling-dimensions", "L of the ladders E = 2, 4, .., 32", {1, 4},
                             {2, 3}, {2, 3, 4}),
        moe::integers_option("knots", "knots m of experts for smooth sub-functions", {1, 10000},
                             {1, 3, 7, 15, 31}, {1, 3, 7, 15, 31}, "knots", {2, 40})};
}

std::vector<moe::ClaimInfo> claims() {
    const char* const theorem = "abstract; Theorem 5.2";
    return {
        {"pieces.routing", "pieces", paper, theorem,
         "depth-2L models with E experts a pair route a random point of every one of the E^L boxes "
         "to the experts of its charts"},
        {"pieces.error", "pieces", paper, theorem,
         "on every box the model with L E experts is the target with E^L pieces, up to rounding"},
        {"pieces.gradients", "pieces", paper, theorem,
         "the model has a different gradient on each of the E^L boxes"},
        {"pieces.slopes", "pieces", paper, "derived: notes 3.1",
         "the gradient on the box (i_1, .., i_L) is that of f_{1,i_1}, .., f_{L,i_L}"},
        {"pieces.dyadic", "pieces", paper, "derived: notes 3.1",
         "with E a power of two and dyadic positions the error is exactly 0"},
        {"charts.routing", "charts", paper, "derived: notes 3.2",
         "charts of two intervals each: with rho, a maximum of two affine functions in the odd "
         "layer, no point is misrouted"},
        {"charts.error", "charts", paper, "derived: notes 3.2",
         "and the model is the target up to rounding"},
        {"charts.needed", "charts", paper, "derived: notes 3.2",
         "without the odd layer every linear gate misroutes at least (E-1)/(2E) of a coordinate"},
        {"charts.sharp", "charts", paper, "derived: notes 3.2",
         "and the nearest first anchor misroutes exactly that much"},
        {"maximum.routing", "maximum", paper, theorem,
         "f_out = max: every box is routed to its experts"},
        {"maximum.error", "maximum", paper, theorem,
         "f_out = max: the model is the target up to rounding"},
        {"one-layer.deep", "one-layer", paper, "derived: notes 4.3",
         "the deep model has error at most 1e-12 on Phi_q, q = E (m+1) pieces a coordinate"},
        {"one-layer.separation", "one-layer", paper, "derived: notes 4.1",
         "every single layer with a linear top-1 gate and L E experts of the same width and at "
         "most "
         "one hidden layer misses Phi_q by LB > 1e-12, at the (E, L, m) listed"},
        {"one-layer.cells", "one-layer", paper, "derived: notes 4.1",
         "Phi_q has more pieces than one such layer has convex cells, at the (E, L, m) listed: no "
         "exact representation"},
        {"one-layer.bound.square-norm", "one-layer", paper, "derived: notes 4.1",
         "no single layer that was tried is below its lower bound on |x|^2"},
        {"one-layer.bound.pieces", "one-layer", paper, "derived: notes 4.1",
         "no single layer that was tried is below its lower bound on Phi_q"},
        {"one-layer.rate.deep", "one-layer", paper, "derived: notes 4.1",
         "the deep model's error on |x|^2 is L / (8 E^2): slope -2 in E"},
        {"one-layer.rate.bound", "one-layer", paper, "derived: notes 4.1",
         "the bound for one layer with L E affine experts on |x|^2 has slope -2/L in E"},
        {"one-layer.parity", "one-layer", paper, "derived: notes 4.2, a limit of the argument",
         "not every function of E^L pieces is hard: one layer with at most L E experts has the "
         "parity of all boxes at their centres"},
        {"one-layer.dense", "one-layer", paper, "derived: notes 4.2, a limit of the argument",
         "E^L pieces are not beyond dense nets: one of width L (E-1) + 1 represents Phi_E"},
        {"one-layer.vacuous", "one-layer", paper, "derived: notes 4.2, a limit of the argument",
         "for E = L = 2 one layer with affine experts represents Phi_2: no separation there"},
        {"smooth.sup", "smooth", paper, "derived: notes 3.3",
         "smooth sub-functions: every box has the error of its own interpolants, and the error "
         "over "
         "all boxes is max over signs of sum_l max_i e_{l,i}"},
        {"smooth.bound", "smooth", paper, "derived: notes 3.3",
         "the error is at most sum_l max_i M_{l,i} / (8 E^2 (m+1)^2), M = max |f''|"},
        {"smooth.rate", "smooth", paper, "derived: notes 3.3", "the slope in m + 1 is -2"},
        {"smooth.boxes", "smooth", paper, "derived: notes 3.3",
         "16 times the boxes do not cost accuracy: the error at E = 8, L = 4 is no larger than at "
         "E = 4, L = 4"}};
}

} // namespace

moe::Program declaration() {
    moe::Program program;
    program.name = "thm_compositional_pieces";
    program.papers = {paper};
    program.summary =
        "A mixture of experts of depth 2L with E experts a layer represents functions with E^L "
        "pieces, f_out(f_1(x_1), .., f_L(x_L)), though only L E experts exist. One layer with a "
        "linear top-1 gate and L E experts of the same width and at most one hidden layer cannot, "
        "at the sizes listed: its error has an explicit lower bound.";
    program.example = "thm_compositional_pieces --only pieces --only smooth";
    program.checks = {
        {"pieces", "deep models on every box: routing, error, number of different gradients"},
        {"charts", "charts of two intervals, which need the odd layers"},
        {"maximum", "f_out = max"},
        {"one-layer", "lower bounds for one layer, layers that try, and limits of the argument"},
        {"smooth", "smooth sub-functions: error over all boxes against the bound"},
        {"trained",
         "experiment II: two layers of three experts against one layer of six, trained"}};
    program.presets = {{"quick", 12.0}, {"full", 240.0}};
    program.options = options();
    moe::append(program.options, trained_options());
    program.tables = schemas();
    program.tables.push_back(trained_schema());
    program.figures = {
        {"compositional_pieces_count", "Pieces and experts",
         "Different gradients of the deep models against their L E experts, with E^L; error of the "
         "deep model on Phi_E, lower bound for one layer and the best layers that were tried."},
        {"compositional_pieces_width", "Equal width",
         "The same errors for ReLU experts, one layer with as many experts of the same width."},
        {"compositional_pieces_scaling", "Deep against one layer",
         "Error on |x|^2 against E: deep model with its law E^-2, lower bound for one layer with "
         "its law E^(-2/L), and the best one-layer models that were tried."},
        {"compositional_pieces_smooth", "Smooth sub-functions",
         "Error over all boxes against the m + 1 pieces of an expert, its bound, and the slope "
         "-2."},
        {"compositional_pieces_trained", "Trained: two layers against one",
         "Mean squared error of trained 2-3, 1-6 and 1-9 models on nine boxes against the width "
         "of an expert, and the paper's numbers for its own target."}};
    program.claims = claims();
    moe::append(program.claims, trained_claims());
    const std::vector<std::string> sweep{
        "--only",         "pieces", "--experts",         "4", "--dimensions", "3",
        "--more-experts", "2",      "--more-dimensions", "2"};
    program.sabotages = {
        {"route", "swaps two gate rows of the first pair", "pieces", sweep},
        {"expert", "makes two experts of the first pair equal", "pieces", sweep},
        {"anchors",
         "drops the second anchor of each chart from rho",
         "charts",
         {"--only", "charts", "--chart-gates", "10"}},
        {"sum", "adds where the maximum is due", "maximum", {"--only", "maximum"}},
        {"cells",
         "counts the cells of one expert only in the lower bound",
         "one-layer",
         {"--only", "one-layer", "--most-experts", "8", "--scaling-dimensions", "2"}},
        {"knot",
         "makes the largest change of slope of the least bent expert 1 % larger",
         "smooth",
         {"--only", "smooth", "--knots", "3,7"}}};
    moe::append(program.sabotages, trained_sabotages());
    return program;
}

} // namespace compositional_pieces
