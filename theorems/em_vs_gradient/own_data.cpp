#include "em_vs_gradient/own_data.hpp"

#include "datasets/synthetic.hpp"
#include "fitting/em.hpp"
#include "shared/user_data.hpp"
#include "shared/user_fit.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
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

moe::CellResult measure(const moe::CellContext& context, const moe::Options& options,
                        const shared::UserData& data) {
    const moe::PhiloxSource starts(context.seed(), moe::cell_key("data.starts"));
    const auto model = shared::make_model(data);
    const shared::UserFit fit =
        shared::fit(data, *model, starts, [&] { context.leave_if_stopped(); });
    moe::CellResult result;
    shared::add_rows(data, fit, result);

    // The kept start once more, with everything that happens on the way.
    Vector theta =
        shared::starting_point(data, *model, starts, static_cast<std::uint32_t>(fit.best));
    const moe::Iteration iteration =
        options.sabotage() == "prior-as-posterior" ? prior_as_posterior(*model) : moe::em(*model);
    const auto n = static_cast<double>(model->samples());
    for (Index t = 0; t <= data.iterations; ++t) {
        context.leave_if_stopped();
        const double penalty = 0.5 * model->lambda() * theta.squaredNorm();
        const double objective = t < data.iterations ? iteration(theta) : model->objective(theta);
        result.add("data_trace",
                   {static_cast<std::int64_t>(t), -n * (objective - penalty), objective});
    }
    return result;
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
    return tables;
}

void plan_own_data(const moe::Options& options, moe::Plan& plan) {
    std::shared_ptr<const shared::UserData> given;
    if (auto data = shared::user_data(options))
        given = std::make_shared<const shared::UserData>(std::move(*data));
    plan.push_back({"data", "data", 5.0, [options, given](const moe::CellContext& context) {
                        if (given) return measure(context, options, *given);
                        return measure(
                            context, options,
                            stand_in(moe::PhiloxSource(context.seed(), context.cell_key())));
                    }});
}

void judge_own_data(const moe::Options& options, const moe::Tables& tables,
                    moe::Judgement& judgement) {
    if (!options.selected("data")) return;
    const moe::Table& trace = tables.at("data_trace");
    double largest = 0.0;
    for (std::size_t row = 1; row < trace.rows(); ++row) {
        const double before = trace.real(row - 1, "objective");
        const double rise =
            (trace.real(row, "objective") - before) / std::max(1.0, std::abs(before));
        largest = std::isnan(rise) ? rise : std::max(largest, rise);
    }
    const std::string& file = options.text("data");
    judgement.claims.push_back(
        moe::decide("D.monotone", {moe::Relation::at_most, 0.0, 1e-12}, largest,
                    static_cast<std::int64_t>(trace.rows()),
                    "largest rise of F in one iteration relative to max(1, |F|), " +
                        (file.empty() ? std::string("synthetic stand-in: --data FILE fits your own")
                                      : "data of '" + file + "'")));
}

} // namespace em_vs_gradient
