#pragma once
// The work list of a pass: the groups of samples cut into tiles, wave by wave. No CUDA in here.

#include "forward/cuda/descriptions.hpp"
#include "forward/cuda/residency_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe::cuda {

/// The samples of a slice by expert: group g has counts[g] samples, behind those of group g - 1.
struct Groups {
    std::vector<std::uint64_t> experts; ///< ascending
    std::vector<std::uint32_t> counts;
};

struct WaveTiles {
    std::vector<Tile> tiles;
    std::vector<std::size_t> starts; ///< wave w is tiles[starts[w]] .. tiles[starts[w + 1] - 1]
};

/// Tiles of at most `most` samples; the waves' uses name groups by their place. Throws
/// std::invalid_argument for most = 0.
[[nodiscard]] WaveTiles cut_waves(std::span<const Wave> waves, const Groups& groups,
                                  std::uint32_t most);

} // namespace moe::cuda
