#pragma once
// What the verifications share: the report's start, and exact outputs against the library's.

#include "shattering/block_evaluation.hpp"
#include "shattering/float64_shattering.hpp"
#include "shattering/verify_shattering.hpp"

#include <cstddef>
#include <vector>

namespace moe {

/// Throws InputError for more than 24 points.
void check_exhaustive(const ShatteringPlan& plan);

/// Counts and routes; no labeling yet.
template<class Integer>
[[nodiscard]] ShatteringReport begin_report(const ShatteringPlan& plan);

/// Only sound models whose numbers float64 holds are compared.
[[nodiscard]] bool compares_float64(const ShatteringPlan& plan, const ShatteringOptions& options);

template<class Integer>
class Float64Comparison {
  public:
    explicit Float64Comparison(const ShatteringPlan& plan);

    /// Runs the model of the labels [m] through the library, with the tree and (where it decides
    /// exactly) the flat router, and counts outputs whose bits are not those of the exact integer.
    void compare(const Labels& labels, Float64Agreement& agreement);

  private:
    std::vector<BlockRouting> routings_;
    std::vector<BlockEvaluation<Integer>> blocks_;
    Float64Shattering model_;
    std::vector<double> exact_; ///< [m]
};

extern template class Float64Comparison<Checked64>;
extern template class Float64Comparison<Checked128>;

} // namespace moe
