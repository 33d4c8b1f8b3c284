#pragma once
// The two-layer mixture of experts of arXiv:2505.24205, theorem 4.8, for an atlas with linear
// charts (the project's notes on it, 2.2 - 2.4): layer 1, a dense sublayer, gives (x, rho_1 ..
// rho_E) exactly; the linear gate (0 | I) of layer 2 chooses the chart of the nearest anchor, whose
// expert interpolates f in the chart's coordinates.

#include "charts/atlas.hpp"
#include "charts/chart_expert.hpp"
#include "charts/embedding.hpp"
#include "charts/max_affine.hpp"
#include "layers/moe_stack.hpp"
#include "targets/lipschitz.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace moe {

/// A way to build the model wrongly (for sabotages).
enum class AtlasFault {
    none,
    swapped_gate_rows, ///< rows 0 and 1 of the gate
    changed_knot       ///< the largest output weight of expert 0 is 1 % too large
};

/// What a model is built of. The target is a function of u in R^n.
struct AtlasPlan {
    const Atlas& atlas;
    const Embedding& embedding;
    ScalarField target;
    std::int64_t cells; ///< N
    AtlasFault fault = AtlasFault::none;
};

/// The grid of every chart of the atlas. Throws InputError as ChartGrid.
[[nodiscard]] ChartGrid chart_grid(const Atlas& atlas, std::int64_t cells);
/// g_i = f(phi_i^-1) at the nodes of chart i.
[[nodiscard]] std::vector<double> chart_values(const Atlas& atlas, const ScalarField& target,
                                               std::size_t chart, const ChartGrid& grid);
/// The anchors of each chart as functions of x in R^D. Throws InputError naming a chart without
/// anchor and an anchor of a chart that the atlas does not have.
[[nodiscard]] std::vector<std::vector<AffineFunction>>
nearness_groups(std::span<const Anchor> anchors, std::size_t charts, const Embedding& embedding);

/// rho itself where it is linear in x, with one anchor a chart. Throws std::invalid_argument for
/// the winding curve, which has more.
[[nodiscard]] LinearGate nearness_gate(const Atlas& atlas, const Embedding& embedding);

/// x [D] -> f^(x) [1], layers (dense, gated). Throws InputError for an embedding of another n and
/// what the parts throw.
[[nodiscard]] MoeStack atlas_model(const AtlasPlan& plan);
/// The same function as one layer whose gate is the network rho (nonlinear gating); no faults.
[[nodiscard]] MoeLayer atlas_layer_with_net_gate(const AtlasPlan& plan);
/// The same as one layer with nearness_gate.
[[nodiscard]] MoeLayer atlas_layer_with_linear_gate(const AtlasPlan& plan);

} // namespace moe
