#pragma once
// Densities, responsibilities and gradients of gated mixtures, tile by tile.

#include "mixtures/gated_kernels.hpp"
#include "mixtures/gated_parameters.hpp"

namespace moe {

/// Probabilities of the gate that the last E-step computed, and the gate's parameters there: the
/// M-step of the gate begins at the same point.
struct KnownGate {
    Matrix coefficients; ///< p x (K-1); empty where there was no E-step yet
    AlignedArray pi;     ///< per tile K-1 rows
};

/// Rows of a tile: rows x tile_samples zeros.
[[nodiscard]] AlignedArray tile_array(Index rows);

class GatedLikelihood {
  public:
    /// The samples must outlive the object.
    GatedLikelihood(const GatedShape& shape, const TiledSamples& samples,
                    const GatedKernels& kernels);

    /// L at the parameters.
    [[nodiscard]] double loss(const GatedParameters& at);
    /// Responsibilities (n x K); returns L.
    double posterior(const GatedParameters& at, Matrix& r);
    /// L and its gradient: in the shape of the parameters, except that experts and tau hold the
    /// derivatives by the entries of theta.
    double loss_gradient(const GatedParameters& at, GatedParameters& gradient);
    /// The same gradient of -(1/n) sum_ik r_ik l_ik.
    void surrogate_gradient(const GatedParameters& at, const Matrix& r, GatedParameters& gradient);

    void complete_log_density(const GatedParameters& at, Matrix& l);
    void gate(const GatedParameters& at, Matrix& pi);

    [[nodiscard]] const KnownGate& known_gate() const noexcept { return known_; }

  private:
    /// Of one tile: logits_ and, per expert, linear forms and (multinomial) class probabilities.
    void gate_logits(const GatedParameters& at, Index tile);
    void expert_forms(const GatedParameters& at, Index tile);
    void expert_densities(const GatedParameters& at, Index tile);
    void add_gradient(const GatedParameters& at, Index tile, const double* pi, TileRows r,
                      GatedParameters& gradient);
    [[nodiscard]] double* known_pi(Index tile) noexcept;
    void begin_gradient(GatedParameters& gradient);
    void finish_gradient(const GatedParameters& at, GatedParameters& gradient);
    [[nodiscard]] double mean(const LaneSums& sums) const noexcept;
    void copy_valid(Index tile, const double* row, Matrix& to, Index column) const;
    void add_loss(Index tile, LaneSums& sums);

    GatedShape shape_;
    Index forms_; ///< per expert
    const TiledSamples& samples_;
    const GatedKernels& kernels_;
    KnownGate known_;
    AlignedArray logits_;      ///< K-1 rows
    AlignedArray pi_;          ///< K rows
    AlignedArray forms_rows_;  ///< K forms rows: means, or logits of classes
    AlignedArray classes_;     ///< K forms rows: probabilities of classes
    AlignedArray normalisers_; ///< K rows
    AlignedArray densities_;   ///< K rows
    AlignedArray r_;           ///< K rows
    AlignedArray loss_;        ///< 1 row
    AlignedArray slopes_;      ///< max(K-1, forms) rows
    AlignedArray total_;       ///< 1 row
    std::vector<LaneSums> squares_, masses_;
};

} // namespace moe
