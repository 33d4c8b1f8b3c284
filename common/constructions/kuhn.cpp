#include "constructions/kuhn.hpp"

#include "basics/error.hpp"
#include "basics/integer_power.hpp"
#include "constructions/net_writer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr int max_dimension = 8;

void check_dimension(int n) {
    if (n < 1 || n > max_dimension)
        throw InputError("n = " + std::to_string(n) + ": the dimension must be 1 to 8");
}

/// base^n as a count, base = K or M.
std::uint64_t checked_power(const char* name, std::int64_t base, int n) {
    check_dimension(n);
    if (base < 1)
        throw InputError(std::string(name) + " = " + std::to_string(base) + ": must be at least 1");
    const auto power = power_below_limit(static_cast<std::uint64_t>(base), n);
    if (!power)
        throw InputError(std::string(name) + " = " + std::to_string(base) + ": " + name +
                         "^n for n = " + std::to_string(n) + " must stay below 2^62");
    return *power;
}

/// factor * M^n + rest, both small beside 2^62.
std::uint64_t affine_count(int n, std::int64_t M, std::uint64_t factor, std::uint64_t rest) {
    const std::uint64_t nodes = checked_power("M", M, n);
    if (nodes > (count_limit - 1 - rest) / factor)
        throw InputError("M = " + std::to_string(M) + ": the expert for n = " + std::to_string(n) +
                         " must have fewer than 2^62 parameters");
    return factor * nodes + rest;
}

/// Where the nodes of one cell stand; the numbers that its network is written with.
struct NodeBox {
    std::size_t n;
    std::size_t M;
    double N;
    std::vector<double> first; ///< lo_i
    std::vector<double> last;  ///< hi_i
};

/// g_axis of node number `node` (row-major, axis 0 most significant).
std::size_t node_index(std::size_t node, std::size_t axis, std::size_t n, std::size_t M) {
    for (std::size_t i = n - 1; i > axis; --i)
        node /= M;
    return node % M;
}

/// max(0, u_1..u_k) as the neurons whose sum it is: one in layer 2, then carry and increment.
struct UnitSum {
    std::uint32_t carry = 0;
    std::optional<std::uint32_t> increment;

    void append_to(std::vector<Term>& terms, double weight) const {
        terms.push_back({carry, weight});
        if (increment) terms.push_back({*increment, weight});
    }
};

std::vector<Term> sum_terms(const UnitSum& sum, double weight) {
    std::vector<Term> terms;
    sum.append_to(terms, weight);
    return terms;
}

/// M = 1: the value at the centre as the only listed entry.
void write_constant(NetWriter& net, double value) {
    net.next_layer();
    net.neuron({}, value);
}

struct Clamps {
    std::vector<std::uint32_t> a;
    std::vector<std::uint32_t> b;
};

/// Layer 1: a_i = ReLU(x_i - lo_i), b_i = ReLU(x_i - hi_i); a_i - b_i is x_i - lo_i clamped.
Clamps write_clamps(NetWriter& net, const NodeBox& box) {
    Clamps units;
    net.next_layer();
    for (std::size_t i = 0; i < box.n; ++i) {
        const auto x_i = static_cast<std::uint32_t>(i);
        units.a.push_back(net.neuron({{x_i, 1.0}}, -box.first[i]));
        units.b.push_back(net.neuron({{x_i, 1.0}}, -box.last[i]));
    }
    return units;
}

