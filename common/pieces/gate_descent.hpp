#pragma once
// A trained gate: softmax gate and affine experts together by Adam on the expected squared error,
// the softmax sharpened until it is nearly top-1.

#include "layers/linear_gate.hpp"
#include "pieces/cube_points.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace moe {

struct GateDescent {
    int steps = 1000;
    std::size_t batch = 256;
    double rate = 0.01; ///< of Adam, falling to 0 as a cosine
    /// Factor b of the logits at the start and at the end. At b = 1 two experts of a regular tiling
    /// differ by a logit of about 1.
    double first_sharpness = 1.0;
    double last_sharpness = 100.0;
};

/// The gate after training on points and values: minimises the mean of
/// sum_e softmax_e(b z(x)) (f_e(x) - value)^2 over gate z and affine experts f_e, from the gate of
/// the nearest of the centres [n][L] and experts fitted to its cells, with growing b. Only the gate
/// is given back: experts for its hard cells are fitted by fit_experts. `poll` is called between
/// steps.
[[nodiscard]] LinearGate trained_gate(const CubePoints& points, std::span<const double> values,
                                      std::span<const double> centres, const GateDescent& settings,
                                      RandomStream& random, const std::function<void()>& poll);

} // namespace moe
