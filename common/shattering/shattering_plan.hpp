#pragma once
// Which points a mixture of experts shatters, and with which experts: the lower bounds of the VC
// dimension of MoMLPs (arXiv:2402.03460; the project's notes, 4.2). m points in L consecutive
// blocks of B; an expert realises any labels of its block, so the model realises all 2^m labelings
// and VC >= m.
//
// Points of the first three: the moment curve x(t) = (t, t^2, .., t^n), t = 1..m; prototypes
// ((l B + (B + 1)/2), 0, .., 0). Two prototypes differ on the first axis only, so the nearest one
// depends on t alone, and their midpoints (l + 1) B + 1/2 are no integers: no ties.

#include "models/architecture.hpp"
#include "routing/prototype_tree.hpp"
#include "shattering/checked_integer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

enum class Construction {
    linear, ///< affine experts, B = n + 1: a polynomial that changes sign where the labels do
    relu,   ///< one hidden layer of width 3 q, B = q n: hats on the roots of q polynomials
    zigzag, ///< one hidden layer of width w, B = w + 1: piecewise linear interpolation along t
    narrow  ///< n = 2, L = 1, width 8, B = m d: bit extraction at points (kappa, j)
};

/// "linear", "relu", "zigzag", "narrow".
[[nodiscard]] std::string_view construction_name(Construction construction) noexcept;

/// Sizes of one construction. The factories throw InputError naming the size for sizes below 1,
/// n > 32 (the notes' programs stop at 8), or more than 2^20 points.
class ShatteringPlan {
  public:
    [[nodiscard]] static ShatteringPlan linear(std::int64_t L, std::int64_t n);
    [[nodiscard]] static ShatteringPlan relu(std::int64_t L, std::int64_t n, std::int64_t q);
    /// Only x_1 = t is used; n > 1 puts the same net into more dimensions.
    [[nodiscard]] static ShatteringPlan zigzag(std::int64_t L, std::int64_t w, std::int64_t n = 1);
    /// m codes of d bits.
    [[nodiscard]] static ShatteringPlan narrow(std::int64_t m, std::int64_t d);

    [[nodiscard]] Construction construction() const noexcept { return construction_; }
    [[nodiscard]] std::size_t experts() const noexcept { return experts_; }
    [[nodiscard]] std::size_t dimension() const noexcept { return dimension_; }
    [[nodiscard]] std::size_t block() const noexcept { return block_; }
    /// m, the proved lower bound of the VC dimension.
    [[nodiscard]] std::size_t points() const noexcept { return experts_ * block_; }
    /// q or w; 0 for the others.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Codes and bits of the narrow net; 0 for the others.
    [[nodiscard]] std::size_t codes() const noexcept { return codes_; }
    [[nodiscard]] std::size_t bits() const noexcept { return bits_; }
    /// J by the notes: 1, 2, 2, 2(m - 1) + 3d + 1 affine layers.
    [[nodiscard]] std::size_t depth() const noexcept;
    /// Width of every hidden layer: 0 (none), 3q, w, 8.
    [[nodiscard]] std::uint32_t hidden_width() const noexcept;
    /// n, hidden widths, 1: what the upper bounds count with.
    [[nodiscard]] std::vector<std::uint32_t> widths() const;
    /// E.g. "relu(L=2, n=3, q=2)".
    [[nodiscard]] std::string name() const;

    friend bool operator==(const ShatteringPlan&, const ShatteringPlan&) = default;

  private:
    ShatteringPlan(Construction construction, std::int64_t experts, std::int64_t dimension,
                   std::int64_t block);

    Construction construction_;
    std::size_t experts_;
    std::size_t dimension_;
    std::size_t block_;
    std::size_t size_ = 0;
    std::size_t codes_ = 0;
    std::size_t bits_ = 0;
};

/// Points of block l as columns [n][B]. Throws IntegerOverflow.
template<class Integer>
[[nodiscard]] std::vector<Integer> block_points(const ShatteringPlan& plan, std::size_t l);

/// Prototypes [L][n], halves of integers (narrow: one prototype at the origin).
[[nodiscard]] std::vector<double> block_prototypes(const ShatteringPlan& plan);

/// A binary tree over the same prototypes: a node of blocks [low, high) splits at mid = low +
/// floor((high - low)/2) between the prototypes of blocks mid-1 and mid. For upper bounds that hold
/// for binary trees only.
[[nodiscard]] PrototypeTree block_tree(const ShatteringPlan& plan);

/// The nearest prototype to x in exact arithmetic, ties to the lowest index. |x|^2 is common to all
/// distances and cancels, so only |p|^2 - 2 <x, p> is compared (times 4: doubled prototypes are
/// integers).
struct ExactRoute {
    std::size_t expert = 0;
    bool tie = false; ///< two prototypes were equally near somewhere on the way
};
template<class Integer>
[[nodiscard]] ExactRoute route_exactly(std::span<const double> half_integer_prototypes,
                                       std::span<const Integer> x);
template<class Integer>
[[nodiscard]] ExactRoute route_exactly(const PrototypeTreeView& tree, std::span<const Integer> x);

/// Whether every point goes to its own block, without a tie, by flat search and by the tree.
template<class Integer>
[[nodiscard]] bool routes_to_blocks(const ShatteringPlan& plan);

} // namespace moe
