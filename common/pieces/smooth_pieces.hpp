#pragma once
// Smooth sub-functions: the error of the deep model does not grow with the number of boxes (the
// project's notes on arXiv:2505.24205, section 3.3).

#include "pieces/boxes.hpp"
#include "pieces/deep_moe.hpp"

#include <cstdint>
#include <functional>

namespace moe {

/// f = sum_l f_{l,i_l}(x_l), f_{l,i}(t) = sin((i + 2) t + l), and a deep model whose experts
/// interpolate with m + 1 equal pieces. Let e+ and e- be the largest errors of either sign of one
/// expert on its own interval; the supremum over all boxes is
/// max(sum_l max_i e+, sum_l max_i e-) <= sum_l max_i M_{l,i} / (8 E^2 (m + 1)^2), M = max |f''|.
struct SmoothPieces {
    double formula = 0.0;  ///< that supremum
    double bound = 0.0;    ///< and its bound
    double measured = 0.0; ///< max |net - f| at the two worst points of every box
    /// max |net - f - sum_l error of the interpolant| at the two worst points of every box and at a
    /// third one beyond all knots: every expert is held to its own interpolant.
    double deviation = 0.0;
    std::uint64_t boxes = 0; ///< all of them
    std::uint64_t misrouted = 0;
};

/// e+ and e- are taken on 3999 evenly spaced inner points of each interval and on the inner knots
/// (where the error is 0); the ends belong to two boxes. m >= 1, so that both are reached inside.
/// `alter` may change the plan before it is built, `poll` is called between blocks of boxes. Throws
/// InputError for m < 1 or m > 10^4 and for more than 10^6 boxes.
[[nodiscard]] SmoothPieces measure_smooth_pieces(std::uint32_t E, std::uint32_t L, std::uint32_t m,
                                                 const ExpertOrders& orders,
                                                 const std::function<void(DeepPlan&)>& alter = {},
                                                 const std::function<void()>& poll = {});

} // namespace moe
