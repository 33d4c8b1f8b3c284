#include "shattering/shattering_expert.hpp"

#include "basics/error.hpp"

#include <stdexcept>
#include <string>

namespace moe {

Labels labels_of_word(std::uint64_t word, std::size_t count) {
    Labels labels(count);
    for (std::size_t i = 0; i < count; ++i)
        labels[i] = static_cast<std::uint8_t>(word >> i & 1U);
    return labels;
}

Labels parse_labels(std::string_view text, std::size_t count) {
    if (text.size() != count)
        throw InputError("labels: " + std::to_string(text.size()) + " characters, " +
                         std::to_string(count) + " are needed, one for each point");
    Labels labels(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] != '0' && text[i] != '1')
            throw InputError("labels: character " + std::to_string(i + 1) + " is neither 0 nor 1");
        labels[i] = text[i] == '1' ? 1 : 0;
    }
    return labels;
}

template<class Integer>
void write_shattering_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                             std::span<const std::uint8_t> labels, ShatteringFault fault) {
    if (labels.size() != plan.block() || net.inputs() != plan.dimension())
        throw std::invalid_argument(plan.name() + ": " + std::to_string(labels.size()) +
                                    " labels for a net with " + std::to_string(net.inputs()) +
                                    " inputs; a block has " + std::to_string(plan.block()));
    const ShatteringFault here = l == 0 ? fault : ShatteringFault::none;
    net.clear();
    switch (plan.construction()) {
    case Construction::linear:
        return write_linear_expert(net, plan, l, labels, here);
    case Construction::relu:
        return write_relu_expert(net, plan, l, labels, here);
    case Construction::zigzag:
        return write_zigzag_expert(net, plan, l, labels, here);
    case Construction::narrow:
        return write_narrow_expert(net, plan, labels, here);
    }
}

std::size_t label_free_tail(const ShatteringPlan& plan) noexcept {
    if (plan.construction() != Construction::narrow) return plan.depth();
    return 2 * (plan.codes() - 1) + 3;
}

template void write_shattering_expert(IntegerNet<Checked64>&, const ShatteringPlan&, std::size_t,
                                      std::span<const std::uint8_t>, ShatteringFault);
template void write_shattering_expert(IntegerNet<Checked128>&, const ShatteringPlan&, std::size_t,
                                      std::span<const std::uint8_t>, ShatteringFault);

} // namespace moe
