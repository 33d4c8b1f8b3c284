#pragma once
// Maxima of affine functions as an exact ReLU network, by max(a, b) = s(a - b) + s(b) - s(-b) (the
// project's notes on arXiv:2505.24205, 2.2). With rho_i(x) = max over the anchors y of chart i of
// 2<y, x> - |y|^2 the largest rho is that of the nearest anchor, for |x - y|^2 = |x|^2 - (..).

#include "models/architecture.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

/// slope [p], value(x) = <slope, x> + offset.
struct AffineFunction {
    std::vector<double> slope;
    double offset = 0.0;
};

/// 2<y, x> - |y|^2.
[[nodiscard]] AffineFunction nearness(std::span<const double> anchor);

struct MaxAffineNet {
    Architecture architecture;
    std::vector<double> parameters;
    std::size_t hidden_layers; ///< T
};

/// The network x [p] -> (max of group 0, max of group 1, ...), with `carry` -> (x, the maxima). T
/// hidden layers take 2^T functions a group, T >= 1 the least that holds the largest group; smaller
/// groups repeat their last function. Width: 3 G 2^(T-1) for G groups, plus 2p with carry. Throws
/// InputError naming a group without functions, std::invalid_argument for no group and for slopes
/// of different length.
[[nodiscard]] MaxAffineNet max_affine_net(const std::vector<std::vector<AffineFunction>>& groups,
                                          bool carry);

} // namespace moe
