#pragma once
// Order types: which triples of points of the plane turn left. They alone decide which labelings
// lines and small mixtures realise, so that going through all order types of m points settles what
// holds for all sets of m points. What is enumerated are abstract order types, sign maps that obey
// Knuth's axioms (Axioms and Hulls, Springer 1992, section 1): all that points realise and, from 9
// points on, a few that no points realise.

#include "shattering/dichotomies.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace moe {

/// An order type up to the names of its points and reflection, in 128 bits: at most 11 points.
struct OrderTypeCode {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend auto operator<=>(const OrderTypeCode&, const OrderTypeCode&) = default;
};

inline constexpr std::size_t max_coded_points = 11;

/// The turns of all triples of up to 12 named points.
class OrderType {
  public:
    /// Throws as check_plane_points does.
    explicit OrderType(std::span<const PlanePoint> points);
    /// A representative of the code: point 0 is extreme and sees the others counterclockwise in the
    /// order of their names. m = 3 to 11; throws std::invalid_argument otherwise.
    OrderType(OrderTypeCode code, std::size_t m);

    [[nodiscard]] std::size_t size() const noexcept { return m_; }
    /// The points to the left of the line from i to j, i != j, as a bit mask.
    [[nodiscard]] Labeling left_of(std::size_t i, std::size_t j) const noexcept {
        return left_[i][j];
    }
    /// The same code for all namings and the mirror image. 3 to 11 points; throws
    /// std::invalid_argument otherwise.
    [[nodiscard]] OrderTypeCode code() const;
    /// The order type of the other points.
    [[nodiscard]] OrderType without(std::size_t q) const;
    /// One more point, named m: bit j of left[i] says that i, j, m turn left. The axioms are not
    /// checked.
    [[nodiscard]] OrderType with(std::span<const Labeling> left) const;

  private:
    OrderType() = default;
    std::array<std::array<std::uint16_t, max_plane_points>, max_plane_points> left_{};
    std::size_t m_ = 0;
};

/// The dichotomies of points of this order type by lines.
[[nodiscard]] LabelingSet linear_dichotomies(const OrderType& type);

/// Calls visit(extended) for every abstract order type that leaves `type` when its last point is
/// taken away. 4 to 10 points; throws std::invalid_argument otherwise.
void for_each_extension(const OrderType& type, const std::function<void(const OrderType&)>& visit);

/// A property that sets of points pass on to their subsets. Called from several threads.
using HereditaryProperty = std::function<bool(const OrderType&)>;

/// The two order types of 4 points.
[[nodiscard]] std::vector<OrderTypeCode> order_types_of_four();

/// All abstract order types of m + 1 points with the property, ascending; `level` holds all those
/// of m points, ascending. An empty result proves that no m + 1 points in general position have the
/// property. m = 4 to 10; throws std::invalid_argument otherwise.
[[nodiscard]] std::vector<OrderTypeCode> next_level(std::span<const OrderTypeCode> level,
                                                    std::size_t m,
                                                    const HereditaryProperty& property,
                                                    unsigned threads);

/// How many abstract order types of 4, 5, ... points the mixture shatters, up to max_points (4 to
/// 11) or the first 0. A 0 at m points proves that no m points of the plane are shattered: points
/// that coincide or lie on one line realise no labeling that points near them in general position
/// do not realise, because the finitely many half-planes behind it can be moved off all points.
[[nodiscard]] std::vector<std::uint64_t>
shattered_order_types(SearchedClass searched, std::size_t max_points, unsigned threads);

} // namespace moe
