#include "big_integer_oracle.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "shattering/float64_shattering.hpp"
#include "shattering/verify_shattering.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <tuple>

namespace {

using moe::Checked128;
using moe::Checked64;
using moe::IntegerNet;
using moe::Labels;
using moe::ShatteringPlan;
using moe::oracle::Big;

using Size = std::tuple<std::int64_t, std::int64_t, std::size_t>;

Labels random_labels(std::size_t count, moe::RandomStream& random) {
    Labels labels(count);
    for (std::uint8_t& label : labels)
        label = static_cast<std::uint8_t>(random.below(2));
    return labels;
}

} // namespace

BOOST_AUTO_TEST_SUITE(narrow_nets)

BOOST_AUTO_TEST_CASE(depth_and_width_are_those_of_the_notes) {
    for (const auto& [m, d, depth] :
         {Size{2, 3, 12}, Size{3, 3, 14}, Size{3, 4, 17}, Size{4, 3, 16}, Size{16, 16, 79},
          Size{48, 48, 239}, Size{4, 4, 19}, Size{8, 8, 39}, Size{1, 1, 4}}) {
        const ShatteringPlan plan = ShatteringPlan::narrow(m, d);
        BOOST_TEST(plan.depth() == depth);
        const moe::Architecture architecture = moe::shattering_architecture(plan);
        BOOST_TEST(architecture.depth() == depth);
        BOOST_TEST(architecture.widest() == 8U);
        // Dense count: 2 -> 8 -> .. -> 8 -> 1.
        BOOST_TEST(architecture.parameters() == 24 + (depth - 2) * 72 + 9);
    }
}

BOOST_AUTO_TEST_CASE(the_output_is_1_or_minus_1_by_the_bit_in_unlimited_integers) {
    for (const auto& [m, d] : {std::pair{1, 1}, {1, 4}, {2, 3}, {4, 2}, {5, 1}}) {
        const ShatteringPlan plan = ShatteringPlan::narrow(m, d);
        for (std::uint64_t word = 0; word < (std::uint64_t{1} << plan.points()); ++word) {
            const Labels labels = moe::labels_of_word(word, plan.points());
            const auto net = moe::oracle::expert(plan, 0, labels);
            for (std::size_t k = 0; k < labels.size(); ++k)
                BOOST_REQUIRE(moe::oracle::output(net, moe::oracle::point(plan, k)) ==
                              (labels[k] != 0 ? 1 : -1));
        }
    }
}

BOOST_AUTO_TEST_CASE(behind_the_staircase_stands_the_code_of_kappa) {
    const ShatteringPlan plan = ShatteringPlan::narrow(5, 7);
    moe::RandomStream random(3, 1, 4);
    const Labels labels = random_labels(plan.points(), random);
    const auto net = moe::oracle::expert(plan, 0, labels);
    for (std::size_t k = 0; k < labels.size(); ++k) {
        Big code = 0;
        for (std::size_t bit = 0; bit < 7; ++bit)
            code = 2 * code + int{labels[k / 7 * 7 + bit]};
        const auto layers = moe::oracle::evaluate(net, moe::oracle::point(plan, k));
        BOOST_TEST(layers[8][1] == code); // j, c, .. of the first bit's first layer
    }
}

BOOST_AUTO_TEST_CASE(the_layers_behind_the_first_bit_do_not_depend_on_the_labels) {
    const ShatteringPlan plan = ShatteringPlan::narrow(3, 4);
    moe::RandomStream random(3, 1, 5);
    const auto one = moe::oracle::expert(plan, 0, random_labels(12, random));
    const auto other = moe::oracle::expert(plan, 0, random_labels(12, random));
    for (std::size_t j = moe::label_free_tail(plan); j < plan.depth(); ++j) {
        for (std::uint32_t row = 0; row < one.width(j); ++row) {
            BOOST_TEST((one.bias(j, row) == other.bias(j, row)));
            const auto terms = one.terms(j, row);
            const auto others = other.terms(j, row);
            BOOST_TEST(std::equal(terms.begin(), terms.end(), others.begin(), others.end(),
                                  [](const auto& a, const auto& b) {
                                      return a.source == b.source && a.weight == b.weight;
                                  }));
        }
    }
    const std::size_t last = moe::label_free_tail(plan) - 1; // g, c, j, and constants
    for (std::uint32_t row = 4; row < one.width(last); ++row)
        BOOST_TEST(one.terms(last, row).empty());
}

BOOST_AUTO_TEST_CASE(all_numbers_stay_below_2_to_the_d) {
    for (const auto& [m, d] : {std::pair{4, 20}, {3, 40}, {2, 61}, {4, 62}}) {
        const ShatteringPlan plan = ShatteringPlan::narrow(m, d);
        moe::RandomStream random(3, 1, 6);
        for (int repetition = 0; repetition < 8; ++repetition) {
            const Labels labels =
                repetition == 0 ? Labels(plan.points(), 1) : random_labels(plan.points(), random);
            const auto net = moe::oracle::expert(plan, 0, labels);
            const Big largest = moe::oracle::big(
                net.largest_magnitude(moe::block_points<Checked64>(plan, 0), plan.block()));
            BOOST_TEST(largest < (Big(1) << static_cast<unsigned>(d)));
        }
    }
}

BOOST_AUTO_TEST_CASE(codes_of_62_63_and_100_bits_are_read_and_of_200_refused) {
    for (const auto& [m, d] : {std::pair{3, 62}, {3, 63}, {2, 64}, {2, 100}, {2, 126}}) {
        moe::RandomStream random(2, 7, 1);
        BOOST_TEST(moe::verify_random(ShatteringPlan::narrow(m, d), 3, random).holds());
    }
    const Labels all(400, 1);
    BOOST_CHECK_EXCEPTION(
        static_cast<void>(moe::verify_labels(ShatteringPlan::narrow(2, 200), all)), moe::InputError,
        [](const auto& error) {
            return std::string(error.what()).starts_with("narrow(m=2, d=200)");
        });
}

BOOST_AUTO_TEST_CASE(a_code_of_65_bits_overflows_64_and_is_noticed) {
    IntegerNet<Checked64> net(2);
    const ShatteringPlan plan = ShatteringPlan::narrow(1, 65);
    BOOST_CHECK_THROW(moe::write_shattering_expert(net, plan, 0, Labels(65, 1)),
                      moe::IntegerOverflow);
}

BOOST_AUTO_TEST_SUITE_END()
