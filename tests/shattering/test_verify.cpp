#include "big_integer_oracle.hpp"

#include "basics/error.hpp"
#include "shattering/verify_shattering.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>

namespace {

using moe::Checked128;
using moe::Checked64;
using moe::Labels;
using moe::ShatteringFault;
using moe::ShatteringOptions;
using moe::ShatteringPlan;
using moe::ShatteringReport;
using moe::oracle::Big;

/// The exhaustive rows of the notes' table.
std::vector<ShatteringPlan> exhaustive_rows() {
    using Plan = ShatteringPlan;
    return {Plan::relu(1, 2, 2), Plan::relu(1, 3, 3), Plan::relu(2, 2, 2), Plan::relu(2, 3, 2),
            Plan::relu(3, 2, 2), Plan::relu(4, 3, 1), Plan::linear(5, 1),  Plan::linear(4, 2),
            Plan::linear(3, 3),  Plan::linear(3, 4),  Plan::linear(1, 8),  Plan::zigzag(1, 7),
            Plan::zigzag(2, 5),  Plan::zigzag(3, 4),  Plan::narrow(2, 3),  Plan::narrow(3, 3),
            Plan::narrow(3, 4),  Plan::narrow(4, 3)};
}

bool same(const ShatteringReport& a, const ShatteringReport& b) {
    return a.points == b.points && a.labelings == b.labelings && a.realised == b.realised &&
           a.first_failure == b.first_failure && a.routed == b.routed;
}

ShatteringOptions with_bad_root() {
    ShatteringOptions options;
    options.fault = ShatteringFault::bad_root;
    return options;
}

} // namespace

BOOST_AUTO_TEST_SUITE(verification)

