// Figures of thm_sigmoid_gating (arXiv:2405.13997): errors against n, both gates on the same data,
// the rate table as a picture, exact families, ratio sequences and local moduli.

#include "plots/sigmoid_gating/medians.hpp"

#include "plots/figure_program.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using moe::Axis;
using moe::Figure;
using moe::FigureWidth;
using moe::Interval;
using moe::LegendPlace;
using moe::PlotRate;
using moe::PlotTable;
using moe::Points;
using moe::RunData;
using moe::Scale;
using sigmoid_gating_plots::Medians;
using sigmoid_gating_plots::medians_of;

Axis samples_axis() {
    return {.name = "samples n", .scale = Scale::log10};
}

Points points_of(const Medians& medians) {
    return {medians.n, medians.median, medians.low_quartile, medians.high_quartile};
}

// One name each, in all figures.
const char* const exact_label = "exact atoms, E_{exact}";
const char* const dead_label = "dead atom, E_{dead}";
const char* const shared_label = "shared atom, E_{over}";
const char* const function_label = "function, F";

/// Median errors of one expert's cells with the slopes that were judged.
Figure errors(RunData& run, const std::string& expert, const std::string& spoken) {
    const PlotTable fits = run.table("fits");
    Figure figure("sigmoid_gating_errors_" + expert, FigureWidth::double_column,
                  "Errors of over-specified fits, " + spoken + " experts: medians and quartiles");
    struct Cell {
        const char* name;
        const char* fitted; ///< what the cell of the table fits has behind the name
        const char* title;
        const char* surplus;
        const char* label;
    };
    for (const Cell& cell :
         {Cell{"SIG2C", "", "SIG2C: sigmoid, regime 2, common truth", "E_dead", dead_label},
          Cell{"SOFT", "", "SOFT: softmax, common truth", "E_over", shared_label},
          Cell{"SIG2", "", "SIG2: sigmoid, regime 2", "E_dead", dead_label},
          Cell{"SIG1", ".split", "SIG1: sigmoid, regime 1, restricted box", "E_over",
               shared_label}}) {
        const std::string id = std::string(cell.name) + "." + expert;
        const PlotTable rows = fits.where("cell", id + cell.fitted);
        // Ill-conditioned at these sizes.
        const bool judged = id != "SIG2C.tanh";
        auto& panel = figure.panel(std::string(cell.title) + (judged ? "" : ", not judged"))
                          .x_axis(samples_axis())
                          .y_axis({.name = "error", .scale = Scale::log10, .high = 10.0});
        panel.measured(exact_label, points_of(medians_of(rows, "E_exact")),
                       run.rate(id + ".E_exact"));
        panel.measured(cell.label, points_of(medians_of(rows, cell.surplus)),
                       run.rate(id + "." + cell.surplus));
        panel.measured(function_label, points_of(medians_of(rows, "F")), run.rate(id + ".F"));
    }
    return figure;
}

// ---------------------------------------------------------------------------------------------

Figure headline(RunData& run) {
    const PlotTable fits = run.table("fits");
    const PlotTable sigmoid = fits.where("cell", "SIG2C.gelu");
    const PlotTable softmax = fits.where("cell", "SOFT.gelu");
    const Medians sigmoid_error =
        larger(medians_of(sigmoid, "E_exx"), medians_of(sigmoid, "E_dead"));
    const Medians softmax_error =
        larger(medians_of(softmax, "E_exx"), medians_of(softmax, "E_over"));
    Figure figure("sigmoid_gating_headline", FigureWidth::double_column,
                  "Both gates fitted to the same data of the common truth (GELU)");
    auto& errors = figure.panel("error of the experts")
                       .x_axis(samples_axis())
                       .y_axis({.name = "larger expert error", .scale = Scale::log10});
    errors.measured("sigmoid, E_{sig}", points_of(sigmoid_error));
    errors.measured("softmax, E_{soft}", points_of(softmax_error));
    for (const auto& [atom, label] : std::vector<std::pair<std::string, std::string>>{
             {"atom0", "softmax, atom 0 shared"}, {"atom1", "softmax, atom 1 shared"}}) {
        const PlotTable rows = fits.where("cell", "SOFT.gelu." + atom);
        const Medians error = larger(medians_of(rows, "E_exx"), medians_of(rows, "E_over"));
        errors.curve(label, error.n, error.median);
    }
    const double last = sigmoid_error.n.back();
    const double first = last * 1e-4;
    errors.theory_power("n^{-1/2}", sigmoid_error.median.back() * std::sqrt(last) * 0.5, -0.5,
                        first, last);
    errors.theory_power("n^{-1/4}", softmax_error.median.back() * std::pow(last, 0.25) * 2.0, -0.25,
                        first, last);

    std::vector<double> error;
    std::vector<double> ratio;
    for (double e = 0.4; e > 1e-3; e /= 1.15) {
        const auto more = samples_for(softmax_error, e);
        const auto fewer = samples_for(sigmoid_error, e);
        if (!more || !fewer) continue;
        error.push_back(e);
        ratio.push_back(*more / *fewer);
    }
    auto& samples = figure.panel("samples for the same error")
                        .x_axis({.name = "error", .scale = Scale::log10})
                        .y_axis({.name = "n_{soft}/n_{sig}", .scale = Scale::log10});
    samples.curve("from the medians", error, ratio);
    samples.theory("equal", {error.back(), error.front()}, {1.0, 1.0});
    const double through = ratio.back() * error.back() * error.back();
    samples.theory_power("error^{-2}", through, -2.0, error.back(), error.back() * 10.0);

    auto& exact = figure.panel("softmax's exact atom")
                      .x_axis(samples_axis())
                      .y_axis({.name = "its |Δη|", .scale = Scale::log10});
    const auto [of_sigmoid, of_softmax] = sigmoid_gating_plots::exact_experts(sigmoid, softmax);
    exact.measured("sigmoid", points_of(of_sigmoid));
    exact.measured("softmax", points_of(of_softmax));
    return figure;
}

