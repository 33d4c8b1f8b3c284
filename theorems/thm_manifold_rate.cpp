// thm_manifold_rate: on a d-dimensional manifold in R^D a mixture of experts approximates at a rate
// that d rules, not D.
//
// Paper     Wang, E, "On the Expressive Power of Mixture-of-Experts for Structured Complex Tasks",
//           arXiv:2505.24205, NeurIPS 2025, theorem 4.8: a depth-2 MoE with experts of width m
//           approximates f on a compact d-manifold of R^D, charts (U_i, phi_i), with
//               sup error <= max_i O~(m^-min(kappa_i/d, 1/2)),   kappa_i the smoothness of f.
// Built     Layer 1, a real ReLU network, gives (x, rho_1(x) .. rho_E(x)), rho_i the largest
//           2<y,x> - |y|^2 over the anchors y of chart i. The linear gate (0 | I) of layer 2 sends
//           x to the chart of its nearest anchor; expert i, a sparse ReLU network, interpolates
//           f(phi_i^-1(t)) in the chart's coordinates t = A_i x on a grid of N cells an axis.
// Measured  The networks themselves on samples of a circle, a winding curve, a torus and spheres
//           (d = 1, 2, 3): sup error against N and the width m, smooth targets (d >= 2: also at
//           the peaks that a local search finds) and Hoelder targets; against D in flat and curved
//           embeddings; with errors of rho. Linear gates on the winding curve.
//           Trained: experiment I, four experts of width 10 on a circle in R^D.
// Judged    Routing without a miss; error <= M d h^2/8; slope -min(kappa, 2) in N, so
//           -min(kappa, 2)/d in m, on the 3-sphere from N = 18 on; the same error at every D (to
//           1e-9); with errors of rho up to a constant eta* points stay in their charts and the
//           error below the certificate, larger ones break it; no linear gate routes the winding
//           curve. Trained error: a doubled D changes it by less than a margin, by a test of
//           equivalence (no theorem).
// Refuted   if a point is misrouted, an error exceeds its certificate or is far below it (d = 1), a
//           slope is off by more than 0.25, the built error depends on D, or a linear gate beats
//           the bound.
// Not said  that a dense network cannot do it: m^-(kappa/D) is an upper bound for functions of a
//           cube, and dense networks can adapt to manifolds too. The contrast here is with the same
//           interpolant on the ambient grid, an explicit construction.
//
// Sample runs (2 cores):
//   thm_manifold_rate                                   quick preset
//   thm_manifold_rate --preset full                     all Hoelder targets
//   thm_manifold_rate --only dimension --ambient 256,512
//   thm_manifold_rate --query '{"q":"train","D":64,"steps":6000,"seeds":4}'
//   thm_manifold_rate --query '{"q":"sup_error","manifold":"circle","N":64,"D":16}'

#include "manifold_rate/gates.hpp"
#include "manifold_rate/judgement.hpp"
#include "manifold_rate/queries.hpp"
#include "manifold_rate/scenes.hpp"
#include "manifold_rate/side_claims.hpp"
#include "manifold_rate/tables.hpp"
#include "manifold_rate/trained.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "program/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace manifold_rate;
using moe::CellContext;
using moe::CellResult;
using moe::Manifold;
using moe::Options;

std::int64_t count(std::size_t value) {
    return static_cast<std::int64_t>(value);
}

// ---------------------------------------------------------------------------------------------
// 1. Smooth targets: error, routing and certificate against the grid.

