// Figures of thm_vc_bound (arXiv:2402.03460): certified lower and counted upper bounds, the two
// readings of W, and the fraction of labelings that small mixtures realise.

#include "figure_program.hpp"

#include <string>
#include <vector>

namespace {

using moe::Figure;
using moe::FigureWidth;
using moe::PlotTable;
using moe::RunData;
using moe::Scale;

Figure brackets(RunData& run) {
    const PlotTable table = run.table("brackets");
    Figure figure("vc_bound_brackets", FigureWidth::double_column,
                  "Certified lower bounds and counted upper bounds");
    struct Ladder {
        const char* id;
        const char* title;
        const char* axis;
    };
    for (const Ladder& ladder :
         {Ladder{"experts.n2", "linear experts, n = 2", "number of experts L"},
          Ladder{"dimension", "4 linear experts", "dimension n"},
          Ladder{"width", "4 experts, one hidden layer, n = 4", "width w"},
          Ladder{"depth", "one expert of width 8, n = 2", "depth J"}}) {
        auto& panel = figure.panel(ladder.title)
                          .x_axis({.name = ladder.axis, .scale = Scale::log2})
                          .y_axis({.name = "VC dimension", .scale = Scale::log10});
        const std::string id = ladder.id;
        const PlotTable tree = table.where("ladder", id + ".tree");
        const std::vector<double> x = tree.numbers("abscissa");
        panel.measured("shattered: LB", {x, tree.numbers("lower")});
        panel.theory("UB, tree routing", x, tree.numbers("upper"));
        const PlotTable flat = table.where("ladder", id + ".flat");
        panel.theory("UB, flat routing", flat.numbers("abscissa"), flat.numbers("upper"));
    }
    return figure;
}

Figure readings(RunData& run) {
    const PlotTable table = run.table("readings");
    Figure figure("vc_bound_readings", FigureWidth::double_column,
                  "What W must mean: one expert against its bounds");
    for (const std::string test : {"width", "depth"}) {
        const bool width = test == "width";
        auto& panel = figure.panel(width ? "n = t, w = 3t, J = 2" : "n = 2, w = 8")
                          .x_axis({.name = width ? "t" : "depth J", .scale = Scale::log2})
                          .y_axis({.name = "VC dimension", .scale = Scale::log10});
        const PlotTable rows = table.where("test", test);
        const std::vector<double> x = rows.numbers("abscissa");
        const std::string id = "readings." + test;
        panel.measured("shattered", {x, rows.numbers("lower")}, run.rate(id + ".lower"));
        panel.theory("UB, W = weights", x, rows.numbers("weights_bound"));
        panel.theory("W = neurons, with log^{2}", x, rows.numbers("neurons_logarithms"));
        panel.theory("W = neurons, max{n, Jw}", x, rows.numbers("neurons_plain"));
    }
    return figure;
}

Figure realisable(RunData& run) {
    const PlotTable table = run.table("fractions");
    Figure figure("vc_bound_realisable", FigureWidth::single_column);
    auto& panel = figure.panel()
                      .x_axis({.name = "number of points m in the plane"})
                      .y_axis({.name = "fraction of labelings realised", .low = 0.0, .high = 1.05});
    const std::vector<double> m = table.numbers("points");
    panel.measured("one linear expert", {m, table.numbers("one_linear")});
    panel.measured("three constants (best of 20 sets)", {m, table.numbers("three_const")});
    panel.measured("two linear experts (best of 20 sets)", {m, table.numbers("two_linear")});
    panel.theory("Cover's count", m, table.numbers("cover"));
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    return {brackets(run), readings(run), realisable(run)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(argc, argv,
                            {"fig_vc_bound", "thm_vc_bound",
                             "bounds of the VC dimension of mixtures and the readings of W", draw});
}
