// The questions of thm_sigmoid_gating against numbers that were computed elsewhere, and what it
// refuses.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe_test::ask;
using moe_test::ProcessResult;
using moe_test::TemporaryFolder;
using nlohmann::json;

const std::string program = "thm_sigmoid_gating";

/// Two atoms with the experts (-1.7, 1.4) and (1.9, -0.3).
json truth(const char* gate, const char* expert, double b1, double b0, double other_b1,
           double other_b0) {
    return {{"gate", gate},
            {"expert", expert},
            {"atoms", {{b1, b0, -1.7, 1.4}, {other_b1, other_b0, 1.9, -0.3}}}};
}

json sig2c(const char* expert) {
    return truth("sigmoid", expert, -0.8, 0.2, 0.8, -0.2);
}
json soft(const char* expert) {
    return truth("softmax", expert, -0.8, 0.2, 0.0, 0.0);
}
json sig2(const char* expert) {
    return truth("sigmoid", expert, 0.8, -0.4, 0.9, -0.6);
}
json sig1(const char* expert) {
    return truth("sigmoid", expert, 0.0, -0.4, 0.9, -0.6);
}

void check_values(const json& model, const std::vector<double>& expected) {
    const json answer =
        ask(program, {{"q", "f"}, {"model", model}, {"x", {-7, -2.5, -0.5, 0, 0.75, 3, 6.5}}});
    const auto values = answer.at("f").get<std::vector<double>>();
    BOOST_TEST_REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        BOOST_TEST(std::abs(values[i] - expected[i]) <= 1e-12 * (1.0 + std::abs(expected[i])));
}

double sse(const json& model, int k, double noise, int starts) {
    return ask(program, {{"q", "least_squares"},
                         {"truth", model},
                         {"k", k},
                         {"noise", noise},
                         {"starts", starts},
                         {"seed", 1}})
        .at("sse")
        .get<double>();
}

double ratio(const char* gate, double r, double m) {
    return ask(program, {{"q", "ratio_sequence"},
                         {"gate", gate},
                         {"b1", std::string(gate) == "softmax" ? -1.0 : 0.0},
                         {"b0", 0.6},
                         {"expert1", {1.5, 0.5}},
                         {"expert2", {-1.2, 0.8}},
                         {"r", r},
                         {"m", m}})
        .at("ratio")
        .get<double>();
}

json rates(const json& model) {
    return {{"q", "rates"},     {"truth", model}, {"k", 3},   {"n", {1000000, 10000000, 100000000}},
            {"repetitions", 8}, {"starts", 2},    {"seed", 5}};
}

void refused(const json& question, const std::string& culprit) {
    moe_test::check_refused(program, {"--query", question.dump()}, culprit);
}

/// The question with one key replaced.
json with(json question, const char* key, json value) {
    question[key] = std::move(value);
    return question;
}

void run_refused(std::vector<std::string> arguments, const std::string& culprit) {
    const TemporaryFolder folder;
    arguments.insert(arguments.end(), {"--out", (folder.path() / "out").string()});
    moe_test::check_refused(program, arguments, culprit);
    BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

} // namespace

BOOST_AUTO_TEST_SUITE(sigmoid_gating)

BOOST_AUTO_TEST_CASE(the_truths_have_the_values_of_an_independent_prototype) {
    const std::vector<double> common{13.259855062881, 5.086409584390, 1.388172457514,
                                     0.656002750455,  0.613344274754, 4.861307410390,
                                     11.969351146362};
    check_values(sig2c("gelu"), common);
    check_values(soft("gelu"), common);
    check_values(sig2("gelu"), {0.032885887983, 0.469925670420, 0.654796304350, 0.475847971009,
                                0.545329185295, 4.810525691389, 11.987097485393});
    check_values(sig2("tanh"), {0.001465852337, 0.028493813508, 0.083316641603, 0.252077754424,
                                0.488191329210, 0.011145875113, 0.002942453625});
    check_values(sig1("gelu"), {5.337454120504, 2.267414641174, 0.857680801828, 0.475847971009,
                                0.535123181258, 4.810716938199, 11.987097485393});
    check_values(soft("tanh"), {0.993963167345, 0.800484939673, 0.330884770284, 0.355657401478,
                                0.534422958159, 0.800584164254, 0.986614298139});
}

