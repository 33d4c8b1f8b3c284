#include "layers/moe_layer.hpp"

#include "basics/parallel.hpp"
#include "forward/evaluate.hpp"
#include "forward/group.hpp"
#include "forward/grouping.hpp"
#include "layers/finite.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

/// Inputs that one thread routes and groups at a time: enough for full tiles of every expert.
constexpr std::size_t inputs_per_block = 512;

std::size_t nonzero_entries(std::span<const double> numbers) {
    return static_cast<std::size_t>(
        std::count_if(numbers.begin(), numbers.end(), [](double entry) { return entry != 0.0; }));
}

ParameterCount count_of(const LinearGate& gate) {
    return {.total = gate.parameters(),
            .active = gate.parameters(),
            .listed = gate.parameters(),
            .nonzero = nonzero_entries(gate.weights()) + nonzero_entries(gate.biases())};
}

ParameterCount count_of(const NetGate& gate) {
    const std::size_t all = gate.architecture().dense_parameters();
    return {.total = all,
            .active = all,
            .listed = gate.architecture().parameters(),
            .nonzero = nonzero_entries(gate.parameters())};
}

ParameterCount count_of(const std::monostate& /*no gate*/) {
    return {};
}

void require_size(const char* what, std::size_t given, std::size_t needed) {
    if (given != needed)
        throw std::invalid_argument("MoE layer: " + std::to_string(given) + ' ' + what +
                                    " given, needed are " + std::to_string(needed));
}

std::size_t experts_of(const std::monostate& /*no gate*/) {
    return 1;
}

template<class Gate>
std::size_t experts_of(const Gate& gate) {
    return gate.experts();
}

void require_inputs(const std::monostate& /*no gate*/, std::size_t /*inputs*/) {}

template<class Gate>
void require_inputs(const Gate& gate, std::size_t inputs) {
    require_size("inputs of the gate", gate.inputs(), inputs);
}

/// Logits [B][E] of inputs [B][p].
void block_logits(const std::monostate& /*no gate*/, std::span<const double> /*inputs*/,
                  std::span<double> /*logits*/) {}

void block_logits(const LinearGate& gate, std::span<const double> inputs,
                  std::span<double> logits) {
    const std::size_t p = gate.inputs();
    const std::size_t experts = gate.experts();
    for (std::size_t sample = 0; sample * p < inputs.size(); ++sample)
        gate.logits(inputs.subspan(sample * p, p), logits.subspan(sample * experts, experts));
}

void block_logits(const NetGate& gate, std::span<const double> inputs, std::span<double> logits) {
    moe::evaluate_batch<double>(gate.architecture(), gate.parameters(), inputs, logits);
}

} // namespace

ParameterCount& ParameterCount::operator+=(const ParameterCount& other) noexcept {
    total += other.total;
    active += other.active;
    listed += other.listed;
    nonzero += other.nonzero;
    return *this;
}

MoeLayer::MoeLayer(Gate gate, Architecture expert, std::vector<double> parameters)
    : gate_(std::move(gate))
    , experts_(std::visit([](const auto& some) { return experts_of(some); }, gate_))
    , expert_(std::move(expert))
    , parameters_(std::move(parameters)) {
    require_size("parameters of the experts", parameters_.size(), experts_ * expert_.parameters());
    std::visit([&](const auto& some) { require_inputs(some, inputs()); }, gate_);
    for (std::size_t e = 0; e < experts_; ++e)
        require_finite("expert " + std::to_string(e), this->parameters(e));
}

MoeLayer::MoeLayer(LinearGate gate, Architecture expert, std::vector<double> parameters)
    : MoeLayer(Gate(std::move(gate)), std::move(expert), std::move(parameters)) {}

MoeLayer::MoeLayer(NetGate gate, Architecture expert, std::vector<double> parameters)
    : MoeLayer(Gate(std::move(gate)), std::move(expert), std::move(parameters)) {}

MoeLayer MoeLayer::dense_sublayer(Architecture expert, std::vector<double> parameters) {
    return {Gate(), std::move(expert), std::move(parameters)};
}

