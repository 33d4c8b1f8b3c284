#include "shared/trained_run.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>
#include <utility>

namespace shared {

namespace {

// Streams beyond those of the batches.
constexpr std::uint32_t start_stream = 0xFFFFFFFFU;
constexpr std::uint32_t embedding_stream = 0xFFFFFFFEU;
constexpr std::uint32_t test_stream = 0xFFFFFFFDU;

TrainedRun test(const moe::MoeStack& model, const TestPoints& points) {
    const std::size_t count = points.targets.size();
    std::vector<double> outputs(count);
    std::vector<std::uint64_t> routed(count * model.depth());
    model.evaluate_batch(points.inputs, outputs, routed);
    TrainedRun run;
    for (std::size_t i = 0; i < count; ++i) {
        const double error = std::abs(outputs[i] - points.targets[i]);
        run.mse += error * error;
        run.max_error = std::max(run.max_error, error);
    }
    const auto points_tested = static_cast<double>(count);
    run.mse /= points_tested;
    for (std::size_t l = 0; l < model.depth(); ++l) {
        std::vector<double> loads(model.layer(l).experts(), 0.0);
        for (std::size_t i = 0; i < count; ++i)
            loads[routed[i * model.depth() + l]] += 1.0 / points_tested;
        run.loads.push_back(std::move(loads));
    }
    return run;
}

} // namespace

moe::RandomStream RunRandomness::batch(std::uint64_t step) const noexcept {
    return {seed_, key_, static_cast<std::uint32_t>(step)};
}

moe::RandomStream RunRandomness::start() const noexcept {
    return {seed_, key_, start_stream};
}

moe::RandomStream RunRandomness::embedding() const noexcept {
    return {seed_, key_, embedding_stream};
}

moe::RandomStream RunRandomness::test() const noexcept {
    return {seed_, key_, test_stream};
}

TrainedRun train_and_test(const moe::StackShape& shape, const std::vector<double>& initial,
                          const moe::TrainingOptions& options, const moe::Sampler<float>& sampler,
                          const TestPoints& points, const std::function<void()>& between) {
    try {
        const moe::TrainedParameters trained =
            moe::train<float>(shape, initial, options, sampler, between);
        return test(moe::to_stack(shape, trained.parameters), points);
    } catch (const moe::TrainingError& error) {
        constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
        return {not_a_number, not_a_number, error.what(), {}};
    }
}

LogSummary summarise(std::span<const double> errors) {
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
    const auto count = static_cast<double>(errors.size());
    double mean = 0.0;
    for (const double error : errors) {
        if (!(error > 0.0) || !std::isfinite(error))
            return {not_a_number, not_a_number, errors.size()};
        mean += std::log10(error) / count;
    }
    double squares = 0.0;
    for (const double error : errors)
        squares += std::pow(std::log10(error) - mean, 2);
    return {std::pow(10.0, mean),
            errors.size() < 2 ? not_a_number : std::sqrt(squares / (count - 1.0)), errors.size()};
}

nlohmann::ordered_json errors_answer(std::span<const double> errors) {
    const auto number = [](double value) {
        return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
    };
    nlohmann::ordered_json mse = nlohmann::ordered_json::array();
    for (const double error : errors)
        mse.push_back(number(error));
    const LogSummary summary = summarise(errors);
    return {{"mse", std::move(mse)},
            {"gmean", number(summary.gmean)},
            {"sd_log10", number(summary.sd_log10)}};
}

std::string two_digits(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1e", value);
    return text;
}

std::string loads_text(const TrainedRun& run) {
    std::string text;
    for (const std::vector<double>& layer : run.loads) {
        if (!text.empty()) text += " |";
        for (const double load : layer) {
            char number[16];
            std::snprintf(number, sizeof number, "%.2f", load);
            if (!text.empty()) text += ' ';
            text += number;
        }
    }
    return text;
}

} // namespace shared
