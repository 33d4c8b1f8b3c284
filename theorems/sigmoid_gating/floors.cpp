#include "sigmoid_gating/floors.hpp"

#include "sigmoid_gating/fits.hpp"

#include "basics/numbers.hpp"
#include "fitting/least_squares_gated.hpp"
#include "gating/grid_data.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace sigmoid_gating {

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::GateKind;

/// Noise-free data: the objective is the mean square distance from the truth.
moe::GridData population(const moe::GatedFunction& truth, std::size_t M) {
    const std::vector<double> points = grid(M);
    return {points, std::vector<double>(M, 1.0 / static_cast<double>(M)),
            moe::values_on(truth, points)};
}

PopulationFit whole_box(std::string name, Truth truth, GateKind gate, bool near_truth) {
    const moe::GatedClass fitted{gate, truth.function.expert, fitted_atoms};
    return {std::move(name), std::move(truth), fitted,
            moe::ParameterBox::cube(fitted.parameters(), box_half_width), near_truth};
}

double distance_to_nearest(const moe::GatedFunction& truth, const moe::GatedFunction& fitted) {
    double sum = 0.0;
    for (const Atom& atom : truth.atoms) {
        double nearest = std::numeric_limits<double>::infinity();
        for (const Atom& other : fitted.atoms)
            nearest = std::min(nearest, std::hypot(atom.a - other.a, atom.b - other.b));
        sum += nearest;
    }
    return sum;
}

std::string text_of(const moe::GatedFunction& function) {
    std::string text;
    for (const Atom& atom : function.atoms) {
        text += (text.empty() ? "(" : " (") + moe::rounded(atom.b1, 6) + ", " +
                moe::rounded(atom.b0, 6) + ", " + moe::rounded(atom.a, 6) + ", " +
                moe::rounded(atom.b, 6) + ")";
    }
    return text;
}

/// Starts that end within this of the best count as having reached it.
constexpr double same_minimum = 1e-6;
/// Below this distance a fit reproduces the truth to rounding.
constexpr double zero_distance = 1e-9;

} // namespace

PopulationFit without_zero_expert() {
    PopulationFit fit =
        whole_box("R2b.tanh", sig2(ExpertActivation::tanh), GateKind::sigmoid, false);
    fit.box.upper[2] = -0.5;
    fit.box.lower[6] = 0.5;
    fit.box.lower[10] = 0.5;
    return fit;
}

PopulationFit sig2_by_softmax() {
    return whole_box("SIG2.gelu by softmax", sig2(ExpertActivation::gelu), GateKind::softmax, true);
}

PopulationFit soft_by_sigmoid() {
    return whole_box("SOFT.gelu by sigmoid", soft(ExpertActivation::gelu), GateKind::sigmoid, true);
}

PopulationMinimum population_minimum(const PopulationFit& fit, std::size_t starts, std::size_t M,
                                     moe::RandomStream& stream) {
    const moe::GatedRegression regression(fit.fitted, population(fit.truth.function, M));
    std::vector<std::vector<double>> from;
    for (std::size_t i = 0; i < starts; ++i) {
        from.push_back(fit.near_truth && i % 2 == 0 ? start_near(fit.truth, fit.fitted, 0.3, stream)
                                                    : start_in(fit.box, stream));
    }
    const auto results = moe::minimise_from_starts(regression, fit.box, from, {});
    const std::size_t best = moe::lowest_objective(results);
    if (best == results.size())
        throw std::runtime_error(fit.name + ": no start has a finite objective");
    PopulationMinimum minimum;
    minimum.function = moe::function_of(fit.fitted, results[best].theta);
    FloorRow& row = minimum.row;
    row.fit = fit.name;
    row.rms = std::sqrt(results[best].objective);
    row.starts = static_cast<std::int64_t>(starts);
    row.reached = std::ranges::count_if(results, [&](const moe::FitResult& result) {
        return std::sqrt(result.objective) <= row.rms * (1.0 + same_minimum) + zero_distance;
    });
    row.on_box = static_cast<std::int64_t>(bounds_hit(results[best].theta, fit.box).size());
    row.distance = distance_to_nearest(fit.truth.function, minimum.function);
    row.minimiser = text_of(minimum.function);
    return minimum;
}

moe::GatedFunction minimiser_without_zero_expert(std::size_t M) {
    constexpr std::size_t starts = 48;
    moe::RandomStream stream(0, moe::cell_key("R2b.minimiser"), 0);
    return population_minimum(without_zero_expert(), starts, M, stream).function;
}

} // namespace sigmoid_gating
