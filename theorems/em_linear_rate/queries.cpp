#include "em_linear_rate/queries.hpp"

#include "shared/em_queries.hpp"
#include "theory/em_population.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace em_linear_rate {

namespace {

using Json = nlohmann::ordered_json;

Json population_rho(moe::Query& query) {
    const std::string model = query.text("model", {"sym-lin", "sym-log"});
    const moe::PopulationSignal signal{
        .beta = query.real("beta", {.low = 0.0, .high = 1e6, .low_open = true}),
        .w = query.real("w", {.low = 0.0, .high = 100.0, .low_open = true}),
        .cosine = query.real("cosine", {.low = -1.0, .high = 1.0}, 0.0)};
    const auto experts =
        model == "sym-lin" ? moe::PopulationExperts::linear : moe::PopulationExperts::logistic;
    return {{"rho", moe::population_rates(experts, signal).rate()}};
}

Json low_snr(moe::Query& query) {
    const double b0 = query.real("b0", {.low = 0.0, .high = 1000.0, .low_open = true});
    const std::int64_t iterations = query.integer("iterations", 0, 1000000);
    return {{"b", moe::ZeroSignalMap().orbit(b0, iterations).back()}};
}

} // namespace

std::vector<moe::QueryInfo> queries() {
    std::vector<moe::QueryInfo> result = shared::em_queries();
    result.push_back({"population_rho", "model, beta, w [, cosine] -> rho", population_rho});
    result.push_back({"low_snr", "b0, iterations -> b at the end", low_snr});
    return result;
}

} // namespace em_linear_rate
