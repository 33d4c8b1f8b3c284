// First-order methods and the choice of their step sizes.

#include "fitting/gradient_methods.hpp"

#include "datasets/synthetic.hpp"
#include "fitting/information.hpp"
#include "fitting/plain_likelihood.hpp"
#include "statistics/paired.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using moe::Index;
using moe::LatentModel;
using moe::StepSizes;
using moe::SymmetricKind;
using moe::Vector;

/// A model on fixture data.
struct Case {
    moe::SyntheticData data;
    std::unique_ptr<LatentModel> model;
    double lipschitz;
};

Case symmetric(const moe::SymmetricRecipe& recipe, unsigned seed) {
    moe::SyntheticData data = moe::symmetric_data(recipe, moe::FixtureSource(seed));
    auto model = moe::make_symmetric_mixture(recipe.kind, data.samples);
    const double lipschitz = model->curvature_bound();
    return {std::move(data), std::move(model), lipschitz};
}

Case multinomial() {
    const moe::GatedShape shape{.family = moe::ExpertFamily::multinomial, .p = 3, .K = 2, .C = 3};
    moe::SyntheticData data = moe::gated_data({.shape = shape, .n = 300}, moe::FixtureSource(4));
    auto model = moe::make_gated_mixture(shape, {.sigma = 1.0, .lambda = 0.01}, data.samples);
    const double lipschitz = model->curvature_bound();
    return {std::move(data), std::move(model), lipschitz};
}

Vector once(const moe::Iteration& iteration, Vector theta) {
    iteration(theta);
    return theta;
}

/// What a method does on the fixture data sets of the notes, section 5.
struct Record {
    std::vector<std::vector<double>> gaps; ///< by data set and iteration
    std::vector<double> errors;            ///< |theta^50 - theta_hat|, by data set

    void add(const moe::Trace& trace, double lowest, const Vector& best) {
        std::vector<double>& here = gaps.emplace_back();
        for (const double loss : trace.objectives)
            here.push_back(loss - lowest);
        errors.push_back((trace.theta - best).norm());
    }
    [[nodiscard]] double median_gap(std::size_t iteration) const {
        std::vector<double> values;
        for (const std::vector<double>& of_set : gaps)
            values.push_back(of_set[iteration]);
        return moe::quantile(values, 0.5);
    }
    /// Iterations to gap 1e-6 on each data set; infinite if it is not reached.
    [[nodiscard]] std::vector<double> iterations() const {
        std::vector<double> values;
        for (const std::vector<double>& of_set : gaps) {
            const auto found = std::ranges::find_if(of_set, [](double gap) { return gap <= 1e-6; });
            values.push_back(found == of_set.end() ? std::numeric_limits<double>::infinity()
                                                   : static_cast<double>(found - of_set.begin()));
        }
        return values;
    }
};

struct Records {
    Record em, gradient_em_tuned, gradient_em, gd_tuned, gd, blockwise;
};

Records compare(const moe::SymmetricRecipe& recipe, unsigned data_sets, unsigned blockwise_sets) {
    Records records;
    for (unsigned i = 0; i < data_sets; ++i) {
        const Case c = symmetric(recipe, 1000 + i);
        LatentModel& model = *c.model;
        const Vector best = moe::stationary_point(model, c.data.truth);
        const double lowest = model.loss(best);
        const double step = 1.0 / c.lipschitz;
        const auto descent = [&](const StepSizes& s) {
            return moe::gradient_descent(model, s.expert);
        };
        const auto gradient_em = [&](const StepSizes& s) {
            return moe::gradient_em(model, 5, s.expert);
        };
        const auto blockwise = [&](const StepSizes& s) {
            return moe::blockwise_gradient_descent(model, s.expert, s.gate);
        };
        const auto fixed = [&](const moe::Iteration& iteration) {
            return moe::run(model, iteration, c.data.start, 50);
        };
        const auto tuned = [&](const std::function<moe::Iteration(const StepSizes&)>& method,
                               const std::vector<StepSizes>& grid) {
            return moe::tune(model, method, grid, c.data.start, 50).trace;
        };
        const std::vector<StepSizes> grid = moe::step_grid(c.lipschitz, -1, 6);
        records.em.add(fixed(moe::em(model)), lowest, best);
        records.gradient_em_tuned.add(tuned(gradient_em, grid), lowest, best);
        records.gradient_em.add(fixed(gradient_em({step, step})), lowest, best);
        records.gd_tuned.add(tuned(descent, grid), lowest, best);
        records.gd.add(fixed(descent({step, step})), lowest, best);
        if (i < blockwise_sets)
            records.blockwise.add(tuned(blockwise, moe::blockwise_step_grid(c.lipschitz)), lowest,
                                  best);
    }
    return records;
}

