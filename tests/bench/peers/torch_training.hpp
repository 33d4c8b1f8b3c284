#pragma once
// The peer of our trainer in LibTorch: the same stacks of gated layers with experts of one hidden
// layer, the same straight-through gradients, Adam. Plain C++17 without our headers, so that it is
// compiled as LibTorch 1.13 wants it.

#include <cstddef>
#include <memory>
#include <vector>

namespace torch_peer {

struct Layer {
    long inputs;
    long outputs;
    long experts;
    long hidden;
};

class Training {
  public:
    /// `parameters` in our flat order: per layer the gate [inputs + 1][experts], then by expert
    /// [inputs + 1][hidden] and [hidden + 1][outputs], last rows the biases. One thread.
    Training(const std::vector<Layer>& layers, const std::vector<double>& parameters);
    ~Training();
    Training(const Training&) = delete;
    Training& operator=(const Training&) = delete;

    /// A batch to train on, row-major [samples][inputs] and [samples][outputs].
    void add_batch(std::vector<float> inputs, std::vector<float> targets, std::size_t samples);
    /// One step on a batch; returns the loss before it where `want_loss`, else 0.
    double step(std::size_t batch, double rate, double balance, bool want_loss);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace torch_peer
