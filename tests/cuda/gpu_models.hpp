#pragma once
// Random models for the tests of the device, with every kind of router.

#include "forward/random_models.hpp"

#include "forward/forward.hpp"
#include "models/resident_experts.hpp"
#include "routing/router.hpp"

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace moe::test {

enum class RouterKind { grid, tree, flat, kept };
inline constexpr RouterKind every_router[] = {RouterKind::grid, RouterKind::tree, RouterKind::flat,
                                              RouterKind::kept};

/// A grid's cells as the leaves of one of the routers; the tree's arrays live here.
struct RouterOverGrid {
    RouterOverGrid(const GridTree& cells, RouterKind kind)
        : grid(cells)
        , tree(materialise(cells))
        , router(make(kind)) {}
    RouterOverGrid(const RouterOverGrid&) = delete;
    RouterOverGrid& operator=(const RouterOverGrid&) = delete;
    RouterOverGrid(RouterOverGrid&&) = delete;
    RouterOverGrid& operator=(RouterOverGrid&&) = delete;
    ~RouterOverGrid() = default;

    [[nodiscard]] Router make(RouterKind kind) const {
        if (kind == RouterKind::grid) return Router(grid);
        if (kind == RouterKind::tree) return Router(tree.view());
        if (kind == RouterKind::kept) {
            std::vector<std::uint64_t> leaves(grid.leaves());
            for (std::uint64_t leaf = 0; leaf < leaves.size(); ++leaf) {
                leaves[leaf] = leaf;
            }
            return {grid, SlotMap(std::move(leaves))};
        }
        std::vector<double> centres;
        for (std::uint64_t leaf = 0; leaf < grid.leaves(); ++leaf) {
            const std::vector<double> centre = grid.centre(leaf);
            centres.insert(centres.end(), centre.begin(), centre.end());
        }
        return Router(FlatPrototypes(grid.dimension(), centres));
    }

    GridTree grid;
    PrototypeTree tree;
    Router router;
};

inline std::vector<float> random_floats(RandomStream& random, const Architecture& architecture,
                                        std::size_t experts) {
    const std::vector<double> parameters = random_parameters(random, architecture, experts);
    return {parameters.begin(), parameters.end()};
}

inline double relative_difference(std::span<const float> a, std::span<const float> b) {
    double difference = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = std::hypot(difference, static_cast<double>(a[i]) - static_cast<double>(b[i]));
        norm = std::hypot(norm, static_cast<double>(b[i]));
    }
    return difference == 0.0 ? 0.0 : difference / norm;
}

/// The outputs that the device is held to: arithmetic in float64.
inline std::vector<float> reference_outputs(const Router& router, ExpertSource<float>& experts,
                                            std::span<const double> inputs) {
    const Architecture& architecture = experts.architecture();
    std::vector<float> outputs(inputs.size() / architecture.inputs() * architecture.outputs());
    (void)forward<float>(router, experts, inputs, outputs, {.backend = Backend::reference});
    return outputs;
}

} // namespace moe::test
