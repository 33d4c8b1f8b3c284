// The questions of thm_approx_rate against numbers that were derived or computed elsewhere.

#include "cli/asking.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using moe_test::ask;
using nlohmann::json;

const std::string program = "thm_approx_rate";

void check(const json& question, const json& expected) {
    moe_test::check_answer(program, question, expected);
}

void refused(const std::string& question, const std::string& culprit) {
    moe_test::check_refused(program, {"--query", question}, culprit);
}

json merged(json question, const json& more) {
    question.update(more);
    return question;
}

/// One target of each family.
std::vector<json> families() {
    return {{{"family", "bump"}, {"N", 8}, {"seed", 7}},
            {{"family", "cones"}, {"Q", 9}, {"seed", 5}},
            {{"family", "ridge"}, {"omega", 12}, {"seed", 3}},
            {{"family", "adv"}, {"N", 12}}};
}

json cell_of(int n, int index) {
    return std::vector<int>(static_cast<std::size_t>(n), index);
}

/// Points of the box [low, high]^n that lie well spread (Kronecker's sequence of square roots).
json spread_points(int n, int count, double low, double high) {
    const std::vector<double> steps = {std::sqrt(2.0), std::sqrt(3.0), std::sqrt(5.0),
                                       std::sqrt(7.0)};
    json points = json::array();
    for (int i = 1; i <= count; ++i) {
        json point = json::array();
        for (int axis = 0; axis < n; ++axis) {
            const double t = i * steps[static_cast<std::size_t>(axis)];
            point.push_back(low + (high - low) * (t - std::floor(t)));
        }
        points.push_back(point);
    }
    return points;
}

double largest_difference(const json& a, const json& b) {
    BOOST_TEST_REQUIRE((a.size() == b.size() && !a.empty()));
    double largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, std::abs(a[i].get<double>() - b[i].get<double>()));
    }
    return largest;
}

} // namespace

BOOST_AUTO_TEST_SUITE(queries_of_the_router_and_plans)

BOOST_AUTO_TEST_CASE(a_point_is_routed_to_its_grid_cell_and_a_tie_to_the_first_one) {
    const auto route = [](const json& K, const json& x, const json& cell, int depth) {
        check({{"q", "route"}, {"K", K}, {"x", x}}, {{"cell", cell}, {"depth", depth}});
    };
    route({2}, {0.5}, {0}, 1);
    route({1}, {0.3}, {0}, 0);
    route({4}, {1.0}, {3}, 2);
    route({4, 8}, {0.3, 0.99}, {1, 7}, 5);
    route({1, 1, 2}, {1.0, 0.0, 0.75}, {0, 0, 1}, 1);
}

BOOST_AUTO_TEST_CASE(the_height_of_the_tree_is_the_sum_of_the_heights_of_its_axes) {
    check({{"q", "height"}, {"K", {5, 5, 5}}}, {{"height", 9}});
    check({{"q", "height"}, {"K", {13, 13, 13, 13}}}, {{"height", 16}});
    check({{"q", "height"}, {"K", {1}}}, {{"height", 0}});
}

BOOST_AUTO_TEST_CASE(a_plan_counts_parameters_experts_and_router_reads) {
    check({{"q", "plan"}, {"n", 2}, {"M", 3}, {"K", 5}}, {{"params", 190},
                                                          {"L", 25},
                                                          {"E", std::sqrt(2.0) / 30.0},
                                                          {"height", 6},
                                                          {"route_params", 24}});
    check({{"q", "plan"}, {"n", 3}, {"M", 1}, {"K", 2}, {"lambda", 2.0}},
          {{"params", 1},
           {"L", 8},
           {"E", std::sqrt(3.0) / 2.0},
           {"height", 3},
           {"route_params", 18}});
}

BOOST_AUTO_TEST_CASE(the_plan_for_an_accuracy_of_a_hundredth_is_the_known_one) {
    const auto plan = [](int n, std::int64_t N, std::int64_t M, std::int64_t K, std::int64_t params,
                         std::int64_t L, double E, std::int64_t route) {
        const json question = {{"q", "plan_eps"}, {"n", n}, {"r", 1}, {"eps", 0.01}};
        check(
            question,
            {{"N", N}, {"M", M}, {"K", K}, {"params", params}, {"L", L}, {"route_params", route}});
        const json answer = ask(program, question);
        BOOST_TEST(answer.at("E").get<double>() == E, boost::test_tools::tolerance(1e-8));
    };
    plan(1, 50, 50, 1, 504, 1, 0.01, 0);
    plan(2, 71, 9, 8, 1630, 64, 0.0098209275, 24);
    plan(3, 87, 5, 18, 4017, 5832, 0.0096225045, 90);
    plan(4, 100, 4, 25, 11289, 390625, 0.01, 160);
}

