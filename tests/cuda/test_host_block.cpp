// The replay itself: it must fail kernels that a device may fail. The kernels here leave something
// out on purpose.

#include "cuda/replays.hpp"

#include "forward/cuda/experts_v2.hpp"
#include "forward/cuda/fused_plan.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using moe::Architecture;
using moe::RandomStream;
using moe::cuda::HostBlock;
using moe::cuda::KernelVersion;
using moe::cuda::ThreadOrder;
using moe::cuda::Tile;
using moe::cuda::test::every_order;
using moe::cuda::test::large_device;
using moe::cuda::test::Problem;
using moe::cuda::test::relative_error;

namespace {

constexpr unsigned threads = 64;

/// Each thread adds its left neighbour's number to its own: right in ascending order of the threads
/// even without the barrier, if numbers are 0 but for the first.
enum class Sum { with_barrier, without_barrier };

std::vector<float> sum_with_neighbour(Sum kind, ThreadOrder order, RandomStream& random) {
    std::vector<float> result(threads);
    moe::cuda::replay(1, threads, threads * sizeof(float), order, random, [&](HostBlock& block) {
        auto* const shared = reinterpret_cast<float*>(block.shared());
        const auto write = [&](unsigned t) { shared[t] = static_cast<float>(t); };
        const auto read = [&](unsigned t) {
            result[t] = t == 0 ? 0.0F : shared[t - 1] + shared[t];
        };
        if (kind == Sum::with_barrier) {
            block.each(write);
            block.each(read);
        } else {
            block.each([&](unsigned t) {
                write(t);
                read(t);
            });
        }
    });
    return result;
}

std::vector<float> expected_sums() {
    std::vector<float> sums(threads);
    for (unsigned t = 1; t < threads; ++t) {
        sums[t] = static_cast<float>(2 * t - 1);
    }
    return sums;
}

/// A copy that is read by its own thread, after a wait or before it.
std::vector<float> copied(bool waits, bool commits, RandomStream& random) {
    const std::vector<float> source(threads, 3.0F);
    std::vector<float> result(threads);
    moe::cuda::replay(1, threads, threads * sizeof(float), ThreadOrder::random, random,
                      [&](HostBlock& block) {
                          auto* const shared = reinterpret_cast<float*>(block.shared());
                          block.each([&](unsigned t) {
                              block.copy_async<4>(t, shared + t, source.data() + t);
                              if (commits) block.commit_copies(t);
                              if (waits) block.wait_for_copies(t);
                          });
                          block.each([&](unsigned t) { result[t] = shared[t]; });
                      });
    return result;
}

/// experts_v2 with the barrier between staging and the first layer left out: each thread stages its
/// share and goes on.
template<class Block>
void experts_without_barrier(Block& block, const moe::cuda::ExpertBatch& batch,
                             const moe::cuda::TileMemory& layout) {
    const Tile tile = batch.tiles[block.index()];
    auto* const shared = reinterpret_cast<float*>(block.shared());
    const moe::cuda::FusedMemory memory{shared, shared + layout.weights,
                                        shared + layout.weights + layout.activations()};
    const std::uint32_t* const rows = batch.samples + tile.first;
    const unsigned n = batch.shape.inputs;
    const auto stage = [&](unsigned thread) {
        moe::cuda::stage_expert(thread, block.threads(), batch.shape,
                                batch.parameters + std::size_t{tile.slot} * batch.stride,
                                memory.weights, moe::cuda::PlainCopy{});
        moe::cuda::stage_inputs(thread, block.threads(), n, tile.count,
                                moe::cuda::activation_stride(layout.samples), memory.input,
                                [&](unsigned s) { return batch.inputs + rows[s] * n; });
    };
    run_layers(block, batch, tile, memory, layout.samples, rows, stage);
}

} // namespace

BOOST_AUTO_TEST_SUITE(host_block)

BOOST_AUTO_TEST_CASE(a_kernel_with_its_barriers_is_right_in_every_order) {
    RandomStream random(1, 43, 1);
    for (const ThreadOrder order : every_order) {
        BOOST_TEST((sum_with_neighbour(Sum::with_barrier, order, random) == expected_sums()));
    }
}

