#pragma once
// A network written down neuron by neuron, as a paper does: the same text of a construction is run
// once to record the architecture that all experts of a model share, and once per expert to fill in
// its numbers.

#include "models/architecture.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

namespace moe {

/// One listed weight of a neuron: weight times the unit `source` of the layer before.
struct Term {
    std::uint32_t source;
    double weight;
};

class NetWriter {
  public:
    NetWriter() = default;
    NetWriter(const NetWriter&) = delete;
    NetWriter& operator=(const NetWriter&) = delete;
    NetWriter(NetWriter&&) = delete;
    NetWriter& operator=(NetWriter&&) = delete;
    virtual ~NetWriter() = default;

    /// Starts the next affine layer.
    void next_layer();
    /// Writes a neuron of the layer in hand with its listed weights (any order, no source twice)
    /// and, where listed, its bias. Returns its index in the layer. Throws std::logic_error before
    /// the first layer.
    std::uint32_t neuron(std::span<const Term> terms, std::optional<double> bias = std::nullopt);
    std::uint32_t neuron(std::initializer_list<Term> terms,
                         std::optional<double> bias = std::nullopt) {
        return neuron(std::span<const Term>(terms.begin(), terms.size()), bias);
    }

  private:
    virtual void start_layer(std::size_t layer) = 0;
    virtual void put(std::uint32_t row, std::span<const Term> ascending_terms,
                     std::optional<double> bias) = 0;

    std::size_t layers_ = 0;
    std::uint32_t rows_ = 0;
    std::vector<Term> sorted_;
};

/// Records what is listed, not the numbers.
class ShapeRecorder final : public NetWriter {
  public:
    /// The net with exactly the listed entries, or with every layer dense. The recorder is used up.
    [[nodiscard]] Architecture sparse(std::uint32_t inputs,
                                      Activation activation = Activation::relu) &&;
    [[nodiscard]] Architecture dense(std::uint32_t inputs,
                                     Activation activation = Activation::relu) const;

  private:
    void start_layer(std::size_t layer) override;
    void put(std::uint32_t row, std::span<const Term> ascending_terms,
             std::optional<double> bias) override;

    std::vector<std::uint32_t> outputs_;
    std::vector<SparsePattern> patterns_;
};

/// Writes the numbers into one expert's flat array (architecture.parameters() entries; what a dense
/// layer does not list becomes 0.0, PReLU slopes 0.0). Both must outlive the writer. The text
/// written must be the one that recorded the architecture; an array of another size or an entry
/// that a sparse layer does not have throws std::invalid_argument.
class ParameterWriter final : public NetWriter {
  public:
    ParameterWriter(const Architecture& architecture, std::span<double> parameters);

  private:
    void start_layer(std::size_t layer) override;
    void put(std::uint32_t row, std::span<const Term> ascending_terms,
             std::optional<double> bias) override;

    const Architecture* architecture_;
    std::span<double> parameters_;
    const Layer* layer_ = nullptr;
};

} // namespace moe
