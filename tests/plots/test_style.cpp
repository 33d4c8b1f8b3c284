#include "plots/drawn.hpp"
#include "plots/figure_program.hpp"

#include "basics/csv.hpp"
#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "basics/numbers.hpp"
#include "program/results.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using moe_test::bytes_of;
using moe_test::plain_text;

/// Sets an environment variable for a while.
class Environment {
  public:
    Environment(const char* name, const std::string& value)
        : name_(name) {
        if (const char* const old = std::getenv(name)) old_ = old;
        ::setenv(name, value.c_str(), 1);
    }
    ~Environment() { ::setenv(name_, old_.c_str(), 1); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    Environment(Environment&&) = delete;
    Environment& operator=(Environment&&) = delete;

  private:
    const char* name_;
    std::string old_;
};

/// A run of a synthetic theorem, errors at 2^1..2^6 samples for two dimensions, in a folder of its
/// own that is removed in the end.
struct SyntheticRun {
    SyntheticRun() {
        std::string name = (fs::temp_directory_path() / "moe-plots-XXXXXX").string();
        BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        root = name;
        fs::create_directories(root / "thm_toy");
        moe::Table errors({"errors",
                           "synthetic",
                           {{"dimension", moe::ColumnType::integer, ""},
                            {"samples", moe::ColumnType::integer, ""},
                            {"error", moe::ColumnType::real, ""},
                            {"error_low", moe::ColumnType::real, ""},
                            {"error_high", moe::ColumnType::real, ""}}});
        std::vector<moe::Rate> rates;
        for (const int dimension : {1, 2}) {
            std::vector<double> samples;
            std::vector<double> values;
            for (int k = 1; k <= 6; ++k) {
                samples.push_back(std::exp2(k));
                const double wiggle = 0.05 * std::cos(3 * k + dimension);
                values.push_back(dimension * std::exp2(-0.5 * k + wiggle));
                errors.add({std::int64_t{dimension}, static_cast<std::int64_t>(samples.back()),
                            values.back(), 0.85 * values.back(), 1.2 * values.back()});
            }
            rates.push_back(moe::fit_rate(
                {"toy.n" + std::to_string(dimension), "error against samples", -0.5, 0.1}, samples,
                values));
        }
        write("errors", moe::to_csv(errors));
        write("rates", moe::to_csv(moe::rates_table(rates)));
        moe::write_file(root / "thm_toy" / "verdict.json", verdict.dump());
    }
    ~SyntheticRun() { fs::remove_all(root); }
    SyntheticRun(const SyntheticRun&) = delete;
    SyntheticRun& operator=(const SyntheticRun&) = delete;
    SyntheticRun(SyntheticRun&&) = delete;
    SyntheticRun& operator=(SyntheticRun&&) = delete;

    void write(const std::string& table, const std::string& bytes) {
        moe::write_file(root / "thm_toy" / (table + ".csv"), bytes);
        verdict["tables"].push_back({{"name", table}, {"rows", 0}, {"xxh64", moe::hash_of(bytes)}});
    }

    /// Exit status of the figure program with these arguments.
    [[nodiscard]] int run(const std::vector<std::string>& arguments) const {
        std::vector<const char*> argv{"fig_toy"};
        for (const std::string& argument : arguments) {
            argv.push_back(argument.c_str());
        }
        return moe::figure_main(static_cast<int>(argv.size()), argv.data(), program());
    }
    [[nodiscard]] int run_here() const { return run({"--runs", root.string()}); }

    [[nodiscard]] static moe::FigureProgram program() {
        return {"fig_toy", "thm_toy", "a synthetic figure", draw};
    }

    static std::vector<moe::Figure> draw(moe::RunData& data);

