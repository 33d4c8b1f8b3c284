#pragma once
// One shape of the benchmark of the forward pass: a random model in a grid, a batch, and the peers
// that agree with our outputs on it.

#include "peers/forward_peer.hpp"

#include "models/architecture.hpp"
#include "models/resident_experts.hpp"
#include "routing/router.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace moe::bench {

/// n inputs, J affine layers (J - 1 hidden ones of one width, one output), L experts in a grid of
/// cells (n > 8: by nearest of L random prototypes), B uniform inputs.
struct ForwardShape {
    std::uint32_t inputs;
    std::uint32_t depth;
    std::uint32_t width;
    std::int64_t experts;
    std::int64_t batch;
};

/// "n:8/depth:3/width:32/experts:64/batch:65536"
[[nodiscard]] std::string name_of(const ForwardShape& shape);

[[nodiscard]] Architecture net_of(const ForwardShape& shape);

/// Parameters [L][P] in (-0.25, 0.25).
template<class T>
[[nodiscard]] std::vector<T> parameters_of(const Architecture& net, std::int64_t experts);

/// Counters of a run over `batch` inputs: ns per input, GFLOP/s (2 operations per weight) and the
/// fraction of OpenBLAS's on the same core. Only whole iterations count.
void report(benchmark::State& state, const Architecture& net, std::size_t batch,
            double gemm_gflops);

/// The makers of the peers that this build has, by name.
template<class T>
using PeerMaker = std::unique_ptr<forward_peer::Peer<T>> (*)(const forward_peer::Model<T>&);
template<class T>
[[nodiscard]] const std::map<std::string, PeerMaker<T>>& peer_makers();

template<class T>
class ForwardCase {
  public:
    explicit ForwardCase(const ForwardShape& shape);

    [[nodiscard]] const ForwardShape& shape() const { return shape_; }
    [[nodiscard]] const Architecture& net() const { return experts_.architecture(); }
    [[nodiscard]] const Router& router() const { return router_; }
    [[nodiscard]] ResidentExperts<T>& experts() { return experts_; }
    [[nodiscard]] std::span<const double> inputs() const { return inputs_; }
    [[nodiscard]] forward_peer::Batch<T> routed_batch() const;

    /// Throws std::logic_error unless its outputs on the batch are ours up to a relative error of
    /// 1e-10 (float64) or 1e-4 (float32), in the Euclidean norm.
    [[nodiscard]] forward_peer::Peer<T>& peer(const std::string& name);

  private:
    ForwardShape shape_;
    std::vector<T> parameters_;
    ResidentExperts<T> experts_;
    Router router_;
    std::vector<double> inputs_;
    std::vector<T> narrow_inputs_;
    std::vector<std::int64_t> expert_of_;
    std::vector<T> outputs_; ///< ours
    std::map<std::string, std::unique_ptr<forward_peer::Peer<T>>> peers_;
};

/// Every case that has been asked for (1.2 GB in the end): its contestants share it, and their
/// repetitions can take turns with those of other cases.
template<class T>
class Cases {
  public:
    [[nodiscard]] ForwardCase<T>& of(const ForwardShape& shape) {
        std::unique_ptr<ForwardCase<T>>& found = cases_[name_of(shape)];
        if (!found) found = std::make_unique<ForwardCase<T>>(shape);
        return *found;
    }

  private:
    std::map<std::string, std::unique_ptr<ForwardCase<T>>> cases_;
};

} // namespace moe::bench
