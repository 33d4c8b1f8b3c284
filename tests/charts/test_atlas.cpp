// Atlases, embeddings and targets: charts invert, anchors route, Q keeps lengths, and what is
// refused.

#include "charts/atlas.hpp"
#include "charts/atlas_model.hpp"
#include "charts/embedding.hpp"
#include "charts/manifold_targets.hpp"
#include "charts/sup_error.hpp"
#include "charts/winding.hpp"

#include "basics/error.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(atlas)

using moe::Atlas;
using moe::Embedding;
using moe::Manifold;

namespace {

std::vector<double> sample(Manifold manifold, std::size_t count) {
    moe::RandomStream random(3, moe::cell_key("tests.atlas"), 0);
    return moe::manifold_sample(manifold, count, random);
}

Embedding random_embedding(std::size_t D, std::size_t n, double tau) {
    moe::RandomStream random(4, moe::cell_key("tests.embedding"), static_cast<std::uint32_t>(D));
    return {moe::random_orthogonal(D, random), n, tau};
}

auto names(const char* text) {
    return [text](const moe::InputError& error) {
        return std::string(error.what()).find(text) != std::string::npos;
    };
}

} // namespace

BOOST_AUTO_TEST_CASE(every_point_of_a_manifold_lies_in_the_chart_of_its_nearest_anchor) {
    for (const Manifold manifold : moe::all_manifolds) {
        const Atlas atlas(manifold);
        const std::vector<double> points = sample(manifold, 3000);
        std::vector<std::size_t> loads(atlas.charts());
        std::vector<double> t(atlas.intrinsic());
        for (std::size_t p = 0; p * atlas.own() < points.size(); ++p) {
            const auto u = std::span(points).subspan(p * atlas.own(), atlas.own());
            const std::size_t chart = atlas.nearest_chart(u);
            ++loads[chart];
            BOOST_TEST_REQUIRE(atlas.in_chart(chart, u, atlas.routed_radius()),
                               to_string(manifold));
            atlas.coordinates(chart, u, t);
            for (double& coordinate : t)
                coordinate *= 1.0 - 1e-12;
            BOOST_TEST_REQUIRE(atlas.is_routed(t), to_string(manifold));
        }
        for (const std::size_t load : loads)
            BOOST_TEST(load > 0U);
        BOOST_TEST(atlas.routed_radius() < atlas.radius());
    }
}

BOOST_AUTO_TEST_CASE(the_other_side_of_a_circle_or_sphere_is_not_in_the_chart) {
    const std::array<double, 3> u{0.9, 0.3, std::sqrt(1.0 - 0.81 - 0.09)};
    const Atlas sphere(Manifold::sphere2);
    BOOST_TEST(sphere.in_chart(0, u, 0.75));
    BOOST_TEST(!sphere.in_chart(1, u, 0.75));
    // On the winding curve t alone does not tell the chart either.
    const Atlas winding(Manifold::winding);
    BOOST_TEST(winding.in_chart(1, moe::winding_point(std::numbers::pi / 2.0 + 0.2), 0.7));
    BOOST_TEST(!winding.in_chart(3, moe::winding_point(std::numbers::pi / 2.0 + 0.2), 0.7));
}