BOOST_AUTO_TEST_CASE(every_exhaustive_row_is_shattered_and_float64_gives_the_same_bits) {
    const std::vector<std::size_t> exponents{4,  9, 8, 12, 12, 12, 10, 12, 12,
                                             15, 9, 8, 12, 15, 6,  9,  12, 12};
    const auto rows = exhaustive_rows();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        BOOST_TEST_CONTEXT(rows[i].name()) {
            const ShatteringReport report = moe::verify_exhaustively(rows[i]);
            BOOST_TEST(report.holds());
            BOOST_TEST(report.points == exponents[i]);
            BOOST_TEST(report.realised == std::uint64_t{1} << exponents[i]);
            BOOST_TEST(report.depth == rows[i].depth());
            BOOST_TEST(report.float64.models == std::uint64_t{1} << rows[i].block());
            BOOST_TEST(report.float64.outputs == 2 * report.float64.models * report.points);
            BOOST_TEST(!report.first_failure.has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(block_by_block_and_labeling_by_labeling_count_the_same) {
    for (const ShatteringPlan& plan : exhaustive_rows()) {
        BOOST_TEST_CONTEXT(plan.name()) {
            BOOST_TEST(same(moe::verify_exhaustively(plan), moe::verify_plainly(plan)));
            BOOST_TEST(same(moe::verify_exhaustively(plan, with_bad_root()),
                            moe::verify_plainly(plan, with_bad_root())));
        }
    }
}

BOOST_AUTO_TEST_CASE(one_root_moved_by_1_is_noticed_everywhere) {
    for (const ShatteringPlan& plan : exhaustive_rows()) {
        BOOST_TEST_CONTEXT(plan.name()) {
            const ShatteringReport report = moe::verify_exhaustively(plan, with_bad_root());
            BOOST_TEST(!report.holds());
            BOOST_TEST(report.realised < report.labelings);
            BOOST_REQUIRE(report.first_failure.has_value());
            // The failure is one: it fails alone, and the sound model realises it.
            BOOST_TEST(!moe::verify_labels(plan, *report.first_failure, with_bad_root()).holds());
            BOOST_TEST(moe::verify_labels(plan, *report.first_failure).holds());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_moved_root_fails_exactly_where_expert_0_has_a_root) {
    // ReLU: whenever block 0 has a positive point. Linear and zig-zag: a label change there.
    for (const ShatteringPlan& plan : exhaustive_rows()) {
        if (plan.construction() == moe::Construction::narrow) continue;
        const std::uint64_t patterns = std::uint64_t{1} << plan.block();
        const std::uint64_t without = plan.construction() == moe::Construction::relu ? 1 : 2;
        const ShatteringReport report = moe::verify_exhaustively(plan, with_bad_root());
        BOOST_TEST(report.realised == report.labelings / patterns * without);
    }
}

BOOST_AUTO_TEST_CASE(the_report_does_not_depend_on_the_number_of_threads) {
    ShatteringOptions options = with_bad_root();
    options.threads = 3;
    for (const ShatteringPlan& plan : {ShatteringPlan::relu(1, 4, 4), ShatteringPlan::narrow(3, 5)})
        BOOST_TEST(same(moe::verify_exhaustively(plan, options),
                        moe::verify_exhaustively(plan, with_bad_root())));
}

BOOST_AUTO_TEST_CASE(random_labelings_of_large_nets_are_realised) {
    for (const auto& plan : {ShatteringPlan::narrow(16, 16), ShatteringPlan::narrow(48, 48),
                             ShatteringPlan::relu(1, 8, 8), ShatteringPlan::relu(8, 4, 4),
                             ShatteringPlan::relu(1, 12, 12), ShatteringPlan::linear(64, 8)}) {
        BOOST_TEST_CONTEXT(plan.name()) {
            moe::RandomStream random(11, 22, 33);
            const ShatteringReport report = moe::verify_random(plan, 3, random);
            BOOST_TEST(report.holds());
            BOOST_TEST(report.labelings == 3U);
            BOOST_TEST(report.float64.models == (moe::float64_is_exact(plan) ? 3U : 0U));
        }
    }
}

BOOST_AUTO_TEST_CASE(random_labelings_are_fair_bits_of_the_stream_and_the_stream_goes_on) {
    const ShatteringPlan plan = ShatteringPlan::relu(1, 12, 12); // needs 128 bits: tried twice
    moe::RandomStream random(1, 1, 1);
    moe::RandomStream same_stream(1, 1, 1);
    static_cast<void>(moe::verify_random(plan, 2, random));
    for (int word = 0; word < 2 * 3; ++word)
        static_cast<void>(same_stream.bits());
    BOOST_TEST(random.bits() == same_stream.bits());
}

BOOST_AUTO_TEST_CASE(more_than_24_points_are_not_gone_through) {
    BOOST_CHECK_THROW(static_cast<void>(moe::verify_exhaustively(ShatteringPlan::relu(5, 5, 1))),
                      moe::InputError);
    BOOST_CHECK_THROW(
        static_cast<void>(moe::verify_labels(ShatteringPlan::relu(1, 2, 2), Labels(3))),
        std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(magnitudes)

BOOST_AUTO_TEST_CASE(the_bound_holds_for_every_pattern_of_every_row) {
    auto rows = exhaustive_rows();
    rows.push_back(ShatteringPlan::relu(1, 1, 3));
    rows.push_back(ShatteringPlan::zigzag(2, 3, 3));
    for (const ShatteringPlan& plan : rows) {
        double largest = 0.0;
        for (std::size_t l = 0; l < plan.experts(); ++l) {
            const auto points = moe::block_points<Checked64>(plan, l);
            for (std::uint64_t word = 0; word < (std::uint64_t{1} << plan.block()); ++word) {
                const auto net =
                    moe::oracle::expert(plan, l, moe::labels_of_word(word, plan.block()));
                largest =
                    std::max(largest, net.largest_magnitude(points, plan.block()).to_double());
            }
        }
        BOOST_TEST_CONTEXT(plan.name()) {
            BOOST_TEST(std::log2(largest) <= moe::log2_magnitude_bound(plan));
            BOOST_TEST(std::log2(largest) >= moe::log2_magnitude_bound(plan) - 3.5);
        }
    }
}

BOOST_AUTO_TEST_CASE(float64_does_not_hold_the_numbers_of_L_1_n_8_q_8) {
    const ShatteringPlan plan = ShatteringPlan::relu(1, 8, 8);
    BOOST_TEST(std::abs(moe::log2_largest_term(plan) - std::log2(70.0 * std::exp2(48.0))) < 1e-9);
    BOOST_TEST(!moe::float64_is_exact(plan));
    const auto net = moe::oracle::expert(plan, 0, Labels(64, 1));
    const auto largest = net.largest_magnitude(moe::block_points<Checked64>(plan, 0), 64);
    BOOST_TEST(moe::oracle::big(largest) > (Big(1) << 53U));
    BOOST_CHECK_THROW(moe::Float64Shattering{plan}, std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(parameters_of_the_architecture_are_the_dense_count) {
    const auto dense = [](const ShatteringPlan& plan) {
        std::size_t parameters = 0;
        const auto widths = plan.widths();
        for (std::size_t j = 1; j < widths.size(); ++j)
            parameters += (std::size_t{widths[j - 1]} + 1) * widths[j];
        return parameters;
    };
    for (const ShatteringPlan& plan : exhaustive_rows()) {
        const moe::Architecture architecture = moe::shattering_architecture(plan);
        BOOST_TEST(architecture.parameters() == dense(plan));
        BOOST_TEST(architecture.depth() + 1 == plan.widths().size());
    }
    BOOST_TEST(dense(ShatteringPlan::relu(1, 2, 2)) == 3U * 6U + 7U);
    BOOST_TEST(dense(ShatteringPlan::linear(3, 4)) == 5U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(shattering_queries)

BOOST_AUTO_TEST_CASE(moment_tells_the_weights_of_the_first_unit) {
    // Roots 2 and 3: h = t^2 - 5 t + 6, and the unit is h + 1.
    const moe::MomentAnswer answer = moe::answer_moment(2, 2, 2, "01100001");
    BOOST_TEST(answer.shattered);
    BOOST_TEST(answer.m == 8U);
    BOOST_TEST(answer.expert0_first_unit_w == (std::vector<std::string>{"-5", "1"}),
               boost::test_tools::per_element());
    BOOST_TEST(answer.expert0_first_unit_b == "7");
    BOOST_TEST(moe::answer_moment(1, 3, 1, "000").expert0_first_unit_b == "3"); // h = 2
    // One root 1 and two at 0: h = t^3 - t^2.
    BOOST_TEST(moe::answer_moment(1, 3, 1, "100").expert0_first_unit_w ==
                   (std::vector<std::string>{"0", "-1", "1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(moment_refuses_what_does_not_fit) {
    BOOST_CHECK_THROW(static_cast<void>(moe::answer_moment(1, 9, 1, "000000000")), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::answer_moment(0, 2, 1, "")), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::answer_moment(1, 2, 1, "0")), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::answer_moment(1, 2, 1, "02")), moe::InputError);
    // 2^17 points in 8 dimensions: t^8 = 2^136 in the last block.
    BOOST_CHECK_EXCEPTION(static_cast<void>(moe::answer_moment(
                              1 << 14, 8, 1, std::string(std::size_t{1} << 17U, '1'))),
                          moe::InputError, [](const auto& error) {
                              return std::string(error.what()).find("relu(L=16384, n=8, q=1)") !=
                                     std::string::npos;
                          });
}

BOOST_AUTO_TEST_CASE(narrow_tells_depth_and_points) {
    const moe::NarrowAnswer answer = moe::answer_narrow(3, 4, "011010011110");
    BOOST_TEST(answer.shattered);
    BOOST_TEST(answer.depth == 17U);
    BOOST_TEST(answer.points == 12U);
    BOOST_CHECK_THROW(static_cast<void>(moe::answer_narrow(3, 4, "0110")), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::answer_narrow(0, 4, "")), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
