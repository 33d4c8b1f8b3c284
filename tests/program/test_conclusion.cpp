// The end of a run: which claims count, which exit code follows; declarations that contradict
// themselves.

#include "program/conclusion.hpp"
#include "program/execution.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

namespace {

using namespace moe;

Program two_checks() {
    Program program;
    program.name = "two";
    program.checks = {{"alpha", ""}, {"beta", ""}};
    program.presets = {{"quick", 1.0}, {"full", 2.0}};
    program.tables = {{"t", "", {{"n", ColumnType::integer, ""}}}};
    program.claims = {{"A", "alpha", "paper", "1", "a holds"}, {"B", "beta", "paper", "2", "b"}};
    program.plan = [](const Options&) { return Plan{}; };
    program.judge = [](const Options&, const Tables&) { return Judgement{}; };
    return program;
}

Options options_for(std::vector<std::string> only = {}) {
    RunSettings settings;
    settings.only = std::move(only);
    return {{}, settings, {}};
}

Claim judged(const std::string& id, Verdict verdict) {
    Claim claim;
    claim.id = id;
    claim.verdict = verdict;
    return claim;
}

Verdict verdict_of(Verdict a, Verdict b) {
    return conclude(two_checks(), options_for(), {{judged("B", b), judged("A", a)}, {}}).verdict;
}

void breaks(const std::function<void(Program&)>& change) {
    Program program = two_checks();
    change(program);
    BOOST_CHECK_THROW(validate(program), std::logic_error);
}

Cell cell(const std::string& name) {
    return {name, "alpha", 1.0, [](const CellContext&) { return CellResult{}; }};
}

} // namespace

BOOST_AUTO_TEST_SUITE(conclusion)

BOOST_AUTO_TEST_CASE(one_refuted_claim_refutes_and_one_inconclusive_claim_leaves_open) {
    using enum Verdict;
    BOOST_TEST((verdict_of(supported, supported) == supported));
    BOOST_TEST((verdict_of(supported, refuted) == refuted));
    BOOST_TEST((verdict_of(refuted, inconclusive) == refuted));
    BOOST_TEST((verdict_of(inconclusive, supported) == inconclusive));
    BOOST_TEST(static_cast<int>(exit_code_of(supported)) == 0);
    BOOST_TEST(static_cast<int>(exit_code_of(refuted)) == 1);
    BOOST_TEST(static_cast<int>(exit_code_of(inconclusive)) == 3);
}

BOOST_AUTO_TEST_CASE(claims_come_in_declared_order_with_their_declared_texts) {
    const auto conclusion =
        conclude(two_checks(), options_for(),
                 {{judged("B", Verdict::supported), judged("A", Verdict::supported)}, {}});
    BOOST_TEST(conclusion.claims.size() == 2U);
    BOOST_TEST(conclusion.claims[0].id == "A");
    BOOST_TEST(conclusion.claims[0].statement == "a holds");
    BOOST_TEST(conclusion.claims[0].check == "alpha");
}

BOOST_AUTO_TEST_CASE(
    a_selected_claim_without_data_is_not_run_and_leaves_the_verdict_to_the_others) {
    for (const Verdict verdict : {Verdict::supported, Verdict::refuted, Verdict::inconclusive}) {
        const auto conclusion = conclude(two_checks(), options_for(), {{judged("A", verdict)}, {}});
        BOOST_TEST(conclusion.claims.size() == 1U);
        BOOST_TEST_REQUIRE(conclusion.not_run.size() == 1U);
        BOOST_TEST(conclusion.not_run[0].claim.id == "B");
        BOOST_TEST(conclusion.not_run[0].reason == "no data with these options");
        BOOST_TEST((conclusion.verdict == verdict));
    }
}

