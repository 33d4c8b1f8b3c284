#pragma once
// Distances of a fitted from the true mixing measure by the Voronoi cells of the true atoms
// (notes_2405.13997.md): the losses D1, D2r, D3 (sigmoid) and Ds (softmax), and the errors whose
// slopes in n are fitted. Norms are Euclidean; with one input b1 is a number and eta = (a, b).

#include "gating/gated_function.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace moe {

/// Fitted atoms by the cell that they lie in. Softmax gates are identified up to a common
/// translation (b1, b0), so both sides are brought to one gauge first: the truth's last atom at
/// gate (0, 0), and the fitted atoms of that atom's cell at total mass 1 and mass-weighted mean
/// slope 0; one atom alone there stands at (0, 0). So neither the order of the atoms nor the atom
/// that a fit froze changes an error. Cells depend on the gauge by b1: from that of the fitted atom
/// whose expert is nearest to the last true one they are found anew until they stay, k + 1 times at
/// most.
struct VoronoiCells {
    GatedFunction fitted;
    GatedFunction truth;
    bool dead_cell;                 ///< one cell more, of the zero expert, behind the true atoms'
    std::vector<std::size_t> cell;  ///< of each fitted atom
    std::vector<std::size_t> sizes; ///< atoms in each cell

    [[nodiscard]] bool some_cell_is_empty() const noexcept;
};

/// Cells by the distance in (b1, eta); ties go to the true atom that comes first. Throws
/// std::invalid_argument for different gates or experts, or no atoms.
[[nodiscard]] VoronoiCells voronoi_cells(const GatedFunction& fitted, const GatedFunction& truth);

/// Cells in regime 2: by the distance in eta only, the zero expert eta = 0 being a further
/// centre (the last). Throws as voronoi_cells.
[[nodiscard]] VoronoiCells voronoi_cells_with_zero_expert(const GatedFunction& fitted,
                                                          const GatedFunction& truth);

/// Errors of one fit. Nothing where no cell is of the kind that the error sums over; all of them
/// are +infinity if a cell is empty. Sums over cells leave out the dead cell.
struct VoronoiErrors {
    std::optional<double> exact;         ///< cells of one atom: |D b1| + |D b0| + ||D eta||
    std::optional<double> exact_experts; ///< the same with ||D eta|| only
    /// Cells of more: root of the mean of ||D eta||^2 with weights sigma(b0) or exp(b0).
    std::optional<double> over;
    std::optional<double> dead; ///< the dead cell's atoms: sum of ||eta||
    /// Of each true atom: ||D eta|| if its cell has one atom.
    std::vector<std::optional<double>> experts;
};
[[nodiscard]] VoronoiErrors voronoi_errors(const VoronoiCells& cells);

/// D1 of regime 1: |sum of sigma(b0_i) - sigma(b0*)| over cells of more than one atom, first
/// powers in cells of one, squares in the others. +infinity if a cell is empty. This and the
/// following throw std::invalid_argument for the other gate and for cells with a dead cell.
[[nodiscard]] double loss_D1(const VoronoiCells& cells);
/// D1 with every |D| to the power r.
[[nodiscard]] double loss_D2r(const VoronoiCells& cells, double r);
/// Ds of softmax gates: |sum of exp(b0_i) - exp(b0*)| over all cells; the other terms weighted by
/// exp(b0_i), without |D b0|. +infinity if a cell is empty.
[[nodiscard]] double loss_Ds(const VoronoiCells& cells);
/// Ds with every |D| to the power r.
[[nodiscard]] double loss_Ds_r(const VoronoiCells& cells, double r);

/// D3 of regime 2: the smallest over the population minimisers and over the pairings of fitted
/// atoms with theirs whose slopes a have the same sign, of sum |D b1| + |D b0| + ||D eta||.
/// +infinity if no pairing is admissible. Throws std::invalid_argument for different numbers of
/// atoms.
[[nodiscard]] double loss_D3(const GatedFunction& fitted,
                             std::span<const GatedFunction> minimisers);

} // namespace moe
