// The frame as its user meets it: command lines in, exit codes, streams and files out.

#include "basics/hash.hpp"
#include "forward/cuda/device.hpp"
#include "program/build_info.hpp"
#include "program/toy_run.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace moe_test;
using nlohmann::json;
namespace fs = std::filesystem;

/// Runs a command line that must be refused: exit 2, one line on stderr that holds `part`, nothing
/// on stdout, nothing written.
void check_refused(const Arguments& arguments, const std::string& part) {
    const TemporaryFolder place;
    const auto result = run(toy_in(place.path() / "out", arguments));
    BOOST_TEST_CONTEXT("arguments " << json(arguments).dump()) {
        BOOST_TEST(result.exit_code == 2);
        BOOST_TEST(is_one_line(result.err));
        BOOST_TEST(contains(result.err, part));
        BOOST_TEST(result.out.empty());
        BOOST_TEST(fs::is_empty(place.path()));
    }
}

void check_environment_failure(const ProcessSpec& spec, const std::string& part) {
    const auto result = run(spec);
    BOOST_TEST(result.exit_code == 4);
    BOOST_TEST(is_one_line(result.err));
    BOOST_TEST(contains(result.err, part));
}

json verdict_in(const fs::path& out) {
    return json::parse(contents(out / "toy_theorem" / "verdict.json"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(toy_run)

BOOST_AUTO_TEST_CASE(the_exit_code_is_the_verdict) {
    const TemporaryFolder place;
    const auto exit_code = [&](const Arguments& arguments) {
        return run(toy_in(place.path(), arguments)).exit_code;
    };
    BOOST_TEST(exit_code({}) == 0);
    BOOST_TEST(exit_code({"--sabotage", "off-by-one"}) == 1);
    BOOST_TEST(exit_code({"--repetitions", "2", "--sizes", "16,64", "--tolerance", "0.02"}) == 3);
    BOOST_TEST(exit_code({"--terms", "-1"}) == 2);
    BOOST_TEST(exit_code({"--failure", "environment"}) == 4);
    BOOST_TEST(exit_code({"--failure", "memory"}) == 4);
    BOOST_TEST(exit_code({"--failure", "input"}) == 2);
    BOOST_TEST(exit_code({"--failure", "defect"}) == 4);
    // Without a GPU the environment fails; with one it is bad usage, since the toy has no use for
    // it.
    const bool usable = moe::cuda::find_device().usable;
    BOOST_TEST(exit_code({"--device", "cuda"}) == (usable ? 2 : 4));
}

BOOST_AUTO_TEST_CASE(every_declared_sabotage_is_refuted) {
    const json description = json::parse(run(toy({"--describe"})).out);
    BOOST_TEST(description.at("sabotages").size() == 2U);
    for (const json& sabotage : description.at("sabotages")) {
        const TemporaryFolder place;
        const std::string name = sabotage.at("name");
        const auto result =
            run(toy_in(place.path(),
                       Arguments{"--sabotage", name} + sabotage.at("arguments").get<Arguments>()));
        BOOST_TEST(result.exit_code == 1);
        const json verdict = verdict_in(place.path());
        BOOST_TEST(verdict.at("sabotage") == name);
        for (const json& claim : verdict.at("claims"))
            BOOST_TEST((claim.at("verdict") == "refuted") ==
                       (claim.at("check") == sabotage.at("refutes")));
        const json provenance = json::parse(contents(place.path() / "toy_theorem" / "run.json"));
        BOOST_TEST(provenance.at("sabotage") == name);
    }
    BOOST_TEST(!contains(run(toy({"--help"})).out, "sabotage"));
}

BOOST_AUTO_TEST_CASE(a_bad_command_line_is_one_clear_line_and_leaves_nothing) {
    check_refused({"--repetition", "3"}, "--repetition");
    check_refused({"--unknown"}, "--unknown");
    check_refused({"stray"}, "stray");
    check_refused({"--repetitions", "-3"}, "--repetitions: '-3'");
    check_refused({"--repetitions", "3x"}, "--repetitions: '3x'");
    check_refused({"--repetitions", "3", "--repetitions", "3"}, "--repetitions");
    check_refused({"--tolerance", "nan"}, "--tolerance: 'nan'");
    check_refused({"--tolerance", "inf"}, "--tolerance: 'inf'");
    check_refused({"--tolerance", "0"}, "(0, 10]");
    check_refused({"--sizes", "16,-64"}, "--sizes: '16,-64'");
    check_refused({"--seed", "-1"}, "--seed: '-1'");
    check_refused({"--threads", "0"}, "--threads: '0'");
    check_refused({"--only", "nothing"}, "rates, sums");
    check_refused({"--sabotage", "nothing"}, "bias, off-by-one");
    check_refused({"--data", "/nonexistent"}, "--data: '/nonexistent'");
    check_refused({"--sizes", "13"}, "--sizes: '13'"); // refused by the plan itself
    check_refused({"--failure", "a\nb"}, "--failure");
    check_refused({"--query", "{}"}, "\"q\"");
    BOOST_TEST(run(toy({"--out="})).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(results_are_the_same_bytes_at_every_thread_count_and_run_after_run) {
    const TemporaryFolder place;
    for (const char* threads : {"1", "2", "5"})
        BOOST_TEST(run(toy_in(place.path() / threads, {"--threads", threads})).exit_code == 0);
    const auto reference = results_in(place.path() / "1");
    BOOST_TEST(reference.size() == 4U);
    BOOST_TEST((results_in(place.path() / "2") == reference));
    BOOST_TEST((results_in(place.path() / "5") == reference));
    BOOST_TEST(run(toy_in(place.path() / "1")).exit_code == 0);
    BOOST_TEST((results_in(place.path() / "1") == reference));
    BOOST_TEST(run(toy_in(place.path() / "1", {"--seed", "2"})).exit_code == 0);
    BOOST_TEST((results_in(place.path() / "1") != reference));
}

BOOST_AUTO_TEST_CASE(measured_times_stand_in_run_json_and_in_no_table) {
    const TemporaryFolder place;
    BOOST_REQUIRE(run(toy_in(place.path(), {"--only", "sums"})).exit_code == 0);
    const fs::path folder = place.path() / "toy_theorem";
    const json timings = json::parse(contents(folder / "run.json")).at("timings");
    BOOST_REQUIRE(!timings.empty());
    for (const json& timing : timings) {
        BOOST_TEST(timing.at("what") == "triangle");
        BOOST_TEST(timing.at("seconds") == 0.25);
        BOOST_TEST(timing.at("cell").get<std::string>().starts_with("triangle.n"));
    }
    BOOST_TEST(!contains(contents(folder / "sums.csv"), "0.25"));
}

BOOST_AUTO_TEST_CASE(the_verdict_vouches_for_the_tables_by_their_hashes) {
    const TemporaryFolder place;
    (void)run(toy_in(place.path()));
    const json verdict = verdict_in(place.path());
    BOOST_TEST(verdict.at("tables").size() == 3U);
    for (const json& table : verdict.at("tables")) {
        const fs::path file = place.path() / "toy_theorem" / table.at("file").get<std::string>();
        const std::string csv = contents(file);
        BOOST_TEST(table.at("xxh64") == moe::hash_of(csv));
        const auto lines = static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n'));
        BOOST_TEST(table.at("rows") == lines - 1);
    }
}

BOOST_AUTO_TEST_CASE(only_runs_the_named_checks_on_the_same_random_numbers) {
    const TemporaryFolder place;
    (void)run(toy_in(place.path() / "all"));
    const auto result = run(toy_in(place.path() / "one", {"--only", "rates"}));
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.out, "not run"));
    auto all = results_in(place.path() / "all");
    auto one = results_in(place.path() / "one");
    BOOST_TEST(one.at("toy_theorem/errors.csv") == all.at("toy_theorem/errors.csv"));
    BOOST_TEST(one.at("toy_theorem/rates.csv") == all.at("toy_theorem/rates.csv"));
    BOOST_TEST(one.at("toy_theorem/sums.csv") == "n,sum,note,nothing\r\n");
    const json claims = verdict_in(place.path() / "one").at("claims");
    BOOST_TEST(claims.at(0).at("verdict") == "supported");
    BOOST_TEST(claims.at(1).at("verdict") == "not run");
    BOOST_TEST(claims.at(1).at("id") == "T.sum");
    BOOST_TEST(claims.at(1).at("reason") == "left out by --only");
    const auto both = run(toy_in(place.path() / "both", {"--only", "sums", "--only", "rates"}));
    BOOST_TEST(both.exit_code == 0);
    BOOST_TEST(!contains(both.out, "not run"));
}

BOOST_AUTO_TEST_CASE(a_claim_without_data_is_told_apart_from_one_that_fails) {
    const TemporaryFolder place;
    const auto partly = run(toy_in(place.path(), {"--terms", "0"}));
    BOOST_TEST(partly.exit_code == 0);
    BOOST_TEST(contains(partly.out, "no data with these options"));
    BOOST_TEST(!contains(partly.out, "does not hold"));
    const json claim = verdict_in(place.path()).at("claims").at(1);
    BOOST_TEST(claim.at("id") == "T.sum");
    BOOST_TEST(claim.at("verdict") == "not run");
    BOOST_TEST(claim.at("reason") == "no data with these options");
    BOOST_TEST(!claim.contains("measured"));
    BOOST_TEST(run(toy_in(place.path(), {"--terms", "0", "--sabotage", "bias"})).exit_code == 1);
    BOOST_TEST(run(toy_in(place.path(), {"--terms", "0", "--only", "sums"})).exit_code == 3);
    BOOST_TEST(verdict_in(place.path()).at("verdict") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(streams_hold_what_was_asked_for) {
    const TemporaryFolder place;
    const auto normal = run(toy_in(place.path(), {"--repetitions=9"}));
    BOOST_TEST(contains(normal.out, "repetitions  9 (given)"));
    BOOST_TEST(contains(normal.out, "T.rate"));
    BOOST_TEST(contains(normal.out, (place.path() / "toy_theorem").string()));
    BOOST_TEST(normal.err.empty()); // no progress: stderr is no terminal
    const auto quiet = run(toy_in(place.path(), {"--quiet"}));
    BOOST_TEST(quiet.out.empty());
    BOOST_TEST(quiet.err.empty());
    const auto as_json = run(toy_in(place.path(), {"--json"}));
    BOOST_TEST(as_json.out == contents(place.path() / "toy_theorem" / "verdict.json"));
}

BOOST_AUTO_TEST_CASE(the_program_tells_what_it_is_without_running) {
    const TemporaryFolder place;
    for (const char* mode : {"--help", "--version", "--describe"}) {
        ProcessSpec spec = toy({mode});
        spec.folder = place.path().string();
        const auto result = run(spec);
        BOOST_TEST(result.exit_code == 0);
        BOOST_TEST(result.err.empty());
        BOOST_TEST(!result.out.empty());
    }
    BOOST_TEST(fs::is_empty(place.path()));
    const json description = json::parse(run(toy({"--describe"})).out);
    for (const char* key : {"program", "papers", "claims", "checks", "presets", "options", "tables",
                            "figures", "sabotages", "queries"})
        BOOST_TEST(description.contains(key));
    BOOST_TEST(description.at("presets").at(1).at("usual_seconds") == 5.0);
    BOOST_TEST(description.at("options").at(1).at("full") == 200);
    BOOST_TEST(description.at("tables").back().at("name") == "rates");
    const std::string help = run(toy({"--help"})).out;
    for (const json& option : description.at("options"))
        BOOST_TEST(contains(help, "--" + option.at("name").get<std::string>()));
    BOOST_TEST(contains(help, description.at("example").get<std::string>()));
    const std::string version = run(toy({"--version"})).out;
    for (const char* part : {"git revision", "compiler"})
        BOOST_TEST(contains(version, part));
    // The toolkit's version and the GPU or why there is none.
    BOOST_TEST(contains(version, moe::build_info().cuda ? "GPU: " : "\nCUDA: no\n"));
}

BOOST_AUTO_TEST_CASE(a_query_is_answered_on_one_line_without_writing) {
    const TemporaryFolder place;
    const auto ask = [&](const std::string& query, const std::string& input = "") {
        ProcessSpec spec = toy({"--query", query});
        spec.standard_input = input;
        spec.folder = place.path().string();
        return run(spec);
    };
    BOOST_TEST(ask(R"({"q":"sum","n":100})").out == "{\"sum\":5050}\n");
    BOOST_TEST(ask("-", R"({"q":"sum","n":4})").out == "{\"sum\":10}\n");
    const json norms = json::parse(ask(R"({"q":"norm","n":2,"x":[[0.6,0.8],[0.1,0.2]]})").out);
    BOOST_TEST(norms.at("norm").at(1).get<double>() == std::sqrt(0.1 * 0.1 + 0.2 * 0.2));
    for (const char* bad :
         {"", "{", "-", R"({"q":"none"})", R"({"n":3})", R"({"q":"sum"})", R"({"q":"sum","n":0})",
          R"({"q":"sum","n":1.5})", R"({"q":"sum","n":3,"m":4})", R"({"q":3})"}) {
        const auto result = ask(bad);
        BOOST_TEST(result.exit_code == 2);
        BOOST_TEST(is_one_line(result.err));
        BOOST_TEST(result.out.empty());
    }
    BOOST_TEST(contains(ask(R"({"q":"sum","n":3,"m":4})").err, "\"m\""));
    BOOST_TEST(fs::is_empty(place.path()));
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_written_is_a_failure_of_the_environment) {
    const TemporaryFolder place;
    const fs::path file = place.path() / "file";
    std::ofstream(file) << "x";
    check_environment_failure(toy_in(file), "--out");
    check_environment_failure(toy_in(file / "below"), "--out");
    ProcessSpec full = toy_in(place.path() / "out");
    full.stdout_path = "/dev/full";
    check_environment_failure(full, "No space left");
    BOOST_TEST(!fs::exists(place.path() / "out"));
    ProcessSpec query = toy({"--query", R"({"q":"sum","n":4})"});
    query.stdout_path = "/dev/full";
    check_environment_failure(query, "No space left");
}

BOOST_AUTO_TEST_CASE(when_the_disk_is_full_the_old_results_stay) {
    const TemporaryFolder place;
    BOOST_TEST(run(toy_in(place.path())).exit_code == 0);
    const auto before = results_in(place.path());
    // Enough for the checkpoint's small files, too little for a table of 64 rows.
    ProcessSpec spec = toy_in(place.path(), {"--quiet", "--repetitions", "16"});
    spec.file_size_limit = 1000;
    check_environment_failure(spec, "File too large");
    auto after = results_in(place.path());
    std::erase_if(after, [](const auto& entry) { return contains(entry.first, "checkpoint"); });
    BOOST_TEST((after == before));
    // Too little even for the checkpoint's manifest (but not for the line on stderr).
    spec = toy_in(place.path(), {"--quiet"});
    spec.file_size_limit = 250;
    check_environment_failure(spec, "File too large");
    // With space again the same run goes on.
    BOOST_TEST(run(toy_in(place.path(), {"--quiet"})).exit_code == 0);
    BOOST_TEST((results_in(place.path()) == before));
}

BOOST_AUTO_TEST_CASE(a_reader_that_leaves_does_not_spoil_the_run) {
    const TemporaryFolder place;
    BOOST_TEST(run(toy_in(place.path() / "normal")).exit_code == 0);
    ProcessSpec spec = toy_in(place.path() / "piped");
    spec.reader_left = true;
    const auto result = run(spec);
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.err.empty());
    BOOST_TEST((results_in(place.path() / "piped") == results_in(place.path() / "normal")));
}

BOOST_AUTO_TEST_CASE(scratch_folders_are_gone_afterwards) {
    const TemporaryFolder place;
    fs::create_directories(place.path() / "toy_theorem" / "scratch" / "left");
    std::ofstream(place.path() / "toy_theorem" / ".sums.csv.tmp-1-0") << "left";
    BOOST_TEST(run(toy_in(place.path())).exit_code == 0);
    BOOST_TEST(!fs::exists(place.path() / "toy_theorem" / "scratch"));
    BOOST_TEST(!fs::exists(place.path() / "toy_theorem" / "checkpoint"));
    BOOST_TEST(!fs::exists(place.path() / "toy_theorem" / ".sums.csv.tmp-1-0"));
}

BOOST_AUTO_TEST_SUITE_END()
