// thm_sigmoid_gating: sigmoid gating is more sample efficient than softmax gating.
//
// Papers    Nguyen, Ho, Rinaldo, arXiv:2405.13997 (abstract); softmax counterpart arXiv:2402.02952.
//           Their full texts could not be read: the claim is the one of notes_2405.13997.md, 2.
// Claim     Least squares over k > k* atoms, strongly identifiable experts (GELU, tanh):
//             sigmoid, regime 2 (no true atom has b1* = 0)   every parameter at n^-1/2,
//             sigmoid, regime 1, and softmax                 exact atoms n^-1/2, shared ones
//             n^-1/4.
// Tested    Exactly: derivatives, the common truth (softmax gates (u, 0) are sigmoid gates
//           (u, -u)), the gate lemma in integers, exact representations of homogeneous experts,
//           ratio sequences, the regime-2 tangent, the modulus m(delta) ~ delta^kappa with
//           kappa = 2.
//           By simulation: n = 10^6 .. 10^10 at the cost of 128 numbers (multinomial counts and bin
//           means have the law of the data), fits with a certificate, slopes of medians with
//           bootstrap intervals; both gates on the same data of the common truth.
// Box       [-2.5, 2.5] for every parameter. Only the slopes of regime 1 come from a restricted box
//           (slopes keep their signs, |a| >= 0.5), which imposes the split: over the whole box the
//           additional atom dies instead. Softmax fits are the lower of both representations.
// Measured  E_exact, E_over, E_dead, F and the Voronoi losses per data set; patterns; the gain over
//           the truth; bounds that fits lie on; floors of classes that do not hold the truth.
// Refuted   if a slope leaves its band ([-0.60, -0.40] for -1/2, [-0.33, -0.18] for -1/4), a
//           pattern over the whole box is wrong in more than 5 % of the fits, the headline's ratio
//           at n = 10^10 is below 8, its slope below 0.15 or softmax needs less than 10 times the
//           samples for the error 0.02.
// Findings  Plain ReLU, linear, polynomial and constant experts have exact flat families; a zero
//           expert makes the truth its own limit in regime 2, and in regime 1 the least-squares fit
//           then takes it instead of the split, so that claim needs zero experts excluded; linear
//           experts have several sets of exact representations in regime 2; at n = 10^3 the
//           sigmoid has no advantage, and in the function softmax is nearer at every n.
//
// Sample runs (2 cores):
//   thm_sigmoid_gating                                  quick preset, 25 s
//   thm_sigmoid_gating --preset full                    100 data sets a size, 80 s
//   thm_sigmoid_gating --only gelu --repetitions 64     the headline with more data sets
//   thm_sigmoid_gating --query '{"q":"ratio_sequence","gate":"softmax","b1":-1,"b0":0.6,
//                                "expert1":[1.5,0.5],"expert2":[-1.2,0.8],"r":1,"m":100}'

#include "sigmoid_gating/cells.hpp"
#include "sigmoid_gating/exact_checks.hpp"
#include "sigmoid_gating/floors.hpp"
#include "sigmoid_gating/judgement.hpp"
#include "sigmoid_gating/queries.hpp"
#include "sigmoid_gating/rate_claims.hpp"
#include "sigmoid_gating/representations.hpp"
#include "sigmoid_gating/simulation.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "gating/truth.hpp"
#include "program/program.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace sigmoid_gating;
using moe::ExpertActivation;

// ---------------------------------------------------------------------------------------------
// 1. What is simulated: a truth draws data, one or two classes are fitted to the same data.

struct Simulated {
    std::string check;
    Experiment experiment;
    double cost;      ///< of one fit, relative
    bool small_sizes; ///< also the sizes that are told and not fitted
};

/// The class of a cell; the sabotages break it.
Contender cell_contender(const Truth& truth, const std::string& sabotage) {
    moe::GatedClass fitted = class_of(truth);
    if (sabotage == "no-split") fitted.atoms = truth.function.atoms.size();
    if (sabotage == "swap-gates" && fitted.gate == moe::GateKind::sigmoid &&
        truth.name.starts_with("SIG2C"))
        fitted.gate = moe::GateKind::softmax;
    if (truth.surplus == Surplus::split) return split_contender(truth, fitted);
    return contender(truth, fitted, expected_pattern(truth));
}

std::vector<Simulated> simulations(const std::string& sabotage) {
    std::vector<Simulated> list;
    for (const ExpertActivation expert : {ExpertActivation::gelu, ExpertActivation::tanh}) {
        const std::string name(moe::name_of(expert));
        const auto add = [&](const std::string& id, const std::vector<Truth>& truths) {
            Experiment experiment{id + "." + name, truths.front().function, fitted_atoms, {}};
            double cost = 0.0;
            for (const Truth& truth : truths) {
                moe::require_usable_truth(truth.function, {.fitted_atoms = fitted_atoms});
                experiment.contenders.push_back(cell_contender(truth, sabotage));
                cost += truth.surplus == Surplus::split ? 3.0 : 1.0;
            }
            list.push_back({name, experiment, cost, true});
        };
        add("common", {soft(expert), sig2c(expert)});
        add("SIG1", {sig1(expert)});
        add("SIG2", {sig2(expert)});
    }
    list.push_back({"limits",
                    {"R2b.tanh",
                     without_zero_expert().truth.function,
                     fitted_atoms,
                     {contender_without_zero_expert()}},
                    0.5,
                    false});
    list.push_back({"linear",
                    {"SIG2.linear", sig2_linear().function, fitted_atoms, {contender_linear()}},
                    0.5,
                    true});
    return list;
}

