#include "manifold_rate/experiment.hpp"

#include "basics/error.hpp"
#include "basics/vector_math.hpp"
#include "charts/embedding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <span>
#include <string>

namespace manifold_rate {

namespace {

constexpr std::size_t test_points = 8192;

void check(const CircleTask& task) {
    if (task.circles < 1) throw moe::InputError("circles is 0, allowed: at least 1");
    if (task.ambient < 2 * task.circles)
        throw moe::InputError("D is " + std::to_string(task.ambient) + ", allowed: at least " +
                              std::to_string(2 * task.circles) + ", twice the circles");
}

/// Row-major [2 circles][D]: the images of the coordinates of the circles.
std::vector<double> images(const CircleTask& task, const shared::RunRandomness& random) {
    const std::size_t own = 2 * task.circles;
    std::vector<double> rows(own * task.ambient, 0.0);
    if (!task.rotated) {
        for (std::size_t c = 0; c < own; ++c)
            rows[c * task.ambient + c] = 1.0;
        return rows;
    }
    moe::RandomStream stream = random.embedding();
    const Eigen::MatrixXd q = moe::random_orthogonal(task.ambient, stream);
    for (std::size_t c = 0; c < own; ++c) {
        for (std::size_t i = 0; i < task.ambient; ++i)
            rows[c * task.ambient + i] =
                q(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(c));
    }
    return rows;
}

/// Angles in, coordinates u and targets out, one row per circle and coordinate.
class CirclePoints {
  public:
    CirclePoints(std::size_t circles, std::size_t points)
        : circles_(circles)
        , points_(points)
        , angles_(circles * points)
        , coordinates_(2 * circles * points)
        , targets_(points)
        , scaled_(points)
        , sine_(points)
        , cosine_(points) {}

    [[nodiscard]] std::span<double> angles(std::size_t circle) { return row(angles_, circle); }
    [[nodiscard]] std::span<const double> coordinate(std::size_t c) const {
        return std::span(coordinates_).subspan(c * points_, points_);
    }
    [[nodiscard]] std::span<const double> targets() const { return targets_; }

    void draw(moe::RandomStream random) {
        for (double& angle : angles_)
            angle = 2.0 * std::numbers::pi * random.uniform();
    }

    void evaluate() {
        std::ranges::fill(targets_, 0.0);
        for (std::size_t j = 0; j < circles_; ++j) {
            const std::span<double> first = row(coordinates_, 2 * j);
            const std::span<double> second = row(coordinates_, 2 * j + 1);
            moe::sin_cos_all(row(angles_, j), second, first);
            add(first, 5.0, sine_);
            add(second, 3.0, cosine_);
        }
        if (circles_ == 1) return;
        for (double& target : targets_)
            target /= std::sqrt(static_cast<double>(circles_));
    }

  private:
    [[nodiscard]] std::span<double> row(std::vector<double>& of, std::size_t index) const {
        return std::span(of).subspan(index * points_, points_);
    }
    /// Sine or cosine of factor u onto the targets.
    void add(std::span<const double> u, double factor, const std::vector<double>& term) {
        for (std::size_t b = 0; b < points_; ++b)
            scaled_[b] = factor * u[b];
        moe::sin_cos_all(scaled_, sine_, cosine_);
        for (std::size_t b = 0; b < points_; ++b)
            targets_[b] += term[b];
    }

