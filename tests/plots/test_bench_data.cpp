#include "plots/bench_data.hpp"
#include "plots/drawn.hpp"
#include "plots/figure_program.hpp"
#include "support/temporary_folder.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using moe_test::bytes_of;
using moe_test::plain_text;
using moe_test::TemporaryFolder;

/// A benchmark as Google Benchmark writes it; `kind` is "iteration" or the name of an aggregate.
std::string entry(const std::string& run_name, const std::string& kind, double ns) {
    const bool aggregate = kind != "iteration";
    return R"({"name": ")" + run_name + (aggregate ? "_" + kind : "") + R"(", "run_name": ")" +
           run_name + R"(", "run_type": ")" + (aggregate ? "aggregate" : "iteration") + "\", " +
           (aggregate ? R"("aggregate_name": ")" + kind + "\", " : "") +
           R"("threads": 1, "iterations": 7, "cpu_time": 2.5, "time_unit": "us", "ns/input": )" +
           std::to_string(ns) + "}";
}

std::string file_of(std::initializer_list<std::string> entries) {
    std::string text;
    for (const std::string& one : entries)
        text += (text.empty() ? "" : ",\n") + one;
    return R"({"context": {"host_name": "x"}, "benchmarks": [)" + text + "]}";
}

/// A check that an error says these words.
std::function<bool(const moe::InputError&)> says(const std::string& words) {
    return [words](const moe::InputError& error) {
        BOOST_TEST_MESSAGE(error.what());
        return std::string(error.what()).find(words) != std::string::npos;
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(bench_data)

BOOST_AUTO_TEST_CASE(parts_of_names_and_counters_become_columns) {
    const moe::PlotTable table = moe::benchmark_table(
        file_of({entry("ours/float32/n:8/experts:64/threads:2/min_time:0.100/real_time",
                       "iteration", 19.5),
                 entry("eigen<double>/n:8/manual_time", "iteration", 40)}),
        "bench.json");
    BOOST_TEST(table.rows() == 2U);
    const moe::PlotTable ours = table.where("name1", "ours").where("name2", "float32");
    BOOST_TEST(ours.where("n", 8).numbers("experts").at(0) == 64);
    BOOST_TEST(ours.numbers("threads").at(0) == 2); // of the name, not Google Benchmark's own
    BOOST_TEST(ours.numbers("ns/input").at(0) == 19.5);
    BOOST_TEST(ours.numbers("cpu_time").at(0) == 2.5);
    BOOST_TEST(std::isnan(table.where("name1", "eigen<double>").numbers("experts").at(0)));
    for (const char* const column : {"min_time", "real_time", "iterations", "time_unit", "name3"})
        BOOST_CHECK_THROW(static_cast<void>(table.texts(column)), moe::InputError);
}

BOOST_AUTO_TEST_CASE(repetitions_count_by_their_median) {
    const auto ns_of = [](std::initializer_list<std::string> entries) {
        return moe::benchmark_table(file_of(entries), "bench.json").numbers("ns/input");
    };
    BOOST_TEST(ns_of({entry("a", "iteration", 3), entry("a", "iteration", 50),
                      entry("a", "iteration", 4)}) == std::vector<double>{4},
               boost::test_tools::per_element());
    BOOST_TEST(ns_of({entry("a", "iteration", 3), entry("b", "iteration", 9),
                      entry("a", "iteration", 4)}) == (std::vector<double>{3.5, 9}),
               boost::test_tools::per_element());
    BOOST_TEST(ns_of({entry("a", "iteration", 3), entry("a", "mean", 20), entry("a", "median", 5),
                      entry("a", "stddev", 1), entry("a", "cv", 0.1)}) == std::vector<double>{5},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_nan_of_a_variation_is_no_obstacle) {
    std::string text =
        file_of({entry("a", "median", 0), entry("a", "cv", 0), entry("a NaN", "iteration", 1)});
    const std::string zero = "\"ns/input\": 0.000000";
    text.replace(text.rfind(zero), zero.size(), "\"ns/input\": NaN");
    const moe::PlotTable table = moe::benchmark_table(text, "bench.json");
    BOOST_TEST(table.numbers("ns/input") == (std::vector<double>{0, 1}),
               boost::test_tools::per_element());
    BOOST_TEST(table.texts("name1").at(1) == "a NaN");
}

BOOST_AUTO_TEST_CASE(bad_files_are_told_by_name) {
    const auto refused = [](const std::string& text, const std::string& words) {
        BOOST_CHECK_EXCEPTION(static_cast<void>(moe::benchmark_table(text, "some/bench.json")),
                              moe::InputError, says(words));
        BOOST_CHECK_EXCEPTION(static_cast<void>(moe::benchmark_table(text, "some/bench.json")),
                              moe::InputError, says("'some/bench.json'"));
    };
    refused("", "no result of Google Benchmark");
    refused("{\"benchmarks\": [", "no result of Google Benchmark");
    refused("[1, 2]", "no result of Google Benchmark");
    refused("{}", "benchmarks");
    refused(R"({"benchmarks": 3})", "no result of Google Benchmark");
    refused(R"({"benchmarks": [{"name": "a"}]})", "run_name");
    refused(R"({"benchmarks": [{"run_name": 1, "run_type": "iteration"}]})",
            "no result of Google Benchmark");
    refused(file_of({}), "no benchmark");
    refused(file_of({entry("a", "mean", 1)}), "no benchmark"); // without its median
    refused(R"({"benchmarks": [{"name": "a", "run_name": "a", "run_type": "iteration",
                "error_occurred": true, "error_message": "peers differ"}]})",
            "a failed: peers differ");
}

