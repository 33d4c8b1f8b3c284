// The questions of thm_compositional_pieces against the tables of the notes on arXiv:2505.24205
// (sections 3 and 4) and closed forms.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using moe_test::ask;
using nlohmann::json;

const std::string program = "thm_compositional_pieces";

void refused(const std::string& question, const std::string& culprit) {
    moe_test::check_refused(program, {"--query", question}, culprit);
}

/// The claims of a quiet run, by id.
std::map<std::string, json> claims_of(const std::vector<std::string>& arguments, int exit_code) {
    const moe_test::TemporaryFolder folder;
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--quiet", "--out", folder.path().string()});
    const moe_test::ProcessResult result =
        moe_test::run({.program = moe_test::theorem(program), .arguments = all});
    BOOST_TEST(result.exit_code == exit_code, result.out << result.err);
    std::ifstream file(folder.path() / program / "verdict.json");
    const json verdict = json::parse(file);
    std::map<std::string, json> claims;
    for (const json& claim : verdict.at("claims"))
        claims[claim.at("id").get<std::string>()] = claim;
    return claims;
}

json bound(std::int64_t E, std::int64_t L, std::int64_t m, std::int64_t h, std::int64_t pieces) {
    return ask(program,
               {{"q", "lower_bound"}, {"E", E}, {"L", L}, {"m", m}, {"h", h}, {"pieces", pieces}});
}

} // namespace

BOOST_AUTO_TEST_SUITE(queries_of_compositional_pieces)

BOOST_AUTO_TEST_CASE(L_E_experts_have_E_to_the_L_pieces) {
    for (const auto& [E, L, pieces] : {std::tuple(1, 3, 1),
                                       {2, 1, 2},
                                       {2, 6, 64},
                                       {5, 3, 125},
                                       {8, 4, 4096},
                                       {7, 2, 49},
                                       {16, 3, 4096}}) {
        for (const char* const family : {"quad", "rand"}) {
            const json answer =
                ask(program, {{"q", "exhaustive"}, {"E", E}, {"L", L}, {"family", family}});
            BOOST_TEST(answer.at("pieces") == pieces);
            BOOST_TEST(answer.at("experts") == E * L);
            BOOST_TEST(answer.at("misrouted") == 0);
            BOOST_TEST(answer.at("distinct_gradients") == pieces);
            // 1e-12 max(1, max |slope|, L): slopes are below E 2^(L-1) + 1.
            const double scale = E * std::exp2(L - 1) + 1.0;
            BOOST_TEST(answer.at("max_error").get<double>() <= 1e-12 * scale);
        }
    }
}

BOOST_AUTO_TEST_CASE(lower_bounds_of_affine_experts) {
    for (const auto& [E, L, cells, LB] : {std::tuple(4, 2, 8, 0.00427),
                                          {8, 2, 16, 0.00604},
                                          {4, 3, 12, 0.01327},
                                          {8, 3, 24, 0.01727},
                                          {4, 4, 16, 0.02502},
                                          {8, 4, 32, 0.03198},
                                          {16, 4, 64, 0.02618},
                                          {8, 6, 48, 0.06786}}) {
        const json answer = bound(E, L, 0, 0, E);
        BOOST_TEST(answer.at("cells") == cells);
        BOOST_TEST(std::abs(answer.at("LB").get<double>() - LB) < 6e-6);
    }
}

BOOST_AUTO_TEST_CASE(lower_bounds_at_fair_width) {
    for (const auto& [E, L, m, LB] : {std::tuple(32, 2, 1, 2.47e-5),
                                      {32, 2, 2, 4.01e-5},
                                      {16, 3, 2, 3.01e-4},
                                      {8, 4, 2, 5.44e-4},
                                      {16, 4, 2, 7.82e-4},
                                      {16, 4, 4, 6.55e-4},
                                      {8, 6, 2, 1.93e-3}}) {
        const json answer = bound(E, L, m + 2 * (L + 1), 1, E * (m + 1));
        BOOST_TEST(answer.at("LB").get<double>() == LB, boost::test_tools::tolerance(4e-3));
    }
    // 64 experts of 7 neurons in the plane: 64 (1 + 7 + 21).
    BOOST_TEST(bound(32, 2, 7, 1, 64).at("cells") == 1856);
}

