#pragma once
// Kuhn experts: ReLU networks that equal the Freudenthal (Kuhn) interpolant of a function's values
// at the M^n nodes of one grid cell, extended by clamping (the project's notes on
// arXiv:2402.03460, 3.3(i), (ii), (ii')). Node g of cell c stands at (c_i M + g_i + 1/2)/N with
// N = K M on the K^n grid, g in {0..M-1}^n.

#include "models/architecture.hpp"
#include "targets/lipschitz.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

enum class KuhnForm {
    wide,  ///< sparse, depth n + 3, only listed entries count
    narrow ///< dense, constant width, depth (n + 1) M^n + 3
};

/// P of the wide expert: 1 (M = 1), else c_n M^n + 4n + 2(n-1) + (n-1)(n-2)/2 with c_1 = 10,
/// c_n = 12n - 4. These formulas throw InputError for n outside 1..8, M < 1 or overflow past 2^62.
[[nodiscard]] std::uint64_t kuhn_parameters(int n, std::int64_t M);

/// P of the narrow expert, dense count: n + 1 (M = 1), else 2n(n+1) + n(2n+1) + A M^n - (n+3).
[[nodiscard]] std::uint64_t narrow_kuhn_parameters(int n, std::int64_t M);

/// kuhn_parameters or narrow_kuhn_parameters.
[[nodiscard]] std::uint64_t kuhn_parameters(int n, std::int64_t M, KuhnForm form);

/// Hidden units of the wide expert, i.e. how many slopes a PReLU version adds; 0 for M = 1.
[[nodiscard]] std::uint64_t kuhn_hidden_units(int n, std::int64_t M);

/// J: n + 3 (wide) or (n+1) M^n + 3 (narrow); 1 for M = 1.
[[nodiscard]] std::uint64_t kuhn_depth(int n, std::int64_t M, KuhnForm form);

/// (E) lambda sqrt(n) / (2 K M): bound of the uniform error of the whole model, attained by
/// adv(KM).
[[nodiscard]] double kuhn_error_bound(int n, std::int64_t K, std::int64_t M,
                                      double lambda) noexcept;

/// The experts of the K^n grid: one architecture, one parameter array per cell.
class KuhnExperts {
  public:
    /// Largest expert that is built (parameters): 2^27, 1 GiB of float64.
    static constexpr std::uint64_t max_parameters = std::uint64_t{1} << 27U;

    /// M = 1 gives the constant expert. Throws InputError for n outside 1..8, K < 1, M < 1, K^n or
    /// M^n past 2^62, or an expert above max_parameters. With Activation::prelu every hidden unit
    /// gets a slope, filled with 0.0.
    KuhnExperts(int n, std::int64_t K, std::int64_t M, KuhnForm form = KuhnForm::wide,
                Activation activation = Activation::relu);

    [[nodiscard]] const Architecture& architecture() const noexcept { return architecture_; }
    [[nodiscard]] int dimension() const noexcept { return n_; }
    [[nodiscard]] std::int64_t cells_per_axis() const noexcept { return K_; }
    [[nodiscard]] std::int64_t nodes_per_axis() const noexcept { return M_; }
    /// N = K M, nodes per axis of the whole lattice.
    [[nodiscard]] std::int64_t lattice() const noexcept { return K_ * M_; }
    [[nodiscard]] KuhnForm form() const noexcept { return form_; }
    /// L = K^n.
    [[nodiscard]] std::uint64_t experts() const noexcept { return experts_; }
    /// M^n, nodes of one expert.
    [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }
    /// The argument of GridTree: K on each axis.
    [[nodiscard]] std::vector<std::int64_t> grid() const;

    /// Coordinates of node `node` (row-major in g, axis 0 most significant) of a cell, into
    /// point[0..n). A cell is n integers in 0..K-1, otherwise InputError; a node out of range
    /// throws std::out_of_range.
    void node(std::span<const std::int64_t> cell, std::size_t node, std::span<double> point) const;
    /// f at all nodes of a cell, row-major.
    [[nodiscard]] std::vector<double> node_values(std::span<const std::int64_t> cell,
                                                  const ScalarField& f) const;
    /// Writes the expert of a cell into parameters[0..architecture().parameters()).
    void fill(std::span<const std::int64_t> cell, const ScalarField& f,
              std::span<double> parameters) const;
    /// The same from given node values (nodes() of them, row-major).
    void fill_from_values(std::span<const std::int64_t> cell, std::span<const double> values,
                          std::span<double> parameters) const;

    /// (E) for this grid.
    [[nodiscard]] double error_bound(double lambda) const noexcept {
        return kuhn_error_bound(n_, K_, M_, lambda);
    }

  private:
    void check_cell(std::span<const std::int64_t> cell) const;

    int n_;
    std::int64_t K_;
    std::int64_t M_;
    KuhnForm form_;
    std::uint64_t experts_;
    std::size_t nodes_;
    Architecture architecture_;
};

} // namespace moe
