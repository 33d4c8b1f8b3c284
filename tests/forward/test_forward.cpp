// The batched pass of whole models: against the reference, and its independence of threads, of
// cutting and of where the experts live.

#include "forward/forward.hpp"

#include "basics/error.hpp"
#include "forward/evaluate.hpp"
#include "forward/random_models.hpp"
#include "models/resident_experts.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using moe::Architecture;
using moe::Backend;
using moe::ForwardReport;
using moe::GridTree;
using moe::RandomStream;
using moe::ResidentExperts;
using moe::Router;
using moe::test::Kind;
using moe::test::uniform_numbers;

namespace {

/// A random grid of at most 4^n cells with a random expert in each.
struct RandomModel {
    GridTree grid;
    Architecture architecture;
    std::vector<double> parameters;
    moe::PrototypeTree tree = moe::materialise(grid);

    /// The grid itself, the same tree stored, or a search over its cells' centres.
    [[nodiscard]] Router router(int which) const {
        if (which == 0) return Router(grid);
        if (which == 1) return Router(tree.view());
        std::vector<double> centres;
        for (std::uint64_t leaf = 0; leaf < grid.leaves(); ++leaf) {
            const auto centre = grid.centre(leaf);
            centres.insert(centres.end(), centre.begin(), centre.end());
        }
        return Router(moe::FlatPrototypes(grid.dimension(), centres));
    }
};

/// Most models are small, some are wide enough for every block of the kernels.
RandomModel random_model(RandomStream& random) {
    const auto n = static_cast<std::uint32_t>(1 + random.below(4));
    const auto m = static_cast<std::uint32_t>(1 + random.below(3));
    std::vector<std::int64_t> cells(n);
    for (auto& k : cells) {
        k = static_cast<std::int64_t>(1 + random.below(n == 4 ? 2 : 4));
    }
    GridTree grid(cells);
    const std::uint64_t widest = random.below(20) == 0 ? 70 : 13;
    Architecture architecture =
        moe::test::random_architecture(random, static_cast<Kind>(random.below(4)), n, m, widest);
    std::vector<double> parameters =
        moe::test::random_parameters(random, architecture, grid.leaves());
    return {std::move(grid), std::move(architecture), std::move(parameters)};
}

template<class T>
double relative_difference(const std::vector<T>& a, const std::vector<T>& b) {
    double difference = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        difference += d * d;
        norm += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    return norm == 0.0 ? std::sqrt(difference) : std::sqrt(difference / norm);
}

/// Holds back every acquire() until no lease is alive, as a store does whose budget is one expert,
/// and hands out the parameters from one buffer, which it spoils when the lease ends.
class OneExpertAtATime final : public moe::ExpertSource<double> {
  public:
    OneExpertAtATime(Architecture architecture, std::vector<double> parameters)
        : architecture_(std::move(architecture))
        , parameters_(std::move(parameters))
        , buffer_(architecture_.parameters()) {}

    [[nodiscard]] const Architecture& architecture() const override { return architecture_; }
    [[nodiscard]] std::uint64_t experts() const override {
        return parameters_.size() / buffer_.size();
    }
    [[nodiscard]] moe::ExpertLease<double> acquire(std::uint64_t expert) override {
        mutex_.lock();
        most_alive = std::max(most_alive, ++alive_);
        ++acquisitions;
        touched.insert(expert);
        const auto first =
            parameters_.begin() + static_cast<std::ptrdiff_t>(expert * buffer_.size());
        std::copy_n(first, buffer_.size(), buffer_.begin());
        return {*this, expert, buffer_};
    }
    int most_alive = 0;
    std::uint64_t acquisitions = 0;
    std::set<std::uint64_t> touched;

