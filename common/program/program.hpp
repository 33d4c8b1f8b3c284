#pragma once
// A theorem program: what it says of itself and its three functions (plan, judge, queries). The
// data flow one way: options -> plan of cells -> rows of each cell -> tables -> judgement -> files.

#include "basics/table.hpp"
#include "program/cell.hpp"
#include "program/options.hpp"
#include "program/query.hpp"
#include "statistics/claim.hpp"
#include "statistics/rate.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// A check: a part of the experiment that --only can select.
struct CheckInfo {
    std::string name;
    std::string description; ///< what it measures
};

struct PresetInfo {
    std::string name; ///< "quick" or "full"
    double usual_seconds;
};

struct FigureInfo {
    std::string stem; ///< file name without extension
    std::string title;
    std::string caption;
};

/// A claim before anything is measured.
struct ClaimInfo {
    std::string id;
    std::string check;
    std::string paper;
    std::string theorem;
    std::string statement;
};

/// A way to break the experiment so that a claim must be refuted (--sabotage NAME).
struct SabotageInfo {
    std::string name;
    std::string breaks;                 ///< what it breaks
    std::string refutes;                ///< the check in which a claim must turn to refuted
    std::vector<std::string> arguments; ///< further arguments of a short demonstration
};

struct QueryInfo {
    std::string name;      ///< the value of "q"
    std::string signature; ///< "K, x -> cell, depth"
    std::function<nlohmann::ordered_json(Query&)> answer;
};

/// The tables of an experiment by name.
class Tables {
  public:
    explicit Tables(const std::vector<TableSchema>& schemas);

    /// Throws std::out_of_range naming a table that was not declared.
    [[nodiscard]] const Table& at(std::string_view name) const;
    /// Appends a row; throws as at() and Table::add.
    void add(std::string_view name, Row row);

  private:
    std::map<std::string, Table, std::less<>> tables_;
};

/// The frame fills empty fields of a claim (check, paper, theorem, statement) from the declared
/// claim of the same id.
struct Judgement {
    std::vector<Claim> claims;
    std::vector<Rate> rates;
};

/// What a run with --device cuda measures and judges besides. Runs on the CPU know nothing of it,
/// so that their results are the same on machines with a GPU.
struct DeviceParts {
    std::vector<TableSchema> tables;
    std::vector<ClaimInfo> claims;

    [[nodiscard]] bool has_parts() const noexcept { return !tables.empty() || !claims.empty(); }
};

struct Program {
    std::string name; ///< "thm_approx_rate"
    std::vector<std::string> papers;
    std::string summary; ///< the claim in two sentences
    std::string example; ///< one command line
    std::vector<CheckInfo> checks;
    std::vector<PresetInfo> presets;
    std::vector<OptionSpec> options;
    std::vector<TableSchema> tables; ///< the frame adds the table "rates"
    std::vector<FigureInfo> figures;
    std::vector<ClaimInfo> claims;
    std::vector<SabotageInfo> sabotages;
    DeviceParts on_device = {};
    /// All cells, whatever --only selects: the frame leaves out those of other checks. Throws
    /// InputError for options that do not go together.
    std::function<Plan(const Options&)> plan;
    /// Judges the selected checks; the tables of others are empty, so ask options.selected(check)
    /// first. Claims of other checks are dropped; leave out a selected claim only if the options
    /// leave it without data: it is reported as not run. Whole quick presets must judge every
    /// claim, which bin/reference checks.
    std::function<Judgement(const Options&, const Tables&)> judge;
    std::vector<QueryInfo> queries;
};

/// The program as a run on this device ("cpu" or "cuda") sees it: with the parts for the device
/// among its tables and claims, or without.
[[nodiscard]] Program for_device(Program program, std::string_view device);

/// Throws std::logic_error if the declaration contradicts itself: names that repeat, a claim or
/// sabotage of an unknown check, a default outside its range, a missing preset or function.
void validate(const Program& program);

/// Runs the command line and gives the exit status (exit_code.hpp; 128 + signal after SIGINT or
/// SIGTERM). Never throws.
[[nodiscard]] int run(const Program& program, int argc, char** argv) noexcept;

} // namespace moe
