#include "shattering/shattering_expert.hpp"

#include <vector>

namespace moe {

/// f(t) = y_1 + sum_i delta_i ReLU(t - t_i), i = 1..w, interpolates y = +-1 at the w + 1 points:
/// delta_i is the change of slope at t_i, the second difference of y (the slope before t_1 is 0).
template<class Integer>
void write_zigzag_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                         std::span<const std::uint8_t> labels, ShatteringFault fault) {
    const auto y = [&](std::size_t k) { return labels[k] != 0 ? 1 : -1; };
    std::vector<IntegerTerm<Integer>> output;
    bool moved = fault == ShatteringFault::none;
    int slope = 0;
    net.next_layer();
    for (std::size_t k = 0; k + 1 < labels.size(); ++k) {
        const int delta = y(k + 1) - y(k) - slope;
        slope += delta;
        auto knot = static_cast<std::int64_t>(l * plan.block() + k + 1);
        if (!moved && delta != 0) {
            ++knot;
            moved = true;
        }
        output.push_back({net.neuron({{0, Integer(1)}}, Integer(-knot)), Integer(delta)});
    }
    net.next_layer();
    net.neuron(output, Integer(y(0)));
}

template void write_zigzag_expert(IntegerNet<Checked64>&, const ShatteringPlan&, std::size_t,
                                  std::span<const std::uint8_t>, ShatteringFault);
template void write_zigzag_expert(IntegerNet<Checked128>&, const ShatteringPlan&, std::size_t,
                                  std::span<const std::uint8_t>, ShatteringFault);

} // namespace moe
