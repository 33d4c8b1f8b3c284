#pragma once
// A table of an experiment: typed columns with units in their names, one observation a row.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace moe {

enum class ColumnType { boolean, integer, real, text };

struct Column {
    std::string name; ///< with its unit where it has one: "file_bytes", "elapsed_seconds"
    ColumnType type;
    std::string description;
};

struct TableSchema {
    std::string name; ///< the CSV is <name>.csv
    std::string description;
    std::vector<Column> columns;

    /// Index of a column; throws std::out_of_range naming table and column.
    [[nodiscard]] std::size_t index_of(std::string_view column) const;
};

/// One entry; std::monostate is "not applicable" and an empty field in the CSV.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
using Row = std::vector<Value>;

class Table {
  public:
    explicit Table(TableSchema schema);

    [[nodiscard]] const TableSchema& schema() const noexcept { return schema_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_.size(); }
    [[nodiscard]] const Row& row(std::size_t index) const { return rows_.at(index); }

    /// Appends a row; throws std::invalid_argument naming table and column if the number of entries
    /// or a type differs from the schema (an integer is accepted in a real column).
    void add(Row row);

    /// Entries by row and column name; throw std::out_of_range for an unknown column or row and
    /// std::invalid_argument for another type or an empty entry.
    [[nodiscard]] bool boolean(std::size_t row, std::string_view column) const;
    [[nodiscard]] std::int64_t integer(std::size_t row, std::string_view column) const;
    [[nodiscard]] double real(std::size_t row, std::string_view column) const;
    [[nodiscard]] const std::string& text(std::size_t row, std::string_view column) const;
    [[nodiscard]] bool empty_at(std::size_t row, std::string_view column) const;

  private:
    [[nodiscard]] const Value& at(std::size_t row, std::string_view column) const;

    TableSchema schema_;
    std::vector<Row> rows_;
};

} // namespace moe
