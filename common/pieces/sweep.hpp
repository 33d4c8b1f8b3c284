#pragma once
// A deep mixture of experts held against its compositional target: on every box, and on given
// points (the project's notes on arXiv:2505.24205, section 3).

#include "layers/moe_stack.hpp"
#include "pieces/boxes.hpp"
#include "pieces/compositional_target.hpp"
#include "pieces/deep_moe.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace moe {

/// What a model does on some points.
struct PointCheck {
    std::uint64_t points = 0;
    /// Points with a coordinate routed to an expert of a wrong chart; on a border both charts are
    /// right.
    std::uint64_t misrouted = 0;
    double largest_error = 0.0;             ///< max |net - target|; NaN if any value is
    double largest_square_norm_error = 0.0; ///< max |net - |x|^2|; NaN if any value is

    /// Joins the checks of two sets of points.
    PointCheck& operator+=(const PointCheck& other) noexcept;
};

/// `points` is [B][L] in [0, 1]; the plan says of which chart each expert is. Same bits for any
/// number of threads. Throws std::domain_error for a point outside.
[[nodiscard]] PointCheck check_points(const MoeStack& net, const DeepPlan& plan,
                                      const CompositionalTarget& target,
                                      std::span<const double> points, unsigned threads = 1);

/// Fractional positions inside a box: uniform in (0.02, 0.98), or odd multiples of 1/1024 there,
/// where a quadratic family with E a power of two has no rounding at all.
enum class Positions { uniform, dyadic };

struct SweepSettings {
    Positions positions = Positions::uniform;
    bool gradients = true; ///< also by central differences around the centres
    std::uint64_t seed = 1;
    std::uint64_t cell = 0; ///< random numbers are of (seed, cell), streams 16 and up
    unsigned threads = 1;
    std::function<void()> poll = {}; ///< called between blocks of boxes; may throw
};

struct SweepResult {
    std::uint64_t pieces = 0; ///< all boxes
    std::uint64_t boxes = 0;  ///< those visited
    PointCheck inside;        ///< at a random point of each box
    PointCheck centres;       ///< at the boxes' centres
    /// Different gradients, each entry rounded to a multiple of 1e-6. Rounded gradients are told
    /// apart by a 128-bit hash: a collision could only lower the number.
    std::uint64_t distinct_gradients = 0;
    /// max |gradient - slopes of the target's functions|; for sums of affine functions.
    double largest_gradient_error = 0.0;
};

/// Visits the boxes of the selection. Gradients are central differences with +- 1/4 of the box
/// around its centre, exact where the net is affine on the box. Same bits for any number of
/// threads.
[[nodiscard]] SweepResult sweep_boxes(const MoeStack& net, const DeepPlan& plan,
                                      const CompositionalTarget& target, const BoxSelection& boxes,
                                      const SweepSettings& settings);

} // namespace moe
