#include "rates/run_record.hpp"

#include "basics/csv.hpp"
#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "program/results.hpp"

#include <system_error>
#include <utility>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        throw InputError("cannot read '" + file.string() + "': no such file");
    }
    return std::string(MappedFile(file).text());
}

Json parse(const std::string& text, const std::filesystem::path& file) {
    try {
        return Json::parse(text);
    } catch (const Json::exception& error) {
        throw InputError("'" + file.string() + "' is no JSON: " + error.what());
    }
}

std::string hash_of_rates(const Json& verdict) {
    for (const Json& table : verdict.at("tables")) {
        if (table.at("name") == "rates") return table.at("xxh64").get<std::string>();
    }
    return "none";
}

} // namespace

Json read_json(const std::filesystem::path& file) {
    return parse(text_of(file), file);
}

RunRecord read_run(const std::filesystem::path& runs, const std::string& program) {
    const std::filesystem::path file = runs / program / "verdict.json";
    const std::filesystem::path rates_file = runs / program / "rates.csv";
    std::string text = text_of(file);
    Json verdict = parse(text, file);
    const std::string rates = text_of(rates_file);
    try {
        if (verdict.at("program") != program) {
            throw InputError("'" + file.string() + "' is of another program, " +
                             verdict.at("program").dump());
        }
        if (!verdict.at("sabotage").is_null() || !verdict.at("only").empty()) {
            throw InputError("'" + file.string() +
                             "' is of a run with --sabotage or --only, which is no reference");
        }
        if (hash_of_rates(verdict) != hash_of(rates)) {
            throw InputError("'" + rates_file.string() +
                             "' does not have the XXH64 of verdict.json: files of two runs");
        }
    } catch (const Json::exception& error) {
        throw InputError("'" + file.string() + "': " + error.what());
    }
    return {std::move(text), std::move(verdict),
            parse_csv(rates, rates_schema(), rates_file.string())};
}

} // namespace moe
