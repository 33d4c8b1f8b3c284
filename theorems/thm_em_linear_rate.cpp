// thm_em_linear_rate: near a stationary point EM converges linearly, at a rate that the missing
// information tells; what the signal-to-noise ratio does to this rate.
//
// Paper     Fruytier, Mokhtari, Sanghavi, arXiv:2411.06056, ICML 2025, abstract, C4: EM for
//           mixtures of experts converges locally linearly, at a rate given by the missing
//           information matrix and the signal-to-noise ratio.
// Tested    At a stationary point theta_hat let I_c be the complete-data information (with ridge)
//           and I_m = (1/n) sum_i Cov_{z|x_i,y_i}(complete score). The Jacobian of the EM map is
//               M = I_c^-1 I_m,  eigenvalues in [0, 1),  rate rho = the largest one,  vector v_1.
// Measured  Nine fixed cases (symmetric, linear, multinomial; K up to 5): (a) the Jacobian by
//           differences of the EM map; (b) ratios of errors along v_1; (c) one step along v_1;
//           (d) ratios in the norm of I_c, at most rho; (e) Euclidean tail ratios. Then rho at the
//           truth of the population against |beta*|, both symmetric models; rho of samples; and EM
//           without signal.
// Judged    Linear experts: rho falls as |beta*| grows, and vanishes as C / |beta*|. Logistic ones:
//           rho falls if beta* and w* are orthogonal, rises along some |beta*| if they are nearly
//           parallel, and settles at a positive limit. Without signal b_t ~ (6t)^(-1/2): not
//           linear.
// Refuted   if an estimator misses rho by more than the tolerance of the notes (1e-6, 1e-4), EM
//           arrives at a minimum that is not isolated, rho rises with |beta*| for linear experts or
//           for orthogonal logistic ones, or a law at strong or at no signal has another exponent.
//
// Sample runs (2 cores):
//   thm_em_linear_rate                                  quick preset, some 5 seconds
//   thm_em_linear_rate --preset full                    20 samples of 50000; 90 seconds
//   thm_em_linear_rate --only cases --cases 42 --data my.csv --data-family linear
//   thm_em_linear_rate --query '{"q":"population_rho","model":"sym-log","beta":8,"w":4}'

#include "em_linear_rate/cases.hpp"
#include "em_linear_rate/judgement.hpp"
#include "em_linear_rate/local_rate.hpp"
#include "em_linear_rate/queries.hpp"
#include "em_linear_rate/tables.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "program/program.hpp"
#include "shared/user_fit.hpp"
#include "theory/em_population.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace em_linear_rate;
using moe::CellContext;
using moe::CellResult;
using moe::Index;
using moe::Options;
using moe::PopulationExperts;

LocalRate measure(const CellContext& context, const Options& options, moe::LatentModel& model,
                  const moe::Vector& near, const moe::Vector& direction, bool jacobian,
                  double unit = 1.0) {
    return measure_local_rate(
        model, near, direction, fault_of(options.sabotage()), jacobian,
        [&] { context.leave_if_stopped(); }, unit);
}

// ---------------------------------------------------------------------------------------------
// 1. Fixed cases, and the user's data.

/// The row that `measured` gives of generated data; where they have no fit, the table refused says
/// why. Data of the user without a fit are bad input and end the run instead.
CellResult measure_generated(const CellContext& context, const char* check, const char* table,
                             const std::function<moe::Row()>& measured) {
    CellResult result;
    RefusedRow refused{.check = check, .name = context.cell_name(), .reason = {}};
    try {
        result.add(table, measured());
        return result;
    } catch (const NotIsolated& error) {
        refused.reason = error.what();
        refused.rho = error.rho();
    } catch (const moe::FitError& error) {
        refused.reason = error.what();
    }
    result.add("refused", row(refused));
    return result;
}

CellResult measure_case(const CellContext& context, const Options& options,
                        const FixedCase& fixed) {
    return measure_generated(context, "cases", "cases", [&] {
        Problem problem = em_linear_rate::problem(fixed);
        if (options.sabotage() == "equal-experts") problem.near.setZero();
        return row(fixed, measure(context, options, *problem.model, problem.near, problem.direction,
                                  true));
    });
}

