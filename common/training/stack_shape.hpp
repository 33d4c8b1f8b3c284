#pragma once
// The shape of a stack of mixture-of-experts layers that is trained, and where its parameters stand
// in one flat array: per layer the gate, then the experts one after the other, each affine map as
// [input][neuron] with the biases as one more row. So the weights of neighbouring neurons are
// neighbours in memory, and a bias is the weight of an input that is always 1.

#include <cstddef>
#include <vector>

namespace moe {

/// One layer R^inputs -> R^outputs: top-1 with a linear gate, or a single network without gate.
struct LayerShape {
    std::size_t inputs = 1;
    std::size_t outputs = 1;
    std::size_t experts = 1;
    std::vector<std::size_t> hidden; ///< widths of the experts' ReLU layers; none: affine experts
    bool gated = true;               ///< false: a dense sublayer, one expert and no gate
};

/// An affine map in the flat array: weights [inputs + 1][outputs], the last row the biases.
struct AffineBlock {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::size_t offset = 0;

    [[nodiscard]] std::size_t parameters() const noexcept { return (inputs + 1) * outputs; }
};

class StackShape {
  public:
    /// Layer l + 1 takes what layer l gives. Throws InputError naming layer and number for no
    /// layer, widths or numbers of experts below 1, a dense sublayer of several experts and sizes
    /// that do not fit.
    explicit StackShape(std::vector<LayerShape> layers);

    [[nodiscard]] std::size_t depth() const noexcept { return layers_.size(); }
    [[nodiscard]] const LayerShape& layer(std::size_t l) const { return layers_.at(l); }
    [[nodiscard]] std::size_t inputs() const noexcept { return layers_.front().inputs; }
    [[nodiscard]] std::size_t outputs() const noexcept { return layers_.back().outputs; }
    /// Length of the flat array.
    [[nodiscard]] std::size_t parameters() const noexcept { return parameters_; }
    /// Parameters that one input uses: of each layer the gate and one expert.
    [[nodiscard]] std::size_t active_parameters() const;
    /// The gate of layer l, [inputs + 1][experts]. Throws std::out_of_range where there is none.
    [[nodiscard]] const AffineBlock& gate(std::size_t l) const;
    /// The affine maps of one expert, hidden layers first. Throws std::out_of_range.
    [[nodiscard]] const std::vector<AffineBlock>& expert(std::size_t l, std::size_t e) const;

  private:
    struct Blocks {
        std::vector<AffineBlock> gate; // one or none
        std::vector<std::vector<AffineBlock>> experts;
    };

    std::vector<LayerShape> layers_;
    std::vector<Blocks> blocks_;
    std::size_t parameters_ = 0;
};

} // namespace moe
