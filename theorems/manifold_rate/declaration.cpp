#include "manifold_rate/judgement.hpp"
#include "manifold_rate/tables.hpp"
#include "manifold_rate/trained.hpp"

#include "basics/append.hpp"

#include <utility>

namespace manifold_rate {

namespace {

const char* const paper = "arXiv:2505.24205";
const char* const rate_claim = "abstract; theorem 4.8 as reported";

std::vector<moe::OptionSpec> options() {
    using moe::integer_option;
    using moe::integers_option;
    const moe::ListLength sizes{2, 40};
    return {integers_option("cells-1", "N, cells of a chart's grid, d = 1", {1, 65536},
                            {16, 32, 64, 128}, {8, 16, 32, 64, 128, 256}, "cells", sizes),
            integers_option("cells-2", "N for d = 2", {1, 512}, {8, 12, 16, 24},
                            {4, 6, 8, 12, 16, 24, 32}, "cells an axis", sizes),
            integers_option("cells-3", "N for d = 3, but for the smooth target", {1, 48},
                            {4, 6, 8, 10}, {3, 4, 6, 8, 10, 12}, "cells an axis", sizes),
            integers_option("sphere3-cells",
                            "N of the smooth target on sphere3; its slope counts from 18 on",
                            {1, 48}, {10, 18, 22, 28},
                            {4, 6, 8, 10, 12, 16, 18, 20, 24, 28, 32, 40}, "cells an axis", sizes),
            integer_option("samples",
                           "samples of 20000 points of a surface, each with a search for peaks "
                           "(sphere3: one of 4000)",
                           {3, 1000}, 3, 9),
            moe::choice_option("hoelder", "manifolds with Hoelder targets", {"circle", "all"},
                               "circle", "all"),
            moe::reals_option("alphas", "smoothness of the Hoelder targets",
                              {.low = 0.0, .high = 10.0, .low_open = true}, {0.5}, {1.5, 1, 0.5}),
            integers_option("hoelder-cells", "N of the Hoelder targets on the circle", {1, 65536},
                            {8, 16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256}, "cells", sizes),
            integers_option("ambient", "ambient dimensions D, besides D = n", {2, 2048},
                            {4, 16, 32, 64, 128}, {4, 16, 32, 64, 128}, "", {1, 40}),
            integer_option("random-gates", "random linear gates on the winding curve", {1, 1000000},
                           300, 3000),
            integer_option("trained-gates", "linear gates trained by logistic regression",
                           {1, 10000}, 3, 20)};
}

std::vector<moe::ClaimInfo> claims() {
    std::vector<moe::ClaimInfo> result = {
        {"routing", "interpolation", paper, "derived: notes 2.1 (A1)",
         "every point of every manifold is routed to a chart that contains it, inside the set of "
         "its nearest anchor"},
        {"certificate", "interpolation", paper, "derived: notes 2.5 (A2)",
         "sup error <= M d h^2/8, M the largest |Hess g_i| over the routed cells"},
        {"certificate.sharp", "interpolation", paper, "derived: notes 2.5 (A2)",
         "on curves the certificate is nearly attained: ratio >= 0.75 for N >= 8"}};
    for (const moe::Manifold manifold : moe::all_manifolds) {
        const std::string name(moe::to_string(manifold));
        const std::size_t d = moe::Atlas(manifold).intrinsic();
        result.push_back({"rate." + name, "interpolation", paper, rate_claim,
                          name + ", smooth target: sup error ~ N^-2, so m^(-2/" +
                              std::to_string(d) + ") in the width m ~ N^d: d rules, not D" +
                              (d == 3 ? " (N >= 18; coarser grids are not in their regime)" : "")});
    }
    std::vector<moe::ClaimInfo> rest = {
        {"bound.smooth", "interpolation", paper, rate_claim,
         "smooth targets: the slope in m is at most -min(kappa/d, 1/2) + 0.05, kappa = 2; these "
         "charts are linear and beat the exponent, which is an upper bound"},
        {"rate.hoelder", "hoelder", paper, rate_claim,
         "Hoelder targets: sup error ~ N^-alpha in the mean over phases"},
        {"bound.hoelder", "hoelder", paper, rate_claim,
         "Hoelder targets: the slope in m is at most -min(alpha/d, 1/2), to 0.05 (0.10 for alpha "
         "<= 1)"},
        {"routing.hoelder", "hoelder", paper, "derived: notes 2.1 (A1)", "no point is misrouted"},
        {"dimension.error", "dimension", paper, "derived: notes 2.2 (A4)",
         "the sup error is the same in every ambient dimension, flat or curved, and that of "
         "interpolation without ambient space, to 1e-9 of itself"},
        {"dimension.width", "dimension", paper, "derived: notes 2.2",
         "the width of an expert does not depend on D, that of layer 1 is 2D + const"},
        {"noise.inside", "routing-noise", paper, "derived: notes 2.1 (A5)",
         "with errors of rho up to eta* the sup error stays below the certificate of the whole "
         "charts, so layer 1 needs constant accuracy only"},
        {"noise.routing", "routing-noise", paper, "derived: notes 2.1 (A5)",
         "routing lemma: with errors of rho up to eta* every point lies in its routed chart"},
        {"noise.outside", "routing-noise", paper, "derived: notes 2.1 (A5)",
         "larger errors of rho (0.3 circle, 0.5 winding) make the sup error grow by more than 50"},
        {"gate.xor", "linear-gate", paper, "derived: notes 2.6",
         "on the winding curve u(c+p) + u(c-p) = u(c+pi+p) + u(c+pi-p), p = pi/6"},
        {"gate.bound", "linear-gate", paper, "derived: notes 2.6",
         "so every linear gate misroutes at least 10.3 % of the winding curve; no random or "
         "trained "
         "one does better"},
        {"gate.layer-1", "linear-gate", paper, "abstract; theorem 4.8 as reported",
         "with layer 1 no core point of the winding curve is misrouted"},
        {"gate.no-margin", "linear-gate", paper, "derived: notes 2.6",
         "4 charts of the winding curve have no linear gate with a margin"},
        {"gate.margin", "linear-gate", paper, "derived: notes 2.6",
         "6 and 8 charts of the winding curve and 4 of the circle have one: the need for layer 1 "
         "depends on the atlas"},
        {"gate.net", "linear-gate", paper, "abstract: nonlinear gating",
         "one layer whose gate is the network rho routes bitwise as the two layers, with outputs "
         "equal to 1e-12"},
        {"cube", "side-claims", paper, "derived: notes 2.7; explicit ambient construction",
         "the same interpolant without a chart on [-1,1]^D: N^-2 with a width ~ N^D, D = 1, 2, 3 "
         "(no lower bound for dense networks)"},
        {"factored", "side-claims", paper, "abstract: low-dimensional experts; notes 2.7",
         "the first map of an expert factors through d numbers with the same outputs to 1e-12"},
        {"factored.count", "side-claims", paper, "abstract: low-dimensional experts; notes 2.7",
         "it has rank d, and the factored form has the parameters that the notes count"},
        {"shared", "side-claims", paper, "abstract: shared experts; notes 2.7",
         "a shared expert for the common part of all charts gives the same outputs to 1e-12"},
        {"shared.count", "side-claims", paper, "abstract: shared experts; notes 2.7",
         "with m_0 + E m_s hidden units instead of E (m_0 + m_s)"}};
    moe::append(result, std::move(rest));
    return result;
}

std::vector<moe::SabotageInfo> sabotages() {
    const std::vector<std::string> coarse{
        "--only", "interpolation",   "--cells-1", "16,64",     "--cells-2",
        "2,4",    "--sphere3-cells", "2,4",       "--samples", "3"};
    return {{"route", "swaps two rows of the gate of layer 2", "interpolation", coarse},
            {"knot", "makes one output weight of an expert of the circle 1 % larger",
             "interpolation", coarse},
            {"embed",
             "embeds the data with 1.001 Q, the network is built with Q",
             "dimension",
             {"--only", "dimension", "--ambient", "16"}},
            {"rho",
             "draws errors of rho of at least 0.3",
             "routing-noise",
             {"--only", "routing-noise"}}};
}

} // namespace

moe::Program declaration() {
    moe::Program program;
    program.name = "thm_manifold_rate";
    program.papers = {paper};
    program.summary =
        "A depth-2 mixture of experts of width m approximates a function of smoothness kappa on a "
        "compact d-manifold of R^D with sup error O~(m^-min(kappa/d, 1/2)): the intrinsic "
        "dimension d rules the rate, not D. The networks are built, routed and measured; layer 1 "
        "is needed where no linear gate can tell the charts apart.";
    program.example = "thm_manifold_rate --only dimension --ambient 256,512";
    program.checks = {
        {"interpolation", "routing, certificate and rate of smooth targets on five manifolds"},
        {"hoelder", "rates of Hoelder targets"},
        {"dimension",
         "the same manifold in ambient spaces of different dimension, flat and curved"},
        {"routing-noise", "errors of the routing functions rho"},
        {"linear-gate", "is layer 1 needed? linear and nonlinear gates on the winding curve"},
        {"side-claims", "the ambient grid, factored and shared experts"},
        {"trained", "experiment I: four trained experts on a circle in R^D, and dense networks"}};
    program.presets = {{"quick", 12.0}, {"full", 100.0}};
    program.options = options();
    moe::append(program.options, trained_options());
    program.tables = schemas();
    program.tables.push_back(trained_schema());
    program.figures = {
        {"manifold_rate_width", "Error against width for d = 1, 2, 3",
         "Sup error of the built networks against the width m of an expert: smooth targets (the "
         "largest over samples and peaks) with the lines m^(-2/d), Hoelder targets, and the same "
         "interpolant on the ambient grid."},
        {"manifold_rate_dimension", "Error against the ambient dimension",
         "Sup error of the built networks against D in flat and curved embeddings, and the widths "
         "of layer 1 and of an expert."},
        {"manifold_rate_charts", "Routed experts",
         "Circle, winding curve and sphere, coloured by the expert that the built network routes "
         "to."},
        {"manifold_rate_trained", "Trained error against the ambient dimension",
         "Mean squared error of four trained experts on a circle in R^D for both starts, of dense "
         "networks with as many active or total parameters, and of several circles in R^16, beside "
         "the paper's numbers."}};
    program.claims = claims();
    moe::append(program.claims, trained_claims());
    program.sabotages = sabotages();
    program.sabotages.push_back(trained_sabotage());
    return program;
}

} // namespace manifold_rate