BOOST_AUTO_TEST_CASE(bounds_without_meaning_are_negative_and_large_ones_do_not_overflow) {
    BOOST_TEST(bound(2, 2, 0, 0, 2).at("LB").get<double>() < 0.0);
    BOOST_TEST(bound(3, 2, 0, 0, 3).at("LB").get<double>() < 0.0);
    const json large = bound(1000000, 1000, 4000, 500, 1000000);
    BOOST_TEST(large.at("cells").is_null());
    BOOST_TEST(large.at("log2_cells").get<double>() > 1e6);
    BOOST_TEST(std::isfinite(large.at("LB").get<double>()));
}

BOOST_AUTO_TEST_CASE(errors_of_smooth_pieces) {
    for (const auto& [E, L, m, sup] : {std::tuple(4, 4, 1, 1.517e-1),
                                       {4, 4, 3, 3.895e-2},
                                       {4, 4, 7, 9.862e-3},
                                       {4, 4, 15, 2.475e-3},
                                       {4, 4, 31, 6.197e-4},
                                       {8, 4, 1, 1.206e-1},
                                       {8, 4, 31, 4.904e-4},
                                       {3, 2, 1, 8.283e-2},
                                       {3, 2, 31, 3.782e-4},
                                       {4, 1, 31, 1.907e-4},
                                       {4, 2, 31, 3.811e-4},
                                       {4, 3, 31, 5.032e-4}}) {
        const json answer = ask(program, {{"q", "smooth_pieces"}, {"E", E}, {"L", L}, {"m", m}});
        BOOST_TEST(answer.at("sup").get<double>() == sup, boost::test_tools::tolerance(4e-4));
        BOOST_TEST(answer.at("sup").get<double>() <= answer.at("bound").get<double>());
        BOOST_TEST(answer.at("misrouted") == 0);
    }
}

