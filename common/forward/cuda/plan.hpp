#pragma once
// Which expert kernel suits an architecture, and what one launch of it needs. Host code only: it
// answers without a GPU. Shapes given here have their layers in host memory.

#include "forward/cuda/descriptions.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe::cuda {

/// A ladder: every version changes one thing against the one before it (see experts_v*.hpp).
enum class KernelVersion {
    v1_thread_per_sample, ///< any architecture
    v2_tile_in_shared,    ///< dense, the expert and a tile fit into shared memory
    v3_persistent,        ///< the same
    v4_pipelined,         ///< dense, two experts and the tiles under way fit
    wide                  ///< dense, any width
};
inline constexpr std::array every_version{
    KernelVersion::v1_thread_per_sample, KernelVersion::v2_tile_in_shared,
    KernelVersion::v3_persistent, KernelVersion::v4_pipelined, KernelVersion::wide};
[[nodiscard]] const char* name(KernelVersion version) noexcept;

/// Whether the version can run this architecture within the limits.
[[nodiscard]] bool runs(KernelVersion version, const ExpertShape& shape,
                        const DeviceLimits& limits);
/// Throws std::invalid_argument naming kernel and experts where it cannot.
void check_runs(KernelVersion version, const ExpertShape& shape, const DeviceLimits& limits);
/// The fastest of those that can, by reasoning (nothing was measured): v4, v3, wide, v1.
[[nodiscard]] KernelVersion best_version(const ExpertShape& shape, const DeviceLimits& limits);

/// The largest count that a tile may have for this version; the same for launch_experts, which
/// takes shorter tiles too. Throws std::invalid_argument when the version cannot run the shape.
[[nodiscard]] std::uint32_t tile_samples(KernelVersion version, const ExpertShape& shape,
                                         const DeviceLimits& limits);
/// Bytes that launch_experts needs as workspace (16-byte aligned) for that many tiles; 0 for
/// v2..v4. Bounded whatever the number of tiles: long lists are run piece by piece.
[[nodiscard]] std::size_t workspace_bytes(KernelVersion version, const ExpertShape& shape,
                                          const DeviceLimits& limits, std::uint32_t tile_count);

/// Cuts groups into tiles of at most `most` samples, as even as possible. Group g has counts[g]
/// samples, which follow those of group g - 1 from position `first` on, and stands in slots[g].
/// Empty groups have no tile. Throws std::invalid_argument for most = 0 or sizes that differ.
[[nodiscard]] std::vector<Tile> cut_tiles(std::span<const std::uint32_t> slots,
                                          std::span<const std::uint32_t> counts,
                                          std::uint32_t first, std::uint32_t most);

} // namespace moe::cuda
