#include "program/program.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "program/checkpoint.hpp"
#include "program/command_line.hpp"
#include "program/conclusion.hpp"
#include "program/describe.hpp"
#include "program/execution.hpp"
#include "program/exit_code.hpp"
#include "program/json_text.hpp"
#include "program/provenance.hpp"
#include "program/report.hpp"
#include "program/results.hpp"
#include "program/signals.hpp"
#include "program/standard_streams.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <new>
#include <optional>
#include <system_error>

namespace moe {

namespace {

int status(ExitCode code) {
    return static_cast<int>(code);
}

int answer_query(const Program& program, const std::string& text) {
    Query query(text == "-" ? read_stdin() : text);
    std::vector<std::string> names;
    for (const QueryInfo& info : program.queries)
        names.push_back(info.name);
    const std::string name = query.text("q", names);
    const auto info = std::ranges::find(program.queries, name, &QueryInfo::name);
    const nlohmann::ordered_json answer = info->answer(query);
    query.require_all_used();
    write_stdout(json_line(answer));
    return status(ExitCode::supported);
}

/// The cells of the selected checks.
Plan selected_plan(const Program& program, const Options& options) {
    Plan plan = program.plan(options);
    validate(plan, [&](const std::string& check) {
        return std::ranges::find(program.checks, check, &CheckInfo::name) != program.checks.end();
    });
    std::erase_if(plan, [&](const Cell& cell) { return !options.selected(cell.check); });
    return plan;
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error || !std::filesystem::is_directory(folder, error))
        throw EnvironmentError(
            "--out: cannot make the folder '" + folder.string() +
            "': " + (error ? error : std::make_error_code(std::errc::not_a_directory)).message());
}

void tell_start(const Program& program, const std::filesystem::path& folder, bool resume,
                Checkpoint::Start start) {
    const std::string prefix = program.name + ": ";
    if (start == Checkpoint::Start::discarded_other)
        write_stderr_line(prefix + "the unfinished run in '" + folder.string() +
                          "' is discarded (--resume would have gone on from it)");
    else if (resume && start == Checkpoint::Start::fresh)
        write_stderr_line(prefix + "no unfinished run in '" + folder.string() +
                          "'; starting from the beginning");
}

int stopped(const Program& program, const Execution& execution,
            const std::filesystem::path& folder) {
    const int signal = StopSignals::received();
    write_stderr_line(program.name + ": ended by " + std::string(name_of_signal(signal)) + "; " +
                      std::to_string(execution.finished) + " of " +
                      std::to_string(execution.results.size()) + " cells are kept in '" +
                      folder.string() + "'; go on with the same options and --resume");
    return exit_status_of_signal(signal);
}

Tables fold(const Program& program, const Execution& execution) {
    Tables tables(program.tables);
    for (const auto& result : execution.results)
        for (const auto& [table, row] : result.value().rows())
            tables.add(table, row);
    return tables;
}

int run_experiment(const Program& program, const Command& command) {
    const StopSignals stop_signals;
    const RunClock clock;
    const Options& options = command.options;
    const Plan plan = selected_plan(program, options);
    if (!command.quiet && !command.json) write_stdout(options_report(program, command));

    const std::filesystem::path folder = options.out() / program.name;
    make_folder(folder);
    const FolderLock lock(folder);
    remove_stale_temporaries(folder);
    const Checkpoint checkpoint(folder / "checkpoint", identity_of(program.name, options),
                                command.resume);
    if (!command.quiet) tell_start(program, folder, command.resume, checkpoint.start());

    const bool show_progress = command.progress && !command.quiet && stderr_is_terminal();
    const auto stop_requested = [] { return StopSignals::received() != 0; };
    const Execution execution =
        execute(plan, options, checkpoint, folder / "scratch", stop_requested, show_progress);
    if (!execution.complete()) return stopped(program, execution, folder);

    const Tables tables = fold(program, execution);
    const Conclusion conclusion = conclude(program, options, program.judge(options, tables));
    std::vector<OutputFile> files = table_files(program, tables, conclusion.rates);
    const std::string verdict = verdict_json(program, options, tables, conclusion, files);
    files.push_back({"run.json", run_json(program.name, options, execution, clock)});
    files.push_back({"verdict.json", verdict}); // last: it vouches for the CSVs by their hashes
    publish(folder, files);
    checkpoint.remove();

    if (command.json)
        write_stdout(verdict);
    else if (!command.quiet)
        write_stdout(conclusion_report(conclusion, folder));
    return status(exit_code_of(conclusion.verdict));
}

int obey(const Program& program, const std::vector<std::string>& arguments) {
    validate(program);
    const Command command = parse_command_line(program, arguments);
    switch (command.mode) {
    case Mode::help:
        write_stdout(help_text(program));
        break;
    case Mode::version:
        write_stdout(version_text(program.name));
        break;
    case Mode::describe:
        write_stdout(describe(program));
        break;
    case Mode::query:
        return answer_query(program, command.query);
    case Mode::run:
        return run_experiment(for_device(program, command.options.device()), command);
    }
    return status(ExitCode::supported);
}

int fail(const std::string& program, ExitCode code, const std::string& message) {
    write_stderr_line(program + ": " + message);
    return status(code);
}

} // namespace

int run(const Program& program, int argc, char** argv) noexcept {
    open_missing_streams();
    const IgnoredSignals ignored_signals;
    try {
        return obey(program, {argv + 1, argv + argc});
    } catch (const InputError& error) {
        return fail(program.name, ExitCode::bad_input, error.what());
    } catch (const EnvironmentError& error) {
        return fail(program.name, ExitCode::environment, error.what());
    } catch (const std::system_error& error) { // files, threads
        return fail(program.name, ExitCode::environment, error.what());
    } catch (const std::bad_alloc&) {
        write_stderr_line("out of memory");
        return status(ExitCode::environment);
    } catch (const std::exception& error) {
        return fail(program.name, ExitCode::environment,
                    std::string("defect of the program: ") + error.what());
    } catch (...) {
        write_stderr_line("defect of the program");
        return status(ExitCode::environment);
    }
}

} // namespace moe
