#include "datasets/deviates.hpp"

#include "basics/random.hpp"
#include "targets/splitmix.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdint>

namespace {

using moe::FixtureSource;
using moe::PhiloxSource;

BOOST_AUTO_TEST_SUITE(deviates)

// Numbers printed in the notes, section 7; sub(1, s) = 1000003 + s.

BOOST_AUTO_TEST_CASE(the_fixture_generator_mixes_as_printed) {
    moe::SplitMix64 bits(1000003 + 1);
    BOOST_TEST(bits.next() == 0x3b9858bc1e28f643U);
    BOOST_TEST(bits.next() == 0x0024bbf5091ef839U);
}

BOOST_AUTO_TEST_CASE(fixture_uniforms_are_those_printed) {
    const auto stream = FixtureSource(1).stream(4);
    for (const double expected : {0.4887665535138885, 0.6881021334788853, 0.19444160343405675})
        BOOST_TEST(stream->uniform() == expected);
}

BOOST_AUTO_TEST_CASE(fixture_normals_are_those_printed) {
    const auto stream = FixtureSource(1).stream(3);
    for (const double expected :
         {-1.143349139070041, -0.6318287002947797, -0.6606998372129583, 1.2251703490532049})
        BOOST_TEST(std::abs(stream->normal() - expected) <= 1e-15);
}

BOOST_AUTO_TEST_CASE(a_pair_of_fixture_normals_carries_its_two_uniforms) {
    // The squares of a Box-Muller pair sum to -2 log u1, and its ratio is tan(2 pi u2).
    const auto normals = FixtureSource(7).stream(5);
    const auto uniforms = FixtureSource(7).stream(5);
    for (int pair = 0; pair < 1000; ++pair) {
        const double first = normals->normal();
        const double second = normals->normal();
        const double u1 = uniforms->uniform();
        const double u2 = uniforms->uniform();
        BOOST_TEST(std::abs(std::exp(-(first * first + second * second) / 2.0) - u1) <= 1e-14);
        double turn = std::atan2(second, first) / (2.0 * std::acos(-1.0));
        if (turn < 0.0) turn += 1.0;
        BOOST_TEST(std::abs(turn - u2) <= 1e-14);
    }
}

BOOST_AUTO_TEST_CASE(streams_of_one_seed_are_independent_of_the_order_of_reading) {
    const FixtureSource source(3);
    const auto first = source.stream(1);
    const auto second = source.stream(2);
    const double one = first->uniform();
    const double two = second->uniform();
    BOOST_TEST(source.stream(2)->uniform() == two);
    BOOST_TEST(source.stream(1)->uniform() == one);
    BOOST_TEST(one != two);
}

BOOST_AUTO_TEST_CASE(experiments_draw_from_the_philox_stream_of_their_cell) {
    const PhiloxSource source(11, moe::cell_key("a"));
    moe::RandomStream uniforms(11, moe::cell_key("a"), 4);
    moe::RandomStream normals(11, moe::cell_key("a"), 5);
    const auto uniform_stream = source.stream(4);
    const auto normal_stream = source.stream(5);
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST(uniform_stream->uniform() == uniforms.uniform());
        BOOST_TEST(normal_stream->normal() == normals.normal());
    }
}

BOOST_AUTO_TEST_CASE(both_sources_have_the_moments_of_their_laws) {
    // 200000 draws: standard errors 0.0022 (mean), 0.0032 (variance), 0.00065 (uniform mean);
    // five of them allowed.
    constexpr int draws = 200000;
    const FixtureSource fixtures(9);
    const PhiloxSource philox(9, 1);
    const std::array<const moe::DeviateSource*, 2> sources{&fixtures, &philox};
    for (const moe::DeviateSource* source : sources) {
        const auto normals = source->stream(1);
        const auto uniforms = source->stream(2);
        double mean = 0.0;
        double square = 0.0;
        double uniform_mean = 0.0;
        for (int i = 0; i < draws; ++i) {
            const double value = normals->normal();
            mean += value / draws;
            square += value * value / draws;
            const double u = uniforms->uniform();
            BOOST_REQUIRE(u >= 0.0);
            BOOST_REQUIRE(u < 1.0);
            uniform_mean += u / draws;
        }
        BOOST_TEST(std::abs(mean) <= 0.011);
        BOOST_TEST(std::abs(square - 1.0) <= 0.016);
        BOOST_TEST(std::abs(uniform_mean - 0.5) <= 0.0033);
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
