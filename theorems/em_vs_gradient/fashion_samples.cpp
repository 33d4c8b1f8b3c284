#include "em_vs_gradient/fashion_samples.hpp"

#include "basics/numbers.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace em_vs_gradient {

namespace {

constexpr double order_level = 0.01;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

std::int64_t size_of(const Sample& sample) {
    return static_cast<std::int64_t>(sample.size());
}

std::int64_t failures(const Sample& sample) {
    return std::count_if(sample.begin(), sample.end(),
                         [](const auto& entry) { return !std::isfinite(entry.second); });
}

std::string failures_text(const Sample& sample) {
    return std::to_string(failures(sample)) + " of " + std::to_string(sample.size());
}

/// Nothing for less than two data sets, or where a value is not finite.
std::optional<moe::PairedT> test_of(const Sample& sample) {
    if (sample.size() < 2 || failures(sample) > 0) return std::nullopt;
    std::vector<double> values;
    for (const auto& [repetition, value] : sample)
        values.push_back(value);
    return moe::paired_t(values);
}

moe::Claim inconclusive(const char* id, moe::Expected expected, const Sample& sample,
                        const std::string& evidence) {
    const std::string reason =
        failures(sample) > 0
            ? "no finite value in " + failures_text(sample) + " data sets, so nothing is judged"
            : "one data set, so no spread is known";
    moe::Claim claim;
    claim.id = id;
    claim.expected = expected;
    claim.measured = {nothing, std::nullopt, size_of(sample)};
    claim.verdict = moe::Verdict::inconclusive;
    claim.evidence = reason + "; " + evidence;
    return claim;
}

} // namespace

Group::Group(const moe::Table& runs, std::string geometry, double lambda)
    : runs_(runs)
    , geometry_(std::move(geometry))
    , lambda_(lambda) {}

Sample Group::sample(const std::string& method, std::string_view column) const {
    Sample values;
    const moe::Rows rows(runs_, [&](const moe::Table& t, std::size_t row) {
        return t.text(row, "geometry") == geometry_ && t.real(row, "lambda") == lambda_ &&
               t.text(row, "method") == method;
    });
    for (const std::size_t row : rows.indices()) {
        const bool measured =
            std::isfinite(runs_.real(row, "objective")) && !runs_.empty_at(row, column);
        values[runs_.integer(row, "repetition")] = measured ? runs_.real(row, column) : nothing;
    }
    return values;
}

Sample minus(const Sample& first, const Sample& second) {
    Sample differences;
    for (const auto& [repetition, value] : first) {
        const auto other = second.find(repetition);
        if (other != second.end()) differences[repetition] = value - other->second;
    }
    return differences;
}

Sample scaled(Sample sample, double factor) {
    for (auto& [repetition, value] : sample)
        value *= factor;
    return sample;
}

std::string mean_text(const Sample& sample) {
    if (failures(sample) > 0) return "(not finite in " + failures_text(sample) + ")";
    const auto test = test_of(sample);
    if (!test) return "-";
    return moe::rounded(test->mean, 4) + " +- " + moe::rounded(test->interval.high - test->mean, 2);
}

std::string wins_text(const Sample& differences) {
    const auto wins = std::count_if(differences.begin(), differences.end(),
                                    [](const auto& entry) { return entry.second > 0.0; });
    return std::to_string(wins) + " of " + std::to_string(differences.size());
}

double largest(const Sample& sample) {
    if (sample.empty() || failures(sample) > 0) return nothing;
    return std::max_element(sample.begin(), sample.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->second;
}

moe::Verdict positive(const moe::PairedT& test) {
    return verdict_of(test, order_level);
}

Rule within(double low, double high) {
    return [=](const moe::PairedT& test) {
        const moe::Interval& interval = test.interval;
        if (interval.low >= low && interval.high <= high) return moe::Verdict::supported;
        return interval.high < low || interval.low > high ? moe::Verdict::refuted
                                                          : moe::Verdict::inconclusive;
    };
}

void judge_mean(const char* id, moe::Expected expected, const Sample& differences, const Rule& rule,
                const std::string& evidence, moe::Judgement& judgement) {
    if (differences.empty()) return;
    const auto test = test_of(differences);
    if (!test) {
        judgement.claims.push_back(inconclusive(id, expected, differences, evidence));
        return;
    }
    moe::Claim claim;
    claim.id = id;
    claim.expected = expected;
    claim.measured = {test->mean, test->interval, test->observations};
    claim.verdict = rule(*test);
    claim.evidence = evidence + "; difference " + mean_text(differences) + ", positive in " +
                     wins_text(differences) + ", one-sided p " + moe::rounded(test->p_value, 2);
    judgement.claims.push_back(std::move(claim));
}

void judge_number(const char* id, moe::Expected expected, const Sample& sample, double number,
                  const std::string& evidence, moe::Judgement& judgement) {
    if (sample.empty()) return;
    if (failures(sample) > 0) {
        judgement.claims.push_back(inconclusive(id, expected, sample, evidence));
        return;
    }
    judgement.claims.push_back(moe::decide(id, expected, number, size_of(sample), evidence));
}

} // namespace em_vs_gradient
