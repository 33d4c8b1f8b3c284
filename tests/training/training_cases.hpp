#pragma once
// Shapes, batches and parameters for the tests of training.

#include "basics/random.hpp"
#include "training/batch.hpp"
#include "training/initialisation.hpp"
#include "training/stack_shape.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cases {

struct Case {
    std::string name;
    moe::StackShape shape;
};

/// Affine experts, one, two and three hidden layers, one expert and several, dense networks below
/// and above gated layers, several outputs.
inline std::vector<Case> shapes() {
    using Shape = moe::StackShape;
    return {{"one affine expert", Shape({{1, 1, 1, {}, true}})},
            {"one narrow expert", Shape({{1, 1, 1, {1}, true}})},
            {"dense network", Shape({{5, 2, 1, {13}, false}})},
            {"deep dense network", Shape({{3, 1, 1, {7, 20, 4}, false}})},
            {"affine experts", Shape({{3, 2, 4, {}, true}})},
            {"four experts of width 10", Shape({{16, 1, 4, {10}, true}})},
            {"experts of two hidden layers", Shape({{2, 3, 5, {17, 6}, true}})},
            {"two layers of three experts", Shape({{2, 4, 3, {16}, true}, {4, 1, 3, {16}, true}})},
            {"dense below gated", Shape({{2, 5, 1, {9}, false}, {5, 2, 3, {3}, true}})},
            {"gated below dense",
             Shape({{2, 5, 3, {9}, true}, {5, 4, 1, {}, false}, {4, 1, 1, {2}, false}})},
            {"gated, dense, gated",
             Shape({{2, 3, 6, {4}, true}, {3, 3, 1, {5}, false}, {3, 2, 2, {}, true}})}};
}

inline moe::RandomStream stream(std::uint32_t number) {
    return {20250524, moe::cell_key("training tests"), number};
}

/// Parameters without zeros, gates' biases included.
inline std::vector<double> parameters(const moe::StackShape& shape, std::uint32_t number = 0) {
    moe::RandomStream random = stream(number);
    std::vector<double> result(shape.parameters());
    for (double& value : result)
        value = 1.6 * random.uniform() - 0.8;
    return result;
}

/// Uniform inputs on (-1, 1) and targets on (-2, 2).
template<class T>
void fill(moe::Batch<T>& batch, const moe::StackShape& shape, std::uint32_t number) {
    moe::RandomStream random = stream(1000 + number);
    for (std::size_t b = 0; b < batch.samples(); ++b) {
        for (std::size_t i = 0; i < shape.inputs(); ++i)
            batch.input(i)[b] = static_cast<T>(2.0 * random.uniform() - 1.0);
        for (std::size_t o = 0; o < shape.outputs(); ++o)
            batch.target(o)[b] = static_cast<T>(4.0 * random.uniform() - 2.0);
    }
}

template<class T>
moe::Batch<T> batch(const moe::StackShape& shape, std::size_t samples, std::uint32_t number = 0) {
    moe::Batch<T> result(shape.inputs(), shape.outputs(), samples);
    fill(result, shape, number);
    return result;
}

template<class T>
std::vector<double> input(moe::Batch<T>& batch, const moe::StackShape& shape, std::size_t b) {
    std::vector<double> x;
    for (std::size_t i = 0; i < shape.inputs(); ++i)
        x.push_back(batch.input(i)[b]);
    return x;
}

template<class T>
std::vector<double> target(moe::Batch<T>& batch, const moe::StackShape& shape, std::size_t b) {
    std::vector<double> y;
    for (std::size_t o = 0; o < shape.outputs(); ++o)
        y.push_back(batch.target(o)[b]);
    return y;
}

} // namespace cases
