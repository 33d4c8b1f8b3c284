#include "ladder_rates.hpp"

#include "basics/numbers.hpp"
#include "constructions/plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace approx_rate {

using moe::decide;
using moe::number;
using moe::Rows;
using moe::rows_with;

namespace {

LadderRates fit_ladder(const Rows& rows, const std::string& id) {
    const moe::Table& table = rows.table();
    LadderRates rates;
    rates.id = id;
    std::vector<double> inverse_error;
    std::vector<double> params;
    std::vector<double> experts;
    std::set<std::int64_t> sizes;
    for (const std::size_t row : rows.indices()) {
        // The four targets of a size share P, L and E.
        if (!sizes.insert(table.integer(row, "size")).second) continue;
        rates.construction = table.text(row, "construction");
        rates.r = table.real(row, "r");
        rates.n = table.integer(row, "n");
        inverse_error.push_back(1.0 / table.real(row, "certified_error"));
        params.push_back(number(table, row, "parameters_loaded"));
        experts.push_back(number(table, row, "experts_counted"));
    }
    const auto n = static_cast<int>(rates.n);
    const double experts_exponent =
        rates.construction == "bit-extraction"
            ? moe::bit_extraction_leaves_exponent(n, static_cast<int>(std::lround(2.0 * rates.r)))
            : moe::kuhn_leaves_exponent(n, rates.r);
    rates.params = moe::fit_rate(
        {id + ".params", "loaded parameters against 1/error", rates.r, params_tolerance},
        inverse_error, params);
    rates.experts = moe::fit_rate(
        {id + ".experts", "number of experts against 1/error", experts_exponent, experts_tolerance},
        inverse_error, experts);
    return rates;
}

} // namespace

std::vector<LadderRates> fit_ladders(const moe::Table& models) {
    std::vector<LadderRates> all;
    std::set<std::string> seen;
    for (std::size_t row = 0; row < models.rows(); ++row) {
        const std::string& id = models.text(row, "ladder");
        if (seen.insert(id).second) all.push_back(fit_ladder(rows_with(models, "ladder", id), id));
    }
    return all;
}

Chosen choose(const std::vector<LadderRates>& rates,
              const std::function<bool(const LadderRates&)>& keep) {
    Chosen chosen;
    for (const LadderRates& ladder : rates) {
        if (keep(ladder)) chosen.push_back(&ladder);
    }
    return chosen;
}

std::string slopes_text(const Chosen& ladders, moe::Rate LadderRates::*rate) {
    std::string text;
    for (const LadderRates* ladder : ladders) {
        const moe::Rate& fitted = ladder->*rate;
        if (!text.empty()) text += ", ";
        text += fitted.spec.id + " " + moe::rounded(fitted.slope, 4);
    }
    return text;
}

void add_slopes(moe::Judgement& judgement, std::string id, const Chosen& ladders,
                moe::Rate LadderRates::*rate, double tolerance) {
    if (ladders.empty()) return;
    const auto distance = [rate](const LadderRates* ladder) {
        const moe::Rate& fitted = ladder->*rate;
        return std::abs(fitted.slope - fitted.spec.claimed);
    };
    const LadderRates* worst = *std::max_element(
        ladders.begin(), ladders.end(),
        [&](const LadderRates* a, const LadderRates* b) { return distance(a) < distance(b); });
    const moe::Rate& fitted = worst->*rate;
    judgement.claims.push_back(decide(std::move(id), {moe::Relation::at_most, tolerance, 0.0},
                                      distance(worst), static_cast<std::int64_t>(ladders.size()),
                                      "largest |slope - claimed|: " + fitted.spec.id + " " +
                                          moe::rounded(fitted.slope, 4) + " against " +
                                          moe::rounded(fitted.spec.claimed, 4)));
}

void add_headline(moe::Judgement& judgement, std::string id, const Chosen& ladders) {
    if (ladders.empty()) return;
    const LadderRates* steepest = *std::max_element(ladders.begin(), ladders.end(),
                                                    [](const LadderRates* a, const LadderRates* b) {
                                                        return a->params.slope < b->params.slope;
                                                    });
    bool holds = true;
    for (const LadderRates* ladder : ladders) {
        const moe::Rate& rate = ladder->params;
        holds = holds && rate.verdict == moe::Verdict::supported &&
                (!rate.interval || rate.interval->low <= 1.0);
    }
    moe::Claim claim;
    claim.id = std::move(id);
    claim.expected = {moe::Relation::equal, 1.0, params_tolerance};
    claim.measured = {steepest->params.slope, steepest->params.interval,
                      steepest->params.observations};
    claim.verdict = holds ? moe::Verdict::supported : moe::Verdict::refuted;
    claim.evidence = "steepest of " + slopes_text(ladders, &LadderRates::params) +
                     "; rule: each within the tolerance, lower end of its 95 % interval <= 1";
    judgement.claims.push_back(std::move(claim));
}

} // namespace approx_rate
