#include "plots/drawn.hpp"
#include "plots/figure_images.hpp"
#include "plots/style.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace {

using moe_test::bytes_of;
using moe_test::plain_text;
using moe_test::TemporaryFolder;

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();

} // namespace

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
    const TemporaryFolder folder;
    BOOST_TEST(figure.render(folder.path()).size() >= 2U);
    const std::string svg = bytes_of(folder.path() / "band.svg");
    BOOST_TEST(plain_text(svg).find("median") != std::string::npos);
    BOOST_TEST(svg.find("fill-opacity") != std::string::npos);
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
    const TemporaryFolder folder;
    BOOST_TEST(figure.render(folder.path()).size() >= 2U);
    const std::string svg = bytes_of(folder.path() / "pictures.svg");
    BOOST_TEST(plain_text(svg).find("r = 0.5") != std::string::npos);
    std::size_t drawn = 0;
    for (std::size_t at = svg.find("<image"); at != std::string::npos;
         at = svg.find("<image", at + 1))
        ++drawn;
    BOOST_TEST(drawn == images.size());

    BOOST_CHECK_THROW(panel.curve("c", {1, 2}, {1, 2}), std::invalid_argument);
    BOOST_CHECK_THROW(panel.images({}, 1), std::invalid_argument);
    BOOST_CHECK_THROW(panel.images(images, 0), std::invalid_argument);
    images.back().values.back() = 1.5;
    BOOST_CHECK_THROW(panel.images(images, 3), std::invalid_argument);
    images.back().values.pop_back();
    BOOST_CHECK_THROW(panel.images(images, 3), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(difficult_texts_and_data_are_drawn_without_complaint) {
    const TemporaryFolder folder;
    const std::filesystem::path name = folder.path() / "moe-plots-'\\-odd";
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
    const std::string text = plain_text(bytes_of(name / "odd.svg"));
    BOOST_TEST(text.find("it's 100% {odd} \\ @ &amp; ~ _ ^") != std::string::npos);
    figure.panel("line\nbreak").curve("", {1, 2}, {1, 2});
    BOOST_CHECK_THROW(static_cast<void>(figure.render(name)), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
