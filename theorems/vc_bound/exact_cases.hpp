#pragma once
// The exact small cases of thm_vc_bound: counts, planar sets, order types, and the search.

#include "program/cell.hpp"
#include "shattering/search.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace vc_bound {

/// Cover's count against the enumeration of the dichotomies of random planar points, the growth
/// function of the line against the labelings that L cells of constant or affine experts realise,
/// and the fractions that small mixtures realise.
[[nodiscard]] moe::CellResult measure_counts(const moe::CellContext& context);

/// Labelings of a planar set, and every one of its dichotomies decided once more by the linear
/// program with an exact proof.
[[nodiscard]] moe::CellResult measure_plane(const std::string& name,
                                            std::span<const moe::PlanePoint> points);

/// Exact dimensions: labelings depend on the order type alone and subsets of shattered sets are
/// shattered, so a level of m points without a shattered order type proves VC < m. Levels of 4 to
/// `largest` points.
[[nodiscard]] moe::CellResult measure_order_types(const moe::CellContext& context,
                                                  const std::string& name,
                                                  moe::SearchedClass searched,
                                                  std::int64_t largest);

/// A search of its own for a shattered set of `points` points that tries `budget` sets.
[[nodiscard]] moe::CellResult search(const moe::CellContext& context, moe::SearchedClass searched,
                                     std::uint32_t points, std::uint64_t budget);

} // namespace vc_bound
