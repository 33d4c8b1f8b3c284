#include "manifold_rate/queries.hpp"

#include "basics/numbers.hpp"
#include "charts/linear_routing.hpp"
#include "manifold_rate/scenes.hpp"
#include "manifold_rate/trained.hpp"
#include "statistics/rate.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>

namespace manifold_rate {

namespace {

using Json = nlohmann::ordered_json;

/// The seed of all samples and rotations: the default of a run.
constexpr std::uint64_t query_seed = 1;
constexpr std::size_t margin_points = 480;

moe::Manifold manifold_of(moe::Query& query) {
    std::vector<std::string> names;
    for (const moe::Manifold manifold : moe::all_manifolds)
        names.emplace_back(moe::to_string(manifold));
    return moe::parse_manifold(query.text("manifold", names));
}

/// Largest N by d.
std::int64_t most_cells(moe::Manifold manifold) {
    constexpr std::int64_t most[] = {0, 65536, 512, 48};
    return most[moe::Atlas(manifold).intrinsic()];
}

moe::ScalarField hoelder(moe::Query& query, moe::Manifold manifold) {
    return moe::hoelder_target(
        {.alpha = query.real("alpha", {.low = 0.0, .high = 100.0, .low_open = true}),
         .phase = query.real("phase", {.low = -1e6, .high = 1e6}, 0.0),
         .scales = static_cast<int>(
             query.integer("K", 0, 40, moe::usual_scales(moe::Atlas(manifold).intrinsic())))});
}

Json sup_error(moe::Query& query) {
    const moe::Manifold manifold = manifold_of(query);
    const auto own = static_cast<std::int64_t>(moe::Atlas(manifold).own());
    const std::int64_t cells = query.integer("N", 1, most_cells(manifold));
    const std::int64_t D = query.integer("D", own, 2048, own);
    const double tau = query.real("tau", {.low = -100.0, .high = 100.0}, 0.0);
    const double eta = query.real("eta", {.low = 0.0, .high = 100.0}, 0.0);
    const bool smooth = query.text("target", {"smooth", "hoelder"}, "smooth") == "smooth";
    // A target that is said to be smooth has no use for the other's keys, which may stand there.
    const bool rough = !smooth || (query.has("target") && query.has("alpha"));
    const moe::ScalarField with_kinks = rough ? hoelder(query, manifold) : moe::ScalarField{};
    const Scene scene(query_seed, manifold, smooth ? moe::smooth_target(manifold) : with_kinks,
                      static_cast<std::size_t>(D), tau);
    const moe::RandomStream random(query_seed, moe::cell_key("query.noise"), 0);
    const moe::SupError measured = scene.measure(
        scene.model(cells), sample_of(query_seed, manifold), noisy(scene.atlas, eta, random, {}));
    Json answer{{"sup", measured.sup},
                {"width", moe::chart_grid(scene.atlas, cells).expert_width()},
                {"misrouted", measured.misrouted},
                {"certificate", nullptr}};
    if (smooth)
        answer["certificate"] = scene.certificate(cells, eta == 0.0 ? moe::ChartRegion::routed
                                                                    : moe::ChartRegion::whole);
    return answer;
}

Json hoelder_slope(moe::Query& query) {
    const moe::Manifold manifold = manifold_of(query);
    const std::vector<std::int64_t> cells = query.integers("N", {1, most_cells(manifold)}, 2);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (cells[i] == cells[j]) query.refuse("N", "different numbers of cells");
        }
    }
    const Scene scene(query_seed, manifold, hoelder(query, manifold));
    const std::vector<double> sample = sample_of(query_seed, manifold);
    Json sups = Json::array();
    std::vector<double> x;
    std::vector<double> y;
    for (const std::int64_t N : cells) {
        const double sup = scene.measure(scene.model(N), sample).sup;
        sups.push_back(sup);
        x.push_back(std::log2(static_cast<double>(N)));
        y.push_back(std::log2(sup));
    }
    return {{"slope", moe::fit_line(x, y).slope}, {"sup", std::move(sups)}};
}

Json gate_margin(moe::Query& query) {
    const std::int64_t charts = query.integer("charts", 2, 24);
    const double half_width = query.real("half_width", {.low = 0.0, .high = 4.0, .low_open = true});
    const double least = std::numbers::pi / static_cast<double>(charts);
    if (!(half_width > least && half_width < std::numbers::pi))
        query.refuse("half_width", "above pi/charts = " + moe::rounded(least, 6) +
                                       ", so that the charts overlap, and below pi");
    const moe::ArcCover cover{static_cast<std::size_t>(charts), half_width};
    return {{"margin", moe::largest_margin(moe::winding_curve(), cover,
                                           moe::core_points(cover, margin_points))
                           .margin}};
}

} // namespace

std::vector<moe::QueryInfo> queries() {
    return {{"sup_error",
             "manifold, N [, D, tau, target, alpha, phase, K, eta] -> sup, width (of an expert), "
             "misrouted, certificate (smooth)",
             sup_error},
            {"hoelder_slope", "manifold, N[], alpha [, phase, K] -> slope, sup[]", hoelder_slope},
            {"gate_margin", "charts, half_width (winding curve) -> margin", gate_margin},
            train_query()};
}

} // namespace manifold_rate
