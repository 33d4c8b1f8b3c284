#pragma once
// Mixture-of-experts layers one after the other. A depth-2L model of arXiv:2505.24205 is L pairs of
// a dense sublayer and a gated layer.

#include "layers/moe_layer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

class MoeStack {
  public:
    /// Layer l + 1 takes what layer l gives. Throws std::invalid_argument for no layer or naming
    /// the layer whose inputs differ.
    explicit MoeStack(std::vector<MoeLayer> layers);

    [[nodiscard]] std::size_t inputs() const noexcept { return layers_.front().inputs(); }
    [[nodiscard]] std::size_t outputs() const noexcept { return layers_.back().outputs(); }
    [[nodiscard]] std::size_t depth() const noexcept { return layers_.size(); }
    /// Throws std::out_of_range.
    [[nodiscard]] const MoeLayer& layer(std::size_t index) const { return layers_.at(index); }
    [[nodiscard]] ParameterCount count() const;

    /// Numbers that one thread needs while it evaluates; used again from call to call.
    struct Scratch {
        std::vector<double> state;
        std::vector<double> next;
        std::vector<double> expert;
    };
    /// One input: x [p], y [q], routed [depth] or empty (a dense sublayer gives 0). Throws
    /// std::invalid_argument naming sizes that differ and what MoeLayer::evaluate throws.
    void evaluate(std::span<const double> x, std::span<double> y, std::span<std::uint64_t> routed,
                  Scratch& scratch) const;
    /// A batch: inputs [B][p], outputs [B][q], routed [B][depth] or empty; blocks of inputs on up
    /// to `threads` threads, with the bits of the evaluation one by one.
    void evaluate_batch(std::span<const double> inputs, std::span<double> outputs,
                        std::span<std::uint64_t> routed, unsigned threads = 1) const;

  private:
    std::vector<MoeLayer> layers_;
};

} // namespace moe
