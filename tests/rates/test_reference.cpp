#include "rates/regression.hpp"
#include "rates/results_table.hpp"

#include "basics/csv.hpp"
#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "program/results.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::string>;

const std::string program = "thm_toy";

/// verdict.json of a quick run, without its tables; `verdict` is that of the first claim.
Json run_json(const std::string& verdict = "supported") {
    const Json interval{{"low", 0.95}, {"high", 0.9876543}, {"level", 0.95}};
    return {{"program", program},
            {"preset", "quick"},
            {"seed", 1},
            {"sabotage", nullptr},
            {"only", Json::array()},
            {"verdict", verdict},
            {"claims",
             {{{"id", "toy.rate"},
               {"paper", "arXiv:1"},
               {"theorem", "Theorem 1 | a"},
               {"expected", {{"relation", "equal"}, {"value", 1.0}, {"tolerance", 0.06}}},
               {"measured", {{"estimate", 0.97}, {"interval", interval}}},
               {"verdict", verdict},
               {"evidence", "by construction"}},
              {{"id", "toy.bound"},
               {"paper", "arXiv:1"},
               {"theorem", "(2)"},
               {"expected", {{"relation", "at_most"}, {"value", 2.0}, {"tolerance", 0.0}}},
               {"measured", {{"estimate", 1.23456}, {"interval", nullptr}}},
               {"verdict", "supported"},
               {"evidence", ""}},
              {{"id", "toy.proof"},
               {"paper", "arXiv:1"},
               {"theorem", "(3)"},
               {"expected", {{"relation", "holds"}, {"value", 1.0}, {"tolerance", 0.0}}},
               {"measured", {{"estimate", 1.0}, {"interval", nullptr}}},
               {"verdict", "supported"},
               {"evidence", ""}}}}};
}

/// A folder with runs/ and reference/ of one synthetic program; removed in the end.
struct Workplace {
    Workplace() {
        std::string name =
            (std::filesystem::temp_directory_path() / "moe-reference-XXXXXX").string();
        BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        root = name;
        std::filesystem::create_directories(runs() / program);
        std::filesystem::create_directories(references());
        write_run({exact(), repeated()});
    }
    ~Workplace() { std::filesystem::remove_all(root); }
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;
    Workplace(Workplace&&) = delete;
    Workplace& operator=(Workplace&&) = delete;

    [[nodiscard]] std::filesystem::path runs() const { return root / "runs"; }
    [[nodiscard]] std::filesystem::path references() const { return root / "reference"; }

    /// y = 4 x^slope at four sizes.
    static moe::Rate exact(double slope = 1.0) {
        const std::vector<double> x{1, 2, 4, 8};
        std::vector<double> y;
        y.reserve(x.size());
        for (const double size : x) {
            y.push_back(4 * std::pow(size, slope));
        }
        return moe::fit_rate({"toy.exact", "y against x", 1.0, 0.1}, x, y);
    }

    /// Two repetitions a size around x^slope.
    static moe::Rate repeated(double slope = 0.5) {
        std::vector<std::vector<double>> y;
        for (const double size : {1.0, 2.0, 4.0}) {
            y.push_back({0.95 * std::pow(size, slope), 1.05 * std::pow(size, slope)});
        }
        return moe::bootstrap_rate({"toy.repeated", "z against x", 0.5, 1.0},
                                   std::vector<double>{1, 2, 4}, y, 3);
    }

    void write_run(const std::vector<moe::Rate>& rates, Json json = run_json()) const {
        const std::string csv = moe::to_csv(moe::rates_table(rates));
        json["tables"] = {
            {{"name", "rates"}, {"rows", rates.size()}, {"xxh64", moe::hash_of(csv)}}};
        moe::write_file(runs() / program / "rates.csv", csv);
        moe::write_file(runs() / program / "verdict.json", json.dump(2) + "\n");
    }

    [[nodiscard]] Lines check() const { return moe::regressions(runs(), references(), program); }
    [[nodiscard]] Lines renew() const { return moe::renew(runs(), references(), program); }

    std::filesystem::path root;
};

/// Exit status of the program `reference`.
int status_of(const std::string& arguments) {
    const std::string command =
        std::string("'") + REFERENCE_PROGRAM + "' " + arguments + " >/dev/null 2>&1";
    const int status = std::system(command.c_str()); // NOLINT(cert-env33-c): a fixed command
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const std::string document = "# Map\n\n<!-- results:begin -->\nold\n<!-- results:end -->\nrest\n";

} // namespace

BOOST_FIXTURE_TEST_SUITE(regression, Workplace)

