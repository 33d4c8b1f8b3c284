#include "program/command_line.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "basics/parallel.hpp"
#include "program/device.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace moe {

namespace po = boost::program_options;

namespace {

constexpr std::int64_t most_threads = 1024;

/// Options as they stand on the command line: name and value, in order.
using Given = std::vector<std::pair<std::string, std::string>>;

[[noreturn]] void refuse(const std::string& option, const std::string& value,
                         const std::string& allowed) {
    throw InputError("--" + option + ": '" + value + "' is not allowed; allowed: " + allowed);
}

Given split_arguments(const Program& program, const std::vector<std::string>& arguments) {
    po::options_description known;
    const auto declare = [&](const std::string& name, bool has_value) {
        if (has_value)
            known.add_options()(name.c_str(), po::value<std::string>());
        else
            known.add_options()(name.c_str(), "");
    };
    for (const CommonOption& option : common_options())
        declare(option.name, !option.argument.empty());
    for (const OptionSpec& option : program.options)
        declare(option.name, !std::holds_alternative<FlagKind>(option.kind));

    using Style = po::command_line_style::style_t;
    const int style = Style::allow_long | Style::long_allow_adjacent | Style::long_allow_next;
    Given given;
    try {
        const auto parsed = po::command_line_parser(arguments).options(known).style(style).run();
        for (const po::option& option : parsed.options) {
            if (option.position_key >= 0 || option.string_key.empty())
                throw InputError("unexpected argument '" + option.original_tokens.front() +
                                 "'; allowed: options that begin with --, see --help");
            const std::string value = option.value.empty() ? "" : option.value.front();
            // "--out --quiet" would take an option for a folder.
            if (option.original_tokens.size() == 2 && value.starts_with("--"))
                throw InputError("option '--" + option.string_key + "' needs a value; '" + value +
                                 "' would have to be written --" + option.string_key + "=" + value);
            given.emplace_back(option.string_key, value);
        }
    } catch (const po::unknown_option& error) {
        throw InputError("unknown option '" + error.get_option_name() +
                         "'; allowed: the options of --help, not abbreviated");
    } catch (const po::invalid_command_line_syntax& error) {
        const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
        throw InputError("option '" + error.get_option_name() +
                         (extra ? "' takes no value" : "' needs a value"));
    }
    return given;
}

void refuse_repetitions(const Given& given) {
    std::set<std::string> seen;
    for (const auto& [name, value] : given)
        if (!seen.insert(name).second && name != "only")
            throw InputError("--" + name + ": '" + value + "' is given again; allowed: once");
}

template<class Entries>
std::string names_of(const Entries& entries) {
    std::string text;
    for (const auto& entry : entries)
        text += (text.empty() ? "" : ", ") + entry.name;
    return text.empty() ? "none" : text;
}

template<class Entries>
void require_name(const std::string& option, const std::string& value, const Entries& entries) {
    if (std::ranges::none_of(entries, [&](const auto& entry) { return entry.name == value; }))
        refuse(option, value, names_of(entries));
}

/// The value of a common option if it was given.
std::optional<std::string> find(const Given& given, std::string_view name) {
    for (const auto& [key, value] : given)
        if (key == name) return value;
    return std::nullopt;
}

RunSettings read_settings(const Program& program, const Given& given) {
    RunSettings settings;
    settings.threads = available_cores();
    if (const auto preset = find(given, "preset")) {
        if (*preset != "quick" && *preset != "full") refuse("preset", *preset, "quick, full");
        settings.preset = *preset == "full" ? Preset::full : Preset::quick;
    }
    if (const auto text = find(given, "seed")) {
        const auto seed = parse_integer<std::uint64_t>(*text);
        if (!seed) refuse("seed", *text, "an integer 0..18446744073709551615");
        settings.seed = *seed;
    }
    if (const auto text = find(given, "threads")) {
        const auto threads = parse_integer<std::int64_t>(*text);
        const IntegerRange range{1, most_threads};
        if (!threads || !range.contains(*threads))
            refuse("threads", *text, "an integer " + to_string(range));
        settings.threads = static_cast<unsigned>(*threads);
    }
    if (const auto device = find(given, "device"))
        if (*device != "auto" && *device != "cpu" && *device != "cuda")
            refuse("device", *device, "auto, cpu, cuda");
    if (const auto out = find(given, "out")) {
        if (out->empty() || out->find('\0') != std::string::npos)
            refuse("out", *out, "the path of a folder");
        settings.out = *out;
    }
    for (const auto& [name, check] : given) {
        if (name != "only") continue;
        require_name("only", check, program.checks);
        if (std::ranges::find(settings.only, check) == settings.only.end())
            settings.only.push_back(check);
    }
    std::ranges::sort(settings.only);
    if (const auto sabotage = find(given, "sabotage")) {
        require_name("sabotage", *sabotage, program.sabotages);
        settings.sabotage = *sabotage;
    }
    return settings;
}

std::map<std::string, OptionValue> read_theorem_options(const Program& program,
                                                        const Given& given) {
    std::map<std::string, OptionValue> values;
    for (const OptionSpec& spec : program.options)
        if (const auto text = find(given, spec.name))
            values.emplace(spec.name, parse_option(spec, *text));
    return values;
}

Mode read_mode(const Given& given) {
    const std::vector<std::pair<std::string, Mode>> modes = {{"help", Mode::help},
                                                             {"version", Mode::version},
                                                             {"describe", Mode::describe},
                                                             {"query", Mode::query}};
    Mode mode = Mode::run;
    std::string chosen;
    for (const auto& [name, candidate] : modes) {
        if (!find(given, name)) continue;
        if (!chosen.empty())
            throw InputError("--" + name + " does not go together with --" + chosen);
        mode = candidate;
        chosen = name;
    }
    return mode;
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() + 2 > width) return text + "\n" + std::string(width, ' ');
    text.resize(width, ' ');
    return text;
}

