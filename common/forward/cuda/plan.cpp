#include "forward/cuda/plan.hpp"

#include "forward/cuda/experts_v1.hpp"
#include "forward/cuda/experts_wide.hpp"
#include "forward/cuda/fused_plan.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace moe::cuda {

namespace {

/// Shared memory that the device keeps of every block.
constexpr std::size_t reserved_bytes = 1024;
/// Threads that a multiprocessor's 65536 registers hold at the 128 of v2..v4.
constexpr unsigned most_resident = 512;
/// What v1 and wide may take as workspace beyond their least.
constexpr std::size_t workspace_wanted = std::size_t{256} << 20U;

bool is_fused(KernelVersion version) {
    return version == KernelVersion::v2_tile_in_shared || version == KernelVersion::v3_persistent ||
           version == KernelVersion::v4_pipelined;
}

/// Threads that one 8 x 4 register tile each occupies with the widest layer.
unsigned fused_block_threads(const ExpertShape& shape, unsigned samples) {
    std::uint64_t sums = 0;
    for (std::uint32_t j = 0; j < shape.depth; ++j) {
        sums = std::max(sums, std::uint64_t{shape.layers[j].outputs} * samples);
    }
    return static_cast<unsigned>(
        std::clamp<std::uint64_t>((sums / 32 + 31) / 32 * 32, 64, fused_threads));
}

/// How many units of `bytes` stay within the workspace wanted; at least 1, at most `most`.
std::uint32_t within_workspace(std::size_t bytes, std::uint64_t most) {
    return static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(workspace_wanted / bytes, 1, std::max<std::uint64_t>(most, 1)));
}

} // namespace

const char* name(KernelVersion version) noexcept {
    switch (version) {
    case KernelVersion::v1_thread_per_sample:
        return "v1_thread_per_sample";
    case KernelVersion::v2_tile_in_shared:
        return "v2_tile_in_shared";
    case KernelVersion::v3_persistent:
        return "v3_persistent";
    case KernelVersion::v4_pipelined:
        return "v4_pipelined";
    case KernelVersion::wide:
        return "wide";
    }
    return "unknown";
}

std::optional<FusedPlan> fused_plan(KernelVersion version, const ExpertShape& shape,
                                    const DeviceLimits& limits) {
    std::optional<FusedPlan> best;
    if (!is_fused(version) || !shape.dense) return best;
    // No expert with more parameters fits; below that nothing here overflows.
    if (shape.parameters > limits.shared_per_block / sizeof(float)) return best;
    std::size_t weights = 0;
    for (std::uint32_t j = 0; j < shape.depth; ++j) {
        weights += shared_floats(shape.layers[j]);
    }
    for (const unsigned samples : {128U, 96U, 64U, 48U, 32U, 16U, 8U}) {
        FusedPlan plan;
        plan.memory = {{weights, samples, shape.widest}, shape.inputs};
        plan.threads = fused_block_threads(shape, samples);
        plan.bytes =
            version == KernelVersion::v4_pipelined ? plan.memory.bytes() : plan.memory.tile.bytes();
        if (plan.bytes > limits.shared_per_block) continue;
        const std::size_t blocks = std::max<std::size_t>(
            limits.shared_per_multiprocessor / (plan.bytes + reserved_bytes), 1);
        plan.resident =
            static_cast<unsigned>(std::min<std::size_t>(blocks * plan.threads, most_resident));
        if (!best || plan.resident > best->resident) best = plan;
    }
    return best;
}

std::uint32_t v1_blocks(const ExpertShape& shape, const DeviceLimits& limits,
                        std::uint32_t tile_count) {
    constexpr std::uint64_t blocks_per_multiprocessor = 16; // 2048 threads
    const std::uint64_t most =
        std::min<std::uint64_t>(tile_count, limits.multiprocessors * blocks_per_multiprocessor);
    return within_workspace(v1_workspace(shape.widest) * sizeof(float), most);
}

