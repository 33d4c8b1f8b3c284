#pragma once
// Samples of one training step, and the shape of the matrices that training works on.

#include "basics/aligned_array.hpp"
#include "training/training_kernels.hpp"

#include <cstddef>
#include <span>

namespace moe {

/// Columns of a matrix with room for `samples`: whole packs, and an odd number of cache lines, so
/// that equal columns of neighbouring rows do not compete for the same lines of the cache.
template<class T>
[[nodiscard]] constexpr std::size_t row_stride(std::size_t samples) noexcept {
    const std::size_t packs = (samples + pack_lanes<T> - 1) / pack_lanes<T>;
    return (packs | 1U) * pack_lanes<T>;
}

/// Rows of features, columns of samples; zeros at first. A row of ones may follow the others: the
/// input whose weights are the biases.
template<class T>
class SampleMatrix {
  public:
    SampleMatrix() = default;
    SampleMatrix(std::size_t rows, std::size_t stride, bool ones = false)
        : stride_(stride)
        , numbers_((rows + (ones ? 1 : 0)) * stride) {
        if (ones) {
            for (T& one : std::span(row(rows), stride))
                one = T(1);
        }
    }

    [[nodiscard]] std::size_t stride() const noexcept { return stride_; }
    [[nodiscard]] T* row(std::size_t index) noexcept { return numbers_.data() + index * stride_; }
    [[nodiscard]] const T* row(std::size_t index) const noexcept {
        return numbers_.data() + index * stride_;
    }

  private:
    std::size_t stride_ = 0;
    AlignedArrayOf<T> numbers_;
};

/// What one step trains on: filled by the caller row by row.
template<class T>
class Batch {
  public:
    Batch(std::size_t inputs, std::size_t outputs, std::size_t samples)
        : samples_(samples)
        , inputs_(inputs, row_stride<T>(samples), true)
        , targets_(outputs, row_stride<T>(samples)) {}

    [[nodiscard]] std::size_t samples() const noexcept { return samples_; }
    /// Coordinate i of all inputs, output o of all targets.
    [[nodiscard]] std::span<T> input(std::size_t i) noexcept { return {inputs_.row(i), samples_}; }
    [[nodiscard]] std::span<T> target(std::size_t o) noexcept {
        return {targets_.row(o), samples_};
    }
    [[nodiscard]] const SampleMatrix<T>& inputs() const noexcept { return inputs_; }
    [[nodiscard]] const SampleMatrix<T>& targets() const noexcept { return targets_; }

  private:
    std::size_t samples_;
    SampleMatrix<T> inputs_;
    SampleMatrix<T> targets_;
};

} // namespace moe
