#include "plots/figure_program.hpp"

#include "basics/error.hpp"
#include "program/exit_code.hpp"
#include "program/standard_streams.hpp"

#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>

namespace moe {

namespace {

struct Folders {
    std::filesystem::path runs = "data/runs";
    std::optional<std::filesystem::path> out; ///< <runs>/figures
    bool help = false;
};

/// "--runs DIR" or "--runs=DIR", each option at most once.
Folders parse(int argc, const char* const* argv) {
    Folders folders;
    bool runs_given = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const std::string name(argument.substr(0, argument.find('=')));
        if (argument == "--help") {
            folders.help = true;
            continue;
        }
        if (name != "--runs" && name != "--out") {
            throw InputError("unknown option '" + std::string(argument) +
                             "': allowed are --runs DIR, --out DIR and --help");
        }
        std::string value;
        if (name.size() < argument.size()) {
            value = argument.substr(name.size() + 1);
        } else if (i + 1 < argc) {
            value = argv[++i];
        }
        if (value.empty()) throw InputError("option '" + name + "' needs a folder");
        if (name == "--runs" ? runs_given : folders.out.has_value()) {
            throw InputError("option '" + name + "' is given twice ('" + value + "')");
        }
        if (name == "--runs") {
            folders.runs = value;
            runs_given = true;
        } else {
            folders.out = value;
        }
    }
    return folders;
}

std::string help_text(const FigureProgram& program) {
    return program.name + ": " + program.summary +
           "\n\n"
           "Reads DIR/" +
           program.program +
           "/ (verdict.json and the tables) and draws SVG, PNG and, where gnuplot can, PDF.\n\n"
           "  --runs DIR  results of the theorem programs [data/runs]\n"
           "  --out DIR   folder of the pictures [<runs>/figures]\n"
           "  --help      this text\n";
}

void draw_all(const FigureProgram& program, const Folders& folders) {
    RunData data(folders.runs, program.program);
    std::vector<Figure> figures = program.draw(data);
    for (Figure& figure : figures) {
        figure.source(data.source_label());
        for (const auto& file : figure.render(folders.out.value_or(folders.runs / "figures"))) {
            write_stdout(file.string() + "\n");
        }
    }
}

int failed(const FigureProgram& program, const char* what, ExitCode code) {
    write_stderr_line(program.name + ": " + what);
    return static_cast<int>(code);
}

} // namespace

int figure_main(int argc, const char* const* argv, const FigureProgram& program) {
    try {
        const Folders folders = parse(argc, argv);
        if (folders.help) {
            write_stdout(help_text(program));
        } else {
            draw_all(program, folders);
        }
        return 0;
    } catch (const InputError& error) {
        return failed(program, error.what(), ExitCode::bad_input);
    } catch (const std::exception& error) {
        return failed(program, error.what(), ExitCode::environment);
    }
}

} // namespace moe
