// The narrow deep net: m codes of d bits in the weights of a net of width 8, input (kappa, j),
// output 1 or -1 by bit j of code kappa.

#include "shattering/shattering_expert.hpp"

#include <vector>

namespace moe {

namespace {

/// The codes, first bit most significant.
template<class Integer>
std::vector<Integer> codes_of(const ShatteringPlan& plan, std::span<const std::uint8_t> labels) {
    std::vector<Integer> codes(plan.codes());
    for (std::size_t i = 0; i < labels.size(); ++i) {
        Integer& code = codes[i / plan.bits()];
        code = code + code + Integer(labels[i]);
    }
    return codes;
}

} // namespace

/// Layers, two for each step i = 1..m-1 of the staircase over kappa, then three for each bit s. A
/// comment lists the neurons in order; an accumulation is summed up by the layer that reads it.
template<class Integer>
void write_narrow_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan,
                         std::span<const std::uint8_t> labels, ShatteringFault fault) {
    const std::vector<Integer> codes = codes_of<Integer>(plan, labels);
    const Integer one(1);
    const std::uint32_t width = plan.hidden_width();

    // What the next reader of the code c sums up: at first the constant c_0.
    std::vector<IntegerTerm<Integer>> code;
    Integer code_bias = codes.front();
    for (std::size_t i = 1; i < codes.size(); ++i) {
        const Integer step(static_cast<std::int64_t>(i));
        net.next_layer(); // kappa, j, c, ReLU(kappa - i + 1), ReLU(kappa - i)
        net.neuron({{0, one}});
        net.neuron({{1, one}});
        net.neuron(code, code_bias);
        net.neuron({{0, one}}, one - step);
        net.neuron({{0, one}}, -step);
        net.pad_layer(width);
        net.next_layer(); // kappa, j, c, sigma_i = [kappa >= i]
        net.neuron({{0, one}});
        net.neuron({{1, one}});
        net.neuron({{2, one}});
        net.neuron({{3, one}, {4, -one}});
        net.pad_layer(width);
        code.assign({{2, one}, {3, codes[i] - codes[i - 1]}});
        code_bias = Integer();
    }

    std::vector<Integer> powers{one};
    while (powers.size() < plan.bits())
        powers.push_back(powers.back() + powers.back());
    std::uint32_t j = 1;
    std::vector<IntegerTerm<Integer>> sum; // of the finished g; nothing at the first bit
    for (std::size_t s = 1; s <= plan.bits(); ++s) {
        const Integer theta = powers[plan.bits() - s];
        const bool misplaced = s == 1 && fault == ShatteringFault::bad_root;
        const Integer selected(static_cast<std::int64_t>(misplaced ? s + 1 : s));
        net.next_layer(); // j, c, ReLU(c - theta + 1), ReLU(c - theta), ReLU(j - s + 1, 0, -1), sum
        net.neuron({{j, one}});
        net.neuron(code, code_bias);
        net.neuron(code, code_bias + one - theta);
        net.neuron(code, code_bias - theta);
        net.neuron({{j, one}}, one - selected);
        net.neuron({{j, one}}, -selected);
        net.neuron({{j, one}}, -one - selected);
        net.neuron(sum);
        net.next_layer(); // j, c, b = [c >= theta], u = [j = s], sum
        net.neuron({{0, one}});
        net.neuron({{1, one}});
        net.neuron({{2, one}, {3, -one}});
        net.neuron({{4, one}, {5, Integer(-2)}, {6, one}});
        net.neuron({{7, one}});
        net.pad_layer(width);
        net.next_layer(); // g = b u, c - theta b, j, sum
        net.neuron({{2, one}, {3, one}}, -one);
        net.neuron({{1, one}, {2, -theta}});
        net.neuron({{0, one}});
        net.neuron({{4, one}});
        net.pad_layer(width);
        code.assign({{1, one}});
        code_bias = Integer();
        j = 2;
        sum.assign({{0, one}, {3, one}});
    }
    net.next_layer();
    net.neuron({{0, Integer(2)}, {3, Integer(2)}}, -one);
}

template void write_narrow_expert(IntegerNet<Checked64>&, const ShatteringPlan&,
                                  std::span<const std::uint8_t>, ShatteringFault);
template void write_narrow_expert(IntegerNet<Checked128>&, const ShatteringPlan&,
                                  std::span<const std::uint8_t>, ShatteringFault);

} // namespace moe
