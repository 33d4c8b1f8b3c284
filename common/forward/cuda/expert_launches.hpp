#pragma once
// Which kernels run the experts on a list of tiles, over a Launcher (launch_size.hpp).

#include "forward/cuda/experts_v1.hpp"
#include "forward/cuda/experts_wide.hpp"
#include "forward/cuda/fused_plan.hpp"
#include "forward/cuda/launch_size.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace moe::cuda {

struct ExpertsV1 {
    static constexpr unsigned most_threads = v1_threads;
    static constexpr unsigned least_blocks = 0;
    ExpertBatch batch;
    float* workspace;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        experts_v1(block, batch, workspace);
    }
};

/// v2, v3 and v4.
template<KernelVersion version>
struct ExpertsFused {
    static constexpr unsigned most_threads = fused_threads;
    static constexpr unsigned least_blocks = 2; ///< 65536 registers: at most 128 per thread
    ExpertBatch batch;
    PipelineMemory memory;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        if constexpr (version == KernelVersion::v2_tile_in_shared) {
            experts_v2(block, batch, memory.tile);
        } else if constexpr (version == KernelVersion::v3_persistent) {
            experts_v3(block, batch, memory.tile);
        } else {
            experts_v4(block, batch, memory);
        }
    }
};

struct WideInputs {
    static constexpr unsigned most_threads = wide_threads;
    static constexpr unsigned least_blocks = 0;
    ExpertBatch batch;
    float* activations;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        wide_inputs(block, batch, activations);
    }
};

template<class Tiling>
struct WideProducts {
    static constexpr unsigned most_threads = wide_threads;
    static constexpr unsigned least_blocks = 3; ///< at most 168 registers for its 64 sums and more
    ExpertBatch batch;
    WideStep step;

    template<class Block>
    MOE_DEVICE void operator()(Block& block) const {
        wide_layer<Tiling>(block, batch, step);
    }
};

/// Experts to be run: `shape` is batch.shape with its layers in host memory.
struct ExpertWork {
    const ExpertShape& shape;
    const ExpertBatch& batch;
    const DeviceLimits& limits;
};

template<class Launcher>
void launch_v1(Launcher& launcher, const ExpertWork& work, float* workspace) {
    launcher.launch("launch of experts_v1",
                    {v1_blocks(work.shape, work.limits, work.batch.tile_count), v1_threads, 0},
                    ExpertsV1{work.batch, workspace});
}

/// One block per tile, or as many persistent blocks as the device holds.
template<KernelVersion version, class Launcher>
void launch_fused(Launcher& launcher, const ExpertWork& work) {
    const FusedPlan plan = fused_plan(version, work.shape, work.limits).value();
    const ExpertsFused<version> kernel{work.batch, plan.memory};
    LaunchSize size{work.batch.tile_count, plan.threads, plan.bytes};
    if constexpr (version != KernelVersion::v2_tile_in_shared) {
        size.blocks =
            std::min(size.blocks, work.limits.multiprocessors * launcher.resident(kernel, size));
    }
    launcher.launch(name(version), size, kernel);
}

template<class Tiling, class Launcher>
void launch_wide_layer(Launcher& launcher, const ExpertBatch& piece, const WideStep& step,
                       std::uint32_t outputs) {
    launcher.launch(
        "launch of wide_layer",
        {piece.tile_count * Tiling::blocks_per_tile(outputs), wide_threads, Tiling::shared_bytes},
        WideProducts<Tiling>{piece, step});
}

/// The layers of one piece of the list of tiles.
template<class Launcher>
void launch_wide_piece(Launcher& launcher, const ExpertShape& shape, const ExpertBatch& piece,
                       float* activations, float* next) {
    launcher.launch("launch of wide_inputs", {piece.tile_count, wide_threads, 0},
                    WideInputs{piece, activations});
    for (std::uint32_t j = 0; j < shape.depth; ++j) {
        const std::uint32_t outputs = shape.layers[j].outputs;
        const WideStep step{j, activations, next};
        if (outputs <= narrow_outputs) {
            launch_wide_layer<NarrowTiles>(launcher, piece, step, outputs);
        } else {
            launch_wide_layer<WideTiles>(launcher, piece, step, outputs);
        }
        std::swap(activations, next);
    }
}

template<class Launcher>
void launch_wide(Launcher& launcher, const ExpertWork& work, float* workspace) {
    const std::uint32_t count = work.batch.tile_count;
    const std::uint32_t tiles = wide_tiles(work.shape, work.limits, count);
    float* const next = workspace + wide_activations(work.shape.widest) * tiles;
    for (std::uint32_t first = 0; first < count; first += tiles) {
        ExpertBatch piece = work.batch;
        piece.tiles += first;
        piece.tile_count = std::min(tiles, count - first);
        launch_wide_piece(launcher, work.shape, piece, workspace, next);
    }
}

/// As launch_experts (launch.hpp).
template<class Launcher>
void run_experts(Launcher& launcher, KernelVersion version, const ExpertWork& work,
                 void* workspace) {
    check_runs(version, work.shape, work.limits);
    if (work.batch.tile_count == 0) return;
    switch (version) {
    case KernelVersion::v1_thread_per_sample:
        return launch_v1(launcher, work, static_cast<float*>(workspace));
    case KernelVersion::v2_tile_in_shared:
        return launch_fused<KernelVersion::v2_tile_in_shared>(launcher, work);
    case KernelVersion::v3_persistent:
        return launch_fused<KernelVersion::v3_persistent>(launcher, work);
    case KernelVersion::v4_pipelined:
        return launch_fused<KernelVersion::v4_pipelined>(launcher, work);
    case KernelVersion::wide:
        return launch_wide(launcher, work, static_cast<float*>(workspace));
    }
}

} // namespace moe::cuda
