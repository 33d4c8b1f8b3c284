#pragma once
// The batched forward pass of a mixture of experts: route every input, group the inputs by expert,
// run each touched expert on its group, put the outputs back in order.

#include "models/expert_source.hpp"
#include "routing/router.hpp"

#include <cstdint>
#include <span>

namespace moe {

enum class Backend {
    reference, ///< one input at a time in float64, plain loops: what the others are held to
    cpu        ///< grouped by expert, vectorised over samples, multithreaded, arithmetic in T
};

struct ForwardOptions {
    Backend backend = Backend::cpu;
    unsigned threads = 1; ///< never reaches the outputs or the report
};

/// What one pass touched, counted on the way.
struct ForwardReport {
    std::uint64_t touched_experts = 0;   ///< distinct experts that inputs were routed to
    std::uint64_t acquisitions = 0;      ///< leases taken; above touched_experts for split groups
    std::int64_t route_depth_max = 0;    ///< largest Route::depth
    std::int64_t route_reals_max = 0;    ///< largest Route::reals_read
    std::uint64_t route_reals_total = 0; ///< sum of Route::reals_read over the inputs
};

/// Y = forward(model, X) for inputs [B][n] and outputs [B][m], row-major, no overlap; B = 0 is a
/// pass that touches nothing. Routing is in float64 on every path, so paths with different T choose
/// the same experts. A thread holds at most one lease at a time. For T = double both backends give
/// the same bits on every instruction set, and neither the threads nor the cutting of the inputs
/// into batches changes them; for T = float neither the threads do, the rest within rounding.
/// NaN in an input reaches its outputs or is dropped by the model as arithmetic says; it never
/// fails. Throws std::invalid_argument naming shapes that differ, std::out_of_range for a route to
/// an expert that the source does not have, and what router and source throw.
template<class T>
ForwardReport forward(const Router& router, ExpertSource<T>& experts,
                      std::span<const double> inputs, std::span<T> outputs,
                      const ForwardOptions& options = {});

extern template ForwardReport forward<double>(const Router&, ExpertSource<double>&,
                                              std::span<const double>, std::span<double>,
                                              const ForwardOptions&);
extern template ForwardReport forward<float>(const Router&, ExpertSource<float>&,
                                             std::span<const double>, std::span<float>,
                                             const ForwardOptions&);

} // namespace moe
