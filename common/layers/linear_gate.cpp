#include "layers/linear_gate.hpp"

#include "forward/evaluate.hpp"
#include "layers/finite.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

void require_sizes(std::size_t inputs, std::size_t given_inputs, std::size_t experts,
                   std::size_t given_logits) {
    if (given_inputs == inputs && given_logits == experts) return;
    throw std::invalid_argument("gate: " + std::to_string(given_inputs) + " inputs and " +
                                std::to_string(given_logits) + " logits given, it has " +
                                std::to_string(inputs) + " and " + std::to_string(experts));
}

/// The route of any gate.
template<class Gate>
std::size_t route_through(const Gate& gate, std::span<const double> z) {
    std::vector<double> logits(gate.experts());
    gate.logits(z, logits);
    return moe::route(logits);
}

} // namespace

std::size_t route(std::span<const double> logits) {
    if (logits.empty()) throw std::invalid_argument("route: no logits");
    std::size_t best = 0;
    for (std::size_t expert = 0; expert < logits.size(); ++expert) {
        if (std::isnan(logits[expert]))
            throw std::domain_error("route: the logit of expert " + std::to_string(expert) +
                                    " is nan");
        if (logits[expert] > logits[best]) best = expert;
    }
    return best;
}

LinearGate::LinearGate(std::vector<double> weights, std::vector<double> biases)
    : weights_(std::move(weights))
    , biases_(std::move(biases)) {
    if (biases_.empty()) throw std::invalid_argument("gate: no expert");
    if (weights_.empty() || weights_.size() % biases_.size() != 0)
        throw std::invalid_argument("gate: " + std::to_string(weights_.size()) + " weights for " +
                                    std::to_string(biases_.size()) +
                                    " experts, must be a positive multiple");
    require_finite("gate weights", weights_);
    require_finite("gate biases", biases_);
}

std::span<const double> LinearGate::row(std::size_t expert) const {
    if (expert >= experts())
        throw std::out_of_range("gate: expert " + std::to_string(expert) + " of " +
                                std::to_string(experts()));
    return std::span(weights_).subspan(expert * inputs(), inputs());
}

std::size_t LinearGate::parameters() const noexcept {
    return weights_.size() + biases_.size();
}

void LinearGate::logits(std::span<const double> z, std::span<double> out) const {
    require_sizes(inputs(), z.size(), experts(), out.size());
    const double* weight = weights_.data();
    for (std::size_t expert = 0; expert < out.size(); ++expert) {
        double sum = biases_[expert];
        for (const double input : z)
            sum += *weight++ * input;
        out[expert] = sum;
    }
}

std::size_t LinearGate::route(std::span<const double> z) const {
    return route_through(*this, z);
}

NetGate::NetGate(Architecture architecture, std::vector<double> parameters)
    : architecture_(std::move(architecture))
    , parameters_(std::move(parameters)) {
    if (parameters_.size() != architecture_.parameters())
        throw std::invalid_argument("gate: " + std::to_string(parameters_.size()) +
                                    " parameters, its network has " +
                                    std::to_string(architecture_.parameters()));
    require_finite("gate parameters", parameters_);
}

void NetGate::logits(std::span<const double> z, std::span<double> out) const {
    require_sizes(inputs(), z.size(), experts(), out.size());
    moe::evaluate<double>(architecture_, parameters_, z, out);
}

std::size_t NetGate::route(std::span<const double> z) const {
    return route_through(*this, z);
}

} // namespace moe
