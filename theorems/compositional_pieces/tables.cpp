#include "compositional_pieces/tables.hpp"

namespace compositional_pieces {

namespace {

using moe::Column;
using moe::ColumnType;

Column integer(const char* name, const char* description) {
    return {name, ColumnType::integer, description};
}

Column real(const char* name, const char* description) {
    return {name, ColumnType::real, description};
}

Column text(const char* name, const char* description) {
    return {name, ColumnType::text, description};
}

Column charts_column() {
    return integer("E", "charts and experts a pair of layers");
}

Column dimension_column() {
    return integer("L", "coordinates and pairs of layers");
}

Column misrouted_column() {
    return integer("misrouted", "points with a coordinate sent to a wrong chart");
}

Column scale_column() {
    return real("scale", "max(1, largest |slope|, L): errors are judged against it");
}

Column knots_column() {
    return integer("m", "knots of a deep expert's function; 0: all experts are affine");
}

std::vector<moe::TableSchema> constructions() {
    return {{"sweeps",
             "deep models with E experts a pair on the E^L boxes of their targets",
             {text("family", "quad, rand: affine experts; dyadic: quad at dyadic positions; relu: "
                             "quad with ReLU experts"),
              charts_column(), dimension_column(), integer("experts", "task experts of all layers"),
              integer("total_parameters", "all entries, zeros included"),
              integer("active_parameters", "of one evaluation, zeros included"),
              integer("pieces", "E^L"), integer("boxes", "visited; a sample where below E^L"),
              misrouted_column(),
              integer("distinct_gradients", "different gradients on the boxes visited"),
              real("error", "largest |net - target|"),
              real("gradient_error", "largest |central difference - slope of the target|"),
              scale_column()}},
            {"charts",
             "charts of two intervals each: max-affine rho in the odd layer, and linear gates on "
             "the coordinate alone",
             {charts_column(), dimension_column(), integer("points", "random points of [0,1]^L"),
              misrouted_column(), real("error", "largest |net - target|"), scale_column(),
              real("first", "a point of chart 0"), real("between", "a point of chart 1 after it"),
              real("second", "a point of chart 0 after that"),
              real("least_misrouted", "(E-1)/(2E), no linear gate on x_l misroutes less of [0,1]"),
              real("anchors_misrouted", "share misrouted by the nearest first anchor"),
              integer("gates", "random linear gates on x_l"),
              real("random_misrouted", "least share misrouted by one of them")}},
            {"maximum",
             "deep models for f_out = max",
             {charts_column(), dimension_column(), integer("pieces", "E^L"),
              integer("boxes", "visited"), misrouted_column(),
              real("error", "largest |net - target|"), scale_column()}},
            {"smooth",
             "smooth sub-functions, experts that interpolate with m + 1 pieces",
             {charts_column(), dimension_column(), integer("m", "knots of an expert"),
              integer("boxes", "all, each at its two worst points and one beyond all knots"),
              misrouted_column(), real("measured", "largest |net - f|"),
              real("deviation", "largest |net - f - error of the box's interpolants|"),
              real("formula", "max over signs of sum_l max_i of the experts' errors"),
              real("bound", "sum_l max_i M / (8 E^2 (m+1)^2)")}}};
}

std::vector<moe::TableSchema> comparisons() {
    return {{"one_layer",
             "deep models and lower bounds for one layer with as many experts of the same width",
             {charts_column(), dimension_column(), knots_column(), integer("experts", "L E"),
              integer("width", "of one layer's experts: m + 2(L+1); 0: affine"),
              integer("hidden", "hidden layers of one layer's experts"),
              integer("pieces", "q^L, q = E (m+1) pieces a coordinate"),
              integer("cells", "T, convex cells on which one layer is affine"),
              integer("points", "where the deep model was evaluated"),
              integer("active_parameters", "of the deep model, zeros included"),
              real("deep_error", "of the deep model on Phi_q"),
              real("bound", "LB: error of every one-layer model on Phi_q; vacuous if not positive"),
              real("deep_norm_error", "of the deep model on |x|^2"),
              real("norm_bound", "error of every one-layer model on |x|^2")}},
            {"contenders",
             "one-layer models that were tried: their largest error on random points and corners",
             {charts_column(), dimension_column(), knots_column(),
              text("contender", "lloyd, grid, random, trained, refined"),
              text("function", "square-norm: |x|^2; pieces: Phi_q"),
              integer("layers", "tried; the best one counts"), real("error", "of the best"),
              real("bound", "no one-layer model is better")}},
            {"scaling",
             "deep model and bound for one layer on |x|^2 against E",
             {dimension_column(), charts_column(),
              real("deep_norm_error", "of the deep model on |x|^2, at the centres of all boxes"),
              real("norm_bound", "error of every one-layer model with L E affine experts")}},
            {"easy",
             "what the counting argument does not say: many pieces, yet easy",
             {text("model", "parity: one layer of strips; dense: one wide ReLU net; two-by-two: "
                            "one layer, as many cells as pieces"),
              charts_column(), dimension_column(), integer("experts", "of the one layer"),
              integer("width", "of its experts; 0: affine"),
              integer("points", "where it was evaluated"), real("error", "largest error")}}};
}

} // namespace

std::vector<moe::TableSchema> schemas() {
    std::vector<moe::TableSchema> result = constructions();
    for (moe::TableSchema& schema : comparisons())
        result.push_back(schema);
    return result;
}

moe::Row row(const SweepRow& s) {
    return {s.family, s.E,         s.L,        s.experts, s.total,          s.active, s.pieces,
            s.boxes,  s.misrouted, s.distinct, s.error,   s.gradient_error, s.scale};
}

moe::Row row(const ChartRow& c) {
    return {c.E,       c.L,      c.points,      c.misrouted,     c.error, c.scale,       c.first,
            c.between, c.second, c.least_share, c.anchors_share, c.gates, c.random_share};
}

moe::Row row(const MaximumRow& m) {
    return {m.E, m.L, m.pieces, m.boxes, m.misrouted, m.error, m.scale};
}

moe::Row row(const BoundRow& b) {
    return {b.sizes.E,    b.sizes.L, b.sizes.m,         b.experts,   b.width,
            b.hidden,     b.pieces,  b.cells,           b.points,    b.active,
            b.deep_error, b.bound,   b.deep_norm_error, b.norm_bound};
}

moe::Row row(const ContenderRow& c) {
    return {c.sizes.E, c.sizes.L, c.sizes.m, c.contender, c.function, c.layers, c.error, c.bound};
}

moe::Row row(const ScalingRow& s) {
    return {s.L, s.E, s.deep_norm_error, s.norm_bound};
}

moe::Row row(const EasyRow& e) {
    return {e.model, e.E, e.L, e.experts, e.width, e.points, e.error};
}

moe::Row row(const SmoothRow& s) {
    return {s.E, s.L, s.m, s.boxes, s.misrouted, s.measured, s.deviation, s.formula, s.bound};
}

} // namespace compositional_pieces
