#include "pieces/cube_points.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace moe {

CubePoints cube_sample(std::uint32_t L, std::size_t count, RandomStream& random) {
    CubePoints points{.dimension = L};
    points.x.resize(count * L);
    for (double& coordinate : points.x)
        coordinate = random.uniform();
    return points;
}

CubePoints cube_sample_and_corners(std::uint32_t L, std::size_t count, RandomStream& random) {
    if (L > 20)
        throw InputError("the cube of dimension " + std::to_string(L) +
                         " has too many corners; at most 20 dimensions are allowed");
    CubePoints points = cube_sample(L, count, random);
    for (std::uint32_t corner = 0; corner < std::uint32_t{1} << L; ++corner) {
        for (std::uint32_t l = 0; l < L; ++l)
            points.x.push_back((corner >> l & 1U) != 0 ? 1.0 : 0.0);
    }
    return points;
}

std::vector<double> values_at(const CubePoints& points, const CubeFunction& f) {
    std::vector<double> values(points.count());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = f(points.point(i));
    return values;
}

double square_norm(std::span<const double> x) noexcept {
    double sum = 0.0;
    for (const double coordinate : x)
        sum += coordinate * coordinate;
    return sum;
}

double larger_or_nan(double a, double b) noexcept {
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
    return std::max(a, b);
}

double square_norm_pieces(std::span<const double> x, double q) noexcept {
    double sum = 0.0;
    for (const double t : x) {
        const double i = std::min(std::floor(q * t), q - 1.0);
        sum += ((2.0 * i + 1.0) * t - i * (i + 1.0) / q) / q - 1.0 / (8.0 * q * q);
    }
    return sum;
}

} // namespace moe
