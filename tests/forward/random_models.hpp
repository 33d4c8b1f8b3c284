#pragma once
// Random architectures, parameters and inputs for the tests of the forward pass.

#include "basics/random.hpp"
#include "models/architecture.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace moe::test {

enum class Kind { dense_relu, dense_prelu, sparse_relu, sparse_prelu };

/// A random pattern that keeps about `kept` of all entries; a row may stay empty or without bias.
inline SparsePattern random_pattern(RandomStream& random, std::uint32_t inputs,
                                    std::uint32_t outputs, double kept) {
    SparsePattern pattern;
    for (std::uint32_t row = 0; row < outputs; ++row) {
        for (std::uint32_t col = 0; col < inputs; ++col) {
            if (random.uniform() >= kept) continue;
            pattern.row.push_back(row);
            pattern.col.push_back(col);
        }
        if (random.uniform() < kept) pattern.bias_row.push_back(row);
    }
    return pattern;
}

/// Depth 1..4, widths 1..most. A sparse net lists at least one parameter.
inline Architecture random_architecture(RandomStream& random, Kind kind, std::uint32_t inputs,
                                        std::uint32_t outputs, std::uint64_t most) {
    std::vector<std::uint32_t> widths{inputs};
    for (std::uint64_t hidden = random.below(4); hidden > 0; --hidden) {
        widths.push_back(static_cast<std::uint32_t>(1 + random.below(most)));
    }
    widths.push_back(outputs);
    const bool prelu = kind == Kind::dense_prelu || kind == Kind::sparse_prelu;
    const Activation activation = prelu ? Activation::prelu : Activation::relu;
    if (kind == Kind::dense_relu || kind == Kind::dense_prelu) {
        return Architecture::dense(widths, activation);
    }
    std::vector<SparsePattern> patterns;
    for (std::size_t j = 0; j + 1 < widths.size(); ++j) {
        patterns.push_back(random_pattern(random, widths[j], widths[j + 1], 0.6));
    }
    patterns.back().bias_row.assign(1, 0);
    return Architecture::sparse(inputs, std::span(widths).subspan(1), std::move(patterns),
                                activation);
}

inline std::vector<double> uniform_numbers(RandomStream& random, std::size_t count) {
    std::vector<double> numbers(count);
    for (double& number : numbers) {
        number = random.uniform();
    }
    return numbers;
}

/// Normal parameters, scaled so that activations keep their size from layer to layer.
inline std::vector<double> random_parameters(RandomStream& random, const Architecture& architecture,
                                             std::size_t experts) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(architecture.widest()));
    std::vector<double> parameters(experts * architecture.parameters());
    for (double& parameter : parameters) {
        parameter = scale * random.normal();
    }
    return parameters;
}

} // namespace moe::test
