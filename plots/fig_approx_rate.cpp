// Figures of thm_approx_rate (arXiv:2402.03460): what is loaded against 1/error, the trade-off with
// the number of experts, the errors, and bytes on disk against bytes in memory.

#include "figure_program.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

using moe::Axis;
using moe::Figure;
using moe::FigureWidth;
using moe::PlotTable;
using moe::Points;
using moe::RunData;
using moe::Scale;

Axis inverse_error() {
    return {.name = "1/ε, ε = certified error", .scale = Scale::log10};
}

std::vector<double> inverses(std::vector<double> values) {
    for (double& value : values)
        value = 1.0 / value;
    return values;
}

std::vector<double> sums(std::vector<double> a, const std::vector<double>& b, double factor = 1.0) {
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] += factor * b[i];
    return a;
}

/// One row per size of a ladder: the four targets share what is loaded.
PlotTable ladder(const PlotTable& models, const std::string& id) {
    return models.where("ladder", id).where("family", "adv");
}

Points loaded(const PlotTable& rows) {
    return {inverses(rows.numbers("certified_error")), rows.numbers("parameters_loaded")};
}

Figure loaded_parameters(RunData& run) {
    const PlotTable models = run.table("models");
    const PlotTable curve = run.table("dense").where("use", "curve");
    const PlotTable constants = run.table("crossings").where("scan", "constants");
    Figure figure("approx_rate_loaded", FigureWidth::double_column,
                  "Parameters that one input loads");
    for (const int n : {1, 2, 3, 4}) {
        auto& panel = figure.panel("n = " + std::to_string(n))
                          .x_axis(inverse_error())
                          .y_axis({.name = "loaded parameters P",
                                   .scale = Scale::log10,
                                   .high = n == 1 ? 1e3 : 1e6});
        const std::string suffix = ".n" + std::to_string(n);
        const PlotTable scan = constants.where("n", n);
        panel.curve("r = 0 with routing (total, by plan)", inverses(scan.numbers("error")),
                    scan.numbers("mixture"));
        for (const auto& [exponent, label] : std::vector<std::pair<std::string, std::string>>{
                 {"0", "MoMLP, r = 0"},
                 {"1/2", "MoMLP, r = 1/2"},
                 {"1", n == 1 ? "dense, r = 1 = n" : "MoMLP, r = 1"}}) {
            const std::string id = "kuhn.r" + exponent + suffix;
            panel.measured(label, loaded(ladder(models, id)), run.rate(id + ".params"));
        }
        if (n > 1) {
            const std::string id = "kuhn.rn" + suffix;
            panel.measured("dense, r = n", loaded(ladder(models, id)), run.rate(id + ".params"));
        }
        const PlotTable dense = curve.where("n", n);
        const std::vector<double> x = inverses(dense.numbers("eps"));
        panel.theory("no dense ReLU net below", x, dense.numbers("dense_minimum"));
        panel.theory("no resident float64 model below (G/64)", x,
                     dense.numbers("floor_parameters"));
    }
    return figure;
}

Figure trade_off(RunData& run) {
    const PlotTable plans = run.table("plans");
    Figure figure("approx_rate_tradeoff", FigureWidth::double_column,
                  "The same error with few large or many small experts");
    for (const int n : {2, 3, 4}) {
        auto& panel = figure.panel("n = " + std::to_string(n))
                          .x_axis({.name = "loaded parameters P", .scale = Scale::log10})
                          .y_axis({.name = "number of experts L", .scale = Scale::log10});
        const PlotTable rows = plans.where("n", n);
        const std::vector<double> eps = rows.where("exponent", "0").numbers("eps");
        for (const std::size_t part : {3U, 5U, 7U}) {
            const double here = eps[eps.size() * part / 8];
            const PlotTable at = rows.where("eps", here);
            const std::vector<double> loaded = at.numbers("parameters_wide");
            const std::vector<double> experts = at.numbers("experts");
            panel.measured("plans for ε = " + moe::rounded(here, 2), {loaded, experts});
            // L P is the same for all r up to constants: through the plan of r = 1.
            const double product = loaded.at(loaded.size() - 2) * experts.at(experts.size() - 2);
            panel.theory_power(part == 3 ? "L P = const" : "", product, -1.0, loaded.front(),
                               loaded.back());
            if (part < 7) continue;
            const std::vector<std::string> exponents = at.texts("exponent");
            for (std::size_t i = 0; i < loaded.size(); ++i)
                panel.note("r = " + exponents[i], loaded[i] * (i == 0 ? 8.0 : 1.5),
                           experts[i] * 4.0);
        }
    }
    return figure;
}

Figure errors(RunData& run) {
    const PlotTable models = run.table("models");
    Figure figure("approx_rate_error", FigureWidth::double_column,
                  "Sampled error against the certified bound");
    const std::vector<std::pair<std::string, std::string>> ladders{
        {"kuhn.r0.n2", "constant experts, n = 2"},
        {"kuhn.r1.n2", "Kuhn experts, r = 1, n = 2"},
        {"bit-extraction.r1/2.n1", "bit extraction, k = 1, n = 1"}};
    for (const auto& [id, title] : ladders) {
        auto& panel = figure.panel(title)
                          .x_axis({.name = "certified error E", .scale = Scale::log10})
                          .y_axis({.name = "sampled error / E", .low = 0.0, .high = 1.1});
        const PlotTable rows = models.where("ladder", id);
        for (const char* family : {"adv", "bump", "cones", "ridge"}) {
            const PlotTable here = rows.where("family", family);
            const std::vector<double> bound = here.numbers("certified_error");
            std::vector<double> ratio = here.numbers("sampled_error");
            for (std::size_t i = 0; i < ratio.size(); ++i)
                ratio[i] /= bound[i];
            panel.measured(family, {bound, ratio});
        }
        const std::vector<double> bound = rows.numbers("certified_error");
        const auto [low, high] = std::minmax_element(bound.begin(), bound.end());
        panel.theory("certified bound", {*low, *high}, {1.0, 1.0});
    }
    return figure;
}

Figure bytes(RunData& run) {
    const PlotTable models = run.table("models");
    Figure figure("approx_rate_bytes", FigureWidth::double_column,
                  "Bytes on disk, resident at peak and read per input, r = 1");
    for (const int n : {2, 3}) {
        auto& panel = figure.panel("n = " + std::to_string(n))
                          .x_axis(inverse_error())
                          .y_axis({.name = "size", .unit = "bytes", .scale = Scale::log10});
        const PlotTable rows =
            ladder(models, "kuhn.r1.n" + std::to_string(n)).where("materialised", "true");
        const std::vector<double> x = inverses(rows.numbers("certified_error"));
        panel.measured("model file", {x, rows.numbers("file_bytes")});
        panel.measured("resident at peak (expert and pattern)",
                       {x, sums(rows.numbers("resident_bytes"), rows.numbers("pattern_bytes"))});
        panel.measured("read per input (expert and route)",
                       {x, sums(rows.numbers("bytes_per_load"), rows.numbers("route_reals_read"),
                                static_cast<double>(sizeof(double)))});
        std::vector<double> floor = rows.numbers("sign_points");
        for (double& points : floor)
            points /= 8.0;
        panel.theory("G/8: no resident model is smaller", x, floor);
    }
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    return {loaded_parameters(run), trade_off(run), errors(run), bytes(run)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(
        argc, argv,
        {"fig_approx_rate", "thm_approx_rate",
         "what is loaded, stored and erred in approximating Lipschitz functions", draw});
}
