#include "datasets/observations.hpp"

#include "basics/csv.hpp"
#include "basics/files.hpp"
#include "basics/numbers.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace moe {

namespace {

/// How the columns divide: y, then p features, then K responsibilities, then z.
struct Columns {
    std::size_t features;
    std::size_t experts;
    bool known_expert;
};

[[noreturn]] void refuse(const std::string& file, std::size_t line, std::size_t column,
                         const std::string& what) {
    throw InputError(file + ": line " + std::to_string(line) + ", column " +
                     std::to_string(column + 1) + what);
}

Columns divide(const CsvRow& header, const std::string& file) {
    const std::vector<CsvField>& names = header.fields;
    std::size_t at = 0;
    const auto take = [&](const std::string& name) {
        if (at == names.size() || names[at].text != name) return false;
        ++at;
        return true;
    };
    const auto fail = [&](const std::string& allowed) {
        const std::string found =
            at < names.size() ? "'" + names[at].text + "'" : "the end of the header";
        refuse(file, header.line, at, ": found " + found + "; allowed: " + allowed);
    };
    Columns columns{};
    if (!take("y")) fail("y (header y,x1,...,xp, then r0,r1,... and z where known)");
    while (take("x" + std::to_string(columns.features + 1)))
        ++columns.features;
    if (columns.features == 0) fail("x1");
    while (take("r" + std::to_string(columns.experts)))
        ++columns.experts;
    if (columns.experts == 1) fail("r1");
    columns.known_expert = take("z");
    if (columns.known_expert && at < names.size()) fail("no column after z");
    if (at < names.size()) {
        const std::string next = columns.experts == 0
                                     ? "x" + std::to_string(columns.features + 1) + ", r0, z"
                                     : "r" + std::to_string(columns.experts) + ", z";
        fail(next + " or the end");
    }
    return columns;
}

double number(const CsvRow& row, std::size_t column, const CsvRow& header,
              const std::string& file) {
    const CsvField& field = row.fields[column];
    const auto value = field.quoted ? std::nullopt : parse_real(field.text);
    if (!value)
        refuse(file, row.line, column,
               " (" + header.fields[column].text + "): '" + field.text +
                   "' is not allowed; allowed: a finite number");
    return *value;
}

Index expert_number(const CsvRow& row, std::size_t column, const std::string& file) {
    const CsvField& field = row.fields[column];
    const auto value = field.quoted ? std::nullopt : parse_integer<std::int32_t>(field.text);
    if (!value || *value < 0)
        refuse(file, row.line, column,
               " (z): '" + field.text + "' is not allowed; allowed: an expert's number 0, 1, ...");
    return *value;
}

/// Text of a regular file, with the end of its last line, which RFC 4180 lets go missing.
std::string read_text(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        throw InputError("cannot read '" + file.string() + "': no such file");
    const MappedFile mapped(file);
    std::string text(mapped.text());
    if (!text.empty() && text.back() != '\n') text += '\n';
    return text;
}

} // namespace

// ---------------------------------------------------------------------------------------------

Observations read_observations(const std::filesystem::path& file) {
    const std::string name = file.string();
    const std::vector<CsvRow> rows = parse_csv_rows(read_text(file), name);
    const CsvRow& header = rows.front();
    const Columns columns = divide(header, name);
    if (rows.size() == 1)
        throw InputError(name + ": line 2: no rows after the header; allowed: at least 1");

    const auto n = static_cast<Index>(rows.size() - 1);
    const auto p = static_cast<Index>(columns.features);
    const auto K = static_cast<Index>(columns.experts);
    Observations observations{{Matrix(n, p), Vector(n)}, {}, {}};
    if (K > 0) observations.responsibilities.resize(n, K);
    for (Index i = 0; i < n; ++i) {
        const CsvRow& row = rows[static_cast<std::size_t>(i) + 1];
        std::size_t column = 0;
        observations.samples.y(i) = number(row, column++, header, name);
        for (Index j = 0; j < p; ++j)
            observations.samples.x(i, j) = number(row, column++, header, name);
        const std::size_t first = column;
        for (Index k = 0; k < K; ++k, ++column) {
            const double r = number(row, column, header, name);
            if (r < 0.0)
                refuse(name, row.line, column,
                       " (r" + std::to_string(k) + "): '" + row.fields[column].text +
                           "' is not allowed; allowed: responsibilities >= 0");
            observations.responsibilities(i, k) = r;
        }
        const double sum = K > 0 ? observations.responsibilities.row(i).sum() : 1.0;
        if (!(std::abs(sum - 1.0) <= 1e-9))
            refuse(name, row.line, first,
                   " (r0): the responsibilities of the row sum to " + shortest(sum) +
                       "; allowed: 1 within 1e-9");
        if (columns.known_expert) observations.expert.push_back(expert_number(row, column, name));
    }
    return observations;
}

} // namespace moe