/// The size of a parameter that moves logits by about 1: distances from theta_hat are measured in
/// it, so that they do not depend on the units of the user's features.
double parameter_unit(const moe::Matrix& x) {
    return std::sqrt(static_cast<double>(x.size())) / x.norm();
}

CellResult measure_data(const CellContext& context, const Options& options,
                        const shared::UserData& data) {
    const moe::PhiloxSource source(context.seed(), context.cell_key());
    const std::unique_ptr<moe::LatentModel> model = shared::make_model(data);
    const shared::UserFit fit =
        shared::fit(data, *model, source, [&] { context.leave_if_stopped(); });
    CellResult result;
    shared::add_rows(data, fit, result);
    // A source of its own: the streams of the other one start the fits.
    const moe::PhiloxSource directions(context.seed(), moe::cell_key("data.direction"));
    result.add("data_rate",
               data_row(data.file, measure(context, options, *model, fit.theta,
                                           unit_direction(directions, fit.theta.size()), true,
                                           parameter_unit(data.observations.samples.x))));
    return result;
}

// ---------------------------------------------------------------------------------------------
// 2. The population: rho at the truth, x ~ N(0, I), by quadrature.

double population_rate(const Options& options, PopulationExperts experts,
                       const moe::PopulationSignal& signal, double refinement) {
    moe::PopulationInformation information =
        moe::population_information(experts, signal, refinement);
    if (options.sabotage() == "drop-cross-moment") {
        information.missing.topRightCorner<2, 2>().setZero();
        information.missing.bottomLeftCorner<2, 2>().setZero();
        information.missing_across =
            Eigen::Matrix2d(information.missing_across.diagonal().asDiagonal());
    }
    return moe::population_rates(information).rate();
}

/// Where rho has its limiting form: the next order is 1 / |beta*|.
constexpr double limit_signal = 1e6;

