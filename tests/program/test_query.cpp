// The checked accessors of --query.

#include "basics/error.hpp"
#include "program/query.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

namespace {

using moe::InputError;
using moe::Query;
using Points = std::vector<std::vector<double>>;

/// The message with which something is refused; fails the test if it is not.
std::string refusal(const std::function<void()>& action) {
    try {
        action();
    } catch (const InputError& error) {
        BOOST_TEST(std::string(error.what()).find('\n') == std::string::npos);
        return error.what();
    }
    BOOST_ERROR("nothing was refused");
    return "";
}

template<class Read>
std::string refusal(const std::string& json, Read read) {
    return refusal([&] {
        Query query(json);
        (void)read(query);
    });
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(query)

BOOST_AUTO_TEST_CASE(what_is_no_json_object_is_refused) {
    for (const char* text :
         {"", "{", "[]", "3", "null", "\"q\"", "{\"q\":1,}", "{\"q\":nan}", "{\"q\":1e999}",
          "{'q':1}", "{\"q\":1} x", "{\"q\" 1}", "{\"q\":\"\n\"}"})
        BOOST_TEST(contains(refusal([&] { Query{text}; }), "--query"));
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_refused_at_every_depth) {
    BOOST_TEST(contains(refusal([] { Query(R"({"n":1,"n":1})"); }), "\"n\""));
    BOOST_TEST(contains(refusal([] { Query(R"({"a":{"n":1},"b":{"n":1,"n":2}})"); }), "\"n\""));
    Query fine(R"({"a":{"n":1},"b":{"n":1},"n":1})");
    BOOST_TEST(fine.has("n"));
}

BOOST_AUTO_TEST_CASE(integers_are_exact_and_inside_their_range) {
    Query query(R"({"n":8,"big":9223372036854775807,"list":[1,-2]})");
    BOOST_TEST(query.integer("n", 1, 8) == 8);
    BOOST_TEST(query.integer("m", 1, 8, 5) == 5);
    BOOST_TEST(query.integer("big", 0, 9223372036854775807) == 9223372036854775807);
    const std::vector<std::int64_t> expected = {1, -2};
    BOOST_TEST(query.integers("list") == expected, boost::test_tools::per_element());
    const auto read = [](Query& q) { return q.integer("n", 1, 8); };
    for (const char* text : {"0", "9", "1.0", "1e0", "\"1\"", "true", "null", "[1]",
                             "9223372036854775808", "-9223372036854775809"})
        BOOST_TEST(contains(refusal("{\"n\":" + std::string(text) + "}", read), "key \"n\""));
    BOOST_TEST(refusal(R"({"n":9})", read) == "--query: key \"n\" is 9; allowed: an integer 1..8");
    BOOST_TEST(contains(refusal("{}", read), "key \"n\" is missing"));
    const auto read_list = [](Query& q) { return q.integers("n", {.low = 1}, 2); };
    for (const char* text : {"[]", "[1]", "[1,0]", "[1,2.5]", "3", "[[1,2]]"})
        refusal("{\"n\":" + std::string(text) + "}", read_list);
}

BOOST_AUTO_TEST_CASE(seeds_take_all_64_bits) {
    Query query(R"({"seed":18446744073709551615})");
    BOOST_TEST(query.seed("seed") == 18446744073709551615U);
    BOOST_TEST(query.seed("other", 3) == 3U);
    for (const char* text : {"-1", "18446744073709551616", "1.5", "\"1\""})
        refusal("{\"seed\":" + std::string(text) + "}", [](Query& q) { return q.seed("seed"); });
}

BOOST_AUTO_TEST_CASE(reals_respect_open_ends) {
    Query query(R"({"eps":0.25,"n":1})");
    BOOST_TEST(query.real("eps", {.low = 0.0, .low_open = true}) == 0.25);
    BOOST_TEST(query.real("n") == 1.0);
    BOOST_TEST(query.real("other", {}, 2.5) == 2.5);
    refusal(R"({"eps":0})", [](Query& q) { return q.real("eps", {.low = 0.0, .low_open = true}); });
    refusal(R"({"eps":"1"})", [](Query& q) { return q.real("eps"); });
}

BOOST_AUTO_TEST_CASE(points_are_lists_of_points_or_one_flat_point) {
    Query query(
        R"({"many":[[0.5,0.25],[1,0]],"flat":[0.5,0.25],"plain":[0.5,1],"nested":[[1],[0]]})");
    BOOST_TEST((query.points("many", 2) == Points{{0.5, 0.25}, {1.0, 0.0}}));
    BOOST_TEST((query.points("flat", 2) == Points{{0.5, 0.25}}));
    BOOST_TEST((query.points("plain", 1) == Points{{0.5}, {1.0}}));
    BOOST_TEST((query.points("nested", 1) == Points{{1.0}, {0.0}}));
    const auto read = [](Query& q) { return q.points("x", 2, {.low = 0.0, .high = 1.0}); };
    for (const char* text :
         {"[]", "[[]]", "[0.5]", "[0.5,0.5,0.5]", "[[0.5,0.5],[0.5]]", "0.5", "[[0.5,1.5]]",
          "[0.5,-0.1]", "[[0.5,\"a\"]]", "[[0.5,0.5],0.5]", "[0.5,[0.5]]", "{}", "null"})
        BOOST_TEST(contains(refusal("{\"x\":" + std::string(text) + "}", read), "key \"x\""));
}

BOOST_AUTO_TEST_CASE(texts_are_one_of_those_allowed) {
    Query query(R"({"form":"wide","list":["a","b","a"],"sigma":"free"})");
    BOOST_TEST(query.text("form", {"wide", "narrow"}) == "wide");
    BOOST_TEST(query.text("shape", {"wide", "narrow"}, "narrow") == "narrow");
    BOOST_TEST(query.texts("list", {"a", "b"}).size() == 3U);
    BOOST_TEST(query.holds_text("sigma"));
    BOOST_TEST(!query.holds_text("list"));
    BOOST_TEST(contains(refusal(R"({"form":"flat"})",
                                [](Query& q) {
                                    return q.text("form", {"wide", "narrow"});
                                }),
                        R"(one of "wide", "narrow")"));
    refusal(R"({"form":3})", [](Query& q) { return q.text("form", {"wide"}, "wide"); });
    refusal(R"({"list":["a","c"]})", [](Query& q) { return q.texts("list", {"a", "b"}); });
}

BOOST_AUTO_TEST_CASE(a_key_that_nobody_reads_is_refused_by_name) {
    Query query(R"({"n":1,"truth":{"gate":"sigmoid","extra":2},"m":2})");
    (void)query.integer("n", 0, 9);
    BOOST_TEST(contains(refusal([&] { query.require_all_used(); }), "\"truth\""));
    Query& truth = query.object("truth");
    BOOST_TEST(truth.text("gate") == "sigmoid");
    (void)query.integer("m", 0, 9);
    BOOST_TEST(contains(refusal([&] { query.require_all_used(); }), "\"truth.extra\""));
    (void)query.object("truth").integer("extra", 0, 9);
    query.require_all_used();
    BOOST_TEST(
        contains(refusal(R"({"truth":3})", [](Query& q) { return q.object("truth").has("gate"); }),
                 "an object"));
    BOOST_TEST(contains(
        refusal(R"({"truth":{}})", [](Query& q) { return q.object("truth").text("gate"); }),
        "truth.gate"));
}

BOOST_AUTO_TEST_SUITE_END()
