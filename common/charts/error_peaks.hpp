#pragma once
// Where the error of an atlas model is largest. On a coarse grid of a sphere it has narrow peaks at
// the points where charts meet, which a random sample hardly ever hits (the project's notes on
// arXiv:2505.24205, 2.5).

#include "basics/random.hpp"
#include "charts/atlas.hpp"
#include "targets/lipschitz.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace moe {

struct PeakSearch {
    std::size_t candidates; ///< random points, of which the worst are improved
    std::size_t starts;
    std::size_t steps;          ///< proposals a start
    std::function<void()> poll; ///< called now and then; may throw
};

/// Points u [starts][n] of a torus or sphere: the candidates with the largest interpolation error,
/// each moved uphill by random steps whose length adapts, from h/10 on. The error is the one of
/// direct_sup_error, without networks, which is cheap; a network has to be measured at the points.
/// Throws std::invalid_argument for the winding curve and for fewer candidates than starts.
[[nodiscard]] std::vector<double> error_peaks(const Atlas& atlas, const ScalarField& target,
                                              std::int64_t cells, const PeakSearch& search,
                                              RandomStream& random);

} // namespace moe
