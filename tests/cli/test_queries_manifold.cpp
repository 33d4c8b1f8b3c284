// The questions of thm_manifold_rate against the numbers of an independent prototype (the project's
// notes on arXiv:2505.24205, 2.8), and what the program refuses.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe_test::ask;
using nlohmann::json;

const std::string program = "thm_manifold_rate";

json sup_error(const char* manifold, int N, json more = json::object()) {
    more.update({{"q", "sup_error"}, {"manifold", manifold}, {"N", N}});
    return ask(program, more);
}

void check_sup(const char* manifold, int N, double expected, double tolerance,
               const json& more = json::object()) {
    const json answer = sup_error(manifold, N, more);
    BOOST_TEST(std::abs(answer.at("sup").get<double>() / expected - 1.0) <= tolerance,
               manifold << " N = " << N << ": " << answer << ", expected " << expected);
}

void refused(const json& question, const std::string& culprit) {
    moe_test::check_refused(program, {"--query", question.dump()}, culprit);
}

} // namespace

BOOST_AUTO_TEST_SUITE(queries_of_manifold_rate)

BOOST_AUTO_TEST_CASE(sup_errors_are_those_of_the_prototype) {
    check_sup("circle", 8, 1.137e-1, 0.03);
    check_sup("circle", 64, 1.856e-3, 0.03);
    check_sup("circle", 256, 1.172e-4, 0.03);
    check_sup("winding", 16, 6.539e-2, 0.03);
    check_sup("winding", 256, 3.112e-4, 0.03);
    check_sup("sphere2", 8, 2.45e-1, 0.1);
    check_sup("sphere2", 32, 1.58e-2, 0.1);
    check_sup("torus2", 4, 4.94e-1, 0.1);
    check_sup("torus2", 32, 9.60e-3, 0.1);
}

BOOST_AUTO_TEST_CASE(a_smooth_target_has_no_use_for_the_keys_of_the_other) {
    const json all = {{"target", "smooth"}, {"alpha", 0.5}, {"phase", 0.7}, {"K", 3}};
    BOOST_TEST(sup_error("circle", 16, all) == sup_error("circle", 16));
}

BOOST_AUTO_TEST_CASE(the_ambient_space_does_not_change_the_error) {
    const double own = sup_error("circle", 32).at("sup").get<double>();
    for (const auto& [D, tau] : {std::pair(16, 0.0), std::pair(16, 0.5), std::pair(128, 0.5)}) {
        check_sup("circle", 32, own, 1e-9, {{"D", D}, {"tau", tau}});
    }
}

BOOST_AUTO_TEST_CASE(an_answer_tells_width_routing_and_certificate) {
    const json circle = sup_error("circle", 64);
    BOOST_TEST(circle.at("width") == 64);
    BOOST_TEST(circle.at("misrouted") == 0);
    const double ratio = circle.at("sup").get<double>() / circle.at("certificate").get<double>();
    BOOST_TEST(ratio <= 1.02);
    BOOST_TEST(ratio >= 0.75);
    BOOST_TEST(sup_error("sphere2", 4).at("width") == 2 * 25 + 2 * 5);
    BOOST_TEST(sup_error("sphere3", 3).at("width") == 2 * 64 + 2 * 4);
    const json rough =
        sup_error("circle", 16, {{"target", "hoelder"}, {"alpha", 0.5}, {"phase", 0.7}});
    BOOST_TEST(rough.at("certificate").is_null());
    BOOST_TEST(sup_error("sphere3", 1).at("misrouted") == 0);
}

BOOST_AUTO_TEST_CASE(errors_of_rho_matter_from_a_constant_size_on) {
    check_sup("circle", 64, 1.87e-3, 0.03, {{"eta", 0.04}});
    check_sup("circle", 64, 0.57, 0.5, {{"eta", 0.3}}); // depends on the draws
    check_sup("winding", 64, 4.96e-3, 0.03, {{"eta", 0.24}});
    BOOST_TEST(sup_error("circle", 64, {{"eta", 0.04}}).at("misrouted") == 0);
    BOOST_TEST(sup_error("winding", 64, {{"eta", 0.5}}).at("misrouted").get<int>() > 0);
}

