#include "shared/em_problem.hpp"

#include <cstdint>
#include <utility>

namespace shared {

namespace {

/// The first of the data's starts that is one.
moe::Vector first_start(const UserData& data, moe::LatentModel& model,
                        const moe::DeviateSource& source) {
    for (moe::Index number = 0; number + 1 < data.starts; ++number) {
        try {
            return starting_point(data, model, source, static_cast<std::uint32_t>(number));
        } catch (const moe::FitError&) {
            continue;
        }
    }
    return starting_point(data, model, source, static_cast<std::uint32_t>(data.starts - 1));
}

} // namespace

EmProblem em_problem(const moe::SymmetricRecipe& recipe, const moe::DeviateSource& source) {
    moe::SyntheticData data = moe::symmetric_data(recipe, source);
    auto model = moe::make_symmetric_mixture(recipe.kind, data.samples);
    moe::PlainLikelihood plain(moe::plain_model(recipe.kind, recipe.d), data.samples);
    return {std::move(model), std::move(plain), std::move(data)};
}

EmProblem em_problem(const moe::GatedRecipe& recipe, double lambda,
                     const moe::DeviateSource& source) {
    const moe::GatedSettings settings{.sigma = recipe.sigma, .lambda = lambda};
    moe::SyntheticData data = moe::gated_data(recipe, source);
    auto model = moe::make_gated_mixture(recipe.shape, settings, data.samples);
    moe::PlainLikelihood plain(moe::plain_model(recipe.shape, settings), data.samples);
    return {std::move(model), std::move(plain), std::move(data)};
}

EmProblem em_problem(const UserData& data, const moe::DeviateSource& source) {
    auto model = make_model(data);
    const moe::Vector start = first_start(data, *model, source);
    const moe::PlainModel plain = data.symmetric ? moe::plain_model(*data.symmetric, data.shape.p)
                                                 : moe::plain_model(data.shape, data.settings);
    const moe::Samples& samples = data.observations.samples;
    return {std::move(model), moe::PlainLikelihood(plain, samples),
            moe::SyntheticData{samples, start, start, data.observations.expert}};
}

moe::Vector em_step(moe::LatentModel& model, const moe::Vector& theta) {
    moe::Matrix r;
    model.posterior(theta, r);
    moe::Vector next = theta;
    model.maximise(r, next);
    return next;
}

} // namespace shared
