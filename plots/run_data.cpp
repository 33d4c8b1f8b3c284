#include "plots/run_data.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "basics/numbers.hpp"
#include "program/results.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

namespace moe {

namespace {

std::optional<double> number_of(const CsvField& field) {
    if (field.quoted) return std::nullopt;
    if (field.text.empty() || field.text == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (field.text == "inf") return std::numeric_limits<double>::infinity();
    if (field.text == "-inf") return -std::numeric_limits<double>::infinity();
    if (field.text == "true") return 1.0;
    if (field.text == "false") return 0.0;
    return parse_real(field.text);
}

bool is_file(const std::filesystem::path& file) {
    std::error_code error;
    return std::filesystem::is_regular_file(file, error);
}

} // namespace

PlotTable::PlotTable(std::string name, std::vector<CsvRow> rows)
    : name_(std::move(name))
    , rows_(std::move(rows)) {
    for (CsvField& field : rows_.at(0).fields) {
        columns_.push_back(std::move(field.text));
    }
    rows_.erase(rows_.begin());
}

std::size_t PlotTable::index_of(std::string_view column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    if (found == columns_.end()) {
        std::string known;
        for (const std::string& name : columns_) {
            known += (known.empty() ? "" : ", ") + name;
        }
        throw InputError(name_ + ": no column '" + std::string(column) + "' (there are " + known +
                         ")");
    }
    return static_cast<std::size_t>(found - columns_.begin());
}

std::vector<double> PlotTable::numbers(std::string_view column) const {
    const std::size_t index = index_of(column);
    std::vector<double> values;
    for (const CsvRow& row : rows_) {
        const std::optional<double> value = number_of(row.fields[index]);
        if (!value) {
            throw InputError(name_ + ": line " + std::to_string(row.line) + ", column '" +
                             std::string(column) + "': '" + row.fields[index].text +
                             "' is not a number");
        }
        values.push_back(*value);
    }
    return values;
}

std::vector<std::string> PlotTable::texts(std::string_view column) const {
    const std::size_t index = index_of(column);
    std::vector<std::string> values;
    for (const CsvRow& row : rows_) {
        values.push_back(row.fields[index].text);
    }
    return values;
}

std::vector<std::string> PlotTable::distinct(std::string_view column) const {
    std::vector<std::string> values;
    for (std::string& text : texts(column)) {
        if (std::find(values.begin(), values.end(), text) == values.end()) {
            values.push_back(std::move(text));
        }
    }
    return values;
}

PlotTable PlotTable::select(std::string_view column, const std::string& wanted,
                            const std::function<bool(const CsvField&)>& keep) const {
    const std::size_t index = index_of(column);
    PlotTable selection = *this;
    std::erase_if(selection.rows_, [&](const CsvRow& row) { return !keep(row.fields[index]); });
    if (selection.rows_.empty()) {
        throw InputError(name_ + ": no row with " + std::string(column) + " = " + wanted);
    }
    selection.name_ += " [" + std::string(column) + " = " + wanted + "]";
    return selection;
}

PlotTable PlotTable::where(std::string_view column, std::string_view text) const {
    return select(column, std::string(text),
                  [&](const CsvField& field) { return field.text == text; });
}

PlotTable PlotTable::where(std::string_view column, double number) const {
    return select(column, shortest(number),
                  [&](const CsvField& field) { return number_of(field) == number; });
}

RunData::RunData(const std::filesystem::path& runs, std::string program)
    : folder_(runs / program)
    , program_(std::move(program)) {
    const std::filesystem::path file = folder_ / "verdict.json";
    if (!is_file(file)) {
        throw InputError("no results of " + program_ + ": '" + file.string() +
                         "' is missing; run " + program_ + " --out " + runs.string());
    }
    try {
        const auto json = nlohmann::json::parse(MappedFile(file).text());
        const std::string found = json.at("program").get<std::string>();
        if (found != program_) {
            throw InputError("'" + file.string() + "' is of program " + found + ", not " +
                             program_);
        }
        preset_ = json.at("preset").get<std::string>();
        for (const auto& table : json.at("tables")) {
            hashes_[table.at("name").get<std::string>()] = table.at("xxh64").get<std::string>();
        }
    } catch (const nlohmann::json::exception& error) {
        throw InputError("cannot read '" + file.string() + "': " + error.what());
    }
}

std::string RunData::checked_bytes(std::string_view name) {
    const std::filesystem::path file = folder_ / (std::string(name) + ".csv");
    const auto entry = hashes_.find(name);
    if (entry == hashes_.end() || !is_file(file)) {
        const char* const lack =
            entry == hashes_.end() ? "verdict.json does not list it" : "the file is missing";
        throw InputError("no table '" + file.string() + "' (" + lack + "); run " + program_ +
                         " --out " + folder_.parent_path().string());
    }
    std::string bytes(MappedFile(file).text());
    const std::string hash = hash_of(bytes);
    if (hash != entry->second) {
        throw InputError("'" + file.string() + "' has XXH64 " + hash + ", verdict.json says " +
                         entry->second + ": files of different runs are mixed; run " + program_ +
                         " --out " + folder_.parent_path().string());
    }
    if (std::find(tables_read_.begin(), tables_read_.end(), name) == tables_read_.end()) {
        tables_read_.emplace_back(name);
    }
    return bytes;
}

PlotTable RunData::table(std::string_view name) {
    const std::string bytes = checked_bytes(name);
    const std::string file = (folder_ / (std::string(name) + ".csv")).string();
    return {file, parse_csv_rows(bytes, file)};
}

PlotRate RunData::rate(std::string_view id) {
    const std::string file = (folder_ / "rates.csv").string();
    const Table rates = parse_csv(checked_bytes("rates"), rates_schema(), file);
    std::string known;
    for (std::size_t row = 0; row < rates.rows(); ++row) {
        if (rates.text(row, "id") != id) {
            known += (known.empty() ? "" : ", ") + rates.text(row, "id");
            continue;
        }
        PlotRate rate{std::string(id),
                      rates.real(row, "claimed"),
                      rates.real(row, "slope"),
                      rates.real(row, "intercept_log2"),
                      rates.real(row, "window_low"),
                      rates.real(row, "window_high"),
                      std::nullopt};
        if (!rates.empty_at(row, "interval_low")) {
            rate.interval =
                Interval{rates.real(row, "interval_low"), rates.real(row, "interval_high"),
                         rates.real(row, "interval_level")};
        }
        return rate;
    }
    throw InputError(file + ": no rate '" + std::string(id) + "' (there are " + known + ")");
}

std::vector<PlotTiming> RunData::timings(std::string_view what) const {
    const std::filesystem::path file = folder_ / "run.json";
    if (!is_file(file)) {
        throw InputError("'" + file.string() + "' is missing; run " + program_ + " --out " +
                         folder_.parent_path().string());
    }
    std::vector<PlotTiming> timings;
    try {
        const auto json = nlohmann::json::parse(MappedFile(file).text());
        for (const auto& timing : json.at("timings")) {
            if (timing.at("what").get<std::string>() != what) continue;
            timings.push_back(
                {timing.at("cell").get<std::string>(), timing.at("seconds").get<double>()});
        }
    } catch (const nlohmann::json::exception& error) {
        throw InputError("cannot read '" + file.string() + "': " + error.what());
    }
    if (timings.empty()) {
        throw InputError("'" + file.string() + "' has no timing '" + std::string(what) + "'");
    }
    return timings;
}

std::string RunData::source_label() const {
    std::string label = program_ + " (" + preset_ + ")";
    for (const std::string& name : tables_read_) {
        label += (name == tables_read_.front() ? ": " : ", ") + name + " " +
                 hashes_.at(name).substr(0, 8);
    }
    return label;
}

} // namespace moe
