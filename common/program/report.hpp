#pragma once
// What a run prints for people.

#include "program/command_line.hpp"
#include "program/conclusion.hpp"

#include <filesystem>
#include <string>

namespace moe {

/// The effective options at the start of a run.
[[nodiscard]] std::string options_report(const Program& program, const Command& command);

/// Rates, then a table of claims (expected, measured with interval, verdict, evidence; for a claim
/// that was not run the reason), the overall verdict and the folder of the results.
[[nodiscard]] std::string conclusion_report(const Conclusion& conclusion,
                                            const std::filesystem::path& folder);

} // namespace moe
