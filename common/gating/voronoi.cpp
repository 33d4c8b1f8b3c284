#include "gating/voronoi.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace moe {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double expert_distance(const Atom& one, const Atom& other) {
    return std::hypot(one.a - other.a, one.b - other.b);
}

double mass(GateKind gate, const Atom& atom) {
    return gate == GateKind::softmax ? std::exp(atom.b0) : 1.0 / (1.0 + std::exp(-atom.b0));
}

void require_comparable(const GatedFunction& fitted, const GatedFunction& truth) {
    if (fitted.atoms.empty() || truth.atoms.empty()) {
        throw std::invalid_argument("Voronoi cells: a function without atoms");
    }
    if (fitted.gate != truth.gate || fitted.expert != truth.expert) {
        throw std::invalid_argument("Voronoi cells: functions of different classes");
    }
}

/// Both functions in the gauges to start from: the truth's last atom at gate (0, 0), and the fitted
/// atom whose expert is nearest to that atom's. No cells yet.
VoronoiCells in_first_gauges(const GatedFunction& fitted, const GatedFunction& truth) {
    require_comparable(fitted, truth);
    const Atom& last = truth.atoms.back();
    std::size_t nearest = fitted.atoms.size() - 1; // of equally near ones the frozen atom
    for (std::size_t i = 0; i < fitted.atoms.size(); ++i) {
        if (expert_distance(fitted.atoms[i], last) < expert_distance(fitted.atoms[nearest], last)) {
            nearest = i;
        }
    }
    return {translated_gates(fitted, nearest),
            translated_gates(truth, truth.atoms.size() - 1),
            false,
            {},
            {}};
}

/// Translates the fitted softmax gates so that the cell of the truth's last atom has its total mass
/// and mean slope, 1 and 0. An empty cell leaves them.
void use_gauge_of_last_cell(VoronoiCells& cells) {
    const std::size_t last = cells.truth.atoms.size() - 1;
    if (cells.fitted.gate != GateKind::softmax || cells.sizes[last] == 0) return;
    double largest = -infinity;
    for (std::size_t i = 0; i < cells.cell.size(); ++i) {
        if (cells.cell[i] == last) largest = std::max(largest, cells.fitted.atoms[i].b0);
    }
    double total = 0.0;
    double slope = 0.0;
    for (std::size_t i = 0; i < cells.cell.size(); ++i) {
        if (cells.cell[i] != last) continue;
        const double part = std::exp(cells.fitted.atoms[i].b0 - largest);
        total += part;
        slope += part * cells.fitted.atoms[i].b1;
    }
    for (Atom& atom : cells.fitted.atoms) {
        atom.b1 -= slope / total;
        atom.b0 -= largest + std::log(total);
    }
}

/// Fills `cell` and `sizes`: the nearest of `centres` centres, the first of equal ones.
template<class Distance>
void assign(VoronoiCells& cells, std::size_t centres, const Distance& distance) {
    cells.sizes.assign(centres, 0);
    cells.cell.clear();
    for (const Atom& atom : cells.fitted.atoms) {
        std::size_t nearest = 0;
        for (std::size_t j = 1; j < centres; ++j) {
            if (distance(atom, j) < distance(atom, nearest)) nearest = j;
        }
        cells.cell.push_back(nearest);
        ++cells.sizes[nearest];
    }
}

/// Calls visit(fitted atom, true atom, atoms in the cell) for the atoms of the true atoms' cells.
template<class Visit>
void for_each_atom(const VoronoiCells& cells, const Visit& visit) {
    for (std::size_t i = 0; i < cells.cell.size(); ++i) {
        const std::size_t j = cells.cell[i];
        if (j >= cells.truth.atoms.size()) continue;
        visit(cells.fitted.atoms[i], cells.truth.atoms[j], cells.sizes[j]);
    }
}

/// |sum of the masses in the cell - mass of the true atom|.
double mass_difference(const VoronoiCells& cells, std::size_t j) {
    double sum = 0.0;
    for (std::size_t i = 0; i < cells.cell.size(); ++i) {
        if (cells.cell[i] == j) sum += mass(cells.fitted.gate, cells.fitted.atoms[i]);
    }
    return std::abs(sum - mass(cells.truth.gate, cells.truth.atoms[j]));
}

void require_loss_of(const VoronoiCells& cells, GateKind gate) {
    if (cells.fitted.gate != gate || cells.dead_cell) {
        throw std::invalid_argument("Voronoi loss: for cells of (b1, eta) and the other gate");
    }
}

/// D1 and D2r: powers of the differences in cells of one and of more atoms.
double sigmoid_loss(const VoronoiCells& cells, double exact_power, double over_power) {
    require_loss_of(cells, GateKind::sigmoid);
    if (cells.some_cell_is_empty()) return infinity;
    double loss = 0.0;
    for (std::size_t j = 0; j < cells.truth.atoms.size(); ++j) {
        if (cells.sizes[j] > 1) loss += mass_difference(cells, j);
    }
    for_each_atom(cells, [&](const Atom& atom, const Atom& truth, std::size_t size) {
        const double power = size > 1 ? over_power : exact_power;
        loss += std::pow(std::abs(atom.b1 - truth.b1), power) +
                std::pow(expert_distance(atom, truth), power);
        if (size == 1) loss += std::pow(std::abs(atom.b0 - truth.b0), power);
    });
    return loss;
}

