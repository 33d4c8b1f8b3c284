#pragma once
// Population minimisers: the best fits to noise-free data, by many starts (notes 5).

#include "sigmoid_gating/tables.hpp"
#include "sigmoid_gating/truths.hpp"

#include "basics/random.hpp"
#include "fitting/least_squares.hpp"
#include "gating/gated_function.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// Which class is fitted to which truth, in which box.
struct PopulationFit {
    std::string name; ///< "R2b.tanh"
    Truth truth;
    moe::GatedClass fitted;
    moe::ParameterBox box;
    bool near_truth = false; ///< some starts near the truth instead of all uniform
};

/// SIG2 tanh, a_1 in [-2.5, -0.5], a_2, a_3 in [0.5, 2.5]: no zero expert.
[[nodiscard]] PopulationFit without_zero_expert();
/// Truth SIG2 GELU fitted by three softmax experts: not well specified.
[[nodiscard]] PopulationFit sig2_by_softmax();
/// Truth SOFT GELU fitted by three sigmoid experts: well specified by notes 3.6.
[[nodiscard]] PopulationFit soft_by_sigmoid();

struct PopulationMinimum {
    moe::GatedFunction function;
    FloorRow row;
};

/// The best of `starts` starts, on the grid of M points.
[[nodiscard]] PopulationMinimum population_minimum(const PopulationFit& fit, std::size_t starts,
                                                   std::size_t M, moe::RandomStream& stream);

/// Gbar of R2b on the grid of M points, by a fixed number of starts from fixed random numbers: the
/// same for every data set and seed.
[[nodiscard]] moe::GatedFunction minimiser_without_zero_expert(std::size_t M);

} // namespace sigmoid_gating
