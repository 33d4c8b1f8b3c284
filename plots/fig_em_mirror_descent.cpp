// Figures of thm_em_mirror_descent (arXiv:2411.06056): how far EM is from the independently solved
// proximal steps and how far wrong steps are, the exact decrease, and the sublinear bound.

#include "figure_program.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace {

using moe::Axis;
using moe::Figure;
using moe::FigureWidth;
using moe::Panel;
using moe::PlotTable;
using moe::Points;
using moe::RunData;
using moe::Scale;

/// Differences that are exactly 0 are drawn here.
constexpr double drawn_zero = 1e-17;
/// The identity of the decrease is measured on long runs; their first iterations are drawn.
constexpr double drawn_iterations = 10.0;
/// Gaps below this are rounding noise of F.
constexpr double noise = 1e-16;

bool holds(const PlotTable& table, const std::string& column, const std::string& text) {
    const std::vector<std::string> all = table.distinct(column);
    return std::ranges::find(all, text) != all.end();
}

/// The largest value over the repetitions for each configuration and iteration; configurations
/// stand side by side at their iteration t + 1, up to the last one that is drawn.
Points per_iteration(const PlotTable& table, const std::string& column, double iterations) {
    Points points;
    const std::vector<std::string> configurations = table.distinct("configuration");
    const double spacing = 0.6 / static_cast<double>(configurations.size());
    for (std::size_t c = 0; c < configurations.size(); ++c) {
        const PlotTable rows = table.where("configuration", configurations[c]);
        const std::vector<double> t = rows.numbers("iteration");
        const std::vector<double> values = rows.numbers(column);
        std::map<double, double> largest;
        for (std::size_t i = 0; i < t.size(); ++i) {
            // Steps without a minimum are infinitely far away and not drawn.
            if (!std::isfinite(values[i]) || t[i] >= iterations) continue;
            double& entry = largest.try_emplace(t[i], drawn_zero).first->second;
            entry = std::max(entry, values[i]);
        }
        for (const auto& [iteration, value] : largest) {
            points.x.push_back(iteration + 1.0 + spacing * (static_cast<double>(c) + 0.5) - 0.3);
            points.y.push_back(value);
        }
    }
    return points;
}

Panel& residual_panel(Figure& figure, const std::string& title, const std::string& name,
                      double iterations) {
    return figure.panel(title)
        .x_axis({.name = "EM iteration", .low = 0.0, .high = iterations + 1.0})
        .y_axis({.name = name, .scale = Scale::log10, .low = 0.1 * drawn_zero, .high = 1e2});
}

double last_iteration(const PlotTable& table) {
    const std::vector<double> t = table.numbers("iteration");
    return *std::ranges::max_element(t) + 1.0;
}

void add_families(Panel& panel, const PlotTable& table, const std::string& column,
                  double iterations) {
    for (const std::string& family : table.distinct("family"))
        panel.measured(family, per_iteration(table.where("family", family), column, iterations));
}

/// A wrong step; nothing where the panel's models have none.
void add_control(Panel& panel, const PlotTable& controls, const std::string& control,
                 bool symmetric, double iterations) {
    Points points;
    for (const std::string& family : controls.distinct("family")) {
        const PlotTable rows = controls.where("family", family);
        if ((family == "symmetric") != symmetric || !holds(rows, "control", control)) continue;
        const Points more = per_iteration(rows.where("control", control), "distance", iterations);
        points.x.insert(points.x.end(), more.x.begin(), more.x.end());
        points.y.insert(points.y.end(), more.y.begin(), more.y.end());
    }
    if (!points.x.empty()) panel.measured("wrong: " + control, points);
}

void add_acceptance(Panel& panel, const std::string& label, double level, double iterations) {
    panel.theory(label, {0.0, iterations + 1.0}, {level, level});
}

