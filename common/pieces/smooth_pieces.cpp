#include "pieces/smooth_pieces.hpp"

#include "basics/error.hpp"
#include "pieces/cube_points.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace moe {

namespace {

constexpr std::uint32_t steps_per_interval = 4000;
constexpr std::uint32_t most_knots = 10000;
constexpr std::uint64_t most_boxes = 1000000;
constexpr std::uint64_t boxes_per_block = 1024;

/// A point of an interval and what the interpolant is above the function there.
struct Probe {
    double at = 0.0;
    double error = 0.0;
};
/// Where it is highest above, where it is lowest below, and a point beyond all knots.
using Probes = std::array<Probe, 3>;

Probes probes_of(const PiecewiseLinear& interpolant, const SmoothSubFunction& f,
                 const RegionSystem& regions) {
    std::vector<double> inner = interpolant.knots;
    for (std::uint32_t k = 1; k < steps_per_interval; ++k)
        inner.push_back(regions.point(f.chart, static_cast<double>(k) / steps_per_interval));
    const double first = inner.front();
    Probe above{first, interpolant(first) - f(first)};
    Probe below = above;
    Probe last = above;
    for (const double t : inner) {
        const Probe here{t, interpolant(t) - f(t)};
        if (here.error > above.error) above = here;
        if (here.error < below.error) below = here;
        if (here.at > last.at) last = here;
    }
    return {above, below, last};
}

/// By coordinate and chart.
using AllProbes = std::vector<std::vector<Probes>>;

/// Evaluates the boxes first.. of the selection at their three points.
void measure_block(const MoeStack& net, const DeepPlan& plan, const AllProbes& probes,
                   const BoxSelection& boxes, std::uint64_t first, SmoothPieces& result) {
    constexpr std::size_t per_box = std::tuple_size_v<Probes>;
    const std::size_t L = boxes.dimension();
    const std::uint64_t count = std::min(boxes_per_block, boxes.visited() - first);
    RandomStream unused(0, 0, 0); // all boxes: nothing is drawn
    std::vector<std::uint32_t> charts(count * L);
    std::vector<double> inputs;
    std::vector<double> targets;
    std::vector<double> errors;
    for (std::size_t box = 0; box < count; ++box) {
        const auto here = std::span(charts).subspan(box * L, L);
        boxes.intervals_of(first + box, unused, here);
        for (std::size_t probe = 0; probe < per_box; ++probe) {
            double target = 0.0;
            double error = 0.0;
            for (std::uint32_t l = 0; l < L; ++l) {
                const Probe& point = probes[l][here[l]][probe];
                inputs.push_back(point.at);
                target += SmoothSubFunction{l, here[l]}(point.at);
                error += point.error;
            }
            targets.push_back(target);
            errors.push_back(error);
        }
    }
    std::vector<double> outputs(targets.size());
    std::vector<std::uint64_t> routed(targets.size() * net.depth());
    net.evaluate_batch(inputs, outputs, routed);
    for (std::size_t sample = 0; sample < targets.size(); ++sample) {
        const double error = outputs[sample] - targets[sample];
        result.measured = larger_or_nan(result.measured, std::abs(error));
        result.deviation = larger_or_nan(result.deviation, std::abs(error - errors[sample]));
        bool right = true;
        for (std::size_t l = 0; l < L; ++l) {
            const std::uint64_t expert = routed[sample * net.depth() + 2 * l + 1];
            right = right && plan.pairs[l].charts[expert] == charts[sample / per_box * L + l];
        }
        result.misrouted += right ? 0 : 1;
    }
    result.boxes += count;
}

} // namespace

SmoothPieces measure_smooth_pieces(std::uint32_t E, std::uint32_t L, std::uint32_t m,
                                   const ExpertOrders& orders,
                                   const std::function<void(DeepPlan&)>& alter,
                                   const std::function<void()>& poll) {
    if (m < 1 || m > most_knots)
        throw InputError("smooth pieces: " + std::to_string(m) + " knots; 1.." +
                         std::to_string(most_knots) + " are allowed");
    const BoxSelection boxes(E, L, most_boxes);
    if (!boxes.exhaustive())
        throw InputError("smooth pieces: " + std::to_string(boxes.all()) + " boxes; at most " +
                         std::to_string(most_boxes) + " are allowed");
    const RegionSystem regions(E);
    const CompositionalTarget interpolants(regions, smooth_family(E, L, m));
    DeepPlan plan = deep_plan(interpolants, orders);
    if (alter) alter(plan);
    const MoeStack net = deep_moe(plan, PieceExperts::relu);

    SmoothPieces result;
    double above = 0.0;
    double below = 0.0;
    AllProbes probes(L);
    const double pieces = static_cast<double>(E) * (m + 1.0);
    for (std::uint32_t l = 0; l < L; ++l) {
        double highest = 0.0;
        double lowest = 0.0;
        double curvature = 0.0;
        for (std::uint32_t i = 0; i < E; ++i) {
            const SmoothSubFunction f{l, i};
            probes[l].push_back(probes_of(interpolants.functions()[l][i], f, regions));
            highest = std::max(highest, probes[l][i][0].error);
            lowest = std::min(lowest, probes[l][i][1].error);
            curvature = std::max(curvature,
                                 f.largest_curvature(regions.point(i, 0.0), regions.point(i, 1.0)));
        }
        above += highest;
        below -= lowest;
        result.bound += curvature / (8.0 * pieces * pieces);
    }
    result.formula = std::max(above, below);
    for (std::uint64_t first = 0; first < boxes.visited(); first += boxes_per_block) {
        if (poll) poll();
        measure_block(net, plan, probes, boxes, first, result);
    }
    return result;
}

} // namespace moe
