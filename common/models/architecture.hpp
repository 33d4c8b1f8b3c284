#pragma once
// The shape of an expert network R^n -> R^m without its numbers. All experts of one model share one
// architecture; an expert is a flat array of parameters laid out as the architecture says.
//
// Conventions of arXiv:2402.03460 (section 1 of the project's notes): affine layers 1..J with a
// (P)ReLU after all but the last; the depth J counts affine layers; parameters P = listed weights +
// listed biases + (PReLU) one slope per hidden unit. "Listed" means present in the construction
// even where the value is 0.0. Dense layers list everything.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace moe {

enum class Activation {
    relu, ///< max(z, 0)
    prelu ///< max(z, 0) + a min(z, 0), slope a a parameter of each hidden unit
};

/// Listed entries of one sparse affine layer in row-major order (rows ascending, columns ascending
/// within a row, no entry twice) and the rows that list a bias (ascending).
struct SparsePattern {
    std::vector<std::uint32_t> row;
    std::vector<std::uint32_t> col;
    std::vector<std::uint32_t> bias_row;
};

/// One affine layer: where its parameters stand in the flat array of an expert.
/// Dense: weights row-major [outputs][inputs], then biases [outputs], then slopes.
/// Sparse: weights in the order of the pattern, then the listed biases, then slopes.
struct Layer {
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
    bool sparse = false;
    bool slopes = false;                  ///< one PReLU slope per output follows the biases
    SparsePattern pattern;                ///< empty for dense layers
    std::vector<std::uint32_t> row_start; ///< sparse: CSR offsets, size outputs + 1
    std::vector<std::int32_t> bias_of;    ///< sparse: position of a row's bias or -1
    std::size_t weight_offset = 0;
    std::size_t weights = 0;
    std::size_t bias_offset = 0;
    std::size_t biases = 0;
    std::size_t slope_offset = 0;
};

class Architecture {
  public:
    /// Dense net with the given widths n = k_0, k_1, ..., k_J. Throws std::invalid_argument for
    /// fewer than two widths or a width of 0.
    [[nodiscard]] static Architecture dense(std::span<const std::uint32_t> widths,
                                            Activation activation = Activation::relu);

    /// Sparse net: one pattern per affine layer, outputs[j] units in layer j. Throws
    /// std::invalid_argument (naming the layer) for unsorted or repeated entries, indices out of
    /// range, or no layer.
    [[nodiscard]] static Architecture sparse(std::uint32_t inputs,
                                             std::span<const std::uint32_t> outputs,
                                             std::vector<SparsePattern> patterns,
                                             Activation activation = Activation::relu);

    [[nodiscard]] std::uint32_t inputs() const noexcept { return layers_.front().inputs; }
    [[nodiscard]] std::uint32_t outputs() const noexcept { return layers_.back().outputs; }
    [[nodiscard]] Activation activation() const noexcept { return activation_; }
    [[nodiscard]] bool is_sparse() const noexcept { return layers_.front().sparse; }
    /// J, the number of affine layers.
    [[nodiscard]] std::size_t depth() const noexcept { return layers_.size(); }
    [[nodiscard]] const Layer& layer(std::size_t j) const { return layers_.at(j); }
    [[nodiscard]] std::span<const Layer> layers() const noexcept { return layers_; }
    /// P, the exact number of parameters of one expert.
    [[nodiscard]] std::size_t parameters() const noexcept { return parameters_; }
    [[nodiscard]] std::size_t hidden_units() const noexcept;
    /// Widest layer, inputs included: the scratch that one evaluation needs per buffer.
    [[nodiscard]] std::uint32_t widest() const noexcept;
    /// What P would be if every layer were stored as a dense matrix with all biases.
    [[nodiscard]] std::size_t dense_parameters() const noexcept;

  private:
    Architecture(std::vector<Layer> layers, Activation activation);

    std::vector<Layer> layers_;
    Activation activation_ = Activation::relu;
    std::size_t parameters_ = 0;
};

} // namespace moe
