// Runs that are ended by signals and gone on with.

#include "program/toy_run.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace {

using namespace moe_test;
using namespace std::chrono_literals;
using nlohmann::json;
namespace fs = std::filesystem;

/// 42 cells that take about 20 ms each.
const Arguments slow = {"--delay", "20", "--threads", "2", "--quiet"};

std::size_t finished_cells(const fs::path& out) {
    const fs::path folder = out / "toy_theorem" / "checkpoint";
    std::size_t count = 0;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().extension() == ".cell") ++count;
    return count;
}

/// Waits until the run has finished some cells.
void wait_for_cells(const fs::path& out, std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (finished_cells(out) < count && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(2ms);
    BOOST_REQUIRE(finished_cells(out) >= count);
}

ProcessResult run_until(const ProcessSpec& spec, const fs::path& out, std::size_t cells,
                        int signal) {
    Process process(spec);
    wait_for_cells(out, cells);
    process.send(signal);
    return process.wait();
}

/// Results of a run that nobody interrupted (the delay does not reach them but for its own value).
std::map<std::string, std::string> reference() {
    const TemporaryFolder place;
    BOOST_TEST(run(toy_in(place.path(), slow)).exit_code == 0);
    return results_in(place.path());
}

} // namespace

BOOST_AUTO_TEST_SUITE(interruption)

BOOST_AUTO_TEST_CASE(a_stopped_run_keeps_its_cells_and_resumes_to_the_same_bytes) {
    const auto expected = reference();
    for (const int signal : {SIGINT, SIGTERM}) {
        const TemporaryFolder place;
        const auto stopped = run_until(toy_in(place.path(), slow), place.path(), 5, signal);
        BOOST_TEST(stopped.exit_code == 128 + signal);
        BOOST_TEST(is_one_line(stopped.err));
        BOOST_TEST(contains(stopped.err, "--resume"));
        const std::size_t kept = finished_cells(place.path());
        BOOST_TEST(kept >= 5U);
        BOOST_TEST(kept < 42U);
        BOOST_TEST(!fs::exists(place.path() / "toy_theorem" / "verdict.json"));
        BOOST_TEST(!fs::exists(place.path() / "toy_theorem" / "scratch"));

        const Arguments other_threads = {"--delay", "20", "--threads", "1", "--quiet", "--resume"};
        BOOST_TEST(run(toy_in(place.path(), other_threads)).exit_code == 0);
        BOOST_TEST((results_in(place.path()) == expected));
        const json record = json::parse(contents(place.path() / "toy_theorem" / "run.json"));
        BOOST_TEST(record.at("cells").at("resumed") == kept);
    }
}

BOOST_AUTO_TEST_CASE(a_stop_request_reaches_a_cell_in_the_middle_of_its_work) {
    const TemporaryFolder place;
    Process process(toy_in(place.path(), {"--delay", "60000", "--quiet"}));
    const auto start = std::chrono::steady_clock::now();
    while (!fs::exists(place.path() / "toy_theorem" / "checkpoint" / "manifest.json") &&
           std::chrono::steady_clock::now() < start + 30s)
        std::this_thread::sleep_for(2ms);
    process.send(SIGINT);
    BOOST_TEST(process.wait().exit_code == 128 + SIGINT);
    BOOST_TEST((std::chrono::steady_clock::now() - start < 30s));
}

BOOST_AUTO_TEST_CASE(other_options_seeds_and_checks_are_not_resumed) {
    const TemporaryFolder place;
    const auto stopped = run_until(toy_in(place.path(), slow), place.path(), 3, SIGTERM);
    BOOST_TEST(stopped.exit_code == 128 + SIGTERM);
    const std::size_t kept = finished_cells(place.path());
    const auto check = [&](const Arguments& extra, const std::string& part) {
        const auto result = run(toy_in(place.path(), Arguments{"--resume"} + extra));
        BOOST_TEST(result.exit_code == 2);
        BOOST_TEST(contains(result.err, part));
        BOOST_TEST(contains(result.err, "--resume"));
        BOOST_TEST(finished_cells(place.path()) == kept);
    };
    check(slow + Arguments{"--seed", "2"}, "--seed");
    check(slow + Arguments{"--repetitions", "9"}, "--repetitions");
    check(slow + Arguments{"--only", "sums"}, "--only");
    check(slow + Arguments{"--sabotage", "bias"}, "--sabotage");
    check(slow + Arguments{"--preset", "full"}, "--preset");
    check({"--quiet"}, "--delay");
}

