#include "sigmoid_gating/simulation.hpp"

#include "basics/numbers.hpp"
#include "datasets/grid_reduction.hpp"
#include "gating/voronoi.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace sigmoid_gating {

namespace {

using moe::RandomStream;

constexpr double infinity = std::numeric_limits<double>::infinity();

double or_empty(const std::optional<double>& value) {
    return value.value_or(not_applicable);
}

std::string joined(const std::vector<std::size_t>& sizes) {
    std::string text;
    for (const std::size_t size : sizes)
        text += (text.empty() ? "" : " ") + std::to_string(size);
    return text;
}

/// Parameters on the box as "dead.b1=2.5 shared.b0=-2.5": what the atom is (dead, shared with other
/// atoms, exact: alone in its cell), which parameter, which end.
std::string bounds_text(const BestFit& best, const moe::VoronoiCells& cells) {
    std::string text;
    for (const BoundHit& hit : best.bounds) {
        const std::size_t cell = cells.cell[hit.parameter / 4];
        const char* const role = cell == cells.truth.atoms.size() ? "dead"
                                 : cells.sizes[cell] > 1          ? "shared"
                                                                  : "exact";
        text += (text.empty() ? "" : " ") + std::string(role) + "." + bound_text(best, hit);
    }
    return text;
}

double loss_of(const moe::VoronoiCells& cells, const moe::VoronoiErrors& errors) {
    // The minimisers are the truth with a dead atom of any gate: nothing but eta counts of it.
    if (cells.dead_cell) {
        return errors.exact && errors.dead ? *errors.exact + *errors.dead : infinity;
    }
    return cells.truth.gate == moe::GateKind::sigmoid ? moe::loss_D1(cells) : moe::loss_Ds(cells);
}

} // namespace

double Conditions::noise_at(std::int64_t n) const {
    return heavy_noise ? s * std::pow(static_cast<double>(n) / 1e6, 0.25) : s;
}

StartProtocol Conditions::protocol_at(std::int64_t n) const {
    StartProtocol here = protocol;
    if (!shrinking_start) return here;
    here.certificate = false;
    here.noise = 1.0 / std::sqrt(static_cast<double>(n));
    here.max_iterations = 5;
    return here;
}

std::string expected_pattern(const Truth& truth, std::size_t atoms) {
    const std::size_t surplus = atoms - truth.function.atoms.size();
    std::vector<std::size_t> sizes(truth.function.atoms.size(), 1);
    if (truth.surplus == Surplus::split)
        sizes[truth.over] += surplus;
    else if (surplus > 0)
        sizes.push_back(surplus);
    return joined(sizes);
}

moe::GatedClass class_of(const Truth& truth, std::size_t atoms) {
    return {truth.function.gate, truth.function.expert, atoms};
}

FitRow measured_fit(const Truth& truth, const BestFit& best, const std::vector<double>& points,
                    const std::string& pattern) {
    FitRow row;
    row.cell = truth.name;
    row.gain = best.gain;
    row.start = best.start;
    row.rounds = best.rounds;
    row.fits = best.fits;
    row.uniform_lead = best.uniform_lead;
    row.on_box = static_cast<std::int64_t>(best.bounds.size());
    if (!best.found()) {
        row.F = not_applicable;
        return row;
    }
    row.F = moe::grid_distance(best.function, truth.function, points);
    moe::GatedFunction fitted = best.function;
    fitted.gate = truth.function.gate; // differs only under the sabotage of the gates
    const bool dead_cell =
        truth.surplus == Surplus::dead && fitted.atoms.size() > truth.function.atoms.size();
    const moe::VoronoiCells cells =
        dead_cell ? moe::voronoi_cells_with_zero_expert(fitted, truth.function)
                  : moe::voronoi_cells(fitted, truth.function);
    const moe::VoronoiErrors errors = moe::voronoi_errors(cells);
    row.exact = or_empty(errors.exact);
    row.exact_experts = or_empty(errors.exact_experts);
    row.over = or_empty(errors.over);
    row.dead = or_empty(errors.dead);
    row.expert_0 = or_empty(errors.experts.front());
    if (errors.experts.size() > 1) row.expert_1 = or_empty(errors.experts[1]);
    row.loss = loss_of(cells, errors);
    row.pattern = joined(cells.sizes);
    row.expected_pattern = row.pattern == pattern;
    row.bounds = bounds_text(best, cells);
    return row;
}

Contender contender(const Truth& truth, const moe::GatedClass& fitted, const std::string& pattern) {
    return {truth.name, [truth, fitted, pattern](const DataSet& set, const Conditions& conditions,
                                                 RandomStream& starts) {
                const BestFit best =
                    fit_near_truth(set.data, truth, fitted, conditions.protocol_at(set.n), starts);
                return std::vector{measured_fit(truth, best, set.data.points, pattern)};
            }};
}

std::vector<FitRow> simulate(const Experiment& experiment, const Conditions& conditions,
                             std::int64_t n, std::int64_t first, std::int64_t last,
                             std::uint64_t seed, const std::function<void()>& leave_if_stopped) {
    const std::string size = ".n" + std::to_string(n);
    const std::vector<double> points = grid(conditions.M);
    std::vector<FitRow> rows;
    for (std::int64_t repetition = first; repetition < last; ++repetition) {
        leave_if_stopped();
        const auto number = static_cast<std::uint32_t>(repetition);
        RandomStream draws(seed, moe::cell_key(experiment.name + size), number);
        const DataSet set{moe::draw_grid_data(experiment.truth, experiment.atoms, points, n,
                                              conditions.noise_at(n), draws),
                          n, repetition};
        for (const Contender& contender : experiment.contenders) {
            RandomStream starts(seed, moe::cell_key(contender.name + ".starts" + size), number);
            for (FitRow& row : contender.fit(set, conditions, starts)) {
                row.n = n;
                row.repetition = repetition;
                rows.push_back(std::move(row));
            }
        }
    }
    return rows;
}

} // namespace sigmoid_gating
