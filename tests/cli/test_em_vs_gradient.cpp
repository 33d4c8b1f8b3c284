// What thm_em_vs_gradient answers about a file and does with the user's data.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include "basics/csv.hpp"
#include "basics/files.hpp"
#include "basics/numbers.hpp"
#include "datasets/synthetic.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using moe::Index;
using nlohmann::json;

const std::string program = "thm_em_vs_gradient";

/// A sample of the side-by-side comparison (notes, section 8): linear experts with sigma = 1, start
/// responsibilities of the start theta* + 0.3 normals.
struct Sample {
    unsigned seed;
    Index n;
    Index p;
    Index K;
};

constexpr Sample first{72, 1000, 2, 2};
constexpr Sample second{73, 1000, 6, 2};
constexpr Sample third{74, 5000, 6, 3};

std::string written(const Sample& sample, const fs::path& folder) {
    const moe::GatedShape shape{
        .family = moe::ExpertFamily::linear, .p = sample.p, .K = sample.K, .C = 1};
    const moe::SyntheticData data = moe::gated_data(
        {.shape = shape, .n = sample.n, .start_noise = 0.3}, moe::FixtureSource(sample.seed));
    moe::Matrix r;
    moe::make_gated_mixture(shape, {.sigma = 1.0}, data.samples)->posterior(data.start, r);
    std::string text = "y";
    for (Index j = 1; j <= sample.p; ++j)
        text += ",x" + std::to_string(j);
    for (Index k = 0; k < sample.K; ++k)
        text += ",r" + std::to_string(k);
    for (Index i = 0; i < sample.n; ++i) {
        text += "\n" + moe::shortest(data.samples.y(i));
        for (Index j = 0; j < sample.p; ++j)
            text += "," + moe::shortest(data.samples.x(i, j));
        for (Index k = 0; k < sample.K; ++k)
            text += "," + moe::shortest(r(i, k));
    }
    const fs::path file = folder / ("p" + std::to_string(sample.seed) + ".csv");
    moe::write_file(file, text + "\n");
    return file.string();
}

json question(const std::string& file, Index K, const json& sigma, int iterations = 50) {
    return {
        {"q", "em_csv"}, {"file", file}, {"K", K}, {"sigma", sigma}, {"iterations", iterations}};
}

void check_values(const json& found, const std::vector<double>& expected, double tolerance) {
    BOOST_TEST_REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        BOOST_TEST(std::abs(found[i].get<double>() - expected[i]) <= tolerance,
                   "entry " << i << ": " << found[i] << ", expected " << expected[i]);
}

/// Rows of a result's CSV without the header.
std::vector<moe::CsvRow> rows_of(const fs::path& folder, const std::string& table) {
    const moe::MappedFile file(folder / program / (table + ".csv"));
    std::vector<moe::CsvRow> rows = moe::parse_csv_rows(file.text(), table);
    rows.erase(rows.begin());
    return rows;
}

double field(const moe::CsvRow& row, std::size_t column) {
    return moe::parse_real(row.fields.at(column).text).value();
}

/// F per iteration of each method of the comparison on the user's data.
std::map<std::string, std::vector<double>> methods_of(const fs::path& folder) {
    std::map<std::string, std::vector<double>> methods;
    for (const moe::CsvRow& row : rows_of(folder, "data_methods"))
        methods[row.fields.at(0).text].push_back(field(row, 2));
    return methods;
}

/// What a run wrote as verdict.json.
json verdict_of(const fs::path& folder) {
    const moe::MappedFile file(folder / program / "verdict.json");
    return json::parse(file.text());
}

} // namespace

BOOST_AUTO_TEST_SUITE(em_on_a_file)

/// Log-likelihoods after 1, 2, 10 and 50 iterations of an independent prototype, free variances.
BOOST_AUTO_TEST_CASE(log_likelihoods_with_free_variances_are_the_prototypes) {
    const moe_test::TemporaryFolder folder;
    struct Case {
        Sample sample;
        std::vector<double> expected;
    };
    for (const Case& c : {Case{first, {-1845.484639, -1845.466634, -1845.466266, -1845.466266}},
                          Case{second, {-1674.739622, -1669.143886, -1668.792540, -1668.792540}},
                          Case{third, {-9046.907950, -8988.275910, -8977.501073, -8977.501010}}}) {
        const json answer =
            moe_test::ask(program, question(written(c.sample, folder.path()), c.sample.K, "free"));
        check_values(answer.at("loglik"), c.expected, 1e-6);
        BOOST_TEST(answer.at("seconds_per_iteration").get<double>() > 0.0);
    }
}

