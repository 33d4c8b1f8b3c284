// Figures of thm_em_vs_gradient (arXiv:2411.06056): the gap per iteration and against seconds, and
// what happens on the images (plots/em_vs_gradient/fashion.cpp).

#include "plots/em_vs_gradient/fashion.hpp"
#include "plots/figure_program.hpp"

#include "basics/numbers.hpp"
#include "statistics/paired.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe::Figure;
using moe::FigureWidth;
using moe::PlotTable;
using moe::Points;
using moe::RunData;
using moe::Scale;

/// A gap is a difference of two means of order 1: below this it is rounding noise.
constexpr double floor_of_gaps = 1e-16;

struct MethodLabel {
    const char* name;
    const char* label;
};

constexpr MethodLabel methods[] = {{"em", "EM"},
                                   {"gradient-em-tuned", "gradient EM(5), best step"},
                                   {"gd-blockwise", "GD, best steps per block"},
                                   {"gd-tuned", "GD, best step"},
                                   {"gradient-em", "gradient EM(5), step 1/Lip"},
                                   {"gd", "GD, step 1/Lip"}};

struct Model {
    const char* name;
    const char* title;
};

constexpr Model models[] = {{"linear", "SymMoLinE"}, {"logistic", "SymMoLogE"}};

/// Median and quartiles over data sets of the gap after each iteration.
Points quartiles(const PlotTable& gaps) {
    std::map<double, std::vector<double>> by_iteration;
    const std::vector<double> iterations = gaps.numbers("iteration");
    const std::vector<double> values = gaps.numbers("gap");
    for (std::size_t i = 0; i < values.size(); ++i) {
        by_iteration[iterations[i]].push_back(values[i]);
    }
    Points points;
    for (const auto& [iteration, here] : by_iteration) {
        const auto at = [&sample = here](double q) {
            return std::max(moe::quantile(sample, q), floor_of_gaps);
        };
        points.x.push_back(iteration);
        points.y.push_back(at(0.5));
        points.low.push_back(at(0.25));
        points.high.push_back(at(0.75));
    }
    return points;
}

double median_of(const std::vector<moe::PlotTiming>& timings) {
    std::vector<double> seconds;
    for (const moe::PlotTiming& timing : timings) {
        seconds.push_back(timing.seconds);
    }
    return moe::quantile(seconds, 0.5);
}

Figure per_iteration(RunData& run) {
    Figure figure("em_vs_gradient_gap", FigureWidth::double_column,
                  "Gap per iteration: median and quartiles over data sets");
    const PlotTable gaps = run.table("gaps");
    for (const Model& model : models) {
        auto& panel =
            figure.panel(model.title)
                .x_axis({.name = "iteration t"})
                .y_axis(
                    {.name = "L(θ^{t}) - L(θ̂)", .unit = "nats per sample", .scale = Scale::log10});
        const PlotTable of_model = gaps.where("model", model.name);
        for (const MethodLabel& method : methods) {
            panel.band(method.label, quartiles(of_model.where("method", method.name)));
        }
    }
    return figure;
}

/// "10^{-6} at 1.3 ms": when the median gap is that small, if it ever is.
std::string reached(const Points& points, double level, const std::string& label) {
    for (std::size_t i = 0; i < points.x.size(); ++i) {
        if (points.y[i] <= level) return ", " + label + " at " + moe::rounded(1e3 * points.x[i], 2);
    }
    return "";
}

/// The medians again, iteration t at t times the median seconds of an iteration. The start stands
/// at no time, which a logarithmic axis does not have.
Figure per_second(RunData& run) {
    Figure figure("em_vs_gradient_seconds", FigureWidth::double_column,
                  "Gap against seconds: median and quartiles over data sets");
    const PlotTable gaps = run.table("gaps");
    for (const Model& model : models) {
        auto& panel =
            figure.panel(model.title)
                .x_axis({.name = "processor time", .unit = "s", .scale = Scale::log10})
                .y_axis(
                    {.name = "L(θ^{t}) - L(θ̂)", .unit = "nats per sample", .scale = Scale::log10});
        const PlotTable of_model = gaps.where("model", model.name);
        for (const MethodLabel& method : methods) {
            const std::string timing = std::string(model.name) + "/" + method.name + "/iteration";
            const double seconds = median_of(run.timings(timing));
            Points points = quartiles(of_model.where("method", method.name));
            for (std::vector<double>* const column :
                 {&points.x, &points.y, &points.low, &points.high}) {
                column->erase(column->begin());
            }
            for (double& x : points.x) {
                x *= seconds;
            }
            panel.band(std::string(method.label) + ": " + moe::rounded(1e3 * seconds, 2) +
                           " ms an iteration" + reached(points, 1e-3, "10^{-3}") +
                           reached(points, 1e-6, "10^{-6}"),
                       points);
        }
    }
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    std::vector<Figure> figures{per_iteration(run), per_second(run)};
    for (Figure& figure : em_vs_gradient::fashion_figures(run)) {
        figures.push_back(std::move(figure));
    }
    return figures;
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(argc, argv,
                            {"fig_em_vs_gradient", "thm_em_vs_gradient",
                             "EM, gradient EM and gradient descent per iteration and second",
                             draw});
}
