#include "certification/certificate.hpp"

#include "basics/integer_power.hpp"
#include "constructions/freudenthal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

std::span<const double> point_of(std::span<const double> batch, std::size_t n, std::size_t i) {
    return batch.subspan(i * n, n);
}

/// max(|difference|, largest so far) with every number that is not finite as infinity.
double larger(double largest, double difference) {
    const double size = std::abs(difference);
    return std::isfinite(size) ? std::max(largest, size) : std::numeric_limits<double>::infinity();
}

} // namespace

Deviation largest_deviation(int n, std::span<const double> inputs, std::span<const double> outputs,
                            const ScalarField& reference) {
    if (n < 1 || inputs.size() != static_cast<std::size_t>(n) * outputs.size())
        throw std::invalid_argument("largest_deviation: n outputs.size() inputs are needed");
    Deviation deviation;
    deviation.points = outputs.size();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto x = point_of(inputs, static_cast<std::size_t>(n), i);
        const double largest = larger(deviation.largest, outputs[i] - reference(x));
        if (largest > deviation.largest) deviation.at = i;
        deviation.largest = largest;
    }
    return deviation;
}

std::vector<double> node_points(const KuhnExperts& experts, std::span<const std::int64_t> cell,
                                RandomStream& random, std::size_t limit) {
    const bool all = experts.nodes() <= limit;
    const std::size_t count = all ? experts.nodes() : limit;
    std::vector<double> points(count * cell.size());
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t node = all ? i : static_cast<std::size_t>(random.below(experts.nodes()));
        experts.node(cell, node, std::span(points).subspan(i * cell.size(), cell.size()));
    }
    return points;
}

std::vector<double> corner_points(const KuhnExperts& experts, std::span<const std::int64_t> cell,
                                  RandomStream& random, std::size_t limit) {
    const auto per_axis = static_cast<std::uint64_t>(experts.nodes_per_axis()) + 1;
    const std::optional<std::uint64_t> corners = power_below_limit(per_axis, experts.dimension());
    const bool all = corners && *corners <= limit;
    const std::size_t count = all ? static_cast<std::size_t>(*corners) : limit;
    std::vector<double> points;
    points.reserve(count * cell.size());
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t digits = i;
        for (const std::int64_t c : cell) {
            const std::uint64_t offset = all ? digits % per_axis : random.below(per_axis);
            digits /= per_axis;
            const std::int64_t j = c * experts.nodes_per_axis() + static_cast<std::int64_t>(offset);
            points.push_back(static_cast<double>(j) / static_cast<double>(experts.lattice()));
        }
    }
    return points;
}

std::vector<double> cell_points(std::span<const std::int64_t> grid,
                                std::span<const std::int64_t> cell, std::size_t count,
                                RandomStream& random) {
    if (grid.size() != cell.size())
        throw std::invalid_argument("cell_points: grid and cell must have one dimension");
    std::vector<double> points;
    points.reserve(count * cell.size());
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t axis = 0; axis < cell.size(); ++axis)
            points.push_back((static_cast<double>(cell[axis]) + random.uniform()) /
                             static_cast<double>(grid[axis]));
    return points;
}

ScalarField kuhn_reference(const KuhnExperts& experts, std::span<const std::int64_t> cell,
                           ScalarField f) {
    return [&experts, at = std::vector<std::int64_t>(cell.begin(), cell.end()),
            target = std::move(f)](std::span<const double> x) {
        return freudenthal_interpolant(experts.cells_per_axis(), experts.nodes_per_axis(), at,
                                       target, x);
    };
}

ScalarField bit_extraction_reference(const BitExtractionExperts& experts,
                                     std::span<const std::int64_t> cell, const ScalarField& f,
                                     double lambda) {
    return [&experts, paths = experts.paths(experts.slab_centre(cell), f, lambda)](
               std::span<const double> x) { return experts.path_value(paths, x); };
}

PathCertificate certify_paths(const BitExtractionExperts& experts,
                              std::span<const std::int64_t> cell, const ScalarField& f,
                              double lambda, std::span<const double> parameters) {
    std::vector<double> x = experts.slab_centre(cell);
    const BitPaths recomputed = experts.paths(x, f, lambda);
    const std::vector<BitPaths> stored = experts.stored_paths(parameters, lambda);
    PathCertificate certificate;
    certificate.codes_round_trip =
        !stored.empty() && std::all_of(stored.begin(), stored.end(), [&](const BitPaths& paths) {
            return paths.code == recomputed.code;
        });
    const auto d = static_cast<std::size_t>(experts.bits());
    const std::size_t m = recomputed.code.size();
    for (const BitPaths& paths : stored) {
        for (std::size_t kappa = 0; kappa < m; ++kappa) {
            certificate.largest_start_error = larger(certificate.largest_start_error,
                                                     paths.start[kappa] - recomputed.start[kappa]);
            const bool columns = experts.handled_axes() == 2;
            if (columns) x[1] = (static_cast<double>(kappa) + 0.5) / static_cast<double>(m);
            double v = paths.start[kappa];
            for (std::size_t i = 0; i <= d; ++i) {
                if (i > 0) v += ((paths.code[kappa] >> (d - i)) & 1U) != 0 ? paths.q : -paths.q;
                x[0] = columns ? static_cast<double>(i) / static_cast<double>(d)
                               : static_cast<double>(kappa * d + i) / static_cast<double>(m * d);
                certificate.largest_node_ratio =
                    larger(certificate.largest_node_ratio, (f(x) - v) / paths.q);
                ++certificate.nodes;
            }
        }
    }
    return certificate;
}

} // namespace moe
