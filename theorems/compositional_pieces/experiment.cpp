#include "compositional_pieces/experiment.hpp"

#include "basics/vector_math.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <vector>

namespace compositional_pieces {

namespace {

constexpr std::size_t test_points = 20000;

constexpr std::array<double, 3> interval_begin{-1.0, -0.3, 0.4};
constexpr double interval_length = 0.6;

/// constant + factor sin(frequency t), or cos.
struct Wave {
    double constant;
    double factor;
    double frequency;
    bool cosine;
};

/// F1 and F2 by interval.
constexpr std::array<std::array<Wave, 3>, 2> waves{
    {{{{0.0, 1.0, 3.0, false}, {-0.5, 1.0, 3.0, true}, {0.3, -0.8, 2.0, false}}},
     {{{0.0, 1.0, 2.0, true}, {0.0, -0.9, 3.0, false}, {0.2, 0.7, 3.0, false}}}}};

/// Points of the nine boxes and the target there.
class BoxPoints {
  public:
    explicit BoxPoints(std::size_t points)
        : x_{std::vector<double>(points), std::vector<double>(points)}
        , targets_(points)
        , interval_(points)
        , argument_(points)
        , sine_(points)
        , cosine_(points) {}

    [[nodiscard]] std::span<const double> x(std::size_t l) const { return x_.at(l); }
    [[nodiscard]] std::span<const double> targets() const { return targets_; }

    void draw(moe::RandomStream random) {
        std::ranges::fill(targets_, 1.0);
        for (std::size_t l = 0; l < 2; ++l) {
            const std::array<Wave, 3>& pieces = waves[l];
            for (std::size_t b = 0; b < targets_.size(); ++b) {
                const double place = 3.0 * random.uniform();
                const auto interval = static_cast<unsigned char>(place);
                const double t = interval_begin[interval] + interval_length * (place - interval);
                interval_[b] = interval;
                x_[l][b] = t;
                argument_[b] = pieces[interval].frequency * t;
            }
            moe::sin_cos_all(argument_, sine_, cosine_);
            for (std::size_t b = 0; b < targets_.size(); ++b) {
                const Wave& wave = pieces[interval_[b]];
                targets_[b] *= wave.constant + wave.factor * (wave.cosine ? cosine_[b] : sine_[b]);
            }
        }
    }

  private:
    std::array<std::vector<double>, 2> x_;
    std::vector<double> targets_;
    std::vector<unsigned char> interval_;
    std::vector<double> argument_;
    std::vector<double> sine_;
    std::vector<double> cosine_;
};

shared::TestPoints test_set(const shared::RunRandomness& random) {
    BoxPoints points(test_points);
    points.draw(random.test());
    shared::TestPoints test{std::vector<double>(2 * test_points),
                            {points.targets().begin(), points.targets().end()}};
    for (std::size_t i = 0; i < test_points; ++i) {
        test.inputs[2 * i] = points.x(0)[i];
        test.inputs[2 * i + 1] = points.x(1)[i];
    }
    return test;
}

} // namespace

moe::StackShape shape(const PiecesTask& task) {
    const auto layer = [&](std::size_t inputs, std::size_t outputs, std::size_t experts) {
        return moe::LayerShape{.inputs = inputs,
                               .outputs = outputs,
                               .experts = experts,
                               .hidden = {task.width},
                               .gated = true};
    };
    switch (task.model) {
    case TrainedModel::shallow:
        return moe::StackShape({layer(2, 1, 6)});
    case TrainedModel::nine:
        return moe::StackShape({layer(2, 1, 9)});
    case TrainedModel::deep:
        break;
    }
    return moe::StackShape({layer(2, 4, 3), layer(4, 1, 3)});
}

template<class T>
moe::Sampler<T> pieces_sampler(const PiecesTask& task, const shared::RunRandomness& random) {
    const auto points = std::make_shared<BoxPoints>(task.batch);
    return [random, points](std::uint64_t step, moe::Batch<T>& batch) {
        points->draw(random.batch(step));
        const auto copy = [](std::span<const double> from, std::span<T> to) {
            std::ranges::transform(from, to.begin(),
                                   [](double value) { return static_cast<T>(value); });
        };
        copy(points->x(0), batch.input(0));
        copy(points->x(1), batch.input(1));
        copy(points->targets(), batch.target(0));
    };
}

template moe::Sampler<float> pieces_sampler<float>(const PiecesTask&, const shared::RunRandomness&);
template moe::Sampler<double> pieces_sampler<double>(const PiecesTask&,
                                                     const shared::RunRandomness&);

shared::TrainedRun train_on_pieces(const PiecesTask& task, std::uint64_t seed, std::uint64_t key,
                                   const std::function<void()>& between) {
    const shared::RunRandomness random(seed, key);
    const moe::StackShape of = shape(task);
    return shared::train_and_test(
        of, moe::initial_parameters(of, moe::Initialisation::data_scaled, random.start()),
        {.steps = task.steps,
         .batch = task.batch,
         .rate = task.rate,
         .balance = task.balance,
         .balance_until = 0.5},
        pieces_sampler<float>(task, random), test_set(random), between);
}

} // namespace compositional_pieces
