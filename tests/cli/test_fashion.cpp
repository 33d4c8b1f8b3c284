// Random-Invert Fashion-MNIST of thm_em_vs_gradient: fixed values of the fixture generator's seed 1
// (notes_2411.06056.md, section 7), and what is refused before anything is written.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using moe_test::ask;
using moe_test::TemporaryFolder;
using nlohmann::json;

const std::string program = "thm_em_vs_gradient";
const fs::path data_folder = "/usr/share/datasets/fashion-mnist";

json question(int n, int n_test, int d, const char* geometry, double lambda, int iterations,
              const json& methods) {
    return {{"q", "fmnist"},
            {"seed", 1},
            {"n", n},
            {"n_test", n_test},
            {"d", d},
            {"lambda", lambda},
            {"geometry", geometry},
            {"iterations", iterations},
            {"methods", methods}};
}

double value(const json& answer, const char* method, const char* key) {
    return answer.at(method).at(key).get<double>();
}

/// A run of the check alone, small.
moe_test::ProcessResult run_fashion(std::vector<std::string> arguments, const fs::path& out) {
    arguments.insert(arguments.begin(), {"--only", "fashion", "--quiet", "--out", out.string()});
    return moe_test::run({.program = moe_test::theorem(program), .arguments = arguments});
}

/// The options of a run of two small data sets, 10 iterations, no long runs; these come last.
std::vector<std::string> tiny(const std::vector<std::string>& others) {
    std::vector<std::string> arguments{
        "--fashion-images",     "400", "--fashion-test-images", "400",
        "--fashion-components", "5",   "--fashion-repetitions", "2"};
    const auto add = [&](const char* option, const char* value) {
        if (std::ranges::count(others, option) == 0)
            arguments.insert(arguments.end(), {option, value});
    };
    add("--fashion-iterations", "10");
    add("--fashion-long-repetitions", "0");
    arguments.insert(arguments.end(), others.begin(), others.end());
    return arguments;
}

/// A row of fashion_runs.csv.
struct Run {
    std::string iterations;
    double objective;
    double accuracy;
};

/// Rows by "repetition geometry lambda method"; none without a table.
std::map<std::string, Run> runs_of(const fs::path& out) {
    std::map<std::string, Run> runs;
    std::map<std::string, std::size_t> columns;
    std::ifstream file(out / program / "fashion_runs.csv");
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> fields;
        std::istringstream text(line);
        for (std::string field; std::getline(text, field, ',');)
            fields.push_back(field);
        if (columns.empty()) {
            for (std::size_t i = 0; i < fields.size(); ++i)
                columns[fields[i]] = i;
            continue;
        }
        const auto at = [&](const char* column) { return fields.at(columns.at(column)); };
        runs[at("repetition") + " " + at("geometry") + " " + at("lambda") + " " + at("method")] = {
            at("iterations"), std::stod(at("objective")), std::stod(at("test_accuracy"))};
    }
    return runs;
}

