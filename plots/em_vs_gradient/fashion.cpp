#include "plots/em_vs_gradient/fashion.hpp"

#include "basics/numbers.hpp"
#include "statistics/paired.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>

namespace em_vs_gradient {

namespace {

using moe::Figure;
using moe::FigureWidth;
using moe::Panel;
using moe::PlotTable;
using moe::Points;

/// Mean and 95 % t-interval over the data sets at each iteration from `first` on, as far as all of
/// them got; nothing for less than two.
Points mean_of(const PlotTable& traces, const char* column, double first) {
    const std::vector<double> iterations = traces.numbers("iteration");
    const std::vector<double> values = traces.numbers(column);
    std::map<double, std::vector<double>> by_iteration;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (iterations[i] >= first) by_iteration[iterations[i]].push_back(values[i]);
    }
    std::size_t data_sets = 2;
    for (const auto& [iteration, sample] : by_iteration)
        data_sets = std::max(data_sets, sample.size());
    Points points;
    for (const auto& [iteration, sample] : by_iteration) {
        if (sample.size() < data_sets) continue;
        const moe::PairedT mean = moe::paired_t(sample);
        points.x.push_back(iteration);
        points.y.push_back(mean.mean);
        points.low.push_back(mean.interval.low);
        points.high.push_back(mean.interval.high);
    }
    return points;
}

double mean(const std::vector<double>& values) {
    return moe::paired_t(values).mean;
}

/// A method's line: its name in the tables and in the legend.
struct Line {
    const char* method;
    const char* label;
};

/// One quantity in one geometry: the methods as bands, the two references as lines.
struct View {
    PlotTable runs;
    PlotTable traces;
    const char* column; ///< of fashion_traces and fashion_runs
    bool labelled;      ///< whether the panel carries the legend
};

void draw(Panel& panel, const View& view, const std::vector<Line>& lines,
          const std::vector<Line>& references, double first) {
    double last = 0.0;
    for (const Line& line : lines) {
        const Points points = mean_of(view.traces.where("method", line.method), view.column, first);
        if (points.x.empty()) continue;
        last = std::max(last, points.x.back());
        panel.band(view.labelled ? line.label : "", points);
    }
    for (const Line& line : references) {
        if (last <= first) continue;
        const double level = mean(view.runs.where("method", line.method).numbers(view.column));
        panel.theory(view.labelled ? line.label : "", {first, last}, {level, level});
    }
}

Figure comparison(moe::RunData& run) {
    const PlotTable runs = run.table("fashion_runs");
    const PlotTable traces = run.table("fashion_traces");
    Figure figure("em_vs_gradient_fashion", FigureWidth::double_column,
                  "Random-Invert Fashion-MNIST: mean and 95 % interval over data sets");
    const std::vector<Line> short_runs{{"em", "EM"},
                                       {"gradient-em-tuned", "gradient EM(5), best step"},
                                       {"gd-tuned", "gradient descent, best step"},
                                       {"gd", "gradient descent, 1/Lip"}};
    const std::vector<Line> long_runs{{"em-long", "EM"},
                                      {"gradient-em-long", "gradient EM(5), best step"},
                                      {"gd-long", "gradient descent, best step"}};
    const Line known{"known-z", "known inversions"};
    const Line single{"single", "one expert"};
    // The ridge that is judged comes first.
    const auto of = [&](const PlotTable& table, const char* geometry) {
        const std::vector<std::string> lambdas = runs.where("geometry", geometry).texts("lambda");
        const PlotTable all = table.where("geometry", geometry);
        return lambdas.empty() ? all : all.where("lambda", lambdas.front());
    };
    for (const bool accuracy : {true, false}) {
        const char* const column = accuracy ? "test_accuracy" : "objective";
        const auto axis = [=](double low, double high) {
            return moe::Axis{.name = accuracy ? "test accuracy" : "F",
                             .unit = accuracy ? "" : "nats",
                             .low = low,
                             .high = high};
        };
        const moe::Axis whole = accuracy ? axis(0.0, 0.85) : axis(0.5, 2.6);
        const View raw{of(runs, "raw"), of(traces, "raw"), column, !accuracy};
        const View white{of(runs, "white"), of(traces, "white"), column, !accuracy};
        draw(figure.panel("raw features").x_axis({.name = "iteration"}).y_axis(whole), raw,
             short_runs, {known, single}, 0.0);
        draw(figure.panel("white features").x_axis({.name = "iteration"}).y_axis(whole), white,
             short_runs, {known, single}, 0.0);
        draw(figure.panel("raw features, run on")
                 .x_axis({.name = "iteration", .scale = moe::Scale::log10})
                 .y_axis(accuracy ? axis(0.65, 0.8) : axis(0.65, 1.1)),
             raw, long_runs, {known}, 1.0);
    }
    return figure;
}

/// A probability to two places after the point.
std::string places(double probability) {
    return moe::shortest(std::round(100.0 * probability) / 100.0);
}

Figure pictures(moe::RunData& run) {
    const PlotTable table = run.table("fashion_images");
    const PlotTable em = run.table("fashion_runs").where("geometry", "raw").where("method", "em");
    Figure figure("em_vs_gradient_images", FigureWidth::double_column,
                  "Test images, and r: EM's posterior of the expert with most inverted images");
    for (const std::string& repetition : table.distinct("repetition")) {
        const PlotTable here = table.where("repetition", repetition);
        std::vector<moe::GreyImage> images;
        for (const std::string& number : here.distinct("image")) {
            const PlotTable pixels = here.where("image", number);
            const auto extent = [&](const char* column) {
                const std::vector<double> ends = pixels.numbers(column);
                return static_cast<std::size_t>(*std::max_element(ends.begin(), ends.end())) + 1;
            };
            const bool inverted = pixels.texts("inverted").front() == "true";
            images.push_back({extent("row"), extent("column"), pixels.numbers("value"),
                              std::string(inverted ? "inverted" : "as it was") +
                                  ", r = " + places(pixels.numbers("responsibility").front())});
        }
        const PlotTable fit = em.where("repetition", repetition);
        figure
            .panel("data set " + repetition + ": " +
                   moe::rounded(100 * fit.numbers("recovered").front(), 3) +
                   " % of the inversions found, F = " +
                   moe::rounded(fit.numbers("objective").front(), 3))
            .images(std::move(images), 3);
    }
    return figure;
}

} // namespace

std::vector<Figure> fashion_figures(moe::RunData& run) {
    return {comparison(run), pictures(run)};
}

} // namespace em_vs_gradient
