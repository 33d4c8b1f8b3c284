#pragma once
// Models for the replays of kernels on the processor, and what a device would be.

#include "forward/cuda/descriptions.hpp"
#include "forward/cuda/host_block.hpp"
#include "forward/evaluate.hpp"
#include "forward/random_models.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <vector>

namespace moe::cuda::test {

inline constexpr std::array every_order{ThreadOrder::ascending, ThreadOrder::descending,
                                        ThreadOrder::random};

/// An H200 as its data sheet says.
inline constexpr DeviceLimits large_device{
    .multiprocessors = 132, .shared_per_block = 232448, .shared_per_multiprocessor = 233472};

/// An architecture as kernels take it, its layers in host memory. The architecture must outlive it.
class HostShape {
  public:
    explicit HostShape(const Architecture& architecture) {
        for (const Layer& layer : architecture.layers()) {
            layers_.push_back({.inputs = layer.inputs,
                               .outputs = layer.outputs,
                               .sparse = layer.sparse,
                               .slopes = layer.slopes,
                               .weight_offset = layer.weight_offset,
                               .bias_offset = layer.bias_offset,
                               .slope_offset = layer.slope_offset,
                               .row_start = layer.row_start.data(),
                               .col = layer.pattern.col.data(),
                               .bias_of = layer.bias_of.data()});
        }
        shape_ = {.depth = static_cast<std::uint32_t>(architecture.depth()),
                  .inputs = architecture.inputs(),
                  .outputs = architecture.outputs(),
                  .widest = architecture.widest(),
                  .dense = !architecture.is_sparse(),
                  .parameters = architecture.parameters(),
                  .layers = layers_.data()};
    }
    HostShape(const HostShape&) = delete;
    HostShape& operator=(const HostShape&) = delete;
    HostShape(HostShape&&) = delete;
    HostShape& operator=(HostShape&&) = delete;
    ~HostShape() = default;

    [[nodiscard]] const ExpertShape& get() const { return shape_; }

  private:
    std::vector<LayerShape> layers_;
    ExpertShape shape_;
};

/// Slots of parameters that begin at 16-byte boundaries, as on a device.
class Slots {
  public:
    Slots(std::span<const double> parameters, std::size_t per_expert)
        : per_expert_(per_expert)
        , stride_((per_expert + 3) / 4 * 4)
        , floats_(parameters.size() / per_expert * stride_ + 3,
                  std::numeric_limits<float>::quiet_NaN()) {
        void* at = floats_.data();
        std::size_t space = floats_.size() * sizeof(float);
        first_ = static_cast<float*>(std::align(16, space - 3 * sizeof(float), at, space));
        for (std::size_t k = 0; k < parameters.size(); ++k) {
            first_[k / per_expert * stride_ + k % per_expert] = static_cast<float>(parameters[k]);
        }
    }
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    Slots(Slots&&) = delete;
    Slots& operator=(Slots&&) = delete;
    ~Slots() = default;

    [[nodiscard]] const float* data() const { return first_; }
    [[nodiscard]] std::size_t stride() const { return stride_; }
    [[nodiscard]] std::span<const float> expert(std::uint32_t slot) const {
        return {first_ + slot * stride_, per_expert_};
    }

  private:
    std::size_t per_expert_;
    std::size_t stride_;
    std::vector<float> floats_;
    float* first_ = nullptr;
};

/// A batch of samples that belong to the experts of some slots, and its outputs.
struct Problem {
    Architecture architecture;
    HostShape shape;
    Slots slots;
    std::vector<double> inputs;         ///< [B][n]
    std::vector<std::uint32_t> samples; ///< a permutation of the rows
    std::vector<std::uint32_t> counts;  ///< of each slot
    std::vector<float> outputs;         ///< [B][m]

    Problem(Architecture net, std::vector<double> parameters, std::vector<std::uint32_t> of_slot,
            RandomStream& random)
        : architecture(std::move(net))
        , shape(architecture)
        , slots(parameters, architecture.parameters())
        , counts(std::move(of_slot)) {
        const std::size_t batch = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
        inputs = moe::test::uniform_numbers(random, batch * architecture.inputs());
        samples.resize(batch);
        std::iota(samples.begin(), samples.end(), 0U);
        for (std::size_t left = batch; left > 1; --left) {
            std::swap(samples[left - 1], samples[random.below(left)]);
        }
        outputs.resize(batch * architecture.outputs());
    }

    /// A random expert per group.
    Problem(const Architecture& net, const std::vector<std::uint32_t>& of_slot,
            RandomStream& random)
        : Problem(net, moe::test::random_parameters(random, net, of_slot.size()), of_slot, random) {
    }

    [[nodiscard]] ExpertBatch batch(std::span<const Tile> tiles) {
        return {.shape = shape.get(),
                .parameters = slots.data(),
                .stride = slots.stride(),
                .inputs = inputs.data(),
                .outputs = outputs.data(),
                .samples = samples.data(),
                .tiles = tiles.data(),
                .tile_count = static_cast<std::uint32_t>(tiles.size())};
    }

    /// The outputs by the reference: float32 parameters, float64 arithmetic.
    [[nodiscard]] std::vector<double> expected() const {
        const std::size_t n = architecture.inputs();
        const std::size_t m = architecture.outputs();
        std::vector<double> y(outputs.size());
        std::size_t at = 0;
        for (std::uint32_t slot = 0; slot < counts.size(); ++slot) {
            for (std::uint32_t k = 0; k < counts[slot]; ++k, ++at) {
                evaluate<float>(architecture, slots.expert(slot),
                                std::span(inputs).subspan(samples[at] * n, n),
                                std::span(y).subspan(samples[at] * m, m));
            }
        }
        return y;
    }
};

/// ||a - b|| / ||b||; infinite unless a is NaN exactly where b is.
inline double relative_error(const std::vector<float>& a, const std::vector<double>& b) {
    if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
    double difference = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::isnan(a[i]) != std::isnan(b[i])) return std::numeric_limits<double>::infinity();
        if (std::isnan(b[i])) continue;
        const double d = static_cast<double>(a[i]) - b[i];
        difference += d * d;
        norm += b[i] * b[i];
    }
    return norm == 0.0 ? std::sqrt(difference) : std::sqrt(difference / norm);
}

} // namespace moe::cuda::test
