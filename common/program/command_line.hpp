#pragma once
// From the arguments of a program to what it shall do.

#include "program/options.hpp"
#include "program/program.hpp"

#include <string>
#include <vector>

namespace moe {

/// An option that every program takes.
struct CommonOption {
    std::string name;
    std::string argument; ///< "N", "DIR"; empty for a flag
    std::string help;
    std::string default_text;
    bool hidden = false; ///< not in --help
};

[[nodiscard]] std::vector<CommonOption> common_options();

enum class Mode { run, help, version, describe, query };

struct Command {
    Mode mode;
    Options options;
    std::string device_reason; ///< see DeviceChoice; empty unless --device auto chose
    std::string query;         ///< JSON text, or "-" for stdin
    bool resume = false;
    bool progress = true;
    bool quiet = false;
    bool json = false;
};

/// Throws InputError (one line naming option, value and what is allowed) for anything that is not
/// exactly a declared option with an allowed value, and EnvironmentError for a device that cannot
/// be had. Touches no file except to see whether input files can be read.
[[nodiscard]] Command parse_command_line(const Program& program,
                                         const std::vector<std::string>& arguments);

/// The text of --help.
[[nodiscard]] std::string help_text(const Program& program);

} // namespace moe
