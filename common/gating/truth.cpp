#include "gating/truth.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

std::string place(std::size_t atom) {
    return "truth, atom " + std::to_string(atom + 1) + ": ";
}

void require_in_box(const GatedFunction& truth, double half_width) {
    const bool softmax = truth.gate == GateKind::softmax;
    const GatedFunction frozen = translated_gates(truth, truth.atoms.size() - 1);
    for (std::size_t i = 0; i < frozen.atoms.size(); ++i) {
        const Atom& atom = frozen.atoms[i];
        const struct {
            const char* name;
            double value;
        } parameters[] = {{"b1", atom.b1}, {"b0", atom.b0}, {"a", atom.a}, {"b", atom.b}};
        for (const auto& [name, value] : parameters) {
            if (std::isfinite(value) && std::abs(value) <= half_width) continue;
            const bool gate_difference = softmax && name[0] == 'b' && name[1] != '\0';
            throw InputError(place(i) + name + " = " + shortest(value) +
                             (gate_difference ? " (difference to the last atom's)" : "") +
                             ", allowed: within [-" + shortest(half_width) + ", " +
                             shortest(half_width) + "]");
        }
    }
}

void require_apart(const GatedFunction& truth, double smallest_distance) {
    for (std::size_t i = 0; i < truth.atoms.size(); ++i) {
        for (std::size_t j = i + 1; j < truth.atoms.size(); ++j) {
            const Atom& one = truth.atoms[i];
            const Atom& other = truth.atoms[j];
            const double distance = std::hypot(one.b1 - other.b1, one.a - other.a, one.b - other.b);
            if (distance >= smallest_distance) continue;
            throw InputError("truth: atoms " + std::to_string(i + 1) + " and " +
                             std::to_string(j + 1) + " are " + shortest(distance) +
                             " apart in (b1, a, b), allowed: at least " +
                             shortest(smallest_distance));
        }
    }
}

} // namespace

Regime regime_of(const GatedFunction& truth) {
    if (truth.gate != GateKind::sigmoid) {
        throw std::invalid_argument("regime_of: only sigmoid gates have regimes");
    }
    const bool splits = std::any_of(truth.atoms.begin(), truth.atoms.end(),
                                    [](const Atom& atom) { return atom.b1 == 0.0; });
    return splits ? Regime::one : Regime::two;
}

void require_usable_truth(const GatedFunction& truth, const TruthRequirements& requirements) {
    const std::size_t atoms = truth.atoms.size();
    if (atoms < 1 || atoms > max_atoms) {
        throw InputError("truth: " + std::to_string(atoms) + " atoms, allowed: 1 to " +
                         std::to_string(max_atoms));
    }
    if (requirements.fitted_atoms < atoms || requirements.fitted_atoms > max_atoms) {
        throw InputError("k = " + std::to_string(requirements.fitted_atoms) +
                         " fitted atoms, allowed: k* = " + std::to_string(atoms) + " to " +
                         std::to_string(max_atoms));
    }
    require_in_box(truth, requirements.half_width);
    require_apart(truth, requirements.smallest_distance);
    const double b1 = truth.atoms.front().b1;
    if (truth.gate == GateKind::softmax && atoms > 1 &&
        std::all_of(truth.atoms.begin(), truth.atoms.end(),
                    [b1](const Atom& atom) { return atom.b1 == b1; })) {
        throw InputError("softmax truth: every atom has b1 = " + shortest(b1) +
                         ", allowed: gates that differ (b1 is not identified otherwise)");
    }
}

void require_regime(const GatedFunction& truth, Regime label) {
    if (truth.gate != GateKind::sigmoid) {
        throw InputError("regime of a softmax truth asked for, allowed: sigmoid gates");
    }
    if (regime_of(truth) == label) return;
    throw InputError(label == Regime::one
                         ? "regime 1: no atom of the truth has b1 = 0, allowed: at least one"
                         : "regime 2: an atom of the truth has b1 = 0, allowed: none");
}

} // namespace moe
