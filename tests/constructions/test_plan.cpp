#include "constructions/plan.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "constructions/bit_extraction.hpp"
#include "routing/grid_tree.hpp"
#include "statistics/rate.hpp"
#include "theory/dense_bound.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace {

using moe::KuhnForm;
using moe::MixturePlan;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

struct Slopes {
    double params;
    double leaves;
};

/// Least-squares slopes of log2 P and log2 L on log2(1/E) over a ladder of plans.
template<class PlanOf>
Slopes slopes(const std::vector<std::int64_t>& ladder, PlanOf plan_of_rung) {
    std::vector<double> x;
    std::vector<double> params;
    std::vector<double> leaves;
    for (const std::int64_t rung : ladder) {
        const auto size = plan_of_rung(rung);
        x.push_back(-std::log2(size.error));
        params.push_back(std::log2(static_cast<double>(size.params)));
        leaves.push_back(std::log2(static_cast<double>(size.leaves)));
    }
    return {moe::fit_line(x, params).slope, moe::fit_line(x, leaves).slope};
}

struct LadderCase {
    int n;
    double r;
    std::vector<std::int64_t> ladder;
    double params_slope;
};

const std::vector<std::int64_t> doubling{2, 4, 8, 16, 32, 64};

} // namespace

BOOST_AUTO_TEST_SUITE(plans)

