#pragma once
// The loops over the samples of a tile of gated mixtures. Arrays of a tile have rows of
// tile_samples entries, one row per feature, expert or class; `count` samples of each, a multiple
// of 8, are worked on. Sums are kept in eight lanes and added up in a fixed tree, so that results
// are the same bits on every instruction set.

#include "basics/multiversion.hpp"
#include "mixtures/tiled_samples.hpp"

namespace moe {

/// Sums over samples in eight lanes.
struct LaneSums {
    alignas(64) double lane[8] = {};
    [[nodiscard]] double total() const noexcept;
};

struct GatedKernels {
    /// result row f = sum_j coefficients[f p + j] (row j of x).
    void (*linear_forms)(const double* x, Index p, const double* coefficients, Index forms,
                         Index count, double* result);

    /// p = softmax of (logits, 0), without its last row. Where not null: `last` gets that row,
    /// `normaliser` the log of the sum of exponentials.
    void (*softmax)(const double* logits, Index forms, Index count, double* p, double* last,
                    double* normaliser);

    /// density = logit of class y - normaliser; the last class has logit 0.
    void (*class_log_density)(const double* logits, const double* normaliser, const double* y,
                              Index forms, Index count, double* density);

    /// density = constant - half_precision (y - mean)^2.
    void (*normal_log_density)(const double* mean, const double* y, double constant,
                               double half_precision, Index count, double* density);

    /// From logits of the gate (K-1 rows) and log densities of the experts (K rows): r (K rows of
    /// any stride), the gate's probabilities pi (K-1 rows) and loss = -log p(y | x).
    void (*posterior)(const double* logits, const double* densities, Index K, Index count,
                      double* r, Index r_stride, double* pi, double* loss);

    /// slopes = total pi - r (K-1 rows) with total = sum_k r_k, also given out.
    void (*gate_slopes)(const double* pi, const double* r, Index r_stride, Index K, Index count,
                        double* slopes, double* total);

    /// slopes = weight (p - 1[y = c]) (forms rows).
    void (*class_slopes)(const double* p, const double* y, const double* weight, Index forms,
                         Index count, double* slopes);

    /// slope = scale weight (mean - y); squares += weight (mean - y)^2, masses += weight.
    void (*normal_slopes)(const double* mean, const double* y, const double* weight, double scale,
                          Index count, double* slope, LaneSums& squares, LaneSums& masses);

    /// sums += sum_k r_k (normaliser - logit_k), the last logit being 0.
    void (*gate_cost)(const double* logits, const double* normaliser, const double* r,
                      Index r_stride, Index forms, Index count, LaneSums& sums);

    /// sums += weight (-density).
    void (*weighted_cost)(const double* density, const double* weight, Index count, LaneSums& sums);

    /// sums += values.
    void (*add)(const double* values, Index count, LaneSums& sums);

    /// result = weight a (1 - b), or -weight a b for two different classes.
    void (*softmax_curvature)(const double* a, const double* b, const double* weight, bool same,
                              Index count, double* result);

    /// result row j = weight (row j of x).
    void (*scale)(const double* x, const double* weight, Index p, Index count, double* result);

    /// result[b stride + a] += sum over samples of (row a of left) (row b of right); with
    /// `lower` only a >= b is sure to be computed.
    void (*products)(const double* left, Index left_rows, const double* right, Index right_rows,
                     Index count, bool lower, double* result, Index stride);
};

/// The kernels of an instruction set, which must be available (std::invalid_argument).
[[nodiscard]] const GatedKernels& gated_kernels(InstructionSet set);

} // namespace moe