// ---------------------------------------------------------------------------------------------

Figure rate_table(RunData& run) {
    const std::vector<std::pair<std::string, std::string>> cells{
        {"SIG2C.gelu", "SIG2C GELU"}, {"SIG2.gelu", "SIG2 GELU"}, {"SIG2C.tanh", "SIG2C tanh"},
        {"SIG2.tanh", "SIG2 tanh"},   {"R2b.tanh", "R2b tanh"},   {"SIG1.gelu", "SIG1 GELU"},
        {"SIG1.tanh", "SIG1 tanh"},   {"SOFT.gelu", "SOFT GELU"}, {"SOFT.tanh", "SOFT tanh"}};
    struct Group {
        std::string label;
        std::vector<std::string> columns;
        double shift; ///< so that the intervals of one cell stand beside each other
    };
    const std::vector<Group> groups{
        {std::string(exact_label) + " (R2b: D_{3})", {"E_exact", "D3"}, -0.22},
        {dead_label, {"E_dead"}, 0.0},
        {shared_label, {"E_over"}, 0.0},
        {function_label, {"F"}, 0.22}};
    Figure figure("sigmoid_gating_table", FigureWidth::double_column,
                  "Measured exponents with 95 % intervals, cell by cell");
    Axis names{
        .name =
            "sigmoid in regime 2 (five), sigmoid in regime 1, restricted box (two), softmax (two)",
        .low = 0.5,
        .high = static_cast<double>(cells.size()) + 0.5};
    for (const auto& [id, name] : cells)
        names.names.push_back(name);
    auto& panel = figure.panel().x_axis(names).y_axis(
        {.name = "slope of the median on n", .low = -0.66, .high = -0.14});
    const std::map<std::string, PlotRate> rates = sigmoid_gating_plots::all_rates(run);
    for (const Group& group : groups) {
        Points points;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            for (const std::string& column : group.columns) {
                const auto rate = rates.find(cells[i].first + "." + column);
                if (rate == rates.end()) continue;
                points.x.push_back(static_cast<double>(i + 1) + group.shift);
                points.y.push_back(rate->second.slope);
                points.low.push_back(rate->second.interval->low);
                points.high.push_back(rate->second.interval->high);
            }
        }
        panel.measured(group.label, points);
    }
    const double right = static_cast<double>(cells.size()) + 0.5;
    panel.theory("claimed -1/2", {0.5, right}, {-0.5, -0.5});
    panel.theory("claimed -1/4", {0.5, right}, {-0.25, -0.25});
    return figure;
}

// ---------------------------------------------------------------------------------------------

