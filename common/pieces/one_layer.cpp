#include "pieces/one_layer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

double plane(std::span<const double> centre, std::span<const double> x) {
    double sum = 0.0;
    for (std::size_t l = 0; l < x.size(); ++l)
        sum += centre[l] * (2.0 * x[l] - centre[l]);
    return sum;
}

/// The nearest of the centres [n][L].
std::size_t nearest(std::span<const double> centres, std::span<const double> x) {
    const std::size_t L = x.size();
    std::size_t best = 0;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c * L < centres.size(); ++c) {
        const double height = plane(centres.subspan(c * L, L), x);
        if (height > highest) {
            highest = height;
            best = c;
        }
    }
    return best;
}

Architecture affine_expert(std::uint32_t L) {
    const std::vector<std::uint32_t> widths{L, 1};
    return Architecture::dense(widths);
}

} // namespace

double largest_error(const MoeLayer& layer, const CubePoints& points,
                     std::span<const double> values) {
    std::vector<double> outputs(points.count());
    layer.evaluate_batch(points.x, outputs, {});
    double largest = 0.0;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        largest = larger_or_nan(largest, std::abs(outputs[i] - values[i]));
    return largest;
}

LinearGate nearest_centre_gate(std::span<const double> centres, std::uint32_t L) {
    std::vector<double> weights;
    std::vector<double> biases;
    for (std::size_t c = 0; c < centres.size(); c += L) {
        for (std::size_t l = 0; l < L; ++l)
            weights.push_back(2.0 * centres[c + l]);
        biases.push_back(-square_norm(centres.subspan(c, L)));
    }
    return {std::move(weights), std::move(biases)};
}

std::vector<double> lloyd_centres(const CubePoints& points, std::size_t n, int iterations,
                                  RandomStream& random, const std::function<void()>& poll) {
    if (points.count() == 0 || n == 0)
        throw std::invalid_argument("lloyd_centres: no point or no centre");
    const std::size_t L = points.dimension;
    std::vector<double> centres;
    for (std::size_t c = 0; c < n; ++c) {
        const auto start = points.point(random.below(points.count()));
        centres.insert(centres.end(), start.begin(), start.end());
    }
    for (int iteration = 0; iteration < iterations; ++iteration) {
        if (poll) poll();
        std::vector<double> sums(centres.size(), 0.0);
        std::vector<double> members(n, 0.0);
        for (std::size_t i = 0; i < points.count(); ++i) {
            const auto x = points.point(i);
            const std::size_t c = nearest(centres, x);
            members[c] += 1.0;
            for (std::size_t l = 0; l < L; ++l)
                sums[c * L + l] += x[l];
        }
        for (std::size_t c = 0; c < n; ++c) {
            for (std::size_t l = 0; l < L && members[c] > 0.0; ++l)
                centres[c * L + l] = sums[c * L + l] / members[c];
        }
    }
    return centres;
}

double covering_radius_squared(std::span<const double> centres, const CubePoints& points) {
    double largest = 0.0;
    for (std::size_t i = 0; i < points.count(); ++i) {
        const auto x = points.point(i);
        const std::size_t c = nearest(centres, x);
        double square = 0.0;
        for (std::size_t l = 0; l < x.size(); ++l)
            square += std::pow(x[l] - centres[c * x.size() + l], 2);
        largest = std::max(largest, square);
    }
    return largest;
}

MoeLayer tangent_plane_moe(std::span<const double> centres, std::uint32_t L,
                           double radius_squared) {
    LinearGate gate = nearest_centre_gate(centres, L);
    std::vector<double> parameters;
    for (std::size_t e = 0; e < gate.experts(); ++e) {
        const auto row = gate.row(e);
        parameters.insert(parameters.end(), row.begin(), row.end());
        parameters.push_back(gate.biases()[e] + 0.5 * radius_squared);
    }
    return {std::move(gate), affine_expert(L), std::move(parameters)};
}

LinearGate random_contender_gate(std::uint32_t L, std::size_t n, std::uint64_t number,
                                 RandomStream& random) {
    const CubePoints through = cube_sample(L, n, random);
    if (number % 2 == 0) return nearest_centre_gate(through.x, L);
    std::vector<double> weights;
    std::vector<double> biases;
    for (std::size_t e = 0; e < n; ++e) {
        double bias = 0.0;
        for (std::size_t l = 0; l < L; ++l) {
            weights.push_back(random.normal());
            bias -= weights.back() * through.point(e)[l];
        }
        biases.push_back(bias);
    }
    return {std::move(weights), std::move(biases)};
}

MoeLayer parity_moe(std::uint32_t E, std::uint32_t L) {
    std::vector<double> weights;
    std::vector<double> biases;
    std::vector<double> parameters;
    for (std::uint32_t strip = 0; strip <= L * (E - 1); ++strip) {
        const double anchor = (strip + 0.5 * L) / E; // the sum at these boxes' centres
        weights.insert(weights.end(), L, 2.0 * anchor);
        biases.push_back(-anchor * anchor);
        parameters.insert(parameters.end(), L, 0.0);
        parameters.push_back(strip % 2);
    }
    return {LinearGate(std::move(weights), std::move(biases)), affine_expert(L),
            std::move(parameters)};
}

} // namespace moe
