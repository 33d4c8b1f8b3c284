// Figures of thm_em_linear_rate (arXiv:2411.06056): contraction of EM against the missing
// information, rate against signal strength, and sublinear convergence without signal.

#include "basics/numbers.hpp"
#include "figure_program.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace {

using moe::Figure;
using moe::FigureWidth;
using moe::PlotTable;
using moe::Points;
using moe::RunData;
using moe::Scale;

std::vector<double> distances(const PlotTable& table, const char* column) {
    std::vector<double> result = table.numbers(column);
    const std::vector<double> rho = table.numbers("rho");
    for (std::size_t i = 0; i < result.size(); ++i) {
        // A distance of 0 has no place on a logarithmic axis; 1e-13 is rounding.
        result[i] = std::max(std::abs(result[i] - rho[i]), 1e-13);
    }
    return result;
}

Figure contraction(RunData& run) {
    const PlotTable cases = run.table("cases");
    const PlotTable samples = run.table("samples");
    Figure figure("em_linear_rate_contraction", FigureWidth::double_column,
                  "Contraction of EM against the missing information");
    const std::vector<double> rho = cases.numbers("rho");
    const std::vector<double> sample_rho = samples.numbers("rho");

    auto& ratios = figure.panel("contraction per iteration")
                       .x_axis({.name = "ρ, the largest eigenvalue of M", .low = 0.0, .high = 1.0})
                       .y_axis({.name = "measured contraction", .low = 0.0, .high = 1.0});
    ratios.theory("contraction = ρ", {0.0, 1.0}, {0.0, 1.0});
    ratios.measured("along v_{1}, fixed cases", {rho, cases.numbers("projected_ratio")});
    ratios.measured("along v_{1}, samples", {sample_rho, samples.numbers("projected_ratio")});
    ratios.measured("Euclidean tail, fixed cases", {rho, cases.numbers("tail_ratio")});

    auto& errors = figure.panel("distance from ρ")
                       .x_axis({.name = "ρ", .low = 0.0, .high = 1.0})
                       .y_axis({.name = "|measured − ρ|", .scale = Scale::log10});
    errors.theory("accepted along v_{1}", {0.0, 1.0}, {1e-4, 1e-4});
    errors.theory("accepted for Jacobian and one step", {0.0, 1.0}, {1e-6, 1e-6});
    errors.measured("along v_{1}, fixed cases", {rho, distances(cases, "projected_ratio")});
    errors.measured("along v_{1}, samples", {sample_rho, distances(samples, "projected_ratio")});
    errors.measured("Euclidean tail, fixed cases", {rho, distances(cases, "tail_ratio")});
    errors.measured("one step along v_{1}", {rho, distances(cases, "one_step_ratio")});
    errors.measured("Jacobian: max |J − M|", {rho, cases.numbers("jacobian_difference")});
    return figure;
}

/// Mean and range over the repetitions at each abscissa.
Points over_repetitions(const PlotTable& table, const char* abscissa, const char* column) {
    std::map<double, std::vector<double>> groups;
    const std::vector<double> x = table.numbers(abscissa);
    const std::vector<double> y = table.numbers(column);
    for (std::size_t i = 0; i < x.size(); ++i)
        groups[x[i]].push_back(y[i]);
    Points points;
    for (const auto& [at, values] : groups) {
        double sum = 0.0;
        for (const double value : values)
            sum += value;
        points.x.push_back(at);
        points.y.push_back(sum / static_cast<double>(values.size()));
        points.low.push_back(*std::ranges::min_element(values));
        points.high.push_back(*std::ranges::max_element(values));
    }
    return points;
}