Figure identities(RunData& run) {
    const PlotTable proximal = run.table("proximal");
    const PlotTable controls = run.table("controls");
    const PlotTable decrease = run.table("decrease");
    Figure figure("em_mirror_descent_identities", FigureWidth::double_column,
                  "EM against mirror descent steps solved by other means");
    struct Form {
        const char* name;
        const char* title;
        std::vector<const char*> wrong;
    };
    for (const Form& form :
         {Form{"E1", "E1: symmetric, KL_{joint} in θ", {"step 0.9", "swapped KL"}},
          Form{"E2a", "E2a: K experts, natural coordinates", {"step 0.9", "swapped KL"}},
          Form{"E2b", "E2b: K experts, mirror map h_{t}", {"E3"}}}) {
        if (!holds(proximal, "form", form.name)) continue;
        const PlotTable rows = proximal.where("form", form.name);
        const double iterations = last_iteration(rows);
        Panel& panel = residual_panel(figure, form.title, "distance from EM's iterate", iterations);
        const bool symmetric = std::string(form.name) == "E1";
        if (symmetric) {
            for (const std::string& name : rows.distinct("configuration"))
                panel.measured(name, per_iteration(rows.where("configuration", name), "difference",
                                                   iterations));
        } else {
            add_families(panel, rows, "difference", iterations);
        }
        for (const char* wrong : form.wrong)
            add_control(panel, controls, wrong, symmetric, iterations);
        add_acceptance(panel, "accepted below 10^{-9}", 1e-9, iterations);
    }
    const double iterations = std::min(last_iteration(decrease), drawn_iterations);
    Panel& panel =
        residual_panel(figure, "exact decrease of F", "residual of the identity", iterations);
    add_families(panel, decrease, "residual", iterations);
    add_acceptance(panel, "accepted below 10^{-12}", 1e-12, iterations);
    return figure;
}

/// A column against T = t + 1 as long as the gap is no rounding noise.
Points against_T(const PlotTable& rows, const std::string& column) {
    const std::vector<double> t = rows.numbers("iteration");
    const std::vector<double> gap = rows.numbers("least_gap");
    const std::vector<double> values = rows.numbers(column);
    Points points;
    for (std::size_t i = 0; i < t.size(); ++i) {
        if (!(gap[i] > noise)) continue;
        points.x.push_back(t[i] + 1.0);
        points.y.push_back(values[i]);
    }
    return points;
}

Figure sublinear(RunData& run) {
    const PlotTable decrease = run.table("decrease");
    const PlotTable first = decrease.where("repetition", 0.0);
    const double iterations = last_iteration(first);
    Figure figure("em_mirror_descent_sublinear", FigureWidth::double_column,
                  "The sublinear bound T min_{t<T} gap_{t} ≤ F^{0} − F^{T}");
    Panel& ratios = figure.panel("all configurations")
                        .x_axis({.name = "EM iterations T", .scale = Scale::log10})
                        .y_axis({.name = "T min gap / (F^{0} − F^{T})",
                                 .scale = Scale::log10,
                                 .low = 1e-8,
                                 .high = 1e1});
    for (const std::string& family : first.distinct("family")) {
        const Points points = against_T(first.where("family", family), "bound_ratio");
        if (!points.x.empty()) ratios.measured(family, points);
    }
    ratios.theory("bound: 1", {1.0, iterations}, {1.0, 1.0});

    Panel& gaps = figure.panel("four of them")
                      .x_axis({.name = "EM iterations T", .scale = Scale::log10})
                      .y_axis({.name = "min_{t<T} gap_{t}", .scale = Scale::log10, .low = noise});
    for (const std::string name :
         {"sym-lin.signal2", "sym-lin.signal0.5", "linear.K3.p3", "binary.K3.p3"}) {
        if (!holds(first, "configuration", name)) continue;
        const PlotTable rows = first.where("configuration", name);
        const Points points = against_T(rows, "least_gap");
        if (points.x.empty()) continue;
        gaps.measured(name, points);
        if (name != "binary.K3.p3") continue;
        std::vector<double> bound = against_T(rows, "bound_ratio").y;
        for (std::size_t i = 0; i < bound.size(); ++i)
            bound[i] = points.y[i] / bound[i];
        gaps.theory("bound (F^{0} − F^{T}) / T of the last", points.x, bound);
    }
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    return {identities(run), sublinear(run)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(argc, argv,
                            {"fig_em_mirror_descent", "thm_em_mirror_descent",
                             "EM against mirror descent, exact decrease and sublinear bound",
                             draw});
}
