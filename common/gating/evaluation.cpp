#include "gating/terms.hpp"

#include <algorithm>
#include <stdexcept>

namespace moe {

namespace {

using gating::both;
using gating::Pair;
using gating::pair_lanes;

void require_size(bool holds) {
    if (!holds) throw std::invalid_argument("evaluate: sizes of the arguments do not fit");
}

/// Stores one or two lanes.
void store(Pair pair, double* to, std::size_t lanes) noexcept {
    if (lanes == pair_lanes) {
        gating::store_pair(pair, to);
    } else {
        *to = pair[0];
    }
}

/// Derivatives at `lanes` points, into the first entries of columns that are `stride` apart.
template<GateKind kind, ExpertActivation expert>
void store_derivatives(const gating::Terms& terms, std::size_t atoms, Pair x, Pair f,
                       double* column, std::size_t stride, std::size_t lanes) noexcept {
    for (std::size_t i = 0; i < atoms; ++i) {
        const gating::Response& response = terms.expert[i];
        const bool frozen = kind == GateKind::softmax && i + 1 == atoms;
        if (!frozen) {
            const Pair by_b0 = kind == GateKind::sigmoid ? terms.gate_slope[i] * response.value
                                                         : terms.gate[i] * (response.value - f);
            store(by_b0 * x, column, lanes);
            store(by_b0, column + stride, lanes);
            column += 2 * stride;
        }
        const Pair by_b = terms.gate[i] * response.slope;
        store(expert == ExpertActivation::constant ? Pair{} : by_b * x, column, lanes);
        store(by_b, column + stride, lanes);
        column += 2 * stride;
    }
}

/// Values, and the Jacobian if it is not null.
template<GateKind kind, ExpertActivation expert, bool with_jacobian>
void run(std::span<const Atom> atoms, std::span<const double> points, double* values,
         double* jacobian) noexcept {
    const std::size_t M = points.size();
    gating::Terms terms;
    for (std::size_t p = 0; p < M; p += pair_lanes) {
        const std::size_t lanes = std::min(pair_lanes, M - p);
        const Pair x = lanes == pair_lanes ? gating::load_pair(points.data() + p) : both(points[p]);
        const Pair f = gating::fill_terms<kind, expert>(atoms, x, terms);
        store(f, values + p, lanes);
        if constexpr (with_jacobian) {
            store_derivatives<kind, expert>(terms, atoms.size(), x, f, jacobian + p, M, lanes);
        }
    }
}

} // namespace

gating::AtomList gating::atoms_of(const GatedClass& functions, std::span<const double> theta) {
    require_size(functions.atoms >= 1 && functions.atoms <= max_atoms &&
                 theta.size() == functions.parameters());
    AtomList list{};
    list.count = functions.atoms;
    const double* next = theta.data();
    for (std::size_t i = 0; i < functions.atoms; ++i) {
        Atom& atom = list.atoms[i];
        if (functions.gate == GateKind::sigmoid || i + 1 < functions.atoms) {
            atom.b1 = *next++;
            atom.b0 = *next++;
        }
        atom.a = *next++;
        atom.b = *next++;
    }
    return list;
}

void evaluate(const GatedClass& functions, std::span<const double> theta,
              std::span<const double> points, std::span<double> values) {
    require_size(values.size() == points.size());
    const gating::AtomList list = gating::atoms_of(functions, theta);
    gating::dispatch(functions.gate, functions.expert,
                     [&]<GateKind kind, ExpertActivation expert>() {
                         run<kind, expert, false>(list.all(), points, values.data(), nullptr);
                     });
}

void evaluate_with_jacobian(const GatedClass& functions, std::span<const double> theta,
                            std::span<const double> points, std::span<double> values,
                            std::span<double> jacobian) {
    require_size(values.size() == points.size() &&
                 jacobian.size() == points.size() * functions.parameters());
    const gating::AtomList list = gating::atoms_of(functions, theta);
    gating::dispatch(
        functions.gate, functions.expert, [&]<GateKind kind, ExpertActivation expert>() {
            run<kind, expert, true>(list.all(), points, values.data(), jacobian.data());
        });
}

std::vector<double> values_on(const GatedFunction& function, std::span<const double> points) {
    require_size(!function.atoms.empty() && function.atoms.size() <= max_atoms);
    std::vector<double> values(points.size());
    gating::dispatch(function.gate, function.expert, [&]<GateKind kind, ExpertActivation expert>() {
        run<kind, expert, false>(function.atoms, points, values.data(), nullptr);
    });
    return values;
}

} // namespace moe
