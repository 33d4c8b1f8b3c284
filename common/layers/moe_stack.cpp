#include "layers/moe_stack.hpp"

#include "basics/parallel.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

/// Inputs that one thread carries through all layers at a time.
constexpr std::size_t inputs_per_block = 512;

void require_size(const char* what, std::size_t given, std::size_t needed) {
    if (given != needed)
        throw std::invalid_argument("MoE stack: " + std::to_string(given) + ' ' + what +
                                    " given, needed are " + std::to_string(needed));
}

} // namespace

MoeStack::MoeStack(std::vector<MoeLayer> layers)
    : layers_(std::move(layers)) {
    if (layers_.empty()) throw std::invalid_argument("MoE stack: no layer");
    for (std::size_t l = 1; l < layers_.size(); ++l) {
        if (layers_[l].inputs() != layers_[l - 1].outputs())
            throw std::invalid_argument("MoE stack: layer " + std::to_string(l) + " takes " +
                                        std::to_string(layers_[l].inputs()) +
                                        " inputs, the layer before gives " +
                                        std::to_string(layers_[l - 1].outputs()));
    }
}

ParameterCount MoeStack::count() const {
    ParameterCount count;
    for (const MoeLayer& layer : layers_)
        count += layer.count();
    return count;
}

void MoeStack::evaluate(std::span<const double> x, std::span<double> y,
                        std::span<std::uint64_t> routed, Scratch& scratch) const {
    require_size("outputs", y.size(), outputs());
    if (!routed.empty()) require_size("routed indices", routed.size(), depth());
    scratch.state.assign(x.begin(), x.end());
    for (std::size_t l = 0; l < depth(); ++l) {
        scratch.next.resize(layers_[l].outputs());
        const std::size_t expert = layers_[l].evaluate(scratch.state, scratch.next, scratch.expert);
        if (!routed.empty()) routed[l] = expert;
        std::swap(scratch.state, scratch.next);
    }
    std::copy(scratch.state.begin(), scratch.state.end(), y.begin());
}

void MoeStack::evaluate_batch(std::span<const double> inputs, std::span<double> outputs,
                              std::span<std::uint64_t> routed, unsigned threads) const {
    const std::size_t p = this->inputs();
    const std::size_t q = this->outputs();
    const std::size_t batch = inputs.size() / p;
    require_size("numbers of inputs", inputs.size(), batch * p);
    require_size("numbers of outputs", outputs.size(), batch * q);
    if (!routed.empty()) require_size("routed indices", routed.size(), batch * depth());
    const std::size_t blocks = (batch + inputs_per_block - 1) / inputs_per_block;
    parallel_for(blocks, threads, [&](std::size_t block) {
        const std::size_t first = block * inputs_per_block;
        const std::size_t count = std::min(inputs_per_block, batch - first);
        const auto x = inputs.subspan(first * p, count * p);
        std::vector<double> state(x.begin(), x.end());
        std::vector<double> next;
        std::vector<std::uint64_t> experts(count);
        for (std::size_t l = 0; l < depth(); ++l) {
            next.resize(count * layers_[l].outputs());
            layers_[l].evaluate_batch(state, next, experts);
            for (std::size_t sample = 0; sample < count && !routed.empty(); ++sample)
                routed[(first + sample) * depth() + l] = experts[sample];
            std::swap(state, next);
        }
        std::copy(state.begin(), state.end(), outputs.subspan(first * q, count * q).begin());
    });
}

} // namespace moe
