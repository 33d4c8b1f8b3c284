#pragma once
// Selected rows of a table and claims that compare one number with what was expected.

#include "basics/table.hpp"
#include "statistics/claim.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// Selected rows of a table.
class Rows {
  public:
    Rows(const Table& table, const std::function<bool(const Table&, std::size_t)>& keep)
        : table_(&table) {
        for (std::size_t row = 0; row < table.rows(); ++row) {
            if (keep(table, row)) rows_.push_back(row);
        }
    }

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
    [[nodiscard]] const Table& table() const noexcept { return *table_; }
    [[nodiscard]] const std::vector<std::size_t>& indices() const noexcept { return rows_; }

    /// Largest value of an expression over the rows; -infinity for none, NaN counts as infinity.
    template<class Expression>
    [[nodiscard]] double largest(const Expression& expression) const {
        double value = -std::numeric_limits<double>::infinity();
        for (const std::size_t row : rows_) {
            const double here = expression(*table_, row);
            value =
                std::max(value, std::isnan(here) ? std::numeric_limits<double>::infinity() : here);
        }
        return value;
    }

  private:
    const Table* table_;
    std::vector<std::size_t> rows_;
};

[[nodiscard]] Rows all_rows(const Table& table);

/// Rows whose text in a column is the given one.
[[nodiscard]] Rows rows_with(const Table& table, std::string_view column, std::string_view text);

/// An integer entry as a real.
[[nodiscard]] double number(const Table& table, std::size_t row, std::string_view column);

/// A claim decided by comparing one number with what was expected.
[[nodiscard]] Claim decide(std::string id, Expected expected, double measured,
                           std::int64_t observations, std::string evidence);

} // namespace moe
