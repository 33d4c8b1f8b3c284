// E-steps that keep few experts a sample.

#include "fitting/truncation.hpp"

#include "datasets/synthetic.hpp"
#include "fitting/em.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

using moe::Index;
using moe::Matrix;
using moe::Vector;

constexpr Index experts = 4;

/// The fixture of the notes, section 6: linear experts, K = 4, p = 5, n = 2000, lambda = 1e-3.
struct Fixture {
    explicit Fixture(unsigned seed, Index n = 2000)
        : data(moe::gated_data({.shape = shape, .n = n}, moe::FixtureSource(seed)))
        , model(moe::make_gated_mixture(shape, {.sigma = 1.0, .lambda = 1e-3}, data.samples)) {}

    static constexpr moe::GatedShape shape{
        .family = moe::ExpertFamily::linear, .p = 5, .K = experts, .C = 1};
    moe::SyntheticData data;
    std::unique_ptr<moe::LatentModel> model;
};

double largest_fall(const std::vector<double>& values) {
    double fall = 0.0;
    for (std::size_t t = 1; t < values.size(); ++t)
        fall = std::max(fall, values[t - 1] - values[t]);
    return fall;
}

} // namespace

BOOST_AUTO_TEST_SUITE(truncated_responsibilities)

BOOST_AUTO_TEST_CASE(the_largest_are_kept_and_renormalised_and_the_first_of_equal_ones_wins) {
    Matrix r(3, 3);
    r << 0.5, 0.2, 0.3,  //
        0.25, 0.5, 0.25, //
        0.0, 0.0, 1.0;
    Matrix two = r;
    moe::keep_largest(two, 2);
    Matrix expected(3, 3);
    expected << 0.625, 0.0, 0.375, //
        1.0 / 3.0, 2.0 / 3.0, 0.0, //
        0.0, 0.0, 1.0;
    BOOST_TEST((two - expected).cwiseAbs().maxCoeff() <= 1e-16);
    Matrix one = r;
    moe::keep_largest(one, 1);
    BOOST_TEST(one(0, 0) == 1.0);
    BOOST_TEST(one(1, 1) == 1.0);
    BOOST_TEST(one.sum() == 3.0);
    Matrix all = r;
    moe::keep_largest(all, 3);
    BOOST_TEST((all == r));
    BOOST_CHECK_THROW(moe::keep_largest(r, 0), std::invalid_argument);
    BOOST_CHECK_THROW(moe::keep_largest(r, 4), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_free_energy_of_the_posterior_is_minus_the_objective) {
    const Fixture fixture(81, 200);
    Matrix r;
    fixture.model->posterior(fixture.data.start, r);
    BOOST_TEST(moe::free_energy(*fixture.model, r, fixture.data.start) +
                       fixture.model->objective(fixture.data.start) ==
                   0.0,
               boost::test_tools::tolerance(1e-12));
}

/// For one sample and a set S of experts the best r on S has the value log sum_{k in S} exp(l_k):
/// all sets of k experts are listed.
BOOST_AUTO_TEST_CASE(the_truncated_posterior_is_the_best_of_all_k_sparse_responsibilities) {
    const Fixture fixture(82, 60);
    Matrix l;
    fixture.model->complete_log_density(fixture.data.start, l);
    for (const Index k : {1, 2, 3, 4}) {
        double best = 0.0;
        for (Index i = 0; i < l.rows(); ++i) {
            double of_sample = -INFINITY;
            for (unsigned set = 1; set < 1U << experts; ++set) {
                double sum = 0.0;
                Index size = 0;
                for (Index j = 0; j < experts; ++j) {
                    if ((set >> j & 1U) == 0) continue;
                    sum += std::exp(l(i, j));
                    ++size;
                }
                if (size == k) of_sample = std::max(of_sample, std::log(sum));
            }
            best += of_sample / static_cast<double>(l.rows());
        }
        best -= 0.5e-3 * fixture.data.start.squaredNorm();
        Matrix r;
        moe::top_k_posterior(k)(*fixture.model, fixture.data.start, r);
        BOOST_TEST(moe::free_energy(*fixture.model, r, fixture.data.start) == best,
                   boost::test_tools::tolerance(1e-12));
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(truncated_em)

/// F after 40 iterations of an independent prototype (notes, section 6).
BOOST_AUTO_TEST_CASE(the_objective_after_forty_iterations_is_the_prototypes_and_nothing_falls) {
    struct Case {
        unsigned seed;
        double start;
        double top4;
        double top2;
        double top1;
    };
    for (const Case& c : {Case{81, 2.45, 1.791844, 1.794503, 1.811020},
                          Case{82, 2.30, 1.858165, 1.859544, 1.872074}}) {
        const Fixture fixture(c.seed);
        for (const auto& [k, objective] : {std::pair{Index{4}, c.top4}, std::pair{Index{2}, c.top2},
                                           std::pair{Index{1}, c.top1}}) {
            const moe::RoutedTrace trace =
                moe::run_routed(*fixture.model, moe::top_k_posterior(k), fixture.data.start, 40);
            BOOST_TEST_CONTEXT("seed " << c.seed << ", k = " << k) {
                BOOST_TEST(std::abs(trace.objectives.front() - c.start) <= 0.005);
                BOOST_TEST(std::abs(trace.objectives.back() - objective) <= 1e-6);
                BOOST_TEST(largest_fall(trace.free_energies) <= 1e-12);
                BOOST_TEST(trace.failure.empty());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(with_all_experts_it_is_em) {
    const Fixture fixture(83);
    const moe::RoutedTrace routed =
        moe::run_routed(*fixture.model, moe::top_k_posterior(experts), fixture.data.start, 10);
    const moe::Trace plain =
        moe::run(*fixture.model, moe::em(*fixture.model), fixture.data.start, 10);
    BOOST_TEST((routed.theta == plain.theta));
    BOOST_TEST(routed.objectives == plain.objectives, boost::test_tools::per_element());
}

/// There are finitely many labelings and the free energy rises with each new one.
BOOST_AUTO_TEST_CASE(with_one_expert_it_stands_still_after_finitely_many_steps) {
    for (const unsigned seed : {81U, 82U, 83U}) {
        const Fixture fixture(seed);
        const moe::RoutedTrace trace =
            moe::run_routed(*fixture.model, moe::top_k_posterior(1), fixture.data.start, 40);
        BOOST_TEST_REQUIRE(trace.fixed_at.has_value());
        const auto fixed = static_cast<std::size_t>(*trace.fixed_at);
        BOOST_TEST(std::abs(trace.objectives[fixed] - trace.objectives.back()) <= 1e-14);
        BOOST_TEST(trace.free_energies[fixed - 1] < trace.free_energies.back());
    }
}

/// L itself may rise: what never falls is the free energy. F after 40 iterations as an independent
/// prototype found it.
BOOST_AUTO_TEST_CASE(routing_by_the_gate_alone_loses_free_energy_and_raises_f) {
    const std::map<unsigned, double> last = {{81U, 3.34}, {82U, 3.21}, {83U, 3.20}};
    for (const auto& [seed, objective] : last) {
        const Fixture fixture(seed);
        const moe::RoutedTrace trace =
            moe::run_routed(*fixture.model, moe::gate_routing(), fixture.data.start, 40);
        BOOST_TEST(largest_fall(trace.free_energies) > 1e-3);
        BOOST_TEST(trace.objectives.back() > trace.objectives.front());
        BOOST_TEST(std::abs(trace.objectives.back() - objective) <= 0.005);
        BOOST_TEST(trace.failure.empty(), trace.failure);
        BOOST_TEST(trace.free_energies.size() == trace.objectives.size());
    }
}

BOOST_AUTO_TEST_SUITE_END()
