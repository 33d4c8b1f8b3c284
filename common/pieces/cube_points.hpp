#pragma once
// Points of [0, 1]^L on which functions of one layer are fitted and judged.

#include "basics/random.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace moe {

/// Points [count][L] and, for functions of them, values [count].
struct CubePoints {
    std::uint32_t dimension = 1;
    std::vector<double> x = {};

    [[nodiscard]] std::size_t count() const noexcept { return x.size() / dimension; }
    [[nodiscard]] std::span<const double> point(std::size_t index) const {
        return std::span(x).subspan(index * dimension, dimension);
    }
};

/// Uniform points.
[[nodiscard]] CubePoints cube_sample(std::uint32_t L, std::size_t count, RandomStream& random);
/// The same and after them the 2^L corners. Throws InputError for L > 20.
[[nodiscard]] CubePoints cube_sample_and_corners(std::uint32_t L, std::size_t count,
                                                 RandomStream& random);

using CubeFunction = std::function<double(std::span<const double>)>;

[[nodiscard]] std::vector<double> values_at(const CubePoints& points, const CubeFunction& f);

/// |x|^2.
[[nodiscard]] double square_norm(std::span<const double> x) noexcept;
/// Phi_q(x) = sum_l phi_q(x_l) on [0, 1]^L, by the formula of phi_q.
[[nodiscard]] double square_norm_pieces(std::span<const double> x, double q) noexcept;

/// The larger of both; NaN stays.
[[nodiscard]] double larger_or_nan(double a, double b) noexcept;

} // namespace moe