BOOST_AUTO_TEST_CASE(a_coarse_accuracy_needs_one_constant) {
    check({{"q", "plan_eps"}, {"n", 2}, {"r", 1}, {"eps", 1.0}},
          {{"N", 1}, {"M", 1}, {"K", 1}, {"params", 1}, {"L", 1}, {"route_params", 0}});
}

BOOST_AUTO_TEST_CASE(dense_networks_need_the_known_number_of_parameters) {
    const auto dense = [](int n, double eps, std::int64_t G, std::int64_t pmin) {
        check({{"q", "dense"}, {"n", n}, {"eps", eps}}, {{"G", G}, {"pmin", pmin}});
    };
    dense(1, 1.0 / (2.0 * 16384.0), 16384, 44);
    dense(2, std::sqrt(2.0) / (2.0 * 512.0), 131769, 116);
    dense(3, std::sqrt(3.0) / (2.0 * 128.0), 405224, 195);
    dense(4, std::sqrt(4.0) / (2.0 * 64.0), 1048576, 305);
    dense(4, 1.0 / 256.0, std::int64_t{1} << 28U, 4199);
    // Bytes of any dense model of that accuracy: G/8, at 48628 and 353221.
    check({{"q", "dense"}, {"n", 3}, {"eps", std::sqrt(3.0) / (2.0 * 125.0)}}, {{"G", 389017}});
    check({{"q", "dense"}, {"n", 4}, {"eps", 1.0 / 81.0}}, {{"G", 2825761}});
    check({{"q", "dense"}, {"n", 3}, {"eps", 0.5}}, {{"G", 1}});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(queries_of_the_experts)

BOOST_AUTO_TEST_CASE(kuhn_experts_have_the_counted_parameters_and_layers) {
    struct Row {
        int n;
        int M;
        int wide;
        int narrow;
        int narrow_layers;
    };
    for (const Row& row :
         {Row{1, 2, 24, 65, 7}, Row{1, 3, 34, 96, 9}, Row{2, 2, 90, 413, 15},
          Row{2, 3, 190, 908, 30}, Row{3, 2, 273, 1711, 35}, Row{3, 3, 881, 5682, 111},
          Row{4, 2, 729, 5845, 83}, Row{4, 3, 3589, 29310, 408}}) {
        const json question = {{"q", "kuhn"},
                               {"n", row.n},
                               {"M", row.M},
                               {"K", 1},
                               {"cell", cell_of(row.n, 0)},
                               {"family", "adv"},
                               {"N", row.M},
                               {"x", spread_points(row.n, 1, 0.0, 1.0)}};
        const double bound = std::sqrt(static_cast<double>(row.n)) / (2.0 * row.M);
        check(question, {{"params", row.wide}, {"layers", row.n + 3}, {"bound", bound}});
        check(merged(question, {{"form", "narrow"}}),
              {{"params", row.narrow}, {"layers", row.narrow_layers}, {"bound", bound}});
    }
}

BOOST_AUTO_TEST_CASE(the_targets_have_their_known_values) {
    const std::vector<std::vector<double>> values = {
        {0.0625, -0.0466886116991581, -0.02714466094067259},
        {0.45313600219235256, 0.45806762172662957, 0.21469557163269004},
        {0.05548786147799119, 0.020336469641239214, 0.06399004611576409},
        {0.058925565098878946, 0.0158113883008419, 0.03535533905932741}};
    const json question = {{"q", "kuhn"},    {"n", 2},
                           {"M", 1},         {"K", 1},
                           {"cell", {0, 0}}, {"x", {{0.5, 0.25}, {0.11, 0.87}, {0.9, 0.4}}}};
    for (std::size_t f = 0; f < values.size(); ++f) {
        const json answer = ask(program, merged(question, families()[f]));
        BOOST_TEST(largest_difference(answer.at("fx"), values[f]) <= 1e-12, families()[f]);
    }
}

BOOST_AUTO_TEST_CASE(wide_and_narrow_kuhn_experts_agree_and_keep_the_bound_in_their_cell) {
    for (const int n : {1, 2, 3}) {
        for (const json& family : families()) {
            const json question = merged({{"q", "kuhn"},
                                          {"n", n},
                                          {"M", 3},
                                          {"K", 2},
                                          {"cell", cell_of(n, 1)},
                                          {"x", spread_points(n, 300, 0.5, 1.0)}},
                                         family);
            const json wide = ask(program, question);
            const json narrow = ask(program, merged(question, {{"form", "narrow"}}));
            BOOST_TEST(largest_difference(wide.at("y"), narrow.at("y")) <= 1e-9, question);
            for (const json& answer : {wide, narrow}) {
                BOOST_TEST(largest_difference(answer.at("y"), answer.at("fx")) <=
                               answer.at("bound").get<double>() + 1e-12,
                           family << ", n = " << n);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_worst_case_attains_the_bound_at_a_corner) {
    for (const json& seed : {json::object(), json{{"seed", 5}}}) { // allowed, without effect
        const json answer = ask(program, merged({{"q", "kuhn"},
                                                 {"n", 2},
                                                 {"M", 3},
                                                 {"K", 2},
                                                 {"cell", {1, 0}},
                                                 {"family", "adv"},
                                                 {"N", 6},
                                                 {"x", {4.0 / 6.0, 1.0 / 6.0}}},
                                                seed));
        BOOST_TEST(std::abs(answer.at("y")[0].get<double>()) <= 1e-12);
        BOOST_TEST(answer.at("fx")[0].get<double>() == std::sqrt(2.0) / 12.0,
                   boost::test_tools::tolerance(1e-9));
    }
}

BOOST_AUTO_TEST_CASE(bit_extraction_experts_have_the_counted_sizes_and_keep_their_bound) {
    struct Row {
        int size;
        int line;
        int plane;
        int layers;
    };
    for (const Row& row : {Row{2, 249, 252, 14}, Row{4, 477, 474, 20}, Row{8, 933, 918, 32},
                           Row{16, 1845, 1806, 56}, Row{32, 3669, 3582, 104}}) {
        for (const int k : {1, 2}) {
            const json question = {
                {"q", "be"},     {"k", k},        {"n", k},
                {"m", row.size}, {"d", row.size}, {"family", "cones"},
                {"Q", 9},        {"seed", 5},     {"x", spread_points(k, 2000, 0.0, 1.0)}};
            const double size = row.size;
            const double bound = k == 1 ? (1.0 + 1.0 / 16.0) / (size * size)
                                        : (1.0 / 2.0 + 1.0 / 16.0) / size + 1.0 / size;
            check(question, {{"params", k == 1 ? row.line : row.plane},
                             {"layers", row.layers},
                             {"bound", bound}});
            const json answer = ask(program, question);
            const double ratio = largest_difference(answer.at("y"), answer.at("fx")) / bound;
            BOOST_TEST(ratio <= 1.0, question.at("m") << ", k = " << k);
            BOOST_TEST(ratio >= 0.5, question.at("m") << ", k = " << k);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_bit_extraction_slab_keeps_its_bound_on_its_centre) {
    json x = json::array();
    for (int i = 0; i <= 500; ++i) {
        x.push_back({i / 500.0, 0.375});
    }
    const json answer = ask(program, {{"q", "be"},
                                      {"k", 1},
                                      {"n", 2},
                                      {"m", 4},
                                      {"d", 4},
                                      {"center", {0.375}},
                                      {"family", "ridge"},
                                      {"omega", 12},
                                      {"seed", 3},
                                      {"x", x}});
    BOOST_TEST(largest_difference(answer.at("y"), answer.at("fx")) <= 0.06640625);
}

/// The zig-zag path of 3.3(iii), computed here from values of the target.
BOOST_AUTO_TEST_CASE(the_codes_are_the_bits_of_the_path_along_the_target) {
    constexpr int m = 4;
    constexpr int d = 4;
    json nodes = json::array();
    for (int i = 0; i <= m * d; ++i) {
        nodes.push_back(static_cast<double>(i) / (m * d));
    }
    const json answer = ask(program, {{"q", "be"},
                                      {"k", 1},
                                      {"n", 1},
                                      {"m", m},
                                      {"d", d},
                                      {"family", "ridge"},
                                      {"omega", 5},
                                      {"seed", 3},
                                      {"x", nodes}});
    const auto f = answer.at("fx").get<std::vector<double>>();
    BOOST_TEST(answer.at("V0").get<double>() == f[0], boost::test_tools::tolerance(1e-12));
    double v = f[0];
    std::vector<int> codes(m, 0);
    for (std::size_t i = 0; i < m * d; ++i) {
        const bool up = f[i + 1] >= v;
        v += (up ? 1.0 : -1.0) / (m * d);
        codes[i / d] = 2 * codes[i / d] + (up ? 1 : 0);
    }
    json expected = json::array();
    for (const int code : codes) {
        expected.push_back(std::to_string(code));
    }
    BOOST_TEST(answer.at("codes") == expected);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(refused_queries_of_approx_rate)

BOOST_AUTO_TEST_CASE(sizes_outside_their_range_are_refused_by_name) {
    refused(R"({"q":"dense","n":0,"eps":0.1})", "\"n\"");
    refused(R"({"q":"dense","n":9,"eps":0.1})", "\"n\"");
    refused(R"({"q":"dense","n":1.5,"eps":0.1})", "\"n\"");
    for (const char* const eps : {"0", "-1", "\"nan\"", "null"}) {
        refused(R"({"q":"dense","n":2,"eps":)" + std::string(eps) + "}", "\"eps\"");
    }
    refused(R"({"q":"dense","n":2,"eps":NaN})", "--query");
    refused(R"({"q":"dense","n":2,"eps":1e999})", "--query");
    refused(R"({"q":"dense","n":8,"eps":1e-9})", "eps");
    refused(R"({"q":"dense","n":2,"eps":0.1,"lambda":0})", "\"lambda\"");
    refused(R"({"q":"plan_eps","n":2,"r":-0.1,"eps":0.1})", "\"r\"");
    refused(R"({"q":"plan_eps","n":2,"r":2.1,"eps":0.1})", "\"r\"");
    refused(R"({"q":"plan_eps","n":2,"r":1,"eps":1e-30})", "eps");
    refused(R"({"q":"plan","n":2,"M":0,"K":1})", "\"M\"");
    refused(R"({"q":"plan","n":2,"M":1,"K":0})", "\"K\"");
    refused(R"({"q":"plan","n":8,"M":1,"K":1000000})", "K = 1000000");
    refused(R"({"q":"plan","n":8,"M":1000000,"K":1})", "M = 1000000");
    refused(R"({"q":"height","K":[4000000000,4000000000]})", "K = 4000000000");
    refused(R"({"q":"height","K":[]})", "\"K\"");
}

BOOST_AUTO_TEST_CASE(points_and_cells_that_do_not_fit_are_refused_by_name) {
    for (const char* const x : {"[1.5]", "[-0.1]", "[0.1,0.2]", "[]", "[\"a\"]", "[[0.1,0.2]]"}) {
        refused(R"({"q":"route","K":[2],"x":)" + std::string(x) + "}", "\"x\"");
    }
    const std::string kuhn = R"({"q":"kuhn","n":2,"M":2,"K":2,"family":"adv","N":4,)";
    refused(kuhn + R"("cell":[0,2],"x":[0.5,0.5]})", "\"cell\"");
    refused(kuhn + R"("cell":[0,-1],"x":[0.5,0.5]})", "\"cell\"");
    refused(kuhn + R"("cell":[0],"x":[0.5,0.5]})", "\"cell\"");
    refused(kuhn + R"("cell":[0,0],"x":[0.5]})", "\"x\"");
    refused(kuhn + R"("cell":[0,0],"x":[0.5,0.5],"form":"flat"})", "\"form\"");
}

BOOST_AUTO_TEST_CASE(bit_extraction_outside_exact_arithmetic_is_refused_by_name) {
    const auto bit_extraction = [](const std::string& sizes, const std::string& culprit) {
        refused(R"({"q":"be",)" + sizes + R"(,"family":"adv","N":4,"x":[0.5]})", culprit);
    };
    bit_extraction(R"("n":1,"k":0,"m":4,"d":4)", "\"k\"");
    bit_extraction(R"("n":3,"k":3,"m":4,"d":4)", "\"k\"");
    bit_extraction(R"("n":1,"k":2,"m":4,"d":4)", "\"k\"");
    bit_extraction(R"("n":1,"k":1,"m":4,"d":1)", "\"d\"");
    bit_extraction(R"("n":1,"k":1,"m":0,"d":4)", "\"m\"");
    bit_extraction(R"("n":1,"k":1,"m":65,"d":46)", "d = 46");
    bit_extraction(R"("n":2,"k":1,"m":4,"d":4)", "\"center\"");
}

BOOST_AUTO_TEST_CASE(unknown_names_and_missing_or_spare_keys_are_refused_by_name) {
    const std::string kuhn = R"({"q":"kuhn","n":1,"M":2,"K":1,"cell":[0],"x":[0.5],)";
    refused(kuhn + R"("family":"smooth","N":4})", "\"family\"");
    refused(kuhn + R"("family":"bump","N":4})", "\"seed\"");
    refused(kuhn + R"("family":"bump","seed":1})", "\"N\"");
    refused(kuhn + R"("family":"adv","N":0})", "\"N\"");
    refused(kuhn + R"("family":"cones","Q":0,"seed":1})", "\"Q\"");
    refused(kuhn + R"("family":"ridge","omega":0,"seed":1})", "\"omega\"");
    refused(kuhn + R"("family":"adv","N":4,"colour":1})", "\"colour\"");
    refused(R"({"q":"volume"})", "\"q\"");
    refused(R"({"q":"height","K":[2],"K":[3]})", "K");
    refused("[]", "--query");
}

BOOST_AUTO_TEST_SUITE_END()
