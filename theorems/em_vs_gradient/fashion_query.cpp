// The question "fmnist": one data set of the fixture generator, all step sizes 2^-1..2^6 / Lip.

#include "em_vs_gradient/fashion.hpp"

#include "em_vs_gradient/fashion_fits.hpp"

#include "basics/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace em_vs_gradient {

namespace {

using Json = nlohmann::ordered_json;

constexpr StepGrid whole_grid{-1, 6};

Json number_or_null(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

Json answer_of(const FashionFit& fit, double lipschitz) {
    constexpr std::size_t early = 5;
    const std::vector<double>& f = fit.objectives;
    Json answer = {
        {"F", number_or_null(f.back())},
        {"F5", f.size() > early ? number_or_null(f[early]) : Json()},
        {"test_accuracy", std::isfinite(f.back()) ? Json(fit.accuracies.back()) : Json()},
        {"recovered", number_or_null(fit.recovered)},
        {"gate_recovered", number_or_null(fit.gate_recovered)},
        {"step", number_or_null(fit.step_in_lip / lipschitz)},
        {"step_in_lip", number_or_null(fit.step_in_lip)}};
    return answer;
}

FashionFit fit_by(const std::string& method, FashionProblem& problem, moe::Index iterations) {
    if (method == "single") return problem.single();
    if (method == "known_z") return problem.known_z();
    if (method == "em") return problem.em(iterations);
    if (method == "gem") return problem.gradient_em(iterations, whole_grid);
    return problem.gradient_descent(iterations, whole_grid);
}

Json answer(moe::Query& query) {
    const std::uint64_t seed = query.seed("seed");
    const moe::Index d = query.integer("d", 1, 784);
    const std::int64_t least = fashion_parameters(d);
    const moe::Index n = query.integer("n", least, 60000);
    const moe::Index n_test = query.integer("n_test", 1, 10000);
    const double lambda = query.real("lambda", {.low = 0.0, .high = 1.0, .low_open = true});
    const std::string geometry = query.text("geometry", {"raw", "white"}, "raw");
    const moe::Index iterations = query.integer("iterations", 1, 1000000, 30);
    const std::vector<std::string> methods =
        query.texts("methods", {"single", "known_z", "em", "gem", "gd"});
    if (std::set<std::string>(methods.begin(), methods.end()).size() != methods.size())
        query.refuse("methods", "each method once");
    const std::string folder =
        query.has("folder") ? query.text("folder") : "/usr/share/datasets/fashion-mnist";
    query.require_all_used();

    const moe::FixtureSource source(seed);
    const moe::InvertedImages data = moe::invert_and_project(
        moe::read_fashion_mnist(folder, n, n_test), source, d,
        geometry == "raw" ? moe::FeatureGeometry::raw : moe::FeatureGeometry::white);
    FashionProblem problem(data, lambda, source, [] {});
    Json result = {
        {"fraction_inverted", data.fraction_inverted},
        {"eigenvalues", std::vector<double>(data.eigenvalues.data(),
                                            data.eigenvalues.data() + std::min<moe::Index>(2, d))}};
    for (const std::string& method : methods)
        result[method] = answer_of(fit_by(method, problem, iterations), problem.lipschitz());
    return result;
}

} // namespace

moe::QueryInfo fashion_query() {
    return {"fmnist",
            "seed, n, n_test, d, lambda [, geometry, iterations, folder], methods -> "
            "fraction_inverted, eigenvalues, per method F, F5, test_accuracy, recovered, "
            "gate_recovered, step, step_in_lip",
            answer};
}

} // namespace em_vs_gradient
