// The cells of the check "fashion": one a data set, so that all its fits share the principal
// components and the start.

#include "em_vs_gradient/fashion.hpp"

#include "em_vs_gradient/fashion_fits.hpp"
#include "em_vs_gradient/fashion_rows.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace em_vs_gradient {

namespace {

/// Data sets of which a few images are written down.
constexpr std::int64_t pictured = 2;
/// Data sets on which EM runs again without the hidden bits.
constexpr std::int64_t withheld = 2;

FashionFaults faults_of(const moe::Options& options) {
    const std::string& name = options.sabotage();
    return {name == "gd-as-em", name == "no-gate", name == "leak-z"};
}

StepGrid grid_of(const moe::Options& options) {
    const std::vector<std::int64_t>& ends = options.integers("fashion-steps");
    return {static_cast<int>(ends[0]), static_cast<int>(ends[1])};
}

/// What is run on one data set.
struct Task {
    std::string geometry;
    double lambda;
    bool references; ///< one expert, known inversions, and gradient descent with step 1/Lip
    bool long_runs;
    bool images; ///< whether a few test images are written down
    bool blind;  ///< whether EM runs again without the hidden bits
};

std::vector<Task> tasks_of(const moe::Options& options, std::int64_t repetition) {
    const std::string& geometry = options.text("fashion-geometry");
    std::vector<Task> tasks;
    const std::vector<double>& lambdas = options.reals("fashion-lambda");
    for (std::size_t i = 0; geometry != "white" && i < lambdas.size(); ++i) {
        if (i > 0 && repetition > options.integer("fashion-side-repetitions")) continue;
        tasks.push_back({"raw", lambdas[i], true,
                         i == 0 && repetition <= options.integer("fashion-long-repetitions"),
                         i == 0 && repetition <= pictured, i == 0 && repetition <= withheld});
    }
    if (geometry == "raw" || repetition > options.integer("fashion-white-repetitions"))
        return tasks;
    for (const double lambda : options.reals("fashion-white-lambda")) {
        // The geometries are compared at equal ridges.
        const bool paired = std::any_of(tasks.begin(), tasks.end(), [&](const Task& task) {
            return task.geometry == "raw" && task.lambda == lambda;
        });
        if (geometry == "both" && !paired)
            tasks.push_back({"raw", lambda, false, false, false, false});
        tasks.push_back({"white", lambda, true, false, false, false});
    }
    return tasks;
}

/// A source whose hidden bits (streams 1 and 2) are others, and whose starts are the same.
class OtherBits final : public moe::DeviateSource {
  public:
    explicit OtherBits(const moe::DeviateSource& source)
        : source_(source) {}

    [[nodiscard]] std::unique_ptr<moe::Deviates> stream(std::uint32_t number) const override {
        constexpr std::uint32_t elsewhere = 100;
        return source_.stream(number <= 2 ? number + elsewhere : number);
    }

  private:
    const moe::DeviateSource& source_;
};

/// Inverts the images whose bits of the two sources differ.
void invert_where_bits_differ(moe::Matrix& images, const moe::DeviateSource& one,
                              const moe::DeviateSource& other, std::uint32_t stream) {
    const auto first = one.stream(stream);
    const auto second = other.stream(stream);
    for (moe::Index i = 0; i < images.rows(); ++i) {
        const bool bit = first->uniform() < 0.5;
        if (bit != (second->uniform() < 0.5)) images.row(i) = 1.0 - images.row(i).array();
    }
}

/// The images that the methods see, made from other images by other hidden bits; features anew.
moe::InvertedImages with_other_bits(const moe::ImageData& images, const moe::DeviateSource& source,
                                    moe::Index components) {
    const OtherBits other(source);
    moe::ImageData originals = images;
    invert_where_bits_differ(originals.train, source, other, 1);
    invert_where_bits_differ(originals.test, source, other, 2);
    return moe::invert_and_project(originals, other, components, moe::FeatureGeometry::raw);
}

/// Runs the methods of a task and notes their times, the choice of the step size included.
class Measurement {
  public:
    Measurement(const moe::Options& options, const moe::DeviateSource& source,
                std::function<void()> poll, std::int64_t repetition, moe::CellResult& result)
        : options_(options)
        , source_(source)
        , poll_(std::move(poll))
        , repetition_(repetition)
        , result_(result) {}