/// 3.3(ii), layer by layer. u_i = N (clamped x_i - lo_i) - g_i at node g; the hat function of the
/// Kuhn triangulation is ReLU(1 - p - q), p = max(0, u_1..u_n), q = max(0, -u_1..-u_n).
void write_wide(NetWriter& net, const NodeBox& box, std::span<const double> values) {
    const std::size_t n = box.n;
    const double N = box.N;
    const auto g = [&](std::size_t node, std::size_t axis) {
        return static_cast<double>(node_index(node, axis, n, box.M));
    };

    const auto [a, b] = write_clamps(net, box);

    // Layer 2: p and q of the first axis at each node; z_i = a_i - b_i of the other axes.
    std::vector<UnitSum> p(values.size());
    std::vector<UnitSum> q(values.size());
    std::vector<std::uint32_t> z(n);
    net.next_layer();
    for (std::size_t node = 0; node < values.size(); ++node) {
        p[node] = {net.neuron({{a[0], N}, {b[0], -N}}, -g(node, 0)), std::nullopt};
        q[node] = {net.neuron({{a[0], -N}, {b[0], N}}, g(node, 0)), std::nullopt};
    }
    for (std::size_t i = 1; i < n; ++i)
        z[i] = net.neuron({{a[i], 1.0}, {b[i], -1.0}});

    // Layers 3..n+1, axis k: max(p, u_k) = p + ReLU(u_k - p), max(q, -u_k) = q + ReLU(-u_k - q).
    for (std::size_t k = 1; k < n; ++k) {
        const auto rise = [&](const UnitSum& sum, double slope, double shift) {
            std::vector<Term> terms = sum_terms(sum, -1.0);
            terms.push_back({z[k], slope});
            return net.neuron(terms, shift);
        };
        net.next_layer();
        for (std::size_t node = 0; node < values.size(); ++node) {
            const std::uint32_t p_carry = net.neuron(sum_terms(p[node], 1.0));
            const std::uint32_t q_carry = net.neuron(sum_terms(q[node], 1.0));
            const std::uint32_t t = rise(p[node], N, -g(node, k));
            const std::uint32_t s = rise(q[node], -N, g(node, k));
            p[node] = {p_carry, t};
            q[node] = {q_carry, s};
        }
        for (std::size_t i = k + 1; i < n; ++i)
            z[i] = net.neuron({{z[i], 1.0}});
    }

    // Layer n+2: the hat functions. Layer n+3: their sum, weighted with the node values.
    std::vector<Term> output(values.size());
    net.next_layer();
    for (std::size_t node = 0; node < values.size(); ++node) {
        std::vector<Term> terms = sum_terms(p[node], -1.0);
        q[node].append_to(terms, -1.0);
        output[node] = {net.neuron(terms, 1.0), values[node]};
    }
    net.next_layer();
    net.neuron(output);
}

/// 3.3(ii'): the same hat functions one after the other, summed up in one carried neuron. The
/// constant B keeps that sum nonnegative, so that ReLU carries it; sum phi = 1 takes B off again.
void write_narrow(NetWriter& net, const NodeBox& box, std::span<const double> values) {
    const std::size_t n = box.n;
    const double N = box.N;
    double lowest = values.front();
    for (const double value : values)
        lowest = std::min(lowest, value);
    const double B = -lowest;

    const auto [a, b] = write_clamps(net, box);
    std::vector<std::uint32_t> z(n);
    net.next_layer();
    for (std::size_t i = 0; i < n; ++i)
        z[i] = net.neuron({{a[i], 1.0}, {b[i], -1.0}});
    const auto carry_z = [&] {
        for (std::uint32_t& unit : z)
            unit = net.neuron({{unit, 1.0}});
    };

    // Sum over the nodes so far = finished sum + weight * phi; nothing before the first node.
    std::vector<Term> sum_so_far;
    for (std::size_t node = 0; node < values.size(); ++node) {
        const auto g = [&](std::size_t axis) {
            return static_cast<double>(node_index(node, axis, n, box.M));
        };
        const std::uint32_t z_1 = z[0];
        net.next_layer();
        carry_z();
        UnitSum p{net.neuron({{z_1, N}}, -g(0)), std::nullopt};
        UnitSum q{net.neuron({{z_1, -N}}, g(0)), std::nullopt};
        std::uint32_t sum = net.neuron(sum_so_far);
        for (std::size_t k = 1; k < n; ++k) {
            const std::uint32_t z_k = z[k];
            const auto rise = [&](const UnitSum& before, double slope, double shift) {
                std::vector<Term> terms = sum_terms(before, -1.0);
                terms.push_back({z_k, slope});
                return net.neuron(terms, shift);
            };
            net.next_layer();
            carry_z();
            const std::uint32_t p_carry = net.neuron(sum_terms(p, 1.0));
            const std::uint32_t q_carry = net.neuron(sum_terms(q, 1.0));
            const std::uint32_t t = rise(p, N, -g(k));
            const std::uint32_t s = rise(q, -N, g(k));
            sum = net.neuron({{sum, 1.0}});
            p = {p_carry, t};
            q = {q_carry, s};
        }
        std::vector<Term> hat = sum_terms(p, -1.0);
        q.append_to(hat, -1.0);
        net.next_layer();
        carry_z();
        const std::uint32_t phi = net.neuron(hat, 1.0);
        sum = net.neuron({{sum, 1.0}});
        sum_so_far = {{sum, 1.0}, {phi, values[node] + B}};
    }
    net.next_layer();
    net.neuron(sum_so_far, -B);
}

