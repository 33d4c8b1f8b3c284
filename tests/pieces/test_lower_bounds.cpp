// Lower bounds for one mixture-of-experts layer against closed forms and the tables of the notes.

#include "pieces/lower_bounds.hpp"

#include "basics/error.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <tuple>

namespace {

namespace tt = boost::test_tools;

moe::OneLayerClass affine(std::uint32_t E, std::uint32_t L) {
    return {.dimension = L, .experts = std::uint64_t{E} * L};
}

/// Experts of the deep model's width m + 2(L + 1).
moe::OneLayerClass fair(std::uint32_t E, std::uint32_t L, std::uint32_t m) {
    return {.dimension = L, .experts = std::uint64_t{E} * L, .width = m + 2 * (L + 1), .hidden = 1};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lower_bounds)

BOOST_AUTO_TEST_CASE(volumes_of_balls_are_those_of_the_gamma_function) {
    using std::numbers::pi;
    const double known[] = {
        1.0, 2.0, pi, 4.0 / 3.0 * pi, pi * pi / 2.0, 8.0 / 15.0 * pi * pi, pi * pi * pi / 6.0};
    for (std::uint32_t L = 0; L <= 6; ++L)
        BOOST_TEST(std::exp(moe::log_ball_volume(L)) == known[L], tt::tolerance(1e-14));
    BOOST_TEST(moe::log_ball_volume(1001) == 500.5 * std::log(pi) - std::lgamma(1001 / 2.0 + 1.0),
               tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(cells_are_experts_times_regions_of_hyperplanes) {
    BOOST_TEST(*moe::exact_cells(affine(8, 6)) == 48U);
    BOOST_TEST(*moe::exact_cells(affine(3, 2)) == 6U); // 9 boxes
    // 7 lines cut the plane into 1 + 7 + 21 regions.
    BOOST_TEST(*moe::exact_cells(fair(32, 2, 1)) == 64U * 29U);
    // 2 lines in 5 dimensions: 4; two layers of them.
    BOOST_TEST(*moe::exact_cells({.dimension = 5, .experts = 3, .width = 2, .hidden = 2}) == 48U);
    BOOST_TEST(moe::log2_cells(fair(8, 4, 2)) == std::log2(32.0 * (1 + 12 + 66 + 220 + 495)),
               tt::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(in_one_dimension_the_bound_is_the_best_error_of_n_pieces) {
    // n equal pieces of slope (2i+1)/n approximate t^2 on [0, 1] with error 1/(8n^2), and no n
    // affine pieces are better.
    for (const std::uint64_t n : {1U, 2U, 7U, 1000U})
        BOOST_TEST(moe::square_norm_bound({.dimension = 1, .experts = n}) ==
                       1.0 / (8.0 * static_cast<double>(n * n)),
                   tt::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(the_table_of_affine_experts_is_that_of_the_notes) {
    for (const auto& [E, L, on_pieces, on_norm] : {std::tuple(4U, 2U, 0.00427, 0.01989),
                                                   {8U, 2U, 0.00604, 0.00995},
                                                   {4U, 3U, 0.01327, 0.03671},
                                                   {8U, 3U, 0.01727, 0.02313},
                                                   {4U, 4U, 0.02502, 0.05627},
                                                   {8U, 4U, 0.03198, 0.03979},
                                                   {16U, 4U, 0.02618, 0.02813},
                                                   {8U, 6U, 0.06786, 0.07958}}) {
        BOOST_TEST(std::abs(moe::piecewise_bound(affine(E, L), E) - on_pieces) < 6e-6);
        BOOST_TEST(std::abs(moe::square_norm_bound(affine(E, L)) - on_norm) < 6e-6);
        BOOST_TEST(moe::square_norm_bound(affine(E, L)) - moe::piecewise_bound(affine(E, L), E) ==
                       L / (8.0 * E * E),
                   tt::tolerance(1e-12));
    }
}

BOOST_AUTO_TEST_CASE(the_table_of_fair_widths_is_that_of_the_notes) {
    for (const auto& [E, L, m, bound] : {std::tuple(32U, 2U, 1U, 2.47e-5),
                                         {32U, 2U, 2U, 4.01e-5},
                                         {16U, 3U, 2U, 3.01e-4},
                                         {8U, 4U, 2U, 5.44e-4},
                                         {16U, 4U, 2U, 7.82e-4},
                                         {16U, 4U, 4U, 6.55e-4},
                                         {8U, 6U, 2U, 1.93e-3}})
        BOOST_TEST(moe::piecewise_bound(fair(E, L, m), E * (m + 1.0)) == bound,
                   tt::tolerance(4e-3));
}

BOOST_AUTO_TEST_CASE(small_cases_are_vacuous) {
    for (const auto& [E, L] : {std::pair(2U, 2U), {3U, 2U}})
        BOOST_TEST(moe::piecewise_bound(affine(E, L), E) < 0.0);
    for (const std::uint32_t L : {2U, 3U, 4U})
        BOOST_TEST(moe::piecewise_bound(fair(8, L, 1), 16.0) < 0.0);
    // Nine pieces are more than six cells; four pieces are not more than four cells.
    BOOST_TEST(std::log2(9.0) > moe::log2_cells(affine(3, 2)));
    BOOST_TEST(std::log2(4.0) <= moe::log2_cells(affine(2, 2)));
}

BOOST_AUTO_TEST_CASE(nothing_overflows) {
    const moe::OneLayerClass huge{
        .dimension = 1000, .experts = std::uint64_t{1} << 60U, .width = 4000, .hidden = 1000};
    BOOST_TEST(moe::log2_cells(huge) > 1e6);
    BOOST_TEST(!moe::exact_cells(huge).has_value());
    const double bound = moe::square_norm_bound(huge);
    BOOST_TEST(std::isfinite(bound));
    BOOST_TEST(bound >= 0.0);
}

BOOST_AUTO_TEST_CASE(sizes_that_mean_nothing_are_refused) {
    BOOST_CHECK_THROW((void)moe::log2_cells({.dimension = 0, .experts = 1}), moe::InputError);
    BOOST_CHECK_THROW((void)moe::log2_cells({.dimension = 1, .experts = 0}), moe::InputError);
    BOOST_CHECK_THROW((void)moe::piecewise_bound(affine(2, 2), 0.5), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
