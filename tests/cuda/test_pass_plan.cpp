// How a budget is cut into slots, and the groups of a batch into tiles, wave by wave.

#include "forward/cuda/slot_layout.hpp"
#include "forward/cuda/wave_tiles.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using moe::RandomStream;
using moe::cuda::Groups;
using moe::cuda::lay_out_slots;
using moe::cuda::ResidencyPlanner;
using moe::cuda::SlotLayout;
using moe::cuda::Tile;
using moe::cuda::Wave;
using moe::cuda::WaveTiles;

BOOST_AUTO_TEST_SUITE(slot_layout)

BOOST_AUTO_TEST_CASE(a_budget_of_one_expert_is_one_slot_of_exactly_its_bytes) {
    for (const std::size_t parameters : {1U, 3U, 4U, 5U, 1377U}) {
        const SlotLayout layout = lay_out_slots(parameters, 1000, parameters * 4);
        BOOST_TEST(layout.slots == 1U);
        BOOST_TEST(layout.bytes() == parameters * 4);
    }
}

BOOST_AUTO_TEST_CASE(slots_begin_at_16_bytes_and_end_within_the_budget) {
    for (std::size_t parameters = 1; parameters <= 40; ++parameters) {
        for (std::uint64_t budget = 4 * parameters; budget < 1500; ++budget) {
            const SlotLayout layout = lay_out_slots(parameters, 7, budget);
            BOOST_TEST(layout.stride % 4 == 0U);
            BOOST_TEST(layout.stride >= parameters);
            BOOST_TEST(layout.bytes() <= budget);
            BOOST_TEST(layout.bytes() == 4 * ((layout.slots - 1) * layout.stride + parameters));
            // One slot more would be too large, or there is no expert for it.
            const bool another_fits = 4 * (layout.slots * layout.stride + parameters) <= budget;
            BOOST_TEST((layout.slots == 7 || !another_fits));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_budget_below_one_expert_is_refused_with_both_numbers) {
    BOOST_CHECK_EXCEPTION((void)lay_out_slots(100, 5, 399), moe::EnvironmentError,
                          [](const moe::EnvironmentError& error) {
                              const std::string message = error.what();
                              return message.find("400 bytes") != std::string::npos &&
                                     message.find("399 bytes") != std::string::npos;
                          });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(wave_tiles)

BOOST_AUTO_TEST_CASE(every_sample_of_a_wave_is_in_one_tile_of_its_experts_slot) {
    RandomStream random(2, 30, 1);
    for (int trial = 0; trial < 300; ++trial) {
        Groups groups;
        std::vector<std::size_t> group_of_position;
        for (std::uint64_t expert = 0; expert < 1 + random.below(12); ++expert) {
            const auto count = static_cast<std::uint32_t>(1 + random.below(70));
            groups.experts.push_back(3 * expert);
            groups.counts.push_back(count);
            group_of_position.insert(group_of_position.end(), count, groups.experts.size() - 1);
        }
        const auto most = static_cast<std::uint32_t>(1 + random.below(33));
        ResidencyPlanner planner(static_cast<std::uint32_t>(1 + random.below(8)), 3);
        const std::vector<Wave> waves = planner.plan(groups.experts);
        const WaveTiles tiles = cut_waves(waves, groups, most);
        BOOST_TEST_REQUIRE(tiles.starts.size() == waves.size() + 1);
        std::vector<int> seen(group_of_position.size(), 0);
        for (std::size_t w = 0; w < waves.size(); ++w) {
            for (std::size_t k = tiles.starts[w]; k < tiles.starts[w + 1]; ++k) {
                const Tile& tile = tiles.tiles[k];
                BOOST_TEST(tile.count >= 1U);
                BOOST_TEST(tile.count <= most);
                for (std::uint32_t i = 0; i < tile.count; ++i) {
                    const std::size_t group = group_of_position.at(tile.first + i);
                    ++seen.at(tile.first + i);
                    const auto use =
                        std::ranges::find(waves[w].uses, group, &moe::cuda::SlotUse::touched);
                    BOOST_TEST_REQUIRE((use != waves[w].uses.end()));
                    BOOST_TEST(use->slot == tile.slot);
                }
            }
        }
        BOOST_TEST(std::ranges::all_of(seen, [](int times) { return times == 1; }));
    }
}

BOOST_AUTO_TEST_CASE(no_wave_has_no_tile) {
    const WaveTiles tiles = moe::cuda::cut_waves({}, {}, 8);
    BOOST_TEST(tiles.tiles.empty());
    BOOST_TEST(tiles.starts.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
