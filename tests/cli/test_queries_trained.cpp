// The query "train" of the two programs on arXiv:2505.24205: what is trained, how well it learns,
// and what is refused.

#include "cli/asking.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using moe_test::ask;
using nlohmann::json;

const std::string manifold = "thm_manifold_rate";
const std::string pieces = "thm_compositional_pieces";

void refused(const std::string& program, const std::string& question, const std::string& culprit) {
    moe_test::check_refused(program, {"--query", question}, culprit);
}

} // namespace

BOOST_AUTO_TEST_SUITE(queries_of_trained_models)

BOOST_AUTO_TEST_CASE(four_experts_learn_the_circle_in_any_dimension) {
    // The target's variance is 1.131.
    for (const int D : {2, 16, 64}) {
        const json answer =
            ask(manifold, {{"q", "train"}, {"D", D}, {"steps", 3000}, {"seeds", 3}});
        BOOST_TEST(answer.at("mse").size() == 3U);
        BOOST_TEST(answer.at("gmean").get<double>() < 2e-2);
        BOOST_TEST(answer.at("sd_log10").get<double>() > 0.0);
    }
}

BOOST_AUTO_TEST_CASE(more_circles_are_harder_and_one_neuron_learns_little) {
    const auto error = [](json question) {
        question["q"] = "train";
        question["D"] = 16;
        question["steps"] = 1500;
        question["seeds"] = 2;
        return ask(manifold, question).at("gmean").get<double>();
    };
    const double circle = error({{"embedding", "padded"}});
    BOOST_TEST(error({{"embedding", "padded"}, {"circles", 4}}) > 5.0 * circle);
    BOOST_TEST(error({{"experts", 1}, {"m", 1}}) > 10.0 * circle);
    BOOST_TEST(error({{"init", "fan-in"}}) < 0.1);
}

BOOST_AUTO_TEST_CASE(two_layers_learn_the_nine_boxes_better_than_one) {
    // The target's variance is 0.0895.
    const auto error = [](const char* model) {
        return ask(pieces,
                   {{"q", "train"}, {"model", model}, {"m", 32}, {"steps", 3000}, {"seeds", 3}})
            .at("gmean")
            .get<double>();
    };
    const double deep = error("2-3");
    BOOST_TEST(deep < 3e-3);
    BOOST_TEST(error("1-6") > 2.0 * deep);
    BOOST_TEST(error("1-9") > deep);
}

BOOST_AUTO_TEST_CASE(an_answer_is_a_function_of_the_question) {
    const json question{{"q", "train"}, {"model", "2-3"}, {"m", 5}, {"steps", 50}, {"seeds", 4}};
    BOOST_TEST(ask(pieces, question) == ask(pieces, question));
    json fewer = question;
    fewer["seeds"] = 2;
    const json four = ask(pieces, question).at("mse");
    const json two = ask(pieces, fewer).at("mse");
    BOOST_TEST(two == json({four.at(0), four.at(1)}));
    fewer["seeds"] = 1;
    BOOST_TEST(ask(pieces, fewer).at("sd_log10").is_null());
}

BOOST_AUTO_TEST_CASE(a_run_whose_loss_overflows_has_no_error) {
    const json answer = ask(
        manifold, {{"q", "train"}, {"D", 4}, {"steps", 50}, {"seeds", 1}, {"lr", 10}, {"m", 4096}});
    BOOST_TEST((answer.at("mse").at(0).is_null() || answer.at("mse").at(0).get<double>() > 1.0));
}

BOOST_AUTO_TEST_CASE(questions_out_of_range_are_refused) {
    refused(manifold, R"({"q":"train","D":1,"steps":10,"seeds":1})", "\"D\"");
    refused(manifold, R"({"q":"train","D":6,"circles":4,"steps":10,"seeds":1})", "\"D\"");
    refused(manifold, R"({"q":"train","D":16,"steps":0,"seeds":1})", "\"steps\"");
    refused(manifold, R"({"q":"train","D":16,"steps":10,"seeds":0})", "\"seeds\"");
    refused(manifold, R"({"q":"train","D":16,"steps":10,"seeds":1,"experts":0})", "\"experts\"");
    refused(manifold, R"({"q":"train","D":16,"steps":10,"seeds":1,"m":0})", "\"m\"");
    refused(manifold, R"({"q":"train","D":16,"steps":10,"seeds":1,"lr":0})", "\"lr\"");
    refused(manifold, R"({"q":"train","D":16,"steps":10,"seeds":1,"init":"zero"})", "\"init\"");
    refused(manifold, R"({"q":"train","steps":10,"seeds":1})", "\"D\"");
    refused(pieces, R"({"q":"train","model":"3-2","m":16,"steps":10,"seeds":1})", "\"model\"");
    refused(pieces, R"({"q":"train","model":"2-3","m":0,"steps":10,"seeds":1})", "\"m\"");
    refused(pieces, R"({"q":"train","model":"2-3","m":16,"steps":10,"seeds":1,"D":3})", "\"D\"");
}

BOOST_AUTO_TEST_SUITE_END()