Conditions conditions_of(const moe::Options& options) {
    Conditions conditions;
    conditions.M = static_cast<std::size_t>(options.integer("grid"));
    conditions.s = options.real("noise");
    conditions.protocol.uniform = static_cast<int>(options.integer("uniform-starts"));
    conditions.heavy_noise = options.sabotage() == "heavy-noise";
    conditions.shrinking_start = options.sabotage() == "shrinking-start";
    return conditions;
}

// ---------------------------------------------------------------------------------------------
// 2. One cell of work: some data sets of one size.

moe::CellResult measure_block(const moe::CellContext& context, const Experiment& experiment,
                              const Conditions& conditions, std::int64_t n, std::int64_t first,
                              std::int64_t last) {
    const auto start = std::chrono::steady_clock::now();
    moe::CellResult result;
    for (const FitRow& fit : simulate(experiment, conditions, n, first, last, context.seed(),
                                      [&] { context.leave_if_stopped(); }))
        result.add("fits", row(fit));
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    result.add_timing("fits", elapsed.count());
    return result;
}

moe::CellResult measure_floor(const moe::CellContext& context, const PopulationFit& fit,
                              std::int64_t part, std::size_t starts, std::size_t M) {
    moe::RandomStream stream = context.stream(0);
    PopulationMinimum minimum = population_minimum(fit, starts, M, stream);
    minimum.row.part = part;
    moe::CellResult result;
    result.add("floors", row(minimum.row));
    return result;
}

// ---------------------------------------------------------------------------------------------
// 3. The plan.

/// Every size once, in the lists of fitted and of small ones together.
std::vector<std::int64_t> all_sizes(const moe::Options& options) {
    std::vector<std::int64_t> sizes = sorted_small_sizes(options);
    const std::vector<std::int64_t> fitted = sorted_sizes(options);
    sizes.insert(sizes.end(), fitted.begin(), fitted.end());
    moe::require_different("sizes, --small-sizes", sizes);
    std::ranges::sort(sizes);
    return sizes;
}

void plan_exact(moe::Plan& cells, const moe::Options& options) {
    const auto M = static_cast<std::size_t>(options.integer("grid"));
    const auto starts = static_cast<std::size_t>(options.integer("population-starts"));
    const auto directions = static_cast<std::size_t>(options.integer("directions"));
    const bool wrong_sign = options.sabotage() == "wrong-jacobian";
    cells.push_back({"jacobians", "models", 20.0, [=](const moe::CellContext& context) {
                         return measure_jacobians(context, M, wrong_sign);
                     }});
    cells.push_back({"common-truth", "models", 20.0, [=](const moe::CellContext& context) {
                         return measure_common_truth(context, M, 32);
                     }});
    cells.push_back(
        {"lemmas", "lemmas", 1.0, [](const moe::CellContext&) { return measure_lemmas(); }});
    cells.push_back(
        {"families", "flat", 1.0, [=](const moe::CellContext&) { return measure_families(M); }});
    cells.push_back({"tangents", "tangent", 50.0,
                     [=](const moe::CellContext&) { return measure_tangents(M); }});
    for (std::size_t truth = 0; truth < modulus_truths; ++truth) {
        cells.push_back({"modulus." + std::to_string(truth), "modulus", 50.0,
                         [=](const moe::CellContext& context) {
                             return measure_modulus(context, M, truth, directions);
                         }});
    }
    cells.push_back({"modulus.scale", "modulus", 20.0,
                     [=](const moe::CellContext&) { return measure_scale_moduli(M); }});
    constexpr std::size_t part_size = 25;
    for (const PopulationFit& fit : {without_zero_expert(), sig2_by_softmax(), soft_by_sigmoid()}) {
        for (std::size_t first = 0; first < starts; first += part_size) {
            const auto part = static_cast<std::int64_t>(first / part_size);
            const std::size_t here = std::min(part_size, starts - first);
            cells.push_back({"floor." + fit.name + "." + std::to_string(part), "limits", 30.0,
                             [=](const moe::CellContext& context) {
                                 return measure_floor(context, fit, part, here, M);
                             }});
        }
    }
}

std::vector<moe::Cell> plan(const moe::Options& options) {
    constexpr std::int64_t block = 8;
    const std::int64_t repetitions = options.integer("repetitions");
    const Conditions conditions = conditions_of(options);
    const std::vector<std::int64_t> sizes = all_sizes(options);
    const std::vector<std::int64_t> fitted = sorted_sizes(options);
    moe::Plan cells;
    plan_exact(cells, options);
    for (const Simulated& simulated : simulations(options.sabotage())) {
        for (const std::int64_t n : simulated.small_sizes ? sizes : fitted) {
            for (std::int64_t first = 0; first < repetitions; first += block) {
                const std::int64_t last = std::min(first + block, repetitions);
                cells.push_back({simulated.experiment.name + ".n" + std::to_string(n) + ".from" +
                                     std::to_string(first),
                                 simulated.check,
                                 simulated.cost * static_cast<double>(last - first),
                                 [=](const moe::CellContext& context) {
                                     return measure_block(context, simulated.experiment, conditions,
                                                          n, first, last);
                                 }});
            }
        }
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
