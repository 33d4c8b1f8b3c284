#include "theory/vc_bound.hpp"

#include "basics/error.hpp"
#include "theory/growth.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace moe {

namespace {

constexpr std::uint64_t max_size = std::uint64_t{1} << 20U;
constexpr std::uint64_t max_bound = std::uint64_t{1} << 52U;
/// Rounding of the right side must not make an upper bound too small.
constexpr double safe_side = 1.0 + 1e-12;

void check_size(const std::string& name, std::uint64_t value) {
    if (value < 1 || value > max_size)
        throw InputError(name + " = " + std::to_string(value) + ": must be 1 to " +
                         std::to_string(max_size));
}

/// Parameters of layer i (from 1): (k_{i-1} + 1) k_i, and for PReLU the slopes
/// of the layer before.
std::uint64_t layer_weights(std::uint64_t inputs, std::uint64_t outputs, bool first,
                            DenseActivation activation) {
    const bool slopes = activation == DenseActivation::prelu && !first;
    return (inputs + 1) * outputs + (slopes ? inputs : 0);
}

/// Calls body(i, k_i, W_i), i = 1..J, W_i the parameters of layers 1..i.
template<class Body>
void for_each_layer(const MoeShape& shape, Body&& body) {
    std::uint64_t inputs = shape.n;
    std::uint64_t weights = 0;
    for (std::size_t i = 1; i <= shape.hidden.size() + 1; ++i) {
        const std::uint64_t outputs = i <= shape.hidden.size() ? shape.hidden[i - 1] : 1;
        weights += layer_weights(inputs, outputs, i == 1, shape.activation);
        body(i, outputs, weights);
        inputs = outputs;
    }
}

/// Warren's bound in bits: k polynomials of the given degree in W variables
/// have at most 2 (2e k degree / W)^W sign patterns if k >= W; never more than
/// 2^k.
double warren_bits(double k, double degree, double W) {
    if (k < W) return k;
    return std::min(k, 1.0 + W * std::log2(2.0 * std::numbers::e * k * degree / W));
}

/// bits_E(m) of one network; m need not be an integer.
double network_bits(const MoeShape& shape, double m) {
    double bits = 0.0;
    for_each_layer(shape, [&](std::size_t i, std::uint64_t outputs, std::uint64_t weights) {
        const double degree = shape.activation == DenseActivation::relu
                                  ? static_cast<double>(i)
                                  : 2.0 * static_cast<double>(i) - 1.0;
        bits += warren_bits(m * static_cast<double>(outputs), degree, static_cast<double>(weights));
    });
    return bits;
}

/// L d_E: the dimension of L constant or linear experts given the routing.
std::uint64_t known_dimension(const MoeShape& shape) noexcept {
    return shape.expert == ExpertKind::constant ? shape.L : shape.L * (shape.n + 1);
}

double tree_bits(const MoeShape& shape, std::uint64_t m) {
    const auto L = static_cast<double>(shape.L);
    if (shape.L == 1) return 0.0;
    const double topology = shape.free_topology ? L * (2.0 + std::log2(L)) : 0.0;
    return (L - 1.0) * std::min(static_cast<double>(m), log2_cover(m, shape.n)) + topology;
}

double flat_bits(const MoeShape& shape, std::uint64_t m) {
    if (shape.L == 1) return 0.0;
    const auto L = static_cast<double>(shape.L);
    const double any = static_cast<double>(m) * std::log2(L);
    const double comparisons = static_cast<double>(m) * L * (L - 1.0) / 2.0;
    const double W = (static_cast<double>(shape.n) + 1.0) * (L - 1.0);
    return comparisons < W ? any : std::min(any, warren_bits(comparisons, 1.0, W));
}

} // namespace

void check_shape(const MoeShape& shape) {
    check_size("L", shape.L);
    check_size("n", shape.n);
    if (shape.free_topology && shape.routing == RoutingRule::flat)
        throw InputError("free_topology = true: only tree routing has a topology");
    if (shape.expert != ExpertKind::mlp) {
        if (!shape.hidden.empty())
            throw InputError("widths = [" + std::to_string(shape.hidden.front()) +
                             ", ...]: only mlp experts have hidden layers");
        return;
    }
    if (shape.hidden.empty())
        throw InputError("widths = []: an mlp expert needs at least one hidden layer");
    for (std::size_t i = 0; i < shape.hidden.size(); ++i)
        check_size("widths[" + std::to_string(i) + "]", shape.hidden[i]);
}

