#include "gating/exact_sets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

namespace moe {

namespace {

double gate_error(const Atom& atom, const Atom& truth) {
    return std::abs(atom.b1 - truth.b1) + std::abs(atom.b0 - truth.b0);
}

double atom_error(const Atom& atom, const Atom& truth) {
    return gate_error(atom, truth) + std::hypot(atom.a - truth.a, atom.b - truth.b);
}

/// The atom of gate -u and expert -eta.
Atom opposite(const Atom& atom) {
    return {-atom.b1, -atom.b0, -atom.a, -atom.b};
}

/// Distance of an atom from a gate that does not depend on x, with expert (a, b) over the gate's
/// value.
double constant_gate_error(const Atom& atom, double a, double b) {
    const double gate = 1.0 / (1.0 + std::exp(-atom.b0));
    return std::abs(atom.b1) + std::hypot(gate * atom.a - a, gate * atom.b - b);
}

/// Distances of the atoms p, q, r in these places.
struct Distances {
    double dead;
    double same_gate;
    double complement;
    double mirror;
};

Distances distances_of(const Atom& p, const Atom& q, const Atom& r, const Atom& one,
                       const Atom& two) {
    const Atom sum{one.b1, one.b0, one.a + two.a, one.b + two.b};
    const Atom mirrored{-one.b1, -one.b0, two.a, two.b};
    const double one_complement =
        atom_error(p, opposite(one)) + constant_gate_error(q, one.a, one.b) + atom_error(r, two);
    const double both_complements = atom_error(p, opposite(one)) + atom_error(q, opposite(two)) +
                                    constant_gate_error(r, sum.a, sum.b);
    return {atom_error(p, one) + atom_error(q, two) + std::hypot(r.a, r.b),
            gate_error(p, one) + gate_error(q, one) +
                std::hypot(p.a + q.a - one.a, p.b + q.b - one.b) + atom_error(r, two),
            std::min(one_complement, both_complements),
            atom_error(p, sum) + atom_error(q, mirrored) + atom_error(r, opposite(two))};
}

} // namespace

NearestSet nearest_exact_set(const GatedFunction& fitted, const GatedFunction& truth) {
    const auto linear = [](const GatedFunction& function, std::size_t atoms) {
        return function.gate == GateKind::sigmoid && function.expert == ExpertActivation::linear &&
               function.atoms.size() == atoms;
    };
    if (!linear(fitted, 3) || !linear(truth, 2))
        throw std::invalid_argument("nearest_exact_set: three and two sigmoid atoms, linear");
    NearestSet nearest{"", std::numeric_limits<double>::infinity()};
    const auto offer = [&](const char* name, double distance) {
        if (distance < nearest.distance) nearest = {name, distance};
    };
    std::array<std::size_t, 3> order{0, 1, 2};
    do {
        for (const std::size_t j : {0U, 1U}) {
            const Distances distances =
                distances_of(fitted.atoms[order[0]], fitted.atoms[order[1]], fitted.atoms[order[2]],
                             truth.atoms[j], truth.atoms[1 - j]);
            offer("dead", distances.dead);
            offer("same-gate", distances.same_gate);
            offer("complement", distances.complement);
            offer("mirror", distances.mirror);
        }
    } while (std::ranges::next_permutation(order).found);
    return nearest;
}

} // namespace moe
