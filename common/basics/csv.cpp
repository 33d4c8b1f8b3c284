#include "basics/csv.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/numbers.hpp"

#include <limits>
#include <optional>
#include <system_error>
#include <utility>

namespace moe {

namespace {

void append_text(std::string& out, std::string_view text) {
    if (!text.empty() && text.find_first_of("\",\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

struct AppendValue {
    std::string& out;

    void operator()(std::monostate /*empty*/) const {}
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { out += std::to_string(value); }
    void operator()(double value) const { out += shortest(value); }
    void operator()(const std::string& value) const { append_text(out, value); }
};

/// Cuts a CSV text into fields, keeping count of lines for messages.
class CsvCutter {
  public:
    CsvCutter(std::string_view text, std::string_view name)
        : text_(text)
        , name_(name) {}

    [[nodiscard]] bool done() const noexcept { return at_ == text_.size(); }

    CsvRow next_row() {
        CsvRow row{line_, {}};
        do {
            row.fields.push_back(next_field(row));
        } while (take(','));
        take('\r');
        take('\n');
        ++line_;
        return row;
    }

  private:
    bool take(char c) noexcept {
        if (done() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    CsvField next_field(const CsvRow& row) {
        if (take('"')) return {quoted_text(row), true};
        const std::size_t begin = at_;
        while (!done() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
            if (text_[at_] == '"') fail(row, "stray quote in a field that is not quoted");
            ++at_;
        }
        check_field_end(row);
        return {std::string(text_.substr(begin, at_ - begin)), false};
    }

    std::string quoted_text(const CsvRow& row) {
        std::string out;
        while (!done()) {
            const char c = text_[at_++];
            if (c == '"' && !take('"')) {
                check_field_end(row);
                return out;
            }
            if (c == '\n') ++line_;
            out += c;
        }
        fail(row, "a quote is not closed");
    }

    void check_field_end(const CsvRow& row) const {
        const std::string_view rest = text_.substr(at_);
        if (rest.empty() || rest == "\r") fail(row, "the last line has no end (cut off?)");
        if (rest[0] == '\r' && rest[1] != '\n') fail(row, "carriage return inside a line");
        if (std::string_view(",\r\n").find(rest[0]) == std::string_view::npos) {
            fail(row, "text after the closing quote");
        }
    }

    [[noreturn]] void fail(const CsvRow& row, const char* what) const {
        throw InputError(std::string(name_) + ": line " + std::to_string(line_) + ", column " +
                         std::to_string(row.fields.size() + 1) + ": " + what);
    }

    std::string_view text_;
    std::string_view name_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

/// Reads a number as `shortest` writes it.
std::optional<double> real_of(std::string_view text) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (text == "inf") return infinity;
    if (text == "-inf") return -infinity;
    return parse_real(text);
}

/// Appends the entry; false if the field is not of the type.
bool append_entry(Row& row, const CsvField& field, ColumnType type) {
    const std::string& text = field.text;
    if (text.empty() && !field.quoted) {
        row.emplace_back();
        return true;
    }
    if (type == ColumnType::text) {
        row.emplace_back(text);
        return true;
    }
    if (field.quoted) return false;
    if (type == ColumnType::boolean) {
        if (text != "true" && text != "false") return false;
        row.emplace_back(text == "true");
        return true;
    }
    if (type == ColumnType::integer) {
        const auto value = parse_integer<std::int64_t>(text);
        if (value) row.emplace_back(*value);
        return value.has_value();
    }
    const auto value = real_of(text);
    if (value) row.emplace_back(*value);
    return value.has_value();
}

std::string_view allowed(ColumnType type) {
    switch (type) {
    case ColumnType::boolean:
        return "true or false";
    case ColumnType::integer:
        return "an integer";
    case ColumnType::real:
        return "a number, nan, inf or -inf";
    case ColumnType::text:
        break;
    }
    return "a text";
}

void check_header(const CsvRow& header, const TableSchema& schema, const std::string& name) {
    for (std::size_t i = 0; i < schema.columns.size() || i < header.fields.size(); ++i) {
        const std::string expected =
            i < schema.columns.size() ? "'" + schema.columns[i].name + "'" : "no further column";
        const std::string found =
            i < header.fields.size() ? "'" + header.fields[i].text + "'" : "the end of the header";
        if (expected != found) {
            throw InputError(name + ": line 1, column " + std::to_string(i + 1) + ": expected " +
                             expected + ", found " + found);
        }
    }
}

} // namespace

std::string to_csv(const Table& table) {
    std::string out;
    const char* separator = "";
    for (const Column& column : table.schema().columns) {
        out += separator;
        append_text(out, column.name);
        separator = ",";
    }
    out += "\r\n";
    for (std::size_t i = 0; i < table.rows(); ++i) {
        separator = "";
        for (const Value& value : table.row(i)) {
            out += separator;
            std::visit(AppendValue{out}, value);
            separator = ",";
        }
        out += "\r\n";
    }
    return out;
}

std::vector<CsvRow> parse_csv_rows(std::string_view text, std::string_view name) {
    CsvCutter cutter(text, name);
    std::vector<CsvRow> rows;
    while (!cutter.done()) {
        rows.push_back(cutter.next_row());
        const std::size_t expected = rows.front().fields.size();
        if (rows.back().fields.size() != expected) {
            throw InputError(std::string(name) + ": line " + std::to_string(rows.back().line) +
                             ": " + std::to_string(rows.back().fields.size()) +
                             " fields, the header has " + std::to_string(expected));
        }
    }
    if (rows.empty()) throw InputError(std::string(name) + ": line 1: no header (empty file)");
    return rows;
}

Table parse_csv(std::string_view text, TableSchema schema, std::string_view name) {
    const std::string file(name);
    const std::vector<CsvRow> rows = parse_csv_rows(text, name);
    check_header(rows.front(), schema, file);
    Table table(std::move(schema));
    const std::vector<Column>& columns = table.schema().columns;
    for (std::size_t r = 1; r < rows.size(); ++r) {
        Row row;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const CsvField& field = rows[r].fields[i];
            if (!append_entry(row, field, columns[i].type)) {
                throw InputError(file + ": line " + std::to_string(rows[r].line) + ", column " +
                                 std::to_string(i + 1) + " (" + columns[i].name + "): '" +
                                 field.text + "' is not " + std::string(allowed(columns[i].type)));
            }
        }
        table.add(std::move(row));
    }
    return table;
}

Table read_csv(const std::filesystem::path& file, TableSchema schema) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        throw InputError("cannot read '" + file.string() + "': no such file");
    }
    return parse_csv(MappedFile(file).text(), std::move(schema), file.string());
}

} // namespace moe
