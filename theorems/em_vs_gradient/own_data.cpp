#include "em_vs_gradient/own_data.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "datasets/synthetic.hpp"
#include "em_vs_gradient/competition.hpp"
#include "em_vs_gradient/refused.hpp"
#include "fitting/em.hpp"
#include "shared/user_data.hpp"
#include "shared/user_fit.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace em_vs_gradient {

using moe::ColumnType;
using moe::Index;
using moe::Vector;

namespace {

/// What is fitted without --data: two experts with free variances on 1000 samples, whose true
/// experts are known.
shared::UserData stand_in(const moe::DeviateSource& source) {
    shared::UserData data{};
    data.file = "(synthetic sample)";
    data.shape = {.family = moe::ExpertFamily::free_variance, .p = 3, .K = 2, .C = 1};
    moe::SyntheticData sample = moe::gated_data({.shape = data.shape, .n = 1000}, source);
    data.observations.samples = std::move(sample.samples);
    data.observations.expert = std::move(sample.expert);
    data.iterations = 50;
    data.starts = 5;
    data.intercept = true;
    return data;
}

/// EM with the gate's prior in place of the posterior: responses are not looked at.
moe::Iteration prior_as_posterior(moe::LatentModel& model) {
    return [&model, r = moe::Matrix()](Vector& theta) mutable {
        const double objective = model.objective(theta);
        model.gate(theta, r);
        model.maximise(r, theta);
        return objective;
    };
}

void add_objective(moe::CellResult& result, std::string_view method, std::size_t iteration,
                   double objective) {
    result.add("data_methods",
               {std::string(method), static_cast<std::int64_t>(iteration), objective});
}

/// The gradient methods of the comparison from the start of EM's best fit. Their steps are
/// multiples of 1/Lip, which a model with free variances does not have.
void race_beside_em(const moe::CellContext& context, const moe::Options& options,
                    const shared::UserData& data, moe::LatentModel& model, const Vector& start,
                    moe::CellResult& result) {
    if (data.shape.family == moe::ExpertFamily::free_variance) return;
    const moe::SymmetricKind experts = data.symmetric.value_or(
        data.shape.family == moe::ExpertFamily::multinomial ? moe::SymmetricKind::logistic
                                                            : moe::SymmetricKind::linear);
    const RaceSettings settings{
        .methods = {Method::gradient_em_tuned, Method::gd_tuned, Method::gd_blockwise},
        .iterations = data.iterations,
        .gradient_steps = options.integer("gradient-steps"),
        .blockwise_grid = blockwise_grid(experts),
        .sabotage = {}};
    for (const Result& run : race(model, start, settings, [&] { context.leave_if_stopped(); })) {
        const std::string_view method = name_of(run.method);
        for (std::size_t t = 0; t < run.trace.objectives.size(); ++t)
            add_objective(result, method, t, run.trace.objectives[t]);
        result.add_timing("data/" + std::string(method) + "/iteration", run.seconds_per_iteration);
    }
}

moe::CellResult measure(const moe::CellContext& context, const moe::Options& options,
                        const shared::UserData& data) {
    const moe::PhiloxSource starts(context.seed(), moe::cell_key("data.starts"));
    const auto model = shared::make_model(data);
    const shared::UserFit fit =
        shared::fit(data, *model, starts, [&] { context.leave_if_stopped(); });
    moe::CellResult result;
    shared::add_rows(data, fit, result);

    // The kept start once more, with everything that happens on the way.
    const Vector start =
        shared::starting_point(data, *model, starts, static_cast<std::uint32_t>(fit.best));
    Vector theta = start;
    const moe::Iteration iteration =
        options.sabotage() == "prior-as-posterior" ? prior_as_posterior(*model) : moe::em(*model);
    const auto n = static_cast<double>(model->samples());
    for (Index t = 0; t <= data.iterations; ++t) {
        context.leave_if_stopped();
        const double penalty = 0.5 * model->lambda() * theta.squaredNorm();
        const double objective = t < data.iterations ? iteration(theta) : model->objective(theta);
        result.add("data_trace",
                   {static_cast<std::int64_t>(t), -n * (objective - penalty), objective});
        add_objective(result, name_of(Method::em), static_cast<std::size_t>(t), objective);
    }
    race_beside_em(context, options, data, *model, start, result);
    return result;
}

/// Relative to max(1, |F|); infinite if a value is not finite.
double largest_rise(const moe::Table& trace) {
    double largest = 0.0;
    for (std::size_t row = 0; row < trace.rows(); ++row) {
        const double now = trace.real(row, "objective");
        if (!std::isfinite(now)) return std::numeric_limits<double>::infinity();
        if (row == 0) continue;
        const double before = trace.real(row - 1, "objective");
        largest = std::max(largest, (now - before) / std::max(1.0, std::abs(before)));
    }
    return largest;
}

/// Where each method is after the last iteration.
std::string last_objectives(const moe::Table& methods) {
    std::string text;
    for (std::size_t row = 0; row < methods.rows(); ++row) {
        const std::string& method = methods.text(row, "method");
        if (row + 1 < methods.rows() && methods.text(row + 1, "method") == method) continue;
        text += (text.empty() ? "; not judged: F after " +
                                    std::to_string(methods.integer(row, "iteration")) +
                                    " iterations from the same start: "
                              : ", ") +
                method + " " + moe::rounded(methods.real(row, "objective"), 7);
    }
    return text;
}

} // namespace

