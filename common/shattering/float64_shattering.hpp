#pragma once
// The shattering nets as models of the library: what is counted (architecture, W, J) and what runs
// through the forward pass is what was verified in exact arithmetic.

#include "forward/forward.hpp"
#include "models/resident_experts.hpp"
#include "routing/router.hpp"
#include "shattering/shattering_expert.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace moe {

/// The dense architecture that the plan's integer nets are written into: W = parameters(), J =
/// depth().
[[nodiscard]] Architecture shattering_architecture(const ShatteringPlan& plan);

/// log2 of an upper bound, over all labelings, on the magnitude of every number that the evaluation
/// of the plan's nets at their points meets (inputs, weights, products, partial sums in the order
/// of the forward pass).
[[nodiscard]] double log2_magnitude_bound(const ShatteringPlan& plan);
/// log2 of C(n, floor(n/2)) m^n, the largest single term of an expanded polynomial (linear experts,
/// whose roots are halves: times 2^n); 0 for the constructions without polynomials.
[[nodiscard]] double log2_largest_term(const ShatteringPlan& plan);
/// Whether all of it stays below 2^53, so that float64 evaluates the nets exactly.
[[nodiscard]] bool float64_is_exact(const ShatteringPlan& plan);

enum class BlockRouting {
    flat, ///< nearest of all prototypes: squared distances are formed
    tree  ///< greedy descent, children compared by the difference of the squares
};

/// Whether the float64 router decides exactly. The flat one sums t^(2 i) over the axes and needs
/// 4 |x - p|^2 < 2^53; in the tree's differences the axes on which prototypes agree vanish.
[[nodiscard]] bool float64_routing_is_exact(const ShatteringPlan& plan, BlockRouting routing);

class Float64Shattering {
  public:
    /// Throws std::invalid_argument unless float64_is_exact(plan).
    explicit Float64Shattering(const ShatteringPlan& plan);
    Float64Shattering(const Float64Shattering&) = delete; // the tree router looks at tree_
    Float64Shattering& operator=(const Float64Shattering&) = delete;
    ~Float64Shattering() = default;

    [[nodiscard]] const Architecture& architecture() const noexcept {
        return experts_.architecture();
    }
    /// The points of all blocks, row-major [m][n].
    [[nodiscard]] std::span<const double> points() const noexcept { return points_; }

    template<class Integer>
    void set_expert(std::size_t l, const IntegerNet<Integer>& net);
    /// The routed model's outputs at all points [m], by the batched forward pass. The view is good
    /// until the next call.
    [[nodiscard]] std::span<const double> outputs(BlockRouting routing);

  private:
    ResidentExperts<double> experts_;
    PrototypeTree tree_;
    Router tree_router_;
    Router flat_router_;
    std::vector<double> points_;
    std::vector<double> outputs_;
};

extern template void Float64Shattering::set_expert(std::size_t, const IntegerNet<Checked64>&);
extern template void Float64Shattering::set_expert(std::size_t, const IntegerNet<Checked128>&);

} // namespace moe
