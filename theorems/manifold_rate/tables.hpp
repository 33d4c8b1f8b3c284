#pragma once
// The tables of thm_manifold_rate's constructive half: their columns and one struct a row.

#include "basics/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manifold_rate {

/// One model on one sample of its manifold.
struct ErrorRow {
    std::string manifold;
    std::string target;          ///< smooth, hoelder
    std::optional<double> alpha; ///< hoelder only
    std::optional<double> phase;
    std::int64_t sample = 0;
    std::int64_t d = 1;
    std::int64_t cells = 1; ///< N
    std::int64_t width = 1; ///< m of an expert
    double sup = 0.0;
    std::int64_t misrouted = 0;
    std::optional<double> certificate; ///< M d h^2/8, smooth only
};

/// One smooth model in one ambient space.
struct DimensionRow {
    std::string manifold;
    std::int64_t n = 2;
    std::int64_t D = 2;
    double tau = 0.0;
    std::int64_t cells = 1;
    double sup = 0.0;
    double direct = 0.0; ///< without ambient space and networks
    std::int64_t misrouted = 0;
    std::int64_t routing_width = 0;
    std::int64_t expert_width = 0;
    std::int64_t total = 0;
    std::int64_t active = 0;
    std::int64_t listed = 0;
    std::int64_t nonzero = 0;
};

/// One size of the errors of rho.
struct NoiseRow {
    std::string manifold;
    std::int64_t cells = 1;
    double eta = 0.0;
    double tolerance = 0.0; ///< eta*
    double sup = 0.0;
    double sup_without = 0.0;
    double certificate = 0.0; ///< over the whole charts
    std::int64_t outside = 0; ///< points beyond the routed chart's [-r, r]
};

/// One linear gate, or the largest margin of any, on the core points of a curve.
struct GateRow {
    std::string curve;
    std::string gate; ///< random, trained, two-layers, margin
    std::int64_t number = 0;
    std::int64_t charts = 4;
    double half_width = 0.0;
    double misrouted = 0.0; ///< fraction of the curve
    double bound = 0.0;     ///< least fraction of any linear gate; 0 where nothing is known
    std::optional<double> margin;
};

/// A number that must be small, or a count that must be equal to another one.
struct IdentityRow {
    std::string name;
    double value = 0.0;
    double expected = 0.0;
    std::int64_t cases = 0;
};

/// The grid without a chart on [-1,1]^D.
struct CubeRow {
    std::int64_t D = 1;
    std::int64_t cells = 1;
    std::int64_t width = 1;
    double sup = 0.0;
};

/// A point of a picture and the expert that it is routed to.
struct PictureRow {
    std::string manifold;
    std::string panel; ///< curve, front, back
    double horizontal = 0.0;
    double vertical = 0.0;
    std::int64_t expert = 0;
};

[[nodiscard]] std::vector<moe::TableSchema> schemas();

[[nodiscard]] moe::Row row(const ErrorRow& error);
[[nodiscard]] moe::Row row(const DimensionRow& dimension);
[[nodiscard]] moe::Row row(const NoiseRow& noise);
[[nodiscard]] moe::Row row(const GateRow& gate);
[[nodiscard]] moe::Row row(const IdentityRow& identity);
[[nodiscard]] moe::Row row(const CubeRow& cube);
[[nodiscard]] moe::Row row(const PictureRow& picture);

} // namespace manifold_rate
