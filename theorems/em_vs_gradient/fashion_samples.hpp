#pragma once
// Columns of fashion_runs by data set, and claims about the mean of their paired differences.

#include "basics/table.hpp"
#include "program/program.hpp"
#include "statistics/claim.hpp"
#include "statistics/paired.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace em_vs_gradient {

/// A column of one method by data set; NaN where the run's F is not finite or nothing was measured:
/// such a run is neither beaten nor ahead.
using Sample = std::map<std::int64_t, double>;

/// The runs of one geometry and ridge. Keeps a reference to the table (fashion_runs).
class Group {
  public:
    Group(const moe::Table& runs, std::string geometry, double lambda);

    [[nodiscard]] double lambda() const { return lambda_; }
    [[nodiscard]] Sample sample(const std::string& method, std::string_view column) const;

  private:
    const moe::Table& runs_;
    std::string geometry_;
    double lambda_;
};

/// first - second on the data sets that both have.
[[nodiscard]] Sample minus(const Sample& first, const Sample& second);
[[nodiscard]] Sample scaled(Sample sample, double factor);

/// "mean +- half of the 95 % interval", or in how many data sets there is no finite value.
[[nodiscard]] std::string mean_text(const Sample& sample);
/// "5 of 6": in how many data sets the difference is positive.
[[nodiscard]] std::string wins_text(const Sample& differences);
/// Largest value of a sample; NaN where one is not finite, and for an empty one.
[[nodiscard]] double largest(const Sample& sample);

using Rule = std::function<moe::Verdict(const moe::PairedT&)>;

/// The mean is positive: supported with p <= 0.01, refuted with p <= 0.01 the other way round.
[[nodiscard]] moe::Verdict positive(const moe::PairedT& test);
/// The mean lies within [low, high]: supported if its 95 % interval does, refuted if the interval
/// lies outside.
[[nodiscard]] Rule within(double low, double high);

/// Appends a claim about the mean of differences. No differences: nothing, the check did not
/// measure it. One data set, or a value that is not finite: inconclusive, and the evidence says so.
void judge_mean(const char* id, moe::Expected expected, const Sample& differences, const Rule& rule,
                const std::string& evidence, moe::Judgement& judgement);

/// Appends a claim about one number over `sample`, with the same exceptions but for one data set.
void judge_number(const char* id, moe::Expected expected, const Sample& sample, double number,
                  const std::string& evidence, moe::Judgement& judgement);

} // namespace em_vs_gradient
