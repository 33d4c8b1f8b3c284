#include "program/results.hpp"

#include "basics/csv.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "basics/numbers.hpp"
#include "program/json_text.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const std::optional<Interval>& interval) {
    if (!interval) return nullptr;
    return {{"low", interval->low}, {"high", interval->high}, {"level", interval->level}};
}

Json to_json(const Claim& claim) {
    return {{"id", claim.id},
            {"check", claim.check},
            {"paper", claim.paper},
            {"theorem", claim.theorem},
            {"statement", claim.statement},
            {"expected",
             {{"relation", to_string(claim.expected.relation)},
              {"value", claim.expected.value},
              {"tolerance", claim.expected.tolerance}}},
            {"measured",
             {{"estimate", claim.measured.estimate},
              {"interval", to_json(claim.measured.interval)},
              {"observations", claim.measured.observations}}},
            {"verdict", to_string(claim.verdict)},
            {"evidence", claim.evidence}};
}

Json to_json(const ClaimNotRun& not_run) {
    const ClaimInfo& claim = not_run.claim;
    return {{"id", claim.id},           {"check", claim.check},         {"paper", claim.paper},
            {"theorem", claim.theorem}, {"statement", claim.statement}, {"verdict", "not run"},
            {"reason", not_run.reason}};
}

Json to_json(const Rate& rate) {
    return {{"id", rate.spec.id},
            {"quantity", rate.spec.quantity},
            {"claimed", rate.spec.claimed},
            {"tolerance", rate.spec.tolerance},
            {"slope", rate.slope},
            {"interval", to_json(rate.interval)},
            {"observations", rate.observations},
            {"verdict", to_string(rate.verdict)}};
}

} // namespace

TableSchema rates_schema() {
    using enum ColumnType;
    return {"rates",
            "fitted exponents, one a row",
            {{"id", text, "name of the rate"},
             {"quantity", text, "what is fitted against what"},
             {"claimed", real, "claimed exponent"},
             {"tolerance", real, "allowed distance of the slope from the claimed exponent"},
             {"window_low", real, "smallest abscissa of the fit"},
             {"window_high", real, "largest abscissa of the fit"},
             {"slope", real, "fitted exponent: slope of log2 y on log2 x"},
             {"intercept_log2", real, "log2 of the fitted constant"},
             {"interval_low", real, "confidence interval of the slope"},
             {"interval_high", real, "confidence interval of the slope"},
             {"interval_level", real, "its coverage"},
             {"observations", integer, "number of observations"},
             {"verdict", text, "supported, refuted or inconclusive"},
             {"two_point_slopes", text, "slopes between neighbouring sizes, blanks between them"}}};
}

Table rates_table(const std::vector<Rate>& rates) {
    Table table(rates_schema());
    for (const Rate& rate : rates) {
        std::string slopes;
        for (const double slope : rate.two_point_slopes)
            slopes += (slopes.empty() ? "" : " ") + shortest(slope);
        const auto bound = [&](double Interval::*part) -> Value {
            if (!rate.interval) return std::monostate{};
            return (*rate.interval).*part;
        };
        const auto size = [&](bool first) -> Value {
            if (rate.x.empty()) return std::monostate{};
            return first ? rate.x.front() : rate.x.back();
        };
        table.add({rate.spec.id, rate.spec.quantity, rate.spec.claimed, rate.spec.tolerance,
                   size(true), size(false), rate.slope, rate.intercept_log2, bound(&Interval::low),
                   bound(&Interval::high), bound(&Interval::level), rate.observations,
                   std::string(to_string(rate.verdict)), slopes});
    }
    return table;
}

std::vector<OutputFile> table_files(const Program& program, const Tables& tables,
                                    const std::vector<Rate>& rates) {
    std::vector<OutputFile> files;
    for (const TableSchema& schema : program.tables)
        files.push_back({schema.name + ".csv", to_csv(tables.at(schema.name))});
    files.push_back({"rates.csv", to_csv(rates_table(rates))});
    return files;
}

std::string verdict_json(const Program& program, const Options& options, const Tables& tables,
                         const Conclusion& conclusion, const std::vector<OutputFile>& files) {
    Json json;
    json["program"] = program.name;
    json["papers"] = program.papers;
    json["preset"] = to_string(options.preset());
    json["seed"] = options.seed();
    json["device"] = options.device();
    json["sabotage"] = options.sabotage().empty() ? Json(nullptr) : Json(options.sabotage());
    json["only"] = options.only();
    json["options"] = Json::object();
    for (const Options::Effective& option : options.effective())
        json["options"][option.name] = option_json(option.value);
    json["verdict"] = to_string(conclusion.verdict);
    json["claims"] = Json::array();
    for (const ClaimInfo& info : program.claims) {
        for (const Claim& claim : conclusion.claims)
            if (claim.id == info.id) json["claims"].push_back(to_json(claim));
        for (const ClaimNotRun& not_run : conclusion.not_run)
            if (not_run.claim.id == info.id) json["claims"].push_back(to_json(not_run));
    }
    json["rates"] = Json::array();
    for (const Rate& rate : conclusion.rates)
        json["rates"].push_back(to_json(rate));
    json["tables"] = Json::array();
    for (std::size_t t = 0; t < files.size(); ++t) {
        const bool declared = t < program.tables.size();
        const std::size_t rows =
            declared ? tables.at(program.tables[t].name).rows() : conclusion.rates.size();
        json["tables"].push_back({{"name", declared ? program.tables[t].name : "rates"},
                                  {"file", files[t].name},
                                  {"rows", rows},
                                  {"xxh64", hash_of(files[t].bytes)}});
    }
    return json_text(json);
}

void publish(const std::filesystem::path& folder, const std::vector<OutputFile>& files) {
    std::vector<AtomicFile> staged;
    staged.reserve(files.size());
    for (const OutputFile& file : files) {
        staged.emplace_back(folder / file.name);
        staged.back().write(file.bytes);
        staged.back().sync();
    }
    for (AtomicFile& file : staged)
        file.publish();
    sync_folder(folder);
}

} // namespace moe