BOOST_AUTO_TEST_CASE(plans_for_an_error_of_one_percent_are_those_of_the_table) {
    const MixturePlan one = moe::plan_for_error(1, 1.0, 0.01);
    BOOST_TEST((one.N == 50 && one.M == 50 && one.K == 1));
    BOOST_TEST((one.params == 504 && one.leaves == 1 && one.route_params == 0));
    BOOST_TEST(std::abs(one.error - 0.01) <= 1e-12);
    const MixturePlan two = moe::plan_for_error(2, 1.0, 0.01);
    BOOST_TEST((two.N == 71 && two.M == 9 && two.K == 8));
    BOOST_TEST((two.params == 1630 && two.leaves == 64));
    BOOST_TEST(std::abs(two.error - 0.0098209275) <= 5e-11);
    const MixturePlan three = moe::plan_for_error(3, 1.0, 0.01);
    BOOST_TEST((three.N == 87 && three.M == 5 && three.K == 18));
    BOOST_TEST((three.params == 4017 && three.leaves == 5832));
    BOOST_TEST(std::abs(three.error - 0.0096225045) <= 5e-11);
    const MixturePlan four = moe::plan_for_error(4, 1.0, 0.01);
    BOOST_TEST((four.N == 100 && four.M == 4 && four.K == 25));
    BOOST_TEST((four.params == 11289 && four.leaves == 390625));
    BOOST_TEST(std::abs(four.error - 0.01) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(slopes_of_the_wide_ladders_are_those_of_the_table) {
    const std::vector<LadderCase> cases{
        {1, 1.0, doubling, 0.9525},        {2, 1.0, {2, 3, 4, 6, 8, 12, 16}, 0.9755},
        {3, 1.0, {2, 3, 4, 5, 6}, 0.9817}, {4, 1.0, {2, 3, 4}, 0.9879},
        {2, 1.0, {2, 3, 4, 6, 8}, 0.9620}, {3, 1.0, {2, 3, 4}, 0.9724},
        {3, 1.5, {2, 3, 4}, 1.4586},       {1, 0.5, doubling, 0.4762},
        {2, 0.5, {2, 3, 4, 5, 6}, 0.4766}, {3, 0.5, {2, 3, 4}, 0.4862},
        {3, 1.5, {2, 3, 4, 5, 6}, 1.4726}, {4, 2.0, {2, 3, 4, 5}, 1.9814},
        {2, 2.0, doubling, 1.9718}};
    for (const LadderCase& item : cases) {
        const Slopes slope =
            slopes(item.ladder, [&](std::int64_t M) { return moe::exact_plan(item.n, item.r, M); });
        BOOST_TEST_CONTEXT("n = " << item.n << ", r = " << item.r) {
            BOOST_TEST(std::abs(slope.params - item.params_slope) <= 5.1e-5);
            BOOST_TEST(std::abs(slope.leaves - moe::kuhn_leaves_exponent(item.n, item.r)) <= 1e-9);
        }
    }
}

BOOST_AUTO_TEST_CASE(slopes_of_the_narrow_ladders_are_those_of_the_table) {
    const std::vector<LadderCase> cases{
        {1, 1.0, doubling, 0.9877}, {2, 1.0, {2, 3, 4, 6, 8}, 0.9865}, {3, 1.0, {2, 3, 4}, 0.9901}};
    for (const LadderCase& item : cases) {
        const Slopes slope = slopes(item.ladder, [&](std::int64_t M) {
            return moe::exact_plan(item.n, item.r, M, 1.0, KuhnForm::narrow);
        });
        BOOST_TEST(std::abs(slope.params - item.params_slope) <= 5.1e-5);
    }
}

BOOST_AUTO_TEST_CASE(wide_nets_stored_densely_lose_the_rate) {
    const std::vector<LadderCase> cases{
        {1, 1.0, doubling, 1.6587}, {2, 1.0, {2, 3, 4, 6, 8}, 1.8670}, {3, 1.0, {2, 3, 4}, 1.9235}};
    for (const LadderCase& item : cases) {
        const Slopes slope = slopes(item.ladder, [&](std::int64_t M) {
            MixturePlan size = moe::exact_plan(item.n, item.r, M);
            size.params = moe::KuhnExperts(item.n, 1, M).architecture().dense_parameters();
            return size;
        });
        BOOST_TEST(std::abs(slope.params - item.params_slope) <= 5.1e-5);
    }
}

BOOST_AUTO_TEST_CASE(constant_experts_load_one_parameter_and_need_eps_to_the_minus_n_of_them) {
    for (int n = 1; n <= 4; ++n) {
        const Slopes slope =
            slopes({2, 4, 8, 16}, [&](std::int64_t N) { return moe::constant_plan(n, N); });
        BOOST_TEST(std::abs(slope.leaves - n) <= 1e-12);
        BOOST_TEST(std::abs(slope.params) <= 1e-12);
        BOOST_TEST(moe::constant_plan(n, 8).params == 1U);
    }
}

BOOST_AUTO_TEST_CASE(slopes_of_the_bit_extraction_ladders_are_those_of_the_table) {
    for (const int k : {1, 2}) {
        for (int n = k; n <= 4; ++n) {
            const Slopes slope = slopes({4, 8, 16, 32}, [&](std::int64_t m) {
                return moe::bit_extraction_plan(n, k, m, m);
            });
            BOOST_TEST(std::abs(slope.params - (k == 1 ? 0.4907 : 0.9730)) <= 5.1e-5);
            BOOST_TEST(std::abs(slope.leaves - moe::bit_extraction_leaves_exponent(n, k)) <= 1e-9);
        }
    }
}

BOOST_AUTO_TEST_CASE(height_is_that_of_the_prototype_tree) {
    BOOST_TEST(moe::plan_of(3, 1, 5).height == 9);
    BOOST_TEST(moe::plan_of(4, 1, 13).height == 16);
    for (int n = 1; n <= 4; ++n) {
        for (std::int64_t K = 1; K <= 17; ++K) {
            const moe::GridTree tree(std::vector<std::int64_t>(static_cast<std::size_t>(n), K));
            const MixturePlan plan = moe::plan_of(n, 2, K);
            BOOST_TEST(plan.height == tree.height());
            BOOST_TEST(plan.leaves == tree.count_leaves());
            BOOST_TEST(plan.route_params == static_cast<std::uint64_t>(2 * n * plan.height));
            BOOST_TEST(plan.route_params <= moe::route_bound(n, K));
        }
    }
    for (const int k : {1, 2}) {
        const auto plan = moe::bit_extraction_plan(4, k, 3, 5);
        const moe::BitExtractionExperts experts(4, k, 3, 5, plan.slabs_per_axis);
        const moe::GridTree tree(experts.grid());
        BOOST_TEST(plan.height == tree.height());
        BOOST_TEST(plan.leaves == tree.leaves());
        BOOST_TEST(plan.leaves == experts.experts());
        BOOST_TEST(plan.error == experts.error_bound(1.0));
    }
}

BOOST_AUTO_TEST_CASE(the_explicit_form_of_A1_and_A2_holds_for_many_errors) {
    moe::RandomStream random(1, moe::cell_key("plan"), 0);
    for (int n = 1; n <= 4; ++n) {
        for (double r = 0.0; r <= n; r += 0.5) {
            for (int i = 0; i < 100; ++i) {
                const double eps = std::exp2(-10.0 * random.uniform()) * n;
                for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
                    const MixturePlan plan = moe::plan_for_error(n, r, eps, 1.5, form);
                    BOOST_TEST(plan.error <= eps * (1.0 + 1e-12));
                    BOOST_TEST(static_cast<double>(plan.params) <=
                               moe::testable_A_bound(n, r, eps, 1.5, form));
                    BOOST_TEST(plan.total() <= plan.params + moe::route_bound(n, plan.K));
                    BOOST_TEST(plan.K * plan.M >= plan.N);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(large_errors_need_one_constant_expert) {
    for (const double eps : {0.5, 0.75, 100.0}) {
        const MixturePlan plan = moe::plan_for_error(1, 1.0, eps);
        BOOST_TEST((plan.N == 1 && plan.M == 1 && plan.K == 1));
        BOOST_TEST((plan.params == 1 && plan.leaves == 1 && plan.height == 0));
    }
}

BOOST_AUTO_TEST_CASE(bit_extraction_beats_a_single_kuhn_net_of_the_same_error_from_about_m_25_on) {
    for (const int k : {1, 2}) {
        std::vector<std::int64_t> smaller;
        for (std::int64_t m = 2; m <= 46; ++m) {
            const auto bits = moe::bit_extraction_plan(k, k, m, m);
            const MixturePlan dense = moe::plan_for_error(k, k, bits.error);
            if (bits.params < dense.params) smaller.push_back(m);
        }
        // k = 2: at m = 26 the Kuhn net still has 12 nodes an axis and 2890 parameters, 26 fewer.
        std::vector<std::int64_t> expected;
        for (std::int64_t m = 25; m <= 46; ++m)
            if (k == 1 || m != 26) expected.push_back(m);
        BOOST_TEST(smaller == expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(loaded_bytes_fall_below_the_storage_floor_where_the_notes_say) {
    const std::vector<std::pair<int, std::int64_t>> first{{2, 51}, {3, 5}, {4, 3}};
    for (const auto& [n, expected] : first) {
        std::int64_t M = 2;
        const auto above_floor = [&, axes = n] {
            const MixturePlan plan = moe::exact_plan(axes, 1.0, M);
            const std::uint64_t G = moe::sign_points(axes, plan.error);
            return 8 * plan.params >= moe::storage_floor_bytes(G);
        };
        while (above_floor())
            ++M;
        BOOST_TEST(M == expected);
    }
    BOOST_TEST(8 * moe::exact_plan(3, 1.0, 5).params == 32136U);
    BOOST_TEST(moe::storage_floor_bytes(moe::sign_points(3, moe::exact_plan(3, 1.0, 5).error)) ==
               48628U);
    BOOST_TEST(8 * moe::exact_plan(4, 1.0, 3).params == 28712U);
    BOOST_TEST(moe::storage_floor_bytes(moe::sign_points(4, moe::exact_plan(4, 1.0, 3).error)) ==
               353221U);
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused) {
    for (const double bad : {0.0, -0.1, nan_value, infinity}) {
        BOOST_CHECK_THROW((void)moe::plan_for_error(2, 1.0, bad), moe::InputError);
        BOOST_CHECK_THROW((void)moe::plan_for_error(2, 1.0, 0.1, bad), moe::InputError);
        BOOST_CHECK_THROW((void)moe::plan_of(2, 2, 2, bad), moe::InputError);
        BOOST_CHECK_THROW((void)moe::bit_extraction_plan(2, 1, 4, 4, bad), moe::InputError);
    }
    for (const double r : {-0.1, 2.1, nan_value, infinity})
        BOOST_CHECK_THROW((void)moe::plan_for_error(2, r, 0.1), moe::InputError);
    for (const int n : {-1, 0, 9}) {
        BOOST_CHECK_THROW((void)moe::plan_for_error(n, 0.0, 0.1), moe::InputError);
        BOOST_CHECK_THROW((void)moe::plan_of(n, 1, 1), moe::InputError);
    }
    BOOST_CHECK_THROW((void)moe::plan_of(2, 0, 1), moe::InputError);
    BOOST_CHECK_THROW((void)moe::plan_of(2, 1, 0), moe::InputError);
    BOOST_CHECK_THROW((void)moe::testable_A_bound(5, 1.0, 0.1, 1.0, KuhnForm::narrow),
                      moe::InputError);
    BOOST_CHECK_THROW((void)moe::bit_extraction_plan(2, 1, 47, 47), moe::InputError);
}

BOOST_AUTO_TEST_CASE(counts_past_2_to_the_62_are_refused_and_never_wrap) {
    BOOST_CHECK_THROW((void)moe::plan_for_error(4, 0.0, 1e-10), moe::InputError);
    BOOST_CHECK_THROW((void)moe::plan_for_error(4, 4.0, 1e-10), moe::InputError);
    BOOST_CHECK_THROW((void)moe::plan_for_error(1, 1.0, 1e-300), moe::InputError);
    BOOST_CHECK_THROW((void)moe::plan_for_error(1, 0.0, 5e-324), moe::InputError);
    BOOST_CHECK_THROW((void)moe::plan_of(2, 1, std::int64_t{1} << 31), moe::InputError);
    BOOST_CHECK_THROW((void)moe::plan_of(1, 1, std::int64_t{1} << 62), moe::InputError);
    BOOST_CHECK_THROW((void)moe::plan_of(1, std::int64_t{1} << 40, std::int64_t{1} << 40),
                      moe::InputError);
    BOOST_TEST(moe::plan_of(2, 1, (std::int64_t{1} << 31) - 1).leaves ==
               ((std::uint64_t{1} << 31U) - 1) * ((std::uint64_t{1} << 31U) - 1));
    BOOST_CHECK_THROW((void)moe::bit_extraction_plan(8, 1, 46, 46), moe::InputError);
}

BOOST_AUTO_TEST_CASE(exact_plans_refuse_lattices_that_M_does_not_divide) {
    const MixturePlan plan = moe::exact_plan(3, 2.0, 4);
    BOOST_TEST((plan.N == 8 && plan.M == 4 && plan.K == 2));
    BOOST_CHECK_THROW((void)moe::exact_plan(3, 2.0, 3), moe::InputError); // 3^1.5
    BOOST_CHECK_THROW((void)moe::exact_plan(3, 0.0, 2), moe::InputError);
    BOOST_CHECK_THROW((void)moe::exact_plan(3, 4.0, 2), moe::InputError);
    BOOST_CHECK_THROW((void)moe::exact_plan(3, 1.0, 0), moe::InputError);
    BOOST_CHECK_THROW((void)moe::exact_plan(4, 0.5, 100), moe::InputError); // 100^8
}

BOOST_AUTO_TEST_SUITE_END()
