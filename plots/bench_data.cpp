#include "plots/bench_data.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "basics/numbers.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <system_error>
#include <utility>

namespace moe {

namespace {

using Json = nlohmann::ordered_json;

template<std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

/// One benchmark: its columns in order, and for each of its measured numbers the repetitions.
struct Benchmark {
    std::vector<std::pair<std::string, std::string>> parts;
    std::map<std::string, std::vector<double>> measured;
    bool has_median = false; ///< then that is all that `measured` holds
};

/// "ours/float32/n:8/repeats:5" as (name1, ours), (name2, float32), (n, 8).
std::vector<std::pair<std::string, std::string>> parts_of(std::string_view run_name) {
    constexpr std::array<std::string_view, 6> settings{"min_time",  "repeats",      "iterations",
                                                       "real_time", "process_time", "manual_time"};
    std::vector<std::pair<std::string, std::string>> parts;
    std::size_t plain = 0;
    while (!run_name.empty()) {
        const std::string_view part = run_name.substr(0, run_name.find('/'));
        run_name.remove_prefix(std::min(run_name.size(), part.size() + 1));
        const std::size_t colon = part.find(':');
        if (is_one_of(settings, part.substr(0, colon))) continue;
        if (colon != std::string_view::npos && part.find("::") == std::string_view::npos) {
            parts.emplace_back(part.substr(0, colon), part.substr(colon + 1));
        } else {
            parts.emplace_back("name" + std::to_string(++plain), part);
        }
    }
    return parts;
}

/// Takes one entry of the file into its benchmark: a repetition, or the median over them.
void take(const Json& entry, Benchmark& benchmark) {
    constexpr std::array<std::string_view, 6> bookkeeping{
        "family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads",
        "iterations"};
    if (entry.value("error_occurred", false))
        throw InputError(entry.at("name").get<std::string>() +
                         " failed: " + entry.value("error_message", std::string()));
    const bool aggregate = entry.at("run_type").get<std::string>() == "aggregate";
    if (aggregate && entry.at("aggregate_name").get<std::string>() != "median") return;
    if (!aggregate && benchmark.has_median) return;
    if (aggregate) {
        benchmark.measured.clear();
        benchmark.has_median = true;
    }
    for (const auto& [key, value] : entry.items()) {
        if (value.is_number() && !is_one_of(bookkeeping, key))
            benchmark.measured[key].push_back(value.get<double>());
    }
}

double median_of(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

/// Google Benchmark writes NaN (the variation of a counter that is 0), which is no JSON: null.
std::string without_nan(std::string_view text) {
    constexpr std::string_view wrong = ": NaN";
    std::string json(text);
    for (std::size_t at = json.find(wrong); at != std::string::npos; at = json.find(wrong, at))
        json.replace(at, wrong.size(), ": null");
    return json;
}

std::vector<Benchmark> benchmarks_of(std::string_view text) {
    std::vector<Benchmark> benchmarks;
    std::map<std::string, std::size_t> index;
    const Json file = Json::parse(without_nan(text));
    for (const Json& entry : file.at("benchmarks")) {
        const auto run_name = entry.at("run_name").get<std::string>();
        const auto [at, is_new] = index.emplace(run_name, benchmarks.size());
        if (is_new) benchmarks.push_back({parts_of(run_name), {}});
        take(entry, benchmarks[at->second]);
    }
    std::erase_if(benchmarks, [](const Benchmark& b) { return b.measured.empty(); });
    return benchmarks;
}

std::size_t column_of(const std::string& name, std::vector<CsvField>& header) {
    const auto found =
        std::ranges::find_if(header, [&](const CsvField& field) { return field.text == name; });
    const auto column = static_cast<std::size_t>(found - header.begin());
    if (found == header.end()) header.push_back({name});
    return column;
}

std::vector<CsvRow> rows_of(const std::vector<Benchmark>& benchmarks) {
    std::vector<CsvRow> rows(1);
    std::vector<CsvField>& header = rows.front().fields;
    std::vector<std::map<std::size_t, std::string>> cells;
    for (const Benchmark& benchmark : benchmarks) {
        auto& row = cells.emplace_back();
        for (const auto& [name, text] : benchmark.parts)
            row.emplace(column_of(name, header), text);
        for (const auto& [name, values] : benchmark.measured)
            row.emplace(column_of(name, header), shortest(median_of(values)));
    }
    for (const auto& row : cells) {
        CsvRow& out = rows.emplace_back();
        out.line = rows.size();
        out.fields.resize(rows.front().fields.size());
        for (const auto& [column, text] : row)
            out.fields[column].text = text;
    }
    return rows;
}

} // namespace

PlotTable benchmark_table(std::string_view text, const std::string& name) {
    try {
        const std::vector<Benchmark> benchmarks = benchmarks_of(text);
        if (benchmarks.empty()) throw InputError("there is no benchmark in it");
        return {name, rows_of(benchmarks)};
    } catch (const InputError& error) {
        throw InputError("'" + name + "': " + error.what());
    } catch (const nlohmann::json::exception& error) {
        throw InputError("'" + name + "' is no result of Google Benchmark: " + error.what());
    }
}

BenchData::BenchData(std::filesystem::path folder)
    : folder_(std::move(folder)) {}

bool BenchData::has(std::string_view benchmark) const {
    std::error_code error;
    return std::filesystem::is_regular_file(folder_ / (std::string(benchmark) + ".json"), error);
}

PlotTable BenchData::table(std::string_view benchmark) {
    const std::string name(benchmark);
    const std::filesystem::path file = folder_ / (name + ".json");
    if (!has(benchmark))
        throw InputError("'" + file.string() + "' is missing; run " + name +
                         " --benchmark_out=" + file.string() + " --benchmark_out_format=json");
    const std::string bytes(MappedFile(file).text());
    PlotTable table = benchmark_table(bytes, file.string());
    if (std::ranges::find(read_, name) == read_.end()) {
        source_ += (read_.empty() ? "" : ", ") + name + " " + hash_of(bytes).substr(0, 8);
        read_.push_back(name);
    }
    return table;
}

} // namespace moe
