#include "charts/max_affine.hpp"

#include "basics/error.hpp"
#include "constructions/net_writer.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

using Terms = std::vector<Term>;

/// A number as a combination of the units of the layer before, plus a constant.
struct Combination {
    Terms terms;
    double constant = 0.0;
};

/// factor_a a + factor_b b; terms of the same unit are added.
Combination combine(double factor_a, const Combination& a, double factor_b, const Combination& b) {
    Combination sum{.terms = {}, .constant = factor_a * a.constant + factor_b * b.constant};
    for (const Term& term : a.terms)
        sum.terms.push_back({term.source, factor_a * term.weight});
    for (const Term& term : b.terms) {
        const auto same = std::find_if(sum.terms.begin(), sum.terms.end(), [&](const Term& other) {
            return other.source == term.source;
        });
        if (same == sum.terms.end()) {
            sum.terms.push_back({term.source, factor_b * term.weight});
        } else {
            same->weight += factor_b * term.weight;
        }
    }
    return sum;
}

/// A neuron of the first layer lists its bias, which differs between experts; later ones have none.
std::uint32_t write(NetWriter& writer, const Combination& sum, bool with_bias) {
    return with_bias ? writer.neuron(sum.terms, sum.constant) : writer.neuron(sum.terms);
}

/// max(a, b) of the layer in hand as a combination of three new units.
Combination write_maximum(NetWriter& writer, const Combination& a, const Combination& b,
                          bool with_bias) {
    const std::uint32_t difference = write(writer, combine(1.0, a, -1.0, b), with_bias);
    const std::uint32_t up = write(writer, b, with_bias);
    const std::uint32_t down = write(writer, combine(-1.0, b, 0.0, {}), with_bias);
    return {.terms = {{difference, 1.0}, {up, 1.0}, {down, -1.0}}};
}

struct Task {
    const std::vector<std::vector<AffineFunction>>& groups;
    bool carry;
    std::size_t inputs;
    std::size_t hidden_layers;
};

void write_net(NetWriter& writer, const Task& task) {
    std::vector<Combination> carried;
    for (std::size_t i = 0; task.carry && i < task.inputs; ++i)
        carried.push_back({.terms = {{static_cast<std::uint32_t>(i), 1.0}}});
    std::vector<std::vector<Combination>> maxima;
    for (const std::vector<AffineFunction>& group : task.groups) {
        std::vector<Combination>& functions = maxima.emplace_back();
        for (std::size_t f = 0; f < std::size_t{1} << task.hidden_layers; ++f) {
            const AffineFunction& function = group[std::min(f, group.size() - 1)];
            Combination& sum = functions.emplace_back();
            sum.constant = function.offset;
            for (std::size_t i = 0; i < task.inputs; ++i)
                sum.terms.push_back({static_cast<std::uint32_t>(i), function.slope[i]});
        }
    }
    for (std::size_t layer = 0; layer < task.hidden_layers; ++layer) {
        writer.next_layer();
        for (Combination& x : carried) {
            const std::uint32_t up = writer.neuron(x.terms);
            const std::uint32_t down = writer.neuron(combine(-1.0, x, 0.0, {}).terms);
            x.terms = {{up, 1.0}, {down, -1.0}};
        }
        for (std::vector<Combination>& functions : maxima) {
            std::vector<Combination> halved;
            for (std::size_t f = 0; f < functions.size(); f += 2)
                halved.push_back(write_maximum(writer, functions[f], functions[f + 1], layer == 0));
            functions = std::move(halved);
        }
    }
    writer.next_layer();
    for (const Combination& x : carried)
        writer.neuron(x.terms);
    for (const std::vector<Combination>& functions : maxima)
        writer.neuron(functions.front().terms);
}

} // namespace

AffineFunction nearness(std::span<const double> anchor) {
    AffineFunction function;
    for (const double coordinate : anchor) {
        function.slope.push_back(2.0 * coordinate);
        function.offset -= coordinate * coordinate;
    }
    return function;
}

MaxAffineNet max_affine_net(const std::vector<std::vector<AffineFunction>>& groups, bool carry) {
    if (groups.empty()) throw std::invalid_argument("max-affine net: no group");
    std::size_t largest = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (groups[g].empty())
            throw InputError("max-affine net: group " + std::to_string(g) +
                             " has no functions, must have at least one");
        largest = std::max(largest, groups[g].size());
    }
    Task task{.groups = groups,
              .carry = carry,
              .inputs = groups.front().front().slope.size(),
              .hidden_layers = 1};
    for (const std::vector<AffineFunction>& group : groups) {
        if (std::any_of(group.begin(), group.end(), [&](const AffineFunction& function) {
                return function.slope.size() != task.inputs;
            }))
            throw std::invalid_argument("max-affine net: slopes of different length");
    }
    while (std::size_t{1} << task.hidden_layers < largest)
        ++task.hidden_layers;
    ShapeRecorder shape;
    write_net(shape, task);
    MaxAffineNet net{.architecture =
                         std::move(shape).sparse(static_cast<std::uint32_t>(task.inputs)),
                     .parameters = {},
                     .hidden_layers = task.hidden_layers};
    net.parameters.resize(net.architecture.parameters());
    ParameterWriter writer(net.architecture, net.parameters);
    write_net(writer, task);
    return net;
}

} // namespace moe
