#include "tables.hpp"

#include <cmath>

namespace approx_rate {

namespace {

using moe::ColumnType;
using moe::Value;

Value real(double value) {
    return std::isnan(value) ? Value{} : Value{value};
}

moe::TableSchema models() {
    return {
        "models",
        "one model of a ladder for one target: planned, loaded through the store, certified",
        {{"ladder", ColumnType::text, "sizes that are fitted together"},
         {"construction", ColumnType::text, "kuhn (wide, sparse), narrow (dense), bit-extraction"},
         {"exponent", ColumnType::text, "r as it is written"},
         {"r", ColumnType::real, "claimed: loaded parameters ~ eps^-r"},
         {"n", ColumnType::integer, "dimension"},
         {"size", ColumnType::integer, "N (r = 0), M (Kuhn) or m = d (bit extraction)"},
         {"lattice", ColumnType::integer, "nodes per axis of the whole lattice, K M or m d"},
         {"cells_per_axis", ColumnType::integer, "K on the routed axes"},
         {"family", ColumnType::text, "family of the target: adv (worst case), bump, cones, ridge"},
         {"target", ColumnType::text, "function that is approximated"},
         {"certified_error", ColumnType::real, "E, proved bound of the uniform error"},
         {"parameters_formula", ColumnType::integer, "P by the formula"},
         {"experts_formula", ColumnType::integer, "L by the formula"},
         {"route_reals_formula", ColumnType::integer, "2n times the tree's height"},
         {"parameters_loaded", ColumnType::integer, "peak resident parameters of the store"},
         {"experts_counted", ColumnType::integer, "leaves counted box by box"},
         {"route_reals_read", ColumnType::integer,
          "most prototype reals on the way of an input (computed, not read, where not "
          "materialised)"},
         {"route_depth", ColumnType::integer, "most tree nodes that an input visited"},
         {"depth", ColumnType::integer, "J, affine layers of an expert"},
         {"resident_bytes", ColumnType::integer, "peak resident bytes of expert parameters"},
         {"pattern_bytes", ColumnType::integer, "bytes of the shared sparsity pattern"},
         {"bytes_per_load", ColumnType::real, "expert bytes read from the file per load"},
         {"file_bytes", ColumnType::integer, "size of the model file"},
         {"materialised", ColumnType::boolean, "whether the file holds all experts"},
         {"touched_experts", ColumnType::integer, "experts that the inputs were routed to"},
         {"sampled_error", ColumnType::real, "largest |net - f| over all inputs"},
         {"special_error", ColumnType::real, "the same over corners j/N (Kuhn) or step zones (BE)"},
         {"node_deviation", ColumnType::real, "max |net - f| at nodes; BE: max |f - v|/q"},
         {"start_deviation", ColumnType::real, "BE: max |stored - recomputed path start|"},
         {"codes_round_trip", ColumnType::boolean, "BE: stored codes = recomputed codes"},
         {"reference_deviation", ColumnType::real, "max |net - direct evaluation|"},
         {"sign_points", ColumnType::integer, "G(E), signs that any model must reproduce"},
         {"dense_minimum", ColumnType::integer, "P_dense: no dense net has fewer parameters"}}};
}

moe::TableSchema plans() {
    return {"plans",
            "plans for given eps against the explicit inequality of A1 and A2",
            {{"exponent", ColumnType::text, "r as it is written"},
             {"r", ColumnType::real, "exponent of the loaded parameters"},
             {"n", ColumnType::integer, "dimension"},
             {"eps", ColumnType::real, "wanted error"},
             {"lattice", ColumnType::integer, "N"},
             {"nodes_per_axis", ColumnType::integer, "M"},
             {"cells_per_axis", ColumnType::integer, "K"},
             {"experts", ColumnType::integer, "L"},
             {"error", ColumnType::real, "E"},
             {"parameters_wide", ColumnType::integer, "P, wide sparse expert"},
             {"parameters_narrow", ColumnType::integer, "P, narrow dense expert"},
             {"bound_wide", ColumnType::real, "12n 2^n (lambda sqrt(n)/eps)^r + n^2 + 5n"},
             {"bound_narrow", ColumnType::real, "9 times bound_wide"},
             {"route_reals", ColumnType::integer, "2n times the tree's height"},
             {"route_bound", ColumnType::integer, "2n^2 ceil(log2 K)"}}};
}

moe::TableSchema dense() {
    return {"dense",
            "parameters that every dense ReLU net needs at an error",
            {{"use", ColumnType::text, "curve (figure) or rate (fitted)"},
             {"n", ColumnType::integer, "dimension"},
             {"eps", ColumnType::real, "error"},
             {"sign_points", ColumnType::integer, "G(eps)"},
             {"dense_minimum", ColumnType::integer, "P_dense(G), real weights"},
             {"floor_parameters", ColumnType::integer, "G/64, float64 weights"},
             {"without_logarithm", ColumnType::real, "P_dense sqrt(log2(2 e G))"}}};
}

moe::TableSchema crossings() {
    return {"crossings",
            "where a mixture falls below what every dense net needs",
            {{"scan", ColumnType::text, "constants: total < P_dense; storage: bytes of P < G/8"},
             {"n", ColumnType::integer, "dimension"},
             {"size", ColumnType::integer, "N (constants) or M (storage, r = 1)"},
             {"error", ColumnType::real, "E"},
             {"mixture", ColumnType::integer, "total parameters, or bytes of one expert"},
             {"bound", ColumnType::integer, "P_dense, or G/8 bytes"},
             {"sign_points", ColumnType::integer, "G(E)"}}};
}

moe::TableSchema signs() {
    return {"signs",
            "sign recovery: the mixture reproduces every sign of a bump function",
            {{"n", ColumnType::integer, "dimension"},
             {"cells_per_axis", ColumnType::integer, "K"},
             {"nodes_per_axis", ColumnType::integer, "M"},
             {"bump_lattice", ColumnType::integer, "N_b"},
             {"points", ColumnType::integer, "G"},
             {"positive", ColumnType::integer, "signs that are +1"},
             {"recovered", ColumnType::integer, "outputs with the prescribed sign"},
             {"smallest_margin", ColumnType::real, "min sign * output"},
             {"error_bound", ColumnType::real, "E"},
             {"bump_height", ColumnType::real, "lambda/(2 N_b)"}}};
}

} // namespace

std::vector<moe::TableSchema> schemas() {
    return {models(), plans(), dense(), crossings(), signs()};
}

moe::Row row(const ModelRow& m) {
    return {m.ladder,
            m.construction,
            m.exponent,
            m.r,
            m.n,
            m.size,
            m.lattice,
            m.cells_per_axis,
            m.family,
            m.target,
            m.certified_error,
            m.parameters_formula,
            m.experts_formula,
            m.route_reals_formula,
            m.parameters_loaded,
            m.experts_counted,
            m.route_reals_read,
            m.route_depth,
            m.depth,
            m.resident_bytes,
            m.pattern_bytes,
            m.bytes_per_load,
            m.file_bytes,
            m.materialised,
            m.touched_experts,
            m.sampled_error,
            m.special_error,
            m.node_deviation,
            real(m.start_deviation),
            m.codes_round_trip,
            m.reference_deviation,
            m.sign_points,
            m.dense_minimum};
}

moe::Row row(const PlanRow& p) {
    return {p.exponent,
            p.r,
            p.n,
            p.eps,
            p.N,
            p.M,
            p.K,
            p.experts,
            p.error,
            p.parameters_wide,
            p.parameters_narrow,
            p.bound_wide,
            p.bound_narrow,
            p.route_reals,
            p.route_bound};
}

moe::Row row(const DenseRow& d) {
    return {
        d.use, d.n, d.eps, d.sign_points, d.dense_minimum, d.floor_parameters, d.without_logarithm};
}

moe::Row row(const CrossingRow& c) {
    return {c.scan, c.n, c.size, c.error, c.mixture, c.bound, c.sign_points};
}

moe::Row row(const SignRow& s) {
    return {s.n,           s.K,          s.M,         s.lattice,
            s.points,      s.positive,   s.recovered, s.smallest_margin,
            s.error_bound, s.bump_height};
}

} // namespace approx_rate
