#include "gating/grid_data.hpp"

#include <stdexcept>

namespace moe {

std::vector<double> midpoint_grid(double lower, double upper, std::size_t M) {
    std::vector<double> points(M);
    for (std::size_t b = 0; b < M; ++b) {
        points[b] =
            lower + (upper - lower) * (static_cast<double>(b) + 0.5) / static_cast<double>(M);
    }
    return points;
}

double weighted_squares(const GridData& data, const GatedFunction& f) {
    if (data.weights.size() != data.points.size() || data.means.size() != data.points.size()) {
        throw std::invalid_argument("weighted_squares: sizes of the data do not fit");
    }
    const std::vector<double> values = values_on(f, data.points);
    double sum = 0.0;
    for (std::size_t b = 0; b < values.size(); ++b) {
        if (data.weights[b] == 0.0) continue;
        const double residual = data.means[b] - values[b];
        sum += data.weights[b] * residual * residual;
    }
    return sum;
}

} // namespace moe