  private:
    void give_back(std::uint64_t /*expert*/) noexcept override {
        --alive_;
        std::fill(buffer_.begin(), buffer_.end(), std::nan(""));
        mutex_.unlock();
    }
    Architecture architecture_;
    std::vector<double> parameters_;
    std::vector<double> buffer_;
    std::mutex mutex_;
    int alive_ = 0;
};

template<class Error, class Call>
void refuses(const Call& call, const std::string& culprit) {
    BOOST_CHECK_EXCEPTION(call(), Error, [&](const Error& error) {
        return std::string(error.what()).find(culprit) != std::string::npos;
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(forward)

BOOST_AUTO_TEST_CASE(two_constant_experts_are_chosen_by_the_half_of_the_interval) {
    ResidentExperts<double> experts(
        Architecture::sparse(1, std::array{1U}, {moe::SparsePattern{{}, {}, {0}}}), {10.0, 20.0});
    const std::vector<double> inputs{0.9, 0.1, 0.5, 1.0, 0.0};
    std::vector<double> outputs(5);
    const ForwardReport report =
        moe::forward<double>(Router{GridTree({2})}, experts, inputs, outputs);
    BOOST_TEST(outputs == (std::vector<double>{20, 10, 10, 20, 10}),
               boost::test_tools::per_element());
    BOOST_TEST(report.touched_experts == 2U);
    BOOST_TEST(report.acquisitions == 2U);
    BOOST_TEST(report.route_depth_max == 1);
    BOOST_TEST(report.route_reals_max == 2);
    BOOST_TEST(report.route_reals_total == 10U);
}

BOOST_AUTO_TEST_CASE(float64_gives_the_bits_of_the_reference_on_random_models) {
    RandomStream random(1, 6, 1);
    for (int trial = 0; trial < 10000; ++trial) {
        RandomModel model = random_model(random);
        const std::size_t batch = random.below(120);
        const auto inputs = uniform_numbers(random, batch * model.architecture.inputs());
        const std::size_t size = batch * model.architecture.outputs();
        ResidentExperts<double> experts(model.architecture, model.parameters);
        const Router router = model.router(trial % 3);
        std::vector<double> reference(size, -1.0);
        std::vector<double> outputs(size, -2.0);
        const auto expected = moe::forward<double>(router, experts, inputs, reference,
                                                   {.backend = Backend::reference});
        const auto report = moe::forward<double>(router, experts, inputs, outputs,
                                                 {.backend = Backend::cpu, .threads = 2});
        BOOST_TEST((outputs == reference));
        BOOST_TEST(report.touched_experts == expected.touched_experts);
        BOOST_TEST(report.route_depth_max == expected.route_depth_max);
        BOOST_TEST(report.route_reals_max == expected.route_reals_max);
        BOOST_TEST(report.route_reals_total == expected.route_reals_total);
    }
}

BOOST_AUTO_TEST_CASE(float32_agrees_with_the_reference_to_1e_minus_5) {
    RandomStream random(2, 6, 1);
    for (int trial = 0; trial < 10000; ++trial) {
        RandomModel model = random_model(random);
        const std::size_t batch = 20 + random.below(120);
        const auto inputs = uniform_numbers(random, batch * model.architecture.inputs());
        const std::size_t size = batch * model.architecture.outputs();
        ResidentExperts<float> experts(
            model.architecture,
            std::vector<float>(model.parameters.begin(), model.parameters.end()));
        const Router router = model.router(trial % 3);
        std::vector<float> reference(size);
        std::vector<float> outputs(size);
        (void)moe::forward<float>(router, experts, inputs, reference,
                                  {.backend = Backend::reference});
        (void)moe::forward<float>(router, experts, inputs, outputs, {.threads = 2});
        BOOST_TEST(relative_difference(outputs, reference) <= 1e-5);
    }
}

BOOST_AUTO_TEST_CASE(neither_threads_nor_cutting_the_batch_reach_the_outputs) {
    RandomStream random(3, 6, 1);
    const Router router{GridTree({3, 2})};
    const Architecture architecture = Architecture::dense(std::array{2U, 21U, 10U, 3U});
    ResidentExperts<double> experts(architecture,
                                    moe::test::random_parameters(random, architecture, 6));
    const std::size_t batch = 30011; // groups above 4096 samples, which are cut
    const auto inputs = uniform_numbers(random, batch * 2);
    std::vector<double> whole(batch * 3);
    const auto report = moe::forward<double>(router, experts, inputs, whole, {.threads = 1});
    BOOST_TEST(report.touched_experts == 6U);
    BOOST_TEST(report.acquisitions > 6U);
    for (const unsigned threads : {0U, 2U, 5U}) {
        std::vector<double> outputs(batch * 3);
        const auto same =
            moe::forward<double>(router, experts, inputs, outputs, {.threads = threads});
        BOOST_TEST((outputs == whole));
        BOOST_TEST(same.acquisitions == report.acquisitions);
    }
    std::vector<double> pieces(batch * 3);
    for (std::size_t first = 0; first < batch;) {
        const std::size_t count = std::min<std::size_t>(1 + random.below(2000), batch - first);
        (void)moe::forward<double>(router, experts, std::span(inputs).subspan(first * 2, count * 2),
                                   std::span(pieces).subspan(first * 3, count * 3));
        first += count;
    }
    BOOST_TEST((pieces == whole));
}

BOOST_AUTO_TEST_CASE(a_budget_of_one_expert_is_enough_for_several_threads) {
    RandomStream random(4, 6, 1);
    const GridTree grid({7, 6});
    const Architecture architecture = Architecture::dense(std::array{2U, 9U, 1U});
    const auto parameters = moe::test::random_parameters(random, architecture, grid.leaves());
    const std::size_t batch = 20000;
    const auto inputs = uniform_numbers(random, batch * 2);
    ResidentExperts<double> resident(architecture, parameters);
    std::vector<double> expected(batch);
    (void)moe::forward<double>(Router(grid), resident, inputs, expected);
    OneExpertAtATime source(architecture, parameters);
    for (const auto backend : {Backend::cpu, Backend::reference}) {
        source.acquisitions = 0;
        std::vector<double> outputs(batch);
        const auto report = moe::forward<double>(Router(grid), source, inputs, outputs,
                                                 {.backend = backend, .threads = 2});
        BOOST_TEST((outputs == expected));
        BOOST_TEST(source.most_alive == 1);
        BOOST_TEST(report.acquisitions == source.acquisitions);
        BOOST_TEST(report.touched_experts == source.touched.size());
    }
}

BOOST_AUTO_TEST_CASE(each_touched_expert_is_acquired_once_where_its_group_is_small) {
    RandomStream random(5, 6, 1);
    const GridTree grid({1 << 20});
    const Architecture architecture =
        Architecture::sparse(1, std::array{1U}, {moe::SparsePattern{{}, {}, {0}}});
    OneExpertAtATime source(architecture, std::vector<double>(grid.leaves(), 1.0));
    const auto inputs = uniform_numbers(random, 100);
    std::vector<double> outputs(100);
    const auto report = moe::forward<double>(Router(grid), source, inputs, outputs, {.threads = 2});
    BOOST_TEST(report.acquisitions == report.touched_experts);
    BOOST_TEST(source.acquisitions == source.touched.size());
    BOOST_TEST(report.route_depth_max == 20);
}

BOOST_AUTO_TEST_CASE(a_model_that_keeps_some_leaves_uses_their_slots) {
    RandomStream random(6, 6, 1);
    const GridTree grid({1000, 1000});
    const Architecture architecture = Architecture::dense(std::array{2U, 4U, 1U});
    const auto inputs = uniform_numbers(random, 100);
    std::set<std::uint64_t> leaves;
    for (std::size_t b = 0; b < 50; ++b) {
        leaves.insert(grid.route(std::span(inputs).subspan(2 * b, 2)).leaf);
    }
    const auto parameters = moe::test::random_parameters(random, architecture, leaves.size());
    ResidentExperts<double> experts(architecture, parameters);
    const Router router(grid, moe::SlotMap({leaves.begin(), leaves.end()}));
    std::vector<double> outputs(50);
    const auto report = moe::forward<double>(router, experts, inputs, outputs);
    BOOST_TEST(report.touched_experts == leaves.size());
    for (std::size_t b = 0; b < 50; ++b) {
        const auto x = std::span(inputs).subspan(2 * b, 2);
        const auto slot = std::distance(leaves.begin(), leaves.find(grid.route(x).leaf));
        std::vector<double> y(1);
        moe::evaluate<double>(architecture, experts.parameters(static_cast<std::uint64_t>(slot)), x,
                              y);
        BOOST_TEST(outputs[b] == y[0]);
    }
    const std::vector<double> elsewhere{0.123456, 0.654321};
    std::vector<double> one(1);
    refuses<moe::InputError>([&] { (void)moe::forward<double>(router, experts, elsewhere, one); },
                             "leaf");
}

BOOST_AUTO_TEST_CASE(one_expert_one_input_and_no_input_work) {
    RandomStream random(7, 6, 1);
    const Router router{GridTree({1, 1})};
    const Architecture architecture = Architecture::dense(std::array{2U, 5U, 1U});
    ResidentExperts<double> experts(architecture,
                                    moe::test::random_parameters(random, architecture, 1));
    for (const auto backend : {Backend::cpu, Backend::reference}) {
        const auto nothing =
            moe::forward<double>(router, experts, {}, {}, {.backend = backend, .threads = 2});
        BOOST_TEST(nothing.touched_experts == 0U);
        BOOST_TEST(nothing.acquisitions == 0U);
        const std::vector<double> x{0.25, 0.75};
        std::vector<double> y(1);
        std::vector<double> expected(1);
        const auto report = moe::forward<double>(router, experts, x, y, {.backend = backend});
        moe::evaluate<double>(architecture, experts.parameters(0), x, expected);
        BOOST_TEST(y[0] == expected[0]);
        BOOST_TEST(report.touched_experts == 1U);
        BOOST_TEST(report.route_reals_max == 0);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_number_stays_in_its_own_outputs) {
    RandomStream random(8, 6, 1);
    const GridTree grid({3, 3});
    const moe::PrototypeTree tree = moe::materialise(grid);
    std::vector<double> centres;
    for (std::uint64_t leaf = 0; leaf < 9; ++leaf) {
        const auto centre = grid.centre(leaf);
        centres.insert(centres.end(), centre.begin(), centre.end());
    }
    const Architecture architecture = Architecture::dense(std::array{2U, 5U, 1U});
    ResidentExperts<double> experts(architecture,
                                    moe::test::random_parameters(random, architecture, 9));
    auto inputs = uniform_numbers(random, 200);
    inputs[34] = std::numeric_limits<double>::quiet_NaN();
    inputs[81] = std::numeric_limits<double>::infinity();
    inputs[82] = 17.0;
    const std::array routers{Router(grid), Router(tree.view()),
                             Router(moe::FlatPrototypes(2, centres))};
    for (const Router& router : routers) {
        std::vector<double> outputs(100);
        (void)moe::forward<double>(router, experts, inputs, outputs);
        for (std::size_t b = 0; b < 100; ++b) { // inputs 17 and 40 hold a NaN and an infinity
            if (b == 17) BOOST_TEST(std::isnan(outputs[b]));
            if (b != 17 && b != 40) BOOST_TEST(std::isfinite(outputs[b]));
        }
    }
}

BOOST_AUTO_TEST_CASE(shapes_that_differ_are_refused_by_name) {
    const Architecture architecture = Architecture::dense(std::array{2U, 3U});
    ResidentExperts<double> experts(architecture, std::vector<double>(18, 1.0));
    const std::vector<double> inputs(6, 0.75);
    std::vector<double> outputs(9);
    const auto run = [&](const Router& router, std::size_t in, std::size_t out) {
        (void)moe::forward<double>(router, experts, std::span(inputs).first(in),
                                   std::span(outputs).first(out));
    };
    const Router plane{GridTree({2, 1})};
    refuses<std::invalid_argument>([&] { run(Router{GridTree({2})}, 6, 9); }, "takes 1");
    refuses<std::invalid_argument>([&] { run(plane, 5, 9); }, "inputs have 5 entries, 3 x 2");
    refuses<std::invalid_argument>([&] { run(plane, 6, 8); }, "outputs have 8 entries, 2 x 3");
    refuses<std::invalid_argument>([&] { run(plane, 4, 9); }, "inputs have 4 entries, 3 x 2");
    run(plane, 6, 9);
    refuses<std::out_of_range>(
        [&] {
            run(Router{GridTree({2, 3})}, 6, 9);
        },
        "expert 5, the source has 2");
}

BOOST_AUTO_TEST_SUITE_END()
