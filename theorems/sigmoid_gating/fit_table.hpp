#pragma once
// The table of fits by cell, size and repetition.

#include "basics/table.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sigmoid_gating {

/// The fits of one cell, by n ascending; repetitions in order, so that entries of two cells of one
/// experiment at the same place belong to the same data. An error is infinite where a true atom has
/// no fitted one; it is MISSING where there is nothing that it could measure, or no fit.
class CellFits {
  public:
    CellFits(const moe::Table& fits, std::string_view cell);

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    [[nodiscard]] std::vector<std::int64_t> sizes() const;
    /// A column of reals at one size, one entry a repetition; missing ones are NaN.
    [[nodiscard]] std::vector<double> values(std::int64_t n, std::string_view column) const;
    /// The same without the missing ones.
    [[nodiscard]] std::vector<double> present(std::int64_t n, std::string_view column) const;
    /// Of the entries that are there; NaN if there are none.
    [[nodiscard]] double median(std::int64_t n, std::string_view column) const;
    [[nodiscard]] double mean_gain(std::int64_t n) const;
    /// Texts of a column at one size, one a repetition.
    [[nodiscard]] std::vector<std::string> texts(std::int64_t n, std::string_view column) const;

    /// Fraction of the repetitions with the expected pattern; whose pattern is this text.
    [[nodiscard]] double pattern_fraction(std::int64_t n) const;
    [[nodiscard]] double fraction_of(std::int64_t n, std::string_view pattern) const;

    /// Over all sizes: fits; fits whose gain is missing or below the certificate's least; fits that
    /// needed more than one round of starts; starts followed.
    [[nodiscard]] std::int64_t rows() const;
    [[nodiscard]] std::int64_t uncertified() const;
    [[nodiscard]] std::int64_t retried() const;
    [[nodiscard]] std::int64_t starts() const;

  private:
    [[nodiscard]] double real(std::size_t row, std::string_view column) const;
    [[nodiscard]] std::int64_t count(const std::function<bool(std::size_t)>& holds) const;

    const moe::Table* table_;
    std::map<std::int64_t, std::vector<std::size_t>> rows_;
};

/// The median of the entries that are not NaN; NaN if there are none.
[[nodiscard]] double median_of_present(const std::vector<double>& values);

} // namespace sigmoid_gating
