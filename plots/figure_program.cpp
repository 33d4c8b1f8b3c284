#include "plots/figure_program.hpp"

#include "basics/error.hpp"
#include "program/exit_code.hpp"
#include "program/standard_streams.hpp"

#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace moe {

namespace {

/// The option that names the folder of the data: "--runs" or "--bench".
struct Source {
    std::string option;
    std::string folder; ///< where it is not given
};

struct Folders {
    std::filesystem::path data;
    std::optional<std::filesystem::path> out;
    bool help = false;
};

/// "--runs DIR" or "--runs=DIR", each option at most once.
Folders parse(int argc, const char* const* argv, const Source& source) {
    Folders folders{source.folder, std::nullopt};
    bool data_given = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const std::string name(argument.substr(0, argument.find('=')));
        if (argument == "--help") {
            folders.help = true;
            continue;
        }
        if (name != source.option && name != "--out") {
            throw InputError("unknown option '" + std::string(argument) + "': allowed are " +
                             source.option + " DIR, --out DIR and --help");
        }
        std::string value;
        if (name.size() < argument.size()) {
            value = argument.substr(name.size() + 1);
        } else if (i + 1 < argc) {
            value = argv[++i];
        }
        if (value.empty()) throw InputError("option '" + name + "' needs a folder");
        if (name == source.option ? data_given : folders.out.has_value()) {
            throw InputError("option '" + name + "' is given twice ('" + value + "')");
        }
        if (name == source.option) {
            folders.data = value;
            data_given = true;
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

std::string help_text(const BenchFigureProgram& program) {
    return program.name + ": " + program.summary +
           "\n\n"
           "Reads the benchmarks' results DIR/*.json and draws SVG, PNG and, where gnuplot can, "
           "PDF.\n\n"
           "  --bench DIR  results of the benchmarks [data/bench]\n"
           "  --out DIR    folder of the pictures [data/runs/figures]\n"
           "  --help       this text\n";
}

void render_all(std::vector<Figure> figures, const std::string& source,
                const std::filesystem::path& out) {
    for (Figure& figure : figures) {
        figure.source(source);
        for (const auto& file : figure.render(out)) {
            write_stdout(file.string() + "\n");
        }
    }
}

void draw_all(const FigureProgram& program, const Folders& folders) {
    RunData data(folders.data, program.program);
    std::vector<Figure> figures = program.draw(data);
    render_all(std::move(figures), data.source_label(),
               folders.out.value_or(folders.data / "figures"));
}

void draw_all(const BenchFigureProgram& program, const Folders& folders) {
    BenchData data(folders.data);
    std::vector<Figure> figures = program.draw(data);
    render_all(std::move(figures), data.source_label(), folders.out.value_or("data/runs/figures"));
}

template<class Program>
int failed(const Program& program, const char* what, ExitCode code) {
    write_stderr_line(program.name + ": " + what);
    return static_cast<int>(code);
}

template<class Program>
int run(int argc, const char* const* argv, const Program& program, const Source& source) {
    try {
        const Folders folders = parse(argc, argv, source);
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

} // namespace

int figure_main(int argc, const char* const* argv, const FigureProgram& program) {
    return run(argc, argv, program, {"--runs", "data/runs"});
}

int figure_main(int argc, const char* const* argv, const BenchFigureProgram& program) {
    return run(argc, argv, program, {"--bench", "data/bench"});
}

} // namespace moe