/// flexmix 2.3-18 itself: its variance is sum r e^2 / mean(r) / (n - p), and its gate is fitted
/// less exactly, which shows in the first iterations and not in the limit.
BOOST_AUTO_TEST_CASE(with_its_variance_the_limits_of_flexmix_are_reproduced) {
    const moe_test::TemporaryFolder folder;
    for (const auto& [sample, expected, tolerance] :
         {std::tuple(first, -1845.467318, 1e-6), std::tuple(second, -1668.802911, 1e-6),
          std::tuple(third, -8977.50355, 1e-5)}) {
        const json answer =
            moe_test::ask(program, question(written(sample, folder.path()), sample.K, "free", 200));
        BOOST_TEST(std::abs(answer.at("loglik_flexmix").at(3).get<double>() - expected) <=
                   tolerance);
        BOOST_TEST(answer.at("loglik").at(3).get<double>() >= expected - 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(log_likelihoods_with_known_variance_are_the_prototypes) {
    const moe_test::TemporaryFolder folder;
    for (const auto& [sample, expected] :
         {std::pair(first, -1845.795868), std::pair(second, -1668.950352),
          std::pair(third, -8978.245253)}) {
        const json answer =
            moe_test::ask(program, question(written(sample, folder.path()), sample.K, 1.0));
        BOOST_TEST(std::abs(answer.at("loglik").at(3).get<double>() - expected) <= 1e-6);
        BOOST_TEST(!answer.contains("loglik_flexmix"));
    }
}

BOOST_AUTO_TEST_CASE(iterations_beyond_the_last_are_null) {
    const moe_test::TemporaryFolder folder;
    const json answer =
        moe_test::ask(program, question(written(first, folder.path()), 2, "free", 2));
    const json& values = answer.at("loglik");
    BOOST_TEST(std::abs(values[1].get<double>() + 1845.466634) <= 1e-6);
    BOOST_TEST(values[2].is_null());
    BOOST_TEST(values[3] == values[1]);
}

BOOST_AUTO_TEST_CASE(files_and_keys_that_do_not_fit_are_refused_by_name) {
    const moe_test::TemporaryFolder folder;
    const std::string file = written(first, folder.path());
    const auto refused = [](const json& asked, const std::string& culprit) {
        moe_test::check_refused(program, {"--query", asked.dump()}, culprit);
    };
    refused(question((folder.path() / "none.csv").string(), 2, "free"), "none.csv");
    refused(question(file, 3, "free"), "\"K\"");
    refused(question(file, 1, "free"), "\"K\"");
    refused(question(file, 2, "fixed"), "\"sigma\"");
    refused(question(file, 2, 0.0), "\"sigma\"");
    refused(question(file, 2, "free", 0), "\"iterations\"");
    json unknown = question(file, 2, "free");
    unknown["starts"] = 3;
    refused(unknown, "\"starts\"");
    moe::write_file(folder.path() / "nan.csv", "y,x1\n1,nan\n");
    refused(question((folder.path() / "nan.csv").string(), 2, "free"), "nan.csv");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(own_data)

BOOST_AUTO_TEST_CASE(data_of_a_file_are_fitted_and_the_fit_is_written_out) {
    const moe_test::TemporaryFolder folder;
    const moe_test::ProcessResult result = moe_test::run(
        {.program = moe_test::theorem(program),
         .arguments = {"--data", written(first, folder.path()), "--data-family", "free-variance",
                       "--data-iterations", "50", "--out", folder.path().string()}});
    BOOST_TEST(result.exit_code == 0, result.out << result.err);

    const std::vector<moe::CsvRow> trace = rows_of(folder.path(), "data_trace");
    BOOST_TEST_REQUIRE(trace.size() == 51U);
    BOOST_TEST(std::abs(field(trace.front(), 1) + 1845.484639) <= 1e-6);
    BOOST_TEST(std::abs(field(trace.back(), 1) + 1845.466266) <= 1e-6);
    BOOST_TEST(std::abs(field(trace.back(), 2) - 1.845466266) <= 1e-9);
    // Free variances have no step 1/Lip: EM stands alone in the comparison.
    BOOST_TEST(methods_of(folder.path()).size() == 1U);

    // Gate 2, coefficients 2 x 2, standard deviations 2; responsibilities of a sample sum to 1.
    BOOST_TEST(rows_of(folder.path(), "data_parameters").size() == 8U);
    const std::vector<moe::CsvRow> r = rows_of(folder.path(), "data_responsibilities");
    BOOST_TEST_REQUIRE(r.size() == 2000U);
    for (std::size_t i = 0; i < r.size(); i += 2)
        BOOST_TEST(std::abs(field(r[i], 2) + field(r[i + 1], 2) - 1.0) <= 1e-15);
}

BOOST_AUTO_TEST_CASE(with_data_only_the_claim_about_them_is_judged) {
    const moe_test::TemporaryFolder folder;
    const moe_test::ProcessResult result =
        moe_test::run({.program = moe_test::theorem(program),
                       .arguments = {"--data", written(second, folder.path()), "--json", "--out",
                                     folder.path().string()}});
    BOOST_TEST(result.exit_code == 0, result.err);
    const json verdict = json::parse(result.out);
    BOOST_TEST(!verdict.at("claims").empty());
    for (const json& claim : verdict.at("claims"))
        BOOST_TEST((claim.at("verdict") == "not run") == (claim.at("id") != "D.monotone"), claim);
}

/// The maximum of the likelihood with known variance is the prototype's (see above): EM is there
/// after 50 iterations and no method is below it. Tuning minimises the last F only, so nothing is
/// said of the order in between.
BOOST_AUTO_TEST_CASE(the_gradient_methods_run_beside_em_from_its_start) {
    const moe_test::TemporaryFolder folder;
    const moe_test::ProcessResult result =
        moe_test::run({.program = moe_test::theorem(program),
                       .arguments = {"--data", written(first, folder.path()), "--only", "data",
                                     "--data-iterations", "50", "--out", folder.path().string()}});
    BOOST_TEST(result.exit_code == 0, result.out << result.err);
    auto methods = methods_of(folder.path());
    BOOST_TEST_REQUIRE(methods.size() == 4U);
    constexpr double lowest = 1.845795868;
    for (const char* const name : {"em", "gradient-em-tuned", "gd-tuned", "gd-blockwise"}) {
        BOOST_TEST_CONTEXT(name) {
            const std::vector<double>& objectives = methods[name];
            BOOST_TEST_REQUIRE(objectives.size() == 51U);
            BOOST_TEST(std::abs(objectives.front() - methods["em"].front()) <= 1e-14);
            BOOST_TEST(objectives.back() < objectives.front());
            BOOST_TEST(*std::ranges::min_element(objectives) >= lowest - 1e-9);
        }
    }
    BOOST_TEST(std::abs(methods["em"].back() - lowest) <= 1e-9);
}

BOOST_AUTO_TEST_CASE(a_check_that_data_exclude_is_refused) {
    const moe_test::TemporaryFolder folder;
    const std::string file = written(first, folder.path());
    moe_test::check_refused(program, {"--data", file, "--only", "linear"}, "--only: 'linear'");
    moe_test::check_refused(program, {"--data", file, "--only", "data", "--only", "truncated"},
                            "--only: 'truncated'");
}

BOOST_AUTO_TEST_CASE(options_that_do_not_go_together_are_refused) {
    moe_test::check_refused(program, {"--data-experts", "3"}, "--data-experts");
    moe_test::check_refused(program, {"--signals", "4,4"}, "--signals");
    moe_test::check_refused(program, {"--distances", "0.5,0.2,0.5"}, "--distances");
    moe_test::check_refused(program, {"--linear-samples", "19"}, "--linear-samples");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(em_vs_gradient_refusals)

/// Twenty signs and twenty parameters: the model separates the signs, so that its likelihood has no
/// maximum and EM, on its way to infinity, no M-step.
BOOST_AUTO_TEST_CASE(data_sets_without_a_fit_end_no_run_and_leave_the_claims_open) {
    const moe_test::TemporaryFolder folder;
    const moe_test::ProcessResult result = moe_test::run(
        {.program = moe_test::theorem(program),
         .arguments = {"--only", "logistic", "--logistic-samples", "20", "--logistic-repetitions",
                       "3", "--quiet", "--out", folder.path().string()}});
    BOOST_TEST(result.exit_code == 3, result.err);
    const std::vector<moe::CsvRow> refused = rows_of(folder.path(), "refused");
    BOOST_TEST(refused.size() == 3U);
    for (const moe::CsvRow& row : refused) {
        BOOST_TEST(row.fields.at(0).text == "logistic");
        BOOST_TEST(!row.fields.at(4).text.empty());
    }
    std::size_t judged = 0;
    const json verdict = verdict_of(folder.path());
    for (const json& claim : verdict.at("claims")) {
        if (claim.at("check") != "logistic") continue;
        ++judged;
        BOOST_TEST(claim.at("verdict") == "inconclusive", claim);
        const std::string evidence = claim.at("evidence");
        BOOST_TEST(evidence.find("3 of 3 data sets refused") != std::string::npos, claim);
    }
    BOOST_TEST(judged == 5U);
}

BOOST_AUTO_TEST_SUITE_END()