/// One manifold and N: the model is built once and measured on every sample.
CellResult measure_smooth(const CellContext& context, const Options& options, Manifold manifold,
                          std::int64_t cells) {
    const Scene scene(context.seed(), manifold, moe::smooth_target(manifold));
    const bool knot = options.sabotage() == "knot" && manifold == Manifold::circle;
    const moe::MoeStack model =
        scene.model(cells, knot                            ? moe::AtlasFault::changed_knot
                           : options.sabotage() == "route" ? moe::AtlasFault::swapped_gate_rows
                                                           : moe::AtlasFault::none);
    ErrorRow error{.manifold = std::string(moe::to_string(manifold)),
                   .target = "smooth",
                   .alpha = {},
                   .phase = {},
                   .d = count(scene.atlas.intrinsic()),
                   .cells = cells,
                   .width = count(moe::chart_grid(scene.atlas, cells).expert_width()),
                   .certificate = scene.certificate(cells, moe::ChartRegion::routed)};
    moe::SupErrorSettings settings;
    settings.poll = [&] { context.leave_if_stopped(); };
    // The sample of a curve is not random; fine grids of sphere3 are dear, and their peaks come
    // from searches among many more points.
    const std::int64_t samples = error.d == 2 ? options.integer("samples") : 1;
    CellResult result;
    for (error.sample = 0; error.sample < samples; ++error.sample) {
        const moe::SupError measured =
            scene.measure(model,
                          searched_sample(scene, context.seed(), cells,
                                          static_cast<std::uint32_t>(error.sample), settings.poll),
                          settings);
        error.sup = measured.sup;
        error.misrouted = count(measured.misrouted);
        result.add("errors", row(error));
    }
    return result;
}

