#include "charts/winding.hpp"

#include <cmath>

namespace moe {

std::array<double, 4> winding_point(double angle) {
    constexpr double scale = 1.0 / std::numbers::sqrt2;
    return {scale * std::cos(2.0 * angle), scale * std::sin(2.0 * angle),
            scale * std::cos(3.0 * angle), scale * std::sin(3.0 * angle)};
}

double winding_angle(std::span<const double> point) {
    // e^{i th} = e^{3i th} / e^{2i th}.
    return std::atan2(point[3] * point[0] - point[2] * point[1],
                      point[2] * point[0] + point[3] * point[1]);
}

double winding_coordinate(double offset) {
    return std::sin(2.0 * offset) - 0.5 * std::sin(3.0 * offset);
}

double winding_offset(double coordinate) {
    double low = -winding_monotone_offset;
    double high = winding_monotone_offset;
    for (;;) {
        const double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high) return middle;
        (winding_coordinate(middle) < coordinate ? low : high) = middle;
    }
}

} // namespace moe
