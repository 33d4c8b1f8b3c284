#pragma once
// Experiment I of arXiv:2505.24205 in our setting (notes 2.9): regression
// on a circle in R^D by one gated layer of four narrow experts, or by a dense network.

#include "shared/trained_run.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace manifold_rate {

/// A run: y = sum_j (sin 5u_{2j} + cos 3u_{2j+1}) / sqrt(circles) on a product of circles in R^D.
struct CircleTask {
    std::size_t ambient = 16; ///< D
    std::size_t circles = 1;
    std::size_t experts = 4; ///< 1 without gate: the dense network
    bool gated = true;
    std::size_t width = 10; ///< m
    moe::Initialisation initialisation = moe::Initialisation::data_scaled;
    bool rotated = true; ///< x = Q u with random orthonormal columns; else u padded with zeros
    std::uint64_t steps = 12000;
    std::size_t batch = 256;
    double rate = 0.01;
    double balance = 0.02;
};

[[nodiscard]] moe::StackShape circle_shape(const CircleTask& task);

/// The largest width of a dense network of one hidden layer with at most the active parameters of
/// the MoE, m(D+2) + 1 + E(D+1); at least 1.
[[nodiscard]] std::size_t dense_width_of_active(const CircleTask& moe);
/// The same for its total parameters, E(m(D+2) + 1) + E(D+1).
[[nodiscard]] std::size_t dense_width_of_total(const CircleTask& moe);

/// The dense network of a width in the same setting.
[[nodiscard]] CircleTask dense(const CircleTask& moe, std::size_t width);

/// Trains and tests on 8192 points: for one circle the angles 2 pi (t + 1/2) / 8192, for several
/// random ones. Throws InputError for D < 2 circles, no circle, and numbers below 1.
[[nodiscard]] shared::TrainedRun train_on_circle(const CircleTask& task, std::uint64_t seed,
                                                 std::uint64_t key,
                                                 const std::function<void()>& between = {});

/// The batches of a run, in T: for training and for benchmarks.
template<class T>
[[nodiscard]] moe::Sampler<T> circle_sampler(const CircleTask& task,
                                             const shared::RunRandomness& random);

} // namespace manifold_rate
