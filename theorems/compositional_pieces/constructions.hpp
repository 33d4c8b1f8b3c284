#pragma once
// The deep models of thm_compositional_pieces, and what --sabotage does to them.

#include "pieces/deep_moe.hpp"
#include "pieces/sweep.hpp"
#include "program/program.hpp"

#include <cstdint>
#include <string>

namespace compositional_pieces {

/// A model with the plan it was built from and the target it is held against.
struct Construction {
    moe::CompositionalTarget target;
    moe::DeepPlan plan;
    moe::MoeStack net;
};

/// Breaks a plan as the sabotages route, expert, anchors, sum and knot do; others change nothing.
void sabotage_plan(moe::DeepPlan& plan, const std::string& sabotage);

/// The target's model with experts in random order.
[[nodiscard]] Construction construct(moe::CompositionalTarget target, moe::PieceExperts experts,
                                     moe::RandomStream& random, const std::string& sabotage);

/// The family of a sweep: quad and dyadic (quadratic, affine experts), relu (quadratic, ReLU
/// experts) or rand.
[[nodiscard]] Construction construct_family(const std::string& family, std::uint32_t E,
                                            std::uint32_t L, moe::RandomStream& random,
                                            const std::string& sabotage);

/// max(1, largest |slope|, L): rounding errors of the model grow with it.
[[nodiscard]] double error_scale(const moe::CompositionalTarget& target);

/// Task experts of all gated layers.
[[nodiscard]] std::int64_t task_experts(const moe::MoeStack& net);

// One cell each of the checks pieces, charts, maximum and smooth.
[[nodiscard]] moe::CellResult measure_sweep(const moe::CellContext& context,
                                            const moe::Options& options, const std::string& family,
                                            std::uint32_t E, std::uint32_t L);
[[nodiscard]] moe::CellResult measure_charts(const moe::CellContext& context,
                                             const moe::Options& options, std::uint32_t E,
                                             std::uint32_t L);
[[nodiscard]] moe::CellResult measure_maximum(const moe::CellContext& context,
                                              const moe::Options& options, std::uint32_t E,
                                              std::uint32_t L);
[[nodiscard]] moe::CellResult measure_smooth(const moe::CellContext& context,
                                             const moe::Options& options, std::uint32_t E,
                                             std::uint32_t L);

} // namespace compositional_pieces
