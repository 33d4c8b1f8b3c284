#include "sigmoid_gating/flat_families.hpp"

#include "gating/voronoi.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sigmoid_gating {

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::GatedFunction;
using moe::GateKind;

double sigma(double z) {
    return 1.0 / (1.0 + std::exp(-z));
}

double logit(double mass) {
    return std::log(mass / (1.0 - mass));
}

/// eta_c with c h(x, eta) = h(x, eta_c), in the place of the atom's expert: eta times c, or times
/// sqrt(c) for squares.
Atom scaled(Atom atom, ExpertActivation expert, double c) {
    const double factor = expert == ExpertActivation::square ? std::sqrt(c) : c;
    atom.a *= factor;
    atom.b *= factor;
    return atom;
}

Atom with_gate(Atom atom, double b1, double b0) {
    atom.b1 = b1;
    atom.b0 = b0;
    return atom;
}

constexpr double scale = 0.5;   ///< c = 1 -+ scale on halves of the mass
constexpr double b0_star = 0.6; ///< bias of the atom that is represented anew
constexpr Atom second{0.9, -0.6, -1.2, 0.8};

Atom first(double b1) {
    return {b1, b0_star, 1.5, 0.5};
}

} // namespace

std::vector<FlatMember> flat_members(ExpertActivation expert) {
    const auto function = [&](GateKind gate, std::vector<Atom> atoms) {
        // A constant has no slope: a is no parameter of it.
        for (Atom& atom : atoms)
            atom.a = expert == ExpertActivation::constant ? 0.0 : atom.a;
        return GatedFunction{gate, expert, std::move(atoms)};
    };
    const double s = sigma(b0_star);
    const Atom flat = first(0.0);
    const Atom steep = first(-1.0);
    const GatedFunction regime1 = function(GateKind::sigmoid, {flat, second});
    const GatedFunction regime2 = function(GateKind::sigmoid, {steep, second});
    const Atom frozen = with_gate(second, 0.0, 0.0);
    const GatedFunction soft = function(GateKind::softmax, {steep, frozen});

    const auto half = [&](double c) {
        return scaled(with_gate(flat, 0.0, logit(0.5 * s)), expert, c);
    };
    const auto half_of_softmax = [&](double c) {
        return scaled(with_gate(steep, steep.b1, b0_star - std::log(2.0)), expert, c);
    };
    const double other_bias = b0_star + 1.0;
    const auto part = [&](double c) { return scaled(steep, expert, c); };
    const bool odd = expert == ExpertActivation::linear || expert == ExpertActivation::constant;
    const bool homogeneous =
        odd || expert == ExpertActivation::relu || expert == ExpertActivation::square;
    // sigma(u) h = h - sigma(-u) h: a gate that does not depend on x, and the opposite atom.
    const Atom opposite{-steep.b1, -steep.b0, -steep.a, -steep.b};
    const Atom whole = scaled(with_gate(steep, 0.0, other_bias), expert, 1.0 / sigma(other_bias));
    // sigma(u) (h + g) + sigma(-u) g = sigma(u) h + g, and g - sigma(-v) g = sigma(v) g.
    const Atom both{steep.b1, steep.b0, steep.a + second.a, steep.b + second.b};
    const Atom other_side{-steep.b1, -steep.b0, second.a, second.b};
    const Atom less{-second.b1, -second.b0, -second.a, -second.b};
    return {{"scale", regime1,
             function(GateKind::sigmoid, {half(1.0 - scale), half(1.0 + scale), second}),
             homogeneous},
            {"opposite-gates", regime1,
             function(GateKind::sigmoid, {scaled(with_gate(flat, 1.2, -0.7), expert, s),
                                          scaled(with_gate(flat, -1.2, 0.7), expert, s), second}),
             homogeneous},
            {"rescaled-gate", regime1,
             function(
                 GateKind::sigmoid,
                 {scaled(with_gate(flat, 0.0, other_bias), expert, s / sigma(other_bias)), second}),
             homogeneous},
            {"scale", soft,
             function(GateKind::softmax,
                      {half_of_softmax(1.0 - scale), half_of_softmax(1.0 + scale), frozen}),
             homogeneous},
            {"same-gate", regime2, function(GateKind::sigmoid, {part(0.3), part(0.7), second}),
             homogeneous},
            {"complement", regime2, function(GateKind::sigmoid, {opposite, whole, second}), odd},
            {"mirror", regime2, function(GateKind::sigmoid, {both, other_side, less}), odd},
            {"dead", regime2,
             function(GateKind::sigmoid, {steep, second, Atom{1.3, -2.0, 0.0, 0.0}}), true}};
}

double deviation(const FlatMember& member, std::span<const double> points) {
    const std::vector<double> truth = moe::values_on(member.truth, points);
    const std::vector<double> values = moe::values_on(member.member, points);
    double difference = 0.0;
    double size = 0.0;
    for (std::size_t b = 0; b < truth.size(); ++b) {
        difference = std::max(difference, std::abs(values[b] - truth[b]));
        size = std::max(size, std::abs(truth[b]));
    }
    return difference / (1.0 + size);
}

double loss(const FlatMember& member, double r) {
    const moe::VoronoiCells cells = moe::voronoi_cells(member.member, member.truth);
    return member.truth.gate == GateKind::sigmoid ? moe::loss_D2r(cells, r)
                                                  : moe::loss_Ds_r(cells, r);
}

} // namespace sigmoid_gating
