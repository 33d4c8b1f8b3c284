#include "manifold_rate/tables.hpp"

namespace manifold_rate {

namespace {

using moe::Column;
using moe::ColumnType;

Column integer(const char* name, const char* description) {
    return {name, ColumnType::integer, description};
}
Column text(const char* name, const char* description) {
    return {name, ColumnType::text, description};
}
Column real(const char* name, const char* description) {
    return {name, ColumnType::real, description};
}

moe::Value if_any(const std::optional<double>& value) {
    if (value) return *value;
    return {};
}

const char* const manifold = "circle, winding, torus2, sphere2, sphere3";

} // namespace

std::vector<moe::TableSchema> schemas() {
    return {
        {"errors",
         "sup error of the two-layer mixture of experts against the cells of a chart's grid",
         {text("manifold", manifold), text("target", "smooth or hoelder"),
          real("alpha", "smoothness of a hoelder target"), real("phase", "of a hoelder target"),
          integer("sample", "number of the sample of points"), integer("d", "intrinsic dimension"),
          integer("cells", "N, cells an axis"), integer("width", "m, width of an expert"),
          real("sup_error", "largest |network - f| on the sample, smooth d >= 2: and its peaks"),
          integer("misrouted_points", "points outside the routed set of their chart"),
          real("certificate", "M d h^2/8 over the routed cells, smooth targets")}},
        {"dimension",
         "the same model in ambient spaces of dimension D",
         {text("manifold", manifold), integer("n", "own dimension"),
          integer("D", "ambient dimension"), real("tau", "0 flat, else size of the curved part"),
          integer("cells", "N, cells an axis"), real("sup_error", "largest |network - f|"),
          real("direct_error", "the same without ambient space and networks"),
          integer("misrouted_points", "points outside the routed set of their chart"),
          integer("routing_width", "width of layer 1: 2D + 3 E 2^(T-1)"),
          integer("expert_width", "m, width of an expert"),
          integer("total_parameters", "all entries, zeros included"),
          integer("active_parameters", "with one expert"),
          integer("listed_parameters", "entries that the sparse networks list"),
          integer("nonzero_parameters", "entries that are not 0")}},
        {"noise",
         "sup error with errors of rho, uniform in [-eta, eta]",
         {text("manifold", manifold), integer("cells", "N"), real("eta", "size of the errors"),
          real("eta_star", "size up to which routing stays inside the charts"),
          real("sup_error", "largest |network - f|"),
          real("sup_error_without", "the same for eta = 0"),
          real("certificate", "M h^2/8 over the whole charts"),
          integer("outside_points", "points beyond [-r, r] of the routed chart")}},
        {"gates",
         "linear gates on the core points of a curve",
         {text("curve", "winding or circle"), text("gate", "random, trained, two-layers, margin"),
          integer("number", "of the gate"), integer("charts", "E"),
          real("half_width", "of a chart in the angle"), real("misrouted_fraction", "of the curve"),
          real("bound", "least fraction of any linear gate"),
          real("margin", "optimum of the linear program")}},
        {"identities",
         "numbers that are equal by proof",
         {text("name", "what is compared"), real("value", "measured"),
          real("expected", "0 for a largest difference"), integer("cases", "points or networks")}},
        {"cube",
         "explicit ambient construction: the same interpolant without a chart on [-1,1]^D",
         {integer("D", "ambient dimension"), integer("cells", "N, cells an axis"),
          integer("width", "m"), real("sup_error", "largest |network - f|")}},
        {"picture",
         "points and the experts that they are routed to",
         {text("manifold", manifold), text("panel", "curve, front or back"), real("horizontal", ""),
          real("vertical", ""), integer("expert", "routed expert")}}};
}

moe::Row row(const ErrorRow& error) {
    return {error.manifold,
            error.target,
            if_any(error.alpha),
            if_any(error.phase),
            error.sample,
            error.d,
            error.cells,
            error.width,
            error.sup,
            error.misrouted,
            if_any(error.certificate)};
}

moe::Row row(const DimensionRow& dimension) {
    return {dimension.manifold,     dimension.n,         dimension.D,
            dimension.tau,          dimension.cells,     dimension.sup,
            dimension.direct,       dimension.misrouted, dimension.routing_width,
            dimension.expert_width, dimension.total,     dimension.active,
            dimension.listed,       dimension.nonzero};
}

moe::Row row(const NoiseRow& noise) {
    return {noise.manifold, noise.cells,       noise.eta,         noise.tolerance,
            noise.sup,      noise.sup_without, noise.certificate, noise.outside};
}

moe::Row row(const GateRow& gate) {
    return {gate.curve,      gate.gate,      gate.number, gate.charts,
            gate.half_width, gate.misrouted, gate.bound,  if_any(gate.margin)};
}

moe::Row row(const IdentityRow& identity) {
    return {identity.name, identity.value, identity.expected, identity.cases};
}

moe::Row row(const CubeRow& cube) {
    return {cube.D, cube.cells, cube.width, cube.sup};
}

moe::Row row(const PictureRow& picture) {
    return {picture.manifold, picture.panel, picture.horizontal, picture.vertical, picture.expert};
}

} // namespace manifold_rate
