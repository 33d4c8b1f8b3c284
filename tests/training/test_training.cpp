#include "training/training.hpp"

#include "basics/error.hpp"
#include "training/training_cases.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe::Batch;
using moe::StackShape;
using moe::TrainingOptions;
using Vector = std::vector<double>;

/// A fresh batch each step: inputs uniform on (-1, 1), the target a function of them.
template<class T, class Function>
moe::Sampler<T> sampler(const StackShape& shape, std::uint64_t seed, Function target) {
    return [inputs = shape.inputs(), seed, target](std::uint64_t step, Batch<T>& batch) {
        moe::RandomStream random(seed, moe::cell_key("training tests, batches"),
                                 static_cast<std::uint32_t>(step));
        for (std::size_t b = 0; b < batch.samples(); ++b) {
            for (std::size_t i = 0; i < inputs; ++i)
                batch.input(i)[b] = static_cast<T>(2.0 * random.uniform() - 1.0);
            batch.target(0)[b] = static_cast<T>(target(batch, b));
        }
    };
}

Vector start(const StackShape& shape, std::uint32_t number) {
    return moe::initial_parameters(shape, moe::Initialisation::data_scaled,
                                   cases::stream(2000 + number));
}

} // namespace

BOOST_AUTO_TEST_SUITE(adam)

BOOST_AUTO_TEST_CASE(with_a_constant_gradient_every_step_has_the_size_of_the_rate) {
    // m / (1 - 0.9^t) = g and v / (1 - 0.999^t) = g^2: p_t = p_0 - t rate g / (|g| + 1e-8).
    const Vector initial{1.0, -2.0, 3.0};
    const Vector g{0.5, -1e-3, 1e-8};
    moe::Adam<double> adam(initial);
    for (int t = 1; t <= 200; ++t) {
        std::ranges::copy(g, adam.gradient().begin());
        adam.step(0.01);
        for (std::size_t i = 0; i < g.size(); ++i) {
            const double expected = initial[i] - t * 0.01 * g[i] / (std::abs(g[i]) + 1e-8);
            BOOST_TEST(std::abs(adam.parameters()[i] - expected) <= 1e-12);
        }
    }
}

BOOST_AUTO_TEST_CASE(two_steps_are_those_worked_out_by_hand) {
    // g = 1, then -2. m: 0.1, then 0.09 - 0.2 = -0.11, over 1 - 0.81 = 0.19.
    // v: 0.001, then 0.000999 + 0.004 = 0.004999, over 1 - 0.998001 = 0.001999.
    moe::Adam<double> adam(Vector{0.0});
    adam.gradient()[0] = 1.0;
    adam.step(0.1);
    BOOST_TEST(std::abs(adam.parameters()[0] - -0.1 / (1.0 + 1e-8)) <= 1e-15);
    adam.gradient()[0] = -2.0;
    adam.step(0.05);
    const double second = 0.05 * (-0.11 / 0.19) / (std::sqrt(0.004999 / 0.001999) + 1e-8);
    BOOST_TEST(std::abs(adam.parameters()[0] - (-0.1 / (1.0 + 1e-8) - second)) <= 1e-14);
}

