#pragma once
// Gates and experts of all atoms at two points, with derivatives: what values, Jacobian and
// curvature are put together from. Gate and expert are template parameters, so that the loops over
// the points have no branches.

#include "gating/gated_function.hpp"
#include "gating/pair_functions.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace moe::gating {

/// phi, phi' and phi'' at two arguments.
struct Response {
    Pair value;
    Pair slope;
    Pair bend;
};

/// b is the parameter b of the atom, which constant experts show as it is.
template<ExpertActivation expert>
[[nodiscard]] Response respond(Pair z, Pair b) noexcept {
    if constexpr (expert == ExpertActivation::gelu) {
        constexpr double density_at_0 = 0.3989422804014327; // 1/sqrt(2 pi)
        const NormalDistribution normal = normal_distribution(z);
        const Pair density = density_at_0 * normal.kernel;
        return {z * normal.distribution, normal.distribution + z * density,
                (2.0 - z * z) * density};
    } else if constexpr (expert == ExpertActivation::tanh) {
        const Pair decay = exp_of_nonpositive(-2.0 * magnitude(z));
        const Pair inverse = 1.0 / (1.0 + decay);
        const Pair size = (1.0 - decay) * inverse;
        const Pair value = z < 0.0 ? -size : size;
        const Pair slope = 4.0 * decay * inverse * inverse;
        return {value, slope, -2.0 * value * slope};
    } else if constexpr (expert == ExpertActivation::linear) {
        return {z, both(1.0), Pair{}};
    } else if constexpr (expert == ExpertActivation::square) {
        return {z * z, 2.0 * z, both(2.0)};
    } else if constexpr (expert == ExpertActivation::relu) {
        return {z < 0.0 ? Pair{} : z, z > 0.0 ? both(1.0) : Pair{}, Pair{}};
    } else {
        return {b, both(1.0), Pair{}};
    }
}

/// Gate, its first two derivatives by b0 (filled for sigmoid only) and expert of every atom at two
/// points.
struct Terms {
    std::array<Pair, max_atoms> gate;
    std::array<Pair, max_atoms> gate_slope;
    std::array<Pair, max_atoms> gate_bend;
    std::array<Response, max_atoms> expert;
};

template<GateKind kind>
void fill_gates(std::span<const Atom> atoms, Pair x, Terms& terms) noexcept {
    if constexpr (kind == GateKind::sigmoid) {
        for (std::size_t i = 0; i < atoms.size(); ++i) {
            const Pair u = atoms[i].b1 * x + atoms[i].b0;
            const Pair decay = exp_of_nonpositive(-magnitude(u));
            const Pair inverse = 1.0 / (1.0 + decay);
            terms.gate[i] = u < 0.0 ? decay * inverse : inverse;
            terms.gate_slope[i] = decay * inverse * inverse;
            terms.gate_bend[i] = terms.gate_slope[i] * (1.0 - 2.0 * terms.gate[i]);
        }
    } else {
        Pair largest = atoms[0].b1 * x + atoms[0].b0;
        terms.gate[0] = largest;
        for (std::size_t i = 1; i < atoms.size(); ++i) {
            const Pair u = atoms[i].b1 * x + atoms[i].b0;
            largest = u > largest ? u : largest;
            terms.gate[i] = u;
        }
        Pair sum{};
        for (std::size_t i = 0; i < atoms.size(); ++i) {
            terms.gate[i] = exp_of_nonpositive(terms.gate[i] - largest);
            sum += terms.gate[i];
        }
        const Pair inverse = 1.0 / sum;
        for (std::size_t i = 0; i < atoms.size(); ++i) {
            terms.gate[i] *= inverse;
        }
    }
}

/// Fills the terms; returns f at the two points.
template<GateKind kind, ExpertActivation expert>
[[nodiscard]] Pair fill_terms(std::span<const Atom> atoms, Pair x, Terms& terms) noexcept {
    fill_gates<kind>(atoms, x, terms);
    Pair f{};
    for (std::size_t i = 0; i < atoms.size(); ++i) {
        terms.expert[i] = respond<expert>(atoms[i].a * x + atoms[i].b, both(atoms[i].b));
        f += terms.gate[i] * terms.expert[i].value;
    }
    return f;
}

/// All parameters of up to max_atoms atoms.
struct AtomList {
    std::array<Atom, max_atoms> atoms;
    std::size_t count;

    [[nodiscard]] std::span<const Atom> all() const noexcept { return {atoms.data(), count}; }
};

/// The atoms that free parameters stand for. Throws std::invalid_argument for sizes that do not
/// fit.
[[nodiscard]] AtomList atoms_of(const GatedClass& functions, std::span<const double> theta);

/// Calls body.template operator()<gate, expert>() for the gate and the expert of the class.
template<class Body>
void dispatch(GateKind gate, ExpertActivation expert, const Body& body) {
    const auto with_gate = [&]<GateKind kind>() {
        switch (expert) {
        case ExpertActivation::gelu:
            return body.template operator()<kind, ExpertActivation::gelu>();
        case ExpertActivation::tanh:
            return body.template operator()<kind, ExpertActivation::tanh>();
        case ExpertActivation::linear:
            return body.template operator()<kind, ExpertActivation::linear>();
        case ExpertActivation::square:
            return body.template operator()<kind, ExpertActivation::square>();
        case ExpertActivation::relu:
            return body.template operator()<kind, ExpertActivation::relu>();
        case ExpertActivation::constant:
            return body.template operator()<kind, ExpertActivation::constant>();
        }
    };
    if (gate == GateKind::sigmoid) {
        with_gate.template operator()<GateKind::sigmoid>();
    } else {
        with_gate.template operator()<GateKind::softmax>();
    }
}

} // namespace moe::gating