BOOST_AUTO_TEST_CASE(chart_and_inverse_are_inverse_to_each_other) {
    for (const Manifold manifold : moe::all_manifolds) {
        const Atlas atlas(manifold);
        std::vector<double> u(atlas.own());
        std::vector<double> back(atlas.intrinsic());
        for (std::size_t chart = 0; chart < atlas.charts(); ++chart) {
            for (const double scale : {-0.74, -0.31, 0.0, 0.5, 0.74}) {
                std::vector<double> t(atlas.intrinsic(), scale);
                t.back() *= 0.5;
                atlas.point(chart, t, u);
                atlas.coordinates(chart, u, back);
                for (std::size_t j = 0; j < t.size(); ++j)
                    BOOST_TEST(std::abs(t[j] - back[j]) <= 2e-15);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_continuation_of_the_spheres_height_is_twice_differentiable) {
    const Atlas sphere(Manifold::sphere2);
    const auto height = [&](double q) {
        std::array<double, 3> u{};
        sphere.point(0, std::array{std::sqrt(q), 0.0}, u);
        return u[0];
    };
    for (const double order : {0.0, 1.0, 2.0}) {
        // Differences of the given order on both sides of q = 0.85 agree to first order in the
        // step.
        constexpr double step = 1e-3;
        const auto difference = [&](double sign) {
            const double a = height(0.85);
            const double b = height(0.85 + sign * step);
            const double c = height(0.85 + 2.0 * sign * step);
            if (order == 0.0) return b;
            if (order == 1.0) return sign * (4.0 * b - 3.0 * a - c) / (2.0 * step);
            return (a - 2.0 * b + c) / (step * step);
        };
        BOOST_TEST(std::abs(difference(1.0) - difference(-1.0)) < 0.1);
    }
    BOOST_TEST(std::abs(height(0.84) - 0.4) < 1e-15);
}

BOOST_AUTO_TEST_CASE(constants_of_the_notes_come_out_of_the_definitions) {
    const Atlas circle(Manifold::circle);
    const Atlas winding(Manifold::winding);
    BOOST_TEST(winding.radius() == 0.746786, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(*circle.noise_tolerance() == 0.0457, boost::test_tools::tolerance(1e-2));
    BOOST_TEST(*winding.noise_tolerance() == 0.24);
    BOOST_TEST(!Atlas(Manifold::sphere2).noise_tolerance().has_value());
    // At the end of a chart the wrong anchor is 0.0963 and the right one 0.2963 away.
    const auto rho = [](double distance) {
        return std::cos(2.0 * distance) + std::cos(3.0 * distance) - 1.0;
    };
    const double end = moe::winding_half_width;
    const double wrong = 5.0 * std::numbers::pi / 16.0 - end;
    const double right = end - 3.0 * std::numbers::pi / 16.0;
    BOOST_TEST(wrong == 0.0963, boost::test_tools::tolerance(1e-3));
    BOOST_TEST(right == 0.2963, boost::test_tools::tolerance(1e-3));
    BOOST_TEST(rho(wrong) - rho(right) == 0.48, boost::test_tools::tolerance(1e-2));
    BOOST_TEST(rho(wrong) - rho(right) >= 2.0 * *winding.noise_tolerance());
    BOOST_TEST(circle.charts() == 4U);
    BOOST_TEST(Atlas(Manifold::torus2).charts() == 16U);
    BOOST_TEST(Atlas(Manifold::sphere2).charts() == 6U);
    BOOST_TEST(Atlas(Manifold::sphere3).charts() == 8U);
    BOOST_TEST(winding.anchors().size() == 16U);
}

BOOST_AUTO_TEST_CASE(the_winding_coordinate_increases_and_its_angle_is_found) {
    double before = -10.0;
    for (double offset = -moe::winding_monotone_offset; offset <= moe::winding_monotone_offset;
         offset += 1e-3) {
        const double t = moe::winding_coordinate(offset);
        BOOST_TEST_REQUIRE(t > before);
        BOOST_TEST_REQUIRE(std::abs(moe::winding_offset(t) - offset) < 1e-14);
        before = t;
    }
    for (const double angle : {-3.0, -1.0, 0.0, 0.4, 2.0, 3.1})
        BOOST_TEST(std::abs(moe::winding_angle(moe::winding_point(angle)) - angle) < 1e-15);
}

BOOST_AUTO_TEST_CASE(an_embedding_keeps_the_flat_part_and_bends_the_rest) {
    const std::array<double, 2> u{0.6, -0.8};
    for (const double tau : {0.0, 0.5}) {
        const Embedding embedding = random_embedding(16, 2, tau);
        std::vector<double> x(16);
        embedding.embed(u, x);
        double square = 0.0;
        for (const double coordinate : x)
            square += coordinate * coordinate;
        double expected = 1.0;
        for (std::size_t k = 0; k < 14; ++k) {
            const auto wave = static_cast<double>(k);
            const double bend = tau * std::sin(1.7 * wave + 3.0 * (std::cos(0.9 * wave) * u[0] +
                                                                   std::cos(1.8 * wave) * u[1]));
            expected += bend * bend;
        }
        BOOST_TEST(square == expected, boost::test_tools::tolerance(1e-13));
        // Linear functions of u are read from x by the lifted rows, curved or not.
        const std::vector<double> rows = embedding.lift(std::array{1.0, 0.0, 2.0, 3.0});
        for (std::size_t row = 0; row < 2; ++row) {
            double value = 0.0;
            for (std::size_t i = 0; i < 16; ++i)
                value += rows[row * 16 + i] * x[i];
            BOOST_TEST(std::abs(value - (row == 0 ? 0.6 : -1.2)) < 1e-14);
        }
    }
}

BOOST_AUTO_TEST_CASE(D_equal_to_n_is_a_rotation) {
    const Embedding embedding = random_embedding(4, 4, 0.5);
    std::vector<double> x(4);
    embedding.embed(std::array{0.5, 0.5, 0.5, 0.5}, x);
    BOOST_TEST(x[0] * x[0] + x[1] * x[1] + x[2] * x[2] + x[3] * x[3] == 1.0,
               boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(a_random_orthogonal_matrix_has_no_preferred_sign) {
    moe::RandomStream random(5, moe::cell_key("tests.sign"), 0);
    double sum = 0.0;
    for (int i = 0; i < 400; ++i)
        sum += moe::random_orthogonal(2, random)(0, 0);
    BOOST_TEST(std::abs(sum / 400.0) < 4.0 * std::sqrt(0.5 / 400.0));
}

BOOST_AUTO_TEST_CASE(targets_are_what_the_notes_say) {
    const std::array u{0.6, -0.8};
    BOOST_TEST(moe::smooth_target(Manifold::circle)(u) == std::sin(3.0) + std::cos(2.4),
               boost::test_tools::tolerance(1e-15));
    const std::array sphere{0.6, 0.0, -0.8};
    BOOST_TEST(moe::smooth_target(Manifold::sphere2)(sphere) ==
                   std::sin(3.0) + 1.0 + std::sin(-1.0),
               boost::test_tools::tolerance(1e-15));
    const double angle = 2.5;
    BOOST_TEST(moe::smooth_target(Manifold::winding)(moe::winding_point(angle)) ==
                   std::sin(5.0 * std::cos(angle)) + std::cos(3.0 * std::sin(angle)),
               boost::test_tools::tolerance(1e-13));
    BOOST_TEST(moe::hoelder_target({.alpha = 0.5, .phase = 0.7, .scales = 1})(u) ==
                   std::cos(1.9) + std::sqrt(0.5) * std::cos(3.8) + std::cos(-0.6) +
                       std::sqrt(0.5) * std::cos(-1.2),
               boost::test_tools::tolerance(1e-14));
    BOOST_TEST(moe::cube_target()(u) == std::sin(1.8) + std::sin(-1.4) + std::cos(-0.4),
               boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(what_is_no_atlas_is_refused) {
    BOOST_CHECK_EXCEPTION(static_cast<void>(moe::parse_manifold("klein")), moe::InputError,
                          names("klein"));
    for (const Manifold manifold : {Manifold::circle, Manifold::torus2}) {
        BOOST_CHECK_EXCEPTION(Atlas(manifold, 1.0), moe::InputError, names("radius 1"));
        BOOST_CHECK_THROW(Atlas(manifold, 0.0), moe::InputError);
        BOOST_CHECK_THROW(Atlas(manifold, std::nan("")), moe::InputError);
        BOOST_TEST(Atlas(manifold, 0.9).radius() == 0.9);
    }
    BOOST_CHECK_THROW(Atlas(Manifold::winding, 0.9), moe::InputError);
    const Embedding embedding = random_embedding(4, 2, 0.0);
    std::vector<moe::Anchor> anchors{{0, {1.0, 0.0}}, {2, {0.0, 1.0}}};
    BOOST_CHECK_EXCEPTION(static_cast<void>(moe::nearness_groups(anchors, 2, embedding)),
                          moe::InputError, names("anchor 1 of chart 2"));
    BOOST_CHECK_EXCEPTION(static_cast<void>(moe::nearness_groups(anchors, 3, embedding)),
                          moe::InputError, names("chart 1 has no anchor"));
}

BOOST_AUTO_TEST_CASE(what_is_no_embedding_or_target_is_refused) {
    BOOST_CHECK_EXCEPTION(random_embedding(3, 4, 0.0), moe::InputError, names("D = 3"));
    Eigen::MatrixXd q = Eigen::MatrixXd::Identity(4, 4);
    q(0, 0) = 1.001;
    BOOST_CHECK_EXCEPTION(Embedding(q, 2, 0.0), moe::InputError, names("Q'Q"));
    q(0, 0) = std::nan("");
    BOOST_CHECK_THROW(Embedding(q, 2, 0.0), moe::InputError);
    BOOST_CHECK_THROW(Embedding(Eigen::MatrixXd::Identity(4, 3), 2, 0.0), moe::InputError);
    BOOST_CHECK_THROW(Embedding(Eigen::MatrixXd::Identity(4, 4), 2, HUGE_VAL), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::hoelder_target({.alpha = 0.0})), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::hoelder_target({.alpha = 1.0, .scales = 61})),
                      moe::InputError);
    // An embedding of R^2 does not carry a manifold of R^4.
    const Atlas torus(Manifold::torus2);
    const Embedding plane = random_embedding(8, 2, 0.0);
    BOOST_CHECK_EXCEPTION(
        static_cast<void>(moe::atlas_model(
            {torus, plane, moe::smooth_target(Manifold::torus2), 2, moe::AtlasFault::none})),
        moe::InputError, names("torus2 lies in R^4"));
}

BOOST_AUTO_TEST_SUITE_END()
