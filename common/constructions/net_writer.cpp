#include "constructions/net_writer.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

void NetWriter::next_layer() {
    start_layer(layers_);
    ++layers_;
    rows_ = 0;
}

std::uint32_t NetWriter::neuron(std::span<const Term> terms, std::optional<double> bias) {
    if (layers_ == 0) throw std::logic_error("NetWriter: a neuron before the first layer");
    sorted_.assign(terms.begin(), terms.end());
    std::sort(sorted_.begin(), sorted_.end(),
              [](const Term& a, const Term& b) { return a.source < b.source; });
    put(rows_, sorted_, bias);
    return rows_++;
}

void ShapeRecorder::start_layer(std::size_t /*layer*/) {
    outputs_.push_back(0);
    patterns_.emplace_back();
}

void ShapeRecorder::put(std::uint32_t row, std::span<const Term> ascending_terms,
                        std::optional<double> bias) {
    SparsePattern& pattern = patterns_.back();
    for (const Term& term : ascending_terms) {
        pattern.row.push_back(row);
        pattern.col.push_back(term.source);
    }
    if (bias) pattern.bias_row.push_back(row);
    outputs_.back() = row + 1;
}

Architecture ShapeRecorder::sparse(std::uint32_t inputs, Activation activation) && {
    return Architecture::sparse(inputs, outputs_, std::move(patterns_), activation);
}

Architecture ShapeRecorder::dense(std::uint32_t inputs, Activation activation) const {
    std::vector<std::uint32_t> widths{inputs};
    widths.insert(widths.end(), outputs_.begin(), outputs_.end());
    return Architecture::dense(widths, activation);
}

ParameterWriter::ParameterWriter(const Architecture& architecture, std::span<double> parameters)
    : architecture_(&architecture)
    , parameters_(parameters) {
    if (parameters.size() != architecture.parameters())
        throw std::invalid_argument("ParameterWriter: the array has " +
                                    std::to_string(parameters.size()) + " entries, the expert " +
                                    std::to_string(architecture.parameters()));
    std::fill(parameters_.begin(), parameters_.end(), 0.0);
}

void ParameterWriter::start_layer(std::size_t layer) {
    if (layer >= architecture_->depth())
        throw std::invalid_argument("ParameterWriter: more layers than the architecture has");
    layer_ = &architecture_->layer(layer);
}

void ParameterWriter::put(std::uint32_t row, std::span<const Term> ascending_terms,
                          std::optional<double> bias) {
    const Layer& layer = *layer_;
    const auto mismatch = [&] {
        return std::invalid_argument("ParameterWriter: row " + std::to_string(row) +
                                     " of a layer is not what the architecture lists");
    };
    if (row >= layer.outputs) throw mismatch();
    if (!layer.sparse) {
        double* const weights = &parameters_[layer.weight_offset + std::size_t{row} * layer.inputs];
        for (const Term& term : ascending_terms) {
            if (term.source >= layer.inputs) throw mismatch();
            weights[term.source] = term.weight;
        }
        if (bias) parameters_[layer.bias_offset + row] = *bias;
        return;
    }
    const std::size_t start = layer.row_start[row];
    if (layer.row_start[row + 1] - start != ascending_terms.size() ||
        (layer.bias_of[row] >= 0) != bias.has_value())
        throw mismatch();
    for (std::size_t i = 0; i < ascending_terms.size(); ++i) {
        if (layer.pattern.col[start + i] != ascending_terms[i].source) throw mismatch();
        parameters_[layer.weight_offset + start + i] = ascending_terms[i].weight;
    }
    if (bias) parameters_[layer.bias_offset + static_cast<std::size_t>(layer.bias_of[row])] = *bias;
}

} // namespace moe
