#include "em_vs_gradient/refused.hpp"

#include "basics/numbers.hpp"
#include "mixtures/latent_model.hpp"
#include "statistics/rows.hpp"

#include <cmath>
#include <utility>

namespace em_vs_gradient {

using moe::ColumnType;

namespace {

constexpr std::int64_t largest_refused_percentage = 5;

void leave_open(moe::Claim& claim, const std::string& reason) {
    claim.verdict = moe::Verdict::inconclusive;
    claim.evidence = "no verdict: " + reason + "; " + claim.evidence;
}

} // namespace

moe::TableSchema refused_table() {
    return {"refused",
            "generated data sets that do not count, because EM has no fit on them",
            {{"check", ColumnType::text, "in which check"},
             {"signal", ColumnType::real, "|beta*|; linear and logistic only"},
             {"distance", ColumnType::real,
              "relative distance of the start from the truth; linear and logistic only"},
             {"repetition", ColumnType::integer, "data set of a configuration"},
             {"reason", ColumnType::text, "what EM, or Newton's method for theta_hat, says"}}};
}

moe::CellResult measured_or_refused(const DataSet& data_set,
                                    const std::function<moe::CellResult()>& measure) {
    try {
        return measure();
    } catch (const moe::FitError& error) {
        moe::CellResult result;
        result.add("refused", {data_set.check, data_set.signal, data_set.distance, data_set.number,
                               std::string(error.what())});
        return result;
    }
}

std::int64_t count_refused(const moe::Table& refused, const std::string& check,
                           const std::function<bool(const moe::Table&, std::size_t)>& keep) {
    return moe::Rows(refused,
                     [&](const moe::Table& t, std::size_t row) {
                         return t.text(row, "check") == check && keep(t, row);
                     })
        .size();
}

void account_for_refused(moe::Claim& claim, std::int64_t refused, std::int64_t tried) {
    if (refused == 0) return;
    const std::string share =
        std::to_string(refused) + " of " + std::to_string(tried) + " data sets refused";
    if (100 * refused > largest_refused_percentage * tried)
        leave_open(claim, share + ", more than " + std::to_string(largest_refused_percentage) +
                              " %, because EM has no fit on them");
    else
        claim.evidence += "; " + share + ", because EM has no fit on them";
}

moe::Claim decide_finite(std::string id, moe::Expected expected, double measured,
                         std::int64_t observations, std::string evidence) {
    moe::Claim claim =
        moe::decide(std::move(id), expected, measured, observations, std::move(evidence));
    if (observations == 0)
        leave_open(claim, "nothing was measured");
    else if (!std::isfinite(measured))
        leave_open(claim, "the measured value is not finite (" + moe::shortest(measured) + ")");
    return claim;
}

} // namespace em_vs_gradient
