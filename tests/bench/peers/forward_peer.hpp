#pragma once
// What the peers of our forward pass are given and do. Plain C++17 without our headers:
// LibTorch 1.13 wants that, and two of the peers are compiled for this very processor and must not
// leave their instances of anybody's templates to the rest of the program
// (tests/bench/CMakeLists.txt).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#define MOE_PEER_EXPORT __attribute__((visibility("default")))

namespace forward_peer {

/// Dense experts of one shape, ReLU after all layers but the last.
template<class T>
struct Model {
    std::vector<long> widths;      ///< n, k_1, .., k_J = 1
    long experts = 0;              ///< L
    const T* parameters = nullptr; ///< [L][P]; by layer the weights [out][in], then the biases

    /// P.
    [[nodiscard]] long parameters_each() const {
        long sum = 0;
        for (std::size_t j = 1; j < widths.size(); ++j)
            sum += (widths[j - 1] + 1) * widths[j];
        return sum;
    }
};

/// A batch that has been routed already: a peer's time holds no routing, ours does.
template<class T>
struct Batch {
    const T* inputs = nullptr; ///< [samples][n], in the peer's own element type
    const std::int64_t* expert_of = nullptr;
    long samples = 0;
};

template<class T>
class MOE_PEER_EXPORT Peer {
  public:
    Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual ~Peer() = default;
    /// Groups the samples by expert, runs the experts, puts the outputs [samples] in order.
    virtual void run(const Batch<T>& batch, T* outputs, unsigned threads) = 0;
};

/// Each may keep the model's parameters in a layout of its own; the model must outlive it.
/// One product per expert and layer.
template<class T>
MOE_PEER_EXPORT std::unique_ptr<Peer<T>> eigen(const Model<T>& model);
/// One generated kernel per layer and size of group, at most 64 samples at a time.
template<class T>
MOE_PEER_EXPORT std::unique_ptr<Peer<T>> libxsmm(const Model<T>& model);
/// A loop over the experts.
template<class T>
std::unique_ptr<Peer<T>> torch_loop(const Model<T>& model);
/// All groups padded to the largest, one batched product per layer.
template<class T>
std::unique_ptr<Peer<T>> torch_padded(const Model<T>& model);

} // namespace forward_peer
