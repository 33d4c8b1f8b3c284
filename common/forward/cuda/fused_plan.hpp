#pragma once
// How v2, v3 and v4 share out a multiprocessor: samples per tile, threads and shared memory of a
// block. Host code only.

#include "forward/cuda/experts_v4.hpp"
#include "forward/cuda/plan.hpp"

#include <cstddef>
#include <optional>

namespace moe::cuda {

struct FusedPlan {
    PipelineMemory memory; ///< memory.tile alone for v2 and v3
    unsigned threads = 0;  ///< of a block
    std::size_t bytes = 0; ///< shared memory of a block
    unsigned resident = 0; ///< threads that a multiprocessor holds, up to its registers' limit
};

/// Nothing where the version does not run the shape within the limits. The samples of a tile are
/// those that keep the most threads resident, and as many as possible then. shape has its layers in
/// host memory.
[[nodiscard]] std::optional<FusedPlan> fused_plan(KernelVersion version, const ExpertShape& shape,
                                                  const DeviceLimits& limits);

/// Blocks of v1, and tiles that one pass of `wide` takes: bounds on their workspace.
[[nodiscard]] std::uint32_t v1_blocks(const ExpertShape& shape, const DeviceLimits& limits,
                                      std::uint32_t tile_count);
[[nodiscard]] std::uint32_t wide_tiles(const ExpertShape& shape, const DeviceLimits& limits,
                                       std::uint32_t tile_count);

} // namespace moe::cuda
