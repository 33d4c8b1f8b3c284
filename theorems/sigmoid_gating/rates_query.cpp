#include "sigmoid_gating/rates_query.hpp"

#include "sigmoid_gating/fit_table.hpp"
#include "sigmoid_gating/fits.hpp"
#include "sigmoid_gating/simulation.hpp"
#include "sigmoid_gating/tables.hpp"
#include "sigmoid_gating/truth_query.hpp"

#include "datasets/grid_reduction.hpp"
#include "gating/truth.hpp"
#include "statistics/median_rate.hpp"
#include "statistics/paired.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sigmoid_gating {

namespace {

using Json = nlohmann::ordered_json;

/// Quantities and their columns in the table of fits.
constexpr std::array<const char*, 6> quantities{"F", "E_exact", "E_exx", "E_over", "E_dead", "D"};

Json finite_or_text(double value) {
    if (std::isfinite(value)) return value;
    return std::isnan(value) ? "nan" : "inf";
}

/// Whether the quantity exists for this truth and class: some fit has it.
bool exists(const moe::Table& table, const char* column) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (!table.empty_at(row, column)) return true;
    }
    return false;
}

Json size_answer(const moe::Table& table, const CellFits& fits, std::int64_t n) {
    Json median = Json::object();
    Json quartiles = Json::object();
    for (const char* quantity : quantities) {
        if (!exists(table, quantity)) continue;
        const std::vector<double> values = fits.present(n, quantity);
        if (values.empty()) {
            median[quantity] = nullptr;
            quartiles[quantity] = nullptr;
            continue;
        }
        median[quantity] = finite_or_text(moe::median(values));
        quartiles[quantity] = {finite_or_text(moe::quantile(values, 0.25)),
                               finite_or_text(moe::quantile(values, 0.75))};
    }
    return {{"n", n},
            {"median", median},
            {"quartiles", quartiles},
            {"gain", finite_or_text(fits.mean_gain(n))},
            {"pattern_fraction", fits.pattern_fraction(n)}};
}

/// Slopes of the quantities whose medians have logarithms.
Json slopes_answer(const moe::Table& table, const CellFits& fits, std::uint64_t seed) {
    const std::vector<std::int64_t> sizes = fits.sizes();
    const std::vector<double> x(sizes.begin(), sizes.end());
    Json slopes = Json::object();
    for (const char* quantity : quantities) {
        if (!exists(table, quantity)) continue;
        std::vector<std::vector<double>> values;
        for (const std::int64_t n : sizes)
            values.push_back(fits.present(n, quantity));
        const bool has_logarithms = std::ranges::all_of(values, [](const auto& sample) {
            const double value = median_of_present(sample);
            return value > 0.0 && std::isfinite(value);
        });
        if (!has_logarithms) {
            slopes[quantity] = nullptr;
            continue;
        }
        const moe::Rate rate = moe::reported_median_rate(
            {std::string("query.") + quantity, quantity, 0.0, 0.0}, x, values, seed);
        slopes[quantity] = {{"slope", finite_or_text(rate.slope)},
                            {"low", finite_or_text(rate.interval->low)},
                            {"high", finite_or_text(rate.interval->high)},
                            {"level", rate.interval->level}};
    }
    return slopes;
}

/// Where the fits of a truth are looked for, atom by atom.
Json box_answer(const Truth& truth, const moe::GatedClass& fitted) {
    const moe::ParameterBox box = box_of(truth, fitted);
    const bool whole =
        std::ranges::all_of(box.lower, [](double low) { return low == -box_half_width; }) &&
        std::ranges::all_of(box.upper, [](double high) { return high == box_half_width; });
    Json bounds = Json::array();
    std::size_t place = 0;
    for (std::size_t i = 0; i < fitted.atoms; ++i) {
        const bool frozen = fitted.gate == moe::GateKind::softmax && i + 1 == fitted.atoms;
        Json atom = Json::object();
        for (const char* name : {"b1", "b0", "a", "b"}) {
            if (frozen && (name == std::string("b1") || name == std::string("b0"))) {
                atom[name] = {0.0, 0.0};
                continue;
            }
            atom[name] = {box.lower[place], box.upper[place]};
            ++place;
        }
        bounds.push_back(atom);
    }
    return {{"restricted", !whole},
            {"why", whole
                        ? "the whole box"
                        : "slopes keep the sign of their true atoms and |a| >= 0.5, which excludes "
                          "zero experts and imposes the split: the pattern tells nothing"},
            {"atoms", bounds}};
}

} // namespace

nlohmann::ordered_json answer_rates(moe::Query& query) {
    const Truth truth = read_truth(query, "truth");
    const auto k = static_cast<std::size_t>(query.integer("k", 1, moe::max_atoms));
    const std::vector<std::int64_t> sizes =
        query.integers("n", {.low = 1, .high = moe::max_samples}, 3);
    if (std::set<std::int64_t>(sizes.begin(), sizes.end()).size() != sizes.size())
        query.refuse("n", "different sizes");
    const std::int64_t repetitions = query.integer("repetitions", 8, 10000);
    Conditions conditions;
    // Starts per data set: S0, near ones up to S3, uniform ones beyond.
    const auto starts = static_cast<int>(query.integer("starts", 1, 1000));
    conditions.protocol.near_truth = std::min(3, starts - 1);
    conditions.protocol.uniform = std::max(0, starts - 4);
    const std::uint64_t seed = query.seed("seed", 1);
    conditions.s = query.real("noise", {.low = 0.0, .high = 1e6, .low_open = true}, 0.1);
    conditions.M = static_cast<std::size_t>(
        query.integer("grid", 4 * static_cast<std::int64_t>(k), 65536, 128));
    moe::require_usable_truth(truth.function, {.fitted_atoms = k});
    const std::string pattern = expected_pattern(truth, k);
    const Experiment experiment{
        truth.name, truth.function, k, {contender(truth, class_of(truth, k), pattern)}};
    moe::Table table(fits_schema());
    for (const std::int64_t n : sizes) {
        for (const FitRow& fit : simulate(experiment, conditions, n, 0, repetitions, seed, [] {}))
            table.add(row(fit));
    }
    const CellFits fits(table, truth.name);
    Json answer;
    answer["pattern"] = pattern;
    answer["box"] = box_answer(truth, class_of(truth, k));
    answer["sizes"] = Json::array();
    for (const std::int64_t n : fits.sizes())
        answer["sizes"].push_back(size_answer(table, fits, n));
    answer["slopes"] = slopes_answer(table, fits, seed);
    answer["uncertified"] = fits.uncertified();
    return answer;
}

} // namespace sigmoid_gating