BOOST_AUTO_TEST_CASE(a_missing_barrier_that_ascending_threads_hide_is_caught_by_the_other_orders) {
    RandomStream random(2, 43, 1);
    const auto right = [&](ThreadOrder order) {
        return sum_with_neighbour(Sum::without_barrier, order, random) == expected_sums();
    };
    BOOST_TEST(right(ThreadOrder::ascending));
    BOOST_TEST(!right(ThreadOrder::descending));
    for (int trial = 0; trial < 100; ++trial) {
        BOOST_TEST(!right(ThreadOrder::random));
    }
}

BOOST_AUTO_TEST_CASE(an_expert_kernel_without_its_first_barrier_is_caught_in_every_order) {
    RandomStream random(3, 43, 1);
    Problem problem(Architecture::dense(std::array{4U, 32U, 32U, 1U}), {100}, random);
    const std::vector<double> expected = problem.expected();
    const std::array tiles{Tile{.slot = 0, .first = 0, .count = 100}};
    const auto plan =
        moe::cuda::fused_plan(KernelVersion::v2_tile_in_shared, problem.shape.get(), large_device);
    for (const ThreadOrder order : every_order) {
        using Kernel =
            void (*)(HostBlock&, const moe::cuda::ExpertBatch&, const moe::cuda::TileMemory&);
        const auto error_of = [&](Kernel kernel) {
            moe::cuda::replay(
                1, plan.value().threads, plan->bytes, order, random,
                [&](HostBlock& block) { kernel(block, problem.batch(tiles), plan->memory.tile); });
            return relative_error(problem.outputs, expected);
        };
        BOOST_TEST(error_of(moe::cuda::experts_v2<HostBlock>) <= 1e-5);
        BOOST_TEST(!(error_of(experts_without_barrier<HostBlock>) <= 1e-5));
    }
}

BOOST_AUTO_TEST_CASE(a_copy_arrives_when_its_group_is_waited_for_and_spoils_its_place_before) {
    RandomStream random(4, 43, 1);
    const std::vector<float> arrived(threads, 3.0F);
    BOOST_TEST((copied(true, true, random) == arrived));
    for (const auto& [waits, commits] : {std::pair{false, true}, {true, false}, {false, false}}) {
        for (const float number : copied(waits, commits, random)) {
            BOOST_TEST(std::isnan(number));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_copy_between_addresses_that_no_device_takes_is_refused) {
    RandomStream random(5, 43, 1);
    const std::vector<double> source(4, 1.0);
    const auto copy = [&](std::size_t to, std::size_t from) {
        moe::cuda::replay(1, 1, 64, ThreadOrder::ascending, random, [&](HostBlock& block) {
            block.copy_async<8>(0, block.shared() + to,
                                reinterpret_cast<const std::byte*>(source.data()) + from);
        });
    };
    BOOST_CHECK_NO_THROW(copy(8, 16));
    BOOST_CHECK_THROW(copy(4, 16), std::logic_error);
    BOOST_CHECK_THROW(copy(8, 4), std::logic_error);
}

BOOST_AUTO_TEST_CASE(writing_beyond_the_shared_memory_asked_for_is_caught) {
    RandomStream random(6, 43, 1);
    const auto write = [&](std::size_t at) {
        moe::cuda::replay(1, 1, 64, ThreadOrder::ascending, random,
                          [&](HostBlock& block) { block.shared()[at] = std::byte{1}; });
    };
    BOOST_CHECK_NO_THROW(write(63));
    BOOST_CHECK_THROW(write(64), std::logic_error);
}

BOOST_AUTO_TEST_CASE(registers_and_shared_memory_begin_as_no_numbers) {
    RandomStream random(7, 43, 1);
    moe::cuda::replay(1, 2, 8, ThreadOrder::ascending, random, [&](HostBlock& block) {
        HostBlock::PerThread<double> registers(block);
        BOOST_TEST(std::isnan(registers[0]));
        BOOST_TEST(std::isnan(registers[1]));
        BOOST_TEST(std::isnan(reinterpret_cast<const float*>(block.shared())[1]));
    });
}

BOOST_AUTO_TEST_SUITE_END()
