#pragma once
// What the regression of rates reads of a run: verdict.json and rates.csv of DIR/<program>/.

#include "basics/table.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace moe {

struct RunRecord {
    std::string verdict_text;       ///< verdict.json as it stands
    nlohmann::ordered_json verdict; ///< and parsed
    Table rates;
};

/// Throws InputError if a file is missing or malformed, is of another program, does not belong to
/// the other (by the XXH64 in verdict.json), or the run was a partial or sabotaged one.
[[nodiscard]] RunRecord read_run(const std::filesystem::path& runs, const std::string& program);

/// A JSON file; throws InputError naming it if it is missing or malformed.
[[nodiscard]] nlohmann::ordered_json read_json(const std::filesystem::path& file);

} // namespace moe
