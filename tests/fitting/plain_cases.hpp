#pragma once
// Small mixtures of every kind with data, for the tests of the plain formulas and of the proximal
// steps.

#include "datasets/synthetic.hpp"
#include "fitting/plain_likelihood.hpp"

#include <memory>
#include <string>
#include <vector>

namespace moe_test {

struct PlainCase {
    std::string name;
    std::unique_ptr<moe::LatentModel> model;
    moe::PlainLikelihood plain;
    moe::SyntheticData data;
};

inline PlainCase symmetric_case(moe::SymmetricKind kind, moe::Index n = 60, moe::Index d = 3) {
    const moe::SymmetricRecipe recipe{.kind = kind, .n = n, .d = d, .beta = 2.0, .w = 1.5};
    moe::SyntheticData data = moe::symmetric_data(recipe, moe::FixtureSource(11));
    auto model = moe::make_symmetric_mixture(kind, data.samples);
    moe::PlainLikelihood plain(moe::plain_model(kind, d), data.samples);
    return {kind == moe::SymmetricKind::linear ? "symmetric linear" : "symmetric logistic",
            std::move(model), std::move(plain), std::move(data)};
}

inline PlainCase gated_case(const std::string& name, const moe::GatedShape& shape, double sigma,
                            double lambda, moe::Index n = 90) {
    const moe::GatedSettings settings{.sigma = sigma, .lambda = lambda};
    moe::SyntheticData data =
        moe::gated_data({.shape = shape, .sigma = sigma, .n = n}, moe::FixtureSource(12));
    auto model = moe::make_gated_mixture(shape, settings, data.samples);
    moe::PlainLikelihood plain(moe::plain_model(shape, settings), data.samples);
    return {name, std::move(model), std::move(plain), std::move(data)};
}

inline std::vector<PlainCase> all_cases() {
    using moe::ExpertFamily;
    std::vector<PlainCase> cases;
    cases.push_back(symmetric_case(moe::SymmetricKind::linear));
    cases.push_back(symmetric_case(moe::SymmetricKind::logistic));
    cases.push_back(
        gated_case("linear", {.family = ExpertFamily::linear, .p = 3, .K = 3, .C = 1}, 0.7, 0.01));
    cases.push_back(gated_case("free variance",
                               {.family = ExpertFamily::free_variance, .p = 2, .K = 2, .C = 1}, 1.3,
                               0.0));
    cases.push_back(gated_case(
        "multinomial", {.family = ExpertFamily::multinomial, .p = 2, .K = 3, .C = 3}, 1.0, 0.01));
    return cases;
}

} // namespace moe_test
