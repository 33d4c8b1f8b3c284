#include "program/describe.hpp"

#include "program/command_line.hpp"
#include "program/json_text.hpp"
#include "program/results.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const ClaimInfo& claim) {
    return {{"id", claim.id},
            {"check", claim.check},
            {"paper", claim.paper},
            {"theorem", claim.theorem},
            {"statement", claim.statement}};
}

Json to_json(const CheckInfo& check) {
    return {{"name", check.name}, {"description", check.description}};
}

Json to_json(const PresetInfo& preset) {
    return {{"name", preset.name}, {"usual_seconds", preset.usual_seconds}};
}

Json to_json(const CommonOption& option) {
    return {{"name", option.name},
            {"argument", option.argument},
            {"help", option.help},
            {"default", option.default_text}};
}

Json to_json(const OptionSpec& option) {
    return {{"name", option.name},
            {"help", option.help},
            {"allowed", allowed_values(option.kind)},
            {"unit", option.unit},
            {"quick", option_json(option.quick)},
            {"full", option_json(option.full)}};
}

std::string_view name_of(ColumnType type) {
    switch (type) {
    case ColumnType::boolean:
        return "boolean";
    case ColumnType::integer:
        return "integer";
    case ColumnType::real:
        return "real";
    case ColumnType::text:
        break;
    }
    return "text";
}

Json to_json(const Column& column) {
    return {
        {"name", column.name}, {"type", name_of(column.type)}, {"description", column.description}};
}

Json to_json(const TableSchema& table) {
    Json columns = Json::array();
    for (const Column& column : table.columns)
        columns.push_back(to_json(column));
    return {{"name", table.name},
            {"file", table.name + ".csv"},
            {"description", table.description},
            {"columns", columns}};
}

Json to_json(const FigureInfo& figure) {
    return {{"stem", figure.stem}, {"title", figure.title}, {"caption", figure.caption}};
}

Json to_json(const SabotageInfo& sabotage) {
    return {{"name", sabotage.name},
            {"breaks", sabotage.breaks},
            {"refutes", sabotage.refutes},
            {"arguments", sabotage.arguments}};
}

Json to_json(const QueryInfo& query) {
    return {{"name", query.name}, {"signature", query.signature}};
}

template<class Entry>
Json list(const std::vector<Entry>& entries) {
    Json json = Json::array();
    for (const Entry& entry : entries)
        json.push_back(to_json(entry));
    return json;
}

} // namespace

std::string describe(const Program& program) {
    Json json;
    json["program"] = program.name;
    json["summary"] = program.summary;
    json["papers"] = program.papers;
    json["example"] = program.example;
    json["claims"] = list(program.claims);
    json["checks"] = list(program.checks);
    json["presets"] = list(program.presets);
    json["common_options"] = list(common_options());
    json["options"] = list(program.options);
    json["tables"] = list(program.tables);
    json["tables"].push_back(to_json(rates_schema()));
    json["figures"] = list(program.figures);
    json["sabotages"] = list(program.sabotages);
    json["with_device_cuda"] = {{"claims", list(program.on_device.claims)},
                                {"tables", list(program.on_device.tables)}};
    json["queries"] = list(program.queries);
    return json_text(json);
}

} // namespace moe
