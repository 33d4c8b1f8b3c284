#pragma once
// Random parameters to start training from.

#include "basics/random.hpp"
#include "training/stack_shape.hpp"

#include <vector>

namespace moe {

enum class Initialisation {
    /// For inputs of norm about 1 in any dimension: gates, first maps and their biases uniform on
    /// (-1, 1); later maps as in fan_in. Pre-activations do not depend on the number of inputs.
    data_scaled,
    /// Everything uniform on (-1/sqrt(inputs), 1/sqrt(inputs)) of its map.
    fan_in
};

/// A flat array of the shape's parameters, drawn in its order; biases of gates are 0.
[[nodiscard]] std::vector<double>
initial_parameters(const StackShape& shape, Initialisation initialisation, RandomStream random);

} // namespace moe
