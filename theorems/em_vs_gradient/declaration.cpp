#include "em_vs_gradient/declaration.hpp"

#include "em_vs_gradient/fashion.hpp"
#include "em_vs_gradient/identities.hpp"
#include "em_vs_gradient/own_data.hpp"
#include "em_vs_gradient/refused.hpp"
#include "em_vs_gradient/synthetic.hpp"
#include "em_vs_gradient/truncated.hpp"

#include "basics/append.hpp"

#include <utility>
#include <vector>

namespace em_vs_gradient {

namespace {

std::vector<moe::ClaimInfo> claims() {
    const char* const paper = "arXiv:2411.06056";
    const char* const order = "abstract, C5; this order recalled, sizes ours";
    const char* const finding = "derived: notes 5, not in the paper";
    return {
        {"C5.linear.em", "linear", paper, order,
         "SymMoLinE: EM reaches gap 1e-6 in fewer iterations than gradient EM(5) with the best "
         "step "
         "of its grid"},
        {"C5.linear.gradient-em", "linear", paper, order,
         "SymMoLinE: gradient EM(5) is before gradient descent, both with the best step"},
        {"C5.linear.blockwise", "linear", paper, finding,
         "SymMoLinE: gradient descent with one step for the experts and another for the gate is "
         "before gradient EM(5): most of what gradient descent loses is one step size for two "
         "badly scaled blocks"},
        {"C5.linear.em-blockwise", "linear", paper, finding,
         "SymMoLinE: EM is before blockwise gradient descent too"},
        {"C5.linear.descent", "linear", paper, "derived: notes 2",
         "SymMoLinE: EM and gradient steps of 1/Lip never raise L"},
        {"C5.logistic.em", "logistic", paper, order,
         "SymMoLogE: EM reaches gap 1e-6 in fewer iterations than gradient EM(5) with the best "
         "step"},
        {"C5.logistic.gradient-em", "logistic", paper, order,
         "SymMoLogE: gradient EM(5) is before gradient descent, both with the best step"},
        {"C5.logistic.em-gd", "logistic", paper, order,
         "SymMoLogE: EM is before gradient descent with the best step; statistically, not in "
         "every run"},
        {"C5.logistic.blockwise", "logistic", paper, finding,
         "SymMoLogE: a step of its own for each block does not bring gradient descent before "
         "gradient EM(5)"},
        {"C5.logistic.descent", "logistic", paper, "derived: notes 2",
         "SymMoLogE: EM and gradient steps of 1/Lip never raise L"},
        {"I.one-step", "identities", paper, "derived: notes 2, Fisher's identity",
         "gradient EM with one gradient step is gradient descent on F"},
        {"I.equivariance.em", "identities", paper, "derived: notes 5",
         "EM is equivariant: features T'x and start T^{-1} theta give the same L in every "
         "iteration (lambda = 0)"},
        {"I.equivariance.gd", "identities", paper, "derived: notes 5", "gradient descent is not"},
        {"C6.free-energy", "truncated", paper, "derived: notes 6 (C6 found)",
         "with the k largest posteriors, renormalised, the truncated free energy never falls, "
         "k = 1, 2, K"},
        {"C6.all-experts", "truncated", paper, "derived: notes 6", "k = K is EM: free energy = -F"},
        {"C6.gate-routing", "truncated", paper, "derived: notes 6",
         "routing by the gate alone has no such guarantee: its free energy falls"},
        {"D.monotone", "data", paper, "abstract, C3; all that EM promises on any data",
         "EM never raises F = -(log-likelihood)/n + (lambda/2)|theta|^2 on the data that it fits"}};
}

std::vector<moe::SabotageInfo> sabotages() {
    return {{"gd-as-em",
             "runs gradient descent with step 1/Lip under EM's name",
             "linear",
             {"--only", "linear", "--linear-repetitions", "12"}},
            {"no-gate",
             "EM with the gate frozen at 0",
             "linear",
             {"--only", "linear", "--linear-repetitions", "12"}},
            {"stale-r",
             "gradient EM(1) with the responsibilities of the iteration before",
             "identities",
             {"--only", "identities"}},
            {"gate-as-top-1",
             "routes by the gate where the largest posterior should be kept",
             "truncated",
             {"--only", "truncated", "--truncated-repetitions", "1"}},
            {"prior-as-posterior",
             "takes the gate's probabilities for responsibilities",
             "data",
             {"--only", "data"}}};
}

} // namespace

moe::Program declaration() {
    moe::Program program;
    program.name = "thm_em_vs_gradient";
    program.papers = {"arXiv:2411.06056"};
    program.summary =
        "EM needs fewer iterations than gradient EM, and gradient EM fewer than gradient descent, "
        "on symmetric mixtures of linear and of logistic experts and on randomly inverted images. "
        "The order is statistical, is a matter of conditioning, and is no claim about seconds or "
        "about the accuracy in the end.";
    program.example = "thm_em_vs_gradient --only linear --linear-repetitions 12";
    program.checks = {
        {"linear", "SymMoLinE: EM, gradient EM and gradient descent, all policies of step sizes"},
        {"logistic", "SymMoLogE: the same"},
        {"identities", "gradient EM(1) is gradient descent; changes of the features' basis"},
        {"truncated", "E-steps that keep k experts, and routing by the gate alone"},
        {"data", "EM on your own data (--data), the gradient methods beside it; without --data EM "
                 "on a sample that stands in for them"}};
    moe::append(program.checks, fashion_checks());
    program.presets = {{"quick", 35.0}, {"full", 750.0}};
    program.options = synthetic_options();
    moe::append(program.options, truncated_options());
    moe::append(program.options, fashion_options());
    moe::append(program.options, own_data_options());
    program.tables = synthetic_tables();
    moe::append(program.tables, identity_tables());
    moe::append(program.tables, truncated_tables());
    moe::append(program.tables, own_data_tables());
    program.tables.push_back(refused_table());
    moe::append(program.tables, fashion_tables());
    program.figures = {
        {"em_vs_gradient_gap", "Gap per iteration",
         "L - L(theta_hat) of EM, gradient EM(5) and gradient descent per iteration: median and "
         "quartiles over data sets, SymMoLinE and SymMoLogE."},
        {"em_vs_gradient_seconds", "Gap against seconds",
         "The same medians against measured seconds; the choice of the step sizes is not "
         "counted."}};
    moe::append(program.figures, fashion_figures());
    program.claims = claims();
    moe::append(program.claims, fashion_claims());
    program.sabotages = sabotages();
    moe::append(program.sabotages, fashion_sabotages());
    return program;
}

} // namespace em_vs_gradient
