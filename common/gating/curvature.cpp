// Second derivatives. With u_i = b1_i x + b0_i and z_i = a_i x + b_i, f depends on theta through
// the u and z only, so that each pair of atoms has three second derivatives (by u u, u z and z z),
// and each entry of the matrix is a sum of one of them times 1, x or x^2:
//   sigmoid  f = sum_i g(u_i) h(z_i): g'' h, g' h', g h'' for i = j, nothing else;
//   softmax  u_i u_j: [i = j] g_i (h_i - f) - g_i g_j (h_i + h_j - 2 f)
//            u_i z_j: g_j ([i = j] - g_i) h_j'
//            z_i z_j: [i = j] g_i h_i''.
#include "gating/terms.hpp"

#include <algorithm>
#include <stdexcept>

namespace moe {

namespace {

using gating::both;
using gating::Pair;
using gating::pair_lanes;

/// Sums of weights times 1, x, x^2.
struct Moments {
    std::array<Pair, 3> sums;

    void add(Pair value, Pair x) noexcept {
        sums[0] += value;
        const Pair once = value * x;
        sums[1] += once;
        sums[2] += once * x;
    }
    [[nodiscard]] double total(std::size_t power) const noexcept {
        return sums[power][0] + sums[power][1];
    }
};

/// Moments of the second derivatives by u_i u_j, u_i z_j and z_i z_j.
struct BlockMoments {
    Moments uu;
    Moments uz;
    Moments zz;
};

using AllMoments = std::array<std::array<BlockMoments, max_atoms>, max_atoms>;

template<GateKind kind>
void add_second_derivatives(const gating::Terms& terms, std::size_t atoms, Pair x, Pair f,
                            Pair factor, AllMoments& moments) noexcept {
    for (std::size_t i = 0; i < atoms; ++i) {
        const gating::Response& h = terms.expert[i];
        const Pair g = factor * terms.gate[i];
        moments[i][i].zz.add(g * h.bend, x);
        if constexpr (kind == GateKind::sigmoid) {
            moments[i][i].uu.add(factor * terms.gate_bend[i] * h.value, x);
            moments[i][i].uz.add(factor * terms.gate_slope[i] * h.slope, x);
        } else {
            if (i + 1 == atoms) continue; // the frozen gate
            for (std::size_t j = 0; j < atoms; ++j) {
                const gating::Response& other = terms.expert[j];
                const Pair same = both(i == j ? 1.0 : 0.0);
                moments[i][j].uz.add(factor * terms.gate[j] * (same - terms.gate[i]) * other.slope,
                                     x);
                if (j < i || j + 1 == atoms) continue;
                moments[i][j].uu.add(
                    g * (same * (h.value - f) - terms.gate[j] * (h.value + other.value - 2.0 * f)),
                    x);
            }
        }
    }
}

/// A parameter vector's layout: where the gate (b1, b0) and the expert (a, b) of an atom stand.
struct Layout {
    std::size_t parameters;
    std::span<double> matrix;

    /// Entries for (slope, constant) at `row` and `column` and their mirror images. `powers` of x
    /// that go with slopes: 0 where the slope has no effect.
    void fill(std::size_t row, std::size_t column, const Moments& moments, bool row_slope,
              bool column_slope) const noexcept {
        set(row, column, row_slope && column_slope ? moments.total(2) : 0.0);
        set(row, column + 1, row_slope ? moments.total(1) : 0.0);
        set(row + 1, column, column_slope ? moments.total(1) : 0.0);
        set(row + 1, column + 1, moments.total(0));
    }
    void set(std::size_t i, std::size_t j, double value) const noexcept {
        matrix[i * parameters + j] = value;
        matrix[j * parameters + i] = value;
    }
};

} // namespace

void sum_second_derivatives(const GatedClass& functions, std::span<const double> theta,
                            std::span<const double> points, std::span<const double> weights,
                            std::span<const double> factors, std::span<double> curvature) {
    const std::size_t parameters = functions.parameters();
    if (weights.size() != points.size() || factors.size() != points.size() ||
        curvature.size() != parameters * parameters) {
        throw std::invalid_argument("sum_second_derivatives: sizes of the arguments do not fit");
    }
    const gating::AtomList list = gating::atoms_of(functions, theta);
    AllMoments moments{};
    gating::dispatch(
        functions.gate, functions.expert, [&]<GateKind kind, ExpertActivation expert>() {
            gating::Terms terms;
            for (std::size_t p = 0; p < points.size(); p += pair_lanes) {
                const bool whole = points.size() - p >= pair_lanes;
                const Pair x = whole ? gating::load_pair(points.data() + p) : both(points[p]);
                Pair factor{weights[p] * factors[p], 0.0};
                if (whole) factor[1] = weights[p + 1] * factors[p + 1];
                const Pair f = gating::fill_terms<kind, expert>(list.all(), x, terms);
                add_second_derivatives<kind>(terms, list.count, x, f, factor, moments);
            }
        });
    std::fill(curvature.begin(), curvature.end(), 0.0);
    const Layout layout{parameters, curvature};
    const bool sees_x = functions.expert != ExpertActivation::constant;
    const std::size_t atoms = list.count;
    for (std::size_t i = 0; i < atoms; ++i) {
        const bool gate_free = functions.gate == GateKind::sigmoid || i + 1 < atoms;
        const std::size_t gate = 4 * i;
        const std::size_t expert = gate_free ? gate + 2 : gate;
        layout.fill(expert, expert, moments[i][i].zz, sees_x, sees_x);
        if (!gate_free) continue;
        for (std::size_t j = 0; j < atoms; ++j) {
            const bool other_free = functions.gate == GateKind::sigmoid || j + 1 < atoms;
            if (functions.gate == GateKind::sigmoid && j != i) continue;
            if (other_free && j >= i) layout.fill(gate, 4 * j, moments[i][j].uu, true, true);
            layout.fill(gate, other_free ? 4 * j + 2 : 4 * j, moments[i][j].uz, true, sees_x);
        }
    }
}

} // namespace moe
