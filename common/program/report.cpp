#include "program/report.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <vector>

namespace moe {

namespace {

constexpr int digits = 4; ///< significant ones, enough to compare by eye; the files hold all

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

using Lines = std::vector<std::vector<std::string>>;

/// Columns two blanks apart; `below` holds a line to stand under each row ("" for none).
std::string aligned(const Lines& rows, const std::vector<std::string>& below) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows)
        for (std::size_t c = 0; c < row.size(); ++c)
            widths[c] = std::max(widths[c], row[c].size());
    std::string text;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line;
        for (std::size_t c = 0; c < rows[r].size(); ++c)
            line += padded(rows[r][c], widths[c]) + "  ";
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
        if (!below[r].empty()) text += "    " + below[r] + "\n";
    }
    return text;
}

std::string text_of(const Expected& expected) {
    const std::string value = rounded(expected.value, digits);
    const std::string margin =
        expected.tolerance > 0.0 ? " +- " + rounded(expected.tolerance, digits) : "";
    switch (expected.relation) {
    case Relation::equal:
        return value + margin;
    case Relation::at_most:
        return "<= " + value + margin;
    case Relation::at_least:
        return ">= " + value + margin;
    case Relation::holds:
        break;
    }
    return "holds";
}

std::string text_of(const std::optional<Interval>& interval) {
    if (!interval) return "";
    return " [" + rounded(interval->low, digits) + ", " + rounded(interval->high, digits) + "] " +
           rounded(100.0 * interval->level, digits) + "%";
}

std::string text_of(const Claim& claim) {
    if (claim.expected.relation == Relation::holds && !claim.measured.interval)
        return claim.measured.estimate == 1.0 ? "holds" : "does not hold";
    return rounded(claim.measured.estimate, digits) + text_of(claim.measured.interval);
}

std::string rates_report(const std::vector<Rate>& rates) {
    if (rates.empty()) return "";
    Lines rows = {{"rate", "claimed", "slope", "sizes", "verdict"}};
    std::vector<std::string> below = {""};
    for (const Rate& rate : rates) {
        rows.push_back(
            {rate.spec.id,
             rounded(rate.spec.claimed, digits) + " +- " + rounded(rate.spec.tolerance, digits),
             rounded(rate.slope, digits) + text_of(rate.interval), std::to_string(rate.x.size()),
             std::string(to_string(rate.verdict))});
        below.push_back(rate.spec.quantity);
    }
    return aligned(rows, below) + "\n";
}

} // namespace

std::string options_report(const Program& program, const Command& command) {
    const Options& options = command.options;
    const std::string device =
        options.device() +
        (command.device_reason.empty() ? "" : " (" + command.device_reason + ")");
    Lines rows = {{"preset", std::string(to_string(options.preset()))},
                  {"seed", std::to_string(options.seed())},
                  {"threads", std::to_string(options.threads())},
                  {"device", device}};
    if (!options.only().empty()) {
        std::string checks;
        for (const std::string& check : options.only())
            checks += (checks.empty() ? "" : ", ") + check;
        rows.push_back({"only", checks});
    }
    if (!options.sabotage().empty()) rows.push_back({"sabotage", options.sabotage()});
    for (const Options::Effective& option : options.effective()) {
        const std::string value = to_string(option.value);
        rows.push_back({option.name, (value.empty() ? "none" : value) +
                                         (option.unit.empty() ? "" : " " + option.unit) +
                                         (option.given ? " (given)" : "")});
    }
    std::string text = program.name + ": " + program.summary + "\n\n";
    text += aligned(rows, std::vector<std::string>(rows.size()));
    return text + "\n";
}

std::string conclusion_report(const Conclusion& conclusion, const std::filesystem::path& folder) {
    Lines rows = {{"claim", "expected", "measured", "verdict"}};
    std::vector<std::string> below = {""};
    for (const Claim& claim : conclusion.claims) {
        rows.push_back({claim.id, text_of(claim.expected), text_of(claim),
                        std::string(to_string(claim.verdict))});
        below.push_back(claim.evidence);
    }
    for (const auto& [claim, reason] : conclusion.not_run) {
        rows.push_back({claim.id, "-", "-", "not run"});
        below.push_back(reason);
    }
    return rates_report(conclusion.rates) + aligned(rows, below) +
           "\nverdict: " + std::string(to_string(conclusion.verdict)) +
           "\nresults: " + (folder / "").string() + "\n";
}

} // namespace moe
