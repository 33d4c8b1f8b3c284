#include "certification/sign_recovery.hpp"

#include "basics/error.hpp"
#include "forward/evaluate.hpp"
#include "routing/grid_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace {

using moe::KuhnExperts;
using moe::KuhnForm;
using moe::LipschitzFunction;

/// The whole mixture, one expert built for each point that is routed.
moe::MixtureEvaluator mixture(const KuhnExperts& experts) {
    return [&experts](const LipschitzFunction& target, std::span<const double> points) {
        const moe::GridTree tree(experts.grid());
        const auto n = static_cast<std::size_t>(experts.dimension());
        std::vector<double> parameters(experts.architecture().parameters());
        std::vector<double> outputs(points.size() / n);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const auto x = points.subspan(i * n, n);
            experts.fill(tree.cell(tree.route(x).leaf), target, parameters);
            moe::evaluate<double>(experts.architecture(), parameters, x,
                                  std::span(outputs).subspan(i, 1));
        }
        return outputs;
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(sign_recovery)

BOOST_AUTO_TEST_CASE(all_signs_of_the_table_are_recovered) {
    struct Row {
        int n;
        std::int64_t K;
        std::int64_t M;
        std::uint64_t G;
        std::uint64_t positive;
    };
    const std::array<Row, 5> rows{{{1, 64, 1, 64, 26},
                                   {2, 16, 1, 144, 70},
                                   {2, 8, 2, 144, 70},
                                   {3, 8, 2, 1000, 478},
                                   {4, 8, 1, 256, 126}}};
    for (const Row& row : rows) {
        for (const KuhnForm form : {KuhnForm::wide, KuhnForm::narrow}) {
            const KuhnExperts experts(row.n, row.K, row.M, form);
            const auto result = moe::sign_recovery(experts, 9, 1.0, mixture(experts));
            BOOST_TEST(result.points == row.G);
            BOOST_TEST(result.positive == row.positive);
            BOOST_TEST(result.recovered == row.G);
            BOOST_TEST(result.all());
            BOOST_TEST(result.smallest_margin > 0.0);
            BOOST_TEST(result.smallest_margin >= result.bump_height - result.error_bound - 1e-12);
        }
    }
}

BOOST_AUTO_TEST_CASE(lambda_changes_neither_lattice_nor_signs) {
    const KuhnExperts experts(2, 8, 2);
    const auto result = moe::sign_recovery(experts, 9, 5.0, mixture(experts));
    BOOST_TEST(result.points == 144U);
    BOOST_TEST(result.positive == 70U);
    BOOST_TEST(result.all());
}

BOOST_AUTO_TEST_CASE(a_mixture_that_answers_nothing_recovers_nothing) {
    const KuhnExperts experts(1, 64, 1);
    const auto result = moe::sign_recovery(
        experts, 9, 1.0, [](const LipschitzFunction&, std::span<const double> points) {
            return std::vector<double>(points.size(), 0.0);
        });
    BOOST_TEST(result.recovered == 0U);
    BOOST_TEST(!result.all());
    BOOST_CHECK_THROW(
        (void)moe::sign_recovery(experts, 9, 1.0,
                                 [](const LipschitzFunction&, std::span<const double>) {
                                     return std::vector<double>(3);
                                 }),
        std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_grid_without_bumps_is_refused) {
    const KuhnExperts experts(1, 1, 1);
    BOOST_CHECK_THROW((void)moe::sign_recovery(experts, 9, 1.0, mixture(experts)), moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
