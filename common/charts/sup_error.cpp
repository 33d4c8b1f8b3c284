#include "charts/sup_error.hpp"

#include "charts/winding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace moe {

namespace {

constexpr std::size_t points_per_block = 1024;

/// A uniform point of the unit sphere of R^n.
void random_direction(RandomStream& random, std::span<double> u) {
    double square = 0.0;
    for (double& coordinate : u) {
        coordinate = random.normal();
        square += coordinate * coordinate;
    }
    for (double& coordinate : u)
        coordinate /= std::sqrt(square);
}

void circle_point(double angle, std::span<double> u) {
    u[0] = std::cos(angle);
    u[1] = std::sin(angle);
}

/// max(sup, error), where a NaN stays.
double worse(double sup, double error) {
    return std::isnan(error) || error > sup ? error : sup;
}

} // namespace

std::size_t usual_sample_size(Manifold manifold) noexcept {
    switch (manifold) {
    case Manifold::circle:
    case Manifold::winding:
        return 20001;
    case Manifold::torus2:
    case Manifold::sphere2:
        return 20000;
    case Manifold::sphere3:
        break;
    }
    return 8000;
}

std::vector<double> manifold_sample(Manifold manifold, std::size_t count, RandomStream& random) {
    const std::size_t n = Atlas(manifold).own();
    std::vector<double> points(count * n);
    for (std::size_t p = 0; p < count; ++p) {
        const std::span<double> u = std::span(points).subspan(p * n, n);
        const double angle =
            2.0 * std::numbers::pi * (static_cast<double>(p) + 0.37) / static_cast<double>(count);
        switch (manifold) {
        case Manifold::circle:
            circle_point(angle, u);
            break;
        case Manifold::winding: {
            const auto point = winding_point(angle);
            std::copy(point.begin(), point.end(), u.begin());
            break;
        }
        case Manifold::torus2:
            circle_point(2.0 * std::numbers::pi * random.uniform(), u.first(2));
            circle_point(2.0 * std::numbers::pi * random.uniform(), u.last(2));
            break;
        case Manifold::sphere2:
        case Manifold::sphere3:
            random_direction(random, u);
            break;
        }
    }
    return points;
}

SupError measure_sup_error(const MoeStack& model, const Atlas& atlas, const Embedding& embedding,
                           const ScalarField& target, std::span<const double> sample,
                           const SupErrorSettings& settings) {
    const std::size_t n = atlas.own();
    const std::size_t D = embedding.ambient();
    const std::size_t charts = atlas.charts();
    const std::size_t count = sample.size() / n;
    const double radius =
        settings.chart_radius > 0.0 ? settings.chart_radius : atlas.routed_radius();
    std::optional<RoutingNoise> noise = settings.noise;
    SupError result;
    result.loads.assign(charts, 0);
    result.route.resize(count);
    for (std::size_t first = 0; first < count; first += points_per_block) {
        if (settings.poll) settings.poll();
        const std::size_t block = std::min(points_per_block, count - first);
        std::vector<double> x(block * D);
        std::vector<double> state(block * (D + charts));
        std::vector<double> y(block);
        const auto route = std::span(result.route).subspan(first, block);
        for (std::size_t p = 0; p < block; ++p)
            embedding.embed(sample.subspan((first + p) * n, n), std::span(x).subspan(p * D, D));
        if (settings.scale != 1.0) {
            for (double& coordinate : x)
                coordinate *= settings.scale;
        }
        model.layer(0).evaluate_batch(x, state, {});
        for (std::size_t p = 0; p < block && noise; ++p) {
            for (std::size_t chart = 0; chart < charts; ++chart)
                state[p * (D + charts) + D + chart] +=
                    noise->eta * (2.0 * noise->random.uniform() - 1.0);
        }
        model.layer(1).evaluate_batch(state, y, route);
        for (std::size_t p = 0; p < block; ++p) {
            const auto u = sample.subspan((first + p) * n, n);
            result.sup = worse(result.sup, std::abs(y[p] - target(u)));
            if (!atlas.in_chart(route[p], u, radius)) ++result.misrouted;
            ++result.loads[route[p]];
        }
    }
    return result;
}

double direct_sup_error(const Atlas& atlas, const ScalarField& target, std::int64_t cells,
                        std::span<const double> sample) {
    const std::size_t n = atlas.own();
    const ChartGrid grid = chart_grid(atlas, cells);
    std::vector<std::vector<double>> values;
    for (std::size_t chart = 0; chart < atlas.charts(); ++chart)
        values.push_back(chart_values(atlas, target, chart, grid));
    std::vector<double> t(atlas.intrinsic());
    double sup = 0.0;
    for (std::size_t p = 0; p * n < sample.size(); ++p) {
        const auto u = sample.subspan(p * n, n);
        const std::size_t chart = atlas.nearest_chart(u);
        atlas.coordinates(chart, u, t);
        sup = worse(sup, std::abs(chart_interpolant(grid, values[chart], t) - target(u)));
    }
    return sup;
}

double interpolation_bound(const ChartGrid& grid, double second_derivative) {
    const double h = grid.spacing();
    return second_derivative * static_cast<double>(grid.intrinsic()) * h * h / 8.0;
}

} // namespace moe
