#include "forward/cuda/launch.hpp"

#include "forward/cuda/check.hpp"
#include "forward/cuda/device_block.hpp"
#include "forward/cuda/experts_v1.hpp"
#include "forward/cuda/experts_wide.hpp"
#include "forward/cuda/fused_plan.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace moe::cuda {

namespace {

// Blocks that a multiprocessor's 65536 registers must hold: 128 registers per thread in v2..v4, 168
// for the 64 sums of a wide one.
constexpr unsigned fused_blocks = 2;
constexpr unsigned wide_blocks = 3;

__global__ void __launch_bounds__(v1_threads)
    run_v1(const __grid_constant__ ExpertBatch batch, float* workspace) {
    DeviceBlock block;
    experts_v1(block, batch, workspace);
}

__global__ void __launch_bounds__(fused_threads, fused_blocks)
    run_v2(const __grid_constant__ ExpertBatch batch,
           const __grid_constant__ PipelineMemory memory) {
    DeviceBlock block;
    experts_v2(block, batch, memory.tile);
}

__global__ void __launch_bounds__(fused_threads, fused_blocks)
    run_v3(const __grid_constant__ ExpertBatch batch,
           const __grid_constant__ PipelineMemory memory) {
    DeviceBlock block;
    experts_v3(block, batch, memory.tile);
}

__global__ void __launch_bounds__(fused_threads, fused_blocks)
    run_v4(const __grid_constant__ ExpertBatch batch,
           const __grid_constant__ PipelineMemory memory) {
    DeviceBlock block;
    experts_v4(block, batch, memory);
}

__global__ void __launch_bounds__(wide_threads)
    run_wide_inputs(const __grid_constant__ ExpertBatch batch, float* activations) {
    DeviceBlock block;
    wide_inputs(block, batch, activations);
}

template<class Tiling>
__global__ void __launch_bounds__(wide_threads, wide_blocks)
    run_wide_layer(const __grid_constant__ ExpertBatch batch,
                   const __grid_constant__ WideStep step) {
    DeviceBlock block;
    wide_layer<Tiling>(block, batch, step);
}

void launch_v1(const ExpertShape& shape, const ExpertBatch& batch, const DeviceLimits& limits,
               void* workspace, Stream stream) {
    run_v1<<<v1_blocks(shape, limits, batch.tile_count), v1_threads, 0, stream>>>(
        batch, static_cast<float*>(workspace));
}

using FusedKernel = void (*)(ExpertBatch, PipelineMemory);

/// One block per tile, or as many persistent blocks as the device holds.
void launch_fused(KernelVersion version, const FusedPlan& plan, const ExpertBatch& batch,
                  const DeviceLimits& limits, Stream stream) {
    const FusedKernel kernel = version == KernelVersion::v2_tile_in_shared ? run_v2
                               : version == KernelVersion::v3_persistent   ? run_v3
                                                                           : run_v4;
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(plan.bytes)),
          "shared memory of an expert kernel");
    std::uint32_t blocks = batch.tile_count;
    if (version != KernelVersion::v2_tile_in_shared) {
        int resident = 0;
        check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
                  &resident, kernel, static_cast<int>(plan.threads), plan.bytes),
              "occupancy of an expert kernel");
        blocks = std::min(blocks, limits.multiprocessors *
                                      static_cast<std::uint32_t>(std::max(resident, 1)));
    }
    kernel<<<blocks, plan.threads, plan.bytes, stream>>>(batch, plan.memory);
}

/// The layers of one piece of the list of tiles.
void launch_wide_piece(const ExpertShape& shape, const ExpertBatch& piece, float* activations,
                       float* next, Stream stream) {
    run_wide_inputs<<<piece.tile_count, wide_threads, 0, stream>>>(piece, activations);
    check(cudaGetLastError(), "launch of wide_inputs");
    for (std::uint32_t j = 0; j < shape.depth; ++j) {
        const std::uint32_t outputs = shape.layers[j].outputs;
        const WideStep step{j, activations, next};
        if (outputs <= narrow_outputs) {
            run_wide_layer<NarrowTiles>
                <<<piece.tile_count * NarrowTiles::blocks_per_tile(outputs), wide_threads,
                   NarrowTiles::shared_bytes, stream>>>(piece, step);
        } else {
            run_wide_layer<WideTiles>
                <<<piece.tile_count * WideTiles::blocks_per_tile(outputs), wide_threads,
                   WideTiles::shared_bytes, stream>>>(piece, step);
        }
        check(cudaGetLastError(), "launch of wide_layer");
        std::swap(activations, next);
    }
}

void launch_wide(const ExpertShape& shape, const ExpertBatch& batch, const DeviceLimits& limits,
                 void* workspace, Stream stream) {
    const std::uint32_t tiles = wide_tiles(shape, limits, batch.tile_count);
    auto* const activations = static_cast<float*>(workspace);
    float* const next = activations + wide_activations(shape.widest) * tiles;
    for (std::uint32_t first = 0; first < batch.tile_count; first += tiles) {
        ExpertBatch piece = batch;
        piece.tiles += first;
        piece.tile_count = std::min(tiles, batch.tile_count - first);
        launch_wide_piece(shape, piece, activations, next, stream);
    }
}

} // namespace

void launch_experts(KernelVersion version, const ExpertShape& host_shape, const ExpertBatch& batch,
                    const DeviceLimits& limits, void* workspace, Stream stream) {
    if (!runs(version, host_shape, limits)) {
        throw std::invalid_argument(std::string("kernel ") + name(version) +
                                    " does not run this architecture on this device");
    }
    if (batch.tile_count == 0) return;
    switch (version) {
    case KernelVersion::v1_thread_per_sample:
        launch_v1(host_shape, batch, limits, workspace, stream);
        break;
    case KernelVersion::v2_tile_in_shared:
    case KernelVersion::v3_persistent:
    case KernelVersion::v4_pipelined:
        launch_fused(version, *fused_plan(version, host_shape, limits), batch, limits, stream);
        break;
    case KernelVersion::wide:
        launch_wide(host_shape, batch, limits, workspace, stream);
        break;
    }
    check(cudaGetLastError(), name(version));
}

} // namespace moe::cuda
