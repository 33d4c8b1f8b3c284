// Runs of thm_approx_rate at the edges of its options.

#include "cli/asking.hpp"
#include "support/temporary_folder.hpp"

#include "basics/csv.hpp"
#include "basics/files.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe_test::ProcessResult;
using moe_test::TemporaryFolder;
using nlohmann::json;

ProcessResult run_in(const TemporaryFolder& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--quiet", "--out", folder.path().string()});
    return moe_test::run(
        {.program = moe_test::theorem("thm_approx_rate"), .arguments = std::move(arguments)});
}

json result_of(const TemporaryFolder& folder, const char* file) {
    return json::parse(std::ifstream(folder.path() / "thm_approx_rate" / file));
}

/// Parameters of the largest model of which only some experts were written.
double largest_unwritten_model(const TemporaryFolder& folder) {
    const std::string file = (folder.path() / "thm_approx_rate" / "models.csv").string();
    const moe::MappedFile models(file);
    const std::vector<moe::CsvRow> rows = moe::parse_csv_rows(models.text(), file);
    const auto column = [&](const char* name) {
        const auto& header = rows.front().fields;
        const auto found = std::ranges::find(header, name, &moe::CsvField::text);
        return static_cast<std::size_t>(found - header.begin());
    };
    const std::size_t materialised = column("materialised");
    const std::size_t expert = column("parameters_formula");
    const std::size_t experts = column("experts_formula");
    double largest = 0.0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& fields = rows[i].fields;
        if (fields.at(materialised).text != "false") continue;
        largest = std::max(largest,
                           std::stod(fields.at(expert).text) * std::stod(fields.at(experts).text));
    }
    return largest;
}

} // namespace

BOOST_AUTO_TEST_SUITE(approx_rate_runs)

/// Whole models of this run have up to 1.9e11 parameters; only experts that a point reaches are
/// ever stored.
BOOST_AUTO_TEST_CASE(huge_models_need_little_memory, *boost::unit_test::enable_if<WHOLE_RUNS>()) {
    const TemporaryFolder folder;
    const ProcessResult result = run_in(folder, {"--only", "kuhn", "--dimensions", "4"});
    BOOST_TEST(result.exit_code == 0, result.err);
    BOOST_TEST(largest_unwritten_model(folder) > 1e8);
    const auto peak = result_of(folder, "run.json").at("peak_resident_bytes").get<std::int64_t>();
    BOOST_TEST(peak < std::int64_t{2} << 30U);
}

BOOST_AUTO_TEST_CASE(a_lipschitz_constant_that_is_too_small_is_refuted) {
    const TemporaryFolder folder;
    const ProcessResult result = run_in(
        folder, {"--only", "kuhn", "--dimensions", "2", "--target-lambda", "2", "--samples", "50"});
    BOOST_TEST(result.exit_code == 1, result.err);
    BOOST_TEST(result_of(folder, "verdict.json").at("verdict") == "refuted");
}

BOOST_AUTO_TEST_CASE(a_dimension_is_named_once) {
    const TemporaryFolder folder;
    moe_test::check_refused("thm_approx_rate",
                            {"--dimensions", "1,1", "--out", (folder.path() / "out").string()},
                            "--dimensions");
    BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_SUITE_END()