BOOST_AUTO_TEST_CASE(bad_questions_are_refused) {
    refused(R"({"q":"exhaustive","E":0,"L":2,"family":"quad"})", "E");
    refused(R"({"q":"exhaustive","E":2,"L":0,"family":"quad"})", "L");
    refused(R"({"q":"exhaustive","E":2,"L":24,"family":"quad"})", "L");
    refused(R"({"q":"exhaustive","E":1000,"L":60,"family":"quad"})", "L");
    refused(R"({"q":"exhaustive","E":2,"L":2,"family":"cubic"})", "family");
    refused(R"({"q":"exhaustive","E":2,"L":2})", "family");
    refused(R"({"q":"exhaustive","E":2.5,"L":2,"family":"quad"})", "E");
    refused(R"({"q":"lower_bound","E":4,"L":2,"m":-1,"h":0,"pieces":4})", "m");
    refused(R"({"q":"lower_bound","E":4,"L":2,"m":0,"h":0,"pieces":0})", "pieces");
    refused(R"({"q":"smooth_pieces","E":4,"L":2,"m":0})", "m");
    refused(R"({"q":"smooth_pieces","E":2,"L":20,"m":1})", "L");
    refused(R"({"q":"smooth_pieces","E":4,"L":2,"m":1,"n":1})", "n");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(runs_of_compositional_pieces)

BOOST_AUTO_TEST_CASE(options_that_mean_nothing_are_refused) {
    const auto refused_run = [](const std::vector<std::string>& arguments,
                                const std::string& culprit) {
        const moe_test::TemporaryFolder folder;
        std::vector<std::string> all = arguments;
        all.insert(all.end(), {"--out", folder.path().string()});
        moe_test::check_refused(program, all, culprit);
        BOOST_TEST(std::filesystem::is_empty(folder.path()));
    };
    refused_run({"--experts", "0"}, "--experts");
    refused_run({"--dimensions", "0"}, "--dimensions");
    refused_run({"--experts", "4,4"}, "--experts");
    refused_run({"--experts", "4000", "--dimensions", "60"}, "2^62");
    refused_run({"--more-experts", "2,3", "--more-dimensions", "2"}, "--more-dimensions");
    refused_run({"--boxes", "10000001"}, "--boxes");
    refused_run({"--knots", "0"}, "--knots");
    refused_run({"--knots", "3"}, "--knots"); // one size has no slope
}

BOOST_AUTO_TEST_CASE(a_training_run_that_fails_refutes_every_claim_it_belongs_to) {
    // The failed runs are of 2-3 at m = 16 and of 1-6 at m = 128.
    const auto claims = claims_of({"--sabotage", "diverge", "--only", "trained", "--trained-widths",
                                   "16,64", "--trained-steps", "60", "--trained-seeds", "2"},
                                  1);
    for (const char* const id :
         {"trained.depth", "trained.wider", "trained.width", "trained.steeper"}) {
        BOOST_TEST_CONTEXT(id) {
            BOOST_TEST(claims.at(id).at("verdict") == "refuted");
            BOOST_TEST(claims.at(id).at("measured").at("estimate").is_null());
        }
    }
    for (const char* const id : {"trained.ranks", "trained.learns"})
        BOOST_TEST(claims.at(id).at("measured").at("estimate").is_number());
}

BOOST_AUTO_TEST_CASE(slopes_of_trained_models_have_the_larger_thresholds_with_the_sizes_for_them) {
    const auto thresholds = [](const char* widths, const char* seeds) {
        const auto claims =
            claims_of({"--sabotage", "diverge", "--only", "trained", "--trained-widths", widths,
                       "--trained-steps", "3", "--trained-seeds", seeds},
                      1);
        const auto value = [&](const char* id) {
            return claims.at(id).at("expected").at("value").get<double>();
        };
        return std::pair(value("trained.width"), value("trained.steeper"));
    };
    for (const auto& [widths, seeds] :
         {std::pair("2,128", "5"), std::pair("2,64", "6"), std::pair("2,4", "2")})
        BOOST_TEST((thresholds(widths, seeds) == std::pair(-1.0, 0.0)));
    // Half a decade and a fifth of one, per doubling.
    const auto [width, steeper] = thresholds("2,128", "6");
    BOOST_TEST(std::exp2(width) == std::pow(10.0, -0.5), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(std::exp2(steeper) == std::pow(10.0, 0.2), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(more_pieces_than_cells_is_told_where_the_bound_is_empty_too) {
    const auto claims = claims_of({"--only", "one-layer", "--most-experts", "8", "--fit-points",
                                   "1000", "--judged-points", "1000", "--random-layers", "1",
                                   "--contender-steps", "1", "--scaling-dimensions", "1"},
                                  0);
    // (3, 2): 9 - 6; (4, 2): 16 - 8.
    BOOST_TEST(claims.at("one-layer.cells").at("measured").at("estimate") == 3.0);
    BOOST_TEST(claims.at("one-layer.cells").at("measured").at("observations") == 2);
    BOOST_TEST(claims.at("one-layer.separation").at("measured").at("observations") == 1);
}

BOOST_AUTO_TEST_CASE(one_expert_and_one_dimension_are_a_run_like_others) {
    const moe_test::TemporaryFolder folder;
    const moe_test::ProcessResult result = moe_test::run(
        {.program = moe_test::theorem(program),
         .arguments = {"--quiet", "--only", "pieces", "--experts", "1,2", "--dimensions", "1,60",
                       "--boxes", "300", "--out", folder.path().string()}});
    BOOST_TEST(result.exit_code == 0, result.out << result.err);
}

BOOST_AUTO_TEST_SUITE_END()
