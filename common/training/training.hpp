#pragma once
// Training of a stack of layers by Adam (Kingma and Ba, ICLR 2015) with a cosine schedule
// (Loshchilov and Hutter, ICLR 2017) on a fresh batch each step. One run works on one thread; its
// result depends on its task alone, neither on the instruction set nor on the runs beside it.

#include "layers/moe_stack.hpp"
#include "training/batch.hpp"
#include "training/stack_gradient.hpp"
#include "training/stack_shape.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

namespace moe {

/// Loss or parameters became infinite or NaN. The message names the step.
class TrainingError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct TrainingOptions {
    std::uint64_t steps = 12000;
    std::size_t batch = 256;
    double rate = 0.01;         ///< of the first step; falls to 0
    double balance = 0.02;      ///< weight of the balance term
    double balance_until = 0.6; ///< fraction of the steps with balance term
};

/// Fills the batch of a step. A function of the step alone, so that runs can be repeated.
template<class T>
using Sampler = std::function<void(std::uint64_t step, Batch<T>& batch)>;

/// rate (1 + cos(pi step / steps)) / 2.
[[nodiscard]] double cosine_rate(double rate, std::uint64_t step, std::uint64_t steps) noexcept;

/// Adam with decay rates 0.9 and 0.999, epsilon 1e-8 and bias correction.
template<class T>
class Adam {
  public:
    /// Throws std::invalid_argument for an instruction set that is not available.
    explicit Adam(std::span<const double> parameters, InstructionSet set = best_instruction_set());

    [[nodiscard]] std::span<const T> parameters() const noexcept;
    /// To be filled before a step.
    [[nodiscard]] std::span<T> gradient() noexcept;
    void step(double rate) noexcept;

  private:
    std::size_t size_;
    const TrainingKernels<T>* kernels_;
    AlignedArrayOf<T> parameters_;
    AlignedArrayOf<T> gradient_;
    AlignedArrayOf<T> first_;
    AlignedArrayOf<T> second_;
    std::uint64_t steps_ = 0;
};

/// What training gives: float64 copies of the parameters in the shape's flat order.
struct TrainedParameters {
    std::vector<double> parameters;
    double last_loss = 0.0; ///< of the last step's batch, before the step
};

/// One run from `initial` (the shape's flat order). `between`, where given, is called now and then
/// and may throw to end the run. Throws InputError naming the option for steps, batch or rate out
/// of range, std::invalid_argument for a wrong number of parameters and TrainingError.
template<class T>
[[nodiscard]] TrainedParameters train(const StackShape& shape, std::span<const double> initial,
                                      const TrainingOptions& options, const Sampler<T>& sampler,
                                      const std::function<void()>& between = {},
                                      InstructionSet set = best_instruction_set());

/// A run of its own: where it starts and what it sees. Runs must not share what a sampler writes.
template<class T>
struct TrainingRun {
    std::vector<double> initial;
    Sampler<T> sampler;
};

/// Independent runs (seeds) on up to `threads` threads, each as train() gives it alone; the
/// exception of the first run that fails is rethrown.
template<class T>
[[nodiscard]] std::vector<TrainedParameters>
train_all(const StackShape& shape, std::span<const TrainingRun<T>> runs,
          const TrainingOptions& options, unsigned threads);

/// The model in float64 for evaluation, which runs only the chosen experts. Throws
/// std::invalid_argument for a wrong number of parameters, InputError for one that is not finite.
[[nodiscard]] MoeStack to_stack(const StackShape& shape, std::span<const double> parameters);

} // namespace moe