std::uint64_t expert_depth(const MoeShape& shape) {
    check_shape(shape);
    switch (shape.expert) {
    case ExpertKind::constant:
        return 0;
    case ExpertKind::linear:
        return 1;
    case ExpertKind::mlp:
        break;
    }
    return shape.hidden.size() + 1;
}

std::uint64_t expert_weights(const MoeShape& shape) {
    check_shape(shape);
    if (shape.expert == ExpertKind::constant) return 1;
    std::uint64_t total = 0;
    for_each_layer(shape,
                   [&](std::size_t, std::uint64_t, std::uint64_t weights) { total = weights; });
    return total;
}

double route_bits(const MoeShape& shape, std::uint64_t m) {
    check_shape(shape);
    return shape.routing == RoutingRule::tree ? tree_bits(shape, m) : flat_bits(shape, m);
}

double expert_bits(const MoeShape& shape, std::uint64_t m) {
    check_shape(shape);
    if (shape.expert != ExpertKind::mlp) return log2_binomial_sum(m, known_dimension(shape));
    const auto L = static_cast<double>(shape.L);
    return L * network_bits(shape, static_cast<double>(m) / L);
}

std::uint64_t vc_upper_bound(const MoeShape& shape, RoutingTerm routing) {
    check_shape(shape);
    const bool routed = routing == RoutingTerm::counted && shape.L > 1;
    // By Sauer's bound alone 2^m <= Phi_d(m) ends at m = d, beyond which doubles see no difference
    // for a while.
    if (!routed && shape.expert != ExpertKind::mlp) return known_dimension(shape);
    const auto fits = [&](std::uint64_t m) {
        const double route = routed ? route_bits(shape, m) : 0.0;
        return static_cast<double>(m) <= (route + expert_bits(shape, m)) * safe_side;
    };
    // The right side is concave in m and fits(1) holds, so fits is true up to the
    // bound and false beyond it.
    std::uint64_t above = 1;
    while (fits(above)) {
        above *= 2;
        if (above > max_bound)
            throw InputError("L = " + std::to_string(shape.L) + ", n = " + std::to_string(shape.n) +
                             ", W = " + std::to_string(expert_weights(shape)) +
                             ": the bound exceeds 2^52");
    }
    std::uint64_t below = above / 2;
    while (above - below > 1) {
        const std::uint64_t middle = below + (above - below) / 2;
        (fits(middle) ? below : above) = middle;
    }
    return below;
}

std::uint64_t two_linear_experts_bound() {
    const auto dichotomies = [](std::uint64_t points) {
        return points == 0 ? BigInteger{1} : cover(points, 2);
    };
    // A shattered set has shattered subsets: the first m that fails bounds the
    // dimension.
    for (std::uint64_t m = 1;; ++m) {
        BigInteger both = 0;
        for (std::uint64_t k = 0; k <= m / 2; ++k)
            both = std::max<BigInteger>(both, dichotomies(k) * dichotomies(m - k));
        if ((BigInteger{1} << m) > dichotomies(m) / 2 * both) return m - 1;
    }
}

double paper_shape(std::uint64_t L, std::uint64_t n, std::uint64_t J, std::uint64_t W) {
    check_size("L", L);
    check_size("n", n);
    check_size("J", J);
    if (W < 1) throw InputError("W = 0: must be at least 1");
    const auto experts = static_cast<double>(L);
    const double logarithm = std::log(experts + 1.0);
    const double size = static_cast<double>(J) * static_cast<double>(W);
    return experts * logarithm * logarithm *
           std::max(static_cast<double>(n) * experts * logarithm, size * std::log(size));
}

NeuronReading neuron_reading(std::uint64_t n, std::uint64_t J, std::uint64_t w) {
    check_size("n", n);
    check_size("J", J);
    check_size("w", w);
    const double size =
        std::max(static_cast<double>(n), static_cast<double>(J) * static_cast<double>(w));
    const double logarithm = std::log(size);
    return {size, size * logarithm * logarithm};
}

} // namespace moe
