#pragma once
// Data sets and values that decide nothing: generated data on which EM has no fit, and measured
// values that are not finite. Neither ends the run or vanishes: the table "refused" and the
// evidence of a claim say so, and too many of them leave the claim open.

#include "program/cell.hpp"
#include "program/program.hpp"
#include "statistics/claim.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace em_vs_gradient {

/// The table "refused": one row a data set.
[[nodiscard]] moe::TableSchema refused_table();

/// A generated data set, as the table "refused" names it.
struct DataSet {
    std::string check;
    moe::Value signal;   ///< |beta*|; empty outside the synthetic comparison
    moe::Value distance; ///< of the start; empty outside the synthetic comparison
    std::int64_t number; ///< repetition
};

/// What `measure` gives; where it throws FitError, nothing but a row of the table "refused" with
/// the reason.
[[nodiscard]] moe::CellResult measured_or_refused(const DataSet& data_set,
                                                  const std::function<moe::CellResult()>& measure);

/// Rows of the table "refused" of a check that `keep` keeps.
[[nodiscard]] std::int64_t
count_refused(const moe::Table& refused, const std::string& check,
              const std::function<bool(const moe::Table&, std::size_t)>& keep);

/// Says in the evidence how many of the data sets that were tried do not count. More than 5 % of
/// them leave the claim open: data on which EM fails may be those on which it is slow.
void account_for_refused(moe::Claim& claim, std::int64_t refused, std::int64_t tried);

/// As moe::decide, but a value that is not finite, or that no row gives, leaves the claim open
/// with that reason.
[[nodiscard]] moe::Claim decide_finite(std::string id, moe::Expected expected, double measured,
                                       std::int64_t observations, std::string evidence);

} // namespace em_vs_gradient
