// The questions of thm_em_linear_rate against numbers that were computed elsewhere (notes on
// arXiv:2411.06056, section 4), and the rate of a user's data.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include "basics/csv.hpp"
#include "basics/numbers.hpp"
#include "datasets/synthetic.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using moe_test::ask;
using nlohmann::json;

const std::string program = "thm_em_linear_rate";

void refused(const std::string& question, const std::string& culprit) {
    moe_test::check_refused(program, {"--query", question}, culprit);
}

double population(const char* model, double beta, double w, double cosine) {
    return ask(program, {{"q", "population_rho"},
                         {"model", model},
                         {"beta", beta},
                         {"w", w},
                         {"cosine", cosine}})
        .at("rho")
        .get<double>();
}

/// The samples of a fixture as a file of --data.
void write_data(const std::filesystem::path& file, const moe::Samples& samples, double unit = 1.0) {
    std::ofstream out(file);
    out << "y";
    for (moe::Index j = 1; j <= samples.x.cols(); ++j)
        out << ",x" << j;
    out << "\n";
    for (moe::Index i = 0; i < samples.y.size(); ++i) {
        out << moe::shortest(samples.y[i]);
        for (const double entry : samples.x.row(i))
            out << "," << moe::shortest(unit * entry);
        out << "\n";
    }
}

/// The rows of a table of a run.
std::vector<moe::CsvRow> rows_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return moe::parse_csv_rows(text, file.string());
}

/// Verdicts of a run by claim, and how it ended.
struct Verdicts {
    int exit_code;
    std::map<std::string, json> claims;
};

Verdicts verdicts(const std::filesystem::path& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--quiet", "--out", folder.string()});
    const moe_test::ProcessResult result =
        moe_test::run({.program = moe_test::theorem(program), .arguments = std::move(arguments)});
    BOOST_TEST(result.err.empty(), result.err);
    std::ifstream in(folder / program / "verdict.json");
    Verdicts found{result.exit_code, {}};
    const json verdict = json::parse(in);
    for (const json& claim : verdict.at("claims"))
        found.claims[claim.at("id").get<std::string>()] = claim;
    return found;
}

