#include "em_vs_gradient/synthetic.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "datasets/synthetic.hpp"
#include "em_vs_gradient/competition.hpp"
#include "em_vs_gradient/refused.hpp"
#include "fitting/information.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace em_vs_gradient {

using moe::ColumnType;
using moe::Index;
using moe::SymmetricKind;
using moe::Value;
using moe::Vector;

namespace {

std::string model_name(SymmetricKind kind) {
    return kind == SymmetricKind::linear ? "linear" : "logistic";
}

/// One cell: a repetition of one configuration.
struct Repetition {
    moe::SymmetricRecipe recipe;
    std::int64_t number;
    RaceSettings race;
    bool detailed; ///< gaps of every iteration and times: only the judged configuration
};

/// The first iterate whose gap is at most `level`; empty if none is.
Value first_below(const std::vector<double>& gaps, double level) {
    const auto found = std::find_if(gaps.begin(), gaps.end(), [=](double g) { return g <= level; });
    if (found == gaps.end()) return {};
    return static_cast<std::int64_t>(found - gaps.begin());
}

Value entry(const std::vector<double>& values, std::size_t index) {
    if (index >= values.size()) return {};
    return values[index];
}

constexpr double infinite = std::numeric_limits<double>::infinity();

/// L - L(theta_hat); infinite where L is not finite, whatever it is instead.
std::vector<double> gaps_of(const std::vector<double>& losses, double lowest) {
    std::vector<double> gaps;
    gaps.reserve(losses.size());
    for (const double loss : losses)
        gaps.push_back(std::isfinite(loss) ? loss - lowest : infinite);
    return gaps;
}

/// Infinite if a gap is.
double largest_rise(const std::vector<double>& gaps) {
    if (!std::ranges::all_of(gaps, [](double gap) { return std::isfinite(gap); })) return infinite;
    double rise = 0.0;
    for (std::size_t t = 1; t < gaps.size(); ++t)
        rise = std::max(rise, gaps[t] - gaps[t - 1]);
    return rise;
}

void add_times(const std::string& model, const Result& run, const std::vector<double>& gaps,
               moe::CellResult& result) {
    const std::string name = model + "/" + std::string(name_of(run.method));
    result.add_timing(name + "/iteration", run.seconds_per_iteration);
    for (const auto& [level, label] : {std::pair{1e-3, "1e-3"}, std::pair{1e-6, "1e-6"}}) {
        const Value reached = first_below(gaps, level);
        if (const auto* const iterations = std::get_if<std::int64_t>(&reached)) {
            result.add_timing(name + "/gap " + label,
                              static_cast<double>(*iterations) * run.seconds_per_iteration);
        }
    }
}

/// theta_hat is the stationary point that EM reaches from the truth (notes, section 4); all methods
/// start from the same point. Throws FitError where EM or theta_hat fail.
moe::CellResult measure(const moe::CellContext& context, const Repetition& cell) {
    const std::string model = model_name(cell.recipe.kind);
    const moe::SyntheticData data =
        moe::symmetric_data(cell.recipe, moe::PhiloxSource(context.seed(), context.cell_key()));
    const auto mixture = moe::make_symmetric_mixture(cell.recipe.kind, data.samples);
    moe::CellResult result;
    const moe::Row configuration{model, cell.recipe.beta, cell.recipe.rho0, cell.number};
    const Vector best = moe::stationary_point(*mixture, data.truth);
    const double lowest = mixture->loss(best);

    for (const Result& run :
         race(*mixture, data.start, cell.race, [&] { context.leave_if_stopped(); })) {
        const std::vector<double> gaps = gaps_of(run.trace.objectives, lowest);
        const std::string method(name_of(run.method));
        if (run.method == Method::em && !std::isfinite(gaps.back()))
            throw moe::FitError(moe::FitFailure::not_converged, "the loss of EM is not finite");
        // (beta, w) and (-beta, -w) are the same model.
        const double error =
            std::min((run.trace.theta - best).norm(), (run.trace.theta + best).norm());
        const bool stepless = run.method == Method::em;
        moe::Row row = configuration;
        row.insert(row.end(), {method, stepless ? Value{} : Value{run.steps.expert},
                               stepless ? Value{} : Value{run.steps.gate}, entry(gaps, 5),
                               entry(gaps, 10), gaps.back(), error, first_below(gaps, 1e-3),
                               first_below(gaps, 1e-6), largest_rise(gaps)});
        result.add("runs", std::move(row));
        if (!cell.detailed) continue;
        for (std::size_t t = 0; t < gaps.size(); ++t) {
            result.add("gaps", {model, cell.number, method, static_cast<std::int64_t>(t), gaps[t]});
        }
        add_times(model, run, gaps, result);
    }
    return result;
}

Repetition configuration(const moe::Options& options, SymmetricKind kind, std::size_t signal,
                         std::size_t distance, std::int64_t number) {
    const std::string model = model_name(kind);
    Repetition cell{};
    cell.recipe.kind = kind;
    cell.recipe.n = options.integer(model + "-samples");
    cell.recipe.d = options.integer("dimension");
    cell.recipe.beta = options.reals("signals")[signal];
    cell.recipe.w = options.real("gate-signal");
    cell.recipe.rho0 = options.reals("distances")[distance];
    cell.number = number;
    std::vector<Method> methods(all_methods.begin(), all_methods.end());
    if (number >= options.integer("blockwise-repetitions"))
        std::erase(methods, Method::gd_blockwise);
    cell.race = {.methods = std::move(methods),
                 .iterations = options.integer("iterations"),
                 .gradient_steps = options.integer("gradient-steps"),
                 .blockwise_grid = blockwise_grid(kind),
                 .sabotage = options.sabotage()};
    cell.detailed = signal == 0 && distance == 0;
    return cell;
}

} // namespace

