// The search for the points of largest error, against much larger random samples and against the
// symmetry of a function whose largest errors are known.

#include "charts/error_peaks.hpp"
#include "charts/manifold_targets.hpp"
#include "charts/sup_error.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

BOOST_AUTO_TEST_SUITE(error_peaks)

using moe::Atlas;
using moe::Manifold;

namespace {

moe::RandomStream stream(std::uint32_t number) {
    return {1, moe::cell_key("tests.peaks"), number};
}

double sup_at_peaks(const Atlas& atlas, std::int64_t cells, std::size_t candidates) {
    moe::RandomStream random = stream(0);
    const moe::ScalarField target = moe::smooth_target(atlas.manifold());
    const std::vector<double> peaks = moe::error_peaks(
        atlas, target, cells, {.candidates = candidates, .starts = 40, .steps = 300, .poll = {}},
        random);
    return moe::direct_sup_error(atlas, target, cells, peaks);
}

} // namespace

BOOST_AUTO_TEST_CASE(peaks_lie_on_the_manifold_and_above_a_sample_ten_times_as_large) {
    for (const auto& [manifold, cells] :
         {std::pair(Manifold::torus2, 8), std::pair(Manifold::sphere2, 6),
          std::pair(Manifold::sphere3, 10), std::pair(Manifold::sphere3, 16)}) {
        const Atlas atlas(manifold);
        const moe::ScalarField target = moe::smooth_target(manifold);
        moe::RandomStream random = stream(1);
        const std::vector<double> sample = moe::manifold_sample(manifold, 300000, random);
        const double plain = moe::direct_sup_error(atlas, target, cells, sample);
        const double peaks = sup_at_peaks(atlas, cells, 30000);
        BOOST_TEST(peaks >= plain, to_string(manifold) << " N = " << cells << ": " << peaks
                                                       << " against " << plain);
    }
}

BOOST_AUTO_TEST_CASE(the_search_keeps_to_the_manifold) {
    for (const Manifold manifold : {Manifold::torus2, Manifold::sphere2, Manifold::sphere3}) {
        const Atlas atlas(manifold);
        moe::RandomStream random = stream(2);
        const std::vector<double> peaks =
            moe::error_peaks(atlas, moe::smooth_target(manifold), 8,
                             {.candidates = 1000, .starts = 10, .steps = 100, .poll = {}}, random);
        const std::size_t n = atlas.own();
        BOOST_TEST_REQUIRE(peaks.size() == 10 * n);
        const std::size_t block = manifold == Manifold::torus2 ? 2 : n;
        for (std::size_t first = 0; first < peaks.size(); first += block) {
            double square = 0.0;
            for (std::size_t j = first; j < first + block; ++j)
                square += peaks[j] * peaks[j];
            BOOST_TEST(std::abs(square - 1.0) <= 1e-14);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_largest_error_of_a_parabola_is_found) {
    // u_0^2 is t_0^2 in most charts of the torus: the error of the piecewise linear interpolant is
    // at most h^2/4, in the middle of a cell. In the other charts u_0^2 = 1 - t_0^2, the same.
    const Atlas atlas(Manifold::torus2);
    const moe::ScalarField parabola = [](std::span<const double> u) { return u[0] * u[0]; };
    moe::RandomStream random = stream(3);
    const std::int64_t cells = 5;
    const std::vector<double> peaks = moe::error_peaks(
        atlas, parabola, cells, {.candidates = 500, .starts = 5, .steps = 400, .poll = {}}, random);
    const double h = 1.5 / static_cast<double>(cells);
    BOOST_TEST(std::abs(moe::direct_sup_error(atlas, parabola, cells, peaks) - h * h / 4.0) <=
               1e-10);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_searched_is_refused) {
    moe::RandomStream random = stream(4);
    const moe::PeakSearch search{.candidates = 10, .starts = 2, .steps = 1, .poll = {}};
    BOOST_CHECK_THROW(static_cast<void>(moe::error_peaks(Atlas(Manifold::winding),
                                                         moe::smooth_target(Manifold::winding), 4,
                                                         search, random)),
                      std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::error_peaks(
                          Atlas(Manifold::sphere2), moe::smooth_target(Manifold::sphere2), 4,
                          {.candidates = 1, .starts = 2, .steps = 1, .poll = {}}, random)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
