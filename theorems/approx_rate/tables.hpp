#pragma once
// The tables of thm_approx_rate: their columns and one struct a row, so that what is measured is
// written by name.

#include "basics/table.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace approx_rate {

inline constexpr double not_applicable = std::numeric_limits<double>::quiet_NaN();

/// One model of a ladder, built for one target, loaded and measured. Entries that do not apply are
/// NaN (reals) or negative (integers) and empty in the table.
struct ModelRow {
    // What was planned.
    std::string ladder;       ///< sizes of one rate: "kuhn.r1.n2"
    std::string construction; ///< "kuhn", "narrow" or "bit-extraction"
    std::string exponent;     ///< r as it is written: "0", "1/2", "1", "n/2", "n"
    double r = 0.0;
    std::int64_t n = 1;
    std::int64_t size = 1; ///< what climbs the ladder: N (r = 0), M (Kuhn), m = d (bit extraction)
    std::int64_t lattice = 1;        ///< N = K M, or m d
    std::int64_t cells_per_axis = 1; ///< K on the routed axes
    std::string family;              ///< "adv", "bump", "cones", "ridge"
    std::string target;              ///< the family's member: "cones(Q=9,seed=5)"
    double certified_error = 0.0;
    std::int64_t parameters_formula = 0;
    std::int64_t experts_formula = 0;
    std::int64_t route_reals_formula = 0;
    // What was built and counted.
    std::int64_t parameters_loaded = 0;
    std::int64_t experts_counted = 0;
    std::int64_t route_reals_read = 0;
    std::int64_t route_depth = 0;
    std::int64_t depth = 0;
    std::int64_t resident_bytes = 0;
    std::int64_t pattern_bytes = 0;
    double bytes_per_load = 0.0;
    std::int64_t file_bytes = 0;
    bool materialised = true;
    std::int64_t touched_experts = 0;
    // What was certified.
    double sampled_error = 0.0;
    double special_error = 0.0; ///< on lattice corners (Kuhn) or in step zones (BE) alone
    double node_deviation =
        0.0; ///< Kuhn: max |net - f| at nodes; BE: max |f - v| / q at path nodes
    double start_deviation = not_applicable; ///< BE: max |stored - recomputed start of a path|
    bool codes_round_trip = true;
    double reference_deviation = 0.0; ///< max |net - direct evaluation| at random points
    // What any model must have.
    std::int64_t sign_points = 0;   ///< G(E)
    std::int64_t dense_minimum = 0; ///< P_dense(G)
};

/// One plan for a given eps.
struct PlanRow {
    std::string exponent;
    double r = 0.0;
    std::int64_t n = 1;
    double eps = 0.0;
    std::int64_t N = 1;
    std::int64_t M = 1;
    std::int64_t K = 1;
    std::int64_t experts = 1;
    double error = 0.0;
    std::int64_t parameters_wide = 1;
    std::int64_t parameters_narrow = 1;
    double bound_wide = 0.0;
    double bound_narrow = 0.0;
    std::int64_t route_reals = 0;
    std::int64_t route_bound = 0;
};

/// What every dense net must have at an error.
struct DenseRow {
    std::string use; ///< "curve" (for the figure) or "rate" (the r = 0 ladder, finer half)
    std::int64_t n = 1;
    double eps = 0.0;
    std::int64_t sign_points = 1;
    std::int64_t dense_minimum = 1;
    std::int64_t floor_parameters = 1; ///< G/64 float64 numbers
    double without_logarithm = 0.0;    ///< P_dense sqrt(log2(2 e G))
};

/// One step of a scan for a crossing with a bound that holds for all models.
struct CrossingRow {
    std::string scan; ///< "constants" (total < P_dense) or "storage" (bytes of P < G/8)
    std::int64_t n = 1;
    std::int64_t size = 1; ///< N or M
    double error = 0.0;
    std::int64_t mixture = 0; ///< parameters in total, or bytes of one expert
    std::int64_t bound = 0;   ///< P_dense, or G/8
    std::int64_t sign_points = 1;
};

struct SignRow {
    std::int64_t n = 1;
    std::int64_t K = 1;
    std::int64_t M = 1;
    std::int64_t lattice = 1;
    std::int64_t points = 0;
    std::int64_t positive = 0;
    std::int64_t recovered = 0;
    double smallest_margin = 0.0;
    double error_bound = 0.0;
    double bump_height = 0.0;
};

[[nodiscard]] std::vector<moe::TableSchema> schemas();

[[nodiscard]] moe::Row row(const ModelRow& model);
[[nodiscard]] moe::Row row(const PlanRow& plan);
[[nodiscard]] moe::Row row(const DenseRow& dense);
[[nodiscard]] moe::Row row(const CrossingRow& crossing);
[[nodiscard]] moe::Row row(const SignRow& sign);

} // namespace approx_rate
