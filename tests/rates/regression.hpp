#pragma once
// Regression of the reported rates: a quick run against data/reference/<program>.json.

#include <filesystem>
#include <string>
#include <vector>

namespace moe {

/// Compares the quick run RUNS/<program> with REFERENCES/<program>.json. Returns one line for each
/// difference, none if all is well: a claim that is not supported or was not judged, a claim or
/// rate that appeared or is gone, a slope outside the allowed band of its reference. Throws
/// InputError if a file is missing or malformed, or if run and reference are of different presets
/// or seeds.
[[nodiscard]] std::vector<std::string> regressions(const std::filesystem::path& runs,
                                                   const std::filesystem::path& references,
                                                   const std::string& program);

/// Writes the reference of a run: <program>.json for the quick preset, <program>.full.json (the
/// bytes of verdict.json) for the full one. Allowed band of a slope: 1e-3 around it for
/// deterministic data (one observation a size), its confidence interval otherwise. Returns lines
/// that say what moved. Throws InputError for a quick run with a claim that is not supported, and
/// for files as regressions() does.
[[nodiscard]] std::vector<std::string> renew(const std::filesystem::path& runs,
                                             const std::filesystem::path& references,
                                             const std::string& program);

} // namespace moe
