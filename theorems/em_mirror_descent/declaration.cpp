#include "em_mirror_descent/grid.hpp"
#include "em_mirror_descent/judgement.hpp"
#include "em_mirror_descent/tables.hpp"
#include "shared/user_data.hpp"

#include "basics/append.hpp"

#include <utility>

namespace em_mirror_descent {

namespace {

constexpr const char* paper = "arXiv:2411.06056";

std::vector<moe::OptionSpec> options() {
    std::vector<moe::OptionSpec> result = grid_options();
    result.push_back(moe::integer_option("iterations-symmetric", "EM iterations compared with E1",
                                         {1, 1000}, 10, 10));
    result.push_back(moe::integer_option(
        "iterations-general", "EM iterations compared with E2a and E2b", {1, 1000}, 4, 10));
    result.push_back(moe::integer_option("bound-iterations",
                                         "EM iterations T of the exact decrease and the sublinear "
                                         "bound",
                                         {1, 100000}, 50, 100));
    moe::append(result, shared::user_data_options());
    return result;
}

std::vector<moe::ClaimInfo> claims() {
    return {
        {"E1.symmetric", "proximal", paper, "abstract, C1; C2 as it is described publicly",
         "holds: for symmetric two-expert models an EM iteration is the mirror descent step argmin "
         "<grad L(theta^t), theta - theta^t> + KL_joint(theta^t || theta), unit step, over all "
         "theta: no projection"},
        {"E2a.natural", "proximal", paper, "abstract, C1, read in natural coordinates (notes 3)",
         "holds: for K experts under a softmax gate EM is the same step with the linear term in "
         "natural coordinates and theta restricted to the curved model: projected mirror descent"},
        {"E2b.own", "proximal", paper, "derived: notes 3",
         "holds: in theta itself EM is mirror descent with the posterior-weighted mirror map h_t, "
         "which changes with the iterate"},
        {"E2.free-variance", "proximal", paper, "derived: notes 3",
         "holds: E2a and E2b with unknown variances, in the coordinates beta/sigma^2, 1/sigma^2"},
        {"decrease.exact", "decrease", paper, "derived: notes 3",
         "F^t - F^(t+1) = G_t + (lambda/2) |step|^2 + KL_lat for every model"},
        {"decrease.monotone", "decrease", paper, "C3, recalled: monotone", "F never rises"},
        {"decrease.sublinear", "decrease", paper, "C3, recalled: O(1/T); constant derived, notes 3",
         "T min_t gap_t <= F^0 - F^T for every T: constant 1"},
        {"smooth.slack", "smoothness", paper, "derived: notes 3",
         "L(a) = L(b) + <grad L(b), a-b> + D(a,b) - KL_lat(b||a): L is 1-smooth relative to D"},
        {"smooth.lifted", "smoothness", paper, "derived: notes 1",
         "L written in free natural coordinates is L"},
        {"smooth.fixed-kl", "smoothness", paper, "derived: notes 3",
         "fails: with KL_joint taken in theta L is not 1-smooth for linear experts, K = 2 and 3"},
        {"E3.not-em", "controls", paper, "C1, read in theta for general K (notes 3)",
         "fails: the step with KL_joint in theta is not EM for K experts under a softmax gate, so "
         "this reading of C1 is refuted with evidence"},
        {"E3.gate", "controls", paper, "derived: notes 3",
         "the gate's part of that step is EM's; only the experts' part, weighted by the prior gate "
         "instead of the posterior, differs"},
        {"control.step", "controls", paper, "control",
         "mirror descent with step 0.9 is not EM: the unit step is seen"},
        {"control.swapped", "controls", paper, "control",
         "mirror descent with KL_joint(theta || theta^t) is not EM: the order is seen"}};
}

} // namespace

moe::Program declaration() {
    moe::Program program;
    program.name = "thm_em_mirror_descent";
    program.papers = {paper, "arXiv:2011.01170"};
    program.summary =
        "An EM iteration is a mirror descent step of unit size with a KL regulariser: for "
        "symmetric "
        "two-expert mixtures in theta itself, for K experts in natural coordinates restricted to "
        "the model, or with a mirror map that depends on the iterate. The reading with KL_joint in "
        "theta for K experts is refuted.";
    program.example = "thm_em_mirror_descent --family symmetric";
    program.checks = {{"proximal", "each EM iterate against an independently solved proximal step"},
                      {"decrease", "exact decrease, monotone F, sublinear bound"},
                      {"smoothness", "relative smoothness with its slack at random pairs"},
                      {"controls", "steps that are not EM's must be seen to differ"}};
    program.presets = {{"quick", 5.0}, {"full", 400.0}};
    program.options = options();
    program.tables = schemas();
    program.figures = {
        {"em_mirror_descent_identities", "EM against mirror descent",
         "Distance of EM's iterate from the independently solved proximal step and residual of the "
         "exact decrease, per iteration and configuration, below the acceptance lines; wrong steps "
         "above them."},
        {"em_mirror_descent_sublinear", "The sublinear bound",
         "T min gap against the total decrease F^0 - F^T, which bounds it, and their ratio."}};
    program.claims = claims();
    program.sabotages = {
        {"half-step",
         "moves half of EM's step",
         "decrease",
         {"--only", "decrease", "--only", "proximal", "--family", "symmetric"}},
        {"prior-weights",
         "weighs the samples by the prior gate instead of the posterior in the M-step",
         "proximal",
         {"--only", "proximal", "--family", "linear"}},
        {"swap-kl",
         "solves the proximal step with KL_joint(theta || theta^t)",
         "proximal",
         {"--only", "proximal", "--family", "symmetric"}},
        {"hard-e-step",
         "gives every sample to its most probable expert alone",
         "proximal",
         {"--only", "proximal", "--family", "symmetric"}},
        {"drop-latent",
         "leaves the divergence of the posteriors out of the identities",
         "smoothness",
         {"--only", "smoothness", "--family", "symmetric"}}};
    return program;
}

} // namespace em_mirror_descent
