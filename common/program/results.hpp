#pragma once
// The files that a run leaves behind: tables, verdict, provenance.

#include "program/conclusion.hpp"
#include "program/options.hpp"
#include "program/program.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace moe {

struct OutputFile {
    std::string name; ///< inside the folder of the program
    std::string bytes;
};

/// Columns of rates.csv, which every program has.
[[nodiscard]] TableSchema rates_schema();

/// rates.csv as a table: one row a rate.
[[nodiscard]] Table rates_table(const std::vector<Rate>& rates);

/// The CSVs of the declared tables, in their order, and rates.csv.
[[nodiscard]] std::vector<OutputFile> table_files(const Program& program, const Tables& tables,
                                                  const std::vector<Rate>& rates);

/// verdict.json: deterministic (no build, time, place, thread count). A number that is not finite
/// is null. `files` are those of table_files.
[[nodiscard]] std::string verdict_json(const Program& program, const Options& options,
                                       const Tables& tables, const Conclusion& conclusion,
                                       const std::vector<OutputFile>& files);

/// Puts all files into the folder: first whole and synced under temporary names, then renamed in
/// the given order. If anything fails before the renaming, the old files stay as they were. Throws
/// EnvironmentError.
void publish(const std::filesystem::path& folder, const std::vector<OutputFile>& files);

} // namespace moe
