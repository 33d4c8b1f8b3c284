#pragma once
// A stored model run in float32 on another path, held to its float64 outputs. The tolerance is no
// number that was chosen but the rounding error that float32 can make in these very layers:
// constructions with large weights lose digits, and how many follows from the weights.

#include "certification/stored_model.hpp"
#include "forward/cuda_forward.hpp"
#include "models/architecture.hpp"
#include "models/expert_source.hpp"
#include "routing/router.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace moe {

/// Bounds [B][m] of |y32 - y64| for inputs [B][n]: y64 is evaluate<double>, y32 any evaluation in
/// float32 whose inputs and parameters are rounded first and whose sums run in any order, fused or
/// not. A sum of k products and a bias is off by at most gamma(k + 1) times the sum of magnitudes
/// (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1), errors of the
/// layer before are carried through |W|, and rectifiers do not enlarge them. Throws
/// std::invalid_argument for shapes that differ.
[[nodiscard]] std::vector<double> float32_bound(const Architecture& architecture,
                                                std::span<const double> parameters,
                                                std::span<const double> inputs);

/// What a float32 pass says of the memory that it gave to experts.
struct Float32Use {
    std::uint64_t peak_expert_bytes = 0; ///< counted where it is allocated
    std::uint64_t loads = 0;
};

/// A forward pass in float32 with a budget for experts.
using Float32Forward = std::function<Float32Use(
    const Router& router, ExpertSource<float>& experts, std::span<const double> inputs,
    std::span<float> outputs, std::uint64_t budget_bytes)>;

/// CudaForward. Throws what it throws.
[[nodiscard]] Float32Use forward_on_device(const Router& router, ExpertSource<float>& experts,
                                           std::span<const double> inputs, std::span<float> outputs,
                                           std::uint64_t budget_bytes);

struct Float32Comparison {
    std::uint64_t expert_bytes = 0; ///< of one expert in float32, the budget of the pass
    Float32Use use;
    double relative_difference = 0.0; ///< ||Y32 - Y64|| / ||Y64||
    double bound_ratio = 0.0;         ///< largest |y32 - y64| / bound; infinity for NaN outputs
};

/// Runs the model's float32 casts with a budget of exactly one expert. Inputs are flat, their
/// experts stored.
[[nodiscard]] Float32Comparison compare_in_float32(StoredModel& model,
                                                   std::span<const double> inputs,
                                                   const Float32Forward& forward);

} // namespace moe