/// A folder with links to the real files but one, in whose place stand these bytes.
void copy_with(const fs::path& folder, const std::string& other, const std::string& bytes) {
    for (const fs::directory_entry& entry : fs::directory_iterator(data_folder)) {
        const fs::path name = entry.path().filename();
        if (name == other) {
            std::ofstream(folder / name, std::ios::binary) << bytes;
        } else {
            fs::create_symlink(entry.path(), folder / name);
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(fashion_fixture)

BOOST_AUTO_TEST_CASE(seed_1_reaches_the_known_objectives_and_accuracies) {
    const json answer =
        ask(program, question(3000, 4000, 30, "raw", 1e-4, 30, {"single", "known_z", "em"}));
    BOOST_TEST(std::abs(answer.at("eigenvalues").at(0).get<double>() - 69.328212) <= 5e-7);
    BOOST_TEST(std::abs(answer.at("eigenvalues").at(1).get<double>() - 18.867058) <= 5e-7);
    // Both convex, so unique.
    BOOST_TEST(std::abs(value(answer, "single", "F") - 2.270176) <= 1e-6);
    BOOST_TEST(std::abs(value(answer, "single", "test_accuracy") - 0.2333) <= 1e-3);
    BOOST_TEST(std::abs(value(answer, "known_z", "F") - 0.712519) <= 1e-6);
    BOOST_TEST(std::abs(value(answer, "known_z", "test_accuracy") - 0.7788) <= 1e-3);
    BOOST_TEST(value(answer, "known_z", "gate_recovered") >= 0.999);
    BOOST_TEST(std::abs(value(answer, "em", "F5") - 0.773856) <= 1e-4);
    BOOST_TEST(std::abs(value(answer, "em", "F") - 0.707171) <= 1e-4);
    // A low F does not mean that the inversion was found.
    BOOST_TEST(value(answer, "em", "F") < value(answer, "known_z", "F"));
    BOOST_TEST(std::abs(value(answer, "em", "recovered") - 0.891) <= 1e-3);
    BOOST_TEST(answer.at("em").at("step").is_null());
}

BOOST_AUTO_TEST_CASE(another_size_of_seed_1_agrees_too) {
    const json answer = ask(program, question(2000, 400, 30, "raw", 1e-3, 30, {"known_z", "em"}));
    BOOST_TEST(answer.at("fraction_inverted").get<double>() == 0.4985);
    BOOST_TEST(std::abs(answer.at("eigenvalues").at(0).get<double>() - 69.457696) <= 5e-7);
    BOOST_TEST(std::abs(answer.at("eigenvalues").at(1).get<double>() - 19.005463) <= 5e-7);
    BOOST_TEST(std::abs(value(answer, "em", "F") - 1.1673) <= 1e-4);
    BOOST_TEST(std::abs(value(answer, "known_z", "F") - 1.1796) <= 1e-4);
    BOOST_TEST(std::abs(value(answer, "em", "recovered") - 0.794) <= 1e-3);
}

BOOST_AUTO_TEST_CASE(gradient_methods_name_the_step_that_served_them_best) {
    const json answer = ask(program, question(600, 500, 8, "white", 1e-3, 10, {"gem", "gd"}));
    for (const char* const method : {"gem", "gd"}) {
        const double power = std::log2(value(answer, method, "step_in_lip"));
        BOOST_TEST(power == std::round(power));
        BOOST_TEST((power >= -1 && power <= 6));
        BOOST_TEST(value(answer, method, "step") > 0);
        BOOST_TEST(value(answer, method, "F") < value(answer, method, "F5"));
    }
}

BOOST_AUTO_TEST_CASE(questions_that_make_no_sense_are_refused_by_name) {
    const auto refused = [](const char* key, const json& wrong) {
        json asked = question(600, 500, 8, "raw", 1e-3, 10, {"single"});
        asked[key] = wrong;
        moe_test::check_refused(program, {"--query", asked.dump()}, "\"" + std::string(key) + "\"");
    };
    refused("n", 170); // fewer than the 19 * 9 free parameters
    refused("n", 60001);
    refused("n_test", 10001);
    refused("d", 0);
    refused("d", 785);
    refused("lambda", -1e-3);
    refused("lambda", 0);
    refused("geometry", "round");
    refused("methods", {"adam"});
    refused("methods", {"em", "single", "em"});
    // Before any work: the folder that does not exist is not looked for.
    json asked = question(600, 500, 8, "raw", 1e-3, 10, {"single"});
    asked["folder"] = "/no/such/folder";
    asked["iteration"] = 5;
    moe_test::check_refused(program, {"--query", asked.dump()}, "\"iteration\"");
    refused("iterations", 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fashion_files)

BOOST_AUTO_TEST_CASE(broken_files_are_refused_before_anything_is_written) {
    const struct {
        const char* file;
        std::string bytes;
        const char* found;
    } cases[] = {
        {"train-images-idx3-ubyte.gz", "no gzip", "first bytes"},
        {"train-labels-idx1-ubyte.gz", std::string("\x1f\x8b\x08\x00", 4), "gzip"},
        {"t10k-images-idx3-ubyte.gz", "", "less than 2 bytes"},
    };
    for (const auto& broken : cases) {
        const TemporaryFolder files;
        const TemporaryFolder out;
        copy_with(files.path(), broken.file, broken.bytes);
        const auto result = run_fashion({"--fashion-mnist", files.path().string()}, out.path());
        BOOST_TEST_CONTEXT(result.err) {
            BOOST_TEST(result.exit_code == 2);
            BOOST_TEST(std::ranges::count(result.err, '\n') == 1);
            BOOST_TEST(result.err.find((files.path() / broken.file).string()) != std::string::npos);
            BOOST_TEST(result.err.find(broken.found) != std::string::npos);
            BOOST_TEST(fs::is_empty(out.path()));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_refused_with_the_name_of_the_package) {
    const TemporaryFolder out;
    for (const char* const word : {"dataset-fashion-mnist", "--fashion-mnist"}) {
        const auto result = run_fashion({"--fashion-mnist", "/no/such/folder"}, out.path());
        BOOST_TEST(result.exit_code == 2);
        BOOST_TEST(std::ranges::count(result.err, '\n') == 1);
        BOOST_TEST(result.err.find(word) != std::string::npos, result.err);
        BOOST_TEST(fs::is_empty(out.path()));
    }
}

BOOST_AUTO_TEST_CASE(step_sizes_that_all_fail_crash_nothing_and_leave_em_judged) {
    const TemporaryFolder out;
    const auto result = run_fashion({"--fashion-geometry", "raw", "--fashion-images", "400",
                                     "--fashion-test-images", "400", "--fashion-components", "5",
                                     "--fashion-repetitions", "2", "--fashion-long-repetitions",
                                     "0", "--fashion-steps", "19,20"},
                                    out.path());
    std::ifstream file(out.path() / program / "verdict.json");
    BOOST_TEST_REQUIRE(file.good(), result.err);
    const json verdict = json::parse(file);
    for (const json& claim : verdict.at("claims")) {
        const std::string id = claim.at("id");
        if (id == "fashion.monotone" || id == "fashion.known-z" || id == "fashion.no-leak")
            BOOST_TEST(claim.at("verdict") == "supported", claim);
        if (id.starts_with("fashion.accuracy")) {
            BOOST_TEST(claim.at("verdict") == "inconclusive", claim);
            BOOST_TEST(claim.at("evidence").get<std::string>().find("no finite value in 2 of 2") !=
                       std::string::npos);
        }
        if (id.starts_with("fashion.white") || id.starts_with("fashion.convergence"))
            BOOST_TEST(claim.at("verdict") == "not run", claim);
    }
}

BOOST_AUTO_TEST_CASE(white_features_are_paired_with_raw_ones_of_the_same_ridge) {
    const TemporaryFolder out;
    const auto result = run_fashion(
        tiny({"--fashion-white-repetitions", "2", "--fashion-white-lambda", "1e-2"}), out.path());
    const auto runs = runs_of(out.path());
    BOOST_TEST_REQUIRE(!runs.empty(), result.err);
    for (const std::string method : {"em", "gradient-em-tuned", "gd-tuned"}) {
        for (const std::string repetition : {"1", "2"}) {
            BOOST_TEST(runs.contains(repetition + " raw 0.01 " + method), method);
            BOOST_TEST(runs.contains(repetition + " white 0.01 " + method), method);
            BOOST_TEST(runs.contains(repetition + " raw 1e-04 " + method), method);
        }
    }
    BOOST_TEST(!runs.contains("1 raw 0.01 known-z"));
    const json verdict = json::parse(std::ifstream(out.path() / program / "verdict.json"));
    for (const json& claim : verdict.at("claims")) {
        if (claim.at("id") != "fashion.white.half") continue;
        BOOST_TEST(claim.at("evidence").get<std::string>().find("lambda 0.01") !=
                   std::string::npos);
        const auto lead = [&](const std::string& geometry, const std::string& repetition) {
            const std::string fit = repetition + " " + geometry + " 0.01 ";
            return runs.at(fit + "em").accuracy - runs.at(fit + "gd-tuned").accuracy;
        };
        const double expected =
            ((lead("raw", "1") + lead("raw", "2")) / 2 - lead("white", "1") - lead("white", "2")) /
            2;
        BOOST_TEST(std::abs(claim.at("measured").at("estimate").get<double>() - expected) <= 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(em_that_is_run_on_ends_where_em_of_as_many_iterations_ends) {
    const TemporaryFolder in_two_parts;
    const TemporaryFolder at_once;
    const auto two_parts =
        run_fashion(tiny({"--fashion-geometry", "raw", "--fashion-long-repetitions", "2",
                          "--fashion-long-em-iterations", "25", "--fashion-long-iterations", "20",
                          "--fashion-long-gradient-em-iterations", "20"}),
                    in_two_parts.path());
    const auto once = run_fashion(tiny({"--fashion-geometry", "raw", "--fashion-iterations", "25"}),
                                  at_once.path());
    const auto runs = runs_of(in_two_parts.path());
    const auto others = runs_of(at_once.path());
    BOOST_TEST_REQUIRE(!runs.empty(), two_parts.err);
    BOOST_TEST_REQUIRE(!others.empty(), once.err);
    for (const std::string repetition : {"1", "2"}) {
        const Run& run = runs.at(repetition + " raw 1e-04 em-long");
        const Run& other = others.at(repetition + " raw 1e-04 em");
        BOOST_TEST(run.iterations == "25");
        BOOST_TEST(std::abs(run.objective - other.objective) <= 1e-12);
        BOOST_TEST(run.accuracy == other.accuracy);
        BOOST_TEST(run.objective < runs.at(repetition + " raw 1e-04 em").objective);
    }
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_go_together_are_refused) {
    const auto refused = [](const std::vector<std::string>& arguments, const char* culprit) {
        const TemporaryFolder out;
        const auto result = run_fashion(arguments, out.path());
        BOOST_TEST(result.exit_code == 2);
        BOOST_TEST(result.err.find(culprit) != std::string::npos, result.err);
        BOOST_TEST(fs::is_empty(out.path()));
    };
    refused({"--fashion-images", "500", "--fashion-components", "40"}, "--fashion-images");
    refused({"--fashion-components", "785"}, "--fashion-components");
    refused({"--fashion-images", "60001"}, "--fashion-images");
    refused({"--fashion-steps", "3,1"}, "--fashion-steps");
    refused({"--fashion-steps", "3"}, "--fashion-steps");
    refused({"--fashion-lambda", "0"}, "--fashion-lambda");
    refused({"--fashion-lambda", "1e-3,1e-4,1e-3"}, "--fashion-lambda");
    refused({"--fashion-white-lambda", "1e-3,1e-3"}, "--fashion-white-lambda");
}

BOOST_AUTO_TEST_SUITE_END()
