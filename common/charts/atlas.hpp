#pragma once
// Compact manifolds M in R^n with charts whose coordinates are linear, t = A_i u, and anchors by
// which a point finds a chart (the project's notes on arXiv:2505.24205, 2.1 and 2.2):
//
//   circle   d = 1, n = 2, 4 charts (j, +-): the other coordinate
//   winding  d = 1, n = 4, 4 charts of the curve of winding.hpp
//   torus2   d = 2, n = 4, 16 charts: pairs of charts of two circles
//   sphere2  d = 2, n = 3, 6 charts (j, +-): the other two coordinates in the order of their index
//   sphere3  d = 3, n = 4, 8 charts, as sphere2
//
// A point is routed to the chart of its nearest anchor. Chart (j, +) has index 2j, (j, -) 2j + 1.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace moe {

enum class Manifold { circle, winding, torus2, sphere2, sphere3 };

inline constexpr Manifold all_manifolds[] = {Manifold::circle, Manifold::winding, Manifold::torus2,
                                             Manifold::sphere2, Manifold::sphere3};

[[nodiscard]] std::string_view to_string(Manifold manifold) noexcept;
/// Throws InputError naming the text and the five names.
[[nodiscard]] Manifold parse_manifold(std::string_view name);

/// A point y of R^n that stands for a chart.
struct Anchor {
    std::size_t chart;
    std::vector<double> point;
};

class Atlas {
  public:
    /// `radius` r: a chart is known on [-r, r]^d; nothing for the notes' value. Throws InputError
    /// for a radius that is not positive, not below 1 (circle, torus2) or beyond the range where
    /// the winding curve's coordinate increases.
    explicit Atlas(Manifold manifold, std::optional<double> radius = std::nullopt);

    [[nodiscard]] Manifold manifold() const noexcept { return manifold_; }
    [[nodiscard]] std::size_t intrinsic() const noexcept { return d_; }   ///< d
    [[nodiscard]] std::size_t own() const noexcept { return n_; }         ///< n
    [[nodiscard]] std::size_t charts() const noexcept { return charts_; } ///< E
    [[nodiscard]] double radius() const noexcept { return radius_; }      ///< r
    /// Largest |t_j| of a point that its nearest anchor routes.
    [[nodiscard]] double routed_radius() const noexcept { return routed_radius_; }
    /// eta*: routing with errors of rho up to here stays inside the charts; circle and winding,
    /// nothing for the others, whose value is not used.
    [[nodiscard]] std::optional<double> noise_tolerance() const;
    [[nodiscard]] std::span<const Anchor> anchors() const noexcept { return anchors_; }

    /// A_i, [d][n] row-major. Throws std::out_of_range.
    [[nodiscard]] std::span<const double> encoder(std::size_t chart) const;
    /// t = A_i u, u [n], t [d].
    void coordinates(std::size_t chart, std::span<const double> u, std::span<double> t) const;
    /// u = phi_i^-1(t). Where |t|^2 > 0.85 on a sphere, outside the routed set, sqrt(1 - |t|^2) is
    /// continued by its Taylor polynomial of second order, so that the corners of [-r, r]^d have a
    /// point (not on the sphere) too.
    void point(std::size_t chart, std::span<const double> t, std::span<double> u) const;
    /// Whether u lies in chart i with |t_j| <= radius (+ 1e-9): on the right side, too.
    [[nodiscard]] bool in_chart(std::size_t chart, std::span<const double> u, double radius) const;
    /// Whether t belongs to a point that its nearest anchor routes to this chart. The set contains
    /// with t every t' with |t'_j| <= |t_j| for all j.
    [[nodiscard]] bool is_routed(std::span<const double> t) const;
    /// Chart of the nearest anchor by the distances themselves, ties to the lowest chart.
    [[nodiscard]] std::size_t nearest_chart(std::span<const double> u) const;

  private:
    void place_sphere();
    void place_torus();
    void place_winding();

    Manifold manifold_;
    std::size_t d_;
    std::size_t n_;
    std::size_t charts_;
    double radius_ = 0.75;
    double routed_radius_;
    std::vector<double> encoders_; ///< [E][d][n]
    std::vector<Anchor> anchors_;
};

} // namespace moe