/// The entries of the only row of a table by column.
json only_row(const std::filesystem::path& file) {
    const std::vector<moe::CsvRow> rows = rows_of(file);
    if (rows.size() != 2) throw std::runtime_error(file.string() + ": not one row");
    json result;
    for (std::size_t j = 0; j < rows[0].fields.size(); ++j)
        result[rows[0].fields[j].text] = rows[1].fields[j].text;
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(queries_of_em_linear_rate)

BOOST_AUTO_TEST_CASE(rates_of_the_population_are_those_of_the_notes) {
    for (const auto& [model, beta, rho] :
         {std::tuple("sym-lin", 0.25, .98499), std::tuple("sym-lin", 4.0, .25139),
          std::tuple("sym-lin", 16.0, .06458), std::tuple("sym-log", 0.5, .99008),
          std::tuple("sym-log", 4.0, .75622), std::tuple("sym-log", 32.0, .60222)})
        BOOST_TEST(std::abs(population(model, beta, 4.0, 0.0) - rho) <= 5.1e-6, model << beta);
    // The notes print the cosines of three samples with three digits.
    for (const auto& [cosine, one, four] :
         {std::tuple(-.535, .725152, .246004), std::tuple(.264, .708189, .236307),
          std::tuple(-.219, .706605, .235432)}) {
        BOOST_TEST(std::abs(population("sym-lin", 1.0, 2.0, cosine) - one) <= 3e-5);
        BOOST_TEST(std::abs(population("sym-lin", 4.0, 2.0, cosine) - four) <= 3e-5);
    }
}

BOOST_AUTO_TEST_CASE(iterates_without_signal_are_those_of_the_notes) {
    for (const auto& [iterations, b] :
         {std::tuple(0, 0.5), std::tuple(10, .134977340), std::tuple(100, .041419130),
          std::tuple(1000, .012942093), std::tuple(5000, .005777224)}) {
        const json answer =
            ask(program, {{"q", "low_snr"}, {"b0", 0.5}, {"iterations", iterations}});
        BOOST_TEST(std::abs(answer.at("b").get<double>() - b) <= 6e-10, iterations);
    }
}

BOOST_AUTO_TEST_CASE(fixtures_answer_with_all_rates_in_descending_order) {
    const json answer = ask(program, {{"q", "fixture"},
                                      {"model", "sym-lin"},
                                      {"seed", 42},
                                      {"n", 1000},
                                      {"d", 5},
                                      {"beta", 2},
                                      {"w", 2},
                                      {"rho0", 0.5}});
    const auto rho = answer.at("rho").get<std::vector<double>>();
    BOOST_TEST_REQUIRE(rho.size() == 10U);
    BOOST_TEST(std::ranges::is_sorted(rho, std::greater{}));
    BOOST_TEST(std::abs(rho[0] - .5192774) <= 1e-7);
    BOOST_TEST(std::abs(rho[1] - .4935634713) <= 1e-7);
    BOOST_TEST(std::abs(answer.at("L_hat").get<double>() - 1.66220883) <= 1e-8);
}

BOOST_AUTO_TEST_CASE(questions_that_make_no_sense_are_refused_by_name) {
    refused(R"({"q":"population_rho","model":"linear","beta":1,"w":1,"cosine":0})", "\"model\"");
    refused(R"({"q":"population_rho","model":"sym-lin","beta":0,"w":1,"cosine":0})", "\"beta\"");
    refused(R"({"q":"population_rho","model":"sym-lin","beta":1,"w":-1,"cosine":0})", "\"w\"");
    refused(R"({"q":"population_rho","model":"sym-lin","beta":1,"w":1,"cosine":2})", "\"cosine\"");
    refused(R"({"q":"population_rho","model":"sym-lin","beta":1,"w":1,"angle":2})", "\"angle\"");
    refused(R"({"q":"low_snr","b0":-0.5,"iterations":10})", "\"b0\"");
    refused(R"({"q":"low_snr","b0":0.5,"iterations":-1})", "\"iterations\"");
    refused(R"({"q":"low_snr","b0":0.5})", "\"iterations\"");
}

BOOST_AUTO_TEST_CASE(options_that_name_no_case_or_one_value_twice_are_refused) {
    moe_test::check_refused(program, {"--cases", "45"}, "--cases");
    moe_test::check_refused(program, {"--cases", "42,42"}, "--cases");
    moe_test::check_refused(program, {"--gates", "4,2,4"}, "--gates");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(data_of_em_linear_rate)

BOOST_AUTO_TEST_CASE(the_users_data_have_the_rate_of_the_fixture_in_any_unit_of_the_features) {
    const moe::SyntheticData data = moe::symmetric_data(
        {.kind = moe::SymmetricKind::linear, .n = 1000, .d = 5, .beta = 2.0, .w = 2.0},
        moe::FixtureSource(42));
    for (const double unit : {1.0, 1e-4, 1e4}) {
        const moe_test::TemporaryFolder folder;
        const std::filesystem::path file = folder.path() / "mine.csv";
        write_data(file, data.samples, unit);
        const Verdicts found =
            verdicts(folder.path(), {"--only", "cases", "--cases", "42", "--data", file.string(),
                                     "--data-family", "sym-lin"});
        BOOST_TEST(found.exit_code == 0);
        const json row = only_row(folder.path() / program / "data_rate.csv");
        const auto number = [&](const char* column) {
            return moe::parse_real(row.at(column).get<std::string>()).value();
        };
        BOOST_TEST_CONTEXT("features times " << unit) {
            BOOST_TEST(std::abs(number("rho") - .5192774) <= 1e-7);
            BOOST_TEST(std::abs(number("rho_2") - .4935634713) <= 1e-7);
            BOOST_TEST(std::abs(number("projected_ratio") - .5192774) <= 1e-4);
            BOOST_TEST(std::abs(number("one_step_ratio") - .5192774) <= 1e-6);
            BOOST_TEST(number("jacobian_difference") <= 1e-6);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(samples_of_em_linear_rate)

BOOST_AUTO_TEST_CASE(samples_without_a_fit_are_counted_and_leave_the_claims_open) {
    const moe_test::TemporaryFolder folder;
    const Verdicts found =
        verdicts(folder.path(), {"--only", "samples", "--samples", "100", "--sampled-signals",
                                 "0.05,0.1", "--repetitions", "3"});
    const std::size_t refused = rows_of(folder.path() / program / "refused.csv").size() - 1;
    const std::size_t measured = rows_of(folder.path() / program / "samples.csv").size() - 1;
    BOOST_TEST(refused >= 1U);
    BOOST_TEST(refused + measured == 6U);
    BOOST_TEST(found.exit_code == 3);
    for (const char* const id :
         {"S.improves", "S.projected", "S.one-step", "S.norm", "S.population", "S.mean"}) {
        BOOST_TEST_REQUIRE(found.claims.contains(id), id);
        const json& claim = found.claims.at(id);
        BOOST_TEST(claim.at("verdict") == "inconclusive", id);
        BOOST_TEST(claim.at("evidence")
                           .get<std::string>()
                           .find(std::to_string(refused) + " of 6 cases refused") !=
                       std::string::npos,
                   claim.at("evidence"));
    }
}

BOOST_AUTO_TEST_CASE(a_run_that_arrives_in_too_few_iterations_refutes_nothing) {
    const moe_test::TemporaryFolder folder;
    const Verdicts found = verdicts(folder.path(), {"--only", "samples", "--sampled-signals",
                                                    "500,1000", "--repetitions", "1"});
    BOOST_TEST(found.claims.at("S.projected").at("verdict") == "inconclusive");
    BOOST_TEST(found.claims.at("S.norm").at("verdict") == "inconclusive");
    BOOST_TEST(found.claims.at("S.one-step").at("verdict") == "supported");
}

BOOST_AUTO_TEST_SUITE_END()
