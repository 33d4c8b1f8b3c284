#pragma once
// The configurations of thm_em_mirror_descent: which mixture, on which data.

#include "program/options.hpp"
#include "shared/em_problem.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace em_mirror_descent {

/// A mixture of linear or multinomial experts as a recipe and the ridge of its fit.
struct GatedConfiguration {
    moe::GatedRecipe recipe;
    double lambda = 0.0;
};

/// One data set of one model.
struct Configuration {
    std::string name;   ///< "linear.K3.p3", ..., "data" for the user's own
    std::string family; ///< symmetric, linear, free-variance or multinomial (binary included)
    std::int64_t repetition = 0;
    std::variant<moe::SymmetricRecipe, GatedConfiguration, std::shared_ptr<const shared::UserData>>
        content;

    [[nodiscard]] bool symmetric() const { return family == "symmetric"; }
    [[nodiscard]] bool user() const { return name == "data"; }
    /// K; number of free parameters, by which cells are weighed.
    [[nodiscard]] std::int64_t experts() const;
    [[nodiscard]] std::int64_t parameters() const;
    /// Model, data and start; all checks see the same ones, keyed by the name and the repetition.
    [[nodiscard]] shared::EmProblem problem(std::uint64_t seed) const;
};

[[nodiscard]] std::vector<moe::OptionSpec> grid_options();

/// Every configuration of the options, repetition by repetition, then the user's data. Throws
/// InputError for fewer --samples than a model has parameters.
[[nodiscard]] std::vector<Configuration> grid(const moe::Options& options,
                                              const std::shared_ptr<const shared::UserData>& user);

} // namespace em_mirror_descent