double softmax_loss(const VoronoiCells& cells, double exact_power, double over_power) {
    require_loss_of(cells, GateKind::softmax);
    if (cells.some_cell_is_empty()) return infinity;
    double loss = 0.0;
    for (std::size_t j = 0; j < cells.truth.atoms.size(); ++j) {
        loss += mass_difference(cells, j);
    }
    for_each_atom(cells, [&](const Atom& atom, const Atom& truth, std::size_t size) {
        const double power = size > 1 ? over_power : exact_power;
        loss += mass(GateKind::softmax, atom) * (std::pow(std::abs(atom.b1 - truth.b1), power) +
                                                 std::pow(expert_distance(atom, truth), power));
    });
    return loss;
}

double atom_distance(const Atom& one, const Atom& other) {
    return std::abs(one.b1 - other.b1) + std::abs(one.b0 - other.b0) + expert_distance(one, other);
}

/// Smallest sum of atom_distance over the pairings of fitted atoms i, i + 1, ... with those
/// minimiser atoms that are not taken yet and whose slope has the same sign.
double best_pairing(const GatedFunction& fitted, const GatedFunction& minimiser, std::size_t i,
                    std::vector<bool>& taken) {
    if (i == fitted.atoms.size()) return 0.0;
    double best = infinity;
    for (std::size_t j = 0; j < taken.size(); ++j) {
        const Atom& atom = fitted.atoms[i];
        const Atom& other = minimiser.atoms[j];
        if (taken[j] || std::signbit(atom.a) != std::signbit(other.a)) continue;
        taken[j] = true;
        best = std::min(best,
                        atom_distance(atom, other) + best_pairing(fitted, minimiser, i + 1, taken));
        taken[j] = false;
    }
    return best;
}

} // namespace

bool VoronoiCells::some_cell_is_empty() const noexcept {
    return std::find(sizes.begin(), sizes.end(), std::size_t{0}) != sizes.end();
}

VoronoiCells voronoi_cells(const GatedFunction& fitted, const GatedFunction& truth) {
    VoronoiCells cells = in_first_gauges(fitted, truth);
    assign(cells, truth.atoms.size(), [&cells](const Atom& atom, std::size_t j) {
        return expert_distance(atom, cells.truth.atoms[j]);
    });
    use_gauge_of_last_cell(cells);
    // The gauge depends on the cells and, by the slopes b1, the cells on the gauge.
    for (std::size_t round = 0; round <= fitted.atoms.size(); ++round) {
        const std::vector<std::size_t> before = cells.cell;
        assign(cells, truth.atoms.size(), [&cells](const Atom& atom, std::size_t j) {
            const Atom& centre = cells.truth.atoms[j];
            return std::hypot(atom.b1 - centre.b1, atom.a - centre.a, atom.b - centre.b);
        });
        if (cells.cell == before) break;
        use_gauge_of_last_cell(cells);
    }
    return cells;
}

VoronoiCells voronoi_cells_with_zero_expert(const GatedFunction& fitted,
                                            const GatedFunction& truth) {
    VoronoiCells cells = in_first_gauges(fitted, truth);
    cells.dead_cell = true;
    assign(cells, truth.atoms.size() + 1, [&cells](const Atom& atom, std::size_t j) {
        return expert_distance(atom, j < cells.truth.atoms.size() ? cells.truth.atoms[j] : Atom{});
    });
    use_gauge_of_last_cell(cells);
    return cells;
}

VoronoiErrors voronoi_errors(const VoronoiCells& cells) {
    const std::size_t true_atoms = cells.truth.atoms.size();
    VoronoiErrors errors;
    if (cells.some_cell_is_empty()) {
        errors = {infinity, infinity, infinity, infinity, {}};
        errors.experts.assign(true_atoms, infinity);
        return errors;
    }
    errors.experts.resize(true_atoms);
    std::vector<double> weight(true_atoms, 0.0);
    std::vector<double> spread(true_atoms, 0.0);
    for (std::size_t i = 0; i < cells.cell.size(); ++i) {
        const Atom& atom = cells.fitted.atoms[i];
        const std::size_t j = cells.cell[i];
        if (j == true_atoms) {
            errors.dead = errors.dead.value_or(0.0) + expert_distance(atom, Atom{});
            continue;
        }
        const Atom& truth = cells.truth.atoms[j];
        const double distance = expert_distance(atom, truth);
        if (cells.sizes[j] == 1) {
            errors.exact_experts = errors.exact_experts.value_or(0.0) + distance;
            errors.exact = errors.exact.value_or(0.0) + atom_distance(atom, truth);
            errors.experts[j] = distance;
        } else {
            weight[j] += mass(cells.fitted.gate, atom);
            spread[j] += mass(cells.fitted.gate, atom) * distance * distance;
        }
    }
    for (std::size_t j = 0; j < true_atoms; ++j) {
        if (cells.sizes[j] < 2) continue;
        errors.over = errors.over.value_or(0.0) + std::sqrt(spread[j] / weight[j]);
    }
    return errors;
}

double loss_D1(const VoronoiCells& cells) {
    return sigmoid_loss(cells, 1.0, 2.0);
}

double loss_D2r(const VoronoiCells& cells, double r) {
    return sigmoid_loss(cells, r, r);
}

double loss_Ds(const VoronoiCells& cells) {
    return softmax_loss(cells, 1.0, 2.0);
}

double loss_Ds_r(const VoronoiCells& cells, double r) {
    return softmax_loss(cells, r, r);
}

double loss_D3(const GatedFunction& fitted, std::span<const GatedFunction> minimisers) {
    double best = infinity;
    for (const GatedFunction& minimiser : minimisers) {
        require_comparable(fitted, minimiser);
        if (fitted.atoms.size() != minimiser.atoms.size()) {
            throw std::invalid_argument("loss_D3: different numbers of atoms");
        }
        std::vector<bool> taken(minimiser.atoms.size(), false);
        best = std::min(best, best_pairing(fitted, minimiser, 0, taken));
    }
    return best;
}

} // namespace moe
