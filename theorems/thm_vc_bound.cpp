// thm_vc_bound: the class of mixtures of L MLPs has VC dimension O~(L max{nL, J W}).
//
// Paper     Kratsios, Saez de Ocariz Borde, Furuya, Law, arXiv:2402.03460 (abstract).
// Claim     B   VC(MoMLP) = O~(L max{nL, J W}): L experts of depth J and "width" W on R^n.
// Tested    Upper bounds UB: the largest m with m <= route_bits(m) + expert_bits(m), log2 of the
//           number of routing patterns and of labelings given the routing (theory/vc_bound.hpp).
//           Lower bounds LB: points and explicit integer weights for every labeling (moment curve,
//           zig-zag, narrow bit extraction; shattering/shattering_plan.hpp). The truth lies
//           between:
//               LB <= VC <= UB <= 4.24 L ln(L+1)^2 max{nL ln(L+1), J W ln(J W)},  W = weights.
//           Read with W = neurons of a layer the statement is false: with n = t, w = 3t, J = 2,
//           LB = t^2; with a net of 8 neurons a layer and depth J = 5d - 1, LB = d^2; both outgrow
//           the bound, which is linear up to logarithms.
// Measured  Every labeling of every certificate up to m = 16 (20) points in exact integers, random
//           labelings beyond; the same nets as batches through the library's forward pass where
//           float64 is exact; Cover's count, lines and small planar cases by enumeration, with a
//           linear program and its exact proof as the second opinion; searches for more points.
// Refuted   if a labeling fails, LB > UB anywhere, an exact case differs, exponent 1 in L leaves
// the
//           bracket of the slopes of LB and UB, or reading (b) survives its two tests.
//
// Sample runs (2 cores):
//   thm_vc_bound                                        quick preset, some seconds
//   thm_vc_bound --preset full                          2^20 labelings, VC = 10; 2 minutes
//   thm_vc_bound --only search --search                 look for larger shattered sets
//   thm_vc_bound --query '{"q":"ub","L":2,"n":2,"expert":"linear","router":"tree"}'

#include "vc_bound/exact_cases.hpp"
#include "vc_bound/judgement.hpp"
#include "vc_bound/queries.hpp"
#include "vc_bound/tables.hpp"

#include "basics/error.hpp"
#include "program/program.hpp"
#include "shattering/dichotomies.hpp"
#include "shattering/verify_shattering.hpp"
#include "theory/vc_bound.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace vc_bound;
using moe::ExpertKind;
using moe::MoeShape;
using moe::RoutingRule;
using moe::ShatteringPlan;

// ---------------------------------------------------------------------------------------------
// 1. Lower bounds: certificates.

/// The class of which a plan's models are members, for its upper bound.
MoeShape shape_of(const ShatteringPlan& plan, RoutingRule routing) {
    MoeShape shape{.L = plan.experts(), .n = plan.dimension(), .routing = routing};
    if (plan.construction() == moe::Construction::linear) return shape;
    shape.expert = ExpertKind::mlp;
    shape.hidden.assign(plan.depth() - 1, plan.hidden_width());
    return shape;
}

