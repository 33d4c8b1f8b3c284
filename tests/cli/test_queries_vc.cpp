// The questions of thm_vc_bound and thm_superexpressive_vc against numbers that were derived or
// computed elsewhere.

#include "cli/asking.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using moe_test::ask;
using moe_test::check_answer;
using nlohmann::json;

const std::string program = "thm_vc_bound";
const std::string sine = "thm_superexpressive_vc";

void refused(const std::string& question, const std::string& culprit) {
    moe_test::check_refused(program, {"--query", question}, culprit);
}

void check_ub(json question, std::int64_t ub) {
    question["q"] = "ub";
    check_answer(program, question, {{"ub", ub}});
}

void check_ub(const char* expert, const char* router, int n, const std::vector<int>& L,
              const std::vector<int>& ub) {
    BOOST_TEST_REQUIRE(L.size() == ub.size());
    for (std::size_t i = 0; i < L.size(); ++i) {
        check_ub({{"L", L[i]}, {"n", n}, {"expert", expert}, {"router", router}}, ub[i]);
    }
}

json mlp(int L, int n, const std::vector<int>& widths, const char* router = "flat") {
    return {{"L", L}, {"n", n}, {"expert", "mlp"}, {"widths", widths}, {"router", router}};
}

/// The label sequence of a number, first label in the lowest bit.
std::string labels_of(unsigned number, int length) {
    std::string labels;
    for (int i = 0; i < length; ++i) {
        labels += (number >> static_cast<unsigned>(i) & 1U) != 0 ? '1' : '0';
    }
    return labels;
}

/// Some text of zeros and ones without a short period.
std::string mixed_labels(int length) {
    std::string labels;
    for (int i = 0; i < length; ++i) {
        labels += i * i % 7 < 3 ? '1' : '0';
    }
    return labels;
}

} // namespace

BOOST_AUTO_TEST_SUITE(queries_of_vc_bound)

BOOST_AUTO_TEST_CASE(cover_counts_affine_dichotomies) {
    for (const auto& [m, n, count] :
         {std::tuple(5, 1, 10), std::tuple(8, 1, 16), std::tuple(5, 2, 22), std::tuple(7, 2, 44),
          std::tuple(6, 3, 52), std::tuple(8, 3, 128), std::tuple(10, 2, 92)}) {
        check_answer(program, {{"q", "cover"}, {"m", m}, {"n", n}}, {{"count", count}});
    }
}

BOOST_AUTO_TEST_CASE(upper_bounds_of_mixtures_of_constants_and_linear_experts) {
    for (const auto& [n, ub] :
         {std::pair(1, 2), std::pair(2, 3), std::pair(3, 4), std::pair(8, 9)}) {
        check_ub("linear", "tree", n, {1}, {ub});
        check_ub("linear", "flat", n, {1}, {ub});
    }
    check_ub("const", "tree", 1, {2, 3, 4, 5}, {10, 21, 33, 46});
    check_ub("const", "flat", 1, {2, 3, 4, 5}, {20, 44, 72, 103});
    check_ub("const", "tree", 2, {3}, {32});
    check_ub("const", "flat", 2, {3}, {60});
    check_ub("linear", "tree", 1, {2, 3, 4, 5}, {16, 32, 48, 66});
    check_ub("linear", "flat", 1, {2, 3, 4, 5}, {28, 57, 91, 126});
    const std::vector<int> doubling = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    check_ub("linear", "tree", 2, doubling, {3, 28, 85, 213, 491, 1089, 2368, 5085, 10829});
    check_ub("linear", "flat", 2, doubling, {3, 42, 137, 363, 879, 2027, 4547, 10022, 21829});
    check_ub("linear", "tree", 8, doubling, {9, 105, 313, 779, 1802, 4015, 8758, 18864, 40293});
    const std::vector<int> tree = {48, 85, 161, 313, 619, 1235};
    const std::vector<int> flat = {91, 137, 230, 416, 788, 1534};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        check_ub("linear", "tree", 1 << i, {4}, {tree[i]});
        check_ub("linear", "flat", 1 << i, {4}, {flat[i]});
    }
}