/// The prototype's medians are given to two digits.
void check_medians(const Record& record, double gap5, double gap10, double gap50, double error) {
    const auto agrees = [](double found, double expected) {
        BOOST_TEST(std::abs(found - expected) <= 0.055 * expected,
                   found << " instead of " << expected);
    };
    agrees(record.median_gap(5), gap5);
    agrees(record.median_gap(10), gap10);
    agrees(record.median_gap(50), gap50);
    agrees(moe::quantile(record.errors, 0.5), error);
}

moe::SignTest before(const Record& first, const Record& second) {
    const std::vector<double> a = first.iterations();
    const std::vector<double> b = second.iterations();
    std::vector<double> leads;
    for (std::size_t i = 0; i < a.size(); ++i)
        leads.push_back(a[i] == b[i] ? 0.0 : b[i] - a[i]);
    return moe::sign_test(leads);
}

double difference(const Vector& a, const Vector& b) {
    return (a - b).lpNorm<Eigen::Infinity>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(gradient_methods)

/// L after one step 1/Lip from the start, by an independent prototype (notes, fixtures).
BOOST_AUTO_TEST_CASE(one_step_of_gradient_descent_gives_the_fixture_losses) {
    const Case linear = symmetric({.n = 1000, .d = 10, .beta = 4, .w = 4, .rho0 = 0.5}, 1);
    const Case logistic = symmetric(
        {.kind = SymmetricKind::logistic, .n = 2000, .d = 4, .beta = 4, .w = 2, .rho0 = 0.5}, 2);
    for (const auto& [c, loss] :
         {std::pair(&linear, 1.960313109114), std::pair(&logistic, 0.630587889163)}) {
        const Vector theta =
            once(moe::gradient_descent(*c->model, 1.0 / c->lipschitz), c->data.start);
        BOOST_TEST(std::abs(c->model->loss(theta) - loss) <= 1e-9);
    }
}

/// The gradient of F by dual numbers on the observed likelihood, without responsibilities.
BOOST_AUTO_TEST_CASE(gradient_em_with_one_step_is_gradient_descent_on_the_ridged_objective) {
    const Case c = multinomial();
    const moe::GatedShape shape{.family = moe::ExpertFamily::multinomial, .p = 3, .K = 2, .C = 3};
    const moe::PlainLikelihood plain(moe::plain_model(shape, {.sigma = 1.0, .lambda = 0.01}),
                                     c.data.samples);
    const double step = 1.0 / c.lipschitz;
    const Vector& start = c.data.start;
    const Vector expected = start - step * (plain.gradient(start) + 0.01 * start);
    BOOST_TEST(difference(once(moe::gradient_em(*c.model, 1, step), start), expected) <= 1e-13);
    BOOST_TEST(difference(once(moe::gradient_descent(*c.model, step), start), expected) <= 1e-13);
    BOOST_CHECK_THROW(static_cast<void>(moe::gradient_em(*c.model, 0, step)),
                      std::invalid_argument);
}

/// With the responsibilities frozen the inner problem is the M-step, which gradient descent solves
/// in the limit.
BOOST_AUTO_TEST_CASE(gradient_em_with_many_steps_is_em) {
    const Case c = multinomial();
    const Vector expected = once(moe::em(*c.model), c.data.start);
    const Vector found = once(moe::gradient_em(*c.model, 5000, 1.0 / c.lipschitz), c.data.start);
    BOOST_TEST(difference(found, expected) <= 1e-9);
}

BOOST_AUTO_TEST_CASE(blockwise_descent_moves_each_block_by_its_own_step) {
    const Case c = symmetric({.n = 300, .d = 4, .beta = 2, .w = 2}, 7);
    const double step = 1.0 / c.lipschitz;
    const Vector both = once(moe::gradient_descent(*c.model, step), c.data.start);
    const Vector equal = once(moe::blockwise_gradient_descent(*c.model, step, step), c.data.start);
    BOOST_TEST(difference(both, equal) <= 1e-15);
    const Vector gate = once(moe::blockwise_gradient_descent(*c.model, 0.0, step), c.data.start);
    const moe::Block block = c.model->gate_block();
    BOOST_TEST(difference(gate.segment(block.begin, block.size),
                          both.segment(block.begin, block.size)) <= 1e-15);
    const moe::Block experts = c.model->expert_block();
    BOOST_TEST((gate.segment(experts.begin, experts.size) ==
                c.data.start.segment(experts.begin, experts.size)));
}

BOOST_AUTO_TEST_CASE(every_iteration_returns_the_objective_at_the_incoming_point) {
    const Case c = multinomial();
    const double expected = c.model->objective(c.data.start);
    for (const moe::Iteration& iteration :
         {moe::gradient_descent(*c.model, 0.1), moe::blockwise_gradient_descent(*c.model, 0.1, 0.2),
          moe::gradient_em(*c.model, 3, 0.1)}) {
        Vector theta = c.data.start;
        BOOST_TEST(iteration(theta) == expected, boost::test_tools::tolerance(1e-14));
    }
}

BOOST_AUTO_TEST_CASE(a_step_of_one_over_the_curvature_bound_never_raises_the_objective) {
    for (const Case& c : {multinomial(), symmetric({.n = 300, .d = 4, .beta = 8, .w = 8}, 9)}) {
        for (const moe::Iteration& iteration : {moe::gradient_descent(*c.model, 1.0 / c.lipschitz),
                                                moe::gradient_em(*c.model, 5, 1.0 / c.lipschitz)}) {
            const moe::Trace trace = moe::run(*c.model, iteration, c.data.start, 100);
            for (std::size_t t = 1; t < trace.objectives.size(); ++t)
                BOOST_TEST(trace.objectives[t] <= trace.objectives[t - 1] + 1e-14);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tuning)

BOOST_AUTO_TEST_CASE(the_grids_are_powers_of_two_over_the_curvature_bound) {
    const std::vector<StepSizes> grid = moe::step_grid(4.0, -1, 6);
    BOOST_TEST_REQUIRE(grid.size() == 8U);
    BOOST_TEST(grid.front().expert == 0.125);
    BOOST_TEST(grid.front().gate == 0.125);
    BOOST_TEST(grid.back().gate == 16.0);
    const std::vector<StepSizes> pairs = moe::blockwise_step_grid(4.0);
    BOOST_TEST_REQUIRE(pairs.size() == 27U);
    BOOST_TEST(pairs.front().expert == 0.25);
    BOOST_TEST(pairs[9].expert == std::sqrt(0.125), boost::test_tools::tolerance(1e-15));
    BOOST_TEST(pairs.back().expert == 0.5);
    BOOST_TEST(pairs.back().gate == 64.0);
}

BOOST_AUTO_TEST_CASE(the_step_of_the_smallest_last_objective_wins_and_failed_steps_lose) {
    const Case c = symmetric({.n = 300, .d = 4, .beta = 2, .w = 2}, 7);
    const auto method = [&](const StepSizes& steps) {
        return moe::gradient_descent(*c.model, steps.expert);
    };
    const std::vector<StepSizes> candidates{{1e300, 1e300}, {0.01, 0.01}, {0.1, 0.1}, {0.1, 0.1}};
    const moe::Tuned tuned = moe::tune(*c.model, method, candidates, c.data.start, 20);
    BOOST_TEST(tuned.steps.expert == 0.1);
    for (const StepSizes& steps : candidates)
        BOOST_TEST(tuned.trace.objectives.back() <=
                   moe::run(*c.model, method(steps), c.data.start, 20).objectives.back());
    const moe::Tuned failed = moe::tune(*c.model, method, {{1e300, 1e300}}, c.data.start, 20);
    BOOST_TEST(!std::isfinite(failed.trace.objectives.back()));
    BOOST_TEST(failed.trace.objectives.size() == 21U);
    BOOST_CHECK_THROW(static_cast<void>(moe::tune(*c.model, method, {}, c.data.start, 20)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(slow_comparison)

/// Medians of the independent prototype over the fixture seeds 1000..1049.
BOOST_AUTO_TEST_CASE(the_linear_comparison_has_the_prototypes_medians_and_order) {
    const Records records = compare({.n = 1000, .d = 10, .beta = 4, .w = 4, .rho0 = 0.5}, 50, 20);
    BOOST_TEST(std::abs(records.em.median_gap(5) - 1.6e-6) <= 0.05e-6);
    BOOST_TEST(std::abs(records.em.median_gap(10) - 8.6e-12) <= 0.1e-12);
    BOOST_TEST(std::abs(records.em.median_gap(50)) <= 1e-15);
    BOOST_TEST(moe::quantile(records.em.errors, 0.5) <= 1e-12);
    BOOST_TEST(moe::quantile(records.em.iterations(), 0.5) == 6.0);
    BOOST_TEST(moe::quantile(records.em.iterations(), 1.0) == 7.0);
    check_medians(records.gradient_em_tuned, 8.7e-3, 1.7e-3, 3.9e-6, 1.4e-2);
    check_medians(records.gradient_em, 9.1e-3, 9.8e-4, 1.5e-5, 5.3e-2);
    check_medians(records.gd_tuned, 8.4e-2, 2.4e-2, 2.5e-4, 0.23);
    check_medians(records.gd, 7.5e-2, 4.2e-2, 9.3e-4, 0.34);
    check_medians(records.blockwise, 4.4e-4, 7.1e-5, 5.3e-11, 9.1e-5);
    BOOST_TEST(std::abs(moe::quantile(records.blockwise.iterations(), 0.5) - 22.0) <= 0.5);
    BOOST_TEST(moe::quantile(records.blockwise.iterations(), 1.0) == 38.0);
    for (std::size_t i = 0; i < 50; ++i) {
        const double em = records.em.gaps[i].back();
        const double gradient_em = records.gradient_em_tuned.gaps[i].back();
        BOOST_TEST(em < gradient_em);
        BOOST_TEST(gradient_em < records.gd_tuned.gaps[i].back());
    }
}

/// The same for seeds 1000..1023: the order is statistical, and seed 1008 is the exception.
BOOST_AUTO_TEST_CASE(the_logistic_comparison_has_the_prototypes_iterations_and_one_exception) {
    const Records records = compare(
        {.kind = SymmetricKind::logistic, .n = 5000, .d = 10, .beta = 4, .w = 4, .rho0 = 0.5}, 24,
        0);
    const std::vector<double> em = records.em.iterations();
    const std::vector<double> gradient_em = records.gradient_em_tuned.iterations();
    const std::vector<double> gd = records.gd_tuned.iterations();
    BOOST_TEST(moe::quantile(em, 0.5) == 12.0);
    BOOST_TEST(moe::quantile(em, 1.0) == 28.0);
    BOOST_TEST(std::abs(moe::quantile(gradient_em, 0.5) - 18.0) <= 0.5);
    BOOST_TEST(moe::quantile(gradient_em, 1.0) == 40.0);
    // The prototype counts 18; seeds 11 and 16 miss 1e-6 by 9 % and 3 % after 50 iterations.
    BOOST_TEST(std::ranges::count_if(gd, [](double t) { return std::isinf(t); }) >= 18);
    BOOST_TEST(em[8] == 8.0);
    BOOST_TEST(gd[8] == 6.0);
    const moe::SignTest em_first = before(records.em, records.gradient_em_tuned);
    BOOST_TEST(em_first.wins == 23);
    BOOST_TEST(em_first.ties == 1);
    BOOST_TEST(before(records.em, records.gd_tuned).wins == 23);
    BOOST_TEST(before(records.gradient_em_tuned, records.gd_tuned).wins == 23);
}

BOOST_AUTO_TEST_SUITE_END()
