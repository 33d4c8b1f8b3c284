#pragma once
// Functions of E^L pieces from L * E functions of one coordinate (arXiv:2505.24205, Theorem 5.2;
// the project's notes on it, section 3):
//     f(x) = f_out(f_{1,i_1}(x_1), ..., f_{L,i_L}(x_L)),   i_l the chart of x_l.

#include "pieces/regions.hpp"
#include "pieces/sub_functions.hpp"

#include <cstdint>
#include <span>

namespace moe {

enum class Combination { sum, maximum };

class CompositionalTarget {
  public:
    /// Throws std::invalid_argument for no coordinate or a coordinate that has not one function per
    /// chart.
    CompositionalTarget(RegionSystem regions, SubFunctions functions,
                        Combination combination = Combination::sum);

    [[nodiscard]] const RegionSystem& regions() const noexcept { return regions_; }
    [[nodiscard]] const SubFunctions& functions() const noexcept { return functions_; }
    [[nodiscard]] Combination combination() const noexcept { return combination_; }
    [[nodiscard]] std::uint32_t dimension() const noexcept {
        return static_cast<std::uint32_t>(functions_.size());
    }

    /// f on the box of these intervals, continued to wherever x lies: x [L], intervals [L].
    [[nodiscard]] double value(std::span<const double> x,
                               std::span<const std::uint32_t> intervals) const;
    /// max |slope| of all pieces of all functions.
    [[nodiscard]] double largest_slope() const noexcept;

  private:
    RegionSystem regions_;
    SubFunctions functions_;
    Combination combination_;
};

} // namespace moe
