#include "theory/dense_bound.hpp"

#include "basics/error.hpp"
#include "basics/integer_power.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

constexpr double lattice_rounding = 1e-12;

void check_positive(const char* name, double value) {
    if (!(value > 0.0) || !std::isfinite(value))
        throw InputError(std::string(name) + " = " + shortest(value) +
                         ": must be positive and finite");
}

} // namespace

std::int64_t bump_lattice(double eps, double lambda) {
    check_positive("eps", eps);
    check_positive("lambda", lambda);
    const double points = std::ceil(lambda / (2.0 * eps) - lattice_rounding);
    if (!(points < static_cast<double>(count_limit)))
        throw InputError("eps = " + shortest(eps) + ": lambda/(2 eps) must stay below 2^62");
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(points)) - 1;
}

std::uint64_t sign_points(int n, double eps, double lambda) {
    if (n < 1 || n > 8)
        throw InputError("n = " + std::to_string(n) + ": the dimension must be 1 to 8");
    const auto per_axis = static_cast<std::uint64_t>(bump_lattice(eps, lambda)) + 1;
    const auto points = power_below_limit(per_axis, n);
    if (!points)
        throw InputError("eps = " + shortest(eps) + ": G = (lambda/(2 eps))^n for n = " +
                         std::to_string(n) + " must stay below 2^62");
    return *points;
}

double log2_sign_patterns(std::uint64_t P, std::uint64_t G, int n, DenseActivation activation) {
    const auto p = static_cast<double>(P);
    const double base = activation == DenseActivation::relu ? 2.0 : 4.0;
    return p * std::log2(p * (p + n)) + p +
           p * (p + 1.0) / 2.0 * std::log2(base * std::numbers::e * static_cast<double>(G));
}

std::uint64_t dense_parameter_bound(std::uint64_t G, int n, DenseActivation activation) {
    if (G < 1) throw std::invalid_argument("dense_parameter_bound: G must be at least 1");
    const auto enough = [&](std::uint64_t P) {
        return P > G || static_cast<double>(G) <= log2_sign_patterns(P, G, n, activation);
    };
    // enough() is monotone in P: double, then bisect with enough(above) and not enough(below).
    std::uint64_t above = 1;
    while (!enough(above))
        above *= 2;
    std::uint64_t below = above / 2;
    while (above - below > 1) {
        const std::uint64_t middle = below + (above - below) / 2;
        (enough(middle) ? above : below) = middle;
    }
    return above;
}

std::uint64_t storage_floor_bytes(std::uint64_t G) noexcept {
    return G / 8 + (G % 8 != 0 ? 1 : 0);
}

std::uint64_t storage_floor_parameters(std::uint64_t G) noexcept {
    return G / 64 + (G % 64 != 0 ? 1 : 0);
}

std::optional<Crossing> first_crossing(int n, std::span<const LadderPoint> ladder, double lambda,
                                       DenseActivation activation) {
    for (const LadderPoint& point : ladder) {
        const std::uint64_t G = sign_points(n, point.error, lambda);
        const std::uint64_t dense = dense_parameter_bound(G, n, activation);
        if (point.total < dense) return Crossing{point.N, point.total, dense, G};
    }
    return std::nullopt;
}

} // namespace moe
