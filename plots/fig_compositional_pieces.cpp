// Figures of thm_compositional_pieces (arXiv:2505.24205): pieces and experts, the deep model
// against one layer, smooth sub-functions, and trained models
// (plots/compositional_pieces/trained.hpp).

#include "basics/numbers.hpp"
#include "figure_program.hpp"
#include "plots/compositional_pieces/trained.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe::Figure;
using moe::FigureWidth;
using moe::Panel;
using moe::PlotTable;
using moe::Points;
using moe::RunData;
using moe::Scale;

/// An error of 0 has no place on a logarithmic axis; 1e-17 is below every rounding error here.
constexpr double drawn_zero = 1e-17;

std::vector<double> drawn(std::vector<double> errors) {
    for (double& error : errors)
        error = std::max(error, drawn_zero);
    return errors;
}

/// Rows of the sweeps whose every box was visited.
Points whole_sweeps(const PlotTable& rows) {
    const std::vector<double> pieces = rows.numbers("pieces");
    const std::vector<double> boxes = rows.numbers("boxes");
    const std::vector<double> experts = rows.numbers("experts");
    const std::vector<double> gradients = rows.numbers("distinct_gradients");
    Points points;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (boxes[i] != pieces[i]) continue;
        points.x.push_back(experts[i]);
        points.y.push_back(gradients[i]);
    }
    return points;
}

void draw_counts(Panel& panel, const PlotTable& sweeps) {
    panel.x_axis({.name = "experts L E of all layers", .scale = Scale::log2})
        .y_axis({.name = "different gradients", .scale = Scale::log10});
    panel.theory("one layer, affine experts: at most L E", {4.0, 64.0}, {4.0, 64.0});
    for (const double L : {2.0, 4.0, 6.0}) {
        const Points points = whole_sweeps(sweeps.where("family", "rand").where("L", L));
        if (points.x.size() < 2) continue;
        const std::string dimension = moe::shortest(L);
        panel.measured("depth 2L, L = " + dimension, points);
        std::vector<double> experts;
        std::vector<double> pieces;
        for (double E = points.x.front() / L; E <= points.x.back() / L + 0.01; E += 0.25) {
            experts.push_back(L * E);
            pieces.push_back(std::pow(E, L));
        }
        panel.theory(L == 2.0 ? "E^{L}" : "", experts, pieces);
    }
}

/// The smallest error of all one-layer models of one comparison.
double best_contender(const PlotTable& contenders, double E, double L, double m,
                      const char* function) {
    const std::vector<double> errors = contenders.where("function", function)
                                           .where("E", E)
                                           .where("L", L)
                                           .where("m", m)
                                           .numbers("error");
    return *std::ranges::min_element(errors);
}

void draw_separation(Panel& panel, const PlotTable& bounds, const PlotTable& contenders,
                     bool affine) {
    const std::vector<double> E = bounds.numbers("E");
    const std::vector<double> L = bounds.numbers("L");
    const std::vector<double> m = bounds.numbers("m");
    const std::vector<double> deep = drawn(bounds.numbers("deep_error"));
    const std::vector<double> bound = bounds.numbers("bound");
    std::vector<std::string> names;
    Points of_deep;
    Points of_bound;
    Points of_best;
    for (std::size_t i = 0; i < E.size(); ++i) {
        // Where LB says nothing there is nothing to draw: only the cells are counted.
        if ((m[i] == 0.0) != affine || !(bound[i] > 0.0)) continue;
        names.push_back(moe::shortest(E[i]) + "," + moe::shortest(L[i]) +
                        (affine ? "" : "," + moe::shortest(m[i])));
        const auto at = static_cast<double>(names.size());
        for (const auto& [points, y] :
             {std::pair(&of_best, best_contender(contenders, E[i], L[i], m[i], "pieces")),
              std::pair(&of_bound, bound[i]), std::pair(&of_deep, deep[i])}) {
            points->x.push_back(at);
            points->y.push_back(y);
        }
    }
    panel.x_axis({.name = affine ? "E, L" : "E, L, knots m of a deep expert", .names = names})
        .y_axis({.name = "largest error on Φ_{q}",
                 .scale = Scale::log10,
                 .low = drawn_zero / 10.0,
                 .high = 1.0});
    panel.measured("one layer: best that was tried", of_best);
    panel.measured("one layer: lower bound", of_bound);
    panel.measured("depth 2L (0 drawn at 10^{-17})", of_deep);
}