std::vector<moe::OptionSpec> synthetic_options() {
    const moe::RealRange positive{.low = 0.0, .high = 100.0, .low_open = true};
    const moe::IntegerRange counts{.low = 2, .high = 100000};
    return {
        moe::integer_option("linear-repetitions", "data sets of SymMoLinE per configuration",
                            counts, 50, 200),
        moe::integer_option("logistic-repetitions", "data sets of SymMoLogE per configuration",
                            counts, 24, 36),
        moe::integer_option("blockwise-repetitions",
                            "of which this many also run blockwise gradient descent (18 to 27 "
                            "pairs of steps each)",
                            counts, 12, 36),
        moe::reals_option("signals", "|beta*|; the first is judged, the others are reported",
                          positive, {4.0}, {4.0, 1.0, 2.0, 8.0}),
        moe::reals_option("distances",
                          "distance of the start from the truth relative to |beta*| and |w*|; the "
                          "first is judged, the others are reported",
                          {.low = 0.0, .high = 10.0}, {0.5}, {0.5, 0.2, 1.0}),
        moe::real_option("gate-signal", "|w*|", positive, 4.0, 4.0),
        moe::integer_option("linear-samples", "n of SymMoLinE", {10, 1000000}, 1000, 1000),
        moe::integer_option("logistic-samples", "n of SymMoLogE", {10, 1000000}, 5000, 5000),
        moe::integer_option("dimension", "d of both models", {1, 200}, 10, 10),
        moe::integer_option("iterations", "iterations of every method", {1, 10000}, 50, 50),
        moe::integer_option("gradient-steps", "m of gradient EM(m); 1 is gradient descent",
                            {1, 1000}, 5, 5)};
}

std::vector<moe::TableSchema> synthetic_tables() {
    const moe::Column model{"model", ColumnType::text, "linear (SymMoLinE), logistic (SymMoLogE)"};
    const moe::Column repetition{"repetition", ColumnType::integer, "data set of a configuration"};
    const moe::Column method{
        "method", ColumnType::text,
        "em; gradient-em, gd: step 1/Lip; ...-tuned: best step of the grid; gd-blockwise: best "
        "pair of an expert step and a gate step"};
    return {
        {"runs",
         "synthetic comparison: every method on every data set",
         {model,
          {"signal", ColumnType::real, "|beta*|"},
          {"distance", ColumnType::real, "relative distance of the start from the truth"},
          repetition,
          method,
          {"expert_step", ColumnType::real, "chosen step of the experts times Lip"},
          {"gate_step", ColumnType::real, "chosen step of the gate times Lip"},
          {"gap_5", ColumnType::real, "L - L(theta_hat) after 5 iterations"},
          {"gap_10", ColumnType::real, "after 10 iterations"},
          {"gap_last", ColumnType::real, "after the last iteration"},
          {"error_last", ColumnType::real, "|theta - theta_hat|_2 up to the sign, last iteration"},
          {"iterations_1e-3", ColumnType::integer, "iterations to gap 1e-3; empty if not reached"},
          {"iterations_1e-6", ColumnType::integer, "iterations to gap 1e-6; empty if not reached"},
          {"largest_rise", ColumnType::real, "largest increase of L in one iteration"}}},
        {"gaps",
         "gap of every iteration in the judged configuration",
         {model,
          repetition,
          method,
          {"iteration", ColumnType::integer, "t"},
          {"gap", ColumnType::real, "L(theta^t) - L(theta_hat), mean per sample"}}}};
}

void plan_synthetic(const moe::Options& options, moe::Plan& plan) {
    for (const char* const option : {"signals", "distances"})
        moe::require_different(option, options.reals(option));
    for (const SymmetricKind kind : {SymmetricKind::linear, SymmetricKind::logistic}) {
        const std::string model = model_name(kind);
        const std::int64_t samples = options.integer(model + "-samples");
        if (samples < 2 * options.integer("dimension"))
            throw moe::InputError("--" + model + "-samples: '" + std::to_string(samples) +
                                  "' is fewer than the " +
                                  std::to_string(2 * options.integer("dimension")) +
                                  " free parameters; allowed: at least as many");
        const double cost = kind == SymmetricKind::linear ? 1.0 : 6.0;
        for (std::size_t s = 0; s < options.reals("signals").size(); ++s) {
            for (std::size_t d = 0; d < options.reals("distances").size(); ++d) {
                for (std::int64_t r = 0; r < options.integer(model + "-repetitions"); ++r) {
                    const Repetition cell = configuration(options, kind, s, d, r);
                    plan.push_back({model + ".beta" + moe::shortest(cell.recipe.beta) + ".rho" +
                                        moe::shortest(cell.recipe.rho0) + ".r" + std::to_string(r),
                                    model, cost, [=](const moe::CellContext& context) {
                                        return measured_or_refused(
                                            {model, cell.recipe.beta, cell.recipe.rho0, r},
                                            [&] { return measure(context, cell); });
                                    }});
                }
            }
        }
    }
}

} // namespace em_vs_gradient
