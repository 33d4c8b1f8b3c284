#include "basics/table.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

std::string_view type_name(ColumnType type) {
    constexpr std::array<std::string_view, 4> names{"boolean", "integer", "real", "text"};
    return names.at(static_cast<std::size_t>(type));
}

bool has_type(const Value& value, ColumnType type) {
    switch (type) {
    case ColumnType::boolean:
        return std::holds_alternative<bool>(value);
    case ColumnType::integer:
        return std::holds_alternative<std::int64_t>(value);
    case ColumnType::real:
        return std::holds_alternative<double>(value);
    case ColumnType::text:
        return std::holds_alternative<std::string>(value);
    }
    return false;
}

std::string place(const TableSchema& schema, std::string_view column) {
    return "table '" + schema.name + "', column '" + std::string(column) + "'";
}

/// An integer entry of a real column becomes the real it stands for.
void widen(Value& entry, const TableSchema& schema, const Column& column) {
    // Integers up to 2^53 are doubles exactly.
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    const std::int64_t integer = std::get<std::int64_t>(entry);
    if (integer > exact || integer < -exact) {
        throw std::invalid_argument(place(schema, column.name) + ": integer " +
                                    std::to_string(integer) + " is no exact real (|i| <= 2^53)");
    }
    entry = static_cast<double>(integer);
}

} // namespace

std::size_t TableSchema::index_of(std::string_view column) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == column) return i;
    }
    throw std::out_of_range("table '" + name + "' has no column '" + std::string(column) + "'");
}

Table::Table(TableSchema schema)
    : schema_(std::move(schema)) {}

void Table::add(Row row) {
    if (row.size() != schema_.columns.size()) {
        throw std::invalid_argument("table '" + schema_.name + "': row of " +
                                    std::to_string(row.size()) + " entries, " +
                                    std::to_string(schema_.columns.size()) + " columns");
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        const Column& column = schema_.columns[i];
        if (std::holds_alternative<std::monostate>(row[i])) continue;
        if (column.type == ColumnType::real && std::holds_alternative<std::int64_t>(row[i])) {
            widen(row[i], schema_, column);
        }
        if (!has_type(row[i], column.type)) {
            throw std::invalid_argument(place(schema_, column.name) + ": entry is not of type " +
                                        std::string(type_name(column.type)));
        }
    }
    rows_.push_back(std::move(row));
}

const Value& Table::at(std::size_t row, std::string_view column) const {
    const std::size_t index = schema_.index_of(column);
    if (row >= rows_.size()) {
        throw std::out_of_range("table '" + schema_.name + "' has no row " + std::to_string(row) +
                                " (" + std::to_string(rows_.size()) + " rows)");
    }
    return rows_[row][index];
}

namespace {

template<class T>
const T& entry_of(const Value& value, const TableSchema& schema, std::string_view column,
                  ColumnType type) {
    const T* const entry = std::get_if<T>(&value);
    if (entry == nullptr) {
        const bool empty = std::holds_alternative<std::monostate>(value);
        throw std::invalid_argument(
            place(schema, column) +
            (empty ? ": empty entry, asked for " : ": entry is not of type ") +
            std::string(type_name(type)));
    }
    return *entry;
}

} // namespace

bool Table::boolean(std::size_t row, std::string_view column) const {
    return entry_of<bool>(at(row, column), schema_, column, ColumnType::boolean);
}

std::int64_t Table::integer(std::size_t row, std::string_view column) const {
    return entry_of<std::int64_t>(at(row, column), schema_, column, ColumnType::integer);
}

double Table::real(std::size_t row, std::string_view column) const {
    return entry_of<double>(at(row, column), schema_, column, ColumnType::real);
}

const std::string& Table::text(std::size_t row, std::string_view column) const {
    return entry_of<std::string>(at(row, column), schema_, column, ColumnType::text);
}

bool Table::empty_at(std::size_t row, std::string_view column) const {
    return std::holds_alternative<std::monostate>(at(row, column));
}

} // namespace moe