    void run(const Task& task, const moe::ImageData& images, const moe::InvertedImages& data) {
        FashionProblem problem(data, task.lambda, source_, poll_, faults_of(options_));
        const moe::Index iterations = options_.integer("fashion-iterations");
        const StepGrid grid = grid_of(options_);
        if (task.references) {
            add(task, "single", [&] { return problem.single(); });
            add(task, "known-z", [&] { return problem.known_z(); });
            add(task, "gd", [&] { return problem.gradient_descent(iterations, {0, 0}); });
        }
        const FashionFit em = add(task, "em", [&] { return problem.em(iterations); });
        const FashionFit gradient_em =
            add(task, "gradient-em-tuned", [&] { return problem.gradient_em(iterations, grid); });
        const FashionFit gd =
            add(task, "gd-tuned", [&] { return problem.gradient_descent(iterations, grid); });
        if (task.images) {
            add_images(repetition_, images, data, problem.test_responsibilities(em), result_);
        }
        if (task.blind) {
            const moe::InvertedImages others =
                with_other_bits(images, source_, options_.integer("fashion-components"));
            FashionProblem blind(others, task.lambda, source_, poll_, faults_of(options_));
            add(task, "em-blind", [&] { return blind.em(early_iterations); });
        }
        if (!task.long_runs) return;
        const auto many = [&](const char* option) {
            return std::max(iterations, moe::Index{options_.integer(option)});
        };
        add(task, "em-long", [&] { return problem.em_on(em, many("fashion-long-em-iterations")); });
        add(task, "gradient-em-long", [&] {
            return problem.gradient_em(many("fashion-long-gradient-em-iterations"),
                                       chosen(gradient_em));
        });
        add(task, "gd-long",
            [&] { return problem.gradient_descent(many("fashion-long-iterations"), chosen(gd)); });
    }

  private:
    /// The step size of a fit and half of it: the best step of a short run can be one with which a
    /// long one never settles.
    static StepGrid chosen(const FashionFit& fit) {
        const int power = static_cast<int>(std::lround(std::log2(fit.step_in_lip)));
        return {power - 1, power};
    }

    template<class Method>
    FashionFit add(const Task& task, const char* name, const Method& method) {
        const auto start = std::chrono::steady_clock::now();
        FashionFit fit = method();
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
        result_.add_timing("fashion." + task.geometry + "." + name, elapsed.count());
        add_rows({repetition_, task.geometry, task.lambda, name}, fit, result_);
        return fit;
    }

    const moe::Options& options_;
    const moe::DeviateSource& source_;
    std::function<void()> poll_;
    std::int64_t repetition_;
    moe::CellResult& result_;
};

moe::CellResult measure(const moe::CellContext& context, const moe::Options& options,
                        const moe::ImageData& images, std::int64_t repetition) {
    const moe::PhiloxSource source(context.seed(), context.cell_key());
    const moe::InvertedImages raw = moe::invert_and_project(
        images, source, options.integer("fashion-components"), moe::FeatureGeometry::raw);
    moe::CellResult result;
    Measurement measurement(
        options, source, [&] { context.leave_if_stopped(); }, repetition, result);
    for (const Task& task : tasks_of(options, repetition)) {
        measurement.run(task, images, task.geometry == "white" ? moe::whitened(raw) : raw);
    }
    return result;
}

/// Throws InputError for sizes that do not go together.
void check(const moe::Options& options) {
    const std::int64_t images = options.integer("fashion-images");
    const std::int64_t components = options.integer("fashion-components");
    const std::int64_t parameters = fashion_parameters(components);
    if (images < parameters) {
        throw moe::InputError("option '--fashion-images' is " + std::to_string(images) +
                              ", allowed: at least the " + std::to_string(parameters) +
                              " free parameters of --fashion-components " +
                              std::to_string(components));
    }
    for (const char* const name : {"fashion-lambda", "fashion-white-lambda"})
        moe::require_different(name, options.reals(name));
    const std::vector<std::int64_t>& steps = options.integers("fashion-steps");
    if (steps[0] > steps[1]) {
        throw moe::InputError("option '--fashion-steps' is " + std::to_string(steps[0]) + "," +
                              std::to_string(steps[1]) + ", allowed: smallest, then largest");
    }
}

} // namespace

void plan_fashion(const moe::Options& options, moe::Plan& plan) {
    if (!options.selected("fashion")) return;
    check(options);
    const std::filesystem::path folder = options.text("fashion-mnist");
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) {
        throw moe::InputError("option '--fashion-mnist': found no folder '" + folder.string() +
                              "', expected one with the files of Fashion-MNIST (Debian: package "
                              "dataset-fashion-mnist)");
    }
    // Read once, before anything runs or is written; the cells share them.
    const auto images = std::make_shared<const moe::ImageData>(moe::read_fashion_mnist(
        folder, options.integer("fashion-images"), options.integer("fashion-test-images")));
    for (std::int64_t repetition = 1; repetition <= options.integer("fashion-repetitions");
         ++repetition) {
        const std::vector<Task> tasks = tasks_of(options, repetition);
        if (tasks.empty()) continue;
        double cost = 0.0;
        for (const Task& task : tasks)
            cost += task.long_runs ? 3.0 : 1.0;
        plan.push_back({"fashion.data-set" + std::to_string(repetition), "fashion", 1e6 * cost,
                        [=](const moe::CellContext& context) {
                            return measure(context, options, *images, repetition);
                        }});
    }
}

} // namespace em_vs_gradient