/// The rows of the notes, then 16 (and 20) points for every construction.
std::vector<ShatteringPlan> exhaustive_plans(bool full) {
    std::vector<ShatteringPlan> plans{
        ShatteringPlan::relu(1, 2, 2), ShatteringPlan::relu(1, 3, 3), ShatteringPlan::relu(2, 2, 2),
        ShatteringPlan::relu(2, 3, 2), ShatteringPlan::relu(3, 2, 2), ShatteringPlan::relu(4, 3, 1),
        ShatteringPlan::linear(5, 1),  ShatteringPlan::linear(4, 2),  ShatteringPlan::linear(3, 3),
        ShatteringPlan::linear(3, 4),  ShatteringPlan::linear(1, 8),  ShatteringPlan::zigzag(1, 7),
        ShatteringPlan::zigzag(2, 5),  ShatteringPlan::zigzag(3, 4),  ShatteringPlan::narrow(2, 3),
        ShatteringPlan::narrow(3, 3),  ShatteringPlan::narrow(3, 4),  ShatteringPlan::narrow(4, 3),
        ShatteringPlan::relu(1, 4, 4), ShatteringPlan::relu(2, 4, 2), ShatteringPlan::linear(4, 3),
        ShatteringPlan::linear(8, 1),  ShatteringPlan::zigzag(1, 15), ShatteringPlan::zigzag(4, 3),
        ShatteringPlan::narrow(4, 4)};
    if (full) {
        plans.insert(plans.end(), {ShatteringPlan::relu(1, 4, 5), ShatteringPlan::relu(2, 5, 2),
                                   ShatteringPlan::linear(5, 3), ShatteringPlan::linear(4, 4),
                                   ShatteringPlan::zigzag(1, 19), ShatteringPlan::zigzag(4, 4),
                                   ShatteringPlan::narrow(4, 5), ShatteringPlan::narrow(5, 4)});
    }
    return plans;
}

std::vector<ShatteringPlan> random_plans() {
    return {ShatteringPlan::narrow(16, 16), ShatteringPlan::narrow(48, 48),
            ShatteringPlan::relu(1, 8, 8),  ShatteringPlan::relu(1, 12, 12),
            ShatteringPlan::relu(8, 4, 4),  ShatteringPlan::relu(16, 2, 4),
            ShatteringPlan::linear(64, 2),  ShatteringPlan::zigzag(16, 7)};
}

moe::CellResult measure_shattering(const moe::CellContext& context, const moe::Options& options,
                                   const ShatteringPlan& plan, bool exhaustive) {
    moe::ShatteringOptions settings;
    if (options.sabotage() == "bad-root") settings.fault = moe::ShatteringFault::bad_root;
    moe::RandomStream stream = context.stream(0);
    const moe::ShatteringReport report =
        exhaustive
            ? moe::verify_exhaustively(plan, settings)
            : moe::verify_random(plan, static_cast<std::uint64_t>(options.integer("labelings")),
                                 stream, settings);
    ShatteringRow row;
    row.construction = moe::construction_name(plan.construction());
    row.plan = plan.name();
    row.exhaustive = exhaustive;
    row.L = as_integer(plan.experts());
    row.n = as_integer(plan.dimension());
    row.depth = as_integer(report.depth);
    row.weights = as_integer(report.parameters);
    row.points = as_integer(report.points);
    row.bound_tree = as_integer(moe::vc_upper_bound(shape_of(plan, RoutingRule::tree)));
    row.bound_flat = as_integer(moe::vc_upper_bound(shape_of(plan, RoutingRule::flat)));
    row.routed = report.routed;
    row.labelings = as_integer(report.labelings);
    row.realised = as_integer(report.realised);
    row.float64_models = as_integer(report.float64.models);
    row.float64_differing = as_integer(report.float64.differing);
    moe::CellResult result;
    result.add("shattering", vc_bound::row(row));
    return result;
}

/// How many random labelings of a plan are verified beside a bound: 4, or 0 where the integers need
/// more than 128 bits and only the proof of the notes stands. Negative if one fails.
std::int64_t verified_labelings(const moe::CellContext& context, const moe::Options& options,
                                const ShatteringPlan& plan) {
    moe::ShatteringOptions settings{.float64_models = 0};
    if (options.sabotage() == "bad-root") settings.fault = moe::ShatteringFault::bad_root;
    moe::RandomStream stream = context.stream(0);
    try {
        const moe::ShatteringReport report = moe::verify_random(plan, 4, stream, settings);
        return report.holds() ? as_integer(report.labelings) : -1;
    } catch (const moe::InputError&) {
        return 0;
    }
}

// ---------------------------------------------------------------------------------------------
// 2. Upper bounds along L, n, width and depth, with the best certificate beside each.

