#pragma once
// Least-squares problems of gated functions with known minima.

#include "basics/random.hpp"
#include "datasets/grid_reduction.hpp"
#include "fitting/least_squares_gated.hpp"
#include "gating/reference_truths.hpp"

#include <cmath>
#include <vector>

namespace moe::reference {

/// A class fitted to data of a truth, in the box [-2.5, 2.5]^p.
struct GatedProblem {
    GatedFunction truth;
    GatedClass functions;
    GatedRegression regression;
    ParameterBox box;

    GatedProblem(const GatedFunction& the_truth, std::size_t atoms, const GridData& data)
        : truth(the_truth)
        , functions{the_truth.gate, the_truth.expert, atoms}
        , regression(functions, data)
        , box(ParameterBox::cube(functions.parameters(), 2.5)) {}
};

/// Fitted to the pseudo-noise data of size S.
inline GatedProblem pseudo_noise_problem(const GatedFunction& truth, std::size_t atoms, double S) {
    return {truth, atoms, pseudo_noise_data(truth, grid(), S)};
}

/// Uniform in the box.
inline std::vector<double> uniform_start(const GatedProblem& problem, RandomStream& stream) {
    std::vector<double> start(problem.box.lower.size());
    for (std::size_t j = 0; j < start.size(); ++j) {
        start[j] =
            problem.box.lower[j] + (problem.box.upper[j] - problem.box.lower[j]) * stream.uniform();
    }
    return start;
}

/// The truth, its first atom split in two with equal masses if one atom more is fitted, plus noise.
inline std::vector<double> start_near_truth(const GatedProblem& problem, double noise,
                                            RandomStream& stream) {
    GatedFunction split = problem.truth;
    if (problem.functions.atoms > split.atoms.size()) {
        Atom& first = split.atoms.front();
        if (split.gate == GateKind::softmax) {
            first.b0 -= std::log(2.0);
        } else {
            const double mass = 0.5 / (1.0 + std::exp(-first.b0));
            first.b0 = std::log(mass / (1.0 - mass));
        }
        split.atoms.insert(split.atoms.begin(), first);
    }
    std::vector<double> start = free_parameters(split);
    for (double& value : start) {
        value += noise * stream.normal();
    }
    return start;
}

/// Half uniform, half the truth plus noise.
inline std::vector<std::vector<double>> mixed_starts(const GatedProblem& problem, std::size_t count,
                                                     double noise, RandomStream& stream) {
    std::vector<std::vector<double>> starts;
    for (std::size_t i = 0; i < count; ++i) {
        starts.push_back(i % 2 == 0 ? uniform_start(problem, stream)
                                    : start_near_truth(problem, noise, stream));
    }
    return starts;
}

} // namespace moe::reference