/// Points of the circle, the winding curve and the sphere with the experts of a coarse model.
CellResult draw_picture(const CellContext& context) {
    constexpr std::int64_t coarse = 4;
    CellResult result;
    for (const auto& [manifold, points] : {std::pair(Manifold::circle, std::size_t{240}),
                                           std::pair(Manifold::winding, std::size_t{600}),
                                           std::pair(Manifold::sphere2, std::size_t{3000})}) {
        const Scene scene(context.seed(), manifold, moe::smooth_target(manifold));
        moe::RandomStream random = context.stream(0);
        const std::vector<double> sample = moe::manifold_sample(manifold, points, random);
        const moe::SupError measured = scene.measure(scene.model(coarse), sample);
        const std::size_t n = scene.atlas.own();
        for (std::size_t p = 0; p < points; ++p) {
            const double* const u = sample.data() + p * n;
            PictureRow point{.manifold = std::string(moe::to_string(manifold)),
                             .panel = "curve",
                             .horizontal = u[0],
                             .vertical = u[1],
                             .expert = static_cast<std::int64_t>(measured.route[p])};
            if (manifold == Manifold::winding) { // the plane curve e^{2i th} + e^{3i th}
                point.horizontal = u[0] + u[2];
                point.vertical = u[1] + u[3];
            } else if (manifold == Manifold::sphere2) {
                point.panel = u[2] >= 0.0 ? "front" : "back";
            }
            result.add("picture", row(point));
        }
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 2. Hoelder targets: the mean slope over phases.

CellResult measure_hoelder(const CellContext& context, Manifold manifold, double alpha,
                           double phase, const std::vector<std::int64_t>& cells) {
    const int scales = moe::usual_scales(moe::Atlas(manifold).intrinsic());
    const Scene scene(context.seed(), manifold,
                      moe::hoelder_target({.alpha = alpha, .phase = phase, .scales = scales}));
    const std::vector<double> sample = sample_of(context.seed(), manifold);
    moe::SupErrorSettings settings;
    settings.poll = [&] { context.leave_if_stopped(); };
    CellResult result;
    for (const std::int64_t N : cells) {
        const moe::SupError measured = scene.measure(scene.model(N), sample, settings);
        result.add("errors", row({.manifold = std::string(moe::to_string(manifold)),
                                  .target = "hoelder",
                                  .alpha = alpha,
                                  .phase = phase,
                                  .sample = 0,
                                  .d = count(scene.atlas.intrinsic()),
                                  .cells = N,
                                  .width = count(moe::chart_grid(scene.atlas, N).expert_width()),
                                  .sup = measured.sup,
                                  .misrouted = count(measured.misrouted),
                                  .certificate = {}}));
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 3. The ambient dimension: flat and curved embeddings of the same manifold.

/// N of the models that are compared, by d.
constexpr std::int64_t dimension_cells[] = {0, 64, 12, 6};

CellResult measure_dimension(const CellContext& context, const Options& options, Manifold manifold,
                             std::int64_t D) {
    const std::vector<double> sample = sample_of(context.seed(), manifold);
    CellResult result;
    for (const double tau : {0.0, curved}) {
        const Scene scene(context.seed(), manifold, moe::smooth_target(manifold),
                          static_cast<std::size_t>(D), tau);
        if (tau != 0.0 && scene.embedding.ambient() == scene.atlas.own()) continue;
        const std::int64_t cells = dimension_cells[scene.atlas.intrinsic()];
        const moe::MoeStack model = scene.model(cells);
        moe::SupErrorSettings settings;
        settings.poll = [&] { context.leave_if_stopped(); };
        if (options.sabotage() == "embed") settings.scale = 1.001;
        const moe::SupError measured = scene.measure(model, sample, settings);
        const moe::ParameterCount parameters = model.count();
        result.add("dimension",
                   row({.manifold = std::string(moe::to_string(manifold)),
                        .n = count(scene.atlas.own()),
                        .D = D,
                        .tau = tau,
                        .cells = cells,
                        .sup = measured.sup,
                        .direct = moe::direct_sup_error(scene.atlas, scene.target, cells, sample),
                        .misrouted = count(measured.misrouted),
                        .routing_width = model.layer(0).expert().layer(0).outputs,
                        .expert_width = count(moe::chart_grid(scene.atlas, cells).expert_width()),
                        .total = count(parameters.total),
                        .active = count(parameters.active),
                        .listed = count(parameters.listed),
                        .nonzero = count(parameters.nonzero)}));
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 4. Errors of rho: layer 1 needs constant accuracy only.

constexpr std::int64_t noise_cells = 64;
constexpr double sabotaged_eta = 0.3;

CellResult measure_noise(const CellContext& context, const Options& options, Manifold manifold) {
    const Scene scene(context.seed(), manifold, moe::smooth_target(manifold));
    const moe::MoeStack model = scene.model(noise_cells);
    const std::vector<double> sample = sample_of(context.seed(), manifold);
    const double tolerance = scene.atlas.noise_tolerance().value();
    const double certificate = scene.certificate(noise_cells, moe::ChartRegion::whole);
    std::vector<double> etas{
        0.0, 0.25 * tolerance,        0.5 * tolerance, 0.875 * tolerance, tolerance, 0.15, 0.3,
        0.4, breaking_noise(manifold)};
    std::sort(etas.begin(), etas.end());
    etas.erase(std::unique(etas.begin(), etas.end()), etas.end());
    CellResult result;
    double without = 0.0;
    for (std::size_t i = 0; i < etas.size(); ++i) {
        // The sabotage draws larger errors than it says.
        const bool larger = options.sabotage() == "rho" && etas[i] > 0.0;
        const moe::SupError measured =
            scene.measure(model, sample,
                          noisy(scene.atlas, larger ? std::max(etas[i], sabotaged_eta) : etas[i],
                                context.stream(static_cast<std::uint32_t>(i)),
                                [&] { context.leave_if_stopped(); }));
        if (etas[i] == 0.0) without = measured.sup;
        result.add("noise", row({.manifold = std::string(moe::to_string(manifold)),
                                 .cells = noise_cells,
                                 .eta = etas[i],
                                 .tolerance = tolerance,
                                 .sup = measured.sup,
                                 .sup_without = without,
                                 .certificate = certificate,
                                 .outside = count(measured.misrouted)}));
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 5. The plan of cells. The judgement stands in manifold_rate/judgement.cpp.

/// --cells-<d>, ascending.
std::vector<std::int64_t> cells_of(const Options& options, const std::string& name) {
    std::vector<std::int64_t> cells = options.integers(name);
    moe::require_different(name, cells);
    std::sort(cells.begin(), cells.end());
    return cells;
}

/// What an evaluation of a model costs, by d and N.
double cost(std::size_t d, std::int64_t N) {
    return 10.0 + std::pow(static_cast<double>(N + 1), static_cast<double>(d));
}

void plan_hoelder(moe::Plan& plan, const Options& options) {
    moe::require_different("alphas", options.reals("alphas"));
    for (const Manifold manifold :
         {Manifold::circle, Manifold::torus2, Manifold::sphere2, Manifold::sphere3}) {
        if (manifold != Manifold::circle && options.text("hoelder") != "all") continue;
        const std::size_t d = moe::Atlas(manifold).intrinsic();
        const std::vector<std::int64_t> cells =
            cells_of(options, d == 1 ? "hoelder-cells" : "cells-" + std::to_string(d));
        for (const double alpha : options.reals("alphas")) {
            for (const double phase : phases(d)) {
                plan.push_back({"hoelder." + std::string(moe::to_string(manifold)) + ".a" +
                                    moe::shortest(alpha) + ".p" + moe::shortest(phase),
                                "hoelder", 3.0 * cost(d, cells.back()),
                                [=](const CellContext& context) {
                                    return measure_hoelder(context, manifold, alpha, phase, cells);
                                }});
            }
        }
    }
}

void plan_gates(moe::Plan& plan, const Options& options) {
    const std::int64_t random = options.integer("random-gates");
    const std::int64_t trained = options.integer("trained-gates");
    plan.push_back({"gates.facts", "linear-gate", 300.0, measure_gate_facts});
    plan.push_back({"gates.net", "linear-gate", 500.0, measure_net_gates});
    plan.push_back(
        {"gates.random", "linear-gate", static_cast<double>(random),
         [=](const CellContext& context) { return measure_random_gates(context, random); }});
    plan.push_back(
        {"gates.trained", "linear-gate", 50.0 * static_cast<double>(trained),
         [=](const CellContext& context) { return measure_trained_gates(context, trained); }});
}

moe::Plan plan(const Options& options) {
    moe::Plan plan;
    moe::require_different("ambient", options.integers("ambient"));
    for (const Manifold manifold : moe::all_manifolds) {
        const moe::Atlas atlas(manifold);
        const std::size_t d = atlas.intrinsic();
        const std::string name(moe::to_string(manifold));
        for (const std::int64_t N :
             cells_of(options, d == 3 ? "sphere3-cells" : "cells-" + std::to_string(d))) {
            static_cast<void>(moe::chart_grid(atlas, N)); // refuses a grid that is too large
            plan.push_back({"smooth." + name + ".N" + std::to_string(N), "interpolation",
                            cost(d, N) * (d == 1 ? 1.0 : 10.0), [=](const CellContext& context) {
                                return measure_smooth(context, options, manifold, N);
                            }});
        }
        std::vector<std::int64_t> ambient{count(atlas.own())};
        for (const std::int64_t D : options.integers("ambient")) {
            if (D < ambient.front())
                throw moe::InputError("--ambient " + std::to_string(D) + ": " + name +
                                      " lies in R^" + std::to_string(ambient.front()) +
                                      ", must be at least that");
            if (D > ambient.front()) ambient.push_back(D);
        }
        for (const std::int64_t D : ambient) {
            plan.push_back({"dimension." + name + ".D" + std::to_string(D), "dimension",
                            static_cast<double>(D) * cost(1, 64), [=](const CellContext& context) {
                                return measure_dimension(context, options, manifold, D);
                            }});
        }
        if (atlas.noise_tolerance())
            plan.push_back({"noise." + name, "routing-noise", 10.0 * cost(1, noise_cells),
                            [=](const CellContext& context) {
                                return measure_noise(context, options, manifold);
                            }});
    }
    plan.push_back({"picture", "interpolation", 100.0, draw_picture});
    plan_hoelder(plan, options);
    plan_gates(plan, options);
    for (std::size_t D = 1; D <= 3; ++D) {
        const std::vector<std::int64_t> cells = cells_of(options, "cells-" + std::to_string(D));
        plan.push_back(
            {"cube.D" + std::to_string(D), "side-claims", 2.0 * cost(D, cells.back()),
             [=](const CellContext& context) { return measure_cube(context, D, cells); }});
    }
    plan.push_back({"forms", "side-claims", 1000.0, measure_expert_forms});
    add_trained_cells(options, plan);
    return plan;
}

} // namespace

int main(int argc, char** argv) {
    moe::Program program = declaration();
    program.plan = plan;
    program.judge = judge;
    program.queries = queries();
    return moe::run(program, argc, argv);
}
