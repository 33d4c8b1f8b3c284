#include "plots/geometric_means.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(geometric_means)

BOOST_AUTO_TEST_CASE(each_place_has_its_geometric_mean_and_students_interval) {
    const moe::Points points = moe::geometric_means(
        {"runs", moe::parse_csv_rows("D,mse\n16,1e-2\n8,5\n16,1e-4\n16,1e-3\n", "runs")}, "D",
        "mse");
    BOOST_TEST(points.x == std::vector<double>({8.0, 16.0}));
    BOOST_TEST(points.y[0] == 5.0, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(points.low[0] == points.y[0]); // a single run has no interval
    BOOST_TEST(points.y[1] == 1e-3, boost::test_tools::tolerance(1e-12));
    // Logarithms to base 10: -2, -3, -4; deviation 1, t(0.975; 2) = 4.302653.
    const double half = 4.302653 / std::sqrt(3.0);
    BOOST_TEST(std::log10(points.high[1]) == -3.0 + half, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(std::log10(points.low[1]) == -3.0 - half, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_SUITE_END()
