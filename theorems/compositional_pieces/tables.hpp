#pragma once
// The tables of thm_compositional_pieces: their columns and one struct a row.

#include "basics/table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace compositional_pieces {

/// One deep model on its boxes (check pieces).
struct SweepRow {
    std::string family; ///< quad, dyadic, relu, rand
    std::int64_t E = 1;
    std::int64_t L = 1;
    std::int64_t experts = 0; ///< of all gated layers
    std::int64_t total = 0;   ///< parameters
    std::int64_t active = 0;
    std::int64_t pieces = 0; ///< E^L
    std::int64_t boxes = 0;  ///< visited
    std::int64_t misrouted = 0;
    std::int64_t distinct = 0;
    double error = 0.0;
    double gradient_error = 0.0;
    double scale = 1.0; ///< max(1, max |slope|, L)
};

/// One model with two intervals a chart (check charts).
struct ChartRow {
    std::int64_t E = 2;
    std::int64_t L = 1;
    std::int64_t points = 0;
    std::int64_t misrouted = 0;
    double error = 0.0;
    double scale = 1.0;
    double first = 0.0; ///< the three points that no linear gate on x_l routes
    double between = 0.0;
    double second = 0.0;
    double least_share = 0.0;   ///< (E - 1) / (2E)
    double anchors_share = 0.0; ///< misrouted by the nearest first anchor
    std::int64_t gates = 0;
    double random_share = 0.0; ///< least share misrouted by a random linear gate
};

/// One model with f_out = max (check maximum).
struct MaximumRow {
    std::int64_t E = 1;
    std::int64_t L = 1;
    std::int64_t pieces = 0;
    std::int64_t boxes = 0;
    std::int64_t misrouted = 0;
    double error = 0.0;
    double scale = 1.0;
};

/// Sizes of a comparison of the deep model with one layer.
struct Comparison {
    std::int64_t E = 1;
    std::int64_t L = 1;
    std::int64_t m = 0; ///< knots of a deep expert; 0: all experts are affine
};

/// The deep model and the lower bounds for one layer (check one-layer).
struct BoundRow {
    Comparison sizes;
    std::int64_t experts = 0; ///< L E, of both
    std::int64_t width = 0;   ///< of one layer's experts: m + 2(L + 1), or 0
    std::int64_t hidden = 0;  ///< its hidden layers
    std::int64_t pieces = 0;  ///< q^L
    std::int64_t cells = 0;   ///< T
    std::int64_t points = 0;  ///< where the deep model was evaluated
    std::int64_t active = 0;  ///< parameters of the deep model
    double deep_error = 0.0;  ///< on Phi_q
    double bound = 0.0;       ///< LB, of one layer on Phi_q
    double deep_norm_error = 0.0;
    double norm_bound = 0.0;
};

/// One layer that was tried.
struct ContenderRow {
    Comparison sizes;
    std::string contender;   ///< lloyd, grid, random, trained, refined
    std::string function;    ///< square-norm, pieces
    std::int64_t layers = 1; ///< tried: the best one counts
    double error = 0.0;
    double bound = 0.0;
};

/// Error of the deep model on |x|^2 against the bound for one layer with as many experts.
struct ScalingRow {
    std::int64_t L = 1;
    std::int64_t E = 1;
    double deep_norm_error = 0.0;
    double norm_bound = 0.0;
};

/// What the comparison does not say: functions with many pieces that are easy.
struct EasyRow {
    std::string model; ///< parity, dense, two-by-two
    std::int64_t E = 1;
    std::int64_t L = 1;
    std::int64_t experts = 1;
    std::int64_t width = 0;
    std::int64_t points = 0;
    double error = 0.0;
};

/// Smooth sub-functions (check smooth).
struct SmoothRow {
    std::int64_t E = 1;
    std::int64_t L = 1;
    std::int64_t m = 1;
    std::int64_t boxes = 0;
    std::int64_t misrouted = 0;
    double measured = 0.0;
    double deviation = 0.0;
    double formula = 0.0;
    double bound = 0.0;
};

[[nodiscard]] std::vector<moe::TableSchema> schemas();

[[nodiscard]] moe::Row row(const SweepRow& sweep);
[[nodiscard]] moe::Row row(const ChartRow& charts);
[[nodiscard]] moe::Row row(const MaximumRow& maximum);
[[nodiscard]] moe::Row row(const BoundRow& bound);
[[nodiscard]] moe::Row row(const ContenderRow& contender);
[[nodiscard]] moe::Row row(const ScalingRow& scaling);
[[nodiscard]] moe::Row row(const EasyRow& easy);
[[nodiscard]] moe::Row row(const SmoothRow& smooth);

} // namespace compositional_pieces