BOOST_AUTO_TEST_CASE(hoelder_slopes_are_those_of_the_prototype) {
    const auto slope = [](const char* manifold, double alpha, const std::vector<int>& N,
                          const std::vector<double>& phases) {
        double sum = 0.0;
        for (const double phase : phases) {
            const json answer = ask(program, {{"q", "hoelder_slope"},
                                              {"manifold", manifold},
                                              {"N", N},
                                              {"alpha", alpha},
                                              {"phase", phase}});
            BOOST_TEST(answer.at("sup").size() == N.size());
            sum += answer.at("slope").get<double>();
        }
        return sum / static_cast<double>(phases.size());
    };
    const std::vector<int> curve{8, 16, 32, 64, 128, 256};
    const std::vector<double> phases{0.0, 0.7, 1.9, 3.1};
    BOOST_TEST(std::abs(slope("circle", 1.5, curve, phases) + 1.38) <= 0.02);
    BOOST_TEST(std::abs(slope("circle", 1.0, curve, phases) + 0.94) <= 0.04);
    BOOST_TEST(std::abs(slope("circle", 0.5, curve, phases) + 0.46) <= 0.02);
    BOOST_TEST(std::abs(slope("torus2", 1.0, {4, 6, 8, 12, 16, 24, 32}, phases) + 0.99) <= 0.06);
    BOOST_TEST(std::abs(slope("sphere3", 0.5, {3, 4, 6, 8, 10, 12}, {0.0, 0.7}) + 0.56) <= 0.05);
}

BOOST_AUTO_TEST_CASE(margins_of_linear_gates_are_those_of_the_prototype) {
    const auto margin = [](int charts, double half_width) {
        return ask(program, {{"q", "gate_margin"}, {"charts", charts}, {"half_width", half_width}})
            .at("margin")
            .get<double>();
    };
    BOOST_TEST(std::abs(margin(6, std::numbers::pi / 6.0 + 0.1) - 0.317) <= 5e-4);
    BOOST_TEST(std::abs(margin(8, std::numbers::pi / 8.0 + 0.05) - 0.351) <= 5e-4);
    BOOST_TEST(std::abs(margin(4, std::numbers::pi / 4.0 + 0.1)) <= 1e-9);
}

BOOST_AUTO_TEST_CASE(bad_questions_are_refused) {
    const json good{{"q", "sup_error"}, {"manifold", "torus2"}, {"N", 4}};
    const auto with = [&](const char* key, const json& value) {
        json question = good;
        question[key] = value;
        return question;
    };
    refused(with("manifold", "klein"), "manifold");
    refused(with("N", 0), "N");
    refused(with("N", 4.5), "N");
    refused(with("D", 3), "D");
    refused(with("tau", "flat"), "tau");
    refused(with("eta", -0.1), "eta");
    refused(with("target", "rough"), "target");
    refused(with("alpha", 0.5), "alpha"); // a smooth target has none
    refused(with("colour", 1), "colour");
    refused({{"q", "sup_error"}, {"manifold", "circle"}}, "N");
    refused({{"q", "sup_error"}, {"manifold", "circle"}, {"N", 4}, {"target", "hoelder"}}, "alpha");
    refused({{"q", "hoelder_slope"}, {"manifold", "circle"}, {"N", {8}}, {"alpha", 1.0}}, "N");
    refused({{"q", "hoelder_slope"}, {"manifold", "circle"}, {"N", {8, 8}}, {"alpha", 1.0}}, "N");
    refused({{"q", "gate_margin"}, {"charts", 1}, {"half_width", 3.5}}, "charts");
    refused({{"q", "gate_margin"}, {"charts", 4}, {"half_width", 0.5}}, "half_width");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused_and_nothing_is_written) {
    const moe_test::TemporaryFolder folder;
    const std::string out = (folder.path() / "out").string();
    const auto check = [&](std::vector<std::string> arguments, const std::string& culprit) {
        arguments.insert(arguments.end(), {"--out", out});
        moe_test::check_refused(program, arguments, culprit);
        BOOST_TEST(!std::filesystem::exists(out));
    };
    check({"--ambient", "3"}, "--ambient"); // the torus lies in R^4
    check({"--ambient", "16,16"}, "ambient");
    check({"--cells-1", "0,8"}, "cells-1");
    check({"--cells-1", "8"}, "cells-1");
    check({"--cells-2", "8,8x"}, "cells-2");
    check({"--cells-3", "4,4"}, "cells-3");
    check({"--cells-3", "4,500"}, "cells-3");
    check({"--sphere3-cells", "18"}, "sphere3-cells");
    check({"--alphas", "0"}, "alphas");
    check({"--alphas", "nan"}, "alphas");
    check({"--samples", "1"}, "samples");
    check({"--hoelder", "some"}, "hoelder");
    check({"--random-gates", "-1"}, "random-gates");
}

BOOST_AUTO_TEST_SUITE_END()