CellResult measure_population(const Options& options, PopulationExperts experts, double w,
                              double cosine) {
    std::set<double> signals(options.reals("signals").begin(), options.reals("signals").end());
    signals.insert(limit_signal);
    CellResult result;
    for (const double beta : signals) {
        const auto rho = [&](double signal, double refinement) {
            return population_rate(options, experts, {signal, w, cosine}, refinement);
        };
        const bool limit = beta == limit_signal;
        result.add("population",
                   row({.model = experts == PopulationExperts::linear ? "sym-lin" : "sym-log",
                        .w = w,
                        .cosine = cosine,
                        .beta = beta,
                        .rho = rho(beta, 1.0),
                        .refined = rho(beta, 2.0),
                        .limit = limit,
                        .rho_tenth = limit ? rho(0.1 * beta, 1.0) : not_measured}));
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 3. Samples of SymMoLinE. One repetition has the same directions, features, hidden signs' uniforms
// and noise at all |beta*|: its cells draw from the same streams.

constexpr double sample_gate = 2.0; ///< |w*|
constexpr Index sample_features = 4;

CellResult measure_sample(const CellContext& context, const Options& options,
                          std::int64_t repetition, double beta) {
    const moe::SymmetricRecipe recipe{.kind = moe::SymmetricKind::linear,
                                      .n = static_cast<Index>(options.integer("samples")),
                                      .d = sample_features,
                                      .beta = beta,
                                      .w = sample_gate};
    const moe::PhiloxSource source(context.seed(),
                                   moe::cell_key("samples.r" + std::to_string(repetition)));
    return measure_generated(context, "samples", "samples", [&] {
        const Problem problem = em_linear_rate::problem(recipe, source);
        const double cosine = problem.near.head(sample_features)
                                  .normalized()
                                  .dot(problem.near.tail(sample_features).normalized());
        const double population =
            moe::population_rates(PopulationExperts::linear, {beta, sample_gate, cosine}).rate();
        return row(
            {.repetition = repetition,
             .n = recipe.n,
             .beta = beta,
             .w = sample_gate,
             .cosine = cosine,
             .population = population},
            measure(context, options, *problem.model, problem.near, problem.direction, false));
    });
}

// ---------------------------------------------------------------------------------------------
// 4. No signal: beta* = 0, the gate held at w = 0, b_0 = 1/2.

constexpr double first_iterate = 0.5;

/// b_0, ..., b_last.
std::vector<double> zero_signal_orbit(const Options& options, std::int64_t last) {
    if (options.sabotage() != "linear-map") return moe::ZeroSignalMap().orbit(first_iterate, last);
    std::vector<double> orbit{first_iterate};
    for (std::int64_t t = 0; t < last; ++t)
        orbit.push_back(0.99 * orbit.back());
    return orbit;
}

CellResult measure_zero_signal(const Options& options) {
    const auto last = static_cast<std::int64_t>(law_to);
    const std::vector<double> orbit = zero_signal_orbit(options, last);
    // Evenly spaced on a logarithmic axis, and the ends and the middle of the window of the law.
    std::set<std::int64_t> shown{0, static_cast<std::int64_t>(law_from),
                                 static_cast<std::int64_t>(0.5 * (law_from + law_to)), last};
    for (double t = 1.0; t < law_to; t *= 1.1)
        shown.insert(std::lround(t));
    CellResult result;
    for (const std::int64_t t : shown) {
        moe::Row row{t, orbit[static_cast<std::size_t>(t)], moe::Value()};
        if (t > 0) row.back() = 1.0 / std::sqrt(6.0 * static_cast<double>(t));
        result.add("zero_signal", std::move(row));
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 5. The plan of cells. The judgement stands in em_linear_rate/judgement.cpp.

/// What EM costs until the error is 1e-8: iterations times samples.
double cost(double rho, Index n) {
    return static_cast<double>(n) / (1.0 - rho);
}

std::vector<moe::Cell> plan(const Options& options) {
    moe::require_different("cases", options.integers("cases"));
    for (const char* const option : {"signals", "gates", "cosines", "sampled-signals"})
        moe::require_different(option, options.reals(option));
    std::vector<moe::Cell> cells;
    const auto add = [&](std::string name, const char* check, double expense, auto run) {
        cells.push_back({std::move(name), check, expense, std::move(run)});
    };
    for (const std::int64_t seed : options.integers("cases")) {
        const FixedCase& fixed = fixed_case(seed);
        const bool gated = std::holds_alternative<moe::GatedRecipe>(fixed.recipe);
        add("cases." + std::to_string(seed), "cases",
            fixed.lambda > 0.0 ? cost(0.995, 3000) : cost(0.8, gated ? 2000 : 1000),
            [options, &fixed](const CellContext& context) {
                return measure_case(context, options, fixed);
            });
    }
    if (const std::optional<shared::UserData> data = shared::user_data(options)) {
        add("data", "cases", cost(0.99, data->observations.samples.x.rows()),
            [options, data = std::make_shared<shared::UserData>(*data)](
                const CellContext& context) { return measure_data(context, options, *data); });
    }
    for (const auto experts : {PopulationExperts::linear, PopulationExperts::logistic}) {
        const std::string model = experts == PopulationExperts::linear ? "linear" : "logistic";
        for (const double w : options.reals("gates")) {
            for (const double cosine : options.reals("cosines")) {
                add("population." + model + ".w" + moe::shortest(w) + ".c" + moe::shortest(cosine),
                    "population", 1e4, [options, experts, w, cosine](const CellContext&) {
                        return measure_population(options, experts, w, cosine);
                    });
            }
        }
    }
    for (std::int64_t repetition = 0; repetition < options.integer("repetitions"); ++repetition) {
        for (const double beta : options.reals("sampled-signals")) {
            add("samples.r" + std::to_string(repetition) + ".b" + moe::shortest(beta), "samples",
                cost(1.0 / (1.0 + beta * beta / 4.0),
                     static_cast<Index>(options.integer("samples"))),
                [options, repetition, beta](const CellContext& context) {
                    return measure_sample(context, options, repetition, beta);
                });
        }
    }
    add("zero-signal", "zero-signal", 1e3,
        [options](const CellContext&) { return measure_zero_signal(options); });
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
