#pragma once
// What a figure reads: the CSVs of one run of one program, checked against its verdict.json.

#include "basics/csv.hpp"
#include "statistics/claim.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// A CSV by column name. Columns have no types: numbers() says what it expects of one.
class PlotTable {
  public:
    /// `rows` as of parse_csv_rows, the header first; `name` stands in error messages.
    PlotTable(std::string name, std::vector<CsvRow> rows);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_.size(); }

    /// A column as numbers; true is 1, false 0, an empty field NaN (which figures leave out).
    /// Throws InputError for an unknown column or a field that is no number.
    [[nodiscard]] std::vector<double> numbers(std::string_view column) const;
    /// A column as text. Throws InputError for an unknown column.
    [[nodiscard]] std::vector<std::string> texts(std::string_view column) const;
    /// The different texts of a column in order of first appearance.
    [[nodiscard]] std::vector<std::string> distinct(std::string_view column) const;

    /// The rows whose field of a column is this text, or reads as this number. Throws InputError
    /// for an unknown column, and if no row is left: an empty series is a broken picture.
    [[nodiscard]] PlotTable where(std::string_view column, std::string_view text) const;
    [[nodiscard]] PlotTable where(std::string_view column, double number) const;

  private:
    [[nodiscard]] std::size_t index_of(std::string_view column) const;
    [[nodiscard]] PlotTable select(std::string_view column, const std::string& wanted,
                                   const std::function<bool(const CsvField&)>& keep) const;

    std::string name_;
    std::vector<std::string> columns_;
    std::vector<CsvRow> rows_;
};

/// A judged rate as rates.csv tells it.
struct PlotRate {
    std::string id;
    double claimed;
    double slope;
    double intercept_log2;
    double window_low; ///< smallest and largest abscissa of the fit
    double window_high;
    std::optional<Interval> interval;
};

/// A time that a cell measured (run.json).
struct PlotTiming {
    std::string cell;
    double seconds;
};

/// The results of one program, DIR/<program>/: verdict.json is read at once, tables when asked for.
class RunData {
  public:
    /// Throws InputError if verdict.json is missing (naming the program to run), cannot be parsed
    /// or is of another program.
    RunData(const std::filesystem::path& runs, std::string program);

    [[nodiscard]] const std::string& preset() const noexcept { return preset_; }

    /// Reads <name>.csv. Throws InputError if the file or its entry in verdict.json is missing
    /// (naming the program to run) or its XXH64 is not the one of verdict.json (files of two runs
    /// are mixed).
    [[nodiscard]] PlotTable table(std::string_view name);

    /// The rate of this id from rates.csv; throws as table() does, and InputError naming the ids
    /// that there are.
    [[nodiscard]] PlotRate rate(std::string_view id);

    /// The times of this name that the cells measured, in plan order, from run.json. Throws
    /// InputError if the file is missing or has none.
    [[nodiscard]] std::vector<PlotTiming> timings(std::string_view what) const;

    /// "thm_x (quick): sizes 3f2a9c11, bounds 77aa0b2c": program, preset, the tables that were read
    /// and the leading digits of their XXH64, for the corner of the figure.
    [[nodiscard]] std::string source_label() const;

  private:
    /// The bytes of <name>.csv, found to be those of verdict.json.
    [[nodiscard]] std::string checked_bytes(std::string_view name);

    std::filesystem::path folder_;
    std::string program_;
    std::string preset_;
    std::map<std::string, std::string, std::less<>> hashes_;
    std::vector<std::string> tables_read_;
};

} // namespace moe