BOOST_AUTO_TEST_CASE(large_arguments_overflow_nowhere) {
    const json answer =
        ask(program, {{"q", "f"}, {"model", sig2c("gelu")}, {"x", {-1000.0, -40.0, 40.0, 1000.0}}});
    for (const json& value : answer.at("f"))
        BOOST_TEST(std::isfinite(value.get<double>()));
}

BOOST_AUTO_TEST_CASE(voronoi_errors_are_those_of_the_notes) {
    const json split = {
        {"gate", "sigmoid"},
        {"expert", "gelu"},
        {"atoms", {{0.1, -1.2, -1.6, 1.3}, {-0.1, -1.0, -1.8, 1.6}, {0.95, -0.55, 1.95, -0.25}}}};
    const json one = ask(program, {{"q", "voronoi"}, {"truth", sig1("gelu")}, {"fit", split}});
    BOOST_TEST((one.at("cells") == json{2, 1}));
    BOOST_TEST(std::abs(one.at("E_exact").get<double>() - 0.170710678119) < 1e-12);
    BOOST_TEST(std::abs(one.at("E_exx").get<double>() - 0.070710678119) < 1e-12);
    BOOST_TEST(std::abs(one.at("E_over").get<double>() - 0.190060649098) < 1e-12);
    BOOST_TEST(std::abs(one.at("D").get<double>() - 0.359814976102) < 1e-12);
    BOOST_TEST(one.at("E_dead").is_null());

    const json dead = {
        {"gate", "sigmoid"},
        {"expert", "gelu"},
        {"atoms",
         {{-0.75, 0.25, -1.65, 1.45}, {0.85, -0.15, 1.85, -0.35}, {1.3, -2, 0.02, -0.03}}}};
    const json two = ask(program, {{"q", "voronoi"}, {"truth", sig2c("gelu")}, {"fit", dead}});
    BOOST_TEST((two.at("cells") == json{1, 1, 1}));
    BOOST_TEST(std::abs(two.at("E_exact").get<double>() - 0.341421356237) < 1e-12);
    BOOST_TEST(std::abs(two.at("E_exx").get<double>() - 0.141421356237) < 1e-12);
    BOOST_TEST(std::abs(two.at("E_dead").get<double>() - 0.036055512755) < 1e-12);
    BOOST_TEST(two.at("E_over").is_null());
}

BOOST_AUTO_TEST_CASE(exactly_specified_fits_find_the_global_minima) {
    const auto check = [](const json& model, double noise, double expected) {
        const double found = sse(model, 2, noise, 24);
        BOOST_TEST(std::abs(found / expected - 1.0) < 1e-8,
                   model << ": " << found << ", expected " << expected);
    };
    check(sig2c("gelu"), 0.1, 0.589830441215);
    check(soft("gelu"), 0.1, 0.602168459100);
    check(sig1("gelu"), 0.1, 0.594692721010);
    check(sig2("tanh"), 0.1, 0.603548888042);
    check(sig2c("gelu"), 0.001, 5.896479620647e-5);
    check(soft("gelu"), 0.001, 6.002837843382e-5);
    check(sig1("gelu"), 0.001, 5.945512180887e-5);
    check(sig2("tanh"), 0.001, 5.974442115356e-5);
}

BOOST_AUTO_TEST_CASE(over_specified_fits_are_as_good_as_the_best_known,
                     *boost::unit_test::enable_if<WHOLE_RUNS>()) {
    const auto check = [](const json& model, double best_known) {
        const double found = sse(model, 3, 0.1, 400);
        BOOST_TEST(found <= best_known * (1.0 + 1e-4), model << ": " << found);
    };
    check(sig2c("gelu"), 0.570262588888);
    check(soft("gelu"), 0.591218938587);
    check(sig1("gelu"), 0.576671190138);
    check(sig2("tanh"), 0.578847912275);
}