    fs::path root;
    nlohmann::ordered_json verdict{{"program", "thm_toy"}, {"preset", "quick"}};
};

std::vector<moe::Figure> SyntheticRun::draw(moe::RunData& data) {
    moe::Figure figure("toy", moe::FigureWidth::single_column, "Synthetic errors");
    moe::Panel& rates = figure.panel("Errors fall like n^{-1/2}")
                            .x_axis({"samples n", "", moe::Scale::log2})
                            .y_axis({"error_rms", "nats", moe::Scale::log10});
    const moe::PlotTable errors = data.table("errors");
    for (const std::string& dimension : errors.distinct("dimension")) {
        const moe::PlotTable part = errors.where("dimension", dimension);
        rates.measured("d = " + dimension,
                       {part.numbers("samples"), part.numbers("error"), part.numbers("error_low"),
                        part.numbers("error_high")},
                       data.rate("toy.n" + dimension));
        if (dimension == "1") rates.triangle(-0.5);
    }
    const moe::PlotTable first = errors.where("dimension", 1);
    figure.panel("The same with theory")
        .x_axis({"samples n", "", moe::Scale::log2})
        .y_axis({"error", "nats", moe::Scale::log10})
        .measured("measured, d = 1", {first.numbers("samples"), first.numbers("error")})
        .curve("computed", first.numbers("samples"), first.numbers("error_low"))
        .theory_power("theory: 1.3 n^{-1/2}", 1.3, -0.5, 2, 64)
        .note("a note", 8, 0.9);
    return {figure};
}

std::size_t entries_of(const fs::path& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(figures, SyntheticRun)

BOOST_AUTO_TEST_CASE(a_figure_is_drawn_in_all_formats_with_its_labels_and_equal_bytes_each_time) {
    BOOST_TEST_REQUIRE(run_here() == 0);
    BOOST_TEST_REQUIRE(run({"--runs=" + root.string(), "--out", (root / "again").string()}) == 0);
    BOOST_TEST(entries_of(root / "figures") == 3U); // and no unfinished file
    for (const char* const name : {"toy.svg", "toy.png", "toy.pdf"}) {
        BOOST_TEST_CONTEXT(name) {
            const std::string bytes = bytes_of(root / "figures" / name);
            BOOST_TEST(bytes.size() > 1000U);
            BOOST_TEST((bytes == bytes_of(root / "again" / name)));
        }
    }
    const std::string text = plain_text(bytes_of(root / "figures" / "toy.svg"));
    const moe::PlotRate rate = moe::RunData(root, "thm_toy").rate("toy.n1");
    const std::string hash = verdict["tables"][0]["xxh64"];
    for (const std::string& label :
         {std::string("Synthetic errors"), std::string("(a) Errors fall like n"),
          std::string("(b) The same with theory"), std::string("samples n"),
          std::string("error_rms (nats)"), std::string("computed"), std::string("theory: 1.3 n"),
          std::string("a note"), std::string("-0.5"),
          "d = 1: fitted " + moe::rounded(rate.slope, 3), std::string("claimed -0.5"),
          "thm_toy (quick): errors " + hash.substr(0, 8)}) {
        BOOST_TEST(text.find(label) != std::string::npos, label);
    }
}

BOOST_AUTO_TEST_CASE(without_gnuplot_the_error_is_clear_and_nothing_is_written) {
    const Environment path("PATH", root.string());
    BOOST_TEST(run_here() == 4);
    BOOST_TEST(!fs::exists(root / "figures"));
    moe::Figure figure("toy", moe::FigureWidth::single_column);
    figure.panel().curve("", {1, 2}, {1, 2});
    BOOST_CHECK_EXCEPTION(static_cast<void>(figure.render(root / "figures")), moe::EnvironmentError,
                          [](const moe::EnvironmentError& error) {
                              return std::string(error.what()).find("gnuplot is not on the PATH") !=
                                     std::string::npos;
                          });
}

BOOST_AUTO_TEST_CASE(a_gnuplot_that_fails_or_warns_leaves_the_old_picture) {
    BOOST_TEST_REQUIRE(run_here() == 0);
    const std::string before = bytes_of(root / "figures" / "toy.svg");
    fs::create_directories(root / "bin");
    const fs::path fake = root / "bin" / "gnuplot";
    const Environment path("PATH", (root / "bin").string());
    for (const char* const end : {"exit 1", "echo 'warning: empty y range' >&2", "kill -9 $$"}) {
        moe::write_file(fake, std::string("#!/bin/sh\ncase \"$2\" in -e) echo svg;; *) ") + end +
                                  ";; esac\n");
        fs::permissions(fake, fs::perms::owner_all);
        BOOST_TEST(run_here() == 4, end);
        BOOST_TEST((bytes_of(root / "figures" / "toy.svg") == before));
        BOOST_TEST(entries_of(root / "figures") == 3U);
    }
}

BOOST_AUTO_TEST_CASE(missing_and_mixed_data_are_told_with_the_program_to_run) {
    const auto told = [&](const std::string& words) {
        return [words](const moe::InputError& error) {
            BOOST_TEST_MESSAGE(error.what());
            return std::string(error.what()).find(words) != std::string::npos;
        };
    };
    moe::RunData data(root, "thm_toy");
    BOOST_CHECK_EXCEPTION(static_cast<void>(data.table("bounds")), moe::InputError,
                          told("run thm_toy --out"));
    BOOST_CHECK_EXCEPTION(static_cast<void>(data.rate("toy.n3")), moe::InputError,
                          told("(there are toy.n1, toy.n2)"));
    BOOST_CHECK_EXCEPTION(moe::RunData(root, "thm_none"), moe::InputError,
                          told("run thm_none --out"));
    moe::write_file(root / "thm_toy" / "errors.csv", "dimension\r\n1\r\n");
    BOOST_CHECK_EXCEPTION(static_cast<void>(data.table("errors")), moe::InputError,
                          told("files of different runs are mixed"));
    BOOST_TEST(run_here() == 2);
    fs::remove(root / "thm_toy" / "errors.csv");
    BOOST_CHECK_EXCEPTION(static_cast<void>(data.table("errors")), moe::InputError,
                          told("the file is missing"));
    BOOST_TEST(run_here() == 2);
    BOOST_TEST(!fs::exists(root / "figures"));
}

BOOST_AUTO_TEST_CASE(bad_usage_is_refused) {
    BOOST_TEST(run({"--help"}) == 0);
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--run", "x"},
                                                      {"x"},
                                                      {"--runs"},
                                                      {"--runs="},
                                                      {"--runs", "x", "--runs", "y"},
                                                      {"--out", "x", "--out", "y"}}) {
        BOOST_TEST(run(arguments) == 2, arguments.front());
    }
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_made_is_a_failure_of_the_environment) {
    BOOST_TEST(run({"--runs", root.string(), "--out",
                    (root / "thm_toy" / "errors.csv" / "figures").string()}) == 4);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(plot_tables, SyntheticRun)

BOOST_AUTO_TEST_CASE(columns_are_read_by_name_and_rows_are_selected_by_value) {
    const moe::PlotTable errors = moe::RunData(root, "thm_toy").table("errors");
    BOOST_TEST(errors.rows() == 12U);
    BOOST_TEST(errors.distinct("dimension") == (std::vector<std::string>{"1", "2"}),
               boost::test_tools::per_element());
    BOOST_TEST(errors.where("dimension", 2).where("samples", "4").numbers("samples") ==
                   std::vector<double>{4},
               boost::test_tools::per_element());
    BOOST_CHECK_THROW(static_cast<void>(errors.where("dimension", 3)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(errors.numbers("delta")), moe::InputError);
    const moe::PlotTable texts("t.csv", moe::parse_csv_rows("a,b\n1,x\n,true\n", "t.csv"));
    BOOST_TEST(std::isnan(texts.numbers("a").at(1)));
    BOOST_CHECK_THROW(static_cast<void>(texts.numbers("b")), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
