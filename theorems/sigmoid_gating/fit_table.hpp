#pragma once
// The table of fits by cell, size and repetition.

#include "basics/table.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sigmoid_gating {

/// The fits of one cell, by n ascending; repetitions in order, so that entries of two cells of one
/// experiment at the same place belong to the same data.
class CellFits {
  public:
    CellFits(const moe::Table& fits, std::string_view cell);

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    [[nodiscard]] std::vector<std::int64_t> sizes() const;
    /// A column of reals at one size. Empty entries, and those of fits that failed, are +infinity.
    [[nodiscard]] std::vector<double> values(std::int64_t n, std::string_view column) const;
    [[nodiscard]] double median(std::int64_t n, std::string_view column) const;
    /// The same column at every size of the list.
    [[nodiscard]] std::vector<std::vector<double>> values(const std::vector<std::int64_t>& sizes,
                                                          std::string_view column) const;

    /// Fits whose gain is below the certificate's least, or not a number.
    [[nodiscard]] std::int64_t uncertified() const;
    [[nodiscard]] std::int64_t rows() const noexcept;
    /// Fits that needed more than one round of starts, and starts followed, in all.
    [[nodiscard]] std::int64_t retried() const;
    [[nodiscard]] std::int64_t starts() const;
    /// Fraction of the repetitions with the expected pattern.
    [[nodiscard]] double pattern_fraction(std::int64_t n) const;
    [[nodiscard]] double mean_gain(std::int64_t n) const;
    /// Fraction of the repetitions whose pattern is this text.
    [[nodiscard]] double fraction_of(std::int64_t n, std::string_view pattern) const;

  private:
    const moe::Table* table_;
    std::map<std::int64_t, std::vector<std::size_t>> rows_;
};

} // namespace sigmoid_gating
