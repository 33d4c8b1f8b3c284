#include "charts/atlas.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "charts/winding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

constexpr std::size_t most_own = 4; ///< largest n
constexpr double chart_slack = 1e-9;

struct Sizes {
    std::string_view name;
    std::size_t d;
    std::size_t n;
    std::size_t charts;
};

Sizes sizes_of(Manifold manifold) noexcept {
    switch (manifold) {
    case Manifold::circle:
        return {"circle", 1, 2, 4};
    case Manifold::winding:
        return {"winding", 1, 4, winding_charts};
    case Manifold::torus2:
        return {"torus2", 2, 4, 16};
    case Manifold::sphere2:
        return {"sphere2", 2, 3, 6};
    case Manifold::sphere3:
        break;
    }
    return {"sphere3", 3, 4, 8};
}

/// sqrt(1 - q), continued beyond q = 0.85 by its Taylor polynomial of second order there.
double height(double q) {
    constexpr double end = 0.85;
    if (q <= end) return std::sqrt(1.0 - q);
    const double root = std::sqrt(1.0 - end);
    const double s = q - end;
    return root - s / (2.0 * root) - s * s / (8.0 * root * root * root);
}

double chart_sign(std::size_t chart) {
    return chart % 2 == 0 ? 1.0 : -1.0;
}

/// u = phi^-1(t) of chart (j, +-) of the unit sphere of R^n.
void sphere_point(std::size_t chart, std::span<const double> t, std::span<double> u) {
    double q = 0.0;
    std::size_t next = 0;
    for (std::size_t j = 0; j < u.size(); ++j) {
        if (j == chart / 2) continue;
        u[j] = t[next++];
        q += u[j] * u[j];
    }
    u[chart / 2] = chart_sign(chart) * height(q);
}

std::vector<double> axis_point(std::size_t n, std::size_t chart) {
    std::vector<double> point(n, 0.0);
    point[chart / 2] = chart_sign(chart);
    return point;
}

double winding_centre(std::size_t chart) {
    return static_cast<double>(chart) * std::numbers::pi / 2.0;
}

} // namespace

std::string_view to_string(Manifold manifold) noexcept {
    return sizes_of(manifold).name;
}

Manifold parse_manifold(std::string_view name) {
    for (const Manifold manifold : all_manifolds) {
        if (to_string(manifold) == name) return manifold;
    }
    throw InputError("manifold '" + std::string(name) +
                     "': must be one of circle, winding, torus2, sphere2, sphere3");
}

Atlas::Atlas(Manifold manifold, std::optional<double> radius)
    : manifold_(manifold)
    , d_(sizes_of(manifold).d)
    , n_(sizes_of(manifold).n)
    , charts_(sizes_of(manifold).charts)
    , routed_radius_(1.0 / std::numbers::sqrt2)
    , encoders_(charts_ * d_ * n_, 0.0) {
    double limit = std::numeric_limits<double>::infinity();
    if (manifold_ == Manifold::winding) {
        place_winding();
        limit = winding_coordinate(winding_monotone_offset);
    } else if (manifold_ == Manifold::torus2) {
        place_torus();
        limit = 1.0;
    } else {
        place_sphere();
        if (manifold_ == Manifold::circle) limit = 1.0;
    }
    radius_ = radius.value_or(radius_);
    if (!(radius_ > 0.0) || !(radius_ < limit))
        throw InputError("radius " + shortest(radius_) + " of the charts of " +
                         std::string(to_string(manifold_)) + ": must be above 0 and below " +
                         rounded(limit, 6));
}

void Atlas::place_sphere() {
    for (std::size_t chart = 0; chart < charts_; ++chart) {
        std::size_t row = 0;
        for (std::size_t j = 0; j < n_; ++j) {
            if (j != chart / 2) encoders_[(chart * d_ + row++) * n_ + j] = 1.0;
        }
        anchors_.push_back({chart, axis_point(n_, chart)});
    }
}

void Atlas::place_torus() {
    for (std::size_t chart = 0; chart < charts_; ++chart) {
        const std::array<std::size_t, 2> circle{chart / 4, chart % 4};
        std::vector<double> anchor;
        for (std::size_t k = 0; k < 2; ++k) {
            const std::size_t other = 1 - circle.at(k) / 2;
            encoders_[(chart * 2 + k) * n_ + 2 * k + other] = 1.0;
            const std::vector<double> part = axis_point(2, circle.at(k));
            anchor.insert(anchor.end(), part.begin(), part.end());
        }
        anchors_.push_back({chart, std::move(anchor)});
    }
}

