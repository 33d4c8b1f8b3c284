#pragma once
// Nearest of L prototypes in R^n by looking at all of them: the router for small L, and the answer
// that greedy descent is compared with.

#include "basics/multiversion.hpp"
#include "routing/candidate_cells.hpp"
#include "routing/earned_table.hpp"
#include "routing/route.hpp"
#include "routing/screening.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace moe {

class FlatPrototypes {
  public:
    /// Copies prototypes [L][n]; prototype l belongs to expert l. Throws InputError for n < 1, no
    /// prototype, a size that is no multiple of n, or an entry that is not finite.
    FlatPrototypes(int dimension, std::span<const double> prototypes);

    [[nodiscard]] int dimension() const noexcept { return static_cast<int>(dimension_); }
    [[nodiscard]] std::uint64_t prototypes() const noexcept { return prototypes_; }
    /// [L][n], as they were given.
    [[nodiscard]] std::vector<double> coordinates() const;

    /// The prototype with the smallest squared Euclidean distance (summed over the axes in
    /// order), ties to the lowest index; depth 1 and n L reals read (0 and 0 for L = 1). Inputs
    /// with NaN go to 0. x must have n entries (std::invalid_argument).
    [[nodiscard]] Route route(std::span<const double> x) const;
    /// The same for every row of inputs [B][n], B = leaves.size(): leaves and totals.
    RouteTotals route_batch(std::span<const double> inputs, std::span<std::uint64_t> leaves,
                            InstructionSet set = best_instruction_set()) const;

    /// Whether enough inputs were routed for the prototypes to be sorted into cells (n <= 3).
    [[nodiscard]] bool in_cells() const noexcept { return cells_ && cells_->made() != nullptr; }

  private:
    [[nodiscard]] const CandidateCells* cells(std::size_t inputs) const;
    void search_cells(const CandidateCells& cells, std::span<const double> inputs,
                      std::span<std::uint64_t> leaves, InstructionSet set) const;

    std::size_t dimension_;
    std::size_t prototypes_;
    std::shared_ptr<const FlatTables> tables_;
    std::shared_ptr<EarnedTable<CandidateCells>> cells_; ///< null where cells would not pay
};

} // namespace moe
