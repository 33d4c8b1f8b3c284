#include "em_linear_rate/cases.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <utility>

namespace em_linear_rate {

namespace {

using moe::ExpertFamily;
using moe::GatedRecipe;
using moe::GatedShape;
using moe::SymmetricKind;
using moe::SymmetricRecipe;

SymmetricRecipe symmetric(SymmetricKind kind, moe::Index n, moe::Index d, double beta, double w) {
    return {.kind = kind, .n = n, .d = d, .beta = beta, .w = w};
}

GatedRecipe gated(const GatedShape& shape, moe::Index n, double expert_scale) {
    return {.shape = shape, .n = n, .expert_scale = expert_scale};
}

GatedShape linear(moe::Index p, moe::Index K) {
    return {.family = ExpertFamily::linear, .p = p, .K = K, .C = 1};
}

GatedShape classes(moe::Index p, moe::Index K, moe::Index C) {
    return {.family = ExpertFamily::multinomial, .p = p, .K = K, .C = C};
}

} // namespace

const std::vector<FixedCase>& fixed_cases() {
    static const std::vector<FixedCase> cases = {
        {41, "sym-lin", symmetric(SymmetricKind::linear, 1000, 10, 4.0, 4.0)},
        {42, "sym-lin", symmetric(SymmetricKind::linear, 1000, 5, 2.0, 2.0)},
        {44, "sym-lin", symmetric(SymmetricKind::linear, 1000, 5, 1.0, 1.0)},
        {43, "sym-log", symmetric(SymmetricKind::logistic, 4000, 3, 6.0, 2.0)},
        {51, "linear", gated(linear(3, 2), 1000, 2.0)},
        {52, "linear", gated(linear(3, 3), 2000, 4.0)},
        {53, "multinomial", gated(classes(3, 2, 3), 2000, 3.0), 0.01},
        {55, "binary", gated(classes(4, 2, 2), 2000, 4.0), 0.01},
        {54, "linear", gated(linear(2, 5), 3000, 6.0), 0.001}};
    return cases;
}

const FixedCase& fixed_case(std::int64_t seed) {
    const std::vector<FixedCase>& cases = fixed_cases();
    const auto found =
        std::ranges::find_if(cases, [=](const FixedCase& fixed) { return fixed.seed == seed; });
    if (found == cases.end()) {
        std::string allowed;
        for (const FixedCase& fixed : cases)
            allowed += (allowed.empty() ? "" : ", ") + std::to_string(fixed.seed);
        throw moe::InputError("--cases: there is no fixed case " + std::to_string(seed) +
                              ", allowed are " + allowed);
    }
    return *found;
}

moe::Vector unit_direction(const moe::DeviateSource& source, moe::Index size) {
    const auto stream = source.stream(8);
    moe::Vector direction(size);
    for (double& entry : direction)
        entry = stream->normal();
    return direction.normalized();
}

Problem problem(const SymmetricRecipe& recipe, const moe::DeviateSource& source) {
    moe::SyntheticData data = moe::symmetric_data(recipe, source);
    moe::Vector direction = unit_direction(source, data.truth.size());
    return {moe::make_symmetric_mixture(recipe.kind, std::move(data.samples)),
            std::move(data.truth), std::move(direction)};
}

Problem problem(const FixedCase& fixed) {
    const moe::FixtureSource source(static_cast<std::uint64_t>(fixed.seed));
    if (const auto* recipe = std::get_if<SymmetricRecipe>(&fixed.recipe))
        return problem(*recipe, source);
    const auto& recipe = std::get<GatedRecipe>(fixed.recipe);
    moe::SyntheticData data = moe::gated_data(recipe, source);
    moe::Vector direction = unit_direction(source, data.truth.size());
    return {moe::make_gated_mixture(recipe.shape, {.sigma = recipe.sigma, .lambda = fixed.lambda},
                                    std::move(data.samples)),
            std::move(data.truth), std::move(direction)};
}

} // namespace em_linear_rate
