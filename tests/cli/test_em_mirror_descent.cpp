// thm_em_mirror_descent asked about fixtures whose numbers were computed by an independent
// program (notes_2411.06056.md, section 7), and run on data of a user.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using moe_test::ask;
using moe_test::ProcessResult;
using moe_test::TemporaryFolder;
using nlohmann::json;

const std::string program = "thm_em_mirror_descent";

void close(double found, double expected, double tolerance, const std::string& what) {
    BOOST_TEST(std::abs(found - expected) <= tolerance,
               what << ": " << found << " should be " << expected);
}

/// The row of the notes: objective at the start and after 1, 5, 50 iterations, G_0, KL_lat,0, first
/// and last entry of theta^1, rho.
struct FixtureRow {
    json question;
    std::array<double, 4> objectives;
    double G0;
    double latent0;
    double theta_first;
    double theta_last;
    double rho;
};

const std::vector<FixtureRow>& fixture_rows() {
    static const std::vector<FixtureRow> rows{
        {{{"model", "sym-lin"},
          {"seed", 1},
          {"n", 1000},
          {"d", 10},
          {"beta", 4},
          {"w", 4},
          {"rho0", 0.5}},
         {3.3259301020397, 1.7382595685813, 1.6174605298878, 1.6174585395609},
         1.2079933971385,
         .3796771363200,
         2.2716959007466,
         .8331366576761,
         .35041985379},
        {{{"model", "sym-log"},
          {"seed", 2},
          {"n", 2000},
          {"d", 4},
          {"beta", 4},
          {"w", 2},
          {"rho0", 0.5}},
         {.6665494337116, .5994953121283, .5637503710557, .5628648489190},
         .0454272015814,
         .0216269200019,
         -1.4212372578299,
         -.1998642117912,
         .90152266129},
        {{{"model", "linear"}, {"seed", 3}, {"n", 500}, {"p", 3}, {"K", 3}},
         {2.2492730725709, 1.7083537778054, 1.6714384277908, 1.6709692408548},
         .4658871500917,
         .0750321446739,
         -.9419937836667,
         -3.1803018124039,
         .77518423615},
        {{{"model", "multinomial"},
          {"seed", 4},
          {"n", 1000},
          {"p", 3},
          {"K", 2},
          {"C", 3},
          {"lambda", 0.01}},
         {1.0172753024292, .8293123087756, .8227270714196, .8223332604705},
         .1117717265686,
         .0153067772172,
         .1065962742372,
         -1.3258385540534,
         .97318433694}};
    return rows;
}

json fixture(json question) {
    question["q"] = "fixture";
    return ask(program, question);
}

/// A user's file: two lines through a cloud, of one sample in three and two in three.
void write_data(const std::filesystem::path& file) {
    std::ofstream out(file);
    out << "y,x1,x2\n";
    for (int i = 0; i < 90; ++i) {
        const double x = std::sin(1.7 * i) + 0.5 * std::cos(0.9 * i);
        const double noise = 0.8 * std::sin(12.9898 * i * i);
        const double y = i % 3 == 0 ? 2.0 + 3.0 * x : -1.0 - 2.0 * x;
        out << y + noise << ",1," << x << '\n';
    }
}

ProcessResult run_on(const TemporaryFolder& folder, const std::vector<std::string>& extra) {
    const std::filesystem::path file = folder.path() / "data.csv";
    write_data(file);
    std::vector<std::string> arguments = {"--quiet",
                                          "--family",
                                          "symmetric",
                                          "--data",
                                          file.string(),
                                          "--out",
                                          (folder.path() / "out").string()};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    return moe_test::run({.program = moe_test::theorem(program), .arguments = arguments});
}

} // namespace

BOOST_AUTO_TEST_SUITE(em_mirror_descent_queries)

BOOST_AUTO_TEST_CASE(fixtures_have_the_numbers_of_the_independent_program) {
    for (const FixtureRow& row : fixture_rows()) {
        const json answer = fixture(row.question);
        const std::string name = row.question.at("model").get<std::string>();
        const std::string F = name.starts_with("sym") ? "L" : "F";
        const std::array<const char*, 4> times{"0", "1", "5", "50"};
        for (std::size_t i = 0; i < times.size(); ++i)
            close(answer.at(F + times[i]), row.objectives[i], 1e-9, name + " " + F + times[i]);
        close(answer.at("G0"), row.G0, 1e-9, name + " G0");
        close(answer.at("KL_lat0"), row.latent0, 1e-9, name + " KL_lat0");
        close(answer.at("theta1").front(), row.theta_first, 1e-7, name + " theta1");
        close(answer.at("theta1").back(), row.theta_last, 1e-7, name + " theta1");
        close(answer.at("rho").front(), row.rho, 1e-7, name + " rho");
        BOOST_TEST(answer.at(F + "_hat").get<double>() <=
                   answer.at(F + "50").get<double>() + 1e-14);
    }
}