constexpr std::size_t help_column = 30;

std::string help_line(const std::string& name, const std::string& argument, const std::string& help,
                      const std::string& defaults) {
    const std::string left = "  --" + name + (argument.empty() ? "" : " " + argument);
    return padded(left, help_column) + help + (defaults.empty() ? "" : " [" + defaults + "]") +
           "\n";
}

std::string help_line(const OptionSpec& spec) {
    if (std::holds_alternative<FlagKind>(spec.kind)) return help_line(spec.name, "", spec.help, "");
    const auto shown = [&](const OptionValue& value) {
        const std::string text = to_string(value);
        return (text.empty() ? "none" : text) + (spec.unit.empty() ? "" : " " + spec.unit);
    };
    const std::string quick = shown(spec.quick);
    const std::string full = shown(spec.full);
    return help_line(spec.name, "VALUE", spec.help,
                     quick == full ? quick : "quick " + quick + "; full " + full) +
           std::string(help_column, ' ') + "allowed: " + allowed_values(spec.kind) + "\n";
}

} // namespace

std::vector<CommonOption> common_options() {
    return {
        {"preset", "quick|full", "size of the experiment; given options override it", "quick"},
        {"seed", "N", "the seed of all random numbers", std::to_string(RunSettings{}.seed)},
        {"threads", "N", "worker threads; results do not depend on it", "all cores"},
        {"device", "auto|cpu|cuda", "where batched forward passes run", "auto"},
        {"out", "DIR", "results go to DIR/<program>/", RunSettings{}.out.string()},
        {"resume", "", "go on from the finished cells of an interrupted run", ""},
        {"only", "CHECK", "run only this check (repeatable)", "all checks"},
        {"no-progress", "", "no progress on stderr", ""},
        {"quiet", "", "print nothing but errors", ""},
        {"json", "", "print verdict.json instead of the table for people", ""},
        {"query", "JSON", "answer one question as JSON and do nothing else; - reads stdin", ""},
        {"describe", "", "print what the program says of itself as JSON", ""},
        {"help", "", "print this help", ""},
        {"version", "", "print version, compiler, CUDA and git revision", ""},
        {"sabotage", "NAME", "break the experiment as listed by --describe", "", true},
    };
}

Command parse_command_line(const Program& program, const std::vector<std::string>& arguments) {
    const Given given = split_arguments(program, arguments);
    refuse_repetitions(given);
    const Mode mode = read_mode(given);
    RunSettings settings = read_settings(program, given);
    const std::map<std::string, OptionValue> values = read_theorem_options(program, given);
    std::string device_reason;
    if (mode == Mode::run || mode == Mode::query) {
        DeviceChoice device =
            choose_device(find(given, "device").value_or("auto"), program.on_device.has_parts());
        settings.device = std::move(device.name);
        device_reason = std::move(device.reason);
    }
    const auto has = [&](std::string_view name) { return find(given, name).has_value(); };
    return {.mode = mode,
            .options = Options(program.options, std::move(settings), values),
            .device_reason = std::move(device_reason),
            .query = find(given, "query").value_or(""),
            .resume = has("resume"),
            .progress = !has("no-progress"),
            .quiet = has("quiet"),
            .json = has("json")};
}

std::string help_text(const Program& program) {
    std::string text = program.name + ": " + program.summary + "\nPapers:";
    for (const std::string& paper : program.papers)
        text += (paper == program.papers.front() ? " " : ", ") + paper;
    text += "\n\nUsage: " + program.name + " [options]\nExample: " + program.example +
            "\n\nOptions of every program:\n";
    for (const CommonOption& option : common_options())
        if (!option.hidden)
            text += help_line(option.name, option.argument, option.help, option.default_text);
    if (!program.options.empty()) text += "\nOptions of this theorem:\n";
    for (const OptionSpec& spec : program.options)
        text += help_line(spec);
    text += "\nChecks (--only):\n";
    for (const CheckInfo& check : program.checks)
        text += padded("  " + check.name, help_column) + check.description + "\n";
    if (!program.queries.empty()) text += "\nQueries (--query '{\"q\": NAME, ...}'):\n";
    for (const QueryInfo& query : program.queries)
        text += padded("  " + query.name, help_column) + query.signature + "\n";
    text += "\nExit status: 0 supported, 1 refuted, 2 bad input, 3 inconclusive, 4 environment.\n";
    return text;
}

} // namespace moe
