#include "plots/manifold_rate/trained.hpp"

#include "basics/numbers.hpp"
#include "plots/geometric_means.hpp"

#include <string>
#include <utility>

namespace manifold_rate_figures {

namespace {

using moe::geometric_means;
using moe::Panel;
using moe::PlotTable;
using moe::Points;
using moe::Scale;

/// Experiment I of arXiv:2505.24205 as reported (notes 2.9); its optimiser and start are unknown.
const Points papers_numbers{{16, 32, 64, 128}, {3.40e-4, 3.38e-4, 3.17e-4, 3.42e-4}};

Panel& error_panel(moe::Figure& figure, const char* title, const char* x) {
    return figure.panel(title)
        .x_axis({.name = x, .scale = Scale::log2})
        .y_axis({.name = "mean squared error", .scale = Scale::log10});
}

} // namespace

moe::Figure trained(moe::RunData& run) {
    const PlotTable table = run.table("trained");
    moe::Figure figure(
        "manifold_rate_trained", moe::FigureWidth::double_column,
        "Trained networks on circles in R^{D}: geometric means and their 95 % intervals");
    const auto of = [&](const char* network) {
        return geometric_means(table.where("network", network), "D", "mse");
    };
    const Points mixture = of("moe");
    Panel& starts = error_panel(figure, "four experts of width 10", "ambient dimension D");
    starts.measured("data-scaled, rotated: slope " +
                        moe::rounded(run.rate("trained.dimension").slope, 2),
                    mixture);
    starts.measured("fan-in start, padded", of("moe-fan-in"));
    starts.measured("the paper's, its own setting", papers_numbers);

    Panel& dense = error_panel(figure, "against dense networks", "ambient dimension D");
    dense.measured("four experts", mixture);
    dense.measured("dense, equal active", of("dense-active"));
    dense.measured("dense, equal total", of("dense-total"));

    const PlotTable one = table.where("network", "moe").where("D", 16.0);
    const PlotTable several = table.where("network", "circles");
    Panel& control = error_panel(figure, "four experts in R^{16}", "circles, intrinsic dimension");
    Points points = geometric_means(one, "circles", "mse");
    const Points more = geometric_means(several, "circles", "mse");
    points.x.insert(points.x.end(), more.x.begin(), more.x.end());
    points.y.insert(points.y.end(), more.y.begin(), more.y.end());
    points.low.insert(points.low.end(), more.low.begin(), more.low.end());
    points.high.insert(points.high.end(), more.high.begin(), more.high.end());
    control.measured("data-scaled start", std::move(points));
    return figure;
}

} // namespace manifold_rate_figures
