#pragma once
// A mixture on its samples, ready for EM: the library's model, which iterates, and the plain
// formulas, which measure.

#include "datasets/synthetic.hpp"
#include "fitting/plain_likelihood.hpp"
#include "shared/user_data.hpp"

#include <memory>

namespace shared {

struct EmProblem {
    std::unique_ptr<moe::LatentModel> model;
    moe::PlainLikelihood plain;
    moe::SyntheticData data;
};

[[nodiscard]] EmProblem em_problem(const moe::SymmetricRecipe& recipe,
                                   const moe::DeviateSource& source);
[[nodiscard]] EmProblem em_problem(const moe::GatedRecipe& recipe, double lambda,
                                   const moe::DeviateSource& source);
/// The user's data from the first start that gives an M-step. There is no truth: data.truth is the
/// start. Throws FitError if there is no such start.
[[nodiscard]] EmProblem em_problem(const UserData& data, const moe::DeviateSource& source);

/// The next iterate of EM. Throws FitError.
[[nodiscard]] moe::Vector em_step(moe::LatentModel& model, const moe::Vector& theta);

} // namespace shared
