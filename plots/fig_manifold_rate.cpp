// Figures of thm_manifold_rate (arXiv:2505.24205, theorem 4.8): error against the width of an
// expert and against the ambient dimension, the experts that points are routed to, and trained
// networks (plots/manifold_rate/trained.hpp).

#include "basics/numbers.hpp"
#include "figure_program.hpp"
#include "plots/manifold_rate/trained.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using moe::Figure;
using moe::FigureWidth;
using moe::Panel;
using moe::PlotTable;
using moe::Points;
using moe::RunData;
using moe::Scale;

struct Manifold {
    const char* name;
    const char* label;
    double d;
};

const std::vector<Manifold> manifolds{{"circle", "circle, d = 1", 1.0},
                                      {"winding", "winding curve, d = 1", 1.0},
                                      {"torus2", "torus, d = 2", 2.0},
                                      {"sphere2", "sphere, d = 2", 2.0},
                                      {"sphere3", "3-sphere, d = 3", 3.0}};

/// Geometric mean and range at each width: over samples, or over phases.
Points over_width(const PlotTable& table) {
    std::map<double, std::vector<double>> groups;
    const std::vector<double> width = table.numbers("width");
    const std::vector<double> error = table.numbers("sup_error");
    for (std::size_t i = 0; i < width.size(); ++i)
        groups[width[i]].push_back(error[i]);
    Points points;
    for (const auto& [m, values] : groups) {
        double sum = 0.0;
        for (const double value : values)
            sum += std::log(value);
        points.x.push_back(m);
        points.y.push_back(std::exp(sum / static_cast<double>(values.size())));
        points.low.push_back(*std::ranges::min_element(values));
        points.high.push_back(*std::ranges::max_element(values));
    }
    return points;
}

/// The largest over samples and peaks at each width: what is judged for smooth targets.
Points largest_over_width(const PlotTable& table) {
    const Points ranges = over_width(table);
    Points points;
    points.x = ranges.x;
    points.y = ranges.high;
    return points;
}

/// Width of an expert of sphere3 from which on the slope is judged: 2(N+1)^3 + 2(N+1) at N = 18.
constexpr double sphere3_width = 2.0 * 19 * 19 * 19 + 2.0 * 19;

/// C m^exponent through the last point.
void line_through_last(Panel& panel, const std::string& label, const Points& points,
                       double exponent) {
    panel.theory_power(label, points.y.back() / std::pow(points.x.back(), exponent), exponent,
                       points.x.front(), points.x.back());
}

Panel& log_panel(Figure& figure, const std::string& title) {
    return figure.panel(title)
        .x_axis({.name = "width m of an expert", .scale = Scale::log10})
        .y_axis({.name = "sup error", .scale = Scale::log10});
}

/// m^(-2/d).
std::string smooth_rate(double d) {
    if (d == 1.0) return "m^{−2}";
    return d == 2.0 ? "m^{−1}" : "m^{−2/3}";
}

/// Slope of log error on log m from a width on, for a legend.
std::string fitted(Points points, double least_width = 0.0) {
    const auto skipped = std::ranges::count_if(points.x, [=](double m) { return m < least_width; });
    if (skipped + 2 > std::ssize(points.x)) return "not fitted";
    points.x.erase(points.x.begin(), points.x.begin() + skipped);
    points.y.erase(points.y.begin(), points.y.begin() + skipped);
    double mean_x = 0.0;
    double mean_y = 0.0;
    const auto count = static_cast<double>(points.x.size());
    for (std::size_t i = 0; i < points.x.size(); ++i) {
        mean_x += std::log(points.x[i]) / count;
        mean_y += std::log(points.y[i]) / count;
    }
    double products = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < points.x.size(); ++i) {
        const double x = std::log(points.x[i]) - mean_x;
        products += x * (std::log(points.y[i]) - mean_y);
        squares += x * x;
    }
    return "fitted " + moe::rounded(products / squares, 3);
}

