#pragma once
// Other forms of the same experts and what they save (the project's notes on arXiv:2505.24205,
// 2.7): the first map of a chart expert has rank d, so it can be stored as a d x D encoder and an
// m_1 x d map; a part that all experts have in common can be one shared expert.

#include "charts/atlas_model.hpp"
#include "charts/chart_expert.hpp"
#include "layers/moe_layer.hpp"
#include "models/architecture.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

/// t = A x, then a network on R^d.
class FactoredExpert {
  public:
    /// encoder [d][D]; throws std::invalid_argument for sizes that do not fit.
    FactoredExpert(const ChartGrid& grid, std::vector<double> encoder,
                   std::span<const double> values);

    /// d D for the encoder plus P of the network, zeros included.
    [[nodiscard]] std::size_t parameters() const noexcept;
    /// inputs [B][D] to outputs [B]. Throws std::invalid_argument for sizes that do not fit.
    void evaluate_batch(std::span<const double> inputs, std::span<double> outputs) const;

  private:
    std::vector<double> encoder_;
    Architecture net_;
    std::vector<double> parameters_;
};

/// The same function as one network on R^D, as a dense sublayer.
[[nodiscard]] MoeLayer merged_expert(const ChartGrid& grid, std::span<const double> encoder,
                                     std::span<const double> values);
/// Rank of the first map of the merged expert: singular values above 1e-10 of the largest.
[[nodiscard]] std::size_t rank_of_first_map(const MoeLayer& merged);

/// On the circle f = sin 5u_0 + cos 3u_1 with g_0 = sin 5u_0 along one line of R^D for all charts
/// and small_i = cos 3u_1 in the coordinate of chart i: once as routed experts of width m_0 + m_s,
/// once as a shared expert of width m_0 plus routed ones of width m_s.
struct SharedRouted {
    MoeLayer routed_only; ///< E (m_0 + m_s) hidden units
    MoeLayer shared;      ///< dense sublayer, m_0 hidden units
    MoeLayer routed;      ///< E m_s hidden units; the output is shared + routed

    [[nodiscard]] std::size_t units_routed_only() const;
    [[nodiscard]] std::size_t units_shared() const;
};
/// `embedding` is one of R^2.
[[nodiscard]] SharedRouted shared_and_routed(const Embedding& embedding, std::int64_t shared_cells,
                                             std::int64_t routed_cells);

} // namespace moe
