// thm_em_mirror_descent: an EM iteration of a mixture of experts is a step of mirror descent.
//
// Paper     Fruytier, Mokhtari, Sanghavi, arXiv:2411.06056 (ICML 2025). Claims, as far as the
//           abstract and public descriptions tell them: (C1) when p(y, z | x) is an exponential
//           family, EM is projected mirror descent with unit step and a KL regulariser; (C2) the
//           symmetric mixtures of two experts need no projection; (C3) convergence follows.
// Readings  L = mean negative log-likelihood, F = L + (lambda/2) |theta|^2, KL_joint over (z, y).
//           (E1)  symmetric: theta' = argmin <grad L(theta^t), theta - theta^t>
//                                     + KL_joint(theta^t || theta) over all theta.
//           (E2a) softmax gate, K experts: the same with the linear term in natural coordinates,
//                 <grad_eta L, eta(theta) - eta^t>, theta restricted to the model: "projected".
//           (E2b) in theta itself: <grad L, theta - theta^t> + D_{h_t}(theta, theta^t), where
//                 h_t = mean_i [lse_k w_k.x_i + sum_k r_ik^t a(beta_k, x_i)] depends on the
//                 iterate.
//           (E3)  E2b with KL_joint in theta in the place of D_{h_t} is NOT EM: prior gate weights
//                 instead of posterior ones.
// Tested    E1, E2a, E2b; F^t - F^{t+1} = G_t + (lambda/2) |step|^2 + KL_lat; relative smoothness
//           with exact slack; T min_t gap_t <= F^0 - F^T; E3 and two other wrong steps.
// Measured  EM by the library's M-step. The proximal steps by code that shares nothing with it: the
//           density written plainly (fitting/plain_density.hpp), complex steps for grad L, dual
//           numbers, BFGS and Newton from a start far from theta^t (fitting/proximal_step.hpp).
// Refuted   if EM and a proximal step differ by more than 1e-9, an identity by more than rounding
//           (1e-12, 1e-11), the bound's ratio exceeds 1, F rises, or the gate part of E3 differs.
//
// Sample runs (2 cores):
//   thm_em_mirror_descent                               quick preset, some seconds
//   thm_em_mirror_descent --preset full                 20 data sets each, p up to 6; minutes
//   thm_em_mirror_descent --data my.csv --data-family linear --data-experts 3
//   thm_em_mirror_descent --query '{"q":"fixture","model":"sym-lin","seed":1,"n":1000,"d":10,
//                                   "beta":4,"w":4}'

#include "em_mirror_descent/grid.hpp"
#include "em_mirror_descent/judgement.hpp"
#include "shared/em_queries.hpp"
#include "shared/user_fit.hpp"

#include "basics/append.hpp"
#include "fitting/mirror_identities.hpp"
#include "fitting/proximal_step.hpp"
#include "program/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using em_mirror_descent::Configuration;
using moe::CellContext;
using moe::CellResult;
using moe::Matrix;
using moe::Options;
using moe::ProximalForm;
using moe::ProximalSettings;
using moe::Vector;
using shared::EmProblem;

moe::Row row_of(const Configuration& configuration, moe::Row own) {
    moe::Row row{configuration.name, configuration.family, configuration.repetition};
    moe::append(row, std::move(own));
    return row;
}

// ---------------------------------------------------------------------------------------------
// 1. EM's iterations, and how a sabotage breaks them.

/// All of each sample to its most probable expert.
void make_hard(Matrix& r) {
    for (moe::Index i = 0; i < r.rows(); ++i) {
        moe::Index best = 0;
        r.row(i).maxCoeff(&best);
        r.row(i).setZero();
        r(i, best) = 1.0;
    }
}

Vector iterate(moe::LatentModel& model, const Vector& theta, const std::string& sabotage) {
    Matrix r;
    if (sabotage == "prior-weights")
        model.gate(theta, r);
    else
        model.posterior(theta, r);
    if (sabotage == "hard-e-step") make_hard(r);
    Vector next = theta;
    model.maximise(r, next);
    if (sabotage == "half-step") return 0.5 * (theta + next);
    return next;
}

/// The losses of the grid are of order 1; those of the user's data are what they are, and so is
/// their rounding.
double scale_of(const Configuration& configuration, double loss) {
    return configuration.user() ? std::max(1.0, std::abs(loss)) : 1.0;
}

/// A cell of a configuration: what it measures of the step from theta^t to theta^{t+1}.
using StepMeasurement =
    std::function<void(CellResult&, EmProblem&, std::int64_t t, const Vector&, const Vector&)>;

