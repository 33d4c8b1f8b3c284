#pragma once
// One training run and its test: what the trained halves of the programs on arXiv:2505.24205 share.

#include "training/initialisation.hpp"
#include "training/training.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace shared {

/// Inputs [N][p] and real targets [N].
struct TestPoints {
    std::vector<double> inputs;
    std::vector<double> targets;
};

/// Which random numbers a run draws: batches, start and test points from streams of their own.
class RunRandomness {
  public:
    RunRandomness(std::uint64_t seed, std::uint64_t key) noexcept
        : seed_(seed)
        , key_(key) {}

    [[nodiscard]] moe::RandomStream batch(std::uint64_t step) const noexcept;
    [[nodiscard]] moe::RandomStream start() const noexcept;
    [[nodiscard]] moe::RandomStream embedding() const noexcept;
    [[nodiscard]] moe::RandomStream test() const noexcept;

  private:
    std::uint64_t seed_;
    std::uint64_t key_;
};

/// Steps are limited so that the streams of batches do not meet the others.
inline constexpr std::int64_t largest_steps = 1'000'000'000;

struct TrainedRun {
    double mse = 0.0;       ///< on the test points; NaN if training failed
    double max_error = 0.0; ///< the same
    std::string failure;    ///< what training says where it failed
    /// Fraction of the test points by layer and expert.
    std::vector<std::vector<double>> loads;
};

/// Trains in float32 and tests in float64. A failed training is a result, not an exception; those
/// of `between` pass.
[[nodiscard]] TrainedRun train_and_test(const moe::StackShape& shape,
                                        const std::vector<double>& initial,
                                        const moe::TrainingOptions& options,
                                        const moe::Sampler<float>& sampler, const TestPoints& test,
                                        const std::function<void()>& between);

/// Errors of several runs on a logarithmic scale; NaN where one of them is not positive and finite.
struct LogSummary {
    double gmean;     ///< geometric mean
    double sd_log10;  ///< standard deviation of log10; NaN for a single run
    std::size_t runs; ///< their number
};
[[nodiscard]] LogSummary summarise(std::span<const double> errors);
/// The answer of a query: mse[], gmean and sd_log10, null where there is no number.
[[nodiscard]] nlohmann::ordered_json errors_answer(std::span<const double> errors);
/// "1.2e-03".
[[nodiscard]] std::string two_digits(double value);

/// "0.25 0.31 0.22 0.22", layers separated by " | ": two decimals; empty for a failed run.
[[nodiscard]] std::string loads_text(const TrainedRun& run);

} // namespace shared
