#pragma once
// Chart experts: ReLU networks x -> I g(A x) that equal the continuous piecewise-linear interpolant
// of node values on a uniform grid of [-r, r]^d with Kuhn (Freudenthal) simplices, behind a linear
// encoder t = A x of rank d (the project's notes on arXiv:2505.24205, 2.4). In grid units y, from a
// node, the hat function is s(1 - max(0, y_1..y_d) - max(0, -y_1..-y_d)).
//
//   d   hidden layers   width m
//   1   1               N
//   2   3               2(N+1)^2 + 2(N+1)
//   3   3               2(N+1)^3 + 2(N+1)

#include "constructions/net_writer.hpp"
#include "models/architecture.hpp"
#include "targets/lipschitz.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

/// The grid of a chart: N cells an axis on [-r, r]^d, nodes k in {0..N}^d in row-major order.
class ChartGrid {
  public:
    /// Largest number of nodes of a grid.
    static constexpr std::size_t max_nodes = std::size_t{1} << 24U;

    /// Throws InputError for d outside 1..3, N < 1, (N+1)^d above max_nodes or a radius that is not
    /// positive and finite.
    ChartGrid(std::size_t intrinsic, std::int64_t cells, double radius);

    [[nodiscard]] std::size_t intrinsic() const noexcept { return d_; }
    [[nodiscard]] std::int64_t cells() const noexcept { return cells_; }
    [[nodiscard]] double radius() const noexcept { return radius_; }
    /// h = 2r/N.
    [[nodiscard]] double spacing() const noexcept;
    /// (N+1)^d.
    [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }
    /// Coordinates of a node into t [d]. Throws std::out_of_range.
    void node(std::size_t node, std::span<double> t) const;
    /// g at all nodes.
    [[nodiscard]] std::vector<double> values(const ScalarField& g) const;
    /// m of the table above.
    [[nodiscard]] std::size_t expert_width() const noexcept;

  private:
    std::size_t d_;
    std::int64_t cells_;
    double radius_;
    std::size_t nodes_;
};

/// One term of a sum of interpolants on lines: the interpolant of d = 1 along <encoder, x>.
struct LineInterpolant {
    const ChartGrid& grid; ///< d = 1
    std::span<const double> encoder;
    std::span<const double> values;
};

/// Writes the sum of the lines as one hidden layer of all their N units.
void write_lines(NetWriter& writer, std::span<const LineInterpolant> lines);

/// Writes the expert. encoder [d][columns] row-major reads the first `columns` inputs; values are
/// those of the grid's nodes. Throws std::invalid_argument naming sizes that do not fit.
void write_chart_expert(NetWriter& writer, const ChartGrid& grid, std::span<const double> encoder,
                        std::span<const double> values);

/// The shape that all experts of a grid share, for `inputs` inputs of which the first `columns` are
/// read: a sparse network, the encoder's rows full.
[[nodiscard]] Architecture chart_expert_shape(const ChartGrid& grid, std::uint32_t inputs,
                                              std::size_t columns);

/// The interpolant at t [d] by sorting, without a network: the experts' independent reference
/// (constructions/freudenthal.hpp). t is clamped to [-r, r]^d.
[[nodiscard]] double chart_interpolant(const ChartGrid& grid, std::span<const double> values,
                                       std::span<const double> t);

} // namespace moe
