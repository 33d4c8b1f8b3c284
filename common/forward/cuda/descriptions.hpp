#pragma once
// Plain descriptions that the host hands to kernels: routers, experts, tiles of work. Pointers are
// to the memory of whoever reads them: the device's for kernels, the host's for replays.

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

/// One affine layer, as models/architecture.hpp lays it out in an expert's parameters.
struct LayerShape {
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
    bool sparse = false;
    bool slopes = false; ///< one PReLU slope per output; never in the last layer
    std::size_t weight_offset = 0;
    std::size_t bias_offset = 0;
    std::size_t slope_offset = 0;
    const std::uint32_t* row_start = nullptr; ///< sparse: CSR offsets [outputs + 1]
    const std::uint32_t* col = nullptr;       ///< sparse: columns of the listed weights
    const std::int32_t* bias_of = nullptr;    ///< sparse: position of a row's bias or -1
};

/// An architecture. Constructions reach depths of hundreds, so the layers stand in memory.
struct ExpertShape {
    std::uint32_t depth = 0;
    std::uint32_t inputs = 0;  ///< n
    std::uint32_t outputs = 0; ///< m
    std::uint32_t widest = 0;  ///< widest layer, inputs included
    bool dense = false;        ///< no layer is sparse
    std::size_t parameters = 0;
    const LayerShape* layers = nullptr; ///< [depth]
};

enum class RuleKind : std::uint32_t { grid, tree, flat };

/// A router (routing/router.hpp). Only the members of its kind are read.
struct RouterRule {
    static constexpr std::uint32_t most_axes = 8; ///< of a grid

    RuleKind kind = RuleKind::grid;
    std::uint32_t dimension = 0;
    std::int64_t cells[most_axes] = {};         ///< grid: K_i
    const double* prototypes = nullptr;         ///< tree [V][n], flat [L][n], row-major
    const std::uint32_t* first_child = nullptr; ///< tree [V]
    const std::uint32_t* child_count = nullptr; ///< tree [V]
    const std::uint32_t* expert = nullptr;      ///< tree [V]
    std::uint64_t prototype_count = 0;          ///< flat: L
    const std::uint64_t* kept_leaves = nullptr; ///< ascending, or nullptr: every leaf is kept
    std::uint64_t kept = 0;
    std::uint64_t experts = 0; ///< experts of the source, at most 2^32
};

/// What the routes of a batch add up to (forward/forward.hpp, ForwardReport).
struct RouteSums {
    static constexpr std::uint64_t none = UINT64_MAX;

    std::uint64_t depth_max = 0;
    std::uint64_t reals_max = 0;
    std::uint64_t reals_total = 0;
    std::uint64_t lowest_refused = none; ///< row routed to a leaf not kept or an expert >= experts
};

/// Samples of one expert: samples[first .. first + count), count >= 1.
struct Tile {
    std::uint32_t slot = 0; ///< the expert's parameters stand at parameters + slot * stride
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

/// Experts on the tiles of a batch. Each listed sample's outputs are written once, no others.
struct ExpertBatch {
    ExpertShape shape;
    const float* parameters = nullptr; ///< 16-byte aligned
    std::size_t stride = 0;            ///< floats from slot to slot, a multiple of 4, >= P
    const double* inputs = nullptr;    ///< [B][n]
    float* outputs = nullptr;          ///< [B][m]
    const std::uint32_t* samples = nullptr;
    const Tile* tiles = nullptr; ///< tiles of one slot next to each other, for v3 and v4
    std::uint32_t tile_count = 0;
};

/// What a launch must fit into.
struct DeviceLimits {
    std::uint32_t multiprocessors = 0;
    std::size_t shared_per_block = 0;          ///< bytes, the opt-in maximum
    std::size_t shared_per_multiprocessor = 0; ///< bytes
};

} // namespace moe::cuda