void write_expert(NetWriter& net, KuhnForm form, const NodeBox& box,
                  std::span<const double> values) {
    if (box.M == 1) return write_constant(net, values.front());
    if (form == KuhnForm::wide) return write_wide(net, box, values);
    write_narrow(net, box, values);
}

Architecture record(int n, std::int64_t M, std::uint64_t nodes, KuhnForm form,
                    Activation activation) {
    const std::uint64_t parameters = kuhn_parameters(n, M, form);
    if (parameters > KuhnExperts::max_parameters)
        throw InputError("M = " + std::to_string(M) + ": an expert for n = " + std::to_string(n) +
                         " has " + std::to_string(parameters) +
                         " parameters; at most 2^27 are built");
    const auto axes = static_cast<std::size_t>(n);
    const NodeBox box{axes, static_cast<std::size_t>(M), 1.0, std::vector<double>(axes),
                      std::vector<double>(axes)};
    const std::vector<double> values(nodes);
    ShapeRecorder shape;
    write_expert(shape, form, box, values);
    const auto inputs = static_cast<std::uint32_t>(n);
    return form == KuhnForm::wide ? std::move(shape).sparse(inputs, activation)
                                  : shape.dense(inputs, activation);
}

} // namespace

std::uint64_t kuhn_parameters(int n, std::int64_t M) {
    check_dimension(n);
    if (M == 1) return 1;
    const auto axes = static_cast<std::uint64_t>(n);
    const std::uint64_t per_node = n == 1 ? 10 : 12 * axes - 4;
    return affine_count(n, M, per_node, 4 * axes + 2 * (axes - 1) + (axes - 1) * (axes - 2) / 2);
}

std::uint64_t narrow_kuhn_parameters(int n, std::int64_t M) {
    check_dimension(n);
    const auto axes = static_cast<std::uint64_t>(n);
    if (M == 1) return axes + 1;
    const std::uint64_t first = (axes + 3) * (axes + 3);
    const std::uint64_t per_node = n == 1 ? first + (axes + 4) * (axes + 2)
                                          : first + (axes + 4) * (axes + 5) +
                                                (axes - 2) * (axes + 6) * (axes + 5) +
                                                (axes + 6) * (axes + 2);
    return affine_count(n, M, per_node, 2 * axes * (axes + 1) + axes * (2 * axes + 1) - (axes + 3));
}

std::uint64_t kuhn_parameters(int n, std::int64_t M, KuhnForm form) {
    return form == KuhnForm::wide ? kuhn_parameters(n, M) : narrow_kuhn_parameters(n, M);
}

std::uint64_t kuhn_hidden_units(int n, std::int64_t M) {
    check_dimension(n);
    if (M == 1) return 0;
    const auto axes = static_cast<std::uint64_t>(n);
    return affine_count(n, M, 4 * axes - 1, 3 * axes - 1 + (axes - 1) * (axes - 2) / 2);
}

std::uint64_t kuhn_depth(int n, std::int64_t M, KuhnForm form) {
    check_dimension(n);
    if (M == 1) return 1;
    const auto axes = static_cast<std::uint64_t>(n);
    return form == KuhnForm::wide ? axes + 3 : affine_count(n, M, axes + 1, 3);
}