std::vector<moe::OptionSpec> own_data_options() {
    return shared::user_data_options();
}

std::vector<moe::TableSchema> own_data_tables() {
    std::vector<moe::TableSchema> tables = shared::user_data_tables();
    tables.push_back(
        {"data_trace",
         "--data: the best start, iteration by iteration",
         {{"iteration", ColumnType::integer, "t"},
          {"log_likelihood", ColumnType::real, "sum over the samples at theta^t, without ridge"},
          {"objective", ColumnType::real, "F(theta^t): minus the mean, ridge included"}}});
    tables.push_back(
        {"data_methods",
         "--data: EM and the gradient methods from the best start; reported, not judged",
         {{"method", ColumnType::text,
           "em; gradient-em-tuned, gd-tuned: best step of the grid; gd-blockwise: best pair of an "
           "expert step and a gate step; with free variances only em, for want of a step 1/Lip"},
          {"iteration", ColumnType::integer, "t"},
          {"objective", ColumnType::real, "F(theta^t), mean per sample, ridge included"}}});
    return tables;
}

void plan_own_data(const moe::Options& options, moe::Plan& plan) {
    if (!options.text("data").empty()) {
        for (const std::string& check : options.only())
            if (check != "data")
                throw moe::InputError("--only: '" + check +
                                      "' is not run with --data; allowed: data");
    }
    std::shared_ptr<const shared::UserData> given;
    if (auto data = shared::user_data(options))
        given = std::make_shared<const shared::UserData>(std::move(*data));
    plan.push_back({"data", "data", 5.0, [options, given](const moe::CellContext& context) {
                        if (given) return measure(context, options, *given);
                        return measured_or_refused({"data", {}, {}, 0}, [&] {
                            return measure(
                                context, options,
                                stand_in(moe::PhiloxSource(context.seed(), context.cell_key())));
                        });
                    }});
}

void judge_own_data(const moe::Options& options, const moe::Tables& tables,
                    moe::Judgement& judgement) {
    if (!options.selected("data")) return;
    const moe::Table& trace = tables.at("data_trace");
    const std::string& file = options.text("data");
    moe::Claim claim = decide_finite(
        "D.monotone", {moe::Relation::at_most, 0.0, 1e-12}, largest_rise(trace),
        static_cast<std::int64_t>(trace.rows()),
        "largest rise of F in one iteration relative to max(1, |F|), " +
            (file.empty() ? std::string("synthetic stand-in: --data FILE fits your own")
                          : "data of '" + file + "'" + last_objectives(tables.at("data_methods"))));
    const auto all = [](const moe::Table&, std::size_t) { return true; };
    account_for_refused(claim, count_refused(tables.at("refused"), "data", all), 1);
    judgement.claims.push_back(std::move(claim));
}

} // namespace em_vs_gradient
