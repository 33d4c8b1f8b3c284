#include "compositional_pieces/constructions.hpp"

#include "compositional_pieces/tables.hpp"

#include "pieces/cube_points.hpp"
#include "pieces/one_layer.hpp"
#include "pieces/smooth_pieces.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace compositional_pieces {

namespace {

/// Points of each interval on which a linear gate is judged.
constexpr std::uint32_t points_per_interval = 50;

/// The largest change of slope of a pair's least bent expert, 1 % larger. The largest error over
/// all boxes belongs to other experts and does not see it.
void exaggerate_a_knot(moe::DeepPair& pair) {
    double* least = nullptr;
    for (moe::PiecewiseLinear& f : pair.functions) {
        const auto largest =
            std::ranges::max_element(f.changes, {}, [](double change) { return std::abs(change); });
        if (largest == f.changes.end()) continue;
        if (least == nullptr || std::abs(*largest) < std::abs(*least)) least = &*largest;
    }
    if (least != nullptr) *least *= 1.01;
}

std::int64_t as_integer(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

} // namespace

void sabotage_plan(moe::DeepPlan& plan, const std::string& sabotage) {
    moe::DeepPair& pair = plan.pairs.front();
    const bool several = pair.functions.size() > 1;
    if (sabotage == "route" && several) std::swap(pair.gate_rows[0], pair.gate_rows[1]);
    if (sabotage == "expert" && several) pair.functions[1] = pair.functions[0];
    if (sabotage == "anchors") {
        for (std::vector<double>& anchors : pair.anchors)
            anchors.back() = anchors.front();
    }
    if (sabotage == "sum") plan.combination = moe::Combination::sum;
    if (sabotage == "knot") exaggerate_a_knot(pair);
}

Construction construct(moe::CompositionalTarget target, moe::PieceExperts experts,
                       moe::RandomStream& random, const std::string& sabotage) {
    const moe::ExpertOrders orders =
        moe::random_orders(target.regions().charts(), target.dimension(), random);
    moe::DeepPlan plan = moe::deep_plan(target, orders);
    sabotage_plan(plan, sabotage);
    moe::MoeStack net = moe::deep_moe(plan, experts);
    return {std::move(target), std::move(plan), std::move(net)};
}

Construction construct_family(const std::string& family, std::uint32_t E, std::uint32_t L,
                              moe::RandomStream& random, const std::string& sabotage) {
    moe::SubFunctions functions =
        family == "rand" ? moe::random_family(E, L, random) : moe::quadratic_family(E, L);
    return construct({moe::RegionSystem(E), std::move(functions)},
                     family == "relu" ? moe::PieceExperts::relu : moe::PieceExperts::affine, random,
                     sabotage);
}

double error_scale(const moe::CompositionalTarget& target) {
    return std::max({1.0, target.largest_slope(), static_cast<double>(target.dimension())});
}

std::int64_t task_experts(const moe::MoeStack& net) {
    std::size_t experts = 0;
    for (std::size_t layer = 0; layer < net.depth(); ++layer)
        experts += net.layer(layer).is_dense() ? 0 : net.layer(layer).experts();
    return as_integer(experts);
}

moe::CellResult measure_sweep(const moe::CellContext& context, const moe::Options& options,
                              const std::string& family, std::uint32_t E, std::uint32_t L) {
    moe::RandomStream random = context.stream(0);
    const Construction built = construct_family(family, E, L, random, options.sabotage());
    const moe::BoxSelection boxes(E, L, static_cast<std::uint64_t>(options.integer("boxes")));
    const moe::SweepResult sweep = moe::sweep_boxes(
        built.net, built.plan, built.target, boxes,
        {.positions = family == "dyadic" ? moe::Positions::dyadic : moe::Positions::uniform,
         .seed = context.seed(),
         .cell = context.cell_key(),
         .poll = [&] { context.leave_if_stopped(); }});
    const moe::ParameterCount parameters = built.net.count();
    moe::CellResult result;
    result.add("sweeps", row(SweepRow{.family = family,
                                      .E = E,
                                      .L = L,
                                      .experts = task_experts(built.net),
                                      .total = as_integer(parameters.total),
                                      .active = as_integer(parameters.active),
                                      .pieces = as_integer(sweep.pieces),
                                      .boxes = as_integer(sweep.boxes),
                                      .misrouted = as_integer(sweep.inside.misrouted),
                                      .distinct = as_integer(sweep.distinct_gradients),
                                      .error = moe::larger_or_nan(sweep.inside.largest_error,
                                                                  sweep.centres.largest_error),
                                      .gradient_error = sweep.largest_gradient_error,
                                      .scale = error_scale(built.target)}));
    return result;
}

moe::CellResult measure_charts(const moe::CellContext& context, const moe::Options& options,
                               std::uint32_t E, std::uint32_t L) {
    moe::RandomStream random = context.stream(0);
    const moe::RegionSystem regions(E, 2);
    const Construction built = construct({regions, moe::random_family(E, L, random)},
                                         moe::PieceExperts::affine, random, options.sabotage());
    moe::RandomStream positions = context.stream(1);
    const moe::CubePoints points =
        moe::cube_sample(L, static_cast<std::size_t>(options.integer("chart-points")), positions);
    context.leave_if_stopped();
    const moe::PointCheck check = moe::check_points(built.net, built.plan, built.target, points.x);
    const moe::ConvexityCertificate certificate = moe::convexity_certificate(regions);
    ChartRow found{.E = E,
                   .L = L,
                   .points = as_integer(check.points),
                   .misrouted = as_integer(check.misrouted),
                   .error = check.largest_error,
                   .scale = error_scale(built.target),
                   .first = certificate.first,
                   .between = certificate.between,
                   .second = certificate.second,
                   .least_share = moe::least_misrouted_share(regions),
                   .gates = options.integer("chart-gates"),
                   .random_share = 1.0};
    std::vector<double> first_anchors;
    for (std::uint32_t chart = 0; chart < E; ++chart)
        first_anchors.push_back(regions.anchors(chart).front());
    found.anchors_share = moe::misrouted_share(moe::nearest_centre_gate(first_anchors, 1), regions,
                                               points_per_interval);
    moe::RandomStream gates = context.stream(2);
    for (std::int64_t gate = 0; gate < found.gates; ++gate) {
        context.leave_if_stopped();
        const moe::LinearGate tried =
            moe::random_contender_gate(1, E, static_cast<std::uint64_t>(gate), gates);
        found.random_share =
            std::min(found.random_share, moe::misrouted_share(tried, regions, points_per_interval));
    }
    moe::CellResult result;
    result.add("charts", row(found));
    return result;
}

moe::CellResult measure_maximum(const moe::CellContext& context, const moe::Options& options,
                                std::uint32_t E, std::uint32_t L) {
    moe::RandomStream random = context.stream(0);
    const Construction built = construct(
        {moe::RegionSystem(E), moe::random_family(E, L, random), moe::Combination::maximum},
        moe::PieceExperts::relu, random, options.sabotage());
    const moe::BoxSelection boxes(E, L, static_cast<std::uint64_t>(options.integer("boxes")));
    const moe::SweepResult sweep = moe::sweep_boxes(
        built.net, built.plan, built.target, boxes,
        {.gradients = false, .seed = context.seed(), .cell = context.cell_key(), .poll = [&] {
             context.leave_if_stopped();
         }});
    moe::PointCheck all = sweep.inside;
    all += sweep.centres;
    moe::CellResult result;
    result.add("maximum", row(MaximumRow{.E = E,
                                         .L = L,
                                         .pieces = as_integer(sweep.pieces),
                                         .boxes = as_integer(sweep.boxes),
                                         .misrouted = as_integer(all.misrouted),
                                         .error = all.largest_error,
                                         .scale = error_scale(built.target)}));
    return result;
}

moe::CellResult measure_smooth(const moe::CellContext& context, const moe::Options& options,
                               std::uint32_t E, std::uint32_t L) {
    moe::CellResult result;
    for (const std::int64_t m : options.integers("knots")) {
        moe::RandomStream random = context.stream(0);
        const moe::SmoothPieces found = moe::measure_smooth_pieces(
            E, L, static_cast<std::uint32_t>(m), moe::random_orders(E, L, random),
            [&](moe::DeepPlan& plan) { sabotage_plan(plan, options.sabotage()); },
            [&] { context.leave_if_stopped(); });
        result.add("smooth", row(SmoothRow{.E = E,
                                           .L = L,
                                           .m = m,
                                           .boxes = as_integer(found.boxes),
                                           .misrouted = as_integer(found.misrouted),
                                           .measured = found.measured,
                                           .deviation = found.deviation,
                                           .formula = found.formula,
                                           .bound = found.bound}));
    }
    return result;
}

} // namespace compositional_pieces