BOOST_AUTO_TEST_CASE(upper_bounds_of_mixtures_of_networks) {
    struct Row {
        int L;
        int n;
        int width;
        int flat;
        int tree;
        int prelu;
    };
    for (const Row& row : {Row{1, 2, 6, 350, 350, 414}, Row{1, 3, 9, 696, 696, 798},
                           Row{2, 2, 6, 740, 724, 869}, Row{2, 3, 6, 952, 935, 1089},
                           Row{3, 2, 6, 1137, 1101, 1330}, Row{4, 3, 3, 1028, 964, 1168}}) {
        json question = mlp(row.L, row.n, {row.width});
        check_ub(question, row.flat);
        question["prelu"] = true;
        check_ub(question, row.prelu);
        check_ub(mlp(row.L, row.n, {row.width}, "tree"), row.tree);
    }
    check_ub(mlp(1, 8, {24}), 4280);
    check_ub(mlp(8, 4, {12}), 9947);
    check_ub(mlp(16, 2, {12}), 12713);
    const std::vector<int> depths = {2, 3, 5, 9};
    const std::vector<int> one = {476, 2230, 9285, 38879};
    const std::vector<int> four = {2047, 9081, 37315, 155710};
    for (std::size_t i = 0; i < depths.size(); ++i) {
        const std::vector<int> widths(static_cast<std::size_t>(depths[i] - 1), 8);
        check_ub(mlp(1, 2, widths), one[i]);
        check_ub(mlp(4, 2, widths), four[i]);
    }
    const std::vector<int> t = {2, 3, 4, 5, 6, 8, 10, 12};
    const std::vector<int> by_width = {350, 696, 1163, 1752, 2468, 4280, 6611, 9469};
    for (std::size_t i = 0; i < t.size(); ++i) {
        check_ub(mlp(1, t[i], {3 * t[i]}), by_width[i]);
    }
    check_ub(mlp(1, 2, std::vector<int>(78, 8)), 4789580);
    check_ub(mlp(1, 2, std::vector<int>(238, 8)), 51050965);
}

BOOST_AUTO_TEST_CASE(labelings_of_points_of_the_plane_are_enumerated) {
    check_answer(program,
                 {{"q", "labelings"},
                  {"points",
                   {{25, 24},
                    {12, 38},
                    {11, 14},
                    {15, 8},
                    {5, 16},
                    {24, 33},
                    {34, 5},
                    {39, 31},
                    {12, 26},
                    {39, 37}}}},
                 {{"dichotomies", 92}, {"two_linear", 1024}, {"three_const", 632}});
    check_answer(
        program,
        {{"q", "labelings"}, {"points", {{11, 0}, {6, 11}, {3, 1}, {8, 0}, {3, 4}, {0, 9}}}},
        {{"dichotomies", 32}, {"two_linear", 64}, {"three_const", 64}});
}

BOOST_AUTO_TEST_CASE(the_moment_construction_realises_every_labeling_asked_for) {
    for (unsigned number = 0; number < 16; ++number) {
        check_answer(
            program,
            {{"q", "moment"}, {"L", 1}, {"n", 2}, {"groups", 2}, {"labels", labels_of(number, 4)}},
            {{"shattered", true}, {"m", 4}});
    }
    for (const auto& [L, n, groups] :
         {std::tuple(1, 3, 3), std::tuple(2, 2, 2), std::tuple(2, 3, 2), std::tuple(3, 2, 2),
          std::tuple(4, 3, 1), std::tuple(1, 8, 8), std::tuple(16, 2, 4)}) {
        const int m = L * n * groups;
        for (const std::string& labels : {mixed_labels(m), std::string(std::size_t(m), '1'),
                                          std::string(std::size_t(m), '0')}) {
            check_answer(
                program,
                {{"q", "moment"}, {"L", L}, {"n", n}, {"groups", groups}, {"labels", labels}},
                {{"shattered", true}, {"m", m}});
        }
    }
}

/// The first unit is h + 1 with h(t) = product of (t - t_i) over the first n positive points,
/// padded with t = 0; its weights are the coefficients of t, t^2.
BOOST_AUTO_TEST_CASE(the_first_moment_unit_has_the_coefficients_of_its_polynomial) {
    const auto unit = [](const char* labels, const json& weights, const char* bias) {
        check_answer(program,
                     {{"q", "moment"}, {"L", 1}, {"n", 2}, {"groups", 2}, {"labels", labels}},
                     {{"expert0_first_unit_w", weights}, {"expert0_first_unit_b", bias}});
    };
    unit("1010", {"-4", "1"}, "4"); // (t - 1)(t - 3) + 1
    unit("0111", {"-5", "1"}, "7"); // (t - 2)(t - 3) + 1
    unit("0010", {"-3", "1"}, "1"); // t (t - 3) + 1
    unit("0000", {"0", "0"}, "3");  // h = 2: never a root
}

BOOST_AUTO_TEST_CASE(narrow_deep_networks_realise_every_labeling_asked_for) {
    for (const auto& [m, d, depth] :
         {std::tuple(2, 3, 12), std::tuple(3, 3, 14), std::tuple(3, 4, 17), std::tuple(4, 3, 16),
          std::tuple(16, 16, 79), std::tuple(48, 48, 239)}) {
        const auto points = static_cast<std::size_t>(m * d);
        for (const std::string& labels :
             {mixed_labels(m * d), std::string(points, '1'), std::string(points, '0')}) {
            check_answer(program, {{"q", "narrow"}, {"m", m}, {"d", d}, {"labels", labels}},
                         {{"shattered", true}, {"depth", depth}, {"points", m * d}});
        }
    }
}

