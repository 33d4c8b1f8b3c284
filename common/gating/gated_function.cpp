#include "gating/gated_function.hpp"

#include <cmath>
#include <stdexcept>

namespace moe {

std::string_view name_of(GateKind gate) noexcept {
    return gate == GateKind::sigmoid ? "sigmoid" : "softmax";
}

std::string_view name_of(ExpertActivation expert) noexcept {
    switch (expert) {
    case ExpertActivation::gelu:
        return "gelu";
    case ExpertActivation::tanh:
        return "tanh";
    case ExpertActivation::linear:
        return "linear";
    case ExpertActivation::square:
        return "square";
    case ExpertActivation::relu:
        return "relu";
    case ExpertActivation::constant:
        break;
    }
    return "constant";
}

GatedFunction translated_gates(GatedFunction function, std::size_t reference) {
    if (reference >= function.atoms.size()) {
        throw std::invalid_argument("translated_gates: no such atom");
    }
    if (function.gate == GateKind::softmax) {
        const Atom origin = function.atoms[reference];
        for (Atom& atom : function.atoms) {
            atom.b1 -= origin.b1;
            atom.b0 -= origin.b0;
        }
    }
    return function;
}

std::vector<double> free_parameters(const GatedFunction& function) {
    if (function.atoms.empty()) throw std::invalid_argument("free_parameters: no atoms");
    const GatedFunction frozen = translated_gates(function, function.atoms.size() - 1);
    std::vector<double> theta;
    theta.reserve(4 * frozen.atoms.size());
    for (std::size_t i = 0; i < frozen.atoms.size(); ++i) {
        const Atom& atom = frozen.atoms[i];
        if (frozen.gate == GateKind::sigmoid || i + 1 < frozen.atoms.size()) {
            theta.push_back(atom.b1);
            theta.push_back(atom.b0);
        }
        theta.push_back(atom.a);
        theta.push_back(atom.b);
    }
    return theta;
}

GatedFunction function_of(const GatedClass& functions, std::span<const double> theta) {
    if (functions.atoms == 0 || theta.size() != functions.parameters()) {
        throw std::invalid_argument("function_of: theta has not as many entries as the class has "
                                    "free parameters");
    }
    GatedFunction function{functions.gate, functions.expert, {}};
    function.atoms.resize(functions.atoms);
    std::size_t next = 0;
    for (std::size_t i = 0; i < functions.atoms; ++i) {
        Atom& atom = function.atoms[i];
        if (functions.gate == GateKind::sigmoid || i + 1 < functions.atoms) {
            atom.b1 = theta[next++];
            atom.b0 = theta[next++];
        }
        atom.a = theta[next++];
        atom.b = theta[next++];
    }
    return function;
}

double grid_distance(const GatedFunction& f, const GatedFunction& g,
                     std::span<const double> points) {
    const std::vector<double> of_f = values_on(f, points);
    const std::vector<double> of_g = values_on(g, points);
    double sum = 0.0;
    for (std::size_t b = 0; b < points.size(); ++b) {
        sum += (of_f[b] - of_g[b]) * (of_f[b] - of_g[b]);
    }
    return std::sqrt(sum / static_cast<double>(points.size()));
}

} // namespace moe