std::uint32_t wide_tiles(const ExpertShape& shape, const DeviceLimits& limits,
                         std::uint32_t tile_count) {
    // Enough blocks for several waves, and activations that the second level cache still holds.
    const std::uint64_t most =
        std::min<std::uint64_t>(tile_count, std::uint64_t{limits.multiprocessors} * 2);
    return within_workspace(2 * wide_activations(shape.widest) * sizeof(float), most);
}

bool runs(KernelVersion version, const ExpertShape& shape, const DeviceLimits& limits) {
    if (is_fused(version)) return fused_plan(version, shape, limits).has_value();
    return version != KernelVersion::wide || shape.dense;
}

void check_runs(KernelVersion version, const ExpertShape& shape, const DeviceLimits& limits) {
    if (runs(version, shape, limits)) return;
    throw std::invalid_argument("kernel " + std::string(name(version)) + " does not run " +
                                (shape.dense ? "dense" : "sparse") + " experts of " +
                                std::to_string(shape.parameters) + " parameters, width " +
                                std::to_string(shape.widest) + ", on this device");
}

KernelVersion best_version(const ExpertShape& shape, const DeviceLimits& limits) {
    // Below that a block has too few threads, or a tile too few samples to pay for its expert.
    constexpr unsigned least_resident = 256;
    constexpr unsigned least_samples = 32;
    // Three warps per scheduler, each with 32 independent sums per thread: with the copies under
    // way there is nothing else to hide. v3 hides its copies behind other blocks and wants them
    // all.
    constexpr unsigned enough_resident = 384;
    const auto good = [&](const std::optional<FusedPlan>& plan) {
        return plan && plan->resident >= least_resident &&
               plan->memory.tile.samples >= least_samples;
    };
    const auto persistent = fused_plan(KernelVersion::v3_persistent, shape, limits);
    const auto pipelined = fused_plan(KernelVersion::v4_pipelined, shape, limits);
    if (good(pipelined) && pipelined->resident >= std::min(persistent->resident, enough_resident)) {
        return KernelVersion::v4_pipelined;
    }
    if (good(persistent)) return KernelVersion::v3_persistent;
    if (runs(KernelVersion::wide, shape, limits)) return KernelVersion::wide;
    return KernelVersion::v1_thread_per_sample;
}

std::uint32_t tile_samples(KernelVersion version, const ExpertShape& shape,
                           const DeviceLimits& limits) {
    check_runs(version, shape, limits);
    if (is_fused(version)) return fused_plan(version, shape, limits)->memory.tile.samples;
    return version == KernelVersion::wide ? wide_samples : v1_threads;
}

std::size_t workspace_bytes(KernelVersion version, const ExpertShape& shape,
                            const DeviceLimits& limits, std::uint32_t tile_count) {
    check_runs(version, shape, limits);
    if (tile_count == 0 || is_fused(version)) return 0;
    if (version == KernelVersion::wide) {
        return 2 * wide_activations(shape.widest) * sizeof(float) *
               wide_tiles(shape, limits, tile_count);
    }
    return v1_workspace(shape.widest) * sizeof(float) * v1_blocks(shape, limits, tile_count);
}

std::vector<Tile> cut_tiles(std::span<const std::uint32_t> slots,
                            std::span<const std::uint32_t> counts, std::uint32_t first,
                            std::uint32_t most) {
    if (most == 0) throw std::invalid_argument("tiles of at most 0 samples");
    if (slots.size() != counts.size()) {
        throw std::invalid_argument(std::to_string(slots.size()) + " slots for " +
                                    std::to_string(counts.size()) + " groups");
    }
    std::vector<Tile> tiles;
    for (std::size_t g = 0; g < counts.size(); ++g) {
        const std::uint64_t pieces = (std::uint64_t{counts[g]} + most - 1) / most;
        for (std::uint64_t k = 0; k < pieces; ++k) {
            const std::uint64_t begin = counts[g] * k / pieces;
            const std::uint64_t end = counts[g] * (k + 1) / pieces;
            tiles.push_back({slots[g], first + static_cast<std::uint32_t>(begin),
                             static_cast<std::uint32_t>(end - begin)});
        }
        first += counts[g];
    }
    return tiles;
}

} // namespace moe::cuda