Figure exact_families(RunData& run) {
    const PlotTable families = run.table("families");
    Figure figure("sigmoid_gating_exact", FigureWidth::double_column,
                  "Exact families, ratio sequences and local moduli");
    auto& flat =
        figure.panel("the truth by other atoms")
            .x_axis({.name = "Voronoi loss D_{1} or D_{s}", .scale = Scale::log10})
            .y_axis(
                {.name = "max|f_{G} - f_{G*}|", .scale = Scale::log10, .low = 1e-17, .high = 1e3});
    for (const bool control : {false, true}) {
        const PlotTable rows = families.where("control", control ? "true" : "false");
        Points points;
        const std::vector<double> loss = rows.numbers("loss_r1");
        const std::vector<double> deviation = rows.numbers("deviation");
        for (std::size_t i = 0; i < loss.size(); ++i) {
            if (std::isnan(loss[i])) continue; // the dead atom has no Voronoi loss
            points.x.push_back(loss[i]);
            // A difference of exactly 0 stands at the rounding unit.
            points.y.push_back(std::max(deviation[i], 1e-16));
        }
        flat.measured(control ? "other experts (controls)" : "experts for which it is exact",
                      points);
    }

    const PlotTable ratios = run.table("ratios");
    auto& sequences = figure.panel("linear experts: ratio sequences")
                          .x_axis({.name = "m", .scale = Scale::log10})
                          .y_axis({.name = "|f_{Gm} - f_{G*}|/D_{r}", .scale = Scale::log10});
    // The softmax's sequences of all r lie within 2 % of each other.
    for (const auto& [gate, r, label] : std::vector<std::tuple<std::string, int, std::string>>{
             {"softmax", 1, "softmax, r = 1 (2, 3, 6 alike)"},
             {"sigmoid", 1, "sigmoid, r = 1"},
             {"sigmoid", 2, "sigmoid, r = 2"},
             {"sigmoid", 6, "sigmoid, r = 6"}}) {
        const PlotTable rows = ratios.where("gate", gate).where("r", r);
        sequences.measured(label, {rows.numbers("m"), rows.numbers("ratio")});
    }
    sequences.theory_power("1/m", 0.15, -1.0, 10.0, 1000.0);

    const PlotTable moduli = run.table("moduli");
    auto& modulus = figure.panel("distance of a split function")
                        .x_axis({.name = "distance δ of the two atoms", .scale = Scale::log10})
                        .y_axis({.name = "m(δ)", .scale = Scale::log10});
    for (const auto& [truth, label] : std::vector<std::pair<std::string, std::string>>{
             {"SOFT.gelu", "SOFT GELU"}, {"SIG1.gelu", "SIG1 GELU"}, {"SOFT.tanh", "SOFT tanh"}}) {
        const auto [delta, norm] =
            sigmoid_gating_plots::least_by(moduli.where("truth", truth), "delta", "norm");
        const double kappa = std::log(norm[1] / norm[0]) / std::log(delta[1] / delta[0]);
        modulus.measured(label + ": κ = " + moe::rounded(kappa, 3), {delta, norm});
    }
    modulus.theory_power("δ^{2}", 1e-3, 2.0, 0.025, 0.4);
    return figure;
}

Figure limits(RunData& run) {
    const PlotTable fits = run.table("fits");
    const PlotTable boundary = fits.where("cell", "R2b.tanh");
    Figure figure(
        "sigmoid_gating_limits", FigureWidth::double_column,
        "Where the limit is not the truth: R2b (SIG2 tanh, no zero expert), and linear experts");
    const std::vector<double> rms = run.table("floors").where("fit", "R2b.tanh").numbers("rms");
    const double floor = *std::min_element(rms.begin(), rms.end());
    Points level = points_of(medians_of(boundary, "F"));
    for (std::vector<double>* part : {&level.y, &level.low, &level.high}) {
        for (double& value : *part)
            value /= floor;
    }
    auto& function = figure.panel("R2b: function")
                         .x_axis(samples_axis())
                         .y_axis({.name = "F / its floor", .low = 0.98, .high = 1.02});
    function.measured(function_label, level);
    function.theory("population minimiser", {level.x.front(), level.x.back()}, {1.0, 1.0});
    auto& loss = figure.panel("R2b: distance from the minimiser")
                     .x_axis(samples_axis())
                     .y_axis({.name = "D_{3}", .scale = Scale::log10});
    loss.measured("D_{3}", points_of(medians_of(boundary, "D")), run.rate("R2b.tanh.D3"));
    auto& linear = figure.panel("linear: nearest exact set")
                       .x_axis(samples_axis())
                       .y_axis({.name = "distance from the set", .scale = Scale::log10});
    constexpr std::size_t least = 4; // fits for a median
    const PlotTable rows = fits.where("cell", "SIG2.linear");
    for (const std::string set : {"dead", "same-gate", "complement", "mirror"}) {
        const std::vector<std::string> sets = rows.distinct("pattern");
        if (std::ranges::find(sets, set) == sets.end()) continue;
        const PlotTable here = rows.where("pattern", set);
        const Medians medians = medians_of(here.numbers("n"), here.numbers("D"), least);
        if (!medians.n.empty()) linear.measured(set, points_of(medians));
    }
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    return {errors(run, "gelu", "GELU"),
            errors(run, "tanh", "tanh"),
            headline(run),
            rate_table(run),
            exact_families(run),
            limits(run)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(argc, argv,
                            {"fig_sigmoid_gating", "thm_sigmoid_gating",
                             "sigmoid against softmax gates: errors, samples, exact families",
                             draw});
}