Figure against_width(RunData& run) {
    const PlotTable errors = run.table("errors");
    Figure figure("manifold_rate_width", FigureWidth::double_column,
                  "Sup error of the built networks against the width of an expert");
    Panel& smooth = log_panel(figure, "smooth target");
    std::map<double, Points> shown;
    for (const Manifold& manifold : manifolds) {
        const Points points =
            largest_over_width(errors.where("target", "smooth").where("manifold", manifold.name));
        const bool late = std::string_view(manifold.name) == "sphere3";
        smooth.measured(std::string(manifold.label) + ": " +
                            fitted(points, late ? sphere3_width : 0.0) + (late ? ", N ≥ 18" : ""),
                        points);
        shown[manifold.d] = points;
    }
    for (const auto& [d, points] : shown)
        line_through_last(smooth, smooth_rate(d), points, -2.0 / d);

    Panel& rough = log_panel(figure, "Hölder targets");
    const PlotTable hoelder = errors.where("target", "hoelder");
    for (const Manifold& manifold : manifolds) {
        const std::vector<std::string> there = hoelder.distinct("manifold");
        if (std::ranges::find(there, manifold.name) == there.end()) continue;
        const PlotTable mine = hoelder.where("manifold", manifold.name);
        for (const std::string& alpha : mine.distinct("alpha")) {
            // All smoothnesses on the circle, one on the others.
            if (manifold.d > 1.0 && alpha != "0.5") continue;
            const Points points = over_width(mine.where("alpha", alpha));
            const std::string label(manifold.label);
            rough.measured(label.substr(0, label.find(',')) + ", α = " + alpha + ": " +
                               fitted(points) + ", claimed " +
                               moe::rounded(-std::stod(alpha) / manifold.d, 3),
                           points);
        }
    }

    Panel& cube = log_panel(figure, "no chart: grid on [−1,1]^{D}");
    const PlotTable grids = run.table("cube");
    for (const std::string& D : grids.distinct("D")) {
        const Points points = over_width(grids.where("D", D));
        cube.measured("D = " + D + ": " + fitted(points), points);
        line_through_last(cube, smooth_rate(std::stod(D)), points, -2.0 / std::stod(D));
    }
    return figure;
}

Figure against_dimension(RunData& run) {
    const PlotTable table = run.table("dimension");
    Figure figure("manifold_rate_dimension", FigureWidth::double_column, "The ambient dimension D");
    Panel& errors = figure.panel("error")
                        .x_axis({.name = "D", .scale = Scale::log2})
                        .y_axis({.name = "sup error", .scale = Scale::log10});
    Panel& widths = figure.panel("widths")
                        .x_axis({.name = "D", .scale = Scale::log2})
                        .y_axis({.name = "neurons", .scale = Scale::log10});
    for (const Manifold& manifold : manifolds) {
        const PlotTable mine = table.where("manifold", manifold.name);
        const PlotTable flat = mine.where("tau", 0.0);
        errors.theory(&manifold == &manifolds.front() ? "without ambient space" : "",
                      flat.numbers("D"), flat.numbers("direct_error"));
        errors.measured(std::string(manifold.label) + ", N = " +
                            moe::shortest(flat.numbers("cells").front()) + ": flat and curved",
                        {mine.numbers("D"), mine.numbers("sup_error")});
    }
    for (const char* const name : {"winding", "sphere2"}) {
        const PlotTable flat = table.where("manifold", name).where("tau", 0.0);
        widths.measured(std::string(name) + ": an expert",
                        {flat.numbers("D"), flat.numbers("expert_width")});
        widths.measured(std::string(name) + ": layer 1",
                        {flat.numbers("D"), flat.numbers("routing_width")});
    }
    return figure;
}

/// Width over height of a panel's axes, so that circles look round.
constexpr double aspect = 1.385;

void colour_by_expert(Figure& figure, const PlotTable& picture, const char* manifold,
                      const char* panel, const std::string& title, double radius) {
    const PlotTable points = picture.where("manifold", manifold).where("panel", panel);
    Panel& axes = figure.panel(title)
                      .x_axis({.name = "", .low = -aspect * radius, .high = aspect * radius})
                      .y_axis({.name = "", .low = -radius, .high = radius});
    std::vector<std::string> experts = points.distinct("expert");
    std::ranges::sort(experts);
    for (const std::string& expert : experts) {
        const PlotTable mine = points.where("expert", expert);
        axes.measured("expert " + expert, {mine.numbers("horizontal"), mine.numbers("vertical")});
    }
}

Figure routed(RunData& run) {
    const PlotTable picture = run.table("picture");
    Figure figure("manifold_rate_charts", FigureWidth::double_column,
                  "Points and the experts that the built networks route them to");
    colour_by_expert(figure, picture, "circle", "curve", "circle: one layer is enough", 1.1);
    colour_by_expert(figure, picture, "winding", "curve",
                     "winding curve, as e^{2iθ} + e^{3iθ}: layer 1 is needed", 1.55);
    colour_by_expert(figure, picture, "sphere2", "front", "sphere, front: expert 4 in the middle",
                     1.1);
    colour_by_expert(figure, picture, "sphere2", "back", "sphere, back: expert 5 in the middle",
                     1.1);
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    return {against_width(run), against_dimension(run), routed(run),
            manifold_rate_figures::trained(run)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(
        argc, argv,
        {"fig_manifold_rate", "thm_manifold_rate",
         "rates on manifolds: width, ambient dimension, routed experts, trained networks", draw});
}
