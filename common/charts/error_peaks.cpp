#include "charts/error_peaks.hpp"

#include "charts/atlas_model.hpp"
#include "charts/chart_expert.hpp"
#include "charts/sup_error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>

namespace moe {

namespace {

/// |interpolant - f| at a point of the manifold.
class InterpolationError {
  public:
    InterpolationError(const Atlas& atlas, const ScalarField& target, std::int64_t cells)
        : atlas_(atlas)
        , target_(target)
        , grid_(chart_grid(atlas, cells))
        , t_(atlas.intrinsic()) {
        for (std::size_t chart = 0; chart < atlas.charts(); ++chart)
            values_.push_back(chart_values(atlas, target, chart, grid_));
    }

    [[nodiscard]] double operator()(std::span<const double> u) {
        const std::size_t chart = atlas_.nearest_chart(u);
        atlas_.coordinates(chart, u, t_);
        return std::abs(chart_interpolant(grid_, values_[chart], t_) - target_(u));
    }
    [[nodiscard]] double spacing() const { return grid_.spacing(); }

  private:
    const Atlas& atlas_;
    const ScalarField& target_;
    ChartGrid grid_;
    std::vector<std::vector<double>> values_;
    std::vector<double> t_;
};

/// Back to the manifold: every block of `block` coordinates to length 1.
void normalise(std::span<double> u, std::size_t block) {
    for (std::size_t first = 0; first < u.size(); first += block) {
        double square = 0.0;
        for (const double coordinate : u.subspan(first, block))
            square += coordinate * coordinate;
        for (double& coordinate : u.subspan(first, block))
            coordinate /= std::sqrt(square);
    }
}

/// Moves u to a point of larger error, if `steps` random proposals find one.
void climb(InterpolationError& error, std::span<double> u, std::size_t block, std::size_t steps,
           RandomStream& random) {
    constexpr double grow = 1.5;
    constexpr double shrink = 0.93; ///< about one success in seven keeps the length
    double length = 0.1 * error.spacing();
    double best = error(u);
    std::vector<double> proposal(u.size());
    for (std::size_t step = 0; step < steps; ++step) {
        for (std::size_t j = 0; j < u.size(); ++j)
            proposal[j] = u[j] + length * random.normal();
        normalise(proposal, block);
        const double here = error(proposal);
        length *= here > best ? grow : shrink;
        if (here <= best) continue;
        best = here;
        std::copy(proposal.begin(), proposal.end(), u.begin());
    }
}

} // namespace

std::vector<double> error_peaks(const Atlas& atlas, const ScalarField& target, std::int64_t cells,
                                const PeakSearch& search, RandomStream& random) {
    if (atlas.manifold() == Manifold::winding)
        throw std::invalid_argument("error_peaks: the winding curve, allowed are torus and sphere");
    if (search.starts > search.candidates)
        throw std::invalid_argument("error_peaks: more starts than candidates");
    const std::size_t n = atlas.own();
    const std::size_t block = atlas.manifold() == Manifold::torus2 ? 2 : n;
    const std::vector<double> points = manifold_sample(atlas.manifold(), search.candidates, random);
    InterpolationError error(atlas, target, cells);
    std::vector<double> errors(search.candidates);
    for (std::size_t p = 0; p < search.candidates; ++p) {
        constexpr std::size_t polled = 4096;
        if (search.poll && p % polled == 0) search.poll();
        errors[p] = error(std::span(points).subspan(p * n, n));
    }
    std::vector<std::size_t> order(search.candidates);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto worst = order.begin() + static_cast<std::ptrdiff_t>(search.starts);
    std::partial_sort(order.begin(), worst, order.end(), [&](std::size_t a, std::size_t b) {
        return errors[a] > errors[b] || (errors[a] == errors[b] && a < b);
    });
    std::vector<double> peaks;
    for (std::size_t start = 0; start < search.starts; ++start) {
        if (search.poll) search.poll();
        const auto from = points.begin() + static_cast<std::ptrdiff_t>(order[start] * n);
        peaks.insert(peaks.end(), from, from + static_cast<std::ptrdiff_t>(n));
        climb(error, std::span(peaks).last(n), block, search.steps, random);
    }
    return peaks;
}

} // namespace moe