BOOST_AUTO_TEST_CASE(a_fresh_run_says_that_it_discards_an_unfinished_one) {
    const TemporaryFolder place;
    (void)run_until(toy_in(place.path(), slow), place.path(), 3, SIGTERM);
    const auto fresh = run(toy_in(place.path()));
    BOOST_TEST(fresh.exit_code == 0);
    BOOST_TEST(contains(fresh.err, "discarded"));
    const auto resumed = run(toy_in(place.path(), {"--resume"}));
    BOOST_TEST(resumed.exit_code == 0);
    BOOST_TEST(contains(resumed.err, "no unfinished run"));
}

BOOST_AUTO_TEST_CASE(a_second_run_in_the_same_folder_is_turned_away) {
    const TemporaryFolder place;
    Process first(toy_in(place.path(), slow));
    wait_for_cells(place.path(), 1);
    for (const Arguments& extra : {Arguments{}, Arguments{"--resume"}}) {
        const auto second = run(toy_in(place.path(), slow + extra));
        BOOST_TEST(second.exit_code == 4);
        BOOST_TEST(is_one_line(second.err));
        BOOST_TEST(contains(second.err, "another run"));
    }
    BOOST_TEST(first.wait().exit_code == 0);
    BOOST_TEST((results_in(place.path()) == reference()));
}

BOOST_AUTO_TEST_CASE(damaged_cells_are_done_again) {
    const auto expected = reference();
    const TemporaryFolder place;
    (void)run_until(toy_in(place.path(), slow), place.path(), 6, SIGKILL);
    std::size_t index = 0;
    for (const auto& entry : fs::directory_iterator(place.path() / "toy_theorem" / "checkpoint")) {
        if (entry.path().extension() != ".cell") continue;
        const std::string bytes = contents(entry.path());
        if (++index % 2 == 0)
            std::ofstream(entry.path(), std::ios::trunc) << bytes.substr(0, bytes.size() / 2);
    }
    BOOST_TEST(run(toy_in(place.path(), slow + Arguments{"--resume"})).exit_code == 0);
    BOOST_TEST((results_in(place.path()) == expected));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(slow_interruption)

BOOST_AUTO_TEST_CASE(killed_at_any_moment_again_and_again_a_run_resumes_to_the_same_bytes) {
    const Arguments quick = {"--delay", "3", "--threads", "2", "--quiet", "--resume"};
    const TemporaryFolder whole;
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(run(toy_in(whole.path(), quick + Arguments{})).exit_code == 0);
    const auto usual = std::chrono::steady_clock::now() - start;
    const auto expected = results_in(whole.path());
    // Moments spread over the whole run and a little beyond: start, cells, writing, after the end.
    constexpr int moments = 40;
    for (int moment = 0; moment < moments; ++moment) {
        const TemporaryFolder place;
        const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(
            usual * (moment + 1) * 1.1 / moments);
        (void)run_with_signal(toy_in(place.path(), quick), SIGKILL, after);
        (void)run_with_signal(toy_in(place.path(), quick), SIGKILL, after / 2);
        const auto last = run(toy_in(place.path(), quick));
        BOOST_TEST(last.exit_code == 0);
        BOOST_TEST((results_in(place.path()) == expected));
    }
}

BOOST_AUTO_TEST_CASE(killed_in_the_last_moments_a_run_leaves_whole_files) {
    const Arguments quick = {"--threads", "2", "--quiet"};
    const TemporaryFolder place;
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(run(toy_in(place.path(), quick)).exit_code == 0);
    const auto usual = std::chrono::steady_clock::now() - start;
    const auto old_results = results_in(place.path());
    const Arguments other = quick + Arguments{"--seed", "2"};
    const TemporaryFolder whole;
    BOOST_TEST(run(toy_in(whole.path(), other)).exit_code == 0);
    const auto new_results = results_in(whole.path());
    constexpr int moments = 60;
    for (int moment = 0; moment < moments; ++moment) {
        BOOST_TEST(run(toy_in(place.path(), quick)).exit_code == 0);
        const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(
            usual * (moments / 2 + moment) / moments);
        (void)run_with_signal(toy_in(place.path(), other), SIGKILL, after);
        // Each file is the old one or the new one, never anything between.
        for (const auto& [name, bytes] : old_results) {
            const std::string now = contents(place.path() / name);
            BOOST_TEST((now == bytes || now == new_results.at(name)));
        }
        BOOST_TEST(run(toy_in(place.path(), other + Arguments{"--resume"})).exit_code == 0);
        BOOST_TEST((results_in(place.path()) == new_results));
    }
}

BOOST_AUTO_TEST_SUITE_END()
