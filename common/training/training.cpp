#include "training/training.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "basics/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace moe {

namespace {

constexpr double keep_first = 0.9;
constexpr double keep_second = 0.999;
constexpr double epsilon = 1e-8;
constexpr std::uint64_t steps_between_calls = 64;

void check(const TrainingOptions& options) {
    const auto refuse = [](const char* option, const std::string& value, const char* allowed) {
        throw InputError(std::string(option) + " is " + value + ", allowed: " + allowed);
    };
    if (options.steps < 1) refuse("steps", "0", "at least 1");
    if (options.batch < 1) refuse("batch", "0", "at least 1");
    if (!(options.rate > 0.0) || !std::isfinite(options.rate))
        refuse("rate", shortest(options.rate), "positive and finite");
    if (!(options.balance >= 0.0) || !std::isfinite(options.balance))
        refuse("balance", shortest(options.balance), "at least 0 and finite");
    if (!(options.balance_until >= 0.0 && options.balance_until <= 1.0))
        refuse("balance_until", shortest(options.balance_until), "0 to 1");
}

template<class T>
std::size_t whole_packs(std::size_t size) {
    return (size + pack_lanes<T> - 1) / pack_lanes<T> * pack_lanes<T>;
}

} // namespace

double cosine_rate(double rate, std::uint64_t step, std::uint64_t steps) noexcept {
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    return 0.5 * rate * (1.0 + std::cos(std::numbers::pi * done));
}

template<class T>
Adam<T>::Adam(std::span<const double> parameters, InstructionSet set)
    : size_(parameters.size())
    , kernels_(&training_kernels<T>(set))
    , parameters_(whole_packs<T>(size_))
    , gradient_(parameters_.size())
    , first_(parameters_.size())
    , second_(parameters_.size()) {
    std::ranges::transform(parameters, parameters_.data(),
                           [](double value) { return static_cast<T>(value); });
}

template<class T>
std::span<const T> Adam<T>::parameters() const noexcept {
    return {parameters_.data(), size_};
}

template<class T>
std::span<T> Adam<T>::gradient() noexcept {
    return {gradient_.data(), size_};
}

template<class T>
void Adam<T>::step(double rate) noexcept {
    ++steps_;
    const auto t = static_cast<double>(steps_);
    const AdamStep step{.rate = rate / (1.0 - std::pow(keep_first, t)),
                        .second = 1.0 / (1.0 - std::pow(keep_second, t)),
                        .keep_first = keep_first,
                        .keep_second = keep_second,
                        .epsilon = epsilon};
    kernels_->adam(step, gradient_.data(), first_.data(), second_.data(), parameters_.size(),
                   parameters_.data());
}

template<class T>
TrainedParameters train(const StackShape& shape, std::span<const double> initial,
                        const TrainingOptions& options, const Sampler<T>& sampler,
                        const std::function<void()>& between, InstructionSet set) {
    check(options);
    if (initial.size() != shape.parameters())
        throw std::invalid_argument("train: " + std::to_string(initial.size()) +
                                    " initial parameters for a shape of " +
                                    std::to_string(shape.parameters()));
    Batch<T> batch(shape.inputs(), shape.outputs(), options.batch);
    StackGradient<T> gradient(shape, options.batch, set);
    Adam<T> adam(initial, set);
    const double balanced = options.balance_until * static_cast<double>(options.steps);
    double loss = 0.0;
    for (std::uint64_t step = 0; step < options.steps; ++step) {
        if (between && step % steps_between_calls == 0) between();
        sampler(step, batch);
        const bool balance = static_cast<double>(step) < balanced;
        loss = gradient(adam.parameters(), batch, balance ? options.balance : 0.0, adam.gradient());
        if (!std::isfinite(loss))
            throw TrainingError("the loss of step " + std::to_string(step + 1) + " is " +
                                shortest(loss));
        adam.step(cosine_rate(options.rate, step, options.steps));
    }
    const std::span<const T> found = adam.parameters();
    if (!std::ranges::all_of(found, [](T value) { return std::isfinite(value); }))
        throw TrainingError("after " + std::to_string(options.steps) +
                            " steps a parameter is not finite");
    return {{found.begin(), found.end()}, loss};
}

template<class T>
std::vector<TrainedParameters> train_all(const StackShape& shape,
                                         std::span<const TrainingRun<T>> runs,
                                         const TrainingOptions& options, unsigned threads) {
    std::vector<TrainedParameters> results(runs.size());
    parallel_for(runs.size(), threads, [&](std::size_t run) {
        results[run] = train<T>(shape, runs[run].initial, options, runs[run].sampler);
    });
    return results;
}

template class Adam<float>;
template class Adam<double>;
template TrainedParameters train<float>(const StackShape&, std::span<const double>,
                                        const TrainingOptions&, const Sampler<float>&,
                                        const std::function<void()>&, InstructionSet);
template TrainedParameters train<double>(const StackShape&, std::span<const double>,
                                         const TrainingOptions&, const Sampler<double>&,
                                         const std::function<void()>&, InstructionSet);
template std::vector<TrainedParameters> train_all<float>(const StackShape&,
                                                         std::span<const TrainingRun<float>>,
                                                         const TrainingOptions&, unsigned);
template std::vector<TrainedParameters> train_all<double>(const StackShape&,
                                                          std::span<const TrainingRun<double>>,
                                                          const TrainingOptions&, unsigned);

} // namespace moe
