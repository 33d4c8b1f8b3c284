#include "manifold_rate/gates.hpp"

#include "charts/linear_routing.hpp"
#include "charts/winding.hpp"
#include "manifold_rate/scenes.hpp"
#include "manifold_rate/tables.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace manifold_rate {

namespace {

using moe::CellContext;
using moe::CellResult;
using moe::Manifold;

constexpr double pi = std::numbers::pi;
constexpr std::size_t program_points = 480; ///< angles of a linear program and of a training set
constexpr std::size_t curve_points = 2400;  ///< angles on which a gate is judged
constexpr std::size_t training_steps = 300;
constexpr std::size_t identity_points = 2000;
constexpr std::int64_t gate_cells = 4; ///< N of the models whose gates are compared

const moe::ArcCover four{moe::winding_charts, moe::winding_half_width};

GateRow winding_row(const char* kind, std::int64_t number, double misrouted) {
    return {.curve = "winding",
            .gate = kind,
            .number = number,
            .charts = static_cast<std::int64_t>(four.charts),
            .half_width = four.half_width,
            .misrouted = misrouted,
            .bound = moe::misrouted_bound(four.half_width),
            .margin = {}};
}

GateRow margin_row(const char* name, const moe::Curve& curve, const moe::ArcCover& cover) {
    const std::vector<moe::CorePoint> core = moe::core_points(cover, program_points);
    const moe::MarginGate best = moe::largest_margin(curve, cover, core);
    return {.curve = name,
            .gate = "margin",
            .number = 0,
            .charts = static_cast<std::int64_t>(cover.charts),
            .half_width = cover.half_width,
            .misrouted = moe::misrouted_fraction(best.gate, curve, core, program_points),
            .bound = 0.0,
            .margin = best.margin};
}

/// Fraction of the winding curve whose core points the two-layer model sends to a wrong chart.
double misrouted_by_two_layers(std::uint64_t seed) {
    const Scene scene(seed, Manifold::winding, moe::smooth_target(Manifold::winding));
    const moe::MoeStack model = scene.model(gate_cells);
    moe::MoeStack::Scratch scratch;
    std::vector<double> x(scene.embedding.ambient());
    std::vector<double> y(1);
    std::vector<std::uint64_t> route(2);
    std::size_t misrouted = 0;
    for (const moe::CorePoint& point : moe::core_points(four, curve_points)) {
        scene.embedding.embed(moe::winding_point(point.angle), x);
        model.evaluate(x, y, route, scratch);
        if (route[1] != point.chart) ++misrouted;
    }
    return static_cast<double>(misrouted) / static_cast<double>(curve_points);
}

} // namespace

CellResult measure_gate_facts(const CellContext& context) {
    CellResult result;
    result.add("identities", row({.name = "xor",
                                  .value = moe::xor_residual(identity_points),
                                  .expected = 0.0,
                                  .cases = identity_points}));
    result.add("gates", row(winding_row("two-layers", 0, misrouted_by_two_layers(context.seed()))));
    result.add("gates", row(margin_row("winding", moe::winding_curve(), four)));
    result.add("gates", row(margin_row("winding", moe::winding_curve(), {6, pi / 6.0 + 0.1})));
    result.add("gates", row(margin_row("winding", moe::winding_curve(), {8, pi / 8.0 + 0.05})));
    result.add("gates", row(margin_row("circle", moe::circle_curve(), {4, std::asin(0.75)})));
    return result;
}

CellResult measure_random_gates(const CellContext& context, std::int64_t gates) {
    const std::vector<moe::CorePoint> core = moe::core_points(four, curve_points);
    const moe::Curve curve = moe::winding_curve();
    CellResult result;
    for (std::int64_t gate = 0; gate < gates; ++gate) {
        context.leave_if_stopped();
        moe::RandomStream random = context.stream(static_cast<std::uint32_t>(gate));
        const moe::LinearGate drawn = moe::random_gate(four.charts, curve.own, random);
        result.add("gates",
                   row(winding_row("random", gate,
                                   moe::misrouted_fraction(drawn, curve, core, curve_points))));
    }
    return result;
}

CellResult measure_trained_gates(const CellContext& context, std::int64_t gates) {
    const std::vector<moe::CorePoint> training = moe::core_points(four, program_points);
    const std::vector<moe::CorePoint> core = moe::core_points(four, curve_points);
    const moe::Curve curve = moe::winding_curve();
    CellResult result;
    for (std::int64_t gate = 0; gate < gates; ++gate) {
        context.leave_if_stopped();
        moe::RandomStream random = context.stream(static_cast<std::uint32_t>(gate));
        const moe::LinearGate trained =
            moe::logistic_gate(curve, four, training, training_steps, random);
        result.add("gates",
                   row(winding_row("trained", gate,
                                   moe::misrouted_fraction(trained, curve, core, curve_points))));
    }
    return result;
}

CellResult measure_net_gates(const CellContext& context) {
    constexpr std::size_t D = 16;
    double difference = 0.0;
    std::int64_t other_routes = 0;
    std::int64_t points = 0;
    for (const Manifold manifold : moe::all_manifolds) {
        context.leave_if_stopped();
        const Scene scene(context.seed(), manifold, moe::smooth_target(manifold), D, curved);
        const moe::MoeStack two = scene.model(gate_cells);
        const moe::MoeLayer one = moe::atlas_layer_with_net_gate(
            {scene.atlas, scene.embedding, scene.target, gate_cells});
        const std::vector<double> sample = sample_of(context.seed(), manifold);
        const std::size_t n = scene.atlas.own();
        const std::size_t count = sample.size() / n;
        std::vector<double> x(count * D);
        for (std::size_t p = 0; p < count; ++p)
            scene.embedding.embed(std::span(sample).subspan(p * n, n),
                                  std::span(x).subspan(p * D, D));
        std::vector<double> y_two(count);
        std::vector<double> y_one(count);
        std::vector<std::uint64_t> route_two(2 * count);
        std::vector<std::uint64_t> route_one(count);
        two.evaluate_batch(x, y_two, route_two);
        one.evaluate_batch(x, y_one, route_one);
        for (std::size_t p = 0; p < count; ++p) {
            difference = std::max(difference, std::abs(y_two[p] - y_one[p]));
            if (route_two[2 * p + 1] != route_one[p]) ++other_routes;
        }
        points += static_cast<std::int64_t>(count);
    }
    CellResult result;
    result.add("identities", row({.name = "net-gate.routes",
                                  .value = static_cast<double>(other_routes),
                                  .expected = 0.0,
                                  .cases = points}));
    result.add(
        "identities",
        row({.name = "net-gate.outputs", .value = difference, .expected = 0.0, .cases = points}));
    return result;
}

} // namespace manifold_rate