BOOST_AUTO_TEST_CASE(a_gradient_step_of_the_inverse_curvature_bound_has_the_known_loss) {
    close(fixture(fixture_rows()[0].question).at("gd1"), 1.960313109114, 1e-9, "seed 1");
    close(fixture(fixture_rows()[1].question).at("gd1"), .630587889163, 1e-9, "seed 2");
}

BOOST_AUTO_TEST_CASE(the_form_in_theta_misses_EM_by_the_known_distance) {
    close(fixture(fixture_rows()[2].question).at("e3_distance"), .20163286, 1e-8, "seed 3");
    close(fixture(fixture_rows()[3].question).at("e3_distance"), .04431094, 1e-8, "seed 4");
}

BOOST_AUTO_TEST_CASE(mirror_steps_are_EM_on_every_fixture) {
    for (const FixtureRow& row : fixture_rows()) {
        json question = row.question;
        question["q"] = "mirror_step";
        question["iterations"] = 2;
        const json answer = ask(program, question);
        BOOST_TEST_REQUIRE(answer.at("iterations").size() == 2U);
        close(answer.at("iterations")[0].at("prox").front(), row.theta_first, 1e-7, "prox");
        for (const json& step : answer.at("iterations")) {
            BOOST_TEST(step.at("em").size() == step.at("prox").size());
            BOOST_TEST(step.at("max_difference").get<double>() <= 1e-9);
            BOOST_TEST(step.at("decrease_residual").get<double>() <= 1e-12);
        }
    }
}

BOOST_AUTO_TEST_CASE(questions_that_make_no_model_are_refused) {
    const auto refused = [](const json& question, const std::string& culprit) {
        moe_test::check_refused(program, {"--query", question.dump()}, culprit);
    };
    json question = fixture_rows()[2].question;
    question["q"] = "fixture";
    const auto with = [&](const char* key, const json& value) {
        json changed = question;
        changed[key] = value;
        return changed;
    };
    refused(with("model", "tree"), "model");
    refused(with("K", 1), "K");
    refused(with("n", 10), "n");
    refused(with("sigma", 0), "sigma");
    refused(with("lambda", -0.5), "lambda");
    refused(with("C", 3), "C");
    refused(with("rho0", 0.5), "rho0");
    refused(with("iterations", 2), "iterations");
    question.erase("seed");
    refused(question, "seed");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(em_mirror_descent_runs)

BOOST_AUTO_TEST_CASE(the_data_of_a_user_are_one_more_configuration) {
    const TemporaryFolder folder;
    const ProcessResult result = run_on(folder, {"--data-sigma", "0.6"});
    BOOST_TEST(result.exit_code == 0, result.err);
    const std::filesystem::path out = folder.path() / "out" / program;
    const json verdict = json::parse(std::ifstream(out / "verdict.json"));
    bool judged = false;
    for (const json& claim : verdict.at("claims")) {
        // The symmetric family has no E2b: only the user's mixture does.
        if (claim.at("id") == "E2b.own") judged = claim.at("verdict") == "supported";
    }
    BOOST_TEST(judged);
    for (const char* const file : {"data_parameters.csv", "data_responsibilities.csv"})
        BOOST_TEST(std::filesystem::file_size(out / file) > 100U, file);
}

BOOST_AUTO_TEST_CASE(data_that_fit_no_model_are_refused_before_anything_is_written) {
    const TemporaryFolder folder;
    const ProcessResult result = run_on(folder, {"--data-family", "multinomial"});
    BOOST_TEST(result.exit_code == 2, result.err);
    BOOST_TEST(result.err.find("data.csv") != std::string::npos, result.err);
    BOOST_TEST(!std::filesystem::exists(folder.path() / "out"));
}

BOOST_AUTO_TEST_CASE(a_number_of_features_given_twice_is_refused) {
    moe_test::check_refused(program, {"--features", "3,4,3"}, "--features: '3'");
}

BOOST_AUTO_TEST_CASE(too_few_samples_for_the_largest_model_are_refused) {
    const TemporaryFolder folder;
    moe_test::check_refused(program, {"--samples", "20", "--out", (folder.path() / "out").string()},
                            "--samples");
    BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_SUITE_END()
