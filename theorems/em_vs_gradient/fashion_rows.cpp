#include "em_vs_gradient/fashion_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace em_vs_gradient {

namespace {

constexpr moe::Index side = 28; // pixels of an image's side

moe::Value or_nothing(double value) {
    if (std::isnan(value)) return std::monostate{};
    return value;
}

} // namespace

std::vector<moe::TableSchema> fashion_schemas() {
    const auto text = [](const char* name, const char* description) {
        return moe::Column{name, moe::ColumnType::text, description};
    };
    const auto integer = [](const char* name, const char* description) {
        return moe::Column{name, moe::ColumnType::integer, description};
    };
    const auto real = [](const char* name, const char* description) {
        return moe::Column{name, moe::ColumnType::real, description};
    };
    const char* const methods = "single, known-z, em, gradient-em-tuned, gd-tuned, gd (1/Lip), "
                                "em-long, gradient-em-long, gd-long, em-blind (the same "
                                "images made by other hidden bits)";
    return {{"fashion_runs",
             "Random-Invert Fashion-MNIST: what each method reached on each data set",
             {integer("repetition", "data set: inversions and start"),
              text("geometry", "raw or white"), real("lambda", "ridge"), text("method", methods),
              integer("iterations", "0 for an optimum found by Newton's method"),
              real("step_in_lip", "step size in units of 1/Lip"), real("objective", "F at the end"),
              real("objective_5", "F after 5 iterations"),
              real("largest_rise", "largest increase of F in one iteration"),
              real("last_fall", "decrease of F in the last iteration"),
              real("test_accuracy", "fraction of test images classified right"),
              real("recovered", "hidden training bits found by posterior, up to a swap of experts"),
              real("gate_recovered", "hidden test bits found by the gate, up to a swap")}},
            {"fashion_traces",
             "Random-Invert Fashion-MNIST: F and accuracy along the iterations, while F is finite",
             {integer("repetition", "data set"), text("geometry", "raw or white"),
              real("lambda", "ridge"), text("method", methods), integer("iteration", "t"),
              real("objective", "F"), real("test_accuracy", "fraction of test images")}},
            {"fashion_images",
             "a few test images of two data sets as the methods see them, a pixel a row",
             {integer("repetition", "data set"),
              integer("image", "number in the test files, from 0"),
              integer("row", "from the top"),
              integer("column", "from the left"),
              real("value", "0 black to 1 white"),
              integer("label", "class"),
              {"inverted", moe::ColumnType::boolean, "the hidden bit"},
              real("responsibility", "EM's posterior probability of the expert that holds the "
                                     "inverted training images")}}};
}

void add_rows(const FashionRun& run, const FashionFit& fit, moe::CellResult& result) {
    const std::vector<double>& objectives = fit.objectives;
    const std::size_t last = objectives.size() - 1;
    constexpr auto early = static_cast<std::size_t>(early_iterations);
    moe::Value rise;
    moe::Value fall;
    if (last > 0) {
        double largest = objectives[1] - objectives[0];
        for (std::size_t t = 2; t <= last; ++t)
            largest = std::max(largest, objectives[t] - objectives[t - 1]);
        rise = or_nothing(largest);
        fall = or_nothing(objectives[last - 1] - objectives[last]);
    }
    const bool measured = std::isfinite(objectives.back());
    const auto at_the_end = [&](double value) {
        return measured ? or_nothing(value) : moe::Value();
    };
    result.add("fashion_runs",
               {run.repetition, run.geometry, run.lambda, run.method,
                static_cast<std::int64_t>(last), or_nothing(fit.step_in_lip), objectives.back(),
                last >= early ? moe::Value(objectives[early]) : moe::Value(), rise, fall,
                at_the_end(fit.accuracies.back()), at_the_end(fit.recovered),
                at_the_end(fit.gate_recovered)});
    if (last == 0) return;
    for (std::size_t i = 0; i < fit.accuracies.size(); ++i) {
        const moe::Index t = fit.evaluated_at[i];
        const double objective = objectives[static_cast<std::size_t>(t)];
        if (!std::isfinite(objective)) break;
        result.add("fashion_traces", {run.repetition, run.geometry, run.lambda, run.method,
                                      static_cast<std::int64_t>(t), objective, fit.accuracies[i]});
    }
}

void add_images(std::int64_t repetition, const moe::ImageData& images,
                const moe::InvertedImages& data, const moe::Vector& responsibilities,
                moe::CellResult& result) {
    constexpr int of_each = 3;
    for (const bool inverted : {true, false}) {
        int shown = 0;
        for (moe::Index i = 0; i < images.test.rows() && shown < of_each; ++i) {
            if (data.test_inverted[static_cast<std::size_t>(i)] != inverted) continue;
            ++shown;
            for (moe::Index pixel = 0; pixel < images.test.cols(); ++pixel) {
                const double value = images.test(i, pixel);
                result.add("fashion_images",
                           {repetition, static_cast<std::int64_t>(i),
                            static_cast<std::int64_t>(pixel / side),
                            static_cast<std::int64_t>(pixel % side), inverted ? 1.0 - value : value,
                            static_cast<std::int64_t>(images.test_labels[i]), inverted,
                            responsibilities[i]});
            }
        }
    }
}

} // namespace em_vs_gradient
