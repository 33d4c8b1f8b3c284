#include "shared/em_queries.hpp"

#include "fitting/em.hpp"
#include "fitting/gradient_methods.hpp"
#include "fitting/information.hpp"
#include "fitting/mirror_identities.hpp"
#include "fitting/proximal_step.hpp"
#include "shared/em_problem.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shared {

namespace {

using Json = nlohmann::ordered_json;
using moe::Index;
using moe::Vector;

constexpr moe::RealRange positive{.low = 0.0, .low_open = true};
constexpr moe::RealRange not_negative{.low = 0.0};

Json numbers(const Vector& values) {
    return std::vector<double>(values.begin(), values.end());
}

bool is_symmetric(moe::Query& query) {
    const std::string model =
        query.text("model", {"sym-lin", "sym-log", "linear", "free-variance", "multinomial"});
    return model.starts_with("sym-");
}

EmProblem symmetric_problem(moe::Query& query) {
    moe::SymmetricRecipe recipe;
    recipe.kind = query.text("model") == "sym-lin" ? moe::SymmetricKind::linear
                                                   : moe::SymmetricKind::logistic;
    recipe.d = query.integer("d", 1, 100);
    recipe.n = query.integer("n", 2 * recipe.d, 100000);
    recipe.beta = query.real("beta", not_negative);
    recipe.w = query.real("w", not_negative);
    recipe.rho0 = query.real("rho0", not_negative, recipe.rho0);
    return em_problem(recipe, moe::FixtureSource(query.seed("seed")));
}

EmProblem gated_problem(moe::Query& query) {
    const std::string model = query.text("model");
    moe::GatedRecipe recipe;
    recipe.shape.p = query.integer("p", 1, 50);
    recipe.shape.K = query.integer("K", 2, 20);
    recipe.shape.C = 1;
    double lambda = 0.0;
    if (model == "multinomial") {
        recipe.shape.family = moe::ExpertFamily::multinomial;
        recipe.shape.C = query.integer("C", 2, 20);
    } else {
        if (model == "free-variance") recipe.shape.family = moe::ExpertFamily::free_variance;
        recipe.sigma = query.real("sigma", positive, recipe.sigma);
    }
    if (model != "free-variance") lambda = query.real("lambda", not_negative, lambda);
    recipe.expert_scale = query.real("expert_scale", not_negative, recipe.expert_scale);
    recipe.start_noise = query.real("start_noise", not_negative, recipe.start_noise);
    recipe.n = query.integer("n", recipe.shape.parameters(), 100000);
    return em_problem(recipe, lambda, moe::FixtureSource(query.seed("seed")));
}

/// Counts of the samples drawn from each expert.
std::vector<std::int64_t> counts(const EmProblem& problem) {
    std::vector<std::int64_t> result(static_cast<std::size_t>(problem.model->experts()), 0);
    for (const Index expert : problem.data.expert)
        ++result[static_cast<std::size_t>(expert)];
    return result;
}

Json answer_fixture(moe::Query& query) {
    const bool symmetric = is_symmetric(query);
    EmProblem problem = symmetric ? symmetric_problem(query) : gated_problem(query);
    query.require_all_used();
    moe::LatentModel& model = *problem.model;
    const Vector& start = problem.data.start;
    const moe::Trace trace = moe::run(model, moe::em(model), start, 50);
    const Vector first = em_step(model, start);
    const moe::ExactDecrease decrease = moe::exact_decrease(problem.plain, start, first);
    const Vector stationary = moe::stationary_point(model, trace.theta);

    const std::string F = symmetric ? "L" : "F";
    Json answer = {{F + "_truth", model.objective(problem.data.truth)},
                   {F + "0", trace.objectives[0]},
                   {F + "1", trace.objectives[1]},
                   {F + "5", trace.objectives[5]},
                   {F + "50", trace.objectives[50]},
                   {"G0", decrease.G},
                   {"KL_lat0", decrease.latent},
                   {"theta1", numbers(first)},
                   {F + "_hat", model.objective(stationary)},
                   {"rho", numbers(moe::information(model, stationary).rates)}};
    if (symmetric) {
        Vector gradient;
        model.loss_gradient(start, gradient);
        Vector descended = start;
        moe::gradient_descent(model, 1.0 / model.curvature_bound())(descended);
        answer["grad0"] = gradient.norm();
        answer["gd1"] = model.loss(descended);
    } else {
        const moe::ProximalSettings joint{.form = moe::ProximalForm::joint};
        const moe::Minimum step =
            moe::proximal_step(problem.plain, start, moe::proximal_start(start, joint), joint);
        answer["e3_distance"] =
            step.converged ? Json((step.point - first).cwiseAbs().maxCoeff()) : Json(nullptr);
        answer["counts_z"] = counts(problem);
    }
    return answer;
}

Json answer_mirror_step(moe::Query& query) {
    const bool symmetric = is_symmetric(query);
    EmProblem problem = symmetric ? symmetric_problem(query) : gated_problem(query);
    const std::int64_t iterations = query.integer("iterations", 1, 100);
    query.require_all_used();
    const moe::ProximalSettings settings{.form = symmetric ? moe::ProximalForm::joint
                                                           : moe::ProximalForm::weighted};
    Json steps = Json::array();
    Vector theta = problem.data.start;
    for (std::int64_t t = 0; t < iterations; ++t) {
        const Vector next = em_step(*problem.model, theta);
        const moe::Minimum step = moe::proximal_step(
            problem.plain, theta, moe::proximal_start(theta, settings), settings);
        steps.push_back(
            {{"em", numbers(next)},
             {"prox", numbers(step.point)},
             {"max_difference", moe::relative_difference(next, step.point)},
             {"decrease_residual", moe::exact_decrease(problem.plain, theta, next).residual()}});
        theta = next;
    }
    return {{"iterations", steps}};
}

} // namespace

std::vector<moe::QueryInfo> em_queries() {
    const std::string keys =
        "model (sym-lin, sym-log), seed, n, d, beta, w [, rho0]; or model (linear, free-variance, "
        "multinomial), seed, n, p, K [, C, lambda, sigma, expert_scale, start_noise]";
    return {{"fixture",
             keys + " -> L_truth, L0, L1, L5, L50, G0, KL_lat0, theta1, L_hat, rho, grad0, gd1; or "
                    "F_.., e3_distance, counts_z",
             answer_fixture},
            {"mirror_step",
             keys + "; iterations -> per iteration em, prox, max_difference, decrease_residual",
             answer_mirror_step}};
}

} // namespace shared