BOOST_AUTO_TEST_CASE(a_run_agrees_with_the_reference_made_of_it) {
    const Lines lines = renew();
    BOOST_TEST_REQUIRE(lines.size() == 3U);
    BOOST_TEST(lines[0] == "new: toy.exact = 1 [0.999, 1.001]");
    BOOST_TEST(lines[1].starts_with("new: toy.repeated = 0.5 ["));
    BOOST_TEST(lines[2] == "0 of 2 rates unchanged");
    BOOST_TEST(check().empty());
    BOOST_TEST(renew() == Lines{"2 of 2 rates unchanged"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_deterministic_slope_must_reproduce_to_a_thousandth) {
    static_cast<void>(renew());
    write_run({exact(1.0009), repeated()});
    BOOST_TEST(check().empty());
    write_run({exact(1.0011), repeated()});
    BOOST_TEST(check() == Lines{"rate toy.exact = 1.0011 left its reference band [0.999, 1.001]"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_repeated_slope_must_stay_in_the_interval_of_the_reference) {
    const moe::Interval interval = repeated().interval.value();
    BOOST_TEST_REQUIRE(interval.high - interval.low > 0.01);
    static_cast<void>(renew());
    write_run({exact(), repeated(interval.high - 0.001)});
    BOOST_TEST(check().empty());
    write_run({exact(), repeated(interval.high + 0.001)});
    BOOST_TEST(check().size() == 1U);
    write_run({exact(), repeated(interval.low - 0.001)});
    BOOST_TEST(check().size() == 1U);
}

BOOST_AUTO_TEST_CASE(rates_and_claims_that_appear_or_go_are_told) {
    static_cast<void>(renew());
    write_run({exact()});
    BOOST_TEST(check() == Lines{"rate toy.repeated is gone"}, boost::test_tools::per_element());
    static_cast<void>(renew());
    write_run({exact(), repeated()});
    BOOST_TEST(check() == Lines{"rate toy.repeated has no reference"},
               boost::test_tools::per_element());
    Json json = run_json();
    json["claims"].erase(0);
    write_run({exact()}, json);
    BOOST_TEST(check() == Lines{"claim toy.rate is gone"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_claim_that_is_not_supported_fails_and_makes_no_reference) {
    static_cast<void>(renew());
    const std::string before(moe::MappedFile(references() / "thm_toy.json").text());
    for (const char* const verdict : {"refuted", "inconclusive"}) {
        write_run({exact(), repeated()}, run_json(verdict));
        BOOST_TEST(check() ==
                       Lines{std::string("claim toy.rate is ") + verdict + ": by construction"},
                   boost::test_tools::per_element());
        BOOST_CHECK_THROW(static_cast<void>(renew()), moe::InputError);
    }
    BOOST_TEST(moe::MappedFile(references() / "thm_toy.json").text() == before);
}

BOOST_AUTO_TEST_CASE(a_claim_that_was_not_judged_fails_and_makes_no_reference) {
    static_cast<void>(renew());
    Json json = run_json();
    Json& claim = json["claims"][1];
    for (const char* const key : {"expected", "measured", "evidence"}) {
        claim.erase(key);
    }
    claim["verdict"] = "not run";
    claim["reason"] = "no data with these options";
    write_run({exact(), repeated()}, json);
    BOOST_TEST(check() == Lines{"claim toy.bound is not run: no data with these options"},
               boost::test_tools::per_element());
    BOOST_CHECK_THROW(static_cast<void>(renew()), moe::InputError);
}

BOOST_AUTO_TEST_CASE(renewing_prints_what_moved) {
    static_cast<void>(renew());
    write_run({exact(1.02)});
    BOOST_TEST(renew() == (Lines{"moved: toy.exact = 1 [0.999, 1.001] -> 1.02 [1.019, 1.021]",
                                 "gone: toy.repeated", "0 of 1 rates unchanged"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(runs_that_are_no_measure_are_refused) {
    static_cast<void>(renew());
    const auto refused = [&](const char* key, const Json& value) {
        Json json = run_json();
        json[key] = value;
        write_run({exact(), repeated()}, json);
        BOOST_CHECK_THROW(static_cast<void>(check()), moe::InputError);
    };
    refused("seed", 2);
    refused("preset", "full");
    refused("sabotage", "wrong-node");
    refused("only", {"rate"});
    refused("program", "thm_other");
    refused("claims", "none");
    write_run({exact(), repeated()});
    BOOST_TEST(check().empty());
    moe::write_file(runs() / program / "rates.csv",
                    moe::to_csv(moe::rates_table({exact(1.0001), repeated()})));
    BOOST_CHECK_THROW(static_cast<void>(check()), moe::InputError);
    moe::write_file(runs() / program / "verdict.json", "{");
    BOOST_CHECK_THROW(static_cast<void>(check()), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::regressions(runs(), references(), "thm_none")),
                      moe::InputError);
}

BOOST_AUTO_TEST_CASE(the_exit_status_tells_agreement_from_regression_from_bad_usage) {
    const std::string folders =
        " --runs '" + runs().string() + "' --reference '" + references().string() + "' ";
    BOOST_TEST(status_of("check" + folders + program) == 2);
    BOOST_TEST(status_of("renew" + folders + program) == 0);
    BOOST_TEST(status_of("check" + folders + program) == 0);
    write_run({exact(1.5), repeated()});
    BOOST_TEST(status_of("check" + folders + program) == 1);
    BOOST_TEST(status_of("renew --runs '" + runs().string() + "' --reference '" +
                         (root / "none").string() + "' " + program) == 4);
    for (const std::string& bad :
         {std::string(), std::string("compare"), "check" + folders,
          "check" + folders + "--runs x " + program, "check --runs x " + program,
          std::string("check --reference"), "check" + folders + "--force " + program}) {
        BOOST_TEST(status_of(bad) == 2, bad);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(results_map, Workplace)

BOOST_AUTO_TEST_CASE(the_table_tells_expected_and_measured_values_and_verdicts) {
    Json json = run_json();
    json["preset"] = "full";
    write_run({exact(), repeated()}, json);
    BOOST_TEST(renew() == Lines{"full results moved"}, boost::test_tools::per_element());
    BOOST_TEST(renew() == Lines{"full results unchanged"}, boost::test_tools::per_element());
    BOOST_TEST(moe::results_table(references()) ==
               "| program | claim | paper, theorem | expected | measured | verdict |\n"
               "| --- | --- | --- | --- | --- | --- |\n"
               "| `thm_toy` | toy.rate | arXiv:1, Theorem 1 \\| a | 1 ± 0.06 | "
               "0.97 [0.95, 0.9877] | supported |\n"
               "| `thm_toy` | toy.bound | arXiv:1, (2) | ≤ 2 | 1.235 | supported |\n"
               "| `thm_toy` | toy.proof | arXiv:1, (3) | holds | holds | supported |\n");
}

BOOST_AUTO_TEST_CASE(the_table_is_put_between_the_markers_and_drift_is_found) {
    Json json = run_json();
    json["preset"] = "full";
    write_run({exact(), repeated()}, json);
    static_cast<void>(renew());
    const std::filesystem::path map = root / "paper_figures.md";
    moe::write_file(map, document);
    const std::string arguments =
        "table --full '" + references().string() + "' --map '" + map.string() + "'";
    BOOST_TEST(status_of(arguments + " --check") == 1);
    BOOST_TEST(moe::MappedFile(map).text() == document);
    BOOST_TEST(status_of(arguments) == 0);
    BOOST_TEST(status_of(arguments + " --check") == 0);
    const std::string written(moe::MappedFile(map).text());
    BOOST_TEST(written == "# Map\n\n<!-- results:begin -->\n" + moe::results_table(references()) +
                              "<!-- results:end -->\nrest\n");
    json["claims"][1]["measured"]["estimate"] = 1.3;
    write_run({exact(), repeated()}, json);
    static_cast<void>(renew());
    BOOST_TEST(status_of(arguments + " --check") == 1);
}

BOOST_AUTO_TEST_CASE(markers_must_stand_once_and_in_order) {
    const auto refused = [](const std::string& text) {
        BOOST_CHECK_THROW(static_cast<void>(moe::with_results(text, "t\n", "map.md")),
                          moe::InputError);
    };
    BOOST_TEST(moe::with_results(document, "t\n", "map.md") ==
               "# Map\n\n<!-- results:begin -->\nt\n<!-- results:end -->\nrest\n");
    refused("");
    refused("<!-- results:begin -->\n");
    refused("<!-- results:end -->\n<!-- results:begin -->\n");
    refused(document + document);
    refused("x <!-- results:begin -->\n<!-- results:end -->\n");
}

BOOST_AUTO_TEST_CASE(the_first_line_that_differs_is_named) {
    BOOST_TEST(!moe::first_difference("a\nb\n", "a\nb\n").has_value());
    BOOST_TEST(moe::first_difference("a\nb\n", "a\nc\n").value() == "line 2: 'b' should be 'c'");
    BOOST_TEST(moe::first_difference("a\n", "a\nc\n").value() == "line 2: '' should be 'c'");
    BOOST_TEST(moe::first_difference("a", "a\n").value() == "line 2: '' should be ''");
}

BOOST_AUTO_TEST_CASE(a_folder_without_full_results_is_refused) {
    BOOST_CHECK_THROW(static_cast<void>(moe::results_table(references())), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::results_table(root / "none")), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