BracketRow bracket(const std::string& ladder, std::int64_t abscissa, const MoeShape& shape,
                   std::int64_t lower) {
    BracketRow row;
    row.ladder = ladder;
    row.abscissa = abscissa;
    row.L = as_integer(shape.L);
    row.n = as_integer(shape.n);
    row.depth = as_integer(moe::expert_depth(shape));
    row.width = shape.hidden.empty() ? 1 : shape.hidden.front();
    row.weights = as_integer(moe::expert_weights(shape));
    row.router = shape.routing == RoutingRule::tree ? "tree" : "flat";
    row.lower = lower;
    row.upper = as_integer(moe::vc_upper_bound(shape));
    row.paper =
        moe::paper_shape(shape.L, shape.n, moe::expert_depth(shape), moe::expert_weights(shape));
    return row;
}

moe::CellResult measure_brackets(const moe::CellContext& context, const moe::Options& options,
                                 RoutingRule routing) {
    const std::string suffix = routing == RoutingRule::tree ? ".tree" : ".flat";
    moe::CellResult result;
    const auto add = [&](const std::string& ladder, std::int64_t abscissa,
                         const ShatteringPlan& plan) {
        BracketRow row =
            bracket(ladder, abscissa, shape_of(plan, routing), as_integer(plan.points()));
        row.verified = verified_labelings(context, options, plan);
        result.add("brackets", vc_bound::row(row));
    };
    for (const std::int64_t n : {2, 8}) {
        for (std::int64_t L = 1; L <= 256; L *= 2) {
            const ShatteringPlan plan = ShatteringPlan::linear(L, n);
            add("experts.n" + std::to_string(n) + suffix, L, plan);
        }
    }
    for (std::int64_t n = 1; n <= 32; n *= 2) {
        const ShatteringPlan plan = ShatteringPlan::linear(4, n);
        add("dimension" + suffix, n, plan);
    }
    for (std::int64_t q = 1; q <= 32; q *= 2) {
        const ShatteringPlan plan = ShatteringPlan::relu(4, 4, q);
        add("width" + suffix, 3 * q, plan);
    }
    for (const std::int64_t d : {4, 8, 12, 16, 24, 32, 40, 48}) {
        const ShatteringPlan plan = ShatteringPlan::narrow(d, d);
        add("depth" + suffix, as_integer(plan.depth()), plan);
    }
    return result;
}

