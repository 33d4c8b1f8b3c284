// The cells whose fits are measured otherwise: the other representation of a truth, no zero expert
// in the box, and linear experts.

#include "sigmoid_gating/floors.hpp"
#include "sigmoid_gating/simulation.hpp"

#include "fitting/least_squares_gated.hpp"
#include "gating/voronoi.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>

namespace sigmoid_gating {

namespace {

using moe::Atom;
using moe::GatedFunction;
using moe::RandomStream;

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> disturbed(std::vector<double> theta, double noise, RandomStream& stream) {
    for (double& parameter : theta)
        parameter += noise * stream.normal();
    return theta;
}

/// Found once by whichever data set comes first, always the same.
class SharedMinimiser {
  public:
    const GatedFunction& get(std::size_t M) {
        std::call_once(once_, [&] { function_ = minimiser_without_zero_expert(M); });
        return function_;
    }

  private:
    std::once_flag once_;
    GatedFunction function_;
};

FitRow fit_without_zero_expert(const PopulationFit& population, const GatedFunction& minimiser,
                               const DataSet& set, const Conditions& conditions,
                               RandomStream& stream) {
    constexpr int near_minimiser = 2;
    constexpr int uniform = 4;
    const StartProtocol protocol = conditions.protocol_at(set.n);
    const std::vector<double> centre = moe::free_parameters(minimiser);
    const auto draw_round = [&] {
        std::vector<std::vector<double>> starts;
        if (protocol.certificate) starts.push_back(centre);
        for (int i = 0; i < near_minimiser; ++i)
            starts.push_back(disturbed(centre, protocol.noise, stream));
        for (int i = 0; i < uniform; ++i)
            starts.push_back(start_in(population.box, stream));
        return starts;
    };
    const BestFit best = fit_best(set.data, population.fitted, population.box,
                                  moe::weighted_squares(set.data, minimiser), protocol, draw_round);
    FitRow row = measured_fit(population.truth, best, set.data.points, "");
    // Cells of true atoms mean nothing here: the limit is not the truth.
    row.exact = row.exact_experts = row.over = row.dead = not_applicable;
    row.pattern = "boundary";
    row.expected_pattern = true;
    row.loss = best.function.atoms.empty() ? infinity : moe::loss_D3(best.function, {{minimiser}});
    return row;
}

// ---------------------------------------------------------------------------------------------
// Linear experts in regime 2: the exact representations by three atoms are the truth with a dead
// atom, with one atom split under its own gate, and with one or both atoms in the complement
// sigma(u) h = h - sigma(-u) h (notes 3.5).

double gate_error(const Atom& atom, const Atom& truth) {
    return std::abs(atom.b1 - truth.b1) + std::abs(atom.b0 - truth.b0);
}

double atom_error(const Atom& atom, const Atom& truth) {
    return gate_error(atom, truth) + std::hypot(atom.a - truth.a, atom.b - truth.b);
}

/// Distance of an atom from the complement of a true one: gate -u*, expert -eta*.
double complement_error(const Atom& atom, const Atom& truth) {
    return atom_error(atom, {-truth.b1, -truth.b0, -truth.a, -truth.b});
}

/// Distance of an atom from a gate that does not depend on x, with expert (a, b) over the gate's
/// value.
double constant_gate_error(const Atom& atom, double a, double b) {
    const double gate = 1.0 / (1.0 + std::exp(-atom.b0));
    return std::abs(atom.b1) + std::hypot(gate * atom.a - a, gate * atom.b - b);
}

struct SetDistance {
    double dead = infinity;
    double split = infinity;
    double complement = infinity;
};

/// Distances of three fitted atoms from the three sets, over all assignments.
SetDistance distance_to_exact_set(const GatedFunction& fitted, const GatedFunction& truth) {
    SetDistance distance;
    const Atom& one = truth.atoms[0];
    const Atom& two = truth.atoms[1];
    std::array<std::size_t, 3> order{0, 1, 2};
    do {
        const Atom& p = fitted.atoms[order[0]];
        const Atom& q = fitted.atoms[order[1]];
        const Atom& third = fitted.atoms[order[2]];
        distance.dead = std::min(distance.dead, atom_error(p, one) + atom_error(q, two) +
                                                    std::hypot(third.a, third.b));
        distance.complement = std::min(
            distance.complement, complement_error(p, one) + complement_error(q, two) +
                                     constant_gate_error(third, one.a + two.a, one.b + two.b));
        for (std::size_t j = 0; j < 2; ++j) {
            const Atom& whole = truth.atoms[j];
            const double other = atom_error(third, truth.atoms[1 - j]);
            distance.split = std::min(
                distance.split, gate_error(p, whole) + gate_error(q, whole) +
                                    std::hypot(p.a + q.a - whole.a, p.b + q.b - whole.b) + other);
            distance.complement =
                std::min(distance.complement, complement_error(p, whole) +
                                                  constant_gate_error(q, whole.a, whole.b) + other);
        }
    } while (std::next_permutation(order.begin(), order.end()));
    return distance;
}

/// The truth with one atom divided under its own gate, disturbed.
std::vector<double> split_start(const GatedFunction& truth, std::size_t j, double noise,
                                RandomStream& stream) {
    GatedFunction start = truth;
    const double part = 0.3 + 0.4 * stream.uniform();
    Atom piece = start.atoms[j];
    piece.a *= part;
    piece.b *= part;
    start.atoms[j].a -= piece.a;
    start.atoms[j].b -= piece.b;
    start.atoms.push_back(piece);
    return disturbed(moe::free_parameters(start), noise, stream);
}

} // namespace

Contender rival(const Truth& truth) {
    Truth other = truth;
    other.name += ".rival";
    const bool sigmoid = truth.function.gate == moe::GateKind::sigmoid;
    if (sigmoid)
        other.surplus = Surplus::dead;
    else
        other.over = 1;
    return {other.name, [other, sigmoid](const DataSet& set, const Conditions& conditions,
                                         RandomStream& stream) {
                StartProtocol protocol = conditions.protocol_at(set.n);
                protocol.near_truth = 2;
                protocol.uniform = 0;
                const BestFit best =
                    fit_near_truth(set.data, other, class_of(other), protocol, stream);
                FitRow row = measured_fit(other, best, set.data.points, expected_pattern(other));
                row.exact = row.exact_experts = row.over = row.dead = not_applicable;
                const bool fitted = !best.function.atoms.empty();
                row.loss = sigmoid && fitted
                               ? moe::loss_D1(moe::voronoi_cells(best.function, other.function))
                               : not_applicable;
                return row;
            }};
}

Contender contender_without_zero_expert() {
    const PopulationFit population = without_zero_expert();
    const auto minimiser = std::make_shared<SharedMinimiser>();
    return {population.name,
            [population, minimiser](const DataSet& set, const Conditions& conditions,
                                    RandomStream& starts) {
                return fit_without_zero_expert(population, minimiser->get(conditions.M), set,
                                               conditions, starts);
            }};
}

Contender contender_linear() {
    const Truth truth = sig2_linear();
    return {truth.name,
            [truth](const DataSet& set, const Conditions& conditions, RandomStream& stream) {
                const StartProtocol protocol = conditions.protocol_at(set.n);
                const moe::GatedClass fitted = class_of(truth);
                const moe::ParameterBox box =
                    moe::ParameterBox::cube(fitted.parameters(), box_half_width);
                const auto draw_round = [&] {
                    std::vector<std::vector<double>> starts;
                    starts.push_back(start_near(truth, fitted, 1e-3, stream));
                    for (std::size_t i = 0; i < 2; ++i)
                        starts.push_back(start_near(truth, fitted, protocol.noise, stream));
                    for (std::size_t j = 0; j < 2; ++j)
                        starts.push_back(split_start(truth.function, j, protocol.noise, stream));
                    return starts;
                };
                const BestFit best =
                    fit_best(set.data, fitted, box, moe::weighted_squares(set.data, truth.function),
                             protocol, draw_round);
                FitRow row = measured_fit(truth, best, set.data.points, "");
                row.exact = row.exact_experts = row.over = row.dead = not_applicable;
                row.expected_pattern = true;
                row.loss = infinity;
                if (best.function.atoms.empty()) return row;
                const SetDistance distance = distance_to_exact_set(best.function, truth.function);
                row.loss = std::min({distance.dead, distance.split, distance.complement});
                row.pattern = row.loss == distance.dead    ? "dead"
                              : row.loss == distance.split ? "split"
                                                           : "complement";
                return row;
            }};
}

} // namespace sigmoid_gating