BOOST_AUTO_TEST_CASE(every_instruction_set_gives_the_same_bits_in_float32) {
    Vector initial(1003);
    for (std::size_t i = 0; i < initial.size(); ++i)
        initial[i] = std::sin(static_cast<double>(i));
    const auto run = [&](moe::InstructionSet set) {
        moe::Adam<float> adam(initial, set);
        for (int t = 0; t < 20; ++t) {
            for (std::size_t i = 0; i < initial.size(); ++i)
                adam.gradient()[i] = static_cast<float>(std::cos(static_cast<double>(i) * (t + 1)));
            adam.step(0.01);
        }
        return std::vector<float>(adam.parameters().begin(), adam.parameters().end());
    };
    const std::vector<float> reference = run(moe::InstructionSet::baseline);
    for (const auto set : {moe::InstructionSet::avx2, moe::InstructionSet::avx512}) {
        if (moe::available(set)) BOOST_TEST((run(set) == reference));
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(training)

BOOST_AUTO_TEST_CASE(the_rate_falls_along_half_a_cosine) {
    BOOST_TEST(moe::cosine_rate(0.01, 0, 6000) == 0.01);
    BOOST_TEST(std::abs(moe::cosine_rate(0.01, 2000, 6000) - 0.0075) <= 1e-17); // cos 60 = 1/2
    BOOST_TEST(std::abs(moe::cosine_rate(0.01, 3000, 6000) - 0.005) <= 1e-17);
    for (std::uint64_t step = 0; step < 6000; step += 100) {
        BOOST_TEST(std::abs(moe::cosine_rate(0.01, step, 6000) +
                            moe::cosine_rate(0.01, 6000 - step, 6000) - 0.01) <= 1e-16);
        BOOST_TEST(moe::cosine_rate(0.01, step + 1, 6000) < moe::cosine_rate(0.01, step, 6000));
    }
    BOOST_TEST(moe::cosine_rate(0.01, 6000, 6000) == 0.0);
}

BOOST_AUTO_TEST_CASE(an_affine_expert_learns_a_linear_target) {
    const StackShape shape({{3, 1, 1, {}, true}});
    const auto target = [](const Batch<float>& batch, std::size_t b) {
        return 0.5F - 2.0F * batch.inputs().row(0)[b] + 0.25F * batch.inputs().row(1)[b] +
               batch.inputs().row(2)[b];
    };
    const moe::TrainedParameters trained =
        moe::train<float>(shape, start(shape, 0), {.steps = 1500, .batch = 32, .rate = 0.05},
                          sampler<float>(shape, 1, target));
    const std::size_t offset = shape.expert(0, 0)[0].offset;
    const Vector expected{-2.0, 0.25, 1.0, 0.5};
    for (std::size_t i = 0; i < 4; ++i)
        BOOST_TEST(std::abs(trained.parameters[offset + i] - expected[i]) < 1e-4);
    BOOST_TEST(trained.last_loss < 1e-8);
}

BOOST_AUTO_TEST_CASE(two_affine_experts_and_their_gate_learn_an_absolute_value) {
    // No single affine function is closer than mean squared error 1/12 to |x| on (-1, 1).
    const StackShape shape({{1, 1, 2, {}, true}});
    const auto target = [](const Batch<float>& batch, std::size_t b) {
        return std::abs(batch.inputs().row(0)[b]);
    };
    std::vector<moe::TrainingRun<float>> runs;
    for (std::uint32_t seed = 0; seed < 5; ++seed)
        runs.push_back({start(shape, seed), sampler<float>(shape, seed, target)});
    const auto trained =
        moe::train_all<float>(shape, runs, {.steps = 4000, .batch = 64, .rate = 0.02}, 2);
    const auto good = std::ranges::count_if(
        trained, [](const moe::TrainedParameters& run) { return run.last_loss < 1e-4; });
    BOOST_TEST(good >= 4);
}

BOOST_AUTO_TEST_CASE(runs_do_not_depend_on_threads_neighbours_or_the_instruction_set) {
    const StackShape shape({{2, 3, 3, {7}, true}, {3, 1, 2, {5}, true}});
    const auto target = [](const Batch<float>& batch, std::size_t b) {
        return std::sin(3.0F * batch.inputs().row(0)[b]) * batch.inputs().row(1)[b];
    };
    const TrainingOptions options{.steps = 150, .batch = 50};
    std::vector<moe::TrainingRun<float>> runs;
    for (std::uint32_t seed = 0; seed < 6; ++seed)
        runs.push_back({start(shape, seed), sampler<float>(shape, seed, target)});
    const auto reference = moe::train_all<float>(shape, runs, options, 1);
    for (const unsigned threads : {2U, 3U, 8U}) {
        const auto found = moe::train_all<float>(shape, runs, options, threads);
        for (std::size_t run = 0; run < runs.size(); ++run)
            BOOST_TEST((found[run].parameters == reference[run].parameters));
    }
    for (const auto set :
         {moe::InstructionSet::baseline, moe::InstructionSet::avx2, moe::InstructionSet::avx512}) {
        if (!moe::available(set)) continue;
        const auto alone =
            moe::train<float>(shape, runs[2].initial, options, runs[2].sampler, {}, set);
        BOOST_TEST((alone.parameters == reference[2].parameters));
    }
    BOOST_TEST((reference[0].parameters != reference[1].parameters));
}

BOOST_AUTO_TEST_CASE(the_model_made_of_the_parameters_gives_the_loss_of_training) {
    for (const auto& [name, shape] : cases::shapes()) {
        BOOST_TEST_CONTEXT(name) {
            const Vector parameters = cases::parameters(shape);
            Batch<double> batch = cases::batch<double>(shape, 97);
            moe::StackGradient<double> gradient(shape, 97);
            const double loss = gradient.loss(parameters, batch);
            const moe::MoeStack stack = moe::to_stack(shape, parameters);
            BOOST_TEST(stack.count().total == shape.parameters());
            BOOST_TEST(stack.count().active == shape.active_parameters());
            moe::MoeStack::Scratch scratch;
            Vector y(shape.outputs());
            std::vector<std::uint64_t> routed(shape.depth());
            std::vector<Vector> loads;
            for (std::size_t l = 0; l < shape.depth(); ++l)
                loads.emplace_back(shape.layer(l).experts, 0.0);
            double sum = 0.0;
            for (std::size_t b = 0; b < 97; ++b) {
                stack.evaluate(cases::input(batch, shape, b), y, routed, scratch);
                for (std::size_t o = 0; o < y.size(); ++o)
                    sum += std::pow(y[o] - batch.target(o)[b], 2) / 97.0;
                for (std::size_t l = 0; l < shape.depth(); ++l)
                    loads[l][routed[l]] += 1.0;
            }
            BOOST_TEST(std::abs(loss - sum) <= 1e-13 * sum);
            for (std::size_t l = 0; l < shape.depth(); ++l) {
                for (std::size_t e = 0; e < loads[l].size(); ++e)
                    BOOST_TEST(gradient.loads(l)[e] == loads[l][e] / 97.0);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(one_expert_of_one_neuron_trains_on_batches_of_one_sample) {
    const StackShape shape({{1, 1, 1, {1}, true}});
    const auto target = [](const Batch<float>& batch, std::size_t b) {
        return batch.inputs().row(0)[b] + 3.0F;
    };
    // x + 3 = 2 relu(x/2 + 3/2): one neuron that is always on will do.
    Vector initial = start(shape, 3);
    const std::size_t offset = shape.expert(0, 0)[0].offset;
    initial[offset] = 0.5;
    initial[offset + 1] = 1.0;
    initial[offset + 2] = 1.0;
    const auto trained = moe::train<float>(shape, initial, {.steps = 3000, .batch = 1},
                                           sampler<float>(shape, 4, target));
    BOOST_TEST(trained.last_loss < 1e-4);
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_ends_the_run_and_names_the_step) {
    const StackShape shape({{1, 1, 2, {3}, true}});
    const moe::Sampler<float> broken = [](std::uint64_t step, Batch<float>& batch) {
        for (std::size_t b = 0; b < batch.samples(); ++b) {
            batch.input(0)[b] = 0.5F;
            batch.target(0)[b] = step < 7 ? 1.0F : std::numeric_limits<float>::quiet_NaN();
        }
    };
    BOOST_CHECK_EXCEPTION(
        (void)moe::train<float>(shape, start(shape, 0), {.steps = 20, .batch = 4}, broken),
        moe::TrainingError, [](const moe::TrainingError& error) {
            return std::string(error.what()).find("step 8") != std::string::npos;
        });
    const auto steep = sampler<float>(shape, 5, [](const Batch<float>& batch, std::size_t b) {
        return batch.inputs().row(0)[b];
    });
    BOOST_CHECK_THROW((void)moe::train<float>(shape, start(shape, 0),
                                              {.steps = 20, .batch = 4, .rate = 1e30}, steep),
                      moe::TrainingError);
}

BOOST_AUTO_TEST_CASE(options_and_shapes_out_of_range_are_refused) {
    const StackShape shape({{1, 1, 2, {3}, true}});
    const auto any = sampler<float>(shape, 5, [](const Batch<float>&, std::size_t) { return 0.F; });
    const auto refused = [&](const TrainingOptions& options) {
        BOOST_CHECK_THROW((void)moe::train<float>(shape, start(shape, 0), options, any),
                          moe::InputError);
    };
    refused({.steps = 0});
    refused({.batch = 0});
    refused({.rate = 0.0});
    refused({.rate = std::numeric_limits<double>::quiet_NaN()});
    refused({.balance = -1.0});
    refused({.balance_until = 1.5});
    BOOST_CHECK_THROW((void)moe::train<float>(shape, Vector(3), {}, any), std::invalid_argument);
    BOOST_CHECK_THROW((void)moe::to_stack(shape, Vector(3)), std::invalid_argument);
    Vector parameters = start(shape, 0);
    parameters[5] = std::numeric_limits<double>::infinity();
    BOOST_CHECK_THROW((void)moe::to_stack(shape, parameters), moe::InputError);
}

BOOST_AUTO_TEST_CASE(a_run_ends_with_the_exception_of_its_caller) {
    const StackShape shape({{1, 1, 2, {3}, true}});
    const auto any = sampler<float>(shape, 5, [](const Batch<float>&, std::size_t) { return 0.F; });
    int calls = 0;
    const auto stop = [&calls] {
        if (++calls == 3) throw std::runtime_error("stopped");
    };
    BOOST_CHECK_THROW((void)moe::train<float>(shape, start(shape, 0), {.steps = 10000}, any, stop),
                      std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
