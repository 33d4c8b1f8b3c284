#include "constructions/freudenthal.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

namespace moe {

namespace {

/// The vertices of the simplex around x, one after the other: calls visit(g, weight) with node
/// indices g in {0..M-1}^n and barycentric weights that sum to 1.
template<class Visit>
void for_each_vertex(std::int64_t K, std::int64_t M, std::span<const std::int64_t> cell,
                     std::span<const double> x, Visit visit) {
    if (cell.size() != x.size() || K < 1 || M < 1)
        throw std::invalid_argument("freudenthal_interpolant: cell and x must have one length, K "
                                    "and M must be at least 1");
    const auto N = static_cast<double>(K) * static_cast<double>(M);
    const std::size_t n = x.size();
    std::vector<std::int64_t> g(n);
    std::vector<double> fraction(n);
    for (std::size_t i = 0; i < n; ++i) {
        const double u = x[i] * N - static_cast<double>(cell[i] * M) - 0.5;
        if (!std::isfinite(u))
            throw std::invalid_argument("freudenthal_interpolant: x has an entry that is not "
                                        "finite");
        const double clamped = std::clamp(u, 0.0, static_cast<double>(M - 1));
        g[i] = std::min(static_cast<std::int64_t>(clamped), std::max<std::int64_t>(M - 2, 0));
        fraction[i] = clamped - static_cast<double>(g[i]);
    }
    std::vector<std::size_t> axis(n);
    std::iota(axis.begin(), axis.end(), std::size_t{0});
    std::stable_sort(axis.begin(), axis.end(),
                     [&](std::size_t i, std::size_t j) { return fraction[i] > fraction[j]; });
    double above = 1.0;
    for (const std::size_t i : axis) {
        visit(g, above - fraction[i]);
        above = fraction[i];
        // With one node per axis every fraction is 0, and the last vertex is the first again.
        if (M > 1) ++g[i];
    }
    visit(g, above);
}

} // namespace

double freudenthal_interpolant(std::int64_t K, std::int64_t M, std::span<const std::int64_t> cell,
                               const ScalarField& f, std::span<const double> x) {
    double sum = 0.0;
    std::vector<double> vertex(x.size());
    const auto N = static_cast<double>(K) * static_cast<double>(M);
    for_each_vertex(K, M, cell, x, [&](const std::vector<std::int64_t>& g, double weight) {
        for (std::size_t i = 0; i < g.size(); ++i)
            vertex[i] = (static_cast<double>(cell[i] * M + g[i]) + 0.5) / N;
        sum += weight * f(vertex);
    });
    return sum;
}

double freudenthal_interpolant(std::int64_t K, std::int64_t M, std::span<const std::int64_t> cell,
                               std::span<const double> node_values, std::span<const double> x) {
    double sum = 0.0;
    for_each_vertex(K, M, cell, x, [&](const std::vector<std::int64_t>& g, double weight) {
        std::size_t node = 0;
        for (const std::int64_t index : g)
            node = node * static_cast<std::size_t>(M) + static_cast<std::size_t>(index);
        if (node >= node_values.size())
            throw std::invalid_argument("freudenthal_interpolant: too few node values");
        sum += weight * node_values[node];
    });
    return sum;
}

} // namespace moe
