#include "targets/splitmix.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

BOOST_AUTO_TEST_SUITE(splitmix)

BOOST_AUTO_TEST_CASE(seed_42_gives_the_published_outputs) {
    moe::SplitMix64 random(42);
    BOOST_TEST(random.next() == 13679457532755275413U);
    BOOST_TEST(random.next() == 2949826092126892291U);
    BOOST_TEST(random.next() == 5139283748462763858U);
    BOOST_TEST(moe::mix1(42) == 13679457532755275413U);
}

BOOST_AUTO_TEST_CASE(uni_is_the_top_53_bits_in_the_unit_interval) {
    moe::SplitMix64 bits(7);
    moe::SplitMix64 reals(7);
    for (int i = 0; i < 1000; ++i) {
        const double u = reals.uni();
        BOOST_TEST((u >= 0.0 && u < 1.0));
        BOOST_TEST(static_cast<std::uint64_t>(u * 0x1p53) == bits.next() >> 11U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
