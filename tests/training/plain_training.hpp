#pragma once
// A stack of layers evaluated and differentiated one sample at a time in float64, with the formulas
// of the notes written out: what the batched passes are held to.

#include "training/stack_shape.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace plain {

using Vector = std::vector<double>;

inline Vector affine(const moe::AffineBlock& map, std::span<const double> parameters,
                     const Vector& x) {
    Vector y(map.outputs);
    for (std::size_t o = 0; o < map.outputs; ++o) {
        y[o] = parameters[map.offset + map.inputs * map.outputs + o];
        for (std::size_t i = 0; i < map.inputs; ++i)
            y[o] += parameters[map.offset + i * map.outputs + o] * x[i];
    }
    return y;
}

/// What an expert computes on the way: states[0] = x, states[j] after j maps (rectified but for
/// the last).
inline std::vector<Vector> expert_states(const moe::StackShape& shape, std::size_t l, std::size_t e,
                                         std::span<const double> parameters, const Vector& x) {
    std::vector<Vector> states{x};
    const auto& maps = shape.expert(l, e);
    for (std::size_t j = 0; j < maps.size(); ++j) {
        states.push_back(affine(maps[j], parameters, states.back()));
        if (j + 1 == maps.size()) break;
        for (double& value : states.back())
            value = std::max(value, 0.0);
    }
    return states;
}

inline Vector softmax(const Vector& z) {
    const double top = *std::ranges::max_element(z);
    Vector p;
    double sum = 0.0;
    for (const double value : z) {
        p.push_back(std::exp(value - top));
        sum += p.back();
    }
    for (double& value : p)
        value /= sum;
    return p;
}

/// One layer at one input.
struct LayerState {
    Vector x;
    Vector logits;
    std::size_t chosen = 0;
    std::vector<std::vector<Vector>> states; ///< by expert
    [[nodiscard]] const Vector& output() const { return states[chosen].back(); }
};

inline LayerState evaluate(const moe::StackShape& shape, std::size_t l,
                           std::span<const double> parameters, const Vector& x) {
    LayerState state;
    state.x = x;
    if (shape.layer(l).gated) {
        state.logits = affine(shape.gate(l), parameters, x);
        state.chosen =
            static_cast<std::size_t>(std::ranges::max_element(state.logits) - state.logits.begin());
    }
    for (std::size_t e = 0; e < shape.layer(l).experts; ++e)
        state.states.push_back(expert_states(shape, l, e, parameters, x));
    return state;
}

/// Adds the outer product of (x, 1) and g to the map's gradient.
inline void add_outer(const moe::AffineBlock& map, const Vector& x, const Vector& g,
                      std::span<double> gradient) {
    for (std::size_t o = 0; o < map.outputs; ++o) {
        for (std::size_t i = 0; i < map.inputs; ++i)
            gradient[map.offset + i * map.outputs + o] += x[i] * g[o];
        gradient[map.offset + map.inputs * map.outputs + o] += g[o];
    }
}

/// W^T g.
inline Vector pull_back(const moe::AffineBlock& map, std::span<const double> parameters,
                        const Vector& g) {
    Vector result(map.inputs, 0.0);
    for (std::size_t i = 0; i < map.inputs; ++i) {
        for (std::size_t o = 0; o < map.outputs; ++o)
            result[i] += parameters[map.offset + i * map.outputs + o] * g[o];
    }
    return result;
}

/// Straight-through gradient of one sample; `loads` by layer. Returns |y - target|^2 / samples.
inline double add_gradient(const moe::StackShape& shape, std::span<const double> parameters,
                           const Vector& x, const Vector& target, double samples, double balance,
                           const std::vector<Vector>& loads, std::span<double> gradient) {
    std::vector<LayerState> layers;
    for (std::size_t l = 0; l < shape.depth(); ++l)
        layers.push_back(evaluate(shape, l, parameters, l == 0 ? x : layers.back().output()));
    Vector g;
    double loss = 0.0;
    for (std::size_t o = 0; o < target.size(); ++o) {
        const double error = layers.back().output()[o] - target[o];
        loss += error * error / samples;
        g.push_back(2.0 * error / samples);
    }
    for (std::size_t l = shape.depth(); l-- > 0;) {
        const LayerState& layer = layers[l];
        Vector below(layer.x.size(), 0.0);
        if (shape.layer(l).gated) {
            const auto experts = static_cast<double>(layer.logits.size());
            const Vector p = softmax(layer.logits);
            Vector a(p.size(), 0.0);
            double mean = 0.0;
            for (std::size_t e = 0; e < p.size(); ++e) {
                for (std::size_t o = 0; o < g.size(); ++o)
                    a[e] += g[o] * layer.states[e].back()[o];
                a[e] += balance * experts * loads[l][e] / samples;
                mean += p[e] * a[e];
            }
            Vector dz(p.size());
            for (std::size_t e = 0; e < p.size(); ++e)
                dz[e] = p[e] * (a[e] - mean);
            add_outer(shape.gate(l), layer.x, dz, gradient);
            below = pull_back(shape.gate(l), parameters, dz);
        }
        const auto& maps = shape.expert(l, layer.chosen);
        const auto& states = layer.states[layer.chosen];
        for (std::size_t j = maps.size(); j-- > 0;) {
            add_outer(maps[j], states[j], g, gradient);
            g = pull_back(maps[j], parameters, g);
            for (std::size_t i = 0; i < g.size() && j > 0; ++i)
                g[i] = states[j][i] > 0.0 ? g[i] : 0.0;
        }
        for (std::size_t i = 0; i < g.size(); ++i)
            g[i] += below[i];
    }
    return loss;
}

} // namespace plain