double kuhn_error_bound(int n, std::int64_t K, std::int64_t M, double lambda) noexcept {
    return lambda * std::sqrt(static_cast<double>(n)) /
           (2.0 * static_cast<double>(K) * static_cast<double>(M));
}

KuhnExperts::KuhnExperts(int n, std::int64_t K, std::int64_t M, KuhnForm form,
                         Activation activation)
    : n_(n)
    , K_(K)
    , M_(M)
    , form_(form)
    , experts_(checked_power("K", K, n))
    , nodes_(checked_power("M", M, n))
    , architecture_(record(n, M, nodes_, form, activation)) {
    if (K > static_cast<std::int64_t>(count_limit) / M)
        throw InputError("K = " + std::to_string(K) + ": K M for M = " + std::to_string(M) +
                         " must stay below 2^62");
}

std::vector<std::int64_t> KuhnExperts::grid() const {
    std::vector<std::int64_t> cells(static_cast<std::size_t>(n_), K_);
    return cells;
}

void KuhnExperts::check_cell(std::span<const std::int64_t> cell) const {
    if (cell.size() != static_cast<std::size_t>(n_))
        throw InputError("cell: " + std::to_string(cell.size()) + " indices, " +
                         std::to_string(n_) + " are needed");
    for (const std::int64_t c : cell)
        if (c < 0 || c >= K_)
            throw InputError("cell: index " + std::to_string(c) + " must be 0 to " +
                             std::to_string(K_ - 1));
}

void KuhnExperts::node(std::span<const std::int64_t> cell, std::size_t node,
                       std::span<double> point) const {
    check_cell(cell);
    if (node >= nodes_)
        throw std::out_of_range("KuhnExperts: node " + std::to_string(node) + " of " +
                                std::to_string(nodes_));
    const auto nodes_per_axis = static_cast<std::size_t>(M_);
    for (std::size_t i = 0; i < cell.size(); ++i) {
        const std::size_t g = node_index(node, i, cell.size(), nodes_per_axis);
        point[i] = (static_cast<double>(cell[i] * M_ + static_cast<std::int64_t>(g)) + 0.5) /
                   static_cast<double>(lattice());
    }
}

std::vector<double> KuhnExperts::node_values(std::span<const std::int64_t> cell,
                                             const ScalarField& f) const {
    check_cell(cell);
    std::vector<double> point(cell.size());
    std::vector<double> values(nodes_);
    for (std::size_t g = 0; g < nodes_; ++g) {
        node(cell, g, point);
        values[g] = f(point);
    }
    return values;
}

void KuhnExperts::fill(std::span<const std::int64_t> cell, const ScalarField& f,
                       std::span<double> parameters) const {
    fill_from_values(cell, node_values(cell, f), parameters);
}

void KuhnExperts::fill_from_values(std::span<const std::int64_t> cell,
                                   std::span<const double> values,
                                   std::span<double> parameters) const {
    if (values.size() != nodes_)
        throw std::invalid_argument("KuhnExperts: " + std::to_string(values.size()) +
                                    " node values, " + std::to_string(nodes_) + " are needed");
    NodeBox box{cell.size(), static_cast<std::size_t>(M_), static_cast<double>(lattice()),
                std::vector<double>(cell.size()), std::vector<double>(cell.size())};
    node(cell, 0, box.first);
    node(cell, nodes_ - 1, box.last);
    // The rounded ends must not be further apart than M - 1 steps: beyond the last node there is no
    // hat function that could make up for what the last one would lose (up to N 2^-53 of f).
    for (std::size_t i = 0; i < box.n; ++i) {
        while (box.N * (box.last[i] - box.first[i]) > static_cast<double>(M_ - 1))
            box.last[i] = std::nextafter(box.last[i], 0.0);
    }
    ParameterWriter net(architecture_, parameters);
    write_expert(net, form_, box, values);
}

} // namespace moe
