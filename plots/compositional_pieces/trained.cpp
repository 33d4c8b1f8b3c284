#include "plots/compositional_pieces/trained.hpp"

#include "basics/numbers.hpp"
#include "plots/geometric_means.hpp"

#include <string>

namespace compositional_pieces_figures {

namespace {

using moe::Panel;
using moe::PlotTable;
using moe::Points;
using moe::Scale;

/// Experiment II of arXiv:2505.24205 as reported (notes 3.4); its target is unknown.
const Points papers_deep{{16, 32, 64, 128}, {8.32e-5, 1.41e-5, 4.73e-6, 2.59e-6}};
const Points papers_shallow{{16, 32, 64, 128}, {7.96e-5, 2.17e-5, 2.65e-5, 4.60e-5}};

Panel& error_panel(moe::Figure& figure, const char* title) {
    return figure.panel(title)
        .x_axis({.name = "width m of an expert", .scale = Scale::log2})
        .y_axis({.name = "mean squared error", .scale = Scale::log10});
}

} // namespace

moe::Figure trained(moe::RunData& run) {
    const PlotTable table = run.table("trained");
    moe::Figure figure("compositional_pieces_trained", moe::FigureWidth::double_column,
                       "Trained on nine boxes: geometric means and their 95 % intervals");
    const auto of = [&](const char* model) {
        return moe::geometric_means(table.where("model", model), "m", "mse");
    };
    Panel& ours = error_panel(figure, "our target");
    ours.measured("2-3: two layers of three experts, slope " +
                      moe::rounded(run.rate("trained.deep").slope, 2),
                  of("2-3"));
    ours.measured("1-6: one layer of six", of("1-6"));
    ours.measured("1-9: one layer of nine", of("1-9"));
    Panel& papers = error_panel(figure, "the paper's numbers, its own target");
    papers.measured("2-3", papers_deep);
    papers.measured("1-6", papers_shallow);
    return figure;
}

} // namespace compositional_pieces_figures
