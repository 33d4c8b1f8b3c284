// What holds for every theorem program, whatever it is about. The program under test stands on the
// command line: test_theorem --run_test=SUITE -- PROGRAM [NAME OF A SABOTAGE | FOLDER OF A RUN].

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using moe_test::ProcessResult;
using moe_test::TemporaryFolder;
using nlohmann::json;

/// Exit codes as a user meets them.
constexpr int supported = 0;
constexpr int refuted = 1;
constexpr int bad_input = 2;

std::string argument(int position, const char* what) {
    const auto& suite = boost::unit_test::framework::master_test_suite();
    if (suite.argc <= position)
        throw std::runtime_error(std::string("the command line lacks ") + what);
    return suite.argv[position];
}

std::string program() {
    return argument(1, "the program");
}

std::string program_name() {
    return fs::path(program()).filename().string();
}

ProcessResult run_program(const std::vector<std::string>& arguments) {
    return moe_test::run({.program = program(), .arguments = arguments});
}

json description() {
    const ProcessResult result = run_program({"--describe"});
    BOOST_REQUIRE_EQUAL(result.exit_code, supported);
    return json::parse(result.out);
}

std::string contents(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> names(const json& entries, const char* key = "name") {
    std::set<std::string> result;
    for (const json& entry : entries)
        result.insert(entry.at(key).get<std::string>());
    return result;
}

/// Bytes of all results but the provenance, by file name.
std::map<std::string, std::string> deterministic_files(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".csv") || name == "verdict.json") files[name] = contents(entry.path());
    }
    return files;
}

/// Fails unless the arguments are refused as bad usage by one line that contains `culprit`, with
/// nothing printed and nothing written.
void check_refused(std::vector<std::string> arguments, const std::string& culprit,
                   bool with_folder = true) {
    const TemporaryFolder folder;
    if (with_folder) {
        arguments.emplace_back("--out");
        arguments.push_back((folder.path() / "out").string());
    }
    const ProcessResult result = run_program(arguments);
    BOOST_TEST_CONTEXT("refusing " << arguments.at(0) << ", message: " << result.err) {
        BOOST_TEST(result.exit_code == bad_input);
        BOOST_TEST(result.out.empty());
        BOOST_TEST(std::ranges::count(result.err, '\n') == 1);
        BOOST_TEST(result.err.find(culprit) != std::string::npos);
        BOOST_TEST(fs::is_empty(folder.path()));
    }
}

/// Number of cells that a run in progress has kept.
std::ptrdiff_t kept_cells(const fs::path& folder) {
    std::error_code missing;
    const fs::directory_iterator files(folder / "checkpoint", missing);
    return missing ? 0 : std::distance(begin(files), end(files)) - 1; // less the manifest
}

/// Starts a run and ends it by a signal once it has kept `cells` cells; gives back the number kept.
/// A run that ends before is fine.
std::ptrdiff_t interrupt(const std::vector<std::string>& arguments, const fs::path& folder,
                         std::ptrdiff_t cells, int signal) {
    constexpr auto pause = std::chrono::milliseconds(2);
    constexpr auto patience = std::chrono::minutes(5);
    const auto start = std::chrono::steady_clock::now();
    moe_test::Process process({.program = program(), .arguments = arguments});
    while (kept_cells(folder) < cells && !fs::exists(folder / "verdict.json") &&
           std::chrono::steady_clock::now() - start < patience)
        std::this_thread::sleep_for(pause);
    process.send(signal);
    const ProcessResult result = process.wait();
    const bool ended_by_signal = result.exit_code == 128 + signal || result.signal == signal;
    BOOST_TEST((ended_by_signal || result.exit_code == supported), result.err);
    return kept_cells(folder);
}

} // namespace

BOOST_AUTO_TEST_SUITE(describe)

