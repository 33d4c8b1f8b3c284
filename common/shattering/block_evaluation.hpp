#pragma once
// One expert of a plan at the points of its block, in exact arithmetic.

#include "shattering/shattering_expert.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

template<class Integer>
class BlockEvaluation {
  public:
    BlockEvaluation(const ShatteringPlan& plan, std::size_t l, ShatteringFault fault);

    /// Writes the expert for the block's labels [B]; net() is good until the next call.
    void write(std::span<const std::uint8_t> labels);
    [[nodiscard]] const IntegerNet<Integer>& net() const noexcept { return net_; }
    /// The written expert's outputs at the block's points [B], until the next call.
    [[nodiscard]] std::span<const Integer> outputs();
    /// The activations behind the first `layers` layers at all points of the block, [units][B].
    [[nodiscard]] std::span<const Integer> activations(std::size_t layers);
    /// Writes the expert and compares the signs of its outputs with the labels.
    [[nodiscard]] bool realises(std::span<const std::uint8_t> labels);

  private:
    const ShatteringPlan* plan_;
    std::size_t l_;
    ShatteringFault fault_;
    std::vector<Integer> points_; ///< [n][B]
    IntegerNet<Integer> net_;
    IntegerActivations<Integer> buffers_;
    std::vector<Integer> outputs_;
};

/// Whether the classifier 1{f > 0} gives the labels.
template<class Integer>
[[nodiscard]] bool signs_are(std::span<const Integer> outputs,
                             std::span<const std::uint8_t> labels) noexcept {
    bool equal = outputs.size() == labels.size();
    for (std::size_t p = 0; equal && p < outputs.size(); ++p)
        equal = (outputs[p] > Integer()) == (labels[p] != 0);
    return equal;
}

extern template class BlockEvaluation<Checked64>;
extern template class BlockEvaluation<Checked128>;

} // namespace moe
