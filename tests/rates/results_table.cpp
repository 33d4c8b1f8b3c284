#include "rates/results_table.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "rates/run_record.hpp"

#include <algorithm>
#include <system_error>
#include <vector>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

constexpr int digits = 4;
constexpr std::string_view begin_marker = "<!-- results:begin -->";
constexpr std::string_view end_marker = "<!-- results:end -->";

/// A number that is not finite is null in verdict.json.
std::string number(const Json& value) {
    return value.is_null() ? "not finite" : rounded(value.get<double>(), digits);
}

std::string expected_text(const Json& expected) {
    const std::string relation = expected.at("relation").get<std::string>();
    if (relation == "holds") return "holds";
    const std::string value = number(expected.at("value"));
    const Json& tolerance = expected.at("tolerance");
    const std::string margin = tolerance == 0.0 ? "" : " ± " + number(tolerance);
    if (relation == "equal") return value + margin;
    if (relation == "at_most")
        return "≤ " + value + (margin.empty() ? "" : " + " + number(tolerance));
    if (relation == "at_least")
        return "≥ " + value + (margin.empty() ? "" : " − " + number(tolerance));
    throw InputError("unknown relation '" + relation + "'");
}

std::string measured_text(const Json& claim) {
    const Json& measured = claim.at("measured");
    if (claim.at("expected").at("relation") == "holds") {
        return measured.at("estimate") == 1.0 ? "holds" : "fails";
    }
    std::string text = number(measured.at("estimate"));
    const Json& interval = measured.at("interval");
    if (!interval.is_null()) {
        text += " [" + number(interval.at("low")) + ", " + number(interval.at("high")) + "]";
    }
    return text;
}

/// Text of a table cell.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return " " + out + " |";
}

std::string row(const std::string& program, const Json& claim) {
    const bool judged = claim.contains("measured");
    return "|" + cell("`" + program + "`") + cell(claim.at("id").get<std::string>()) +
           cell(claim.at("paper").get<std::string>() + ", " +
                claim.at("theorem").get<std::string>()) +
           cell(judged ? expected_text(claim.at("expected")) : "") +
           cell(judged ? measured_text(claim) : "") + cell(claim.at("verdict").get<std::string>()) +
           "\n";
}

std::vector<std::filesystem::path> full_results(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().filename().string().ends_with(".full.json")) files.push_back(entry.path());
    }
    if (error) throw InputError("cannot read '" + folder.string() + "': " + error.message());
    if (files.empty()) throw InputError("no *.full.json in '" + folder.string() + "'");
    std::sort(files.begin(), files.end());
    return files;
}

/// Start of the only line that is this marker.
std::size_t find_marker(std::string_view document, std::string_view marker, std::string_view name) {
    const std::size_t at = document.find(marker);
    const std::string what = std::string(name) + ": marker line '" + std::string(marker) + "' ";
    if (at == std::string_view::npos) throw InputError(what + "is missing");
    if (document.find(marker, at + 1) != std::string_view::npos) {
        throw InputError(what + "stands there twice");
    }
    const std::size_t end = at + marker.size();
    const bool alone =
        (at == 0 || document[at - 1] == '\n') && (end == document.size() || document[end] == '\n');
    if (!alone) throw InputError(what + "is not a line of its own");
    return at;
}

} // namespace

std::string results_table(const std::filesystem::path& folder) {
    std::string table = "| program | claim | paper, theorem | expected | measured | verdict |\n"
                        "| --- | --- | --- | --- | --- | --- |\n";
    for (const std::filesystem::path& file : full_results(folder)) {
        const Json verdict = read_json(file);
        try {
            if (verdict.at("preset") != "full") {
                throw InputError("'" + file.string() + "' is not of the full preset");
            }
            const std::string program = verdict.at("program").get<std::string>();
            for (const Json& claim : verdict.at("claims")) {
                table += row(program, claim);
            }
        } catch (const Json::exception& error) {
            throw InputError("'" + file.string() + "': " + error.what());
        }
    }
    return table;
}

std::string with_results(std::string_view document, std::string_view table, std::string_view name) {
    const std::size_t begin = find_marker(document, begin_marker, name);
    const std::size_t end = find_marker(document, end_marker, name);
    if (end < begin) {
        throw InputError(std::string(name) + ": '" + std::string(end_marker) + "' stands before '" +
                         std::string(begin_marker) + "'");
    }
    return std::string(document.substr(0, begin + begin_marker.size())) + "\n" +
           std::string(table) + std::string(document.substr(end));
}

std::optional<std::string> first_difference(std::string_view found, std::string_view expected) {
    const auto next_line = [](std::string_view& text) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        return line;
    };
    if (found == expected) return std::nullopt;
    for (std::size_t line = 1;; ++line) {
        const bool ended = found.empty() || expected.empty();
        const std::string is = next_line(found);
        const std::string should = next_line(expected);
        if (ended || is != should) {
            return "line " + std::to_string(line) + ": '" + is + "' should be '" + should + "'";
        }
    }
}

} // namespace moe
