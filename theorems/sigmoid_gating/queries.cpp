#include "sigmoid_gating/queries.hpp"

#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/fits.hpp"
#include "sigmoid_gating/lemmas.hpp"
#include "sigmoid_gating/modulus.hpp"
#include "sigmoid_gating/rates_query.hpp"
#include "sigmoid_gating/simulation.hpp"
#include "sigmoid_gating/tangent.hpp"
#include "sigmoid_gating/truth_query.hpp"
#include "sigmoid_gating/truths.hpp"

#include "basics/error.hpp"
#include "datasets/grid_reduction.hpp"
#include "fitting/least_squares_gated.hpp"
#include "gating/truth.hpp"
#include "gating/voronoi.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sigmoid_gating {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t grid_points = 128;

Json f(moe::Query& query) {
    const moe::GatedFunction model = read_function(query, "model");
    return {{"f", moe::values_on(model, query.reals("x"))}};
}

/// Finite numbers as they are, others as text.
Json number_or_text(const std::optional<double>& value) {
    if (!value) return nullptr;
    if (std::isfinite(*value)) return *value;
    return std::isnan(*value) ? "nan" : *value > 0.0 ? "inf" : "-inf";
}

Json voronoi(moe::Query& query) {
    const Truth truth = read_truth(query, "truth");
    const moe::GatedFunction fit = read_function(query, "fit");
    if (fit.gate != truth.function.gate || fit.expert != truth.function.expert)
        query.refuse("fit", "gate and expert of the truth");
    if (fit.atoms.size() < truth.function.atoms.size())
        query.refuse("fit", "at least as many atoms as the truth has");
    BestFit best;
    best.function = fit;
    const FitRow row = measured_fit(truth, best, grid(grid_points), "");
    Json cells = Json::array();
    std::size_t number = 0;
    for (const char digit : row.pattern + " ") {
        if (digit != ' ') {
            number = 10 * number + static_cast<std::size_t>(digit - '0');
            continue;
        }
        cells.push_back(number);
        number = 0;
    }
    const auto entry = [](double value) {
        return std::isnan(value) ? Json() : number_or_text(value);
    };
    return {{"cells", cells},
            {"E_exact", entry(row.exact)},
            {"E_exx", entry(row.exact_experts)},
            {"E_over", entry(row.over)},
            {"E_dead", entry(row.dead)},
            {"D", entry(row.loss)}};
}

Json least_squares(moe::Query& query) {
    const Truth truth = read_truth(query, "truth");
    const auto k = static_cast<std::size_t>(query.integer("k", 1, moe::max_atoms));
    const double S = query.real("noise", {.low = 0.0});
    const auto starts = static_cast<std::size_t>(query.integer("starts", 1, 100000));
    const std::uint64_t seed = query.seed("seed", 1);
    moe::require_usable_truth(truth.function, {.fitted_atoms = k});
    const moe::GridData data = moe::pseudo_noise_data(truth.function, grid(grid_points), S);
    const moe::GatedClass fitted = class_of(truth, k);
    const moe::ParameterBox box = moe::ParameterBox::cube(fitted.parameters(), box_half_width);
    moe::RandomStream stream(seed, moe::cell_key("query.least_squares"), 0);
    std::vector<std::vector<double>> from;
    for (std::size_t i = 0; i < starts; ++i) {
        from.push_back(i % 2 == 0 ? start_near(truth, fitted, 0.3, stream) : start_in(box, stream));
    }
    const auto results =
        moe::minimise_from_starts(moe::GatedRegression(fitted, data), box, from, {});
    const std::size_t best = moe::lowest_objective(results);
    if (best == results.size()) throw moe::InputError("--query: no start has a finite objective");
    const double sse = results[best].objective;
    Json atoms = Json::array();
    for (const moe::Atom& atom : moe::function_of(fitted, results[best].theta).atoms)
        atoms.push_back({atom.b1, atom.b0, atom.a, atom.b});
    const auto reached = std::ranges::count_if(results, [sse](const moe::FitResult& result) {
        return result.objective <= sse * (1.0 + 1e-8);
    });
    return {{"sse", sse},
            {"sse_truth", moe::weighted_squares(data, truth.function)},
            {"atoms", atoms},
            {"reached", reached}};
}

Json ratio_sequence(moe::Query& query) {
    SplitTruth truth;
    truth.softmax = query.text("gate", {"sigmoid", "softmax"}) == "softmax";
    truth.b1 = query.real("b1");
    truth.b0 = query.real("b0");
    const auto expert = [&](const char* key) {
        const std::vector<double> eta = query.reals(key, {}, 2);
        if (eta.size() != 2) query.refuse(key, "two numbers [a, b]");
        return std::array{eta[0], eta[1]};
    };
    const auto one = expert("expert1");
    const auto other = expert("expert2");
    truth.a1 = one[0];
    truth.c1 = one[1];
    truth.a2 = other[0];
    truth.c2 = other[1];
    const double r = query.real("r", {.low = 1.0, .high = 50.0});
    const double m = query.real("m", {.low = 1.0, .high = 1e6, .low_open = true});
    return {{"ratio", split_ratio(truth, r, m)}};
}

Json tangent(moe::Query& query) {
    const Truth truth = read_truth(query, "truth");
    if (truth.function.gate != moe::GateKind::sigmoid)
        query.refuse("truth", "a truth with sigmoid gates");
    if (truth.function.atoms.size() + 1 > moe::max_atoms) query.refuse("truth", "at most 15 atoms");
    const TangentScan scan = scan_dead_tangent(truth.function, grid(grid_points));
    return {{"minimum", scan.minimum}, {"gate", {scan.b1, scan.b0}}};
}

Json local_modulus(moe::Query& query) {
    const Truth truth = read_truth(query, "truth");
    if (truth.surplus != Surplus::split || truth.over != 0 || truth.function.atoms.size() < 2 ||
        truth.function.atoms.size() + 1 > moe::max_atoms)
        query.refuse("truth", "2 to 15 atoms, softmax gates or a first atom with b1 = 0");
    const std::vector<double> points = grid(grid_points);
    moe::RandomStream stream(1, moe::cell_key("query.modulus"), 0);
    std::vector<double> norms(modulus_deltas.size(), std::numeric_limits<double>::infinity());
    for (const Direction& direction : directions(12, stream)) {
        for (std::size_t j = 0; j < norms.size(); ++j)
            norms[j] = std::min(norms[j], modulus(truth, direction, modulus_deltas[j], points));
    }
    return {{"kappa", local_exponents(modulus_deltas, norms)}, {"m", norms}};
}

} // namespace

std::vector<moe::QueryInfo> queries() {
    return {
        {"f", "model, x -> f", f},
        {"voronoi", "truth, fit [, regime] -> cells, E_exact, E_exx, E_over, E_dead, D", voronoi},
        {"least_squares", "truth, k, noise, starts, seed -> sse, sse_truth, atoms, reached",
         least_squares},
        {"rates",
         "truth, k, n, repetitions, starts, seed [, noise, grid, regime] -> pattern, box, "
         "sizes, slopes, uncertified",
         answer_rates},
        {"ratio_sequence", "gate, b1, b0, expert1, expert2, r, m -> ratio", ratio_sequence},
        {"dead_tangent", "truth -> minimum, gate", tangent},
        {"modulus", "truth -> kappa, m", local_modulus}};
}

} // namespace sigmoid_gating
