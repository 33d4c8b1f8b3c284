#pragma once
// JSON as the programs write it.

#include "program/options.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace moe {

/// Indented by two blanks, with a line feed at the end; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& json);

/// On one line, with a line feed at the end.
[[nodiscard]] std::string json_line(const nlohmann::ordered_json& json);

/// The value with its own JSON type.
[[nodiscard]] nlohmann::ordered_json option_json(const OptionValue& value);

} // namespace moe