BOOST_AUTO_TEST_CASE(questions_that_make_no_sense_are_refused_by_name) {
    refused(R"({"q":"cover","m":0,"n":2})", "\"m\"");
    refused(R"({"q":"cover","m":3})", "\"n\"");
    refused(R"({"q":"ub","L":0,"n":1,"expert":"const","router":"tree"})", "\"L\"");
    refused(R"({"q":"ub","L":1,"n":1,"expert":"cubic","router":"tree"})", "\"expert\"");
    refused(R"({"q":"ub","L":1,"n":1,"expert":"const","router":"ring"})", "\"router\"");
    refused(R"({"q":"ub","L":1,"n":1,"expert":"mlp","router":"tree"})", "\"widths\"");
    refused(R"({"q":"ub","L":1,"n":1,"expert":"mlp","widths":[],"router":"tree"})", "\"widths\"");
    refused(R"({"q":"ub","L":1,"n":1,"expert":"mlp","widths":[3,0],"router":"tree"})",
            "\"widths\"");
    refused(R"({"q":"labelings","points":[[0,0],[1,1],[0,0]]})", "points");
    refused(R"({"q":"labelings","points":[[0,0],[1,1],[2,2]]})", "general position");
    refused(R"({"q":"labelings","points":[[0,0],[0.5,1],[2,2]]})", "\"points\"");
    refused(R"({"q":"labelings","points":[[0,0],[1,3],[2,9],[3,28],[4,64],[5,129],[6,217],)"
            R"([7,344],[8,513],[9,730],[10,1001],[11,1333],[12,1729]]})",
            "points");
    for (const char* const labels : {"101", "10100", "", "10x0"}) {
        refused(R"({"q":"moment","L":1,"n":2,"groups":2,"labels":")" + std::string(labels) + "\"}",
                "labels");
        refused(R"({"q":"narrow","m":2,"d":2,"labels":")" + std::string(labels) + "\"}", "labels");
    }
    refused(R"({"q":"moment","L":1,"n":9,"groups":1,"labels":"101010101"})", "\"n\"");
}

BOOST_AUTO_TEST_CASE(a_moment_construction_beyond_its_integers_is_refused_not_wrapped) {
    const json question = {{"q", "moment"},
                           {"L", 10000},
                           {"n", 8},
                           {"groups", 1},
                           {"labels", std::string(80000, '1')}};
    moe_test::check_refused(program, {"--query", question.dump()}, "overflow");
}

BOOST_AUTO_TEST_CASE(exhaustive_requests_beyond_24_points_are_refused) {
    moe_test::check_refused(sine, {"--exhaustive-points", "25"}, "--exhaustive-points");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(queries_of_superexpressive_vc)

BOOST_AUTO_TEST_CASE(frequencies_are_the_known_integers) {
    check_answer(sine, {{"q", "omega"}, {"labels", "1010"}},
                 {{"omega2", "21"}, {"omega8", "5330"}});
    check_answer(sine, {{"q", "omega"}, {"labels", "11111111"}}, {{"omega2", "1"}});
    check_answer(sine, {{"q", "omega"}, {"labels", "00000000"}}, {{"omega2", "511"}});
}

BOOST_AUTO_TEST_CASE(the_margin_of_base_8_does_not_shrink_with_the_number_of_points) {
    for (const int m : {1, 2, 8, 14, 64, 1024}) {
        const json answer = ask(sine, {{"q", "omega"}, {"labels", mixed_labels(m)}});
        BOOST_TEST(answer.at("min_margin8").get<double>() >= std::sqrt(0.5) - 1e-11, "m = " << m);
    }
}

/// sin(pi Omega 2^-j) in long double, which is exact enough for so few points.
BOOST_AUTO_TEST_CASE(the_sine_gives_every_labeling_of_five_points_its_labels) {
    constexpr int m = 5;
    for (unsigned number = 0; number < 32; ++number) {
        const std::string labels = labels_of(number, m);
        const json answer = ask(sine, {{"q", "omega"}, {"labels", labels}});
        const auto omega2 = std::stold(answer.at("omega2").get<std::string>());
        const auto omega8 = std::stold(answer.at("omega8").get<std::string>());
        for (int j = 1; j <= m; ++j) {
            const char expected = labels[static_cast<std::size_t>(j - 1)];
            const long double pi = std::numbers::pi_v<long double>;
            BOOST_TEST((std::sin(pi * std::ldexp(omega2, -j)) > 0) == (expected == '1'), labels);
            BOOST_TEST((std::sin(pi * std::ldexp(omega8, -3 * j)) > 0) == (expected == '1'),
                       labels);
        }
    }
}

BOOST_AUTO_TEST_CASE(labels_that_are_none_are_refused_by_name) {
    for (const char* const labels : {"", "01x", "2"}) {
        moe_test::check_refused(
            sine, {"--query", R"({"q":"omega","labels":")" + std::string(labels) + "\"}"},
            "labels");
    }
    moe_test::check_refused(sine, {"--query", R"({"q":"omega","labels":[1,0]})"}, "\"labels\"");
    moe_test::check_refused(sine, {"--query", R"({"q":"omega"})"}, "\"labels\"");
}

BOOST_AUTO_TEST_SUITE_END()