BOOST_AUTO_TEST_CASE(without_any_judged_claim_nothing_is_concluded) {
    BOOST_TEST((conclude(two_checks(), options_for(), {}).verdict == Verdict::inconclusive));
    const auto conclusion =
        conclude(two_checks(), options_for({"alpha"}), {{judged("B", Verdict::supported)}, {}});
    BOOST_TEST(conclusion.claims.empty());
    BOOST_TEST_REQUIRE(conclusion.not_run.size() == 2U);
    BOOST_TEST(conclusion.not_run[0].reason == "no data with these options");
    BOOST_TEST(conclusion.not_run[1].reason == "left out by --only");
    BOOST_TEST((conclusion.verdict == Verdict::inconclusive));
}

BOOST_AUTO_TEST_CASE(claims_of_other_checks_are_not_run) {
    const auto conclusion =
        conclude(two_checks(), options_for({"alpha"}),
                 {{judged("A", Verdict::supported), judged("B", Verdict::refuted)}, {}});
    BOOST_TEST(conclusion.claims.size() == 1U);
    BOOST_TEST(conclusion.not_run.size() == 1U);
    BOOST_TEST(conclusion.not_run[0].claim.id == "B");
    BOOST_TEST(conclusion.not_run[0].reason == "left out by --only");
    BOOST_TEST((conclusion.verdict == Verdict::supported));
}

BOOST_AUTO_TEST_CASE(claims_out_of_nowhere_and_double_judgements_are_defects) {
    const Claim unknown = judged("C", Verdict::supported);
    const Claim known = judged("A", Verdict::supported);
    BOOST_CHECK_THROW((void)conclude(two_checks(), options_for(), {{unknown}, {}}),
                      std::logic_error);
    BOOST_CHECK_THROW((void)conclude(two_checks(), options_for(), {{known, known}, {}}),
                      std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(declaration)

BOOST_AUTO_TEST_CASE(a_declaration_that_contradicts_itself_is_a_defect) {
    validate(two_checks());
    breaks([](Program& p) { p.checks.push_back({"alpha", "again"}); });
    breaks([](Program& p) { p.checks.push_back({"gamma", "without a claim"}); });
    breaks([](Program& p) { p.claims.push_back({"A", "alpha", "", "", "again"}); });
    breaks([](Program& p) { p.claims.push_back({"C", "gamma", "", "", "of no check"}); });
    breaks([](Program& p) { p.sabotages = {{"s", "", "gamma", {}}}; });
    breaks([](Program& p) { p.tables.push_back({"rates", "", {}}); });
    breaks([](Program& p) { p.tables.push_back({"a/b", "", {}}); });
    breaks([](Program& p) { p.presets.pop_back(); });
    breaks([](Program& p) { p.options = {integer_option("seed", "taken", {}, 1, 1)}; });
    breaks([](Program& p) { p.options = {integer_option("n", "range", {.low = 1}, 0, 1)}; });
    breaks([](Program& p) { p.plan = nullptr; });
    breaks([](Program& p) { p.queries = {{"q", "", nullptr}}; });
    breaks([](Program& p) { p.name = "../evil"; });
}

BOOST_AUTO_TEST_CASE(cells_need_names_of_their_own_a_check_work_and_a_cost) {
    const auto known = [](const std::string& check) { return check == "alpha"; };
    validate({cell("a"), cell("b")}, known);
    BOOST_CHECK_THROW(validate({cell("a"), cell("a")}, known), std::logic_error);
    Cell other = cell("c");
    other.check = "beta";
    BOOST_CHECK_THROW(validate({other}, known), std::logic_error);
    other = cell("c");
    other.run = nullptr;
    BOOST_CHECK_THROW(validate({other}, known), std::logic_error);
    for (const double cost : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()}) {
        other = cell("c");
        other.cost = cost;
        BOOST_CHECK_THROW(validate({other}, known), std::logic_error);
    }
}

BOOST_AUTO_TEST_CASE(tables_know_only_what_was_declared) {
    Tables tables(two_checks().tables);
    tables.add("t", {std::int64_t{3}});
    BOOST_TEST(tables.at("t").integer(0, "n") == 3);
    BOOST_CHECK_THROW((void)tables.at("u"), std::out_of_range);
    BOOST_CHECK_THROW(tables.add("u", {}), std::out_of_range);
    BOOST_CHECK_THROW(tables.add("t", {1.5}), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