BOOST_AUTO_TEST_CASE(a_program_describes_itself_completely) {
    const json about = description();
    BOOST_TEST(about.at("program").get<std::string>() == program_name());
    BOOST_TEST(about.at("example").get<std::string>().starts_with(program_name()));
    for (const char* const part :
         {"summary", "papers", "claims", "checks", "tables", "figures", "sabotages"})
        BOOST_TEST(!about.at(part).empty(), part << " is empty");
    BOOST_TEST((names(about.at("presets")) == std::set<std::string>{"quick", "full"}));
    for (const json& preset : about.at("presets"))
        BOOST_TEST(preset.at("usual_seconds").get<double>() > 0.0);
    for (const json& claim : about.at("claims"))
        for (const char* const part : {"id", "paper", "theorem", "statement"})
            BOOST_TEST(!claim.at(part).get<std::string>().empty(), claim << " lacks " << part);
}

BOOST_AUTO_TEST_CASE(every_check_judges_a_claim_and_every_sabotage_aims_at_a_check) {
    const json about = description();
    const std::set<std::string> checks = names(about.at("checks"));
    BOOST_TEST((names(about.at("claims"), "check") == checks));
    for (const json& sabotage : about.at("sabotages"))
        BOOST_TEST(checks.contains(sabotage.at("refutes").get<std::string>()), sabotage);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(help)

BOOST_AUTO_TEST_CASE(help_names_every_option_and_hides_the_sabotages) {
    const ProcessResult result = run_program({"--help"});
    BOOST_TEST(result.exit_code == supported);
    BOOST_TEST(result.err.empty());
    const json about = description();
    for (const std::string& option : names(about.at("options")))
        BOOST_TEST(result.out.find("--" + option) != std::string::npos, option);
    BOOST_TEST(result.out.find(about.at("example").get<std::string>()) != std::string::npos);
    BOOST_TEST(result.out.find("sabotage") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(version_names_program_and_compiler) {
    const ProcessResult result = run_program({"--version"});
    BOOST_TEST(result.exit_code == supported);
    BOOST_TEST(result.out.find(program_name()) != std::string::npos);
#ifdef __clang__
    BOOST_TEST(result.out.find("Clang") != std::string::npos);
#else
    BOOST_TEST(result.out.find("GNU") != std::string::npos);
#endif
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(bad_usage)

BOOST_AUTO_TEST_CASE(what_no_program_takes_is_refused_with_one_line) {
    check_refused({"--no-such-option"}, "no-such-option");
    check_refused({"--pres", "full"}, "pres");
    check_refused({"stray"}, "stray");
    check_refused({"--preset", "medium"}, "medium");
    check_refused({"--seed", "-1"}, "-1");
    check_refused({"--seed", "nan"}, "nan");
    check_refused({"--seed", "7x"}, "7x");
    check_refused({"--threads", "-2"}, "-2");
    check_refused({"--device", "abacus"}, "abacus");
    check_refused({"--only", "no-such-check"}, "no-such-check");
    check_refused({"--sabotage", "no-such-sabotage"}, "no-such-sabotage");
    check_refused({"--query", "{"}, "--query", false);
    check_refused({"--query", R"({"q":"no-such-question"})"}, "no-such-question", false);
}

BOOST_AUTO_TEST_CASE(every_option_of_a_theorem_refuses_values_of_another_kind) {
    const json about = description();
    BOOST_TEST_REQUIRE(!about.at("options").empty());
    for (const json& option : about.at("options")) {
        const std::string name = "--" + option.at("name").get<std::string>();
        const json& value = option.at("quick");
        const bool is_choice = option.at("allowed").get<std::string>().starts_with("one of");
        if (!value.is_number() && !value.is_array() && !is_choice) continue;
        for (const char* const wrong : {"nan", "1x", ""})
            check_refused({name, wrong}, name);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(runs)

BOOST_AUTO_TEST_CASE(the_example_of_the_help_supports_the_theorem) {
    std::istringstream words(description().at("example").get<std::string>());
    std::vector<std::string> arguments{std::istream_iterator<std::string>(words), {}};
    BOOST_TEST_REQUIRE(arguments.at(0) == program_name());
    arguments.erase(arguments.begin());
    const TemporaryFolder folder;
    arguments.insert(arguments.end(), {"--out", folder.path().string()});
    const ProcessResult result = run_program(arguments);
    BOOST_TEST(result.exit_code == supported, result.out << result.err);
}

BOOST_AUTO_TEST_CASE(every_check_can_be_run_alone) {
    for (const std::string& check : names(description().at("checks"))) {
        const TemporaryFolder folder;
        const ProcessResult result =
            run_program({"--only", check, "--out", folder.path().string()});
        BOOST_TEST(result.exit_code == supported, check << ": " << result.out << result.err);
        const json verdict = json::parse(contents(folder.path() / program_name() / "verdict.json"));
        for (const json& claim : verdict.at("claims")) {
            const bool selected = claim.at("check") == check;
            BOOST_TEST((claim.at("verdict") == "not run") != selected, check << ": " << claim);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sabotage)

BOOST_AUTO_TEST_CASE(a_sabotaged_run_refutes_a_claim_of_the_check_that_it_breaks) {
    const std::string name = argument(2, "the name of the sabotage");
    const json about = description();
    const json& sabotages = about.at("sabotages");
    const auto found = std::ranges::find_if(
        sabotages, [&](const json& entry) { return entry.at("name") == name; });
    BOOST_TEST_REQUIRE((found != sabotages.end()));

    const TemporaryFolder folder;
    std::vector<std::string> arguments = {"--quiet", "--sabotage", name, "--out",
                                          folder.path().string()};
    for (const json& extra : found->at("arguments"))
        arguments.push_back(extra.get<std::string>());
    const ProcessResult result = run_program(arguments);
    BOOST_TEST(result.exit_code == refuted, result.err);

    const json verdict = json::parse(contents(folder.path() / program_name() / "verdict.json"));
    const bool hit = std::ranges::any_of(verdict.at("claims"), [&](const json& claim) {
        return claim.at("check") == found->at("refutes") && claim.at("verdict") == "refuted";
    });
    BOOST_TEST(hit, "no claim of the check " << found->at("refutes") << " is refuted");
    BOOST_TEST(verdict.at("verdict") == "refuted");
    BOOST_TEST(verdict.at("sabotage") == name);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(interruption)

/// One thread and SIGINT, three threads and SIGKILL, two threads to the end: the same bytes as
/// those of a run that nothing disturbed.
BOOST_AUTO_TEST_CASE(interruptions_and_thread_counts_leave_no_trace_in_the_results) {
    const fs::path undisturbed = fs::path(argument(2, "the folder of a run")) / program_name();
    const TemporaryFolder root;
    const fs::path folder = root.path() / program_name();
    const auto arguments = [&](const char* threads, bool resume) {
        std::vector<std::string> list = {"--quiet",  "--preset", "quick",
                                         "--device", "cpu",      "--threads",
                                         threads,    "--out",    root.path().string()};
        if (resume) list.emplace_back("--resume");
        return list;
    };
    const std::ptrdiff_t kept = interrupt(arguments("1", false), folder, 3, SIGINT);
    interrupt(arguments("3", true), folder, kept + 3, SIGKILL);
    const ProcessResult last = run_program(arguments("2", true));
    BOOST_TEST(last.exit_code == supported, last.err);

    const auto expected = deterministic_files(undisturbed);
    const auto found = deterministic_files(folder);
    BOOST_TEST(expected.contains("verdict.json"));
    BOOST_TEST(found.size() == expected.size());
    for (const auto& [name, bytes] : expected)
        BOOST_TEST((found.contains(name) && found.at(name) == bytes), name << " differs");
}

BOOST_AUTO_TEST_SUITE_END()
