#pragma once
// The second algorithm of these tests: plain loops over unlimited integers.

#include "shattering/shattering_expert.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace moe::oracle {

using Big = boost::multiprecision::cpp_int;

template<class Integer>
Big big(const Integer& value) {
    return Big(value.decimal());
}

/// The point of index k, from its definition.
inline std::vector<Big> point(const ShatteringPlan& plan, std::size_t k) {
    if (plan.construction() == Construction::narrow)
        return {Big(k / plan.bits()), Big(k % plan.bits() + 1)};
    std::vector<Big> x;
    for (unsigned i = 1; i <= plan.dimension(); ++i)
        x.emplace_back(boost::multiprecision::pow(Big(k + 1), i));
    return x;
}

/// All activations layer by layer, the last entry the output.
template<class Integer>
std::vector<std::vector<Big>> evaluate(const IntegerNet<Integer>& net, std::vector<Big> x) {
    std::vector<std::vector<Big>> layers;
    for (std::size_t j = 0; j < net.depth(); ++j) {
        std::vector<Big> units;
        for (std::uint32_t row = 0; row < net.width(j); ++row) {
            Big sum = big(net.bias(j, row));
            for (const auto& term : net.terms(j, row))
                sum += big(term.weight) * x[term.source];
            units.push_back(j + 1 < net.depth() && sum < 0 ? Big(0) : sum);
        }
        layers.push_back(units);
        x = units;
    }
    return layers;
}

template<class Integer>
Big output(const IntegerNet<Integer>& net, const std::vector<Big>& x) {
    return evaluate(net, x).back().front();
}

/// The expert of block l for a pattern of its labels.
inline IntegerNet<Checked64> expert(const ShatteringPlan& plan, std::size_t l,
                                    const Labels& labels) {
    IntegerNet<Checked64> net(static_cast<std::uint32_t>(plan.dimension()));
    write_shattering_expert(net, plan, l, labels);
    return net;
}

/// "0110.." of a word, bit 0 first.
inline std::string text_of(const Labels& labels) {
    std::string text;
    for (const std::uint8_t label : labels)
        text.push_back(label != 0 ? '1' : '0');
    return text;
}

} // namespace moe::oracle