BOOST_AUTO_TEST_CASE(ratio_sequences_have_the_values_of_the_prototype) {
    const auto check = [](const char* gate, double r, double m, double expected) {
        const double found = ratio(gate, r, m);
        BOOST_TEST(std::abs(found / expected - 1.0) < 1e-5,
                   gate << " r " << r << " m " << m << ": " << found);
    };
    check("softmax", 1, 10, 2.493071e-2);
    check("softmax", 1, 100, 2.749917e-3);
    check("softmax", 1, 1000, 2.775018e-4);
    check("softmax", 3, 10, 2.524944e-2);
    check("softmax", 3, 100, 2.750294e-3);
    check("softmax", 6, 10, 2.525269e-2);
    check("softmax", 6, 100, 2.750294e-3);
    check("softmax", 6, 1000, 2.775022e-4);
    check("sigmoid", 1, 10, 5.293861e-2);
    check("sigmoid", 1, 100, 5.390941e-3);
    check("sigmoid", 2, 10, 3.372937e-2);
    check("sigmoid", 2, 100, 3.412086e-3);
    check("sigmoid", 6, 10, 5.455116e-3);
    check("sigmoid", 6, 100, 5.465258e-4);
}

BOOST_AUTO_TEST_CASE(the_dead_tangent_is_regular_for_gelu_and_tanh_and_singular_for_polynomials) {
    const auto minimum = [](const json& model) {
        return ask(program, {{"q", "dead_tangent"}, {"truth", model}});
    };
    const auto near = [&](const json& model, double expected) {
        const double found = minimum(model).at("minimum").get<double>();
        BOOST_TEST(std::abs(found / expected - 1.0) < 0.02, model << ": " << found);
    };
    near(sig2c("gelu"), 6.79e-4);
    near(sig2("gelu"), 5.41e-4);
    near(sig2("tanh"), 1.30e-3);
    const json linear = minimum(truth("sigmoid", "linear", 1.0, 0.5, -0.9, -0.6));
    BOOST_TEST(linear.at("minimum").get<double>() <= 1e-12);
    BOOST_TEST(std::abs(linear.at("gate")[0].get<double>() - 1.0) < 1e-12);
    BOOST_TEST(std::abs(linear.at("gate")[1].get<double>() - 0.5) < 1e-12);
    BOOST_TEST(minimum(sig2("square")).at("minimum").get<double>() <= 1e-12);
}

BOOST_AUTO_TEST_CASE(a_split_is_of_second_order_for_strongly_identifiable_experts) {
    for (const json& model : {soft("gelu"), sig1("gelu"), soft("tanh")}) {
        const json answer = ask(program, {{"q", "modulus"}, {"truth", model}});
        const double kappa = answer.at("kappa").back().get<double>();
        BOOST_TEST((kappa >= 1.85 && kappa <= 2.10), model << ": " << kappa);
    }
}

BOOST_AUTO_TEST_CASE(rates_of_a_truth_come_with_medians_quartiles_patterns_and_slopes) {
    const json answer = ask(program, rates(sig2("tanh")));
    BOOST_TEST(answer.at("pattern").get<std::string>() == "1 1 1");
    BOOST_TEST_REQUIRE(answer.at("sizes").size() == 3U);
    for (const json& size : answer.at("sizes")) {
        for (const char* quantity : {"F", "E_exact", "E_exx", "E_dead", "D"}) {
            const double median = size.at("median").at(quantity).get<double>();
            const json& quartiles = size.at("quartiles").at(quantity);
            BOOST_TEST(median > 0.0);
            BOOST_TEST(quartiles[0].get<double>() <= median);
            BOOST_TEST(quartiles[1].get<double>() >= median);
        }
        BOOST_TEST(!size.at("median").contains("E_over"));
        BOOST_TEST(size.at("gain").get<double>() > 0.0);
        BOOST_TEST(size.at("pattern_fraction").get<double>() == 1.0);
    }
    const json& slope = answer.at("slopes").at("F");
    BOOST_TEST(std::abs(slope.at("slope").get<double>() + 0.5) < 0.1);
    BOOST_TEST(slope.at("low").get<double>() <= slope.at("slope").get<double>());
    BOOST_TEST(answer.at("uncertified").get<std::int64_t>() == 0);
    BOOST_TEST((ask(program, rates(sig2("tanh"))) == answer));
}