bool MoeLayer::is_dense() const noexcept {
    return std::holds_alternative<std::monostate>(gate_);
}

const LinearGate* MoeLayer::linear_gate() const noexcept {
    return std::get_if<LinearGate>(&gate_);
}

std::span<const double> MoeLayer::parameters(std::size_t expert) const {
    if (expert >= experts_)
        throw std::out_of_range("MoE layer: expert " + std::to_string(expert) + " of " +
                                std::to_string(experts_));
    return std::span(parameters_).subspan(expert * expert_.parameters(), expert_.parameters());
}

ParameterCount MoeLayer::count() const {
    ParameterCount count = std::visit([](const auto& some) { return count_of(some); }, gate_);
    count.total += experts_ * expert_.dense_parameters();
    count.active += expert_.dense_parameters();
    count.listed += parameters_.size();
    count.nonzero += nonzero_entries(parameters_);
    return count;
}

std::size_t MoeLayer::route(std::span<const double> z) const {
    require_size("inputs", z.size(), inputs());
    if (const auto* const linear = std::get_if<LinearGate>(&gate_)) return linear->route(z);
    if (const auto* const net = std::get_if<NetGate>(&gate_)) return net->route(z);
    return 0;
}

std::size_t MoeLayer::evaluate(std::span<const double> z, std::span<double> y,
                               std::vector<double>& scratch) const {
    require_size("outputs", y.size(), outputs());
    const std::size_t routed = route(z);
    const std::size_t needed = group_scratch<double>(expert_);
    if (scratch.size() < needed) scratch.resize(needed);
    constexpr std::array<std::uint32_t, 1> only{0};
    evaluate_group<double>({.architecture = expert_,
                            .parameters = parameters(routed),
                            .inputs = z,
                            .outputs = y,
                            .samples = only},
                           scratch);
    return routed;
}

void MoeLayer::evaluate_batch(std::span<const double> inputs, std::span<double> outputs,
                              std::span<std::uint64_t> routed, unsigned threads) const {
    const std::size_t p = this->inputs();
    const std::size_t q = this->outputs();
    const std::size_t batch = inputs.size() / p;
    require_size("numbers of inputs", inputs.size(), batch * p);
    require_size("numbers of outputs", outputs.size(), batch * q);
    if (!routed.empty()) require_size("routed indices", routed.size(), batch);
    const std::size_t blocks = (batch + inputs_per_block - 1) / inputs_per_block;
    parallel_for(blocks, threads, [&](std::size_t block) {
        const std::size_t first = block * inputs_per_block;
        const std::size_t count = std::min(inputs_per_block, batch - first);
        const auto z = inputs.subspan(first * p, count * p);
        std::vector<std::uint64_t> expert_of(count);
        route_block(z, expert_of);
        if (!routed.empty())
            std::copy(expert_of.begin(), expert_of.end(), routed.subspan(first, count).begin());
        const Grouping groups = group_by_expert(expert_of, experts_);
        std::vector<double> scratch(group_scratch<double>(expert_));
        for (std::size_t g = 0; g < groups.experts.size(); ++g) {
            evaluate_group<double>(
                {.architecture = expert_,
                 .parameters = parameters(groups.experts[g]),
                 .inputs = z,
                 .outputs = outputs.subspan(first * q, count * q),
                 .samples =
                     std::span(groups.samples)
                         .subspan(groups.starts[g], groups.starts[g + 1] - groups.starts[g])},
                scratch);
        }
    });
}

void MoeLayer::route_block(std::span<const double> inputs,
                           std::span<std::uint64_t> expert_of) const {
    if (is_dense()) {
        std::fill(expert_of.begin(), expert_of.end(), 0);
        return;
    }
    std::vector<double> logits(expert_of.size() * experts_);
    std::visit([&](const auto& some) { block_logits(some, inputs, logits); }, gate_);
    for (std::size_t sample = 0; sample < expert_of.size(); ++sample)
        expert_of[sample] = moe::route(std::span(logits).subspan(sample * experts_, experts_));
}

} // namespace moe
