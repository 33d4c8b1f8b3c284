#include "shattering/integer_net.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

struct LooksAtNothing {
    template<class Integer>
    void operator()(const Integer& /*number*/) const noexcept {}
};

template<class Integer>
struct LargestMagnitude {
    Integer largest;

    void operator()(const Integer& number) { largest = std::max(largest, magnitude(number)); }
};

} // namespace

template<class Integer>
IntegerNet<Integer>::IntegerNet(std::uint32_t inputs)
    : inputs_(inputs) {}

template<class Integer>
void IntegerNet<Integer>::clear() noexcept {
    layer_start_.clear();
    neurons_.clear();
    terms_.clear();
}

template<class Integer>
void IntegerNet<Integer>::next_layer() {
    layer_start_.push_back(neurons_.size());
}

template<class Integer>
std::uint32_t IntegerNet<Integer>::neuron(std::span<const IntegerTerm<Integer>> ascending_terms,
                                          Integer bias) {
    if (layer_start_.empty()) throw std::logic_error("IntegerNet: a neuron before the first layer");
    const std::uint32_t sources = depth() == 1 ? inputs_ : width(depth() - 2);
    for (std::size_t k = 0; k < ascending_terms.size(); ++k) {
        if (ascending_terms[k].source >= sources ||
            (k > 0 && ascending_terms[k - 1].source >= ascending_terms[k].source))
            throw std::logic_error("IntegerNet: the sources of a neuron must ascend below " +
                                   std::to_string(sources));
    }
    const auto row = static_cast<std::uint32_t>(neurons_.size() - layer_start_.back());
    neurons_.push_back({terms_.size(), bias});
    terms_.insert(terms_.end(), ascending_terms.begin(), ascending_terms.end());
    return row;
}

template<class Integer>
void IntegerNet<Integer>::pad_layer(std::uint32_t width) {
    while (neurons_.size() - layer_start_.back() < width)
        neuron({});
}

template<class Integer>
std::uint32_t IntegerNet<Integer>::width(std::size_t j) const {
    const std::size_t end = j + 1 < depth() ? layer_start_[j + 1] : neurons_.size();
    return static_cast<std::uint32_t>(end - layer_start_.at(j));
}

template<class Integer>
std::size_t IntegerNet<Integer>::index_of(std::size_t j, std::uint32_t row) const {
    if (row >= width(j))
        throw std::out_of_range("IntegerNet: row " + std::to_string(row) + " of layer " +
                                std::to_string(j));
    return layer_start_[j] + row;
}

template<class Integer>
std::span<const IntegerTerm<Integer>>
IntegerNet<Integer>::terms_of(std::size_t neuron) const noexcept {
    const std::size_t first = neurons_[neuron].first_term;
    const std::size_t end =
        neuron + 1 < neurons_.size() ? neurons_[neuron + 1].first_term : terms_.size();
    return std::span(terms_).subspan(first, end - first);
}

template<class Integer>
std::span<const IntegerTerm<Integer>> IntegerNet<Integer>::terms(std::size_t j,
                                                                 std::uint32_t row) const {
    return terms_of(index_of(j, row));
}

template<class Integer>
Integer IntegerNet<Integer>::bias(std::size_t j, std::uint32_t row) const {
    return neurons_[index_of(j, row)].bias;
}

template<class Integer>
template<class Observer>
void IntegerNet<Integer>::run_layers(std::size_t first, std::size_t last, std::size_t count,
                                     IntegerActivations<Integer>& activations,
                                     Observer& observer) const {
    const std::uint32_t sources = first == 0 ? inputs_ : width(first - 1);
    if (last > depth() || first > last || activations.values.size() != sources * count)
        throw std::invalid_argument("IntegerNet: layers " + std::to_string(first) + " to " +
                                    std::to_string(last) + " of " + std::to_string(depth()) +
                                    " on " + std::to_string(activations.values.size()) +
                                    " numbers for " + std::to_string(count) + " points");
    for (std::size_t j = first; j < last; ++j) {
        const std::uint32_t units = width(j);
        activations.next.resize(units * count);
        for (std::uint32_t row = 0; row < units; ++row) {
            const std::size_t unit = layer_start_[j] + row;
            Integer* const sum = activations.next.data() + row * count;
            std::fill_n(sum, count, neurons_[unit].bias);
            observer(neurons_[unit].bias);
            for (const IntegerTerm<Integer>& term : terms_of(unit)) {
                const Integer* const source = activations.values.data() + term.source * count;
                observer(term.weight);
                for (std::size_t p = 0; p < count; ++p) {
                    const Integer product = term.weight * source[p];
                    sum[p] += product;
                    observer(product);
                    observer(sum[p]);
                }
            }
            if (j + 1 == depth()) continue;
            for (std::size_t p = 0; p < count; ++p)
                sum[p] = std::max(sum[p], Integer());
        }
        std::swap(activations.values, activations.next);
    }
}

template<class Integer>
void IntegerNet<Integer>::run(std::size_t first, std::size_t last, std::size_t count,
                              IntegerActivations<Integer>& activations) const {
    LooksAtNothing observer;
    run_layers(first, last, count, activations, observer);
}

template<class Integer>
Integer IntegerNet<Integer>::largest_magnitude(std::span<const Integer> points,
                                               std::size_t count) const {
    LargestMagnitude<Integer> observer;
    for (const Integer& coordinate : points)
        observer(coordinate);
    IntegerActivations<Integer> activations;
    activations.values.assign(points.begin(), points.end());
    run_layers(0, depth(), count, activations, observer);
    return observer.largest;
}

template<class Integer>
void IntegerNet<Integer>::write(NetWriter& writer) const {
    std::vector<Term> float_terms;
    for (std::size_t j = 0; j < depth(); ++j) {
        writer.next_layer();
        for (std::uint32_t row = 0; row < width(j); ++row) {
            float_terms.clear();
            for (const IntegerTerm<Integer>& term : terms(j, row))
                float_terms.push_back({term.source, term.weight.to_double()});
            writer.neuron(float_terms, bias(j, row).to_double());
        }
    }
}

template class IntegerNet<Checked64>;
template class IntegerNet<Checked128>;

} // namespace moe