    std::size_t circles_;
    std::size_t points_;
    std::vector<double> angles_;
    std::vector<double> coordinates_;
    std::vector<double> targets_;
    std::vector<double> scaled_;
    std::vector<double> sine_;
    std::vector<double> cosine_;
};

shared::TestPoints test_set(const CircleTask& task, const shared::RunRandomness& random) {
    CirclePoints points(task.circles, test_points);
    if (task.circles == 1) {
        for (std::size_t t = 0; t < test_points; ++t)
            points.angles(0)[t] =
                2.0 * std::numbers::pi * (static_cast<double>(t) + 0.5) / test_points;
    } else {
        points.draw(random.test());
    }
    points.evaluate();
    const std::vector<double> rows = images(task, random);
    shared::TestPoints test{std::vector<double>(test_points * task.ambient, 0.0),
                            {points.targets().begin(), points.targets().end()}};
    for (std::size_t t = 0; t < test_points; ++t) {
        double* const x = test.inputs.data() + t * task.ambient;
        for (std::size_t c = 0; c < 2 * task.circles; ++c) {
            for (std::size_t i = 0; i < task.ambient; ++i)
                x[i] += rows[c * task.ambient + i] * points.coordinate(c)[t];
        }
    }
    return test;
}

std::size_t width_within(std::size_t parameters, std::size_t ambient) {
    return std::max<std::size_t>(1, (parameters - 1) / (ambient + 2));
}

} // namespace

moe::StackShape circle_shape(const CircleTask& task) {
    return moe::StackShape({{.inputs = task.ambient,
                             .outputs = 1,
                             .experts = task.experts,
                             .hidden = {task.width},
                             .gated = task.gated}});
}

std::size_t dense_width_of_active(const CircleTask& moe) {
    return width_within(circle_shape(moe).active_parameters(), moe.ambient);
}

std::size_t dense_width_of_total(const CircleTask& moe) {
    return width_within(circle_shape(moe).parameters(), moe.ambient);
}

CircleTask dense(const CircleTask& moe, std::size_t width) {
    CircleTask task = moe;
    task.experts = 1;
    task.gated = false;
    task.width = width;
    return task;
}

template<class T>
moe::Sampler<T> circle_sampler(const CircleTask& task, const shared::RunRandomness& random) {
    check(task);
    const std::vector<double> rows = images(task, random);
    const auto scratch = std::make_shared<CirclePoints>(task.circles, task.batch);
    const auto plane = std::make_shared<std::array<std::vector<T>, 2>>();
    plane->fill(std::vector<T>(task.batch));
    return [task, random, scratch, plane, q = std::vector<T>(rows.begin(), rows.end())](
               std::uint64_t step, moe::Batch<T>& batch) {
        scratch->draw(random.batch(step));
        scratch->evaluate();
        for (std::size_t j = 0; j < task.circles; ++j) {
            for (std::size_t c = 0; c < 2; ++c)
                std::ranges::transform(scratch->coordinate(2 * j + c), (*plane)[c].begin(),
                                       [](double value) { return static_cast<T>(value); });
            const T* const u = (*plane)[0].data();
            const T* const v = (*plane)[1].data();
            const T* const columns = q.data() + 2 * j * task.ambient;
            for (std::size_t i = 0; i < task.ambient; ++i) {
                const T along_u = columns[i];
                const T along_v = columns[task.ambient + i];
                T* const x = batch.input(i).data();
                if (j == 0) {
                    for (std::size_t b = 0; b < task.batch; ++b)
                        x[b] = along_u * u[b] + along_v * v[b];
                } else {
                    for (std::size_t b = 0; b < task.batch; ++b)
                        x[b] += along_u * u[b] + along_v * v[b];
                }
            }
        }
        std::ranges::transform(scratch->targets(), batch.target(0).begin(),
                               [](double value) { return static_cast<T>(value); });
    };
}

template moe::Sampler<float> circle_sampler<float>(const CircleTask&, const shared::RunRandomness&);
template moe::Sampler<double> circle_sampler<double>(const CircleTask&,
                                                     const shared::RunRandomness&);

shared::TrainedRun train_on_circle(const CircleTask& task, std::uint64_t seed, std::uint64_t key,
                                   const std::function<void()>& between) {
    check(task);
    const shared::RunRandomness random(seed, key);
    const moe::StackShape of = circle_shape(task);
    return shared::train_and_test(
        of, moe::initial_parameters(of, task.initialisation, random.start()),
        {.steps = task.steps,
         .batch = task.batch,
         .rate = task.rate,
         .balance = task.balance,
         .balance_until = 0.6},
        circle_sampler<float>(task, random), test_set(task, random), between);
}

} // namespace manifold_rate