Figure snr(RunData& run) {
    const PlotTable population = run.table("population").where("w", 4.0).where("cosine", 0.0);
    const PlotTable samples = run.table("samples");
    Figure figure("em_linear_rate_snr", FigureWidth::double_column,
                  "Local rate of EM against signal strength");
    const auto constant_of = [&](const PlotTable& limit) {
        return limit.numbers("beta").front() * limit.numbers("rho").front();
    };
    const PlotTable linear = population.where("model", "sym-lin");
    const PlotTable linear_sweep = linear.where("limit", "false");
    const double constant = constant_of(linear.where("limit", "true"));
    const double strongest = linear_sweep.numbers("beta").back();
    auto& left = figure.panel("linear experts")
                     .x_axis({.name = "|β*|", .scale = Scale::log2})
                     .y_axis({.name = "ρ", .scale = Scale::log10});
    left.curve("population, |w*| = 4, orthogonal", linear_sweep.numbers("beta"),
               linear_sweep.numbers("rho"));
    const Points at_angles = over_repetitions(samples, "beta", "population_rho");
    left.curve("population, |w*| = 2, samples' angles", at_angles.x, at_angles.y);
    left.measured("samples, |w*| = 2: mean and range", over_repetitions(samples, "beta", "rho"));
    left.theory_power(moe::rounded(constant, 4) + " / |β*|", constant, -1.0, 1.0, strongest);

    const PlotTable logistic = population.where("model", "sym-log");
    const PlotTable logistic_sweep = logistic.where("limit", "false");
    const std::vector<double> beta = logistic_sweep.numbers("beta");
    const double plateau = logistic.where("limit", "true").numbers("rho").front();
    auto& right = figure.panel("logistic experts")
                      .x_axis({.name = "|β*|", .scale = Scale::log2})
                      .y_axis({.name = "ρ", .low = 0.0, .high = 1.05});
    right.curve("population, |w*| = 4, orthogonal", beta, logistic_sweep.numbers("rho"));
    right.theory("limit for |β*| → ∞: " + moe::rounded(plateau, 4), {beta.front(), beta.back()},
                 {plateau, plateau});

    const PlotTable weak_gate =
        run.table("population").where("model", "sym-log").where("w", 1.0).where("limit", "false");
    auto& angles = figure.panel("logistic experts, |w*| = 1")
                       .x_axis({.name = "|β*|", .scale = Scale::log2})
                       .y_axis({.name = "1 − ρ", .scale = Scale::log10});
    for (const std::string& cosine : weak_gate.distinct("cosine")) {
        const PlotTable rows = weak_gate.where("cosine", cosine);
        std::vector<double> distance = rows.numbers("rho");
        for (double& value : distance)
            value = 1.0 - value;
        angles.curve("population, cosine " + cosine, rows.numbers("beta"), distance);
    }
    return figure;
}

Figure sublinear(RunData& run) {
    const PlotTable table = run.table("zero_signal");
    Figure figure("em_linear_rate_sublinear", FigureWidth::double_column,
                  "EM without signal: β* = 0, the gate held at w = 0");
    const std::vector<double> t = table.numbers("t");
    const std::vector<double> b = table.numbers("b");
    const std::vector<double> law = table.numbers("law");
    Points iterates;
    Points relative;
    for (std::size_t i = 0; i < t.size(); ++i) {
        if (t[i] == 0.0) continue; // no place on a logarithmic axis
        iterates.x.push_back(t[i]);
        iterates.y.push_back(b[i]);
        relative.x.push_back(t[i]);
        relative.y.push_back(b[i] / law[i]);
    }
    auto& left = figure.panel("iterates")
                     .x_axis({.name = "iteration t", .scale = Scale::log10})
                     .y_axis({.name = "b_{t}", .scale = Scale::log10});
    left.measured("population EM", iterates, run.rate("zero-signal.b"));
    left.theory_power("(6t)^{-1/2}", 1.0 / std::sqrt(6.0), -0.5, 1.0, t.back());
    auto& right = figure.panel("iterates over their law")
                      .x_axis({.name = "iteration t", .scale = Scale::log10})
                      .y_axis({.name = "b_{t} (6t)^{1/2}", .low = 0.8, .high = 1.1});
    right.measured("population EM", relative);
    right.theory("(6t)^{-1/2}", {1.0, t.back()}, {1.0, 1.0});
    return figure;
}

std::vector<Figure> draw(RunData& run) {
    return {contraction(run), snr(run), sublinear(run)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(argc, argv,
                            {"fig_em_linear_rate", "thm_em_linear_rate",
                             "local rate of EM: missing information and signal strength", draw});
}
