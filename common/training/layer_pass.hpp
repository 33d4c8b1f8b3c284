#pragma once
// Forward and backward pass of one layer over a batch. A gated layer sorts the samples by the
// expert that its gate chooses; padding fills each expert's group up to whole packs, so that an
// expert's weight gradients are sums over neighbouring columns.

#include "training/batch.hpp"
#include "training/stack_shape.hpp"
#include "training/training_kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

/// Samples in the order of the layer that gave them.
template<class T>
struct OrderedSamples {
    const SampleMatrix<T>* values;        ///< the last row is ones
    std::size_t columns;                  ///< padding included, whole packs
    std::span<const std::uint32_t> where; ///< column of each sample
    const T* real;                        ///< 1 for a sample, 0 for padding
};

template<class T>
class LayerPass {
  public:
    /// Layer l of the stack, for batches of `samples`.
    LayerPass(const StackShape& shape, std::size_t l, std::size_t samples,
              const TrainingKernels<T>& kernels);

    /// Routes the samples, evaluates every expert on all of them and keeps what the backward pass
    /// needs. `parameters` is the whole flat array.
    void forward(const T* parameters, const OrderedSamples<T>& input);
    /// What the chosen experts gave, in this layer's order.
    [[nodiscard]] OrderedSamples<T> output() const noexcept;
    /// Slopes of the loss in the outputs, in this layer's order: to be filled before backward(), 0
    /// for padding.
    [[nodiscard]] SampleMatrix<T>& slopes() noexcept { return slopes_; }
    /// Columns of padding of slopes() set to 0.
    void clear_slopes() noexcept;

    /// Writes this layer's part of the gradient and, where `below` is not null, the slopes in the
    /// inputs into below->slopes(). `balance`: weight of the balance term.
    void backward(const T* parameters, const OrderedSamples<T>& input, T balance, T* gradient,
                  LayerPass* below);

    /// Fraction of the samples that each expert got in the last forward pass.
    [[nodiscard]] std::span<const double> loads() const noexcept { return loads_; }
    /// The fractions that the balance term sees: of the batch before; equal at first.
    [[nodiscard]] std::span<double> balance_loads() noexcept { return balance_loads_; }
    void remember_loads() noexcept { balance_loads_ = loads_; }

  private:
    struct Group {
        std::size_t begin = 0;
        std::size_t end = 0; // padding included
    };

    void sort(const OrderedSamples<T>& input);
    void evaluate(const T* parameters, std::size_t e, const SampleMatrix<T>& x, std::size_t begin,
                  std::size_t end, bool keep);
    void backward_expert(const T* parameters, std::size_t e, const SampleMatrix<T>& x, T* gradient,
                         SampleMatrix<T>* input_slopes);
    void backward_gate(const T* parameters, T balance, T* gradient, SampleMatrix<T>* input_slopes);

    const StackShape* shape_;
    std::size_t l_;
    const TrainingKernels<T>* kernels_;
    std::size_t columns_ = 0;

    // Gated layers only: the order of the input, the gate in it, and the sorted samples.
    SampleMatrix<T> logits_;
    SampleMatrix<T> unsorted_p_;
    std::vector<std::uint32_t> choice_;
    std::vector<std::uint32_t> where_;
    std::vector<std::uint32_t> source_; // column of the input
    SampleMatrix<T> real_;
    SampleMatrix<T> sorted_;
    SampleMatrix<T> p_;
    SampleMatrix<T> gate_slopes_;
    AlignedArrayOf<T> pressure_;
    SampleMatrix<T> input_slopes_;

    OrderedSamples<T> order_; // values, where and real of the output
    std::vector<Group> groups_;
    std::vector<SampleMatrix<T>> hidden_; // of the chosen experts, with ones
    std::vector<SampleMatrix<T>> hidden_slopes_;
    SampleMatrix<T> tile_[2];        // hidden layers of the other experts
    SampleMatrix<T> expert_outputs_; // [experts][outputs]
    SampleMatrix<T> outputs_;        // with ones
    SampleMatrix<T> slopes_;
    std::vector<double> loads_;
    std::vector<double> balance_loads_;
};

extern template class LayerPass<float>;
extern template class LayerPass<double>;

} // namespace moe
