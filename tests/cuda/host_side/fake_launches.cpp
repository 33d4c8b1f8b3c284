// The kernels' places taken by plain loops, on the fake device: routing by moe::Router made anew
// from the description, grouping by moe::group_by_expert, experts unit by unit.

#include "fake_runtime.hpp"

#include "forward/cuda/launch.hpp"
#include "forward/grouping.hpp"
#include "routing/router.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace moe::cuda {

namespace {

constexpr std::size_t scratch_bytes_needed = 640;

template<class T>
std::span<const T> list(const T* first, std::size_t size) {
    return {first, size};
}

/// The arrays of a tree end with the subtree of its last internal node.
std::size_t nodes_of(const RouterRule& rule) {
    std::size_t nodes = 1;
    for (std::size_t node = 0; node < nodes; ++node) {
        if (rule.child_count[node] > 0)
            nodes = std::max<std::size_t>(nodes, rule.first_child[node] + rule.child_count[node]);
    }
    return nodes;
}

Router router_of(const RouterRule& rule) {
    const std::size_t n = rule.dimension;
    if (rule.kind == RuleKind::grid) {
        GridTree grid(std::vector<std::int64_t>(rule.cells, rule.cells + n));
        if (rule.kept_leaves == nullptr) return Router(grid);
        const auto leaves = list(rule.kept_leaves, rule.kept);
        return {grid, SlotMap({leaves.begin(), leaves.end()})};
    }
    if (rule.kind == RuleKind::flat)
        return Router(
            FlatPrototypes(static_cast<int>(n), list(rule.prototypes, rule.prototype_count * n)));
    const std::size_t nodes = nodes_of(rule);
    return Router(PrototypeTreeView{static_cast<int>(n), list(rule.prototypes, nodes * n),
                                    list(rule.first_child, nodes), list(rule.child_count, nodes),
                                    list(rule.expert, nodes)});
}

void route_all(const RouterRule& rule, const double* inputs, std::size_t batch,
               std::uint32_t* experts, RouteSums* sums) {
    const Router router = router_of(rule);
    *sums = {};
    for (std::size_t row = 0; row < batch; ++row) {
        const Route route = router.route(list(inputs + row * rule.dimension, rule.dimension));
        sums->depth_max = std::max(sums->depth_max, static_cast<std::uint64_t>(route.depth));
        sums->reals_max = std::max(sums->reals_max, static_cast<std::uint64_t>(route.reals_read));
        sums->reals_total += static_cast<std::uint64_t>(route.reals_read);
        std::optional<std::uint64_t> expert = route.leaf;
        if (rule.kept_leaves != nullptr) {
            const auto kept = list(rule.kept_leaves, rule.kept);
            const auto place = std::ranges::lower_bound(kept, route.leaf);
            expert.reset();
            if (place != kept.end() && *place == route.leaf)
                expert = static_cast<std::uint64_t>(place - kept.begin());
        }
        const bool refused = !expert || *expert >= rule.experts;
        experts[row] = refused ? 0 : static_cast<std::uint32_t>(*expert);
        if (refused) sums->lowest_refused = std::min<std::uint64_t>(sums->lowest_refused, row);
    }
}

float unit(const LayerShape& layer, const float* parameters, std::uint32_t row,
           const std::vector<float>& input) {
    const float* const weights = parameters + layer.weight_offset;
    const float* const biases = parameters + layer.bias_offset;
    if (!layer.sparse) {
        float sum = biases[row];
        for (std::uint32_t i = 0; i < layer.inputs; ++i) {
            sum += weights[row * layer.inputs + i] * input[i];
        }
        return sum;
    }
    float sum = layer.bias_of[row] < 0 ? 0.0F : biases[layer.bias_of[row]];
    for (std::uint32_t k = layer.row_start[row]; k < layer.row_start[row + 1]; ++k) {
        sum += weights[k] * input[layer.col[k]];
    }
    return sum;
}

void run_expert(const ExpertShape& shape, const float* parameters, const double* x, float* y) {
    std::vector<float> input;
    for (std::uint32_t i = 0; i < shape.inputs; ++i) {
        input.push_back(static_cast<float>(x[i]));
    }
    for (std::uint32_t j = 0; j < shape.depth; ++j) {
        const LayerShape& layer = shape.layers[j];
        std::vector<float> output;
        for (std::uint32_t row = 0; row < layer.outputs; ++row) {
            const float z = unit(layer, parameters, row, input);
            const float slope = layer.slopes ? parameters[layer.slope_offset + row] : 0.0F;
            output.push_back(j + 1 < shape.depth && z < 0.0F ? slope * z : z);
        }
        input = std::move(output);
    }
    std::ranges::copy(input, y);
}

} // namespace

void launch_route(const RouterRule& rule, const double* inputs, std::size_t batch,
                  std::uint32_t* experts, RouteSums* sums, const DeviceLimits& /*limits*/,
                  Stream stream) {
    test::enqueue(stream, [=] { route_all(rule, inputs, batch, experts, sums); });
}

std::size_t group_scratch_bytes(std::size_t /*batch*/, std::uint64_t /*experts*/) {
    return scratch_bytes_needed;
}

void launch_group(const std::uint32_t* expert_of, std::size_t batch, std::uint64_t experts,
                  std::uint32_t* samples, std::uint32_t* touched, std::uint32_t* counts,
                  std::uint32_t* touched_count, void* /*scratch*/, std::size_t scratch_bytes,
                  Stream stream) {
    if (scratch_bytes < scratch_bytes_needed) throw std::logic_error("too little scratch");
    test::enqueue(stream, [=] {
        const std::vector<std::uint64_t> wide(expert_of, expert_of + batch);
        const Grouping grouping = group_by_expert(wide, experts);
        std::ranges::copy(grouping.samples, samples);
        *touched_count = static_cast<std::uint32_t>(grouping.experts.size());
        for (std::size_t g = 0; g < grouping.experts.size(); ++g) {
            touched[g] = static_cast<std::uint32_t>(grouping.experts[g]);
            counts[g] = static_cast<std::uint32_t>(grouping.starts[g + 1] - grouping.starts[g]);
        }
    });
}

void launch_experts(KernelVersion version, const ExpertShape& host_shape, const ExpertBatch& batch,
                    const DeviceLimits& limits, void* /*workspace*/, Stream stream) {
    const std::uint32_t most = tile_samples(version, host_shape, limits);
    test::enqueue(stream, [=] {
        for (const Tile& tile : list(batch.tiles, batch.tile_count)) {
            if (tile.count == 0 || tile.count > most) throw std::logic_error("a tile's size");
            for (const std::uint32_t row : list(batch.samples + tile.first, tile.count)) {
                run_expert(batch.shape, batch.parameters + tile.slot * batch.stride,
                           batch.inputs + std::size_t{row} * batch.shape.inputs,
                           batch.outputs + std::size_t{row} * batch.shape.outputs);
            }
        }
    });
}

} // namespace moe::cuda
