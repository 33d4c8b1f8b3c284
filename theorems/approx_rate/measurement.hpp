#pragma once
// What is measured of every model of thm_approx_rate, whatever its experts are made of.

#include "tables.hpp"

#include "certification/stored_model.hpp"
#include "constructions/bit_extraction.hpp"
#include "constructions/plan.hpp"
#include "program/cell.hpp"
#include "program/options.hpp"
#include "targets/lipschitz.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace approx_rate {

/// Four families of targets: the worst case of the lattice, bumps on its corners, and two functions
/// that know nothing of it. Their seeds come from stream 0 of the cell, their Lipschitz constant
/// from --target-lambda (that of --lambda if it is 0).
[[nodiscard]] std::vector<moe::LipschitzFunction>
targets(const moe::CellContext& context, const moe::Options& options, int n, std::int64_t lattice);

/// Inputs of a model, flat: uniform ones, and those where the construction is weakest (lattice
/// corners for Kuhn experts, step zones for bit extraction).
struct Inputs {
    std::vector<double> uniform;
    std::vector<double> special;
    [[nodiscard]] std::vector<double> all() const;
};

/// Uniform points and, in the first, middle and last slab, points inside the step zones, where one
/// of the three copies of a bit-extraction expert computes garbage.
[[nodiscard]] Inputs bit_extraction_inputs(const moe::BitExtractionExperts& experts,
                                           std::size_t samples, moe::RandomStream stream);

/// The flat points that lie in no step zone.
[[nodiscard]] std::vector<double> without_step_zones(const moe::BitExtractionExperts& experts,
                                                     std::span<const double> points);

/// What the plan promises and, at its error, what every model must have.
void promise(const moe::ModelSize& plan, int n, double lambda, ModelRow& row);

/// Runs the forward pass over all inputs and notes the errors against the target and what store and
/// router counted on the way.
void load_and_sample(moe::StoredModel& model, const Inputs& inputs,
                     const moe::LipschitzFunction& target, ModelRow& row);

/// How many points of each touched expert are held to its reference: 8, more for few experts.
[[nodiscard]] std::size_t points_per_expert(const moe::StoredModel& model);

/// Largest |expert - reference| over flat points; the expert's parameters are those of a lease.
[[nodiscard]] double expert_deviation(const moe::StoredModel& model,
                                      std::span<const double> parameters,
                                      std::span<const double> points,
                                      const moe::ScalarField& reference);

} // namespace approx_rate
