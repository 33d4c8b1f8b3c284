#pragma once
// The sup error of an atlas model, measured on a sample of the manifold, and the certificate that
// bounds it (the project's notes on arXiv:2505.24205, 2.5).

#include "basics/random.hpp"
#include "charts/atlas.hpp"
#include "charts/atlas_model.hpp"
#include "charts/embedding.hpp"
#include "layers/moe_stack.hpp"
#include "targets/lipschitz.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace moe {

/// The notes' number of points: 20001 (circle, winding), 20000 (d = 2), 8000 (d = 3).
[[nodiscard]] std::size_t usual_sample_size(Manifold manifold) noexcept;
/// Points u [count][n]: angles 2 pi (p + 0.37)/count on circle and winding, uniform random points
/// on the others.
[[nodiscard]] std::vector<double> manifold_sample(Manifold manifold, std::size_t count,
                                                  RandomStream& random);

/// Errors of rho between the layers: independent, uniform in [-eta, eta], from one stream.
struct RoutingNoise {
    double eta;
    RandomStream random;
};

/// How a sample is given to the model.
struct SupErrorSettings {
    std::optional<RoutingNoise> noise;
    double scale = 1.0;         ///< of the inputs: other than 1 only for a sabotage
    double chart_radius = 0.0;  ///< a point counts as misrouted beyond it; 0: the routed radius
    std::function<void()> poll; ///< called between blocks; may throw
};

struct SupError {
    double sup = 0.0;                 ///< max |model - f|; NaN if any output is NaN
    std::size_t misrouted = 0;        ///< points outside the routed chart or its radius
    std::vector<std::size_t> loads;   ///< points a chart
    std::vector<std::uint64_t> route; ///< chart of each point
};

/// Runs the model on the embedded sample [points][n].
[[nodiscard]] SupError measure_sup_error(const MoeStack& model, const Atlas& atlas,
                                         const Embedding& embedding, const ScalarField& target,
                                         std::span<const double> sample,
                                         const SupErrorSettings& settings = {});
/// The same number without ambient space and networks: nearest anchor by distances, interpolant by
/// sorting.
[[nodiscard]] double direct_sup_error(const Atlas& atlas, const ScalarField& target,
                                      std::int64_t cells, std::span<const double> sample);

/// Which cells of the grid a certificate is for.
enum class ChartRegion {
    routed, ///< those that contain a point which its nearest anchor routes to the chart
    whole   ///< all of [-r, r]^d
};
/// M: largest spectral norm of Hess g_i over the cells of the region, all charts, by central
/// differences of step 1e-3 on a lattice of about 2048, 96, 16 points an axis (d = 1, 2, 3).
[[nodiscard]] double largest_second_derivative(const Atlas& atlas, const ScalarField& target,
                                               std::int64_t cells, ChartRegion region);
/// M d h^2 / 8: bound of the interpolation error of a C^2 function, as the circumradius of a Kuhn
/// simplex is h sqrt(d)/2.
[[nodiscard]] double interpolation_bound(const ChartGrid& grid, double second_derivative);

} // namespace moe
