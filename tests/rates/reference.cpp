// reference: keeps the committed reference data and the results table true to the programs.
//
//   reference check --runs DIR --reference DIR PROGRAM...   a quick run against its reference
//   reference renew --runs DIR --reference DIR PROGRAM...   a run becomes the reference
//   reference table --full DIR --map FILE [--check]         results table of paper_figures.md
//
// Exit status: 0 all is well, 1 something moved, 2 bad usage or input, 4 I/O.

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "program/exit_code.hpp"
#include "program/standard_streams.hpp"
#include "rates/regression.hpp"
#include "rates/results_table.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

constexpr std::string_view usage =
    "allowed are: check|renew --runs DIR --reference DIR PROGRAM..., "
    "table --full DIR --map FILE [--check]";

[[noreturn]] void refuse(const std::string& what) {
    throw moe::InputError(what + "; " + std::string(usage));
}

struct Arguments {
    std::string command;
    std::map<std::string, std::string> options;
    std::vector<std::string> programs;

    [[nodiscard]] const std::string& option(const std::string& name) const {
        const auto found = options.find(name);
        if (found == options.end()) refuse("option '" + name + "' is missing");
        return found->second;
    }
};

Arguments parse(const std::vector<std::string>& words) {
    if (words.empty()) refuse("no command");
    Arguments arguments{words.front(), {}, {}};
    const bool table = arguments.command == "table";
    if (!table && arguments.command != "check" && arguments.command != "renew") {
        refuse("unknown command '" + arguments.command + "'");
    }
    const std::vector<std::string> allowed =
        table ? std::vector<std::string>{"--full", "--map", "--check"}
              : std::vector<std::string>{"--runs", "--reference"};
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!word.starts_with("-") && !table) {
            arguments.programs.push_back(word);
            continue;
        }
        if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
            refuse("'" + word + "' is not allowed");
        }
        const bool flag = word == "--check";
        if (!flag && i + 1 == words.size()) refuse("option '" + word + "' needs a value");
        if (!arguments.options.emplace(word, flag ? "" : words[++i]).second) {
            refuse("option '" + word + "' is given twice");
        }
    }
    if (!table && arguments.programs.empty()) refuse("no program is named");
    return arguments;
}

int compare_or_renew(const Arguments& arguments) {
    const std::filesystem::path runs = arguments.option("--runs");
    const std::filesystem::path references = arguments.option("--reference");
    bool moved = false;
    for (const std::string& program : arguments.programs) {
        const bool check = arguments.command == "check";
        const std::vector<std::string> lines = check ? moe::regressions(runs, references, program)
                                                     : moe::renew(runs, references, program);
        for (const std::string& line : lines) {
            moe::write_stdout(program + ": " + line + "\n");
        }
        if (check && lines.empty()) {
            moe::write_stdout(program + ": all claims supported, all rates as in the reference\n");
        }
        moved = moved || (check && !lines.empty());
    }
    return moved ? 1 : 0;
}

int results(const Arguments& arguments) {
    const std::filesystem::path map = arguments.option("--map");
    std::error_code error;
    if (!std::filesystem::is_regular_file(map, error)) {
        throw moe::InputError("cannot read '" + map.string() + "': no such file");
    }
    const std::string found(moe::MappedFile(map).text());
    const std::string expected =
        moe::with_results(found, moe::results_table(arguments.option("--full")), map.string());
    const auto difference = moe::first_difference(found, expected);
    if (arguments.options.contains("--check")) {
        if (difference) moe::write_stdout(map.string() + ": " + *difference + "\n");
        return difference ? 1 : 0;
    }
    if (difference) moe::write_file(map, expected);
    moe::write_stdout(map.string() + (difference ? ": results written\n" : ": unchanged\n"));
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        const Arguments arguments = parse({argv + 1, argv + argc});
        return arguments.command == "table" ? results(arguments) : compare_or_renew(arguments);
    } catch (const moe::InputError& error) {
        moe::write_stderr_line(std::string("reference: ") + error.what());
        return static_cast<int>(moe::ExitCode::bad_input);
    } catch (const std::exception& error) {
        moe::write_stderr_line(std::string("reference: ") + error.what());
        return static_cast<int>(moe::ExitCode::environment);
    }
}
