// largest_second_derivative of sup_error.hpp.

#include "charts/sup_error.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <array>
#include <cmath>

namespace moe {

namespace {

constexpr double step = 1e-3;
constexpr std::size_t most_dimensions = 3;
/// Lattice points an axis by d.
constexpr std::array<std::int64_t, most_dimensions + 1> lattice{0, 2048, 96, 16};

using Point = std::array<double, most_dimensions>;

/// Largest absolute eigenvalue of the Hessian of g at t, by central differences.
template<class Function>
double spectral_norm_of_hessian(const Function& g, Point t, std::size_t d) {
    const auto at = [&](std::size_t i, double di, std::size_t j, double dj) {
        Point moved = t;
        moved.at(i) += di;
        moved.at(j) += dj;
        return g(std::span<const double>(moved).first(d));
    };
    const double middle = at(0, 0.0, 0, 0.0);
    Eigen::Matrix3d hessian = Eigen::Matrix3d::Zero();
    for (std::size_t i = 0; i < d; ++i) {
        const auto row = static_cast<Eigen::Index>(i);
        hessian(row, row) =
            (at(i, step, i, 0.0) - 2.0 * middle + at(i, -step, i, 0.0)) / (step * step);
        for (std::size_t j = 0; j < i; ++j) {
            const double mixed = at(i, step, j, step) - at(i, step, j, -step) -
                                 at(i, -step, j, step) + at(i, -step, j, -step);
            const auto column = static_cast<Eigen::Index>(j);
            hessian(row, column) = mixed / (4.0 * step * step);
            hessian(column, row) = hessian(row, column);
        }
    }
    if (d == 1) return std::abs(hessian(0, 0));
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(hessian, Eigen::EigenvaluesOnly);
    return solver.eigenvalues().cwiseAbs().maxCoeff();
}

/// Calls visit(index) for all index in {0..count-1}^d.
template<class Visit>
void visit_lattice(std::size_t d, std::int64_t count, const Visit& visit) {
    std::array<std::int64_t, most_dimensions> index{};
    for (;;) {
        visit(index);
        std::size_t axis = d;
        while (axis > 0 && ++index.at(axis - 1) == count)
            index.at(--axis) = 0;
        if (axis == 0) return;
    }
}

} // namespace

double largest_second_derivative(const Atlas& atlas, const ScalarField& target, std::int64_t cells,
                                 ChartRegion region) {
    const std::size_t d = atlas.intrinsic();
    const ChartGrid grid = chart_grid(atlas, cells);
    const double h = grid.spacing();
    const std::int64_t in_cell = std::max<std::int64_t>(2, (lattice.at(d) + cells - 1) / cells);
    std::vector<double> u(atlas.own());
    double largest = 0.0;
    visit_lattice(d, cells, [&](const auto& cell) {
        Point nearest{}; // the point of the cell that is nearest to 0 in every coordinate
        for (std::size_t j = 0; j < d; ++j) {
            const double low = h * static_cast<double>(cell.at(j)) - grid.radius();
            nearest.at(j) = std::clamp(0.0, low, low + h);
        }
        if (region == ChartRegion::routed &&
            !atlas.is_routed(std::span<const double>(nearest).first(d)))
            return;
        visit_lattice(d, in_cell + 1, [&](const auto& place) {
            Point t{};
            for (std::size_t j = 0; j < d; ++j) {
                const double fraction =
                    static_cast<double>(place.at(j)) / static_cast<double>(in_cell);
                t.at(j) = h * (static_cast<double>(cell.at(j)) + fraction) - grid.radius();
            }
            for (std::size_t chart = 0; chart < atlas.charts(); ++chart) {
                const auto g = [&](std::span<const double> coordinates) {
                    atlas.point(chart, coordinates, u);
                    return target(u);
                };
                largest = std::max(largest, spectral_norm_of_hessian(g, t, d));
            }
        });
    });
    return largest;
}

} // namespace moe
