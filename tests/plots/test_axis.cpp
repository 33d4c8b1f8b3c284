#include "plots/figure_axis.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(axis)

BOOST_AUTO_TEST_CASE(an_axis_of_categories_has_their_names_as_ticks_and_no_numbers) {
    const moe::Axis cells{.name = "cell", .low = 0.5, .high = 2.5, .names = {"one", "two"}};
    const moe::AxisRange range = moe::axis_range(cells, {1.0, 2.0});
    const std::string commands = moe::axis_commands('x', cells, range, {"'one'", "'two'"});
    BOOST_TEST(commands.find("set xrange [0.5:2.5]") != std::string::npos);
    BOOST_TEST(commands.find("set xtics ('one' 1, 'two' 2)") != std::string::npos);
    BOOST_TEST(commands.find("autofreq") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_axis_without_names_has_numbers) {
    const moe::Axis plain{.name = "x"};
    const moe::AxisRange range = moe::axis_range(plain, {0.0, 1.0});
    BOOST_TEST((range.low < 0.0 && range.high > 1.0));
    BOOST_TEST(moe::axis_commands('y', plain, range, {}).find("set ytics autofreq") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
