#pragma once
// The loops over the samples of a batch in training. A matrix of a batch has one row per feature,
// neuron or expert and one column per sample; rows begin at a cache line and lie `stride` numbers
// apart, and `count` samples of each, a multiple of the lanes of a pack (64 bytes), are worked on.
// Sums over features run in their order, sums over samples in lanes that are added up in a fixed
// tree: results are the same bits on every instruction set.

#include "basics/multiversion.hpp"

#include <cstddef>
#include <cstdint>

namespace moe {

/// Numbers in 64 bytes.
template<class T>
inline constexpr std::size_t pack_lanes = 64 / sizeof(T);

/// Where Adam stands at a step: p -= rate m / (sqrt(v second) + epsilon) with the new moments
/// m = keep_first m + (1 - keep_first) g, v likewise of g^2; bias corrections are in rate, second.
struct AdamStep {
    double rate;
    double second;
    double keep_first;
    double keep_second;
    double epsilon;
};

template<class T>
struct TrainingKernels {
    /// y[o] = b[o] + sum_i w[i][o] x[i], with `relu` rectified; w [inputs + 1][outputs], the last
    /// row b. NaN stays NaN.
    void (*affine)(const T* w, std::size_t inputs, std::size_t outputs, bool relu, const T* x,
                   std::size_t x_stride, std::size_t count, T* y, std::size_t y_stride);

    /// slopes[i] = sum_o w[i][o] g[o], 0 where `active`, not null, is not positive; with
    /// `accumulate` added to what is there.
    void (*pull_back)(const T* w, std::size_t inputs, std::size_t outputs, const T* g,
                      std::size_t g_stride, std::size_t count, const T* active,
                      std::size_t active_stride, bool accumulate, T* slopes,
                      std::size_t slopes_stride);

    /// result[i columns + k] = sum over samples of x[i] g[k].
    void (*products)(const T* x, std::size_t x_stride, std::size_t rows, const T* g,
                     std::size_t g_stride, std::size_t columns, std::size_t count, T* result);

    /// choice = the row of the largest logit, ties to the lowest, 0 if the first is NaN; p =
    /// softmax of the logits.
    void (*choose)(const T* logits, std::size_t stride, std::size_t experts, std::size_t count,
                   std::uint32_t* choice, T* p);

    /// Straight-through slopes of the logits: with a[e] = sum_o g[o] f[e outputs + o] +
    /// real pressure[e], dz[e] = p[e] (a[e] - sum_j p[j] a[j]); `real` is 1 for samples, 0 for
    /// padding. All matrices have the same stride.
    void (*straight_through)(const T* f, const T* g, std::size_t outputs, const T* p,
                             const T* pressure, const T* real, std::size_t experts,
                             std::size_t stride, std::size_t count, T* dz);

    /// slope = real scale (y - target), one row; returns the sum of real (y - target)^2.
    double (*squared_error)(const T* y, const T* target, const T* real, T scale, std::size_t count,
                            T* slope);

    /// One step of Adam; `count` parameters, a multiple of the lanes.
    void (*adam)(const AdamStep& step, const T* gradient, T* first, T* second, std::size_t count,
                 T* parameters);
};

/// The kernels for float or double of an instruction set, which must be available
/// (std::invalid_argument).
template<class T>
[[nodiscard]] const TrainingKernels<T>& training_kernels(InstructionSet set);

extern template const TrainingKernels<float>& training_kernels<float>(InstructionSet set);
extern template const TrainingKernels<double>& training_kernels<double>(InstructionSet set);

} // namespace moe