Figure count(RunData& run) {
    Figure figure("compositional_pieces_count", FigureWidth::double_column,
                  "Pieces and experts: depth 2L against one layer, L E affine experts each");
    draw_counts(figure.panel("pieces"), run.table("sweeps"));
    draw_separation(figure.panel("error"), run.table("one_layer"), run.table("contenders"), true);
    return figure;
}

Figure equal_width(RunData& run) {
    Figure figure("compositional_pieces_width", FigureWidth::double_column,
                  "Depth 2L against one layer, L E ReLU experts of the same width each");
    draw_separation(figure.panel(), run.table("one_layer"), run.table("contenders"), false);
    return figure;
}

Figure scaling(RunData& run) {
    const PlotTable table = run.table("scaling");
    const PlotTable contenders = run.table("contenders");
    Figure figure("compositional_pieces_scaling", FigureWidth::double_column,
                  "Error on |x|^{2}: depth 2L against one layer, L E affine experts each");
    for (const std::string& dimension : table.distinct("L")) {
        const PlotTable rows = table.where("L", dimension);
        const std::vector<double> E = rows.numbers("E");
        const double L = rows.numbers("L").front();
        auto& panel = figure.panel("L = " + dimension)
                          .x_axis({.name = "experts a layer E", .scale = Scale::log2})
                          .y_axis({.name = "largest error on |x|^{2}", .scale = Scale::log10});
        panel.measured("depth 2L", {E, rows.numbers("deep_norm_error")},
                       run.rate("scaling.L" + dimension + ".deep"));
        Points best;
        for (const double tried : {4.0, 8.0, 16.0}) {
            if (tried == 16.0 && L != 4.0) continue;
            best.x.push_back(tried);
            best.y.push_back(best_contender(contenders, tried, L, 0.0, "square-norm"));
        }
        panel.measured("one layer: best that was tried", best);
        const std::vector<double> bound = rows.numbers("norm_bound");
        panel.theory("one layer: lower bound, slope −2/L = " + moe::rounded(-2.0 / L, 3), E, bound);
    }
    return figure;
}

Figure smooth(RunData& run) {
    const PlotTable table = run.table("smooth");
    Figure figure("compositional_pieces_smooth", FigureWidth::double_column,
                  "Smooth sub-functions: largest error over all E^{L} boxes");
    using Series = std::vector<std::pair<double, double>>; // (E, L)
    for (const auto& [title, series] :
         {std::pair(std::string("more boxes at L = 4"), Series{{4, 4}, {8, 4}}),
          std::pair(std::string("more dimensions at E = 4"),
                    Series{{4, 1}, {4, 2}, {4, 3}, {4, 4}})}) {
        auto& panel = figure.panel(title)
                          .x_axis({.name = "pieces of an expert m + 1", .scale = Scale::log2})
                          .y_axis({.name = "largest error", .scale = Scale::log10});
        for (const auto& [E, L] : series) {
            const PlotTable rows = table.where("E", E).where("L", L);
            std::vector<double> pieces = rows.numbers("m");
            for (double& m : pieces)
                m += 1.0;
            panel.measured("E = " + moe::shortest(E) + ", L = " + moe::shortest(L) + ": " +
                               moe::shortest(std::pow(E, L)) + " boxes",
                           {pieces, rows.numbers("measured")},
                           run.rate("smooth.E" + moe::shortest(E) + ".L" + moe::shortest(L)));
            panel.theory(E == series.front().first && L == series.front().second ? "bound" : "",
                         pieces, rows.numbers("bound"));
        }
    }
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    return {count(run), equal_width(run), scaling(run), smooth(run),
            compositional_pieces_figures::trained(run)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(
        argc, argv,
        {"fig_compositional_pieces", "thm_compositional_pieces",
         "pieces and experts, deep models against one layer, smooth sub-functions, trained models",
         draw});
}
