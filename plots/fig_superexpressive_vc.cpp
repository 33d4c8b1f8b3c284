// Figure of thm_superexpressive_vc (arXiv:2402.03460): the margin of the exact labels, and where
// float64 fails.

#include "figure_program.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

using moe::Figure;
using moe::FigureWidth;
using moe::PlotTable;
using moe::RunData;
using moe::Scale;

std::vector<Figure> draw(RunData& run) {
    const PlotTable labelings = run.table("labelings");
    const PlotTable control = run.table("control");
    Figure figure("superexpressive_vc_precision", FigureWidth::double_column,
                  "One parameter, any number of points: x \u2192 1{sin(\u03c9x) > 0}");
    const std::vector<double> all = labelings.where("exhaustive", "true").numbers("points");
    const std::string largest = moe::rounded(*std::max_element(all.begin(), all.end()), 4);
    auto& margin = figure.panel("exact: all labelings to m = " + largest + ", random ones beyond")
                       .x_axis({.name = "number of points m", .scale = Scale::log2})
                       .y_axis({.name = "margin min |sin|", .scale = Scale::log10});
    auto& failures = figure.panel("the same in float64")
                         .x_axis({.name = "number of points m"})
                         .y_axis({.name = "labelings missed", .low = 0.0, .high = 1.05});
    for (const int base : {2, 8}) {
        const std::string label = "x_{j} = " + std::to_string(base) + "^{-j}";
        const PlotTable exact = labelings.where("base", base);
        const std::vector<double> m = exact.numbers("points");
        // A margin of 2^-4000 is 0 in float64: such points cannot stand on a logarithmic axis.
        std::vector<double> x;
        std::vector<double> y;
        const std::vector<double> margins = exact.numbers("margin");
        for (std::size_t i = 0; i < m.size(); ++i) {
            if (margins[i] <= 1e-300) continue;
            x.push_back(m[i]);
            y.push_back(margins[i]);
        }
        margin.measured(label, {x, y});
        const PlotTable naive = control.where("base", base);
        failures.measured(label, {naive.numbers("points"), naive.numbers("wrong_fraction")});
    }
    const std::vector<double> sizes = labelings.numbers("points");
    const auto [low, high] = std::minmax_element(sizes.begin(), sizes.end());
    margin.theory("sin(\u03c0/4)", {*low, *high}, {0.70710678118654752, 0.70710678118654752});
    return {figure};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(argc, argv,
                            {"fig_superexpressive_vc", "thm_superexpressive_vc",
                             "precision that the sine class needs", draw});
}