BOOST_AUTO_TEST_CASE(a_figure_is_drawn_from_the_files_of_a_folder) {
    const TemporaryFolder folder;
    const std::string bytes =
        file_of({entry("ours/experts:1", "iteration", 2), entry("ours/experts:2", "iteration", 3)});
    const moe::BenchFigureProgram program{
        "fig_toy", "a synthetic figure", [](moe::BenchData& data) {
            BOOST_TEST(!data.has("bench_other"));
            const moe::PlotTable table = data.table("bench_toy");
            moe::Figure figure("toy", moe::FigureWidth::single_column);
            figure.panel().measured("ours", {table.numbers("experts"), table.numbers("ns/input")});
            return std::vector{figure};
        }};
    const std::string here = folder.path().string();
    const std::string out = (folder.path() / "figures").string();
    const auto run = [&](const std::vector<std::string>& arguments) {
        std::vector<const char*> argv{"fig_toy"};
        for (const std::string& argument : arguments)
            argv.push_back(argument.c_str());
        return moe::figure_main(static_cast<int>(argv.size()), argv.data(), program);
    };
    BOOST_TEST(run({"--bench", here, "--out", out}) == 2); // no file yet
    BOOST_CHECK_EXCEPTION(static_cast<void>(moe::BenchData(here).table("bench_toy")),
                          moe::InputError, says("run bench_toy --benchmark_out="));
    moe::write_file(folder.path() / "bench_toy.json", "{");
    BOOST_TEST(run({"--bench", here, "--out", out}) == 2);
    BOOST_TEST(!fs::exists(out));
    moe::write_file(folder.path() / "bench_toy.json", bytes);
    BOOST_TEST_REQUIRE(run({"--bench", here, "--out", out}) == 0);
    const std::string label = "bench_toy " + moe::hash_of(bytes).substr(0, 8);
    BOOST_TEST(plain_text(bytes_of(fs::path(out) / "toy.svg")).find(label) != std::string::npos);
    BOOST_TEST(fs::exists(fs::path(out) / "toy.png"));
    BOOST_TEST(run({"--help"}) == 0);
    BOOST_TEST(run({"--runs", here}) == 2); // that is the option of the theorems' figures
    BOOST_TEST(run({"--bench", here, "--bench", here}) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
