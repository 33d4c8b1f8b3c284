#pragma once
// Nearest of L prototypes in R^n, n <= 3, by a uniform grid over their bounding box, enlarged: each
// cell lists, in ascending order, the prototypes that can be nearest to a point in it.
//
// Prototype p is struck from a cell's list where another, q, is nearer to all its points x: with c
// the cell's middle and w its half sides,
//     |x - p|^2 - |x - q|^2 >= sum_i (p_i - q_i) ((p_i - c_i) + (q_i - c_i)) - 2 w_i |p_i - q_i|
// and the right side exceeds 1e-14 R^2, R the diagonal of the whole box. Rounding cannot turn this
// round: the distances as summed in float64 are off by less than (n + 2) 2^-53 R^2 each, both sides
// by less than 8 n 2^-53 R^2, together less than 5e-15 R^2. Cells are enlarged by 1e-14 of the
// box's sides, more than the rounding of the arithmetic that finds the cell of an input.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace moe {

class CandidateCells {
  public:
    static constexpr std::size_t largest_dimension = 3;
    /// find()'s answer where the lists do not tell: outside the box, NaN, too many candidates.
    static constexpr std::uint64_t unknown = ~std::uint64_t{0};

    /// Prototypes [L][n], finite, L <= 2^24. Nothing where the cells would not help: a box without
    /// extent, squares that overflow or vanish, lists that are too long.
    static std::optional<CandidateCells> make(std::size_t dimension,
                                              std::span<const double> prototypes);

    /// found[b] = the prototype nearest to row b of inputs [count][n] (squared distances summed
    /// over the axes in order in float64, ties to the lowest index), or `unknown`.
    void find(const double* inputs, std::uint64_t* found, std::size_t count) const;

    [[nodiscard]] std::size_t cells() const noexcept { return cells_.size(); }
    /// Length of all lists together.
    [[nodiscard]] std::size_t entries() const noexcept { return candidates_.size(); }

  private:
    friend class CellWriter;
    CandidateCells() = default;

    template<std::size_t N>
    void find_in(const double* inputs, std::uint64_t* found, std::size_t count) const;

    /// Its list: `count` candidates from `start` on, a multiple of four (the last is repeated); 0
    /// if they are too many.
    struct Cell {
        std::uint32_t start = 0;
        std::uint32_t count = 0;
    };

    std::size_t dimension_ = 0;
    std::array<double, largest_dimension> low_{};     ///< the box's lower corner
    std::array<double, largest_dimension> inverse_{}; ///< cells per unit of length
    std::array<double, largest_dimension> counts_{};  ///< cells per axis, powers of two
    std::vector<Cell> cells_;                         ///< row-major
    std::vector<std::uint32_t> candidates_;
    std::vector<double> prototypes_; ///< [L][n]
};

} // namespace moe