/// Runs EM from the start and measures every step. Where there is no finite M-step the run ends
/// and the table refused says why.
CellResult measure_steps(const CellContext& context, const Options& options,
                         const Configuration& configuration, const char* check,
                         std::int64_t iterations, const StepMeasurement& measure) {
    CellResult result;
    EmProblem problem = configuration.problem(context.seed());
    Vector theta = problem.data.start;
    for (std::int64_t t = 0; t < iterations; ++t) {
        context.leave_if_stopped();
        Vector next;
        try {
            next = iterate(*problem.model, theta, options.sabotage());
        } catch (const moe::FitError& error) {
            result.add("refused",
                       row_of(configuration, {std::string(check), t, std::string(error.what())}));
            return result;
        }
        measure(result, problem, t, theta, next);
        theta = std::move(next);
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 2. EM against the proximal step: E1 for symmetric models, E2a and E2b for the others.

struct NamedForm {
    const char* name;
    ProximalForm form;
};

moe::Minimum solve(const EmProblem& problem, const Vector& theta,
                   const ProximalSettings& settings) {
    return moe::proximal_step(problem.plain, theta, moe::proximal_start(theta, settings), settings);
}

CellResult measure_proximal(const CellContext& context, const Options& options,
                            const Configuration& configuration) {
    const std::vector<NamedForm> forms =
        configuration.symmetric() ? std::vector<NamedForm>{{"E1", ProximalForm::joint}}
                                  : std::vector<NamedForm>{{"E2a", ProximalForm::lifted},
                                                           {"E2b", ProximalForm::weighted}};
    const auto measure = [&](CellResult& result, EmProblem& problem, std::int64_t t,
                             const Vector& theta, const Vector& next) {
        for (const NamedForm& named : forms) {
            ProximalSettings settings{.form = named.form};
            settings.swapped =
                options.sabotage() == "swap-kl" && named.form != ProximalForm::weighted;
            const moe::Minimum step = solve(problem, theta, settings);
            result.add("proximal", row_of(configuration,
                                          {t, configuration.parameters(), std::string(named.name),
                                           moe::relative_difference(next, step.point),
                                           (next - theta).cwiseAbs().maxCoeff(), step.gradient,
                                           step.converged}));
        }
    };
    const std::int64_t iterations =
        options.integer(configuration.symmetric() ? "iterations-symmetric" : "iterations-general");
    return measure_steps(context, options, configuration, "proximal", iterations, measure);
}

// ---------------------------------------------------------------------------------------------
// 3. Exact decrease, monotonicity, and the sublinear bound along a longer run.

CellResult measure_decrease(const CellContext& context, const Options& options,
                            const Configuration& configuration) {
    double first = 0.0;
    double least_gap = std::numeric_limits<double>::infinity();
    const auto measure = [&](CellResult& result, EmProblem& problem, std::int64_t t,
                             const Vector& theta, const Vector& next) {
        moe::ExactDecrease step = moe::exact_decrease(problem.plain, theta, next);
        if (options.sabotage() == "drop-latent") step.latent = 0.0;
        if (t == 0) first = step.before;
        least_gap = std::min(least_gap, step.gap());
        const double scale = scale_of(configuration, step.before);
        moe::Row row{t,           step.before,     step.decrease(), step.G,    step.ridge,
                     step.latent, step.residual(), scale,           least_gap, {}};
        // A start at the end of the road has decreased by nothing but rounding.
        const double total = first - step.after;
        if (total > 1e-12 * scale) row.back() = static_cast<double>(t + 1) * least_gap / total;
        result.add("decrease", row_of(configuration, std::move(row)));
    };
    return measure_steps(context, options, configuration, "decrease",
                         options.integer("bound-iterations"), measure);
}

// ---------------------------------------------------------------------------------------------
// 4. Relative smoothness at random pairs.

constexpr std::int64_t slack_pairs = 20;
constexpr std::int64_t excess_pairs = 200;

/// A point about the truth: unit normals on every parameter, but factors exp(normal / 2) on the
/// precisions of free variances, which must stay positive.
Vector random_point(const EmProblem& problem, moe::RandomStream& stream) {
    Vector theta = problem.data.truth;
    const moe::PlainModel& model = problem.plain.model();
    const moe::Index precisions = model.kind == moe::PlainKind::free_variance
                                      ? static_cast<moe::Index>(model.K)
                                      : moe::Index{0};
    for (moe::Index j = 0; j < theta.size(); ++j) {
        if (j < theta.size() - precisions)
            theta[j] += stream.normal();
        else
            theta[j] *= std::exp(0.5 * stream.normal());
    }
    return theta;
}

/// Whether KL_joint in theta is put to the test as well: linear experts, K = 2 and 3.
bool tests_fixed_kl(const Configuration& configuration) {
    return configuration.family == "linear" && configuration.experts() <= 3;
}

CellResult measure_smoothness(const CellContext& context, const Options& options,
                              const Configuration& configuration) {
    CellResult result;
    const EmProblem problem = configuration.problem(context.seed());
    moe::RandomStream stream = context.stream(0);
    const std::int64_t pairs = tests_fixed_kl(configuration) ? excess_pairs : slack_pairs;
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
        context.leave_if_stopped();
        const Vector a = random_point(problem, stream);
        const Vector b = random_point(problem, stream);
        moe::Smoothness found = moe::smoothness(problem.plain, a, b);
        if (options.sabotage() == "drop-latent") found.latent = 0.0;
        const double loss = problem.plain.loss(a);
        const double scale = scale_of(configuration, std::max(loss, problem.plain.loss(b)));
        moe::Row row{configuration.experts(), pair, {}, {}, scale, {}};
        if (pair < slack_pairs) {
            row[2] = found.residual();
            row[3] = std::abs(problem.plain.lifted_loss(a) - loss);
        }
        if (tests_fixed_kl(configuration)) row[5] = found.joint_excess();
        result.add("smoothness", row_of(configuration, std::move(row)));
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 5. Steps that are not EM's: what the comparison must be able to see.

/// E3 is followed while EM still moves; near its limit all steps shrink together.
constexpr std::int64_t control_iterations = 4;

void add_control(CellResult& result, const Configuration& configuration, const EmProblem& problem,
                 std::int64_t t, const char* name, const moe::Minimum& step, const Vector& em) {
    const auto distance = [&](moe::Index size) {
        return (step.point - em).head(size).cwiseAbs().maxCoeff();
    };
    moe::Row row{t, std::string(name), {}, {}, step.converged};
    if (step.converged) row[2] = distance(em.size());
    if (step.converged && std::string(name) == "E3")
        row[3] = distance(static_cast<moe::Index>(problem.plain.model().gate_parameters()));
    result.add("controls", row_of(configuration, std::move(row)));
}

CellResult measure_controls(const CellContext& context, const Options& options,
                            const Configuration& configuration) {
    const auto measure = [&](CellResult& result, EmProblem& problem, std::int64_t t,
                             const Vector& theta, const Vector& next) {
        const auto control = [&](const char* name, const ProximalSettings& settings) {
            add_control(result, configuration, problem, t, name, solve(problem, theta, settings),
                        next);
        };
        if (!configuration.symmetric()) control("E3", {.form = ProximalForm::joint});
        if (t > 0) return;
        const ProximalForm form =
            configuration.symmetric() ? ProximalForm::joint : ProximalForm::lifted;
        control("step 0.9", {.form = form, .step = 0.9});
        control("swapped KL", {.form = form, .swapped = true});
    };
    return measure_steps(context, options, configuration, "controls",
                         configuration.symmetric() ? 1 : control_iterations, measure);
}

// ---------------------------------------------------------------------------------------------
// 6. The plan of cells. What is judged stands in em_mirror_descent/judgement.cpp.

CellResult fit_user_data(const CellContext& context, const shared::UserData& data) {
    CellResult result;
    const auto model = shared::make_model(data);
    const moe::PhiloxSource source(context.seed(), context.cell_key());
    shared::add_rows(data, shared::fit(data, *model, source, [&] { context.leave_if_stopped(); }),
                     result);
    return result;
}

moe::Plan plan(const Options& options) {
    std::shared_ptr<const shared::UserData> user;
    if (std::optional<shared::UserData> data = shared::user_data(options))
        user = std::make_shared<const shared::UserData>(std::move(*data));

    moe::Plan cells;
    for (const Configuration& configuration : em_mirror_descent::grid(options, user)) {
        const auto parameters = static_cast<double>(configuration.parameters());
        const auto add = [&](const char* check, double cost, auto measure) {
            cells.push_back({std::string(check) + "." + configuration.name + "." +
                                 std::to_string(configuration.repetition),
                             check, cost, measure});
        };
        add("proximal", parameters * parameters, [=](const CellContext& context) {
            return measure_proximal(context, options, configuration);
        });
        add("decrease", 10.0, [=](const CellContext& context) {
            return measure_decrease(context, options, configuration);
        });
        add("smoothness", tests_fixed_kl(configuration) ? 10.0 * parameters : parameters,
            [=](const CellContext& context) {
                return measure_smoothness(context, options, configuration);
            });
        add("controls", parameters * parameters, [=](const CellContext& context) {
            return measure_controls(context, options, configuration);
        });
    }
    if (user) {
        cells.push_back({"fit.data", "decrease", 1e6, [=](const CellContext& context) {
                             return fit_user_data(context, *user);
                         }});
    }
    return cells;
}

} // namespace

int main(int argc, char** argv) {
    moe::Program program = em_mirror_descent::declaration();
    program.plan = plan;
    program.judge = em_mirror_descent::judge;
    program.queries = shared::em_queries();
    return moe::run(program, argc, argv);
}