BOOST_AUTO_TEST_CASE(rates_tell_the_box_that_imposes_a_split) {
    const auto box = [](const json& model) { return ask(program, rates(model)).at("box"); };
    BOOST_TEST(!box(sig2("tanh")).at("restricted").get<bool>());
    const json regime_one = box(sig1("tanh"));
    BOOST_TEST(regime_one.at("restricted").get<bool>());
    BOOST_TEST(!regime_one.at("why").get<std::string>().empty());
    // Atoms 0 and 1 share the true atom of slope -1.7, atom 2 takes that of slope 1.9.
    const json& atoms = regime_one.at("atoms");
    BOOST_TEST((atoms.at(0).at("a") == json{-2.5, -0.5}));
    BOOST_TEST((atoms.at(1).at("a") == json{-2.5, -0.5}));
    BOOST_TEST((atoms.at(2).at("a") == json{0.5, 2.5}));
    BOOST_TEST((atoms.at(2).at("b1") == json{-2.5, 2.5}));
    const json softmax = box(soft("tanh"));
    BOOST_TEST(softmax.at("restricted").get<bool>());
    BOOST_TEST((softmax.at("atoms").at(2).at("b1") == json{0.0, 0.0}));
    BOOST_TEST((softmax.at("atoms").at(2).at("a") == json{0.5, 2.5}));
}

BOOST_AUTO_TEST_CASE(softmax_errors_do_not_depend_on_the_atom_that_is_frozen) {
    const double half = 0.6931471805599453;
    const auto errors = [&](double b1, double b0) {
        const json halves = {{"gate", "softmax"},
                             {"expert", "gelu"},
                             {"atoms",
                              {{b1 - 0.8, b0 + 0.2, -1.7, 1.4},
                               {b1, b0 - half, 1.9, -0.3},
                               {b1, b0 - half, 1.9, -0.3}}}};
        return ask(program, {{"q", "voronoi"}, {"truth", soft("gelu")}, {"fit", halves}});
    };
    for (const double shift : {0.0, 1.5}) {
        const json answer = errors(shift, -shift);
        BOOST_TEST((answer.at("cells") == json{1, 2}));
        for (const char* error : {"D", "E_exact", "E_over"})
            BOOST_TEST(std::abs(answer.at(error).get<double>()) < 1e-14, error);
    }
}

BOOST_AUTO_TEST_CASE(what_the_notes_exclude_is_refused_by_name) {
    const json good = rates(sig2("tanh"));
    refused(with(good, "n", {0, 1000000, 10000000}), "n");
    refused(with(good, "n", {1.5, 1000000, 10000000}), "n");
    refused(with(good, "n", {1000000, 10000000, 1000000000001}), "n");
    refused(with(good, "n", {1000000, 10000000}), "n");
    refused(with(good, "n", {1000000, 1000000, 10000000}), "n");
    refused(with(good, "repetitions", 7), "repetitions");
    refused(with(good, "noise", 0.0), "noise");
    refused(with(good, "noise", -0.1), "noise");
    refused(with(good, "grid", 11), "grid");
    refused(with(good, "k", 1), "k = 1");
    refused(with(good, "regime", 1), "regime 1");
    refused(with(rates(sig1("tanh")), "regime", 2), "regime 2");
    refused(rates(sig1("relu")), "relu");
    json outside = sig2("tanh");
    outside["atoms"][0][2] = -2.6;
    refused(rates(outside), "-2.6");
    json close = sig2("tanh");
    close["atoms"] = {{0.8, -0.4, 1.0, 1.0}, {0.85, 0.4, 1.0, 1.05}};
    refused(rates(close), "apart");
    refused(rates(truth("softmax", "gelu", 0.0, 0.2, 0.0, 0.0)), "b1");
    refused({{"q", "f"}, {"model", sig2("cubic")}, {"x", {0.0}}}, "expert");
    refused({{"q", "dead_tangent"}, {"truth", soft("gelu")}}, "truth");
    refused({{"q", "modulus"}, {"truth", sig2("gelu")}}, "truth");
    refused({{"q", "ratio_sequence"}}, "gate");
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused_and_nothing_is_written) {
    run_refused({"--sizes", "1000000,10000000"}, "--sizes");
    run_refused({"--sizes", "0,1000000,10000000"}, "--sizes");
    run_refused({"--sizes", "1000000,10000000,1000000000001"}, "--sizes");
    run_refused({"--sizes", "1000000,1000000,10000000"}, "1000000");
    run_refused({"--small-sizes", "1000000"}, "1000000");
    run_refused({"--repetitions", "7"}, "--repetitions");
    run_refused({"--noise", "0"}, "--noise");
    run_refused({"--noise", "inf"}, "--noise");
    run_refused({"--grid", "11"}, "--grid");
}

