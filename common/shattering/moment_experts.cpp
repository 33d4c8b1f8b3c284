// Experts on the moment curve: a polynomial h(t) of degree <= n is affine in x(t) = (t, .., t^n),
// its coefficients are the weights and its constant is the bias.

#include "shattering/shattering_expert.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace moe {

namespace {

/// Multiplies the polynomial (ascending coefficients) by slope t - root.
template<class Integer>
void multiply_by_factor(std::vector<Integer>& polynomial, Integer slope, Integer root) {
    polynomial.push_back(Integer());
    for (std::size_t i = polynomial.size(); i-- > 0;) {
        const Integer from_below = i > 0 ? slope * polynomial[i - 1] : Integer();
        polynomial[i] = from_below - root * polynomial[i];
    }
}

/// The listed weights of x_1..x_n: coefficients of t..t^n, 0 above the degree.
template<class Integer>
std::vector<IntegerTerm<Integer>> weights_of(const std::vector<Integer>& polynomial,
                                             std::size_t n) {
    std::vector<IntegerTerm<Integer>> terms(n);
    for (std::size_t i = 0; i < n; ++i)
        terms[i] = {static_cast<std::uint32_t>(i),
                    i + 1 < polynomial.size() ? polynomial[i + 1] : Integer()};
    return terms;
}

} // namespace

/// h(t) = +- prod (2t - (2a + 1)) over the label changes a -> a+1 (at most B - 1 = n): no zero at
/// an integer, a sign change at each label change. All factors are positive at the last point, so
/// its label is the sign in front.
template<class Integer>
void write_linear_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                         std::span<const std::uint8_t> labels, ShatteringFault fault) {
    std::vector<Integer> polynomial{Integer(labels.back() != 0 ? 1 : -1)};
    bool moved = fault == ShatteringFault::none;
    for (std::size_t k = 0; k + 1 < labels.size(); ++k) {
        if (labels[k] == labels[k + 1]) continue;
        const auto a = static_cast<std::int64_t>(l * plan.block() + k + 1) + (moved ? 0 : 1);
        moved = true;
        multiply_by_factor(polynomial, Integer(2), Integer(2 * a + 1));
    }
    net.next_layer();
    net.neuron(weights_of(polynomial, plan.dimension()), polynomial.front());
}

/// The positive points in groups of n; each group's polynomial h = prod (t - t_i), filled up with
/// roots at 0 (no point), is 0 at its roots and a nonzero integer at all other points. So
/// ReLU(h+1) - 2 ReLU(h) + ReLU(h-1) is 1 at the roots and 0 at the other points. A group without
/// points has h = 2. Output 2 sum - 1.
template<class Integer>
void write_relu_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                       std::span<const std::uint8_t> labels, ShatteringFault fault) {
    const std::size_t n = plan.dimension();
    std::vector<std::int64_t> positive;
    for (std::size_t k = 0; k < labels.size(); ++k)
        if (labels[k] != 0) positive.push_back(static_cast<std::int64_t>(l * plan.block() + k + 1));
    if (fault == ShatteringFault::bad_root && !positive.empty()) ++positive.front();

    std::vector<Integer> h;
    std::vector<IntegerTerm<Integer>> output;
    net.next_layer();
    for (std::size_t group = 0; group < plan.size(); ++group) {
        const std::size_t first = std::min(group * n, positive.size());
        const std::size_t last = std::min(first + n, positive.size());
        if (first == last) {
            h.assign({Integer(2)});
        } else {
            h.assign({Integer(1)});
            for (std::size_t i = 0; i < n; ++i)
                multiply_by_factor(h, Integer(1),
                                   Integer(first + i < last ? positive[first + i] : 0));
        }
        const std::vector<IntegerTerm<Integer>> weights = weights_of(h, n);
        for (const auto& [shift, weight] : {std::pair{1, 2}, {0, -4}, {-1, 2}})
            output.push_back({net.neuron(weights, h.front() + Integer(shift)), Integer(weight)});
    }
    net.next_layer();
    net.neuron(output, Integer(-1));
}

template void write_linear_expert(IntegerNet<Checked64>&, const ShatteringPlan&, std::size_t,
                                  std::span<const std::uint8_t>, ShatteringFault);
template void write_linear_expert(IntegerNet<Checked128>&, const ShatteringPlan&, std::size_t,
                                  std::span<const std::uint8_t>, ShatteringFault);
template void write_relu_expert(IntegerNet<Checked64>&, const ShatteringPlan&, std::size_t,
                                std::span<const std::uint8_t>, ShatteringFault);
template void write_relu_expert(IntegerNet<Checked128>&, const ShatteringPlan&, std::size_t,
                                std::span<const std::uint8_t>, ShatteringFault);

} // namespace moe
