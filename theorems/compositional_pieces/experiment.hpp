#pragma once
// Experiment II of arXiv:2505.24205 in our setting (notes 3.4): a product
// of one-dimensional pieces on nine boxes, learnt by layers of few experts in a row or by one
// layer.

#include "shared/trained_run.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace compositional_pieces {

enum class TrainedModel {
    deep,    ///< 2-3: two gated layers of three experts, R^2 -> R^4 -> R
    shallow, ///< 1-6: one gated layer of six experts
    nine     ///< 1-9: one gated layer of an expert per box
};

struct PiecesTask {
    TrainedModel model = TrainedModel::deep;
    std::size_t width = 16; ///< m, of the experts' one hidden layer
    std::uint64_t steps = 12000;
    std::size_t batch = 256;
    double rate = 0.005;
    double balance = 0.02;
};

[[nodiscard]] moe::StackShape shape(const PiecesTask& task);

/// Trains and tests on 20000 fresh points. Throws InputError for numbers below 1.
[[nodiscard]] shared::TrainedRun train_on_pieces(const PiecesTask& task, std::uint64_t seed,
                                                 std::uint64_t key,
                                                 const std::function<void()>& between = {});

/// The batches of a run, in T: for training and for benchmarks. The target is
/// F1_i(x_1) F2_j(x_2), x_1 and x_2 uniform on one of [-1,-.4], [-.3,.3], [.4,1], which tell i, j.
template<class T>
[[nodiscard]] moe::Sampler<T> pieces_sampler(const PiecesTask& task,
                                             const shared::RunRandomness& random);

} // namespace compositional_pieces