/// Verdict of each claim of a run, which may end in any verdict.
std::map<std::string, std::string> verdicts(std::vector<std::string> arguments) {
    const TemporaryFolder folder;
    arguments.insert(arguments.end(), {"--quiet", "--out", folder.path().string()});
    const ProcessResult result =
        moe_test::run({.program = moe_test::theorem(program), .arguments = arguments});
    BOOST_TEST((result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3),
               result.err);
    const json verdict = json::parse(std::ifstream(folder.path() / program / "verdict.json"));
    std::map<std::string, std::string> found;
    for (const json& claim : verdict.at("claims"))
        found[claim.at("id").get<std::string>()] = claim.at("verdict").get<std::string>();
    return found;
}

BOOST_AUTO_TEST_CASE(a_claim_without_the_sizes_that_it_needs_is_inconclusive) {
    const auto limits = verdicts({"--only", "limits", "--sizes", "1000000,2000000,4000000",
                                  "--repetitions", "8", "--population-starts", "8"});
    BOOST_TEST(limits.at("R2b.level") == "inconclusive");
    BOOST_TEST(verdicts({"--only", "tangent", "--grid", "64"}).at("tangent.values") ==
               "inconclusive");
    const auto headline =
        verdicts({"--only", "gelu", "--sizes", "1000000,2000000,4000000", "--repetitions", "8",
                  "--small-sizes", "1000", "--uniform-starts", "0"});
    BOOST_TEST(headline.at("headline.ratio") == "inconclusive");
    BOOST_TEST(headline.at("headline.samples") == "inconclusive");
}

BOOST_AUTO_TEST_CASE(without_an_additional_atom_its_claims_decide_nothing_and_patterns_fail) {
    const auto found = verdicts({"--only", "gelu", "--repetitions", "8", "--small-sizes", "1000",
                                 "--sabotage", "no-split"});
    for (const char* claim : {"SOFT.gelu.over", "SIG1.gelu.over", "SIG2C.gelu.dead",
                              "SIG2.gelu.dead", "headline.ratio", "headline.samples"})
        BOOST_TEST(found.at(claim) == "inconclusive", claim);
    for (const char* claim : {"SOFT.gelu.pattern", "SIG2C.gelu.pattern", "SIG2.gelu.pattern"})
        BOOST_TEST(found.at(claim) == "refuted", claim);
}

/// With 8 data sets a size nothing may be refuted in an honest run, or the demonstrations of the
/// sabotages would show nothing.
BOOST_AUTO_TEST_CASE(the_demonstration_without_sabotage_refutes_nothing,
                     *boost::unit_test::enable_if<WHOLE_RUNS>()) {
    const TemporaryFolder folder;
    const ProcessResult about =
        moe_test::run({.program = moe_test::theorem(program), .arguments = {"--describe"}});
    std::set<std::vector<std::string>> demonstrations;
    const json sabotages = json::parse(about.out).at("sabotages");
    for (const json& sabotage : sabotages)
        demonstrations.insert(sabotage.at("arguments").get<std::vector<std::string>>());
    for (std::vector<std::string> arguments : demonstrations) {
        arguments.insert(arguments.end(), {"--quiet", "--out", folder.path().string()});
        const ProcessResult result =
            moe_test::run({.program = moe_test::theorem(program), .arguments = arguments});
        BOOST_TEST((result.exit_code == 0 || result.exit_code == 3), result.err);
        const json verdict = json::parse(std::ifstream(folder.path() / program / "verdict.json"));
        for (const json& claim : verdict.at("claims"))
            BOOST_TEST(claim.at("verdict") != "refuted", claim);
    }
}

BOOST_AUTO_TEST_SUITE_END()
