#include "program/program.hpp"

#include "basics/append.hpp"
#include "program/command_line.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

template<class Entries, class NameOf>
void require_unique(const char* what, const Entries& entries, NameOf name_of) {
    std::set<std::string> seen;
    for (const auto& entry : entries) {
        const std::string& name = name_of(entry);
        if (name.empty()) throw std::logic_error(std::string(what) + " without a name");
        if (!seen.insert(name).second)
            throw std::logic_error(std::string(what) + " '" + name + "' is declared twice");
    }
}

template<class Entries>
void require_unique(const char* what, const Entries& entries) {
    require_unique(what, entries,
                   [](const auto& entry) -> const std::string& { return entry.name; });
}

/// Names that become file names.
void require_file_name(const std::string& name) {
    if (name.empty() ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_-") != std::string::npos)
        throw std::logic_error("'" + name + "' is no name for a file");
}

bool has_check(const Program& program, const std::string& name) {
    return std::ranges::any_of(program.checks,
                               [&](const CheckInfo& check) { return check.name == name; });
}

void require_checks(const Program& program) {
    for (const ClaimInfo& claim : program.claims)
        if (!has_check(program, claim.check))
            throw std::logic_error("claim '" + claim.id + "' is of no declared check");
    for (const SabotageInfo& sabotage : program.sabotages)
        if (!has_check(program, sabotage.refutes))
            throw std::logic_error("sabotage '" + sabotage.name + "' refutes no declared check");
    // A check that cannot fail is a defect, and one without a claim cannot.
    for (const CheckInfo& check : program.checks)
        if (std::ranges::none_of(program.claims,
                                 [&](const ClaimInfo& claim) { return claim.check == check.name; }))
            throw std::logic_error("check '" + check.name + "' has no claim");
}

} // namespace

Tables::Tables(const std::vector<TableSchema>& schemas) {
    for (const TableSchema& schema : schemas)
        tables_.emplace(schema.name, Table(schema));
}

const Table& Tables::at(std::string_view name) const {
    const auto place = tables_.find(name);
    if (place == tables_.end()) throw std::out_of_range("no table '" + std::string(name) + "'");
    return place->second;
}

void Tables::add(std::string_view name, Row row) {
    const auto place = tables_.find(name);
    if (place == tables_.end()) throw std::out_of_range("no table '" + std::string(name) + "'");
    place->second.add(std::move(row));
}

Program for_device(Program program, std::string_view device) {
    DeviceParts parts = std::exchange(program.on_device, {});
    if (device != "cuda") return program;
    append(program.tables, std::move(parts.tables));
    append(program.claims, std::move(parts.claims));
    return program;
}

void validate(const Program& program) {
    if (program.on_device.has_parts()) validate(for_device(program, "cuda"));
    require_file_name(program.name);
    require_unique("check", program.checks);
    require_unique("table", program.tables);
    require_unique("sabotage", program.sabotages);
    require_unique("query", program.queries);
    require_unique("claim", program.claims,
                   [](const ClaimInfo& claim) -> const std::string& { return claim.id; });
    require_unique("figure", program.figures,
                   [](const FigureInfo& figure) -> const std::string& { return figure.stem; });
    for (const TableSchema& table : program.tables) {
        require_file_name(table.name);
        require_unique("column", table.columns);
        if (table.name == "rates") throw std::logic_error("the table 'rates' is the frame's own");
    }
    for (const FigureInfo& figure : program.figures)
        require_file_name(figure.stem);

    std::vector<std::string> option_names;
    for (const CommonOption& option : common_options())
        option_names.push_back(option.name);
    for (const OptionSpec& option : program.options) {
        moe::validate(option);
        option_names.push_back(option.name);
    }
    require_unique("option", option_names,
                   [](const std::string& name) -> const std::string& { return name; });

    const auto has_preset = [&](const char* name) {
        return std::ranges::any_of(program.presets,
                                   [&](const PresetInfo& preset) { return preset.name == name; });
    };
    if (program.presets.size() != 2 || !has_preset("quick") || !has_preset("full"))
        throw std::logic_error("the presets are quick and full");
    require_checks(program);
    if (!program.plan || !program.judge) throw std::logic_error("plan or judge is missing");
    for (const QueryInfo& query : program.queries)
        if (!query.answer) throw std::logic_error("query '" + query.name + "' has no answer");
}

} // namespace moe
