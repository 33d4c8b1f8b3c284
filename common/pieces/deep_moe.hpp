#pragma once
// The depth-2L mixture of experts that computes a compositional target exactly with L * E experts
// (the project's notes on arXiv:2505.24205, section 3.1). The state after pair l is (x_1..x_L, S).
//   Odd layer, dense: carries the state by s(t) - s(-t) = t, s(t) = max(t, 0), and appends for
//   every expert rho_e = max_a (2 y_a x_l - y_a^2), y_a the anchors of the expert's chart: the
//   largest rho belongs to the nearest anchor. With two anchors the maximum is
//   max(a, b) = s(a - b) + s(b) - s(-b).
//   Even layer: the gate reads rho; expert e adds its function of x_l to S (or S := max(S, f) =
//   f + s(S - f)) and passes the rest on.

#include "layers/moe_stack.hpp"
#include "pieces/compositional_target.hpp"

#include <cstdint>
#include <vector>

namespace moe {

/// One pair of layers. All arrays are by expert.
struct DeepPair {
    std::vector<std::uint32_t> charts;        ///< of which chart the expert is
    std::vector<std::vector<double>> anchors; ///< of that chart
    std::vector<PiecewiseLinear> functions;   ///< what the expert computes
    std::vector<std::uint32_t> gate_rows;     ///< whose rho its gate row reads: its own
};

/// What is to be written down; a value that can be altered before it is built.
struct DeepPlan {
    Combination combination = Combination::sum;
    std::vector<DeepPair> pairs; ///< pair l works on coordinate l
};

/// Orders of the experts: orders[l][e] is the chart of expert e in pair l.
using ExpertOrders = std::vector<std::vector<std::uint32_t>>;
[[nodiscard]] ExpertOrders random_orders(std::uint32_t E, std::uint32_t L, RandomStream& random);

/// Throws std::invalid_argument for orders that are no permutations of the charts.
[[nodiscard]] DeepPlan deep_plan(const CompositionalTarget& target, const ExpertOrders& orders);

enum class PieceExperts {
    affine, ///< no hidden neuron; only sums of affine functions
    relu    ///< one hidden layer: m neurons for the function, the rest carries the state
};

/// The model R^L -> R: 2 L layers, gated ones at odd indices. ReLU experts have 2(L + 1) + m hidden
/// neurons, m the knots of the functions (for a maximum 2L + 1 and m = 0). Throws
/// std::invalid_argument for arrays of different lengths, functions of one pair with different
/// numbers of knots, anchors other than one or two a chart, and what the experts cannot compute.
[[nodiscard]] MoeStack deep_moe(const DeepPlan& plan, PieceExperts experts);

} // namespace moe
