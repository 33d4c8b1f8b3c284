#include "forward/cuda/wave_tiles.hpp"

#include "forward/cuda/plan.hpp"

namespace moe::cuda {

WaveTiles cut_waves(std::span<const Wave> waves, const Groups& groups, std::uint32_t most) {
    std::vector<std::uint32_t> first_of;
    std::uint32_t first = 0;
    for (const std::uint32_t count : groups.counts) {
        first_of.push_back(first);
        first += count;
    }
    WaveTiles result{{}, {0}};
    for (const Wave& wave : waves) {
        for (const SlotUse& use : wave.uses) {
            const std::vector<Tile> tiles =
                cut_tiles(std::span(&use.slot, 1), std::span(&groups.counts[use.touched], 1),
                          first_of[use.touched], most);
            result.tiles.insert(result.tiles.end(), tiles.begin(), tiles.end());
        }
        result.starts.push_back(result.tiles.size());
    }
    return result;
}

} // namespace moe::cuda