/// UB against the paper's shape over a grid of classes; no certificate is needed for that.
moe::CellResult measure_shapes(RoutingRule routing) {
    moe::CellResult result;
    for (std::uint64_t L = 1; L <= 64; L *= 2) {
        for (const std::uint64_t n : {1U, 2U, 4U, 8U}) {
            for (const std::uint32_t width : {3U, 8U, 24U}) {
                for (const std::size_t J : {2U, 3U, 5U}) {
                    const MoeShape shape{.L = L,
                                         .n = n,
                                         .routing = routing,
                                         .expert = ExpertKind::mlp,
                                         .hidden = std::vector<std::uint32_t>(J - 1, width)};
                    result.add("brackets", vc_bound::row(bracket("grid", as_integer(L), shape, 0)));
                }
            }
        }
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 3. The two readings of W: (a) weights of an expert, (b) neurons of a layer.

moe::CellResult measure_readings(const moe::CellContext& context, const moe::Options& options) {
    moe::CellResult result;
    const auto add = [&](const char* test, std::int64_t abscissa, const ShatteringPlan& plan) {
        const MoeShape shape = shape_of(plan, RoutingRule::flat);
        const moe::NeuronReading reading =
            moe::neuron_reading(shape.n, plan.depth(), plan.hidden_width());
        ReadingRow row;
        row.test = test;
        row.abscissa = abscissa;
        row.lower = as_integer(plan.points());
        row.verified = verified_labelings(context, options, plan);
        row.weights_bound = as_integer(moe::vc_upper_bound(shape));
        row.neurons_plain = reading.plain;
        row.neurons_logarithms = reading.with_logarithms;
        result.add("readings", vc_bound::row(row));
    };
    for (const std::int64_t t : {2, 3, 4, 5, 6, 8, 10, 12})
        add("width", t, ShatteringPlan::relu(1, t, t));
    for (const std::int64_t d : {4, 8, 12, 16, 24, 32, 40, 48}) {
        const ShatteringPlan plan = ShatteringPlan::narrow(d, d);
        add("depth", as_integer(plan.depth()), plan);
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 4. The plan of cells. Exact small cases stand in vc_bound/exact_cases.cpp, the judgement in
// vc_bound/judgement.cpp.

std::vector<moe::Cell> plan(const moe::Options& options) {
    std::vector<moe::Cell> cells;
    const auto shattering = [&](const ShatteringPlan& certificate, bool exhaustive) {
        cells.push_back({(exhaustive ? "exhaustive." : "random.") + certificate.name(),
                         "shattering",
                         std::exp2(static_cast<double>(
                             std::min<std::size_t>(exhaustive ? certificate.points() : 12, 24))),
                         [=](const moe::CellContext& context) {
                             return measure_shattering(context, options, certificate, exhaustive);
                         }});
    };
    for (const ShatteringPlan& certificate :
         exhaustive_plans(options.preset() == moe::Preset::full))
        shattering(certificate, true);
    for (const ShatteringPlan& certificate : random_plans())
        shattering(certificate, false);
    for (const RoutingRule routing : {RoutingRule::tree, RoutingRule::flat}) {
        const std::string name = routing == RoutingRule::tree ? "tree" : "flat";
        cells.push_back(
            {"brackets." + name, "brackets", 50.0, [=](const moe::CellContext& context) {
                 return measure_brackets(context, options, routing);
             }});
        cells.push_back({"shapes." + name, "brackets", 50.0,
                         [=](const moe::CellContext&) { return measure_shapes(routing); }});
    }
    cells.push_back({"readings", "readings", 10.0, [=](const moe::CellContext& context) {
                         return measure_readings(context, options);
                     }});
    cells.push_back({"counts", "exact", 10.0, measure_counts});
    cells.push_back({"plane.TEN", "exact", 1000.0, [](const moe::CellContext&) {
                         return measure_plane("TEN", moe::ten_points);
                     }});
    cells.push_back({"plane.SIX", "exact", 100.0, [](const moe::CellContext&) {
                         return measure_plane("SIX", moe::six_points);
                     }});
    cells.push_back(
        {"order-types.three_const", "exact", 100.0, [](const moe::CellContext& context) {
             return measure_order_types(context, "three_const", moe::SearchedClass::three_const, 7);
         }});
    cells.push_back({"order-types.two_linear", "exact", 1e9, [=](const moe::CellContext& context) {
                         return measure_order_types(context, "two_linear",
                                                    moe::SearchedClass::two_linear,
                                                    options.integer("order-type-points"));
                     }});
    // A search is cut into independent ones, so that an interrupted run keeps what was tried.
    const std::int64_t budget =
        options.flag("search") ? options.integer("search-evaluations") : 8000;
    constexpr std::int64_t cut = 25000;
    for (std::int64_t start = 0; start < budget; start += cut) {
        const auto share = static_cast<std::uint64_t>(std::min(cut, budget - start));
        const std::string suffix = ".part" + std::to_string(start / cut);
        cells.push_back(
            {"search.two_linear" + suffix, "search", 2000.0, [=](const moe::CellContext& context) {
                 return search(context, moe::SearchedClass::two_linear, 11, share);
             }});
        cells.push_back(
            {"search.three_const" + suffix, "search", 500.0, [=](const moe::CellContext& context) {
                 return search(context, moe::SearchedClass::three_const, 7, share);
             }});
    }
    return cells;
}

} // namespace

int main(int argc, char** argv) {
    moe::Program program = declaration();
    program.plan = plan;
    program.judge = judge;
    program.queries = queries();
    return moe::run(program, argc, argv);
}
