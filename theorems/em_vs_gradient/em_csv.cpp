// The question "em_csv": EM on one file, with both conventions for the variance of an expert.

#include "em_vs_gradient/own_data.hpp"

#include "basics/error.hpp"
#include "fitting/em.hpp"
#include "shared/user_data.hpp"
#include "statistics/paired.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace em_vs_gradient {

using Json = nlohmann::ordered_json;
using moe::Index;
using moe::LatentModel;
using moe::Vector;

namespace {

shared::UserData data_of(moe::Query& query) {
    shared::UserData data{};
    data.file = query.text("file");
    data.shape.K = query.integer("K", 2, 1000);
    data.shape.C = 1;
    if (query.holds_text("sigma")) {
        static_cast<void>(query.text("sigma", {"free"}));
        data.shape.family = moe::ExpertFamily::free_variance;
    } else {
        data.shape.family = moe::ExpertFamily::linear;
        data.settings.sigma = query.real("sigma", {.low = 0.0, .low_open = true});
    }
    data.iterations = query.integer("iterations", 1, 1000000);
    data.starts = 1;
    data.observations = moe::read_observations(data.file);
    data.shape.p = data.observations.samples.x.cols();
    const Index columns = data.observations.responsibilities.cols();
    if (columns > 0 && columns != data.shape.K)
        query.refuse("K", std::to_string(columns) + ", the number of columns r0, r1, ... of '" +
                              data.file + "'");
    return data;
}

/// EM with flexmix's variance sum r e^2 / mean(r) / (n - p): the maximum-likelihood one times
/// n / (n - p), so that all natural parameters of the experts shrink by (n - p) / n.
moe::Iteration flexmix_em(const shared::UserData& data, LatentModel& model) {
    const auto n = static_cast<double>(model.samples());
    const double shrink = (n - static_cast<double>(data.shape.p)) / n;
    return [em = moe::em(model), experts = model.expert_block(), shrink](Vector& theta) mutable {
        const double objective = em(theta);
        theta.segment(experts.begin, experts.size) *= shrink;
        return objective;
    };
}

/// Log-likelihoods (sums over the samples) after 1, 2, 10 and all iterations; null beyond the last.
/// The first M-step, from the start responsibilities, is iteration 1.
Json log_likelihoods(const std::vector<double>& objectives, Index samples) {
    const std::size_t last = objectives.size();
    Json values = Json::array();
    for (const std::size_t iteration : {std::size_t{1}, std::size_t{2}, std::size_t{10}, last}) {
        if (iteration > last) {
            values.push_back(nullptr);
        } else {
            values.push_back(-static_cast<double>(samples) * objectives[iteration - 1]);
        }
    }
    return values;
}

} // namespace

moe::QueryInfo own_data_query() {
    const auto answer = [](moe::Query& query) -> Json {
        const shared::UserData data = data_of(query);
        query.require_all_used();
        const auto model = shared::make_model(data);
        const moe::PhiloxSource source(1, 0);
        const bool free = data.shape.family == moe::ExpertFamily::free_variance;

        // One run to warm up, then the median of three, the first M-step included.
        constexpr int timed_runs = 3;
        Vector start;
        moe::Trace trace;
        std::vector<double> seconds;
        for (int i = 0; i <= timed_runs; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            start = shared::starting_point(data, *model, source, 0);
            trace = moe::run(*model, moe::em(*model), start, data.iterations - 1);
            const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
            if (i > 0) seconds.push_back(elapsed.count() / static_cast<double>(data.iterations));
        }
        Json json{{"loglik", log_likelihoods(trace.objectives, model->samples())}};
        if (free) {
            const moe::Iteration iteration = flexmix_em(data, *model);
            Vector shrunk = start;
            const moe::Block experts = model->expert_block();
            const auto n = static_cast<double>(model->samples());
            shrunk.segment(experts.begin, experts.size) *=
                (n - static_cast<double>(data.shape.p)) / n;
            const moe::Trace other = moe::run(*model, iteration, shrunk, data.iterations - 1);
            json["loglik_flexmix"] = log_likelihoods(other.objectives, model->samples());
        }
        json["seconds_per_iteration"] = moe::quantile(seconds, 0.5);
        return json;
    };
    return {"em_csv",
            "file, K, sigma (\"free\" or a number), iterations -> loglik [after 1, 2, 10, all], "
            "loglik_flexmix (sigma free), seconds_per_iteration",
            answer};
}

} // namespace em_vs_gradient
