#pragma once
// A ReLU network with integer weights, evaluated in exact arithmetic. Layers are dense in the sense
// of the parameter count (every weight and bias is listed, 0 where nothing was written); only
// what was written is stored and computed.

#include "constructions/net_writer.hpp"
#include "shattering/checked_integer.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace moe {

template<class Integer>
struct IntegerTerm {
    std::uint32_t source;
    Integer weight;
};

/// Two buffers of an evaluation, kept between evaluations so that none allocates.
template<class Integer>
struct IntegerActivations {
    std::vector<Integer> values; ///< [units][count]
    std::vector<Integer> next;
};

template<class Integer>
class IntegerNet {
  public:
    explicit IntegerNet(std::uint32_t inputs);

    /// Back to no layer, keeping the memory.
    void clear() noexcept;
    /// Starts the next affine layer.
    void next_layer();
    /// Writes a neuron of the layer in hand and returns its index. Sources ascend (that is the
    /// order in which the sum is formed) and are units of the layer before; otherwise, and before
    /// the first layer, std::logic_error.
    std::uint32_t neuron(std::span<const IntegerTerm<Integer>> ascending_terms,
                         Integer bias = Integer());
    std::uint32_t neuron(std::initializer_list<IntegerTerm<Integer>> ascending_terms,
                         Integer bias = Integer()) {
        return neuron(std::span(ascending_terms.begin(), ascending_terms.size()), bias);
    }
    /// Fills the layer in hand up with neurons that are constant 0.
    void pad_layer(std::uint32_t width);

    [[nodiscard]] std::uint32_t inputs() const noexcept { return inputs_; }
    /// J, the number of affine layers.
    [[nodiscard]] std::size_t depth() const noexcept { return layer_start_.size(); }
    /// Neurons of layer j.
    [[nodiscard]] std::uint32_t width(std::size_t j) const;
    /// What was written of a neuron.
    [[nodiscard]] std::span<const IntegerTerm<Integer>> terms(std::size_t j,
                                                              std::uint32_t row) const;
    [[nodiscard]] Integer bias(std::size_t j, std::uint32_t row) const;

    /// Layers first..last-1 on `count` points: values [units before first][count] become
    /// [width(last - 1)][count]. ReLU follows all layers but the net's last. A sum starts at the
    /// bias and adds the terms in ascending order. Throws IntegerOverflow, std::invalid_argument
    /// for sizes that differ.
    void run(std::size_t first, std::size_t last, std::size_t count,
             IntegerActivations<Integer>& activations) const;
    /// Largest magnitude of anything that the evaluation of the whole net on points [inputs][count]
    /// meets: inputs, weights, biases, products and partial sums. Below 2^53 float64 is exact.
    [[nodiscard]] Integer largest_magnitude(std::span<const Integer> points,
                                            std::size_t count) const;
    /// The same net for the library, each weight the nearest float64.
    void write(NetWriter& writer) const;

  private:
    struct Neuron {
        std::size_t first_term;
        Integer bias;
    };

    template<class Observer>
    void run_layers(std::size_t first, std::size_t last, std::size_t count,
                    IntegerActivations<Integer>& activations, Observer& observer) const;
    [[nodiscard]] std::size_t index_of(std::size_t j, std::uint32_t row) const;
    [[nodiscard]] std::span<const IntegerTerm<Integer>> terms_of(std::size_t neuron) const noexcept;

    std::uint32_t inputs_;
    std::vector<std::size_t> layer_start_; ///< first neuron of each layer
    std::vector<Neuron> neurons_;
    std::vector<IntegerTerm<Integer>> terms_;
};

extern template class IntegerNet<Checked64>;
extern template class IntegerNet<Checked128>;

} // namespace moe
