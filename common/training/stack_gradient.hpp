#pragma once
// Loss of a stack of layers on a batch, mean squared error, and its gradient with hard top-1
// routing. The weights of experts get the gradient of the loss as it is, the routing held; the
// gates' logits z of a layer with outputs y get the straight-through softmax gradient
//     dL/dz_e = p_e (a_e - sum_j p_j a_j),   p = softmax(z),
//     a_e = <dL/dy, f_e(x)> + balance E load_e / B,
// load_e the fraction of the batch before that e got (arXiv:2505.24205; the project's notes on it,
// section 2.9). Both flow into the layer below.

#include "training/batch.hpp"
#include "training/layer_pass.hpp"
#include "training/stack_shape.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

template<class T>
class StackGradient {
  public:
    /// For batches of `samples`; allocates everything that a step needs. Throws InputError for a
    /// batch without samples, std::invalid_argument for an instruction set that is not available.
    StackGradient(StackShape shape, std::size_t samples,
                  InstructionSet set = best_instruction_set());
    // The layers' passes point to the shape.
    StackGradient(const StackGradient&) = delete;
    StackGradient& operator=(const StackGradient&) = delete;
    StackGradient(StackGradient&&) = delete;
    StackGradient& operator=(StackGradient&&) = delete;
    ~StackGradient() = default;

    [[nodiscard]] const StackShape& shape() const noexcept { return shape_; }

    /// (1/B) sum |y - target|^2 at `parameters`, whose gradient goes to `gradient`; both of the
    /// shape's length. Throws std::invalid_argument for sizes that differ.
    double operator()(std::span<const T> parameters, const Batch<T>& batch, double balance,
                      std::span<T> gradient);
    /// The loss alone.
    double loss(std::span<const T> parameters, const Batch<T>& batch);

    /// Fractions of the last batch by expert of layer l.
    [[nodiscard]] std::span<const double> loads(std::size_t l) const {
        return layers_.at(l).loads();
    }
    /// Fractions that the next balance term of layer l sees; operator() replaces them afterwards.
    [[nodiscard]] std::span<double> balance_loads(std::size_t l) {
        return layers_.at(l).balance_loads();
    }

  private:
    [[nodiscard]] OrderedSamples<T> input(std::size_t l, const Batch<T>& batch) const;
    double forward(std::span<const T> parameters, const Batch<T>& batch);

    StackShape shape_;
    const TrainingKernels<T>* kernels_;
    std::size_t samples_;
    std::vector<std::uint32_t> identity_;
    SampleMatrix<T> real_;
    AlignedArrayOf<T> target_;
    std::vector<LayerPass<T>> layers_;
};

extern template class StackGradient<float>;
extern template class StackGradient<double>;

} // namespace moe