void Atlas::place_winding() {
    radius_ = winding_coordinate(winding_half_width);
    routed_radius_ = winding_coordinate(std::numbers::pi / 4.0);
    for (std::size_t chart = 0; chart < charts_; ++chart) {
        const double a = winding_centre(chart);
        // sin 2(th - a) - sin 3(th - a)/2 as a linear function of u.
        const std::array<double, 4> row{-std::sin(2.0 * a), std::cos(2.0 * a),
                                        0.5 * std::sin(3.0 * a), -0.5 * std::cos(3.0 * a)};
        for (std::size_t j = 0; j < n_; ++j)
            encoders_[chart * n_ + j] = std::numbers::sqrt2 * row.at(j);
        for (const double step : {-3.0, -1.0, 1.0, 3.0}) {
            const auto point = winding_point(a + step * std::numbers::pi / 16.0);
            anchors_.push_back({chart, {point.begin(), point.end()}});
        }
    }
}

std::optional<double> Atlas::noise_tolerance() const {
    if (manifold_ == Manifold::circle)
        return 1.0 / std::numbers::sqrt2 - std::sqrt(1.0 - radius_ * radius_);
    // Wrong and right anchor at th - a = beta are 5 pi/16 - beta and beta - 3 pi/16 away, and
    // rho = cos 2D + cos 3D - 1 at the distance D; 0.24 is below half the difference of the two.
    if (manifold_ == Manifold::winding) return 0.24;
    return std::nullopt;
}

std::span<const double> Atlas::encoder(std::size_t chart) const {
    if (chart >= charts_)
        throw std::out_of_range("atlas: chart " + std::to_string(chart) + " of " +
                                std::to_string(charts_));
    return std::span(encoders_).subspan(chart * d_ * n_, d_ * n_);
}

void Atlas::coordinates(std::size_t chart, std::span<const double> u, std::span<double> t) const {
    const std::span<const double> rows = encoder(chart);
    for (std::size_t j = 0; j < d_; ++j) {
        t[j] = 0.0;
        for (std::size_t k = 0; k < n_; ++k)
            t[j] += rows[j * n_ + k] * u[k];
    }
}

void Atlas::point(std::size_t chart, std::span<const double> t, std::span<double> u) const {
    if (manifold_ == Manifold::winding) {
        const auto at = winding_point(winding_centre(chart) + winding_offset(t[0]));
        std::copy(at.begin(), at.end(), u.begin());
    } else if (manifold_ == Manifold::torus2) {
        sphere_point(chart / 4, t.first(1), u.first(2));
        sphere_point(chart % 4, t.subspan(1, 1), u.subspan(2, 2));
    } else {
        sphere_point(chart, t, u);
    }
}

bool Atlas::in_chart(std::size_t chart, std::span<const double> u, double radius) const {
    std::array<double, most_own> t{};
    std::array<double, most_own> back{};
    coordinates(chart, u, std::span(t).first(d_));
    for (std::size_t j = 0; j < d_; ++j) {
        if (!(std::abs(t.at(j)) <= radius + chart_slack)) return false;
    }
    point(chart, std::span(t).first(d_), std::span(back).first(n_));
    for (std::size_t k = 0; k < n_; ++k) {
        if (!(std::abs(back.at(k) - u[k]) <= chart_slack)) return false;
    }
    return true;
}

bool Atlas::is_routed(std::span<const double> t) const {
    double largest = 0.0;
    double q = 0.0;
    for (const double coordinate : t) {
        largest = std::max(largest, std::abs(coordinate));
        q += coordinate * coordinate;
    }
    // On a sphere the coordinate that is left out, sqrt(1 - q), must be the largest one.
    const bool sphere = manifold_ == Manifold::sphere2 || manifold_ == Manifold::sphere3;
    return sphere ? largest * largest <= 1.0 - q : largest <= routed_radius_;
}

std::size_t Atlas::nearest_chart(std::span<const double> u) const {
    double least = std::numeric_limits<double>::infinity();
    std::size_t chart = 0;
    for (const Anchor& anchor : anchors_) {
        double distance = 0.0;
        for (std::size_t k = 0; k < n_; ++k)
            distance += (u[k] - anchor.point[k]) * (u[k] - anchor.point[k]);
        if (distance < least || (distance == least && anchor.chart < chart)) {
            least = distance;
            chart = anchor.chart;
        }
    }
    return chart;
}

} // namespace moe
