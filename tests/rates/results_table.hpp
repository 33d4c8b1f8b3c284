#pragma once
// The results table of paper_figures.md, generated from the committed verdicts of the full preset.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace moe {

/// Markdown table of all <program>.full.json in a folder, programs by name, claims in the order of
/// the program. Throws InputError for a malformed file or if there is none.
[[nodiscard]] std::string results_table(const std::filesystem::path& folder);

/// The document with `table` between its marker lines <!-- results:begin --> and
/// <!-- results:end -->, which stay. Throws InputError naming `name` unless each of the two stands
/// exactly once, on a line of its own, in this order.
[[nodiscard]] std::string with_results(std::string_view document, std::string_view table,
                                       std::string_view name);

/// "line 12: '...' should be '...'" for the first line in which the texts differ; nothing if they
/// are equal.
[[nodiscard]] std::optional<std::string> first_difference(std::string_view found,
                                                          std::string_view expected);

} // namespace moe
