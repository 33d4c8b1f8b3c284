#pragma once
// CSV in and out (RFC 4180): header row, comma, CRLF line ends (gnuplot reads them), a field quoted
// only where its text needs it. Writing and reading back gives the same table exactly.

#include "basics/table.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// The table as CSV bytes: reals as shortest round-trip decimals ("nan", "inf", "-inf" for the
/// rest), booleans as true and false, an entry that is not applicable as an empty field, an empty
/// text as "".
[[nodiscard]] std::string to_csv(const Table& table);

/// Reads what to_csv writes (line ends may be LF too; the last one is required). Throws InputError
/// naming `name`, line and column for a header other than the schema's, a row with another number
/// of fields, a field of another type and a stray or unclosed quote.
[[nodiscard]] Table parse_csv(std::string_view text, TableSchema schema, std::string_view name);

/// parse_csv of a file; throws InputError if there is none, EnvironmentError if reading fails.
[[nodiscard]] Table read_csv(const std::filesystem::path& file, TableSchema schema);

/// A field as it stands in the file; `quoted` tells the empty text "" from an empty field.
struct CsvField {
    std::string text;
    bool quoted = false;
};

struct CsvRow {
    std::size_t line; ///< of the file, from 1, where the row begins
    std::vector<CsvField> fields;
};

/// The rows of a CSV text, header included, without types: for readers that know no schema. Throws
/// InputError as parse_csv does for ragged rows and stray quotes, and for a text without header.
[[nodiscard]] std::vector<CsvRow> parse_csv_rows(std::string_view text, std::string_view name);

} // namespace moe
