#include "plots/figure_images.hpp"
#include "plots/figure_program.hpp"

#include "basics/csv.hpp"
#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "basics/numbers.hpp"
#include "program/results.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();

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

std::string bytes_of(const fs::path& file) {
    return std::string(moe::MappedFile(file).text());
}

/// Text without tags, so that a label can be found whatever spans it is cut into.
std::string plain_text(const std::string& svg) {
    std::string text;
    bool inside = false;
    for (const char c : svg) {
        if (c == '<') inside = true;
        if (!inside) text += c;
        if (c == '>') inside = false;
    }
    text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
    return text;
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

BOOST_AUTO_TEST_SUITE(panels)

BOOST_AUTO_TEST_CASE(series_that_cannot_be_drawn_are_refused) {
    moe::Figure figure("toy", moe::FigureWidth::double_column);
    moe::Panel& linear = figure.panel("linear");
    BOOST_CHECK_THROW(linear.curve("", {1, 2}, {1}), std::invalid_argument);
    BOOST_CHECK_THROW(linear.curve("", {nowhere}, {1}), std::invalid_argument);
    BOOST_CHECK_THROW(linear.measured("", {{1}, {1}, {0.5}, {}}), std::invalid_argument);
    BOOST_CHECK_THROW(linear.triangle(1), std::invalid_argument);
    moe::Panel& logarithmic = figure.panel("log")
                                  .x_axis({"x", "", moe::Scale::log10})
                                  .y_axis({"y", "", moe::Scale::log2});
    BOOST_CHECK_THROW(logarithmic.curve("", {1, 2}, {1, 0}), std::invalid_argument);
    BOOST_CHECK_THROW(logarithmic.measured("", {{1}, {1}, {-0.5}, {2}}), std::invalid_argument);
    BOOST_CHECK_THROW(logarithmic.triangle(1), std::invalid_argument);
    BOOST_CHECK_THROW(logarithmic.triangle(1, 1, 1, 1), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_triangle_stands_below_the_series_that_it_measures) {
    for (const double exponent : {2.0, 0.0, -0.5}) {
        moe::Figure figure("toy", moe::FigureWidth::single_column);
        moe::Panel& panel =
            figure.panel().x_axis({"x", "", moe::Scale::log2}).y_axis({"y", "", moe::Scale::log2});
        moe::Points points;
        for (int k = 0; k < 8; ++k) {
            points.x.push_back(std::exp2(k));
            points.y.push_back(3 * std::exp2(exponent * k));
        }
        panel.measured("", points).theory("", {1, 128}, {0.1, 10}).triangle(exponent);
        const auto& triangle = panel.content().triangles.front();
        for (const double x : {triangle.x, triangle.x * triangle.run}) {
            const double side = triangle.y * std::pow(x / triangle.x, exponent);
            BOOST_TEST(side < 3 * std::pow(x, exponent));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_band_is_drawn_behind_its_line_in_the_same_colour_with_one_legend) {
    moe::Figure figure("band", moe::FigureWidth::single_column);
    moe::Panel& panel = figure.panel().y_axis({"gap", "", moe::Scale::log10});
    panel.measured("first", {{1, 2}, {0.5, 0.6}})
        .band("median", {{1, 2, 3}, {0.3, 0.2, 0.1}, {0.2, 0.1, 0.05}, {0.4, 0.3, 0.2}});
    const auto& series = panel.content().series;
    BOOST_TEST_REQUIRE(series.size() == 3U);
    BOOST_TEST((series[1].kind == moe::Panel::Kind::band && series[1].legend.empty()));
    BOOST_TEST((series[2].kind == moe::Panel::Kind::line && series[2].legend == "median"));
    BOOST_TEST(series[1].look == series[2].look);
    BOOST_TEST(series[0].look != series[2].look);
    BOOST_CHECK_THROW(panel.band("no quartiles", {{1}, {1}}), std::invalid_argument);
    BOOST_CHECK_THROW(panel.band("to zero", {{1}, {1}, {0}, {2}}), std::invalid_argument);
    std::string name = (fs::temp_directory_path() / "moe-plots-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    BOOST_TEST(figure.render(name).size() >= 2U);
    const std::string svg = bytes_of(fs::path(name) / "band.svg");
    BOOST_TEST(plain_text(svg).find("median") != std::string::npos);
    BOOST_TEST(svg.find("fill-opacity") != std::string::npos);
    fs::remove_all(name);
}

BOOST_AUTO_TEST_CASE(pictures_stand_side_by_side_above_their_captions) {
    moe::Figure figure("pictures", moe::FigureWidth::double_column);
    std::vector<moe::GreyImage> images(5, {2, 3, {0, 0.2, 0.4, 0.6, 0.8, 1}, "r = 0.5"});
    moe::Panel& panel = figure.panel("five").images(images, 3);
    // Upper left pixel of the fifth image, the second in the second row, and the lower right one.
    const auto pixels = moe::pixels_of(panel.content(), 4);
    const moe::ImageGrid grid = moe::image_grid(panel.content());
    BOOST_TEST((pixels.front() == std::tuple(grid.image_across + 0.5, -grid.image_down - 0.5, 0)));
    BOOST_TEST((pixels.back() == std::tuple(grid.image_across + 2.5, -grid.image_down - 1.5, 255)));
    BOOST_TEST(grid.image_across > 3);
    const double caption = moe::caption_place(panel.content(), 0).second;
    BOOST_TEST(caption < -2);
    BOOST_TEST(caption > -grid.image_down);
    figure.panel("beside").curve("c", {1, 2}, {1, 2});
    std::string name = (fs::temp_directory_path() / "moe-plots-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    BOOST_TEST(figure.render(name).size() >= 2U);
    const std::string svg = bytes_of(fs::path(name) / "pictures.svg");
    BOOST_TEST(plain_text(svg).find("r = 0.5") != std::string::npos);
    std::size_t drawn = 0;
    for (std::size_t at = svg.find("<image"); at != std::string::npos;
         at = svg.find("<image", at + 1))
        ++drawn;
    BOOST_TEST(drawn == images.size());
    fs::remove_all(name);

    BOOST_CHECK_THROW(panel.curve("c", {1, 2}, {1, 2}), std::invalid_argument);
    BOOST_CHECK_THROW(panel.images({}, 1), std::invalid_argument);
    BOOST_CHECK_THROW(panel.images(images, 0), std::invalid_argument);
    images.back().values.back() = 1.5;
    BOOST_CHECK_THROW(panel.images(images, 3), std::invalid_argument);
    images.back().values.pop_back();
    BOOST_CHECK_THROW(panel.images(images, 3), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(difficult_texts_and_data_are_drawn_without_complaint) {
    std::string name = (fs::temp_directory_path() / "moe-plots-'\\-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    moe::Figure figure("odd", moe::FigureWidth::double_column, "it's 100% {odd} \\ @ & ~ _ ^");
    figure.source("a 'source'_1");
    figure.panel("x_{min}^{2} open ^{brace").curve("", {1, 1}, {2, 2});
    figure.panel("one point")
        .x_axis({"x", "", moe::Scale::log10})
        .y_axis({"y", "", moe::Scale::log2})
        .measured("p", {{5}, {0.3}, {0.2}, {0.4}})
        .legend(moe::LegendPlace::top_left);
    figure.panel("negative")
        .curve("c", {-1, 0, nowhere, 3}, {-1e-9, 2e-9, 1, 3e-9})
        .legend(moe::LegendPlace::bottom_right);
    figure.panel("given limits")
        .x_axis({"x", "", moe::Scale::log10, 1e-3, 1e12})
        .y_axis({"y", "", moe::Scale::log2, 1.1, 1.9})
        .theory("t", {1, 100}, {1.5, 1.6});
    BOOST_TEST(figure.render(name).size() >= 2U);
    const std::string text = plain_text(bytes_of(fs::path(name) / "odd.svg"));
    BOOST_TEST(text.find("it's 100% {odd} \\ @ &amp; ~ _ ^") != std::string::npos);
    figure.panel("line\nbreak").curve("", {1, 2}, {1, 2});
    BOOST_CHECK_THROW(static_cast<void>(figure.render(name)), std::invalid_argument);
    fs::remove_all(name);
}

BOOST_AUTO_TEST_SUITE_END()
