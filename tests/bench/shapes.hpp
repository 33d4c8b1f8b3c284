#pragma once
// Shapes, numbers and grids that the benchmarks of routing and of the forward pass share.

#include "basics/random.hpp"
#include "routing/grid_tree.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace moe::bench {

/// One shape: d inputs, two hidden layers, L experts in a grid, B inputs.
struct Shape {
    std::uint32_t inputs;
    std::uint32_t width;
    std::int64_t experts;
    std::size_t batch;
};

inline Shape shape_of(const benchmark::State& state) {
    return {static_cast<std::uint32_t>(state.range(0)), static_cast<std::uint32_t>(state.range(1)),
            state.range(2), static_cast<std::size_t>(state.range(3))};
}

inline std::vector<double> uniform_numbers(std::uint32_t stream, std::size_t count) {
    moe::RandomStream random(1, 1, stream);
    std::vector<double> numbers(count);
    for (double& number : numbers) {
        number = random.uniform();
    }
    return numbers;
}

/// A grid with L = 2^k cells, halved on the axes in turn.
inline GridTree grid_of(std::uint32_t dimension, std::int64_t experts) {
    std::vector<std::int64_t> cells(dimension, 1);
    for (std::size_t axis = 0; experts > 1; experts /= 2) {
        cells[axis] *= 2;
        axis = (axis + 1) % dimension;
    }
    return GridTree(std::move(cells));
}

} // namespace moe::bench
